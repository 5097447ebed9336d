"""The exam's small calendars: their events come through the parser, and what is labelled is what code reckons of them."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest

from butler.core.calendar import Occurrence, Placed, RawObject
from butler.core.daynames import unaccented
from butler.core.dayplan import overlaps
from butler.core.exam import World, WorldQuestion
from butler.core.sources import Frame
from butler.core.text import normalised
from butler.sample.exam import OWNER, ics, load
from tools.calendar.ical import parse

WORLDS = load().worlds
QUESTIONS = [(world, question) for world in WORLDS for question in world.questions]
FRAME = Frame("Europe/Berlin", dt.date(2026, 1, 1), dt.date(2027, 1, 1))
Read = Mapping[str, Mapping[str, Occurrence]]


@pytest.fixture(scope="module")
def reads() -> Read:
    """The events of each small calendar as they are parsed, by their uids."""
    return {world.id: _parsed(world) for world in WORLDS}


def _parsed(world: World) -> Mapping[str, Occurrence]:
    found = {}
    for path, content in ics(world).items():
        read = parse(RawObject(path, "1", content), FRAME)
        assert read.problems == ()
        (occurrence,) = read.occurrences
        found[occurrence.uid.partition("@")[0]] = occurrence
    return found


def _placed(read: Mapping[str, Occurrence]) -> Sequence[Placed]:
    return [Placed(f"event:{uid}", "family", occurrence) for uid, occurrence in read.items()]


def test_there_are_enough_and_of_every_kind() -> None:
    languages = Counter(world.language for world in WORLDS)
    kinds = Counter(question.kind for _, question in QUESTIONS)
    assert len(WORLDS) >= 20
    assert len(QUESTIONS) >= 60
    assert min(languages.values()) >= 3
    assert set(languages) == {"en", "de", "fr", "es", "it", "nl"}
    assert min(kinds[kind] for kind in ("who", "when", "where", "what", "conflict", "free", "unknown")) >= 5


def test_each_event_is_parsed_as_it_is_written(reads: Read) -> None:
    for world in WORLDS:
        assert set(reads[world.id]) == {event.uid for event in world.events}
        for event in world.events:
            read = reads[world.id][event.uid]
            assert (read.summary, read.location, read.description) == (event.summary, event.location, event.description)
            assert (read.start, read.end) == (event.start, event.end)
            assert (read.status == "cancelled", read.busy) == (event.cancelled, not event.free and not event.cancelled)
            others = [f"{one.name} <{one.address}>" for one in read.attendees if one.address not in OWNER.addresses]
            assert others == list(event.people)
            mine = [one.answer for one in read.attendees if one.address in OWNER.addresses]
            assert mine in ([], ["declined" if event.declined else "accepted"])


def test_events_are_near_the_moment_of_the_questions() -> None:
    for world in WORLDS:
        for event in world.events:
            day = event.start.date() if isinstance(event.start, dt.datetime) else event.start
            assert 0 <= (day - world.now.date()).days <= 14, (world.id, event.uid)


def test_conflicts_are_those_that_code_reckons(reads: Read) -> None:
    for world, question in QUESTIONS:
        if question.kind == "conflict":
            found = overlaps(_placed(reads[world.id]), OWNER.addresses)
            shared = {one.occurrence.uid.partition("@")[0] for pair in found for one in (pair.first, pair.second)}
            assert shared == set(question.uids), (world.id, shared)


def test_who_keeps_the_owner_busy_is_named_where_they_are_not_free() -> None:
    no = {"No", "Nein", "Non", "Nee"}
    for world, question in QUESTIONS:
        if question.kind == "free" and no & set(question.words):
            assert question.uids, (world.id, question.text)


@pytest.mark.parametrize(
    ("world", "question"),
    QUESTIONS,
    ids=[f"{world.id}-{question.kind}-{place}" for place, (world, question) in enumerate(QUESTIONS)],
)
def test_the_words_of_an_answer_stand_in_the_events_it_cites(world: World, question: WorldQuestion) -> None:
    if question.kind == "unknown":
        assert (question.uids, question.words) == ((), ())
    if question.kind in ("who", "where", "what", "when"):
        assert question.uids
        cited = [event for event in world.events if event.uid in question.uids]
        said = " ".join(
            f"{event.summary} {event.location} {event.description} {' '.join(event.people)} {event.start:%d %H:%M}"
            for event in cited
        )
        assert [group for group in question.words if not _any_stands(group, said)] == []
    own = " ".join(event.summary for event in world.events if event.uid in question.uids)
    assert [word for word in question.never if _any_stands(word, own)] == []


def _any_stands(group: str, text: str) -> bool:
    folded = unaccented(normalised(text))
    return any(re.search(rf"(?<!\w){re.escape(unaccented(normalised(word)))}(?!\w)", folded) for word in group.split("|"))
