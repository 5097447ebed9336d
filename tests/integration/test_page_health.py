"""Health on the page: the doctor's checks as they come, the daemon, the sources, room and the last backup."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from page_case import HOSTILE, PageCase, words
from page_case import page_case as page_case_fixture
from page_case import page_household as page_household_fixture
from page_client import OWNER, DaemonHere, PageClient, page_client

from butler.core.errors import StateError
from butler.core.models import ModelIdentity
from butler.core.policy import Policy
from butler.core.scoring import Score
from butler.store.exams import Exam
from butler.store.state import last_backup
from butler.web.books import House
from butler.web.health import by_level, is_old
from butler.web.looking import Looked, Looking

page_household, page_case = page_household_fixture, page_case_fixture


def check(name: str, level: str, sentence: str, advice: str | None = None) -> dict[str, str | None]:
    return {"name": name, "level": level, "sentence": sentence, "advice": advice}


CHECKS = [
    check("mail.home", "failure", f"The server said {HOSTILE}", "Set mail.home.password anew."),
    check("model", "warning", "No model is chosen.", "Set model.name."),
    check("clock", "ok", "It is noon."),
]


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    page_case.daemon.answers = {"doctor": {"exit_code": 1, "ok": False, "checks": CHECKS}}
    with page_case.client() as client:
        yield client


def asked(page_case: PageCase) -> int:
    return page_case.daemon.asked.count(("ask", ("doctor", "--json")))


def test_the_doctor_is_asked_once_and_what_it_says_is_shown_worst_first(client: PageClient, page_case: PageCase) -> None:
    first = words(client.get("/health").text)
    assert "Each part is being looked at, for the first time since the daemon began." in first
    shown = client.get("/health").text
    told = words(shown)
    assert "not well 1 part needs mending, 1 deserves a look." in told
    assert told.index("mail.home failure") < told.index("model warning") < told.index("1 check is fine")
    assert "Set mail.home.password anew." in told
    assert "<script>alert" not in shown
    assert asked(page_case) == 1
    assert client.fill("/health/again").headers["location"] == "/health"
    client.get("/health")
    assert asked(page_case) == 2


def test_a_doctor_that_cannot_look_is_told(page_case: PageCase) -> None:
    class Broken(DaemonHere):
        async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
            raise StateError(f"It did not end. {HOSTILE}")

    page_case.daemon = Broken()
    with page_case.client() as client:
        client.get("/health")
        shown = client.get("/health").text
    assert "The doctor could not look: It did not end." in words(shown)
    assert "<script>alert" not in shown


def test_the_daemon_the_sources_and_the_room_are_shown(client: PageClient, page_case: PageCase) -> None:
    began = page_case.now - dt.timedelta(days=2)
    page_case.daemon.running = {
        "sentence": "Idle.",
        "version": "9.9",
        "pid": 4242,
        "since": began.isoformat(),
        "gone": {"mail.work": f"refused {HOSTILE}"},
        "watchers": [{"name": "mail.home", "alive": True}, {"name": "files.scans", "alive": False}],
        "dead": ["the lane"],
        "problems": ["jobs.noon: at must be a time."],
        "stopped": "Stopped on Monday.",
    }
    shown = client.get("/health").text
    told = words(shown)
    for sentence in (
        "Effects are stopped. Stopped on Monday.",
        "mail.work cannot be reached: refused",
        "Not alive any more: the lane.",
        "Not taken from the settings: jobs.noon: at must be a time.",
        "Running since Sun, Nov 22, 07:00",
        "Version 9.9, process 4242",
        "mail.home, files.scans not alive",
        "family calendar fresh",
        "home mail fresh",
        "notes notes fresh",
        "Last backup none is made at night",
    ):
        assert sentence in told, sentence
    assert "<script>alert" not in shown
    assert "Databases" in told


def test_a_pinned_model_is_shown_with_its_last_exam_and_where_its_card_lies(client: PageClient, page_case: PageCase) -> None:
    truth, folder = page_case.truth, page_case.household.state / "exams"
    truth.pins.meet("http://127.0.0.1:1", "well:latest", ModelIdentity("well:latest", "ab" * 32), page_case.now)
    assert "Its last exam" not in client.get("/health").text
    score = Score(total=0.914, mean=0.914, tallies={}, by_language={})
    kept = Exam(
        page_case.now, "shipped", "v", quick=True, model="well:latest", digest="ab" * 32, server="", options="", score=score
    )
    truth.exams.keep(kept)
    assert "Its last exam, a third of it: 0.91 of 1," in words(client.get("/health").text)
    folder.mkdir()
    for name in ("shipped-2026-11-01-070000-abababababab.html", "shipped-2026-11-02-070000-abababababab.html"):
        (folder / name).write_text("")
    told = words(client.get("/health").text)
    assert "shipped-2026-11-02-070000-abababababab.html" in told
    assert "shipped-2026-11-01" not in told


def test_the_last_backup_is_told_with_its_age(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    now = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
    house = House(OWNER, tmp_path, Policy(own=OWNER.addresses, zone=OWNER.zone), backups=folder)
    with page_client(tmp_path, house=house, clock=lambda: now) as client:
        assert "none yet: the job maintenance makes one each night" in words(client.get("/health").text)
        assert "Nothing was read yet." in words(client.get("/health").text)
        folder.mkdir()
        for name, size, back in (("butler-2026-11-20.tar.gz.age", 1_234_567, 4), ("butler-2026-11-19.tar.gz", 1, 1)):
            (folder / name).write_bytes(b"x" * size)
            moment = (now - dt.timedelta(days=back)).timestamp()
            os.utime(folder / name, (moment, moment))
        (folder / "other.tar.gz").write_text("")
        told = words(client.get("/health").text)
    assert "Fri, Nov 20, 07:00, 4 days ago, 1.2 MB old" in told
    assert "butler-2026-11-20.tar.gz.age" in told
    found = last_backup(folder)
    assert found
    assert is_old(found, now)
    assert not is_old(found, now - dt.timedelta(days=2))
    assert not is_old(None, now)


def test_a_check_of_no_known_level_counts_as_a_failure() -> None:
    odd = check("x", "odd", "What?")
    assert by_level({"checks": [odd, CHECKS[2]]}) == {"failure": [odd], "warning": [], "ok": [CHECKS[2]]}
    assert by_level({}) == {"failure": [], "warning": [], "ok": []}


def test_an_answer_holds_for_a_while_and_one_question_is_asked_at_a_time() -> None:
    class Slow(DaemonHere):
        def __init__(self) -> None:
            super().__init__()
            self.go = asyncio.Event()

        async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
            self.asked.append(("ask", tuple(command)))
            await self.go.wait()
            return {"ok": len(self.asked)}

    async def answered(looking: Looking) -> Looked:
        while looking.known.running is not None:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0)
        return looking.known

    async def look() -> None:
        daemon, looking = Slow(), Looking(("doctor",), holds=3600)
        first = await looking.look(daemon)
        assert (dict(first.found), first.age) == ({}, None)
        assert first.running is not None
        await asyncio.sleep(0)
        await looking.look(daemon)
        assert len(daemon.asked) == 1
        daemon.go.set()
        found = await answered(looking)
        assert dict(found.found) == {"ok": 1}
        assert found.age is not None
        stale = Looking(("doctor",), holds=-1)
        stale.begin(daemon)
        await answered(stale)
        assert (await stale.look(daemon)).running is not None

    asyncio.run(look())
