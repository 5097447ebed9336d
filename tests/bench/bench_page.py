"""How quickly the page answers over a large mirror with many actions held, how large it is, and what it costs the daemon."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from bench_briefing import BriefingRows
from bench_memory import family, proportional
from bench_ours import DAY, FOLDERS, NOW, ZONE, house
from bench_table import Row, judged
from bench_world import World
from dovecot_server import PASSWORD, USER
from memory_hands import letter
from page_served import ServedPage, served_page

from butler.core.actions import Action, Taint
from butler.core.mail import Mail
from butler.core.payloads import MailDraft, Person
from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.truth import Truth

HELD = 1_000
_FEW = 10
_ROUNDS = 50
_VISITS = ("/", "/review", "/runs", "/schedule", "/journal", "/health", "/access")
_SETTLED = 3.0
_RECENT = dt.timedelta(days=60)


@dataclasses.dataclass(frozen=True, slots=True)
class Answers:
    """How long the first byte of one page took, in milliseconds, the first time and later, and the bytes of the page."""

    first: float
    later: tuple[float, ...]
    size: int

    def sentence(self) -> str:
        """All of it, beside the median."""
        return f"the median of {len(self.later)}; {min(self.later):.1f} ms at best, {self.first:.0f} ms the first time"


class Visitor:
    """Somebody who is logged in, over one connection that is kept."""

    def __init__(self, served: ServedPage) -> None:
        self._connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
        self._headers = {"Accept": "text/html", "Origin": served.url}
        key = urlsplit(served.link()).query
        self._connection.request("POST", "/login", key, {**self._headers, "Content-Type": "application/x-www-form-urlencoded"})
        answer = self._connection.getresponse()
        answer.read()
        self._headers["Cookie"] = str(answer.headers["Set-Cookie"]).partition(";")[0]

    def ask(self, path: str) -> tuple[float, int]:
        """The milliseconds until the first byte of a page, and the bytes of the page."""
        began = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        took = (time.perf_counter() - began) * 1e3
        size = len(answer.read())
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}.")
        return took, size

    def answers(self, path: str) -> Answers:
        """Ask for one page over and over."""
        first, size = self.ask(path)
        return Answers(first, tuple(self.ask(path)[0] for _ in range(_ROUNDS)), size)

    def close(self) -> None:
        """Leave."""
        self._connection.close()


class PageRows:
    """The rows over a mirror of `count` mails, which `briefing` fills, with a briefing of it and many actions held."""

    def __init__(self, world: World, briefing: BriefingRows, count: int) -> None:
        self._world = world
        self._briefing = briefing
        self._count = count

    def today(self) -> Row:
        """The first byte of Today."""
        return self._speed("page-today", "/", "Today", self._answers(HELD, "/"), self._answers(_FEW, "/"))

    def review(self) -> Row:
        """The first byte of Review."""
        path = "/review"
        return self._speed("page-review", path, "Review", self._answers(HELD, path), self._answers(_FEW, path))

    def size(self) -> Row:
        """All of Today."""
        many, few = self._answers(HELD, "/"), self._answers(_FEW, "/")
        what = f"Today as a page, {self._count:,} messages, {HELD:,} held: its size"
        row = Row("page-size", what, "KB", many.size / 1e3, few.size / 1e3, f"with {_FEW} held", "≤ 100 KB")
        return judged(row, lambda ours, _: ours <= 100)

    def memory(self) -> Row:
        """The daemon with a page that was looked at, beside one that serves none."""
        with self._served(HELD) as served:
            visitor = Visitor(served)
            for path in (*_VISITS, *_VISITS):
                visitor.ask(path)
            visitor.close()
            ours = _megabytes(served)
        with self._served(HELD, page=False) as served:
            bare = _megabytes(served)
        what = f"the daemon, its page looked at, {self._count:,} messages, {HELD:,} held: memory of all its processes"
        row = Row("page-memory", what, "MB", ours, bare, "the same without a page", "≤ 120 MB", note="PSS, no account watched")
        return judged(row, lambda megabytes, _: megabytes <= 120)

    def _speed(self, name: str, path: str, title: str, many: Answers, few: Answers) -> Row:
        row = Row(
            name,
            f"{title} as a page, {self._count:,} messages, {HELD:,} held: to its first byte over HTTP",
            "ms",
            statistics.median(many.later),
            statistics.median(few.later),
            f"with {_FEW} held",
            "≤ 50 ms",
            note=many.sentence(),
        )
        return judged(row, lambda ours, _: ours <= 50)

    def _answers(self, held: int, path: str) -> Answers:
        return self._all_answers[held][path]

    @cached_property
    def _all_answers(self) -> dict[int, dict[str, Answers]]:
        found: dict[int, dict[str, Answers]] = {}
        for held in (HELD, _FEW):
            with self._served(held) as served:
                visitor = Visitor(served)
                found[held] = {path: visitor.answers(path) for path in ("/", "/review")}
                visitor.close()
        return found

    @contextmanager
    def _served(self, held: int, *, page: bool = True) -> Iterator[ServedPage]:
        """The page of a copy of the mirror, with so many actions held."""
        folder = self._world.fresh("page")
        state, calendar = self._briefing.mirror(self._count)
        port = self._world.post(self._count).port
        shutil.copytree(state, folder / "state")
        with house(folder / "state", port, calendar) as opened:
            opened.brief(DAY, NOW, sync=False, model=False)
            mails = list(opened.mirror.reads.received(NOW - _RECENT, NOW))[:held]
        _hold(folder / "state", mails, held)
        (folder / "butler.toml").write_text(_settings(port, calendar), encoding="utf-8")
        (folder / "butler.toml").chmod(0o600)
        with served_page(folder, page=page) as served:
            yield served


def _hold(state: Path, mails: list[Mail], count: int) -> None:
    """Hold a draft for each of so many mails, as a workflow proposes them."""
    truth = Truth.open(state / "butler.db")
    gate = Gate(truth.outbox, Policy(), lambda: NOW)
    with truth.outbox.transaction():
        for number in range(count):
            gate.propose(_answer(mails[number % len(mails)], number))
    truth.close()


def _answer(mail: Mail, number: int) -> Action:
    message = mail.message
    name, address = (message.sender.name, message.sender.address) if message.sender else ("", "tom@nordwind.example")
    words = letter(f"page-{number}", "Thank you for your message.\n\nYes, I will see to it.\n\nAnna").model_copy(
        update={
            "account": "bench",
            "to": (Person(name=name, address=address),),
            "subject": f"Re: {message.subject}",
            "quoted": f"{name} wrote:\n{message.text}",
            "in_reply_to": message.message_id,
            "references": (message.message_id,),
        }
    )
    reason = f"{name or address} waits for an answer."
    return Action(
        MailDraft(letter=words), reason, f"page-{number}", (mail.ref,), (Taint(mail.ref, address),), workflow="draft_reply"
    )


def _settings(port: int, calendar: Path) -> str:
    return (
        f'state_dir = "state"\n[owner]\nname = "Anna Berger"\naddresses = ["{USER}"]\ntimezone = "{ZONE}"\n'
        f'[mail.bench]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "{USER}"\npassword = "{PASSWORD}"\n'
        f'folders = {list(FOLDERS)}\n[calendar.bench]\npath = "{calendar}"\n'
    )


def _megabytes(served: ServedPage) -> float:
    """What its processes hold once all children have ended."""
    time.sleep(_SETTLED)
    pid = served.daemon.process.pid
    deadline = time.monotonic() + 60
    while len(family(pid)) > 1 and time.monotonic() < deadline:
        time.sleep(0.5)
    return statistics.median(sum(map(proportional, family(pid))) / 1e6 for _ in range(5))
