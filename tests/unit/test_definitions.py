"""A Markdown file as the definition of a workflow: what is meant by it, and each mistake with its line and what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.defining import Known, Read, read_definition
from butler.core.definingoutput import page_name, page_place
from butler.core.definitions import Definition
from butler.core.globs import is_like
from butler.core.windows import days_of, moments_of
from butler.settings.own import wrong_triggers

KNOWN = Known({"money": {"currency": "in which", "groups": "by name"}, "week": None}, frozenset({"papers", "notes"}))
KNOWN = Known(KNOWN.reckoners, KNOWN.roots, {}, wrong_triggers)
GOOD = """\
---
title: Money, month by month
trigger: {at: "08:00", dates: "1"}
sources:
  - files: papers/Statements/*.csv
    window: last 13 months
  - mail: from:bank has:attachment
    window: last month
  - tasks
tools:
  - money: {currency: EUR, groups: {rent: "Miete, Hausgeld"}}
  - week
model: none
output: {page: "money-{month}", folder: reviews, notice: true}
gate: [task.create]
limits: {things: 400, lines: 60}
---
Be brief.

## Rent

Did the rent change?
"""


def read(text: str, name: str = "money") -> Read:
    return read_definition(text, name, KNOWN)


def definition(text: str) -> Definition:
    found = read(text)
    assert found.definition is not None, found.problems
    return found.definition


def test_a_good_file_means_what_it_says() -> None:
    found = definition(GOOD)
    assert (found.name, found.title, found.model, found.gate) == ("money", "Money, month by month", "none", ("task.create",))
    assert [(each.kind, each.query, each.files, each.window) for each in found.sources] == [
        ("documents", "", "papers/Statements/*.csv", "last 13 months"),
        ("mail", "from:bank has:attachment", "", "last month"),
        ("tasks", "", "", "all"),
    ]
    assert found.options("money") == {"currency": "EUR", "groups": {"rent": "Miete, Hausgeld"}}
    assert (found.options("week"), found.options("none")) == ({}, {})
    assert (found.prompt, found.questions[0].heading, found.questions[0].text) == ("Be brief.", "Rent", "Did the rent change?")
    day = dt.date(2026, 11, 30)
    assert (page_name(found, day), page_place(found, day)) == ("money-2026-11", "reviews/money-2026-11")
    assert Definition.model_validate_json(found.model_dump_json()) == found


def test_what_yaml_takes_for_nothing_is_left_out_and_on_is_true() -> None:
    nothing = "title: ~\ntrigger: null\ntools: ~\nmodel: ~\ngate: null\nlimits: ~\nsources:\n  - mail: ~\n    window: null"
    found = definition(f"---\n{nothing}\noutput: {{page: off, notice: on}}\n---\nWhat is new?")
    assert (found.title, found.trigger, found.tools, found.model, found.gate) == ("Money", {}, (), "default", ())
    assert [(each.query, each.window) for each in found.sources] == [("", "last 7 days")]
    assert (found.output.page, found.output.notice) == ("", True)
    assert read("---\nsources: ~\n---\nWhat?").problems[0].sentence.startswith("It reads nothing.")
    assert definition('---\ntitle: "null"\nsources: tasks\n---\nWhat?').title == "null"


def test_names_between_commas_are_names_each_for_itself() -> None:
    found = definition("---\nsources: tasks\ntools: money, week\ngate: memory.add, task.create\noutput: page, notice\n---\n")
    assert ([each.name for each in found.tools], found.gate) == (["money", "week"], ("memory.add", "task.create"))
    assert (found.output.page, found.output.notice) == ("money-{day}", True)
    told = [each.sentence for each in read("---\nsources: tasks\ntools: week\ngate: task.create, allow\n---\n").problems]
    assert told == ["A workflow cannot say allow; your policy does. Name kinds of actions only."]


def test_a_call_that_the_settings_do_not_name_a_wrong_window_beside_a_wrong_source_and_no_more_are_told() -> None:
    known = Known(KNOWN.reckoners, KNOWN.roots, calls=frozenset({"recipes.find"}))
    text = "---\nsources:\n  - mcp: recipes.find word=pea\n  - mcp: nope.find\n  - mial: x\n    window: soon\n---\nWhat?"
    told = [(each.line, each.sentence.partition(".")[0]) for each in read_definition(text, "x", known).problems]
    assert [line for line, _ in told] == [4, 5, 6]
    assert told[0][1].startswith("The settings name no tool 'nope")
    assert [problem.line for problem in read("---\nsources: [mail\n---\n").problems] == [2]


def test_what_is_left_out_is_sensible() -> None:
    found = definition("---\nsources: [tasks]\n---\n# My week\n\nWhat is due?")
    assert (found.title, found.trigger, found.gate, found.output.page) == ("My week", {}, (), "money-{day}")
    assert found.limits.things == 200
    assert not found.output.notice


MISTAKES = """\
---
nam: x
name: a/b
title: [a, b]
trigger: {at: "25:00", every: 5s, on: rain, dates: "0", wekdays: mon}
sources:
  - file: papers/*.csv
  - mail: after:nonsense
    window: soon
  - events: x
    files: papers/*.ics
  - files: ../secrets/*
  - files: "*"
  - files: elsewhere/*.md
  - mail: a
    notes: b
  - [tasks]
  - {window: today}
  - notes: [a]
tools:
  - mony
  - money: {curency: EUR, groups: {a: {b: c}}}
  - money: x
model: my model
output: {page: A B, folder: ../x, notice: perhaps, mail: x}
gate: [allow, mail.sned, undo]
limits: {things: many, foo: 1, lines: [0]}
title: again
star: *x
---
##\x20
"""
EXPECTED = {
    2: ["nam is no setting of a workflow. Did you mean name?"],
    3: ["'a/b' is no name"],
    4: ["title is to be one text, not a list."],
    5: ["at must be a time of the day", "dates must be days", "every must be from 10s", "on must be 'mail'", "wekdays is no"],
    7: ["'file' is no source. There are: mail, notes, documents, events, tasks, mcp, and files. Did you mean files?"],
    8: ["The query cannot be read. 'nonsense' is no day."],
    9: ["'soon' is no window of time. Write \"last month\""],
    11: ["events are not in files."],
    12: ["'../secrets/*' leads out of its root."],
    13: ["'*' names no files. Write ROOT/PATTERN"],
    14: ["The settings have no folder 'elsewhere' of notes or documents. There are: notes, papers."],
    15: ["A source is of one kind, not mail and notes."],
    17: ["A source is one of a list"],
    18: ["It names no source."],
    19: ["notes is to be one text."],
    21: ["There is no tool 'mony'. There are: money, week. Did you mean money?"],
    22: ["groups is nested too deeply", "money has no option 'curency'. There are: currency, groups. Did you mean currency?"],
    23: ["What money is told is to be a table", "money is named twice."],
    24: ["'my model' is no model."],
    25: [
        "'../x' is no folder of pages",
        "'A B' is no name of a page",
        "'mail' is no output.",
        "notice is to be true or false.",
    ],
    26: ["'mail.sned' is no kind of action.", "'undo' is no kind of action.", "A workflow cannot say allow; your policy does."],
    27: ["'foo' is no limit.", "lines is to be a number.", "things is to be a whole number from 1 to 900."],
    28: ["title stands there twice, first in line 4."],
    29: ['*x has to stand in quotes, for it begins with "*".'],
    31: ["Nothing stands below the heading.", "The heading has no words."],
}


def test_dozens_of_mistakes_are_told_at_once_each_with_its_line() -> None:
    found: dict[int, list[str]] = {}
    for problem in read(MISTAKES).problems:
        found.setdefault(problem.line, []).append(problem.sentence)
    assert found.keys() == EXPECTED.keys()
    for line, begins in EXPECTED.items():
        assert len(found[line]) == len(begins), (line, found[line])
        assert all(any(sentence.startswith(each) for sentence in found[line]) for each in begins), (line, found[line])
    assert sum(map(len, found.values())) >= 39
    assert read(MISTAKES).definition is None


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("---\nsources: [mail]\n---\n", 4, "Nothing is done with what it reads."),
        ("---\nsources: [mail]\nmodel: none\n---\nHello", 5, "Nothing is done with what it reads."),
        ("---\ntitle: a\n---\nHello", 2, "It reads nothing."),
        ("---\nsources:\n---\nHello", 2, "It reads nothing."),
        ("---\nsources: [mail]\noutput: {page: no}\n---\nHello", 3, "Nothing would come of it."),
        ("---\nsources: [mail]\ngate: {mail.send: allow}\n---\nHello", 3, "gate is to be a list"),
        ("---\nsources: [mail]\ntrigger: sometimes\n---\nHello", 3, "'sometimes' is no trigger."),
        ("---\nsources: [mail]\ntrigger: {days: mon}\n---\nHello", 3, "It has no time. Set at, every or on."),
        ("---\nsources: [mail]\ntrigger: {at: 07:00, every: 1h}\n---\nHello", 3, "It has at and every."),
        ("---\nsources: [mail]\noutput: {page: '{hour}'}\n---\nHello", 3, "{hour} is nothing"),
        ("---\nsources: [mail]\n---\n" + "a" * 3999 + "\n" + "b" * 3999, 4, "The prompt has 7999 characters"),
        ("---\nsources: [mail]\n---\nHello\x00", 4, "There are characters in it that cannot be seen."),
        ("---\nsources: [mail]\n---\nHe\u202ello", 4, "There are characters in it that cannot be seen."),
        ("---\nsources: [mail]\n---\n" + "x" * 200_000, 1, "It is over 100 kB."),
        ("", 1, "It has no front matter."),
    ],
)
def test_a_mistake_by_itself(text: str, line: int, words: str) -> None:
    problems = read(text).problems
    assert any(problem.line == line and problem.sentence.startswith(words) for problem in problems), problems


def test_headings_in_code_and_comments_are_no_questions() -> None:
    body = "Hello\n<!--\n## no\n-->\n```\n## nor this\n```\n## Yes\nText\n### deeper\nmore"
    found = definition(f"---\nsources: [mail]\n---\n{body}")
    assert [question.heading for question in found.questions] == ["Yes"]
    assert found.questions[0].text == "Text\n### deeper\nmore"
    assert "## nor this" in found.prompt


@given(st.text(max_size=200))
def test_whatever_a_file_holds_it_is_read_or_refused(text: str) -> None:
    for whole in (text, f"---\n{text}\n---\n{text}", f"---\nsources:\n  - {text}\n---\nHello"):
        found = read(whole)
        assert (found.definition is None) == bool(found.problems)


def test_the_example_of_the_docs_is_good() -> None:
    text = (Path(__file__).parents[2] / "docs/own-workflows.md").read_text(encoding="utf-8")
    example = text.partition("```markdown\n")[2].partition("\n```\n")[0]
    assert example.startswith("---\n")
    found = read_definition(example, "garden", Known({}, frozenset({"notes", "papers"}), {}, wrong_triggers))
    assert found.problems == ()


DAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("today", DAY, DAY),
        ("Last  Month", dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        ("this week", dt.date(2026, 11, 23), dt.date(2026, 11, 29)),
        ("last week", dt.date(2026, 11, 16), dt.date(2026, 11, 22)),
        ("this year", dt.date(2026, 1, 1), dt.date(2026, 12, 31)),
        ("last year", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        ("last 7 days", dt.date(2026, 11, 20), DAY),
        ("last 13 months", dt.date(2025, 10, 1), DAY),
        ("next 7 days", DAY, dt.date(2026, 12, 2)),
        ("next month", dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
        ("since 2026-01-31", dt.date(2026, 1, 31), DAY),
    ],
)
def test_windows_are_whole_days(words: str, first: dt.date, last: dt.date) -> None:
    assert days_of(words, DAY) == (first, last + dt.timedelta(1))


def test_windows_begin_at_midnight_where_their_owner_lives() -> None:
    found = moments_of("today", dt.date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    assert found is not None
    assert found[1] - found[0] == dt.timedelta(hours=25)
    assert moments_of("all", DAY, ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    "words", ["last", "last 0 days", "last 99999 days", "next 1 weekday", "since 2026-13-01", "yesterday?"]
)
def test_what_is_no_window_says_what_would_be(words: str) -> None:
    with pytest.raises(ValueError, match=r"window|month must be"):
        days_of(words, DAY)


@given(st.dates(), st.sampled_from(["last 10 years", "next 120 months", "last 520 weeks", "next year", "last month"]))
def test_no_window_leaves_the_calendar(day: dt.date, words: str) -> None:
    if words != "next year":
        found = days_of(words, day)
        assert found is not None
        assert found[0] <= found[1]


@pytest.mark.parametrize(
    ("path", "pattern", "is_there"),
    [
        ("a.csv", "*.csv", True),
        ("b/a.csv", "*.csv", False),
        ("b/a.csv", "**/*.csv", True),
        ("a.csv", "**/*.csv", True),
        ("b/c/d.md", "b/**", True),
        ("B/a.csv", "b/*.csv", False),
        ("b/a1.csv", "b/a[0-9].csv", True),
    ],
)
def test_a_star_stays_in_its_folder_and_two_do_not(path: str, pattern: str, is_there: bool) -> None:
    assert is_like(path, pattern) is is_there
