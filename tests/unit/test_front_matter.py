"""Front matter: what is taken means the same to every reader of YAML, and what is not is told with its line."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from butler.core.flowed import Leaf, Listed, Node
from butler.core.frontmatter import split


def plain(node: Node) -> Any:
    """A value without its lines."""
    match node:
        case Leaf():
            return node.text
        case Listed():
            return [plain(item) for item in node.items]
    return {name: plain(value) for name, _, value in node.entries}


def read(matter: str) -> Any:
    found = split(f"---\n{matter}\n---\nbody")
    assert found.problems == (), found.problems
    return plain(found.matter)


def told(matter: str) -> list[tuple[int, str]]:
    return [(problem.line, problem.sentence) for problem in split(f"---\n{matter}\n---\n").problems]


GOOD = """\
# a comment
title: Money, month by month   # another
answer: no
time: 12:30
url: https://example.org/a:b
empty:
quoted: "a # b: \\"c\\" \\u00e9"   # said in quotes
single: 'it''s'
query: from:anna subject:"two words" -without
list: [a, "b, c", 'd', 12:30]  # in brackets
over: [one,
  two, "three]"]
table: {at: "08:00", days: mon-fri, deep: [x, {y: z}]}
sources:
- mail: in:inbox
  window: last week
- events
tools:
  - money:
      groups:
        rent: Miete
        "other things": [a, b]
  - week
text: |
  first
    second

  third
folded: >
  one
  two
"""


def test_what_is_taken_means_the_same_to_a_reader_of_yaml() -> None:
    found, same = read(GOOD), yaml.load(f"---\n{GOOD}", yaml.BaseLoader)
    same = {**same, "text": same["text"].strip(), "folded": same["folded"].strip()}
    assert found == same


@settings(max_examples=300)
@given(st.lists(st.text(st.sampled_from("ab:# -'\"[]{},|>*&!\\\t"), max_size=14), max_size=7))
def test_whatever_stands_there_it_is_read_as_others_read_it_or_refused(lines: list[str]) -> None:
    matter = "\n".join(lines)
    assume("---" not in matter and "..." not in matter)
    found = split(f"---\n{matter}\n---\n")
    if found.problems:
        assert all(1 <= problem.line <= len(lines) + 2 for problem in found.problems)
        return
    try:
        same = yaml.load(matter, yaml.BaseLoader)
    except yaml.YAMLError:
        pytest.fail(f"only we read {matter!r}")
    assert _loose(plain(found.matter)) == _loose(same or {})


def _loose(value: Any) -> Any:
    """Texts over several lines end as they like."""
    match value:
        case dict():
            return {name: _loose(each) for name, each in value.items()}
        case list():
            return [_loose(each) for each in value]
    return " ".join(str(value).split())


def test_every_problem_is_told_with_its_line() -> None:
    matter = 'a: 1\nb: *star\n  deep: x\nc: "open\nd: {x y}\nwhat\n\te: tab\na: twice\nf: a: b\ng: [1, 2'
    assert [line for line, _ in told(matter)] == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert told("a: 1\n\na: 2")[0] == (4, "a stands there twice, first in line 2. Keep one of them.")


def test_a_file_without_front_matter_or_without_its_end_is_told_so() -> None:
    assert "no front matter" in split("Hello").problems[0].sentence
    assert "has no end" in split("---\ntitle: a\nHello").problems[0].sentence
    assert split("").problems[0].line == 1


def test_the_body_begins_where_it_does() -> None:
    found = split("\ufeff---\r\ntitle: a\r\n---\r\nHello\r\nyou")
    assert (found.body, found.body_line) == ("Hello\nyou", 4)


@pytest.mark.parametrize(
    "matter",
    [
        "a: " + "[" * 3000,
        "- " * 2000,
        "a" + ":" * 4000,
        "a: " + "'" * 3999,
        " " * 3999 + "x",
        "a: {" + "b: {" * 1000,
        '"' * 4000,
    ],
)
def test_nothing_takes_long_or_goes_deep(matter: str) -> None:
    began = time.process_time()
    split("---\n" + "\n".join([matter] * 20) + "\n---\n")
    assert time.process_time() - began < 2.0
