"""`butler demo --serve`: the sample household on its page, served by a daemon of its own until the user ends it."""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from butler.cli import beyond, output
from butler.core.accounts import ModelHost
from butler.core.errors import StateError
from butler.daemon.commands import program
from butler.settings.jobs import SHIPPED
from butler.store.truth import Truth

PORT = 8787
_TRIES = 20
_PATIENCE = 20.0
_GRACE = 6.0


def settings_of(port: int, model: ModelHost | None) -> str:
    """What the sample's settings say beside its sources: the page, the model if any, and that nothing happens by itself."""
    # No copy of a model stays on its server for a sample that is thrown away.
    said = {"url": model.url, "name": model.name, "api": model.api, "alias": False} if model else {"enabled": False}
    named = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
    still = "".join(f"[jobs.{name}]\nenabled = false\n" for name in SHIPPED)
    return f"[web]\nport = {port}\n[model]\n{named}{still}"


def port_of(wanted: int | None) -> int:
    """The port that is wanted, else the first free one from 8787 on; raises StateError."""
    for port in [wanted] if wanted else range(PORT, PORT + _TRIES):
        with socket.socket() as there, suppress(OSError):
            there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            there.bind(("127.0.0.1", port))
            return port
    raise StateError(f"Port {wanted or PORT} is taken.", advice="Name another one with --port.")


def serve(options: argparse.Namespace, config: Path, state: Path, port: int) -> int:
    """Serve the page until Ctrl-C; `options.folder` says whether the sample is to stay."""
    daemon = subprocess.Popen([*program(), "--config", str(config), "--quiet", "run"], start_new_session=True)
    try:
        _await(daemon, state)
        output.show(f"http://127.0.0.1:{port}/login?key={_key(state)}")
        output.say(options, "That is the sample's page; the link lets one browser in. Ctrl-C ends it.")
        return daemon.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        _end(daemon)
        if options.folder is None:
            shutil.rmtree(config.parent, ignore_errors=True)
        else:
            output.say(options, f"The sample stays in {config.parent}.")


def _key(state: Path) -> str:
    truth = Truth.open(state / "butler.db")
    try:
        return truth.access.new_link(datetime.now(UTC))
    finally:
        truth.close()


def _await(daemon: subprocess.Popen[bytes], state: Path) -> None:
    """Wait until the daemon answers; raises StateError when it ends instead, having said why."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and daemon.poll() is None:
        if beyond.ask(state, ask="status") is not None:
            return
        time.sleep(0.1)
    raise StateError("The daemon of the sample does not start.", advice="What it said stands above.")


def _end(daemon: subprocess.Popen[bytes]) -> None:
    daemon.terminate()
    try:
        daemon.wait(_GRACE)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()
