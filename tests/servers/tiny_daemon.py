"""The real daemon with tiny children, and a watcher over a spool folder: each file there is something that arrived.

python tiny_daemon.py FOLDER [--block]   (the loop is blocked as long as there is a file `block`; then there is one `blocked`)
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


def block(folder: Path, loop: asyncio.AbstractEventLoop) -> None:
    """Block the loop as soon as that is wanted, once."""

    def blocked() -> None:
        (folder / "blocked").touch()
        while (folder / "block").exists():
            time.sleep(0.02)

    while not (folder / "block").exists():
        time.sleep(0.02)
    loop.call_soon_threadsafe(blocked)


def main() -> int:
    folder = Path(sys.argv[1])
    options = read(["--config", str(folder / "butler.toml"), "run"])

    def build(_settings: Settings, _workers: Workers) -> list[Spool]:
        if "--block" in sys.argv:
            threading.Thread(target=block, args=(folder, LOOPS[-1]), daemon=True).start()
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
