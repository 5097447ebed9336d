"""Tells systemd how the daemon is: one datagram to `$NOTIFY_SOCKET`, nothing where there is none."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress

from butler.settings import PREFIX

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""What is meant for the daemon alone, and kept from its children."""


class Systemd:
    """Speaks the protocol of sd_notify(3) as far as a daemon needs it."""

    def __init__(self, environ: Mapping[str, str], pid: int) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        wanted = environ.get("WATCHDOG_USEC", "")
        is_meant = environ.get("WATCHDOG_PID", "") in {"", str(pid)}
        self.watchdog = int(wanted) / 1e6 if wanted.isascii() and wanted.isdigit() and is_meant else 0.0
        """Seconds within which systemd wants to hear of us; 0: it does not."""

    def ready(self) -> None:
        """Say that the daemon serves, after its start or after a reload."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Say that the settings are read anew; `ready` has to follow."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={microseconds}")

    def stopping(self) -> None:
        """Say that the daemon is about to end."""
        self._tell("STOPPING=1")

    def status(self, sentence: str) -> None:
        """Say in words what the daemon does."""
        self._tell(f"STATUS={sentence}".replace("\n", " "))

    def alive(self) -> None:
        """Say that all is well."""
        self._tell("WATCHDOG=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
            out.sendto(message.encode("utf-8", "replace"), self._address)


def without(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child, which is handed its settings in another way."""
    return {name: value for name, value in environ.items() if name not in VARIABLES and not name.upper().startswith(PREFIX)}


def own() -> Systemd:
    """Whoever started this process, as its environment says."""
    return Systemd(os.environ, os.getpid())
