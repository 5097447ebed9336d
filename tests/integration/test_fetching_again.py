"""What the butler did itself is in the mirror at once: the accounts that it changed are read again, and no others."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import card_case as case
import pytest
from butler_process import called, document
from gate_house import Household

from butler.core import payloads as p
from butler.core.actions import Kept
from butler.core.refs import file_ref
from butler.house import wall_clock
from butler.store.state import StateLock

NOON = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
SPAN = (NOON - dt.timedelta(days=30), NOON + dt.timedelta(days=60))


EVENT = case.EVENT.replace("T120000Z", "T130000Z").replace("RRULE:FREQ=WEEKLY\r\n", "")


def made(folder: Path) -> Household:
    """A household whose calendar has one event, far away."""
    found = Household(folder)
    text = EVENT.replace("lunch@", "first@").replace("20261", "20241")
    (found.calendar / "family" / "first.ics").write_text(text)
    return found


@pytest.fixture
def home(tmp_path: Path) -> Household:
    found = made(tmp_path / "home")
    found.sync()
    return found


def event(home: Household) -> Kept:
    change = p.CalendarChange(account="family", calendar="family.family", uid="lunch@nordwind.example", after=EVENT)
    return home.propose(p.CalendarCreate(change=change))


def approved(home: Household, kept: Kept, *, undo: bool = False) -> Kept:
    """Decide about an action and carry it out an hour later, as the commands do."""
    with home.house() as house:
        vars(house)["_clock"] = lambda: wall_clock() + dt.timedelta(hours=1)
        if undo:
            house.gate.undo(kept.id, "anna", "test")
        else:
            house.gate.approve(kept.id, kept.hash, "anna", "test")
        house.execute()
        return house.truth.outbox.get(kept.id)


def events(home: Household) -> list[str]:
    with home.house() as house:
        return [placed.occurrence.summary for placed in house.mirror.reads.occurrences(*SPAN)]


def read_at(home: Household) -> dict[str, dt.datetime | None]:
    with home.house() as house:
        return {state.name: state.as_of for state in house.states()}


def test_an_event_is_known_once_it_was_put_in_and_no_more_once_it_was_taken_back(home: Household) -> None:
    before = read_at(home)
    done = approved(home, event(home))
    assert done.status == "done", done.note
    assert len(events(home)) == 1
    after = read_at(home)
    assert {name for name in after if after[name] != before[name]} == {"family"}
    assert approved(home, done, undo=True).status == "undone"
    assert events(home) == []


def test_a_note_is_found_by_the_words_that_were_written(home: Household) -> None:
    assert approved(home, home.note("one\nhawthorn\n")).status == "done"
    with home.house() as house:
        assert [found.ref.partition("#")[0] for found in house.search("hawthorn")] == [file_ref("notes", "Plan.md")]


def test_a_draft_costs_no_reading(home: Household) -> None:
    before = read_at(home)
    assert approved(home, home.draft()).status == "done"
    assert read_at(home) == before


def test_while_another_butler_works_nothing_is_waited_for_and_the_action_is_done(home: Household) -> None:
    kept = event(home)
    with StateLock(home.state):
        assert approved(home, kept).status == "done"
        assert events(home) == []
    home.sync()
    assert len(events(home)) == 1


def test_a_mirror_that_cannot_be_opened_changes_nothing_of_what_was_done(home: Household) -> None:
    kept = event(home)
    with home.house() as house:
        house.gate.approve(kept.id, kept.hash, "anna", "test")
    for file in home.state.glob("mirror.db*"):
        file.unlink()
    (home.state / "mirror.db").mkdir()
    with home.house() as house:
        (done,) = house.execute()
    assert done.status == "done", done.note
    shutil.rmtree(home.state / "mirror.db")


def test_a_source_that_was_never_read_is_left_to_the_first_sync(tmp_path: Path) -> None:
    fresh = made(tmp_path / "fresh")
    assert approved(fresh, event(fresh)).status == "done"
    assert set(read_at(fresh).values()) == {None}


def test_what_is_to_be_remembered_is_found_at_once(home: Household) -> None:
    told = called(home.home, "--config", home.config, "memory", "I like the hornbeam hedge.")
    assert told.returncode == 0, told.stderr
    found = document(called(home.home, "--config", home.config, "search", "hornbeam", "--json"))["found"]
    assert [each["ref"].partition("#")[0] for each in found] == ["file:memory/Memory.md"]
