"""The real daemon with tiny children, and a watcher over a spool folder: each file there is something that arrived.

python tiny_daemon.py FOLDER [--block SECONDS]   (the loop is blocked for so long after two seconds)
"""

import asyncio
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from butler.cli.arguments import read
from butler.cli.run import serve
from butler.core.errors import ButlerError
from butler.core.requests import Priority, Request
from butler.remote.workers import Workers
from butler.settings import Settings

LOOPS: list[asyncio.AbstractEventLoop] = []


def wanted(name: str) -> Request:
    """What is asked for by a file's name: a batch, a run that asks the model, or just a run."""
    if name.startswith("batch"):
        return Request("batch", "file:spool", Priority.BACKLOG, name)
    return Request("arrival", "file:spool", Priority.TRIGGER, name, "arrival", name, model=name.startswith("model"))


class Spool:
    """Reports each file of a folder once in its life; it stays, so that a life later it is reported again."""

    name = "spool"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, report: Callable[[Request], None]) -> None:
        self._thread = threading.Thread(target=self._watch, args=(report,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()

    def alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not (self._folder / "dead").exists()

    def _watch(self, report: Callable[[Request], None]) -> None:
        known: set[str] = set()
        while not self._over.wait(0.02):
            for file in sorted(self._folder.glob("*.in")):
                if file.name not in known:
                    known.add(file.name)
                    report(wanted(file.stem))


def main() -> int:
    folder = Path(sys.argv[1])
    options = read(["--config", str(folder / "butler.toml"), "run"])

    def build(_settings: Settings, _workers: Workers) -> list[Spool]:
        if "--block" in sys.argv:
            LOOPS[-1].call_soon_threadsafe(LOOPS[-1].call_later, 2.0, time.sleep, float(sys.argv[-1]))
        return [Spool(folder)]

    try:
        return serve(options, (sys.executable, str(Path(__file__).with_name("tiny_child.py"))), build)
    except ButlerError as error:
        sys.stderr.write(f"butler: {error}\n")
        return error.exit_code


class _Policy(asyncio.DefaultEventLoopPolicy):
    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        LOOPS.append(super().new_event_loop())
        return LOOPS[-1]


if __name__ == "__main__":
    asyncio.set_event_loop_policy(_Policy())
    sys.exit(main())
