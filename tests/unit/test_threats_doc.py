"""docs/threats.md: each test that it names is there, and what has none says why."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/threats.md").read_text(encoding="utf-8")
SECTIONS = {
    "What a hostile model and hostile text may not do": 9,
    "Processes": 11,
    "Leaks": 11,
    "Hostile input": 11,
    "Faults": 27,
}
"""Each section, and how many rows it has at least: none may be dropped without a word."""
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def rows(section: str) -> list[list[str]]:
    """The rows of a section's table, cell by cell."""
    lines = TEXT.partition(f"\n## {section}\n")[2].partition("\n## ")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")][1:]


@cache
def found_in(file: str) -> frozenset[str]:
    """The names of the tests that pytest finds in a file: functions, and test cases of state machines."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[f"{Path(file).stem}-{name}" for file, name in NAMED])
def test_each_test_that_is_named_is_there(file: str, name: str) -> None:
    assert name.startswith("test_")
    assert name in found_in(file)


@pytest.mark.parametrize("section", SECTIONS)
def test_each_row_names_tests_or_says_why_there_is_none(section: str) -> None:
    found = rows(section)
    assert len(found) >= SECTIONS[section]
    for row in found:
        assert len(row) == 3, row
        held_by = row[2]
        assert re.search(r"`tests/[\w/]+\.py::\w+`", held_by) or re.fullmatch(r"not covered: \w.{10,}", held_by), row
        # Whatever is named there has the form that the test above looks for.
        assert len(re.findall("`", held_by)) == 2 * len(re.findall(r"`tests/[\w/]+\.py::\w+`", held_by)), row


def test_most_rows_are_covered() -> None:
    every = [row for section in SECTIONS for row in rows(section)]
    assert sum(row[2].startswith("not covered") for row in every) <= len(every) // 10
