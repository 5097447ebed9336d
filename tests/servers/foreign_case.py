"""Servers of the owner's choice as the tests set them: the small one of the tests, honest or not, in folders of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from butler.core.foreign import ForeignServer
from butler.dialing import StateLedger
from butler.guests.guests import Guests
from butler.sandbox.worker import Forkserver
from butler.store.truth import Truth

SERVERS = Path(__file__).parent


class Case:
    """A folder with the butler's state, what is private beside it, and what the server may write to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state, self.out, self.home = folder / "state", folder / "out", folder / "home"
        for each in (self.state, self.out, self.home):
            each.mkdir(mode=0o700)
        (self.home / "butler.toml").write_text("password = 'canary'")
        self.truth = Truth.open(self.state / "butler.db")
        # Stands in the command line of its guests and of what they leave behind: other tests have guests at the same time.
        self._mark = f"case={folder}"

    def server(self, mode: str = "honest", **more: Any) -> ForeignServer:
        """A server in a mode."""
        made = ForeignServer(
            "helper",
            (sys.executable, "-P", "-X", self._mark, str(SERVERS / "foreign_server.py"), mode),
            folders=(SERVERS,),
            writable=(self.out,),
            reads=frozenset({"echo", "attempt"}),
            variables={"OUT": str(self.out), "PYTHONPATH": str(SERVERS)},
            seconds=20.0,
            without=self.home,
        )
        return replace(made, **more)

    @contextmanager
    def guests(self, server: ForeignServer, *loaded: str) -> Iterator[Guests]:
        """It, with modules loaded into the process that its jail comes from."""
        ledger = StateLedger(self.state / "butler.db")
        with Forkserver(folders=(str(SERVERS),)) as forkserver:
            if loaded:
                forkserver.start()
                forkserver.preload(loaded)
            found = Guests([server], lambda: forkserver, ledger, lambda: self.truth.foreign, now, self.state)
            try:
                yield found
            finally:
                found.close()
                ledger.close()

    def attempt(self, guests: Guests, wanted: Mapping[str, Any]) -> dict[str, str]:
        """Have the guest try what it may not do."""
        found: dict[str, str] = json.loads(guests.read("helper.attempt", {"text": json.dumps(wanted)}))
        return found

    def left_behind(self) -> list[str]:
        """The processes that are guests of it, or were left behind by them: a line each, which begins with the number."""
        lines = subprocess.run(["ps", "-eww", "-o", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
        return [line for line in lines if f" {self._mark} " in line]


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)
