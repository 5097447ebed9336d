"""What the rules found in a mail is found again on the next day; with it and without it every judgement is the same."""

from __future__ import annotations

import ast
import datetime as dt
import importlib.util
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from briefing_twins import Memory, ScriptedModel

from butler.core.asking import Question
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.owner import Owner
from butler.house import Deeds, House
from butler.sample.household import Household, write_household
from butler.store.mirror import Mirror
from workflows.briefing import recall
from workflows.briefing.asking import worth_asking
from workflows.briefing.gather import gather
from workflows.briefing.judge import judge, received_case, sent_case
from workflows.briefing.values import Gathered

DAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC)
DAYS = [NOW + dt.timedelta(days=each) for each in (0, 1, 2, 5, 19)]


@dataclass
class Shelf:
    """Keeps findings in memory, and counts those that were new."""

    kept: dict[str, str] = field(default_factory=dict)
    new: int = 0

    def found(self, keys: Sequence[str]) -> Mapping[str, str]:
        return {key: self.kept[key] for key in keys if key in self.kept}

    def keep(self, found: Mapping[str, str]) -> None:
        self.kept |= found
        self.new += len(found)


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return write_household(tmp_path_factory.mktemp("recall"), DAY)


@pytest.fixture(scope="module")
def house(household: Household, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    deeds = Deeds(household.owner, household.accounts, household.options, tmp_path_factory.mktemp("state"))
    with House(deeds, lambda: NOW) as opened:
        opened.sync()
        yield opened


def context(house: House, owner: Owner, now: dt.datetime, shelf: Shelf | None = None) -> Context:
    day = now.astimezone(owner.zone).date()
    bare = Context("r", now, day, owner, house._deeds.options, house.mirror.reads, Memory(), None, list)
    return bare if shelf is None else replace(bare, found=shelf.found, keep_found=shelf.keep)


def mails(gathered: Gathered) -> list[Mail]:
    return [*gathered.candidates, *gathered.sent]


def test_every_day_is_judged_the_same_with_what_was_found_before_and_without(house: House, household: Household) -> None:
    shelf = Shelf()
    for now in DAYS:
        plain, helped = (context(house, household.owner, now, each) for each in (None, shelf))
        gathered = gather(plain, ())
        shelf.new = 0
        assert judge(helped, gathered) == judge(plain, gathered)
        assert shelf.new == (len(mails(gathered)) if now == NOW else 0)
    assert shelf.kept


def test_the_same_mails_are_put_to_a_model_with_and_without(house: House, household: Household) -> None:
    shelf = Shelf()
    asked: list[list[tuple[str, str]]] = []
    for now in (NOW, NOW, DAYS[1]):
        for each in (None, shelf):
            given = context(house, household.owner, now, each)
            given = replace(given, model=ScriptedModel(lambda *_asked: "nobody is there"))
            gathered = gather(given, ())
            received = recall.cases(
                given,
                gathered.candidates,
                lambda _mail: (5, 5),
                partial(received_case, owner=household.owner, gathered=gathered),
            )
            sent = recall.cases(given, gathered.sent, lambda _mail: (0, 0), lambda mail: sent_case(mail, household.owner))
            worth = worth_asking(received, sent, gathered, household.owner)
            asked.append([(case.mail.ref, case.source) for case in worth])
    assert asked[0]
    assert asked[0] == asked[1] == asked[2] == asked[3]
    assert asked[4] == asked[5]


def test_what_was_found_without_a_model_serves_with_one(house: House, household: Household) -> None:
    shelf = Shelf()
    plain = context(house, household.owner, NOW, shelf)
    gathered = gather(plain, ())
    judge(plain, gathered)
    before = dict(shelf.kept)
    with_model = replace(plain, model=ScriptedModel(lambda *_asked: "nobody is there"))
    found = recall.cases(
        with_model, gathered.candidates, lambda mail: known(mail, gathered), lambda _mail: pytest.fail("it was judged anew")
    )
    assert [case.rule.ref for case in found] == [mail.ref for mail in gathered.candidates]
    assert before.keys() == shelf.kept.keys()
    assert before != shelf.kept


def known(mail: Mail, gathered: Gathered) -> tuple[int, int]:
    sender = mail.message.sender.address.lower() if mail.message.sender else ""
    had, written = gathered.exchanged.get(sender, (0, 0))
    return (max(had, 2) if sender in gathered.contacts else had), written


@pytest.mark.parametrize("value", ["", "{}", '{"received": 1}', "[1]", '{"received": {"ref": "mail:x/y", "label": "reply"}}'])
def test_what_is_no_finding_of_this_mail_counts_for_nothing(house: House, household: Household, value: str) -> None:
    plain = context(house, household.owner, NOW)
    gathered = gather(plain, ())
    lying = replace(plain, found=lambda keys: dict.fromkeys(keys, value))
    assert judge(lying, gathered) == judge(plain, gathered)


def test_a_key_is_another_when_anything_is_that_the_rules_go_by(house: House, household: Household) -> None:
    owner = household.owner
    mail = gather(context(house, owner, NOW), ()).candidates[0]
    message = mail.message
    keys = [
        recall.key(mail, owner, (2, 1)),
        recall.key(replace(mail, message=replace(message, text=f"{message.text}?")), owner, (2, 1)),
        recall.key(replace(mail, message=replace(message, subject="Other")), owner, (2, 1)),
        recall.key(replace(mail, message=replace(message, cc=message.to)), owner, (2, 1)),
        recall.key(replace(mail, message=replace(message, calendar="METHOD:REQUEST")), owner, (2, 1)),
        recall.key(replace(mail, when=mail.when + dt.timedelta(days=1)), owner, (2, 1)),
        recall.key(mail, replace(owner, zone=ZoneInfo("Asia/Tokyo")), (2, 1)),
        recall.key(mail, replace(owner, addresses=frozenset({"other@x.example"})), (2, 1)),
        recall.key(mail, owner, (1, 1)),
        recall.key(mail, owner, (2, 0)),
    ]
    assert len(set(keys)) == len(keys)
    read = replace(mail, folder="Archive", message=replace(message, flags=frozenset({"\\seen"}), key="77"))
    assert recall.key(read, owner, (90, 40)) == keys[0]


def test_the_version_of_the_rules_follows_from_all_code_that_they_run_through() -> None:
    left, seen = ["workflows.briefing.rules", "workflows.briefing.asking", "tools.mail.reply"], set()
    while left:
        name = left.pop()
        spec = importlib.util.find_spec(name)
        if name in seen or spec is None or not spec.origin or spec.origin.endswith("__init__.py"):
            continue
        seen.add(name)
        for node in ast.walk(ast.parse(Path(spec.origin).read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("butler.", "tools.", "workflows.")):
                left += [
                    node.module or "",
                    *(f"{node.module}.{each.name}" for each in node.names if is_module(node, each.name)),
                ]
    files = {path.resolve() for path in recall.sources()}
    # Values alone: what the rules are given of them is in the key.
    values = (
        *("accounts", "briefing", "calendar", "contacts", "dialing", "effects", "models", "notes", "payloads", "remembering"),
        *("sources", "steps"),
    )
    missing = {name for name in seen if Path(str(importlib.util.find_spec(name).origin)).resolve() not in files}  # type: ignore[union-attr]
    assert missing <= {f"butler.core.{name}" for name in values}
    assert "workflows.briefing.dates" in seen


def is_module(node: ast.ImportFrom, name: str) -> bool:
    try:
        return importlib.util.find_spec(f"{node.module}.{name}") is not None
    except ModuleNotFoundError:
        return False


def test_a_run_in_its_jail_keeps_what_it_found_in_the_mirror_and_finds_it_again(house: House) -> None:
    first = house.brief(sync=False, model=False)
    rows = "SELECT key, value FROM recalled ORDER BY key"
    path = house.mirror.reads._database.path
    with closing(sqlite3.connect(path)) as own:
        kept = own.execute(rows).fetchall()
        own.execute('UPDATE recalled SET value = replace(value, \'"reason":"It asks\', \'"reason":"KEPT It asks\')')
        own.commit()
    assert len(kept) > 20
    with closing(sqlite3.connect(path)) as own:
        changed = own.execute(rows).fetchall()
    assert changed != kept
    second = house.brief(sync=False, model=False)
    assert [section.lines for section in second.briefing.sections] == [section.lines for section in first.briefing.sections]
    with closing(sqlite3.connect(path)) as own:
        assert own.execute(rows).fetchall() == changed


def test_findings_that_nobody_uses_are_forgotten_and_a_locked_mirror_is_no_failure(tmp_path: Path) -> None:
    today = [NOW]
    mirror = Mirror.open(tmp_path / "mirror.db", "Europe/Berlin", clock=lambda: today[0])
    mirror.recalled.keep({"a": "1", "b": "2"})
    for _ in range(6):
        today[0] += dt.timedelta(days=9)
        assert mirror.recalled.found(["a", "c"]) == {"a": "1"}
    mirror.recalled.keep({"c": "3"})
    assert mirror.recalled.found(["a", "b", "c"]) == {"a": "1", "c": "3"}
    mirror.close()


def test_a_question_that_code_answers_finds_what_briefings_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.brief(sync=False, model=False)
    found: list[int] = []
    whole = house.mirror.recalled.found

    def counted(keys: Sequence[str]) -> Mapping[str, str]:
        answer = whole(keys)
        found.append(len(answer))
        return answer

    monkeypatch.setattr(house.mirror.recalled, "found", counted)
    assert house.known("ask", Question(text="What did I promise?"), NOW)
    assert sum(found) > 20
