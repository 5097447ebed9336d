"""How old what is known is, below an answer: of the sources that it looked at, and of no others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from butler.cli.asked import age
from butler.core.accounts import NotesFolder
from butler.core.asking import Answer, Citation
from butler.core.sources import SourceKind, SourceState, called_so

NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)


def state(kind: SourceKind, name: str, hours: float | None) -> SourceState:
    return SourceState(name, kind, "fresh", None if hours is None else NOW - dt.timedelta(hours=hours), None)


STATES = [
    state("mail", "home", 5),
    state("calendar", "family", 2),
    state("notes", "notes", 0.5),
    state("contacts", "friends", 60),
]
EVENT = Citation(ref="event:family/a", title="Lunch")
NOTE = Citation(ref="file:notes/a.md#L3", title="a.md")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(sources=("calendar",)), "calendar.family is 2 hours old"),
        (Answer(sources=("mail", "calendar")), "mail.home is 5 hours old, of calendar.family 2 hours"),
        (Answer(citations=(EVENT, NOTE)), "calendar.family is 2 hours old"),
        (Answer(sources=("contacts",), citations=(EVENT,)), "contacts.friends is 2 days old"),
    ],
)
def test_the_ages_are_those_of_what_was_looked_at(answer: Answer, told: str) -> None:
    assert age(STATES, NOW, answer) == f"What is known of {told}. `butler sync` brings it up to date."


@pytest.mark.parametrize("answer", [Answer(sources=()), Answer(citations=(NOTE,)), Answer(sources=("notes",))])
def test_nothing_is_said_where_nothing_old_was_looked_at(answer: Answer) -> None:
    assert age(STATES, NOW, answer) == ""


def test_where_nothing_is_told_of_it_all_sources_count_and_many_are_told_as_one() -> None:
    many = [*STATES, *(state("mail", f"m{number}", 3) for number in range(3))]
    assert age(many, NOW, Answer(unknown=True)) == (
        "What is known of contacts.friends and 5 more sources is up to 2 days old. `butler sync` brings it up to date."
    )


def test_a_source_that_was_never_read_is_told_where_the_answer_needs_it() -> None:
    states = [*STATES, state("mail", "work", None)]
    assert age(states, NOW, Answer(sources=("mail",))) == "Never read: mail.work. `butler sync` reads it."
    assert age(states, NOW, Answer(sources=("notes",))) == ""


def test_folders_of_documents_are_called_as_in_the_settings() -> None:
    names = (("vault", False), ("papers", True), ("memory", True))
    accounts = [NotesFolder(name, Path(name), documents=is_documents) for name, is_documents in names]
    states = called_so([state("notes", name, None) for name, _ in names] + [state("mail", "papers", None)], accounts)
    assert [each.setting for each in states] == ["notes.vault", "documents.papers", "notes.memory", "mail.papers"]
    assert age(states, NOW, None).startswith("Never read: notes.vault, documents.papers, ")
