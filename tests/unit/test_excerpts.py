"""The piece of a text around what matches, and what is marked in it, in whatever spelling it stands."""

from __future__ import annotations

import time
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.excerpts import WIDTH, Excerpts
from butler.core.queries import plain_query, read_query


def excerpts(query: str) -> Excerpts:
    return Excerpts(read_query(query, date(2026, 11, 26), ZoneInfo("UTC")))


def marked(query: str, text: str) -> list[str]:
    return [piece.text for piece in excerpts(query).marked(text) if piece.is_match]


@pytest.mark.parametrize(
    ("query", "text", "words"),
    [
        ("garden", "The Garden, not gardens", ["Garden"]),
        ("gard*", "The Garden, not regard", ["Garden"]),
        ("muller", "Frau Müller kommt", ["Müller"]),
        ("strasse", "eine Straße", ["Straße"]),
        ("Straße", "eine STRASSE, eine Straße", ["STRASSE", "Straße"]),
        ("東京", "来週は東京タワー", ["東京"]),
        ('"second draft"', "a draft, the second", ["draft", "second"]),
        ("what about the draft", "about the draft", ["draft"]),
        ("ben", "Ben's lesson", ["Ben"]),
        ("from:anna", "Anna was here", ["Anna"]),
        ("a.b+c(", "a.b+c(", ["a", "b", "c"]),
        ("", "nothing", []),
    ],
)
def test_what_matches_is_marked(query: str, text: str, words: list[str]) -> None:
    assert marked(query, text) == words


def test_the_place_with_the_most_words_is_shown_and_quotation_marks_of_mails_are_not() -> None:
    text = "> garden " + "word " * 200 + "\n> the garden\n> has an oak " + "word " * 200
    found = excerpts("garden oak").of(text)
    assert found.startswith("…")
    assert "the garden has an oak" in found
    assert ">" not in found
    assert len(found) <= WIDTH


def test_another_text_is_shown_where_only_it_matches() -> None:
    assert excerpts("plan.pdf").of("See what is attached.", "plan.pdf, list.csv") == "plan.pdf, list.csv"
    assert excerpts("oak").of("See what is attached.", "plan.pdf") == "See what is attached."


@given(st.lists(st.text(max_size=8), max_size=5), st.text(max_size=60))
def test_the_pieces_are_the_text(words: list[str], text: str) -> None:
    assert "".join(piece.text for piece in Excerpts(plain_query(words)).marked(text)) == text


@pytest.mark.parametrize(
    "text", ["a" * 400_000, "é " * 200_000, "> " * 200_000, " " * 400_000, "garden " * 60_000, "東" * 400_000]
)
def test_no_text_takes_long(text: str) -> None:
    before = time.process_time()
    assert len(excerpts('garden 東京 é a* "x y"').of(text)) <= WIDTH
    assert time.process_time() - before < 2
