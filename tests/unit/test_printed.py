"""What the daemon makes of what a run printed: which sources were not reached, in their own words and in one line."""

import json
from collections.abc import Mapping, Sequence

import pytest

from butler.core.printed import document_of, not_reached, sources_of

FRESH = {"name": "mail.home", "state": "fresh", "error": None}
FAILED = {"name": "calendar.family", "state": "failed", "error": "caldav.example\ncannot be found.\x1b[31m\u202e"}


def printed(*sources: object) -> bytes:
    return json.dumps({"sources": sources}, indent=2).encode()


def test_each_source_that_was_not_reached_is_told_in_its_own_words_and_one_harmless_line() -> None:
    stale = {"name": "notes.vault", "state": "stale", "error": None}
    told = not_reached(sources_of(printed(FRESH, FAILED, stale)))
    assert told == "calendar.family is not reached: caldav.example cannot be found.[31m notes.vault is not reached."


def test_words_without_end_are_cut() -> None:
    assert len(not_reached([{"name": "n" * 999, "state": "failed", "error": "e" * 9999}])) < 420


@pytest.mark.parametrize("found", [(), (FRESH,), ({"state": "failed", "error": "x"},), ("failed", 3, None)])
def test_where_all_were_reached_there_is_nothing_to_tell(found: Sequence[object]) -> None:
    assert not_reached(sources_of(printed(*found))) == ""


@pytest.mark.parametrize("text", [b"", b"mail.home  fresh\n", b"{", b"[1]", b'{"sources": {"a": 1}}', b'{"a":' * 100_000])
def test_what_is_no_document_of_sources_names_none(text: bytes) -> None:
    found: Sequence[Mapping[str, object]] = sources_of(text)
    assert found == []
    assert isinstance(document_of(text), dict)
