"""The sentences of the scale generator: a few thousand made beforehand from the words in the content folder."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.header import Header
from functools import cache
from typing import Any

from butler.sample.dice import dice
from butler.sample.letters import table

LANGUAGES = ("en", "de", "fr", "es")
_SENTENCES = 400


@dataclass(frozen=True, slots=True)
class Phrases:
    """Texts of one language as UTF-8, subjects as they stand in a header; `attribution` takes a date and a name."""

    paragraphs: Sequence[bytes]
    questions: Sequence[bytes]
    promises: Sequence[bytes]
    attribution: bytes
    subjects: Sequence[bytes]


def table_of_names() -> Mapping[str, Sequence[str]]:
    """First and last names and domains of the people and lists."""
    names: Mapping[str, Sequence[str]] = table("scale.toml")["people"]
    return names


def header(text: str) -> bytes:
    """A text as it stands in a header: encoded words where it is not ASCII."""
    return text.encode() if text.isascii() else Header(text, "utf-8", maxlinelen=200).encode().encode()


@cache
def phrases() -> Mapping[str, Phrases]:
    """The texts of every language; always the same."""
    words = table("scale.toml")
    return {language: _phrases(words[language], dice(language)) for language in LANGUAGES}


def _phrases(words: Mapping[str, Any], rng: random.Random) -> Phrases:
    def fill(kind: str, count: int = _SENTENCES) -> list[str]:
        return [_sentence(rng.choice(words[kind]), words, rng) for _ in range(count)]

    statements = fill("statements")
    paragraphs = [" ".join(rng.choices(statements, k=rng.randrange(3, 7))) for _ in range(_SENTENCES)]
    return Phrases(
        paragraphs=[one.encode() for one in paragraphs],
        questions=[one.encode() for one in fill("questions")],
        promises=[one.encode() for one in fill("promises", 60)],
        attribution=words["attribution"].encode(),
        subjects=[header(one) for one in fill("subjects", 200)],
    )


def _sentence(pattern: str, words: Mapping[str, Any], rng: random.Random) -> str:
    return pattern.format(
        thing=rng.choice(words["things"]),
        place=rng.choice(words["places"]),
        weekday=rng.choice(words["weekdays"]),
        number=rng.randrange(20, 4_000),
        hour=rng.randrange(9, 18),
    )
