"""The page of a folder, served by the real daemon on the sample's own morning."""

from __future__ import annotations

import datetime as dt
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dated_butler
from butler_process import environment
from daemon_process import QUIET, DaemonProcess
from free_ports import free_port

from butler.store.truth import Truth

MORNING = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
"""Seven in the morning in Berlin: when the sample's owner looks at their page."""


@dataclass
class ServedPage:
    """A daemon over a folder with a butler.toml, whose page is served while the block lasts; its clock began at `MORNING`."""

    folder: Path
    port: int
    ahead: float = field(default_factory=lambda: MORNING.timestamp() - time.time())
    daemon: DaemonProcess = field(init=False)

    @property
    def url(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def now(self) -> dt.datetime:
        """The time that it knows."""
        return dt.datetime.fromtimestamp(time.time() + self.ahead, dt.UTC)

    def start(self) -> None:
        """Start the daemon and wait until its page answers."""
        argv = (*dated_butler.argv(self.ahead), "--config", str(self.folder / "butler.toml"), "run")
        self.daemon = DaemonProcess(self.folder, argv, environ=environment(self.folder))
        self.daemon.ready()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the daemon."""
        self.daemon.end(number)
        self.daemon.__exit__()

    @contextmanager
    def books(self) -> Iterator[Truth]:
        """The butler's own database, beside the daemon."""
        truth = Truth.open(self.daemon.state / "butler.db")
        try:
            yield truth
        finally:
            truth.close()

    def link(self) -> str:
        """A link that lets one browser in, as `butler web` prints it."""
        with self.books() as truth:
            return f"{self.url}/login?key={truth.access.new_link(self.now)}"


def page_settings(port: int | None) -> str:
    """What the settings say of the page, and that nothing happens by itself."""
    web = "" if port is None else f"[web]\nport = {port}\n"
    return f"\n{web}{QUIET}\n"


@contextmanager
def served_page(folder: Path, *, page: bool = True) -> Iterator[ServedPage]:
    """Serve the page of a folder whose butler.toml lacks but the page; without `page` there is the daemon alone."""
    served = ServedPage(folder, free_port())
    with (folder / "butler.toml").open("a", encoding="utf-8") as settings:
        settings.write(page_settings(served.port if page else None))
    served.start()
    try:
        yield served
    finally:
        served.stop()
