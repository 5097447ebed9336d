"""A browser for tests of pages: the application in this process, over a state folder, with somebody logged in or nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from httpx2 import Response
from starlette.testclient import TestClient

from butler import __version__
from butler.core.access import Entrance
from butler.core.owner import Owner
from butler.core.policy import Policy
from butler.core.requests import Request
from butler.web.app import application
from butler.web.books import Books, House, Reading
from butler.web.guard import csrf_of
from butler.web.hooks import Hooks
from butler.web.sent import Hook

ADDRESS = "http://127.0.0.1:8026"
_PAGE = "text/html,application/xhtml+xml"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
OWNER = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))


IDLE: Mapping[str, Any] = {
    "version": __version__,
    "pid": 4711,
    "since": "2026-11-24T05:00:00+00:00",
    "sentence": "Idle.",
    "running": None,
    "waiting": [],
    "next": None,
    "carrying_out": False,
    "stopped": None,
    "gone": {},
    "watchers": [],
    "dead": [],
    "problems": [],
    "sandbox": "enforced",
}
"""How a daemon stands that has nothing to do: what `butler status --json` tells of it."""


class DaemonHere:
    """Keeps what pages ask of the daemon. `answers` are the documents of commands, by their first word."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Mapping[str, Any]] = {}
        self.running: dict[str, Any] = {}
        self.current = ""
        self.answers_with: Callable[[int], None] | None = None
        self.being_answered: frozenset[int] = frozenset()

    def status(self) -> Mapping[str, Any]:
        return {**IDLE, **self.running}

    async def run_id(self) -> str:
        return self.current

    async def answer(self, turn: int, patience: float) -> None:
        self.asked.append(("answer", turn))
        if self.answers_with is not None:
            self.answers_with(turn)

    async def answering(self) -> frozenset[int]:
        return self.being_answered

    def give_up(self, turns: Sequence[int]) -> None:
        self.asked.append(("give up", list(turns)))

    def look(self) -> None:
        self.asked.append(("look", None))

    def add(self, request: Request) -> None:
        self.asked.append(("add", request))

    async def cancel(self, run: str) -> None:
        self.asked.append(("cancel", run))

    async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
        self.asked.append(("ask", (*command, given) if given else tuple(command)))
        return self.answers.get(command[0], {})


class PageClient(TestClient):
    """Asks as a browser does; `fill` sends a form of the page, with its token and from its own address."""

    csrf = ""

    def fill(self, path: str, form: Mapping[str, str | Sequence[str]] | None = None, **fields: str) -> Response:
        """Send a form, and do not follow where its answer leads."""
        sent = {"csrf": self.csrf, **(form or {}), **fields}
        return self.post(path, data=sent, headers={"Origin": str(self.base_url)}, follow_redirects=False)

    def log_in(self, state: Path, now: dt.datetime) -> None:
        """Log in by a link that is made in the state folder's database."""
        from butler.store.truth import Truth

        truth = Truth.open(state / "butler.db")
        try:
            key = truth.access.new_link(now)
        finally:
            truth.close()
        assert self.fill("/login", key=key).status_code == 303
        self.csrf = csrf_of(next(iter(self.cookies.values())))


@contextmanager
def page_client(
    state: Path,
    *,
    clock: Callable[[], dt.datetime] = lambda: dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC),
    house: House | None = None,
    daemon: DaemonHere | None = None,
    entrance: Entrance | None = None,
    address: str = ADDRESS,
    logged_in: bool = True,
    raises: bool = True,
) -> Iterator[PageClient]:
    """The page over a state folder; `raises` lets what a page raises reach the test instead of being answered with 500."""
    house = house or House(OWNER, state, Policy(own=OWNER.addresses, zone=OWNER.zone))
    reading = Reading(Books(house, clock))
    entrance = entrance or Entrance()

    async def arrive(_request: Request) -> None:
        return

    async def numbers() -> Mapping[str, float]:
        return {"butler_alive": 1}

    hooks = Hooks({"garden": Hook("water", "sesame")}, arrive, list, numbers)
    app = application(reading, daemon or DaemonHere(), hooks, entrance, by="anna")
    headers = {"Accept": _PAGE, "User-Agent": FIREFOX}
    sender = ("127.0.0.1", 50_000)
    with PageClient(app, address, raises, headers=headers, follow_redirects=True, client=sender) as client:
        if logged_in:
            client.log_in(state, clock())
        yield client
        app.state.live.close()
        assert client.portal
        client.portal.call(reading.close)
