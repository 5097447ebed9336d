"""The page on search says what the code does: every operator, day, place and kind that it names is one."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from butler.core import queries
from butler.core.queries import KINDS, read_query
from butler.core.querydays import days_of
from butler.store import search

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "search.md").read_text(encoding="utf-8")
TABLE = TEXT.partition("## What can be written")[2].partition("\nDays are")[0]
OPERATORS = frozenset({"from", "to", "cc", "subject", "title", "in", "after", "since", "before", "until", "on", "has", "kind"})
TODAY = date(2026, 11, 26)


def test_every_operator_is_told_and_every_example_is_read() -> None:
    told = {name for name, _ in re.findall(r"`([a-z]+):([^`]*)`", TABLE)}
    assert told == OPERATORS == set(queries.OPERATORS)
    for example in re.findall(r"`([^`]+)`", TABLE):
        assert not read_query(example, TODAY, ZoneInfo("UTC")).is_empty


def test_every_kind_and_day_that_is_told_is_one() -> None:
    (row,) = re.findall(r"^\| `kind:mail` \|.*$", TABLE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == set(KINDS)
    told = TEXT.partition("\nDays are")[2].partition("\nThey begin")[0]
    days = re.findall(r"`([^`:]+)`", told)
    assert len(days) > 15
    assert [day for day in days if days_of(day, TODAY) is None] == []


def test_the_limits_are_those_of_the_code() -> None:
    assert f"more than {search._WORTH:,} things match" in " ".join(TEXT.split())
