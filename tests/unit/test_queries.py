"""What a person types to find something: words, phrases, operators and days; whatever it is, it is a query or a sentence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from butler.core.errors import UsageError
from butler.core.queries import Query, Term, plain_query, read_query
from butler.core.querydays import days_of
from butler.store.match import all_of, any_of, group_of, titled, within
from butler.store.sql import migrations

TODAY = date(2026, 11, 26)
"""A Thursday."""
BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str) -> Query:
    return read_query(text, TODAY, BERLIN)


def midnight(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=BERLIN)


def test_words_phrases_beginnings_and_what_is_not_wanted() -> None:
    query = read('harbour "planting plan" inv* -draft oak OR elm -from:tom')
    assert query.terms == (
        (Term("harbour"),),
        (Term("planting plan", is_phrase=True),),
        (Term("inv", is_prefix=True),),
        (Term("oak"), Term("elm")),
    )
    assert query.without == (Term("draft"), Term("tom", field="sender"))


def test_operators_say_who_where_and_what() -> None:
    query = read('from:"Anna Berger" to:ben cc:ida subject:plan in:archive -in:"old mail" has:attachment kind:mail kind:events')
    assert [term for (term,) in query.terms] == [
        Term("Anna Berger", is_phrase=True, field="sender"),
        Term("ben", field="recipient"),
        Term("ida", field="copied"),
        Term("plan", field="title"),
    ]
    assert (query.places, query.not_places, query.has_attachment) == (("archive",), ("old mail",), True)
    assert query.kinds == {"mail", "event"}
    assert read("-has:attachment").has_attachment is False
    assert "note" not in read("-kind:note").kinds


def test_a_blank_behind_an_operator_does_no_harm_and_other_quotes_are_quotes() -> None:
    assert read("from: anna") == read("from:anna")
    assert read("„planting plan“") == read("“planting plan”") == read('"planting plan"') == read('"planting plan')


@pytest.mark.parametrize("text", ["foo:bar", "http://berger.example/a?b=c", "Re:", "note:", "12:30", "x:-y"])
def test_what_only_looks_like_an_operator_is_text(text: str) -> None:
    assert read(text).terms[0][0].text.startswith(text[:3])


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("after:2026-11-20", "2026-11-20", None),
        ("since:november", "2026-11-01", None),
        ("before:2026-11", None, "2026-11-01"),
        ("until:2026-11", None, "2026-12-01"),
        ("on:yesterday", "2026-11-25", "2026-11-26"),
        ("on:last week", "2026-11-16", "2026-11-23"),
        ('on:"letzte Woche"', "2026-11-16", "2026-11-23"),
        ("after:7d before:today", "2026-11-19", "2026-11-26"),
        ("after:2026 before:2026-06 after:2026-03-15", "2026-03-15", "2026-06-01"),
        ("on:20 november plan", "2026-11-20", "2026-11-21"),
    ],
)
def test_days_narrow_the_time(text: str, after: str | None, before: str | None) -> None:
    query = read(text)
    assert (query.after, query.before) == (after and midnight(after), before and midnight(before))
    assert bool(query.terms) == text.endswith("plan")


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("monday", "2026-11-23", "2026-11-24"),
        ("Donnerstag", "2026-11-26", "2026-11-27"),
        ("last thursday", "2026-11-19", "2026-11-20"),
        ("next friday", "2026-11-27", "2026-11-28"),
        ("next thursday", "2026-12-03", "2026-12-04"),
        ("hier", "2026-11-25", "2026-11-26"),
        ("przedwczoraj", "2026-11-24", "2026-11-25"),
        ("demain", "2026-11-27", "2026-11-28"),
        ("this month", "2026-11-01", "2026-12-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("semaine dernière", "2026-11-16", "2026-11-23"),
        ("december", "2025-12-01", "2026-01-01"),
        ("Nov. 2025", "2025-11-01", "2025-12-01"),
        ("3rd of March 2025", "2025-03-03", "2025-03-04"),
        ("20.11.", "2026-11-20", "2026-11-21"),
        ("3.1.", "2027-01-03", "2027-01-04"),
        ("29.2.2024", "2024-02-29", "2024-03-01"),
        ("2w", "2026-11-12", "2026-11-27"),
        ("3 months ago", "2026-08-26", "2026-11-27"),
        ("2 Jahre", "2024-11-26", "2026-11-27"),
    ],
)
def test_days_are_read_as_people_write_them(text: str, first: str, end: str) -> None:
    assert days_of(text, TODAY) == (date.fromisoformat(first), date.fromisoformat(end))


@pytest.mark.parametrize(
    "text", ["", "2026-13", "31.2.2026", "0000", "9999", "99999y x", "noday", "٢٠٢٦", "2026-11-20-1", "next"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert days_of(text, TODAY) is None


@pytest.mark.parametrize("text", ["99999y", "99999d", "99999w", "99999 months"])
def test_a_span_beyond_all_time_begins_with_it(text: str) -> None:
    days = days_of(text, TODAY)
    assert days is not None
    assert days[0].year < 1800


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("after:soon", "after:2026-11-20"),
        ("on:", "on: needs a day"),
        ("kind:letter", "mail, event, task, note"),
        ("has:wings", "has:attachment"),
        ("from:", "from:anna"),
        ("in:***", "in:archive"),
        ("-after:monday", "before: or after:"),
        ("kind:mail -kind:mail", "Leave a kind:"),
        ("has:attachment OR budget", "OR cannot stand beside has:"),
        ("budget OR after:monday", "OR cannot stand beside after:"),
        ("budget OR -draft", "OR cannot stand beside a word with -"),
        ("in:archive OR kind:mail", "OR cannot stand beside kind:"),
    ],
)
def test_a_wrong_value_is_told_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_between_kinds_or_places_an_or_says_what_is_so_anyway() -> None:
    assert read("kind:mail OR kind:event in:a OR in:b oak OR from:tom") == read(
        "kind:mail kind:event in:a in:b oak OR from:tom"
    )


@pytest.fixture(scope="module")
def table() -> Iterator[sqlite3.Connection]:
    """The search table itself, with a thing in it."""
    connection = sqlite3.connect(":memory:")
    (script,) = migrations("mirror")
    connection.executescript(script[script.index("CREATE VIRTUAL TABLE words") :].partition(";")[0])
    connection.execute("INSERT INTO words (title, text, marks) VALUES ('a', 'b c d', 'kindmail')")
    yield connection
    connection.close()


operators = st.sampled_from(
    ["from:", "to:", "in:", "kind:", "after:", "has:", "subject:", "-", '"', "*", " OR ", " NEAR(", "^", "{", ":"]
)
typed = st.lists(st.one_of(st.text(max_size=12), operators), max_size=12).map("".join)


@given(typed)
@example("\x00" * 5)
@example("\ud800 a")
@example('NEAR("a b", 2) AND NOT (title:x OR y*) ^z {a b}:c +d -e')
@example('"' * 999)
@example("(" * 5000)
@example("a " * 50_000)
@example("漢" * 100_000)
@example("-" * 100_000)
@example("from:" * 20_000)
@example("𝒽 \u0e33 \U00011f04 \U0001e4f0 ﷽")
def test_whatever_is_typed_is_a_query_that_the_table_takes_or_a_sentence(table: sqlite3.Connection, text: str) -> None:
    try:
        query = read(text)
    except UsageError:
        query = plain_query(text.split())
    groups = [found for terms in query.terms if (found := group_of(terms))]
    asked = all_of(groups, query)
    for expression in (asked, titled(asked), within(asked, 0, 700), all_of([any_of(groups)] if groups else [], query)):
        table.execute("SELECT bm25(words) FROM words WHERE words MATCH ?", (expression,)).fetchall()
