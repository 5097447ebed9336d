"""The outbox: finding, counting, and changes that two cannot make at once."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from memory_hands import NOON, Household, action, draft, event, keyword

from butler.core.errors import UnknownActionError
from butler.store import truth as truth_module
from butler.store.outbox import UnreadableError

PLANS = ("newest", "newest_of_kind", "newest_of_account", "held_alternatives", "due", "overdue", "wishes", "edits")


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    house = Household(tmp_path)
    yield house
    house.close()


def test_actions_are_listed_newest_first_and_page_by_page(house: Household) -> None:
    for number in range(7):
        house.gate.propose(action(draft(str(number)), str(number)))
    first = house.outbox.find(limit=3)
    assert [kept.id for kept in first] == [7, 6, 5]
    assert [kept.id for kept in house.outbox.find(after=5, limit=3)] == [4, 3, 2]
    assert [kept.id for kept in house.outbox.find(after=2)] == [1]
    assert house.outbox.find(after=1) == []


def test_actions_are_found_by_status_kind_and_account(house: Household) -> None:
    house.gate.propose(action(draft("a"), "a"))
    house.gate.propose(action(event("u"), "b"))
    house.gate.propose(action(keyword("1"), "c"))
    house.approved(draft("d"), "d")
    find, count = house.outbox.find, house.outbox.count
    assert [kept.id for kept in find(kind="mail.draft")] == [1]
    assert [kept.id for kept in find(kind="mail.draft", account="work")] == []
    assert [kept.id for kept in find(account="home")] == [3, 1]
    assert [kept.id for kept in find(statuses=["held", "approved"], kind="mail.draft")] == [4, 1]
    assert (count(), count(kind="mail.draft"), count(account="family"), count(statuses=["held", "approved"])) == (3, 1, 1, 4)
    assert [kept.id for kept in house.outbox.of_source("mail:home/a")] == [1]
    again = house.outbox.add(replace(house.outbox.get(1).action, key="again"), NOON)
    assert [kept.id for kept in house.outbox.of_source("mail:home/a")] == [again.id, 1]
    assert [kept.id for kept in house.outbox.of_source("mail:home/a", 1)] == [again.id]


def test_of_two_changes_of_the_same_row_the_second_is_told_that_it_is_too_late(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    house.outbox.change(kept, replace(kept, status="rejected"), NOON, "rejected")
    with pytest.raises(UnknownActionError, match="was changed just now"):
        house.outbox.change(kept, replace(kept, status="approved"), NOON, "approved")
    assert house.outbox.get(kept.id).status == "rejected"


@pytest.mark.parametrize("field", ["hash", "version", "attempts", "begun"])
def test_a_change_names_all_that_the_row_was(house: Household, field: str) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    stale = replace(kept, **{field: "x" if field == "hash" else 7})  # type: ignore[arg-type]
    with pytest.raises(UnknownActionError):
        house.outbox.change(stale, replace(stale, status="approved"), NOON, "approved")
    assert house.outbox.get(kept.id) == kept


def test_an_end_is_an_end(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    rejected = house.gate.reject(kept.id, kept.hash, "anna", "cli")
    with pytest.raises(AssertionError, match="rejected does not become approved"):
        house.outbox.change(rejected, replace(rejected, status="approved"), NOON, "approved")


def test_a_change_and_its_line_are_kept_together_or_not_at_all(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    lines = house.truth.journal.head()
    with pytest.raises(RuntimeError), house.outbox.transaction():  # noqa: PT012
        house.gate.approve(kept.id, kept.hash, "anna", "cli")
        raise RuntimeError
    assert house.outbox.get(kept.id) == kept
    assert house.truth.journal.head() == lines
    assert house.outbox.decisions(kept.id) == []


def test_a_damaged_row_is_said_to_be_one_and_left_out_of_lists(house: Household) -> None:
    for name in "ab":
        house.gate.propose(action(draft(name), name))
    house.outbox._database.run("UPDATE action SET receipts = '[{}]' WHERE id = 1")
    with pytest.raises(UnreadableError, match="Action 1 cannot be read"):
        house.outbox.get(1)
    assert [kept.id for kept in house.outbox.find()] == [2]


def test_notes_from_the_world_may_hold_anything(house: Household) -> None:
    kept = house.gate.propose(action(draft("a"), "a"))
    house.gate.reject(kept.id, kept.hash, "anna", "cli", "half \ud83d and \x00 and 'quoted'")
    assert house.outbox.get(kept.id).note == "half ? and \x00 and 'quoted'"
    assert house.truth.journal.verify() == []


def test_every_list_walks_an_index_and_sorts_nothing(house: Household) -> None:
    for name in PLANS:
        sql = house.outbox._sql[name]
        bound = max([int(number) for number in re.findall(r"\?(\d)", sql)], default=sql.count("?"))
        plan = " ".join(row[3] for row in house.outbox._database.rows(f"EXPLAIN QUERY PLAN {sql}", ["x"] * bound))
        assert "SCAN action" not in plan, name
        if name.startswith("newest") or name == "due":
            assert "TEMP B-TREE" not in plan, name


def test_many_held_rows_cost_the_first_page_and_a_decision_nothing(house: Household) -> None:
    def took(ids: list[int]) -> tuple[float, float]:
        # Of the processor: a busy machine makes some of them wait, and not the others.
        start = time.thread_time()
        for _ in range(20):
            house.outbox.find(limit=20)
        middle = time.thread_time()
        for number in ids:
            house.gate.approve(number, house.outbox.get(number).hash, "anna", "cli")
        return (middle - start) / 20, (time.thread_time() - middle) / len(ids)

    for number in range(100):
        house.gate.propose(action(draft(str(number)), str(number), group=f"g{number}"))
    few = took(list(range(1, 21)))
    database = house.outbox._database
    with database.transaction():
        database.run(
            "WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 101000) "
            "INSERT INTO action (id, key, kind, account, source, alternatives, about, expires, created, changed, status, hash, "
            "version) SELECT i, 'k' || i, kind, account, 's' || i, 'g' || i, about, '2999-01-01T00:00:00.000000+00:00', "
            "created, changed, 'held', hash, 1 FROM n JOIN action ON id = 100"
        )
        database.run(
            "INSERT INTO action_version SELECT action.id, 1, action.hash, payload, findings, at FROM action "
            "JOIN action_version ON action = 100 WHERE action.id >= 1000"
        )
    many = took(list(range(50_000, 50_020)))
    page, approve = (many[0] / few[0], many[1] / few[1])
    print(
        f"100,000 held rows: first page {many[0] * 1000:.2f} ms ({page:.2f}x), approve {many[1] * 1000:.2f} ms ({approve:.2f}x)"
    )
    assert page < 3
    assert approve < 3
