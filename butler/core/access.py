"""Who may use the page: how long a session lasts, how tries of a passphrase are slowed down, which addresses are ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Way = Literal["link", "passphrase"]

LINK_LASTS = timedelta(minutes=5)
LEAST_PASSPHRASE = 12
MOST_PASSPHRASE = 1000
"""Characters of a passphrase."""
LONGEST_SESSION = timedelta(days=365)
"""No session lasts longer, whatever is set."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

_FREE_TRIES = 5
_FIRST_PAUSE = 30
_LONGEST_PAUSE = 3600
_FORGIVEN = timedelta(days=1)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entrance:
    """How the page is reached: by which names beside those of this machine, under which public address, and for how long.

    A session ends `idle` after it was last used, and `longest` after it began.
    """

    hosts: frozenset[str] = frozenset()
    url: str = ""
    idle: timedelta = timedelta(days=30)
    longest: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in: since when, when last seen, how they came in, and with which browser."""

    id: int
    began: datetime
    seen: datetime
    way: Way
    browser: str

    def is_over(self, now: datetime, entrance: Entrance) -> bool:
        """Whether its time went by."""
        return now - self.seen >= entrance.idle or now - self.began >= entrance.longest


@dataclass(frozen=True, slots=True)
class Tries:
    """Passphrases that were wrong in a row, and when the last one was."""

    wrong: int = 0
    last: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """How long nothing is tried: not at all for the first few, then twice as long each time, up to an hour."""
        if self.last is None or self.wrong < _FREE_TRIES or now < self.last:
            # A clock that was set back must not keep its owner out for years.
            return timedelta()
        pause = min(_FIRST_PAUSE * 2 ** min(self.wrong - _FREE_TRIES, 20), _LONGEST_PAUSE)
        return max(self.last + timedelta(seconds=pause) - now, timedelta())

    def another(self, now: datetime) -> Tries:
        """With one more; after a day without any they are forgotten."""
        is_long_ago = self.last is not None and now - self.last >= _FORGIVEN
        return Tries(1 if is_long_ago else self.wrong + 1, now)


def browser_of(agent: str) -> str:
    """Name a browser and its system in short, as far as the words that it sends are known."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " on ".join(part for part in (browser or "Some browser", system) if part)


def split_host(host: str) -> tuple[str, str]:
    """Split what a Host header says into name, without brackets and in lower case, and port; both empty where it says none."""
    match = _HOST.fullmatch(host.lower())
    return (match.group(1).strip("[]").rstrip("."), match.group(2) or "") if match else ("", "")
