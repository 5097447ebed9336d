"""`butler run`: the daemon."""

from __future__ import annotations

import argparse
import asyncio
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from butler import logs
from butler.backup import TRUTH
from butler.cli import opening, output
from butler.core.errors import SettingsError
from butler.daemon.commands import program
from butler.daemon.pidfile import PidFile
from butler.daemon.systemd import own, without
from butler.daemon.whole import Daemon, Start
from butler.dialing import Ledger, StateLedger
from butler.mending import is_damaged, mend
from butler.remote.notices import Post
from butler.remote.workers import Workers
from butler.sandbox.worker import Forkserver
from butler.settings import Loaded, Places, Settings, read
from butler.settings.fields import Path_
from butler.settings.secrets import written_out
from butler.store.database import DamagedError
from butler.store.state import state_folder
from butler.toolbox import targets
from butler.watch import Watcher
from butler.watch.build import watchers

Build = Callable[[Settings, Workers], Sequence[Watcher]]
"""Makes watchers as the settings ask for them; those that listen at sources do so by workers."""

_LARGE = 32_000_000
"""Bytes of a database that is looked through in the background, too: the start waits for a part of it only."""
_PAUSE = 0.2
_LAST = 4.0
"""Seconds after the end was asked for when the process ends whatever still goes on in it."""


def run(options: argparse.Namespace) -> int:
    """Serve until a signal comes."""
    return serve(options, program(), partial(watchers, clock=_wall_clock))


def serve(options: argparse.Namespace, child: Sequence[str], build: Build) -> int:
    """Serve with children that are started in a certain way, and with the watchers that are built from the settings."""
    environ = dict(os.environ)
    overrides: dict[Path_, Any] = {("state_dir",): str(options.state_dir)} if options.state_dir else {}
    places = Places(environ, overrides, options.config, options.env_file, Path.cwd())
    logs.prepare(options.verbose)
    loaded = opening.read_settings(options)
    redaction = logs.prepare(options.verbose, secrets=written_out(loaded.settings))
    if loaded.problems:
        raise SettingsError(loaded.problems)
    if not loaded.settings.accounts():
        output.say(options, "There is nothing to read yet: no mail account, calendar or notes folder is set.")
    state = state_folder(loaded.settings.state_dir)
    with PidFile(state), Forkserver() as forkserver, closing(StateLedger(state / TRUTH, _wall_clock)) as ledger:
        _mend(loaded.settings)
        watch = partial(_watch, build, forkserver, ledger)
        again = partial(_again, places, redaction)
        post = Post(lambda: forkserver, ledger, degraded=loaded.settings.sandbox == "degraded")
        start = Start(loaded, again, without(environ), child, own(), _wall_clock, watch, forkserver, post, _end_in_time)
        asyncio.run(_serve(start))
    return 0


def _watch(build: Build, forkserver: Forkserver, ledger: Ledger, settings: Settings) -> Sequence[Watcher]:
    own = settings.workflows.code().places("tools")
    found = targets(own) if own else {}
    return build(settings, Workers(lambda: forkserver, ledger, found, degraded=settings.sandbox == "degraded"))


def _mend(settings: Settings) -> None:
    """Begin with a sound database, or with that of the last backup."""
    kept = settings.retention
    mend(settings.state_dir, kept.folder or settings.state_dir / "backups", _wall_clock, lambda: time.sleep(_PAUSE))


def _wall_clock() -> datetime:
    return datetime.now(UTC)


def _again(places: Places, redaction: logs.Redaction) -> Loaded:
    """Read the settings anew; those that are not taken hold passwords, too."""
    loaded = read(places)
    redaction.hide(written_out(loaded.settings))
    return loaded


async def _serve(start: Start) -> None:
    daemon, loop = Daemon(start), asyncio.get_running_loop()
    path = start.loaded.settings.state_dir / TRUTH
    found = threading.Event()

    def look_through() -> None:
        if is_damaged(path):
            found.set()
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(daemon.stop)

    if path.exists() and path.stat().st_size > _LARGE:
        threading.Thread(target=look_through, name="look through the state", daemon=True).start()
    await daemon.run()
    if found.is_set():
        raise DamagedError(f"{path} is damaged.", advice="At the next start its latest backup takes its place.")


def _end_in_time() -> None:
    """Make sure of the end, even where a thread does not."""
    timer = threading.Timer(_LAST, os._exit, (0,))
    timer.daemon = True
    timer.start()
