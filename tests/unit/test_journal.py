"""The journal: whatever somebody does to its lines is found, and said of which line."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from memory_hands import NOON, Household, action, draft

from butler.core.errors import StateError
from butler.core.plain import canonical
from butler.core.record import stop_sentence
from butler.core.steps import ModelCall
from butler.store import truth as truth_module
from butler.store.journal import Wanted, when_text

LINES = 12
UNFOLLOWED = "Line 6 does not follow from line 5: one of them is not the one that was written."
HEADLESS = "The note of the last line is missing, so that nobody can tell whether lines at the end are."
TRIGGERS = ("journal_keeps", "journal_stays", "journal_head_goes_on", "journal_head_stays")


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    house = Household(tmp_path)
    with house.outbox.transaction():
        for number in range(1, LINES + 1):
            house.truth.journal.append(NOON, "told", f"thing:{number % 3}", number=number, text="Grüße \ud83d")
    yield house
    house.close()


def tamper(house: Household, *statements: str) -> list[str]:
    """What somebody does with the file itself, and what the journal says then."""
    with sqlite3.connect(house.folder / "butler.db") as connection:
        for name in TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
    return house.truth.journal.verify()


def test_a_whole_journal_has_no_problems_and_its_lines_are_found(house: Household) -> None:
    journal = house.truth.journal
    assert journal.verify() == []
    assert [line.seq for line in journal.lines(limit=3)] == [12, 11, 10]
    assert [line.seq for line in journal.lines(before=3)] == [2, 1]
    assert [line.seq for line in journal.about("thing:0")] == [3, 6, 9, 12]
    first = journal.lines(before=2)[0]
    assert (first.at, first.what, first.facts["number"], first.previous) == (NOON, "told", 1, "")
    assert journal.head() == (12, journal.lines(limit=1)[0].hash)


def test_an_empty_journal_is_whole(tmp_path: Path) -> None:
    house = Household(tmp_path)
    assert (house.truth.journal.verify(), house.truth.journal.head()) == ([], (0, ""))
    house.close()


@pytest.mark.parametrize(
    ("statements", "problems"),
    [
        (["UPDATE journal SET facts = replace(facts, '5', '6') WHERE seq = 5"], ["Line 5 was changed or moved."]),
        (["UPDATE journal SET at = '2026-11-25T13:00:00.000000+00:00' WHERE seq = 1"], ["Line 1 was changed or moved."]),
        (["UPDATE journal SET what = 'done' WHERE seq = 12"], ["Line 12 was changed or moved."]),
        (["DELETE FROM journal WHERE seq = 5"], ["Line 5 is missing."]),
        (["DELETE FROM journal WHERE seq < 3"], ["Lines 1 to 2 are missing."]),
        (["DELETE FROM journal WHERE seq > 9"], ["Lines 10 to 12 are missing."]),
        (["DELETE FROM journal"], ["Lines 1 to 12 are missing."]),
        (
            ["DELETE FROM journal WHERE seq = 5", "UPDATE journal SET seq = 5 WHERE seq = 12"],
            [
                "Line 5 was changed or moved.",
                UNFOLLOWED,
            ],
        ),
        (
            [f"UPDATE journal SET seq = {new} WHERE seq = {old}" for old, new in ((4, 99), (7, 4), (99, 7))],
            ["Line 4 was changed or moved.", "Line 7 was changed or moved."],
        ),
        (
            ["DELETE FROM journal_head"],
            [HEADLESS],
        ),
        (
            ["UPDATE journal_head SET hash = 'x'"],
            ["Line 12, the last one, is not the one that was written."],
        ),
    ],
)
def test_whatever_is_done_to_lines_is_found(house: Household, statements: list[str], problems: list[str]) -> None:
    found = tamper(house, *statements)
    print(f"tampered: {statements[0]} -> {found}")
    assert [problem for problem in problems if problem not in found] == []


def forged(seq: int, previous: str, what: str = "forged") -> str:
    """A statement that adds a line whose own hash is right."""
    fields = [seq, NOON.isoformat(), what, "thing:1", "{}", previous]
    digest = hashlib.sha256(canonical(fields).encode()).hexdigest()
    values = ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in (*fields, digest))
    return f"INSERT INTO journal VALUES ({values})"


def test_lines_that_somebody_adds_are_found(house: Household) -> None:
    last = house.truth.journal.head()[1]
    problems = tamper(house, forged(13, last), forged(0, ""))
    assert (problems[0], problems[-1]) == ("Line 0 was added.", "Line 13 was added.")


def test_a_line_that_is_replaced_by_a_well_made_one_is_found(house: Household) -> None:
    previous = house.truth.journal.lines(before=5)[0].hash
    problems = tamper(house, "DELETE FROM journal WHERE seq = 5", forged(5, previous))
    assert problems == [UNFOLLOWED]


def test_any_change_of_any_line_is_found(tmp_path: Path) -> None:
    house = Household(tmp_path)
    with house.outbox.transaction():
        for number in range(1, 301):
            house.truth.journal.append(NOON, "told", "thing", number=number)
    dice, found = random.Random(7), 0
    kinds: list[Callable[[int], str]] = [
        lambda seq: f"UPDATE journal SET facts = '{{}}' WHERE seq = {seq}",
        lambda seq: f"UPDATE journal SET subject = 'x' WHERE seq = {seq}",
        lambda seq: f"UPDATE journal SET previous = 'x' WHERE seq = {seq}",
        lambda seq: f"UPDATE journal SET hash = 'x' WHERE seq = {seq}",
        lambda seq: f"DELETE FROM journal WHERE seq = {seq}",
        lambda seq: f"UPDATE journal SET seq = 1000 + seq WHERE seq = {seq}",
    ]
    for _ in range(60):
        with sqlite3.connect(tmp_path / "copy.db") as copy, sqlite3.connect(tmp_path / "butler.db") as whole:
            whole.backup(copy)
            for name in TRIGGERS:
                copy.execute(f"DROP TRIGGER {name}")
            copy.execute(dice.choice(kinds)(dice.randint(1, 300)))
        truth = truth_module.Truth.open(tmp_path / "copy.db")
        found += bool(truth.journal.verify())
        truth.close()
    print(f"journal: {found} of 60 changes found")
    assert found == 60
    house.close()


def test_the_file_itself_refuses_to_change_what_is_kept(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    house.gate.approve(kept.id, kept.hash, "anna", "cli")
    connection = sqlite3.connect(house.folder / "butler.db")
    for table in ("journal", "action_version", "decision"):
        with pytest.raises(sqlite3.IntegrityError, match=r"only added to|never"):
            connection.execute(f"DELETE FROM {table}")
        with pytest.raises(sqlite3.IntegrityError, match=r"only added to|never"):
            connection.execute(f"UPDATE {table} SET hash = 'x'")
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        connection.execute("UPDATE journal_head SET seq = 3")
    connection.close()


def test_a_line_is_kept_or_lost_with_what_it_tells_of(house: Household) -> None:
    with pytest.raises(AssertionError, match="transaction"):
        house.truth.journal.append(NOON, "told", "thing")
    with pytest.raises(RuntimeError), house.outbox.transaction():  # noqa: PT012
        house.truth.journal.append(NOON, "told", "thing")
        raise RuntimeError
    assert house.truth.journal.head()[0] == LINES


def test_nothing_is_written_once_the_head_is_lost(house: Household) -> None:
    assert tamper(house, "DELETE FROM journal_head") != []
    with pytest.raises(StateError, match="lost its head"):
        house.gate.propose(action(draft("a"), "a"))
    assert not house.outbox.known("a")
    assert house.truth.journal.head() == (0, "")


def test_runs_and_model_calls_leave_a_line_each_without_any_text(house: Household) -> None:
    run = house.truth.runs.start("briefing", "2026-11-25", NOON)
    call = ModelCall(
        *(run.id, NOON, "triage", "1", "mail:home/a@b", "key", "qwen", "sha256:1", "0.31.2", False, "ok", 1, 100, 20, 1.5),
        *("the secret prompt", '{"label": "secret"}'),
    )
    house.truth.book.record(call)
    house.truth.book.record(call)
    assert house.truth.runs.finish(run.id, NOON)
    assert not house.truth.runs.finish(run.id, NOON)
    lines = [*house.truth.journal.about(f"run:{run.id}"), *house.truth.journal.about("mail:home/a@b")]
    assert [line.what for line in lines] == ["run started", "run ended", "model asked"]
    assert lines[2].facts["digest"] == "sha256:1"
    assert "secret" not in str([line.facts for line in lines])
    assert house.truth.journal.verify() == []


def found(house: Household, wanted: Wanted, before: int = 0, limit: int = 50) -> tuple[list[int], int]:
    answer = house.truth.journal.find(wanted, before, limit)
    return [line.seq for line in answer.lines], answer.further


def test_lines_are_found_by_what_subject_time_and_words_together(house: Household) -> None:
    later = NOON + dt.timedelta(days=1)
    with house.outbox.transaction():
        house.truth.journal.append(later, "Verändert", "thing:1", text="ÄRGER mit 100 %_")
        house.truth.journal.append(later, "told", "thing:1", number=99)
    assert found(house, Wanted()) == ([*range(14, 0, -1)], 0)
    assert found(house, Wanted(what="told", subject="thing:1")) == ([14, 10, 7, 4, 1], 0)
    assert found(house, Wanted(what="told"), 5, 3) == ([4, 3, 2], 2)
    assert found(house, Wanted(what="told"), 2) == ([1], 0)
    assert found(house, Wanted(what="told"), limit=13) == ([14, *range(12, 0, -1)], 0)
    assert found(house, Wanted(since=later, until=later + dt.timedelta(days=1))) == ([14, 13], 0)
    assert found(house, Wanted(what="told", since=NOON, until=later), limit=2) == ([12, 11], 11)
    assert found(house, Wanted(since=later + dt.timedelta(days=1), until=later + dt.timedelta(days=2))) == ([], 0)
    assert found(house, Wanted(words="ärger")) == found(house, Wanted(words="verÄNDERT")) == ([13], 0)
    assert found(house, Wanted(words="%_")) == ([13], 0)
    assert house.truth.journal.kinds() == ["Verändert", "told"]


def test_rare_lines_are_looked_for_in_a_bounded_part_of_the_journal_at_a_time(house: Household) -> None:
    with sqlite3.connect(house.folder / "butler.db") as own:
        own.executemany(
            "INSERT INTO journal VALUES (?, '2026-11-25T12:00:00.000000+00:00', 'told', 'thing:9', '{}', '', '')",
            ((seq,) for seq in range(LINES + 1, 25_001)),
        )
    assert found(house, Wanted(words="grüße")) == ([], 15_001)
    assert found(house, Wanted(words="grüße"), 15_001) == ([], 5_001)
    assert found(house, Wanted(words="grüße"), 5_001) == ([*range(12, 0, -1)], 0)
    # What an index leads to is found at once.
    assert found(house, Wanted(subject="thing:2", words="grüße")) == ([11, 8, 5, 2], 0)


def test_a_line_that_was_made_unreadable_is_shown_with_what_is_left_of_it(house: Household) -> None:
    tamper(
        house,
        "UPDATE journal SET facts = '{' WHERE seq = 3",
        "UPDATE journal SET facts = '[1]', at = 'when?' WHERE seq = 4",
    )
    lines = house.truth.journal.lines(before=5, limit=2)
    assert [line.facts for line in lines] == [{"unreadable": "when? [1]"}, {"unreadable": f"{when_text(NOON)} {{"}]


def test_the_examination_tells_how_many_lines_were_seen_and_the_last_hash(house: Household) -> None:
    examined = house.truth.journal.examined()
    assert (examined.lines, examined.head, examined.problems) == (*house.truth.journal.head(), [])


@pytest.mark.parametrize(
    ("because", "end"),
    [("", "09:00."), ("on the road", "09:00: on the road."), ("Why not?", "09:00: Why not?"), ("a\nb. ", "09:00: a b.")],
)
def test_why_effects_are_stopped_is_one_sentence_with_an_end(because: str, end: str) -> None:
    assert stop_sentence(because, dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)) == f"Stopped on 2026-11-24 at {end}"
