"""How the owner opens and closes a letter to somebody: as they did before, else as the language has it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from butler.core.mail import Address, Mail
from butler.core.text import one_line
from tools.mail.message import split_new
from workflows.briefing.letter import greets
from workflows.draft_reply import wordings

_LONGEST = 40
_MOST_WORDS = 4
_READ = 4_000
_INFORMAL: Mapping[str, frozenset[str]] = {
    "de": frozenset({"du", "dir", "dich", "dein", "deine", "deinen", "euch"}),
    "fr": frozenset({"tu", "toi", "te", "ton", "tes"}),
    "es": frozenset({"tú", "te", "tu", "vosotros", "os", "contigo"}),
    "it": frozenset({"tu", "ti", "te", "tuo", "tua"}),
    "nl": frozenset({"je", "jij", "jou", "jouw", "jullie"}),
    "pl": frozenset({"ty", "ci", "cię", "twój", "twoja"}),
    "pt": frozenset({"tu", "te", "teu", "tua", "contigo"}),
}
_FORMAL: Mapping[str, frozenset[str]] = {
    "de": frozenset({"Ihnen", "Ihre", "Ihren", "Ihrem", "Ihrer"}),
    "fr": frozenset({"vous", "votre", "vos", "Vous", "Votre"}),
    "es": frozenset({"usted", "ustedes", "Usted", "Estimada", "Estimado"}),
    "it": frozenset({"Lei", "Suo", "Sua", "Gentile"}),
    "nl": frozenset({"u", "uw", "U", "Uw"}),
    "pl": frozenset({"Pan", "Pani", "Państwo", "pan", "pani"}),
    "pt": frozenset({"senhor", "senhora", "Exmo", "Exma"}),
}
"""Words that only those use who say "du", and those of who does not."""

_NAME = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+)*\.?")
_MARK = re.compile(r"--\s*")


@dataclass(frozen=True, slots=True)
class Manners:
    """The first line of a letter and the lines that close it."""

    greeting: str
    closing: str


def manners(language: str, reader: Address, text: str, name: str, before: Sequence[Mail]) -> Manners:
    """Find the greeting and closing for a reader whose mail is `text`; `before` are the owner's mails to them, newest first."""
    shown = _shown_name(reader)
    familiar = _is_familiar(language, reader, text, name)
    letters = [split_new(mail.message.text) for mail in before]
    opened = (line for letter in letters if (line := _greeting_in(letter.new, shown)))
    closed = (lines for letter in letters if (lines := _closing_in(letter.new, letter.signature, name)))
    first = shown.partition(" ")[0] if familiar else shown
    signed = name.partition(" ")[0] if familiar else name
    return Manners(
        next(opened, None) or wordings.greeting(language, first, familiar=familiar),
        next(closed, None) or f"{wordings.closing(language)}\n{signed}".strip(),
    )


def _shown_name(reader: Address) -> str:
    """A display name that can be nothing but a name; else none."""
    name = one_line(reader.name, 200)
    plain = _NAME.fullmatch(name) is not None and len(name) <= _LONGEST and len(name.split()) <= _MOST_WORDS
    return name if plain else ""


def _is_familiar(language: str, reader: Address, text: str, name: str) -> bool:
    """Whether a mail speaks to the owner by first name alone, or as people do who know each other, or is of the family."""
    first, _, rest = name.partition(" ")
    line = text.lstrip().partition("\n")[0]
    words = re.findall(r"[^\W\d_]+", line[:80])
    named = rest.split()[-1:]
    if first and first in words:
        return not (named and named[0] in words)
    said = set(re.findall(r"[^\W\d_]+", text[:_READ]))
    close = bool({word.casefold() for word in said} & _INFORMAL.get(language, frozenset()))
    family = bool(named) and named[0] in reader.name.split()
    return (close or family) and not said & _FORMAL.get(language, frozenset())


def _greeting_in(text: str, name: str) -> str:
    """A letter's first line when it greets that person by name."""
    line = text.lstrip().partition("\n")[0].strip()
    known = {word.casefold() for word in name.split()}
    words = {word.casefold() for word in re.findall(r"[^\W\d_]+", line)}
    return line if len(line) <= _LONGEST and greets(line) and known & words else ""


def _closing_in(new: str, signature: str, name: str) -> str:
    """The last lines of a letter when they end with the owner's name or initial."""
    below = [] if _MARK.match(signature) else _paragraph(signature.split("\n"))
    lines = below or _paragraph(new.strip().rpartition("\n\n")[2].split("\n"))
    return (
        "\n".join(lines)
        if 0 < len(lines) <= 3 and all(len(line) <= _LONGEST for line in lines) and _signs(lines[-1], name)
        else ""
    )


def _paragraph(lines: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if not line.strip():
            break
        kept.append(line.strip())
    return kept


def _signs(line: str, name: str) -> bool:
    """Whether a line is the owner's name, a part of it, or an initial."""
    parts = [word.casefold() for word in name.split()]
    words = [word.strip(".,").casefold() for word in line.split()]
    return bool(words) and all(
        word in parts or any(len(word) == 1 and part.startswith(word) for part in parts) for word in words
    )
