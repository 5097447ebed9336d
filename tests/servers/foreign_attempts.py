"""What a guest may not do, tried one by one from inside; each attempt tells how it ended."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_LEFT = """
import os, signal, sys, time
for name in ("SIGHUP", "SIGTERM", "SIGINT"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
os.setsid()
if os.fork():
    os._exit(0)
os.setsid()
between = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == between:
    time.sleep(0.01)
os.write(1, b"left")
time.sleep(600)
"""


def attempt(wanted: Mapping[str, Any]) -> dict[str, str]:
    """Try each thing that is named, with what it is about."""
    return {name: _ended(_TRIES[name], about) for name, about in wanted.items()}


def _ended(try_it: Callable[[Any], str], about: Any) -> str:
    try:
        return f"done: {try_it(about)}"
    except (OSError, subprocess.SubprocessError) as error:
        return f"{type(error).__name__}"


def _read(path: str) -> str:
    return Path(path).read_bytes()[:40].decode("utf-8", "replace")


def _list(path: str) -> str:
    return ",".join(sorted(os.listdir(path))[:3])  # noqa: PTH208 - as plain as it can be tried


def _write(path: str) -> str:
    Path(path).write_text("x")
    return path


def _connect(address: list[Any]) -> str:
    host, port = address
    with socket.create_connection((host, port), 3) as connection:
        return str(connection.getpeername())


def _datagram(address: list[Any]) -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        return str(wire.sendto(b"x", (address[0], address[1])))


def _unix(path: str) -> str:
    with socket.socket(socket.AF_UNIX) as wire:
        wire.connect(path)
    return path


def _proxied(address: list[Any]) -> str:
    host, port = address
    place = os.environ["HTTPS_PROXY"].removeprefix("http://").split(":")
    with socket.create_connection((place[0], int(place[1])), 5) as wire:
        wire.sendall(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = wire.recv(1_000).decode()
        if " 200 " not in head:
            return head.splitlines()[0]
        wire.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return f"{head.splitlines()[0]} then {wire.recv(1_000)[:40]!r}"


def _signal(number: int) -> str:
    os.kill(number, signal.SIGUSR1)
    return str(number)


def _trace(number: int) -> str:
    library = ctypes.CDLL(None, use_errno=True)
    if library.ptrace(16, number, 0, 0):
        raise OSError(ctypes.get_errno(), "ptrace")
    return str(number)


def _leave(_about: Any) -> str:
    mark = f"case={sys._xoptions.get('case', '')}"
    with subprocess.Popen([sys.executable, "-X", mark, "-c", _LEFT], stdout=subprocess.PIPE) as leaving:
        assert leaving.stdout
        # Said when all are over that led to it.
        return leaving.stdout.read(4).decode()


def _run(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()[:60]


def _chmod(path: str) -> str:
    os.chmod(path, 0o644)  # noqa: PTH101 - as plain as it can be tried
    return path


def _environment(_about: Any) -> str:
    return " ".join(sorted(os.environ))


def _unshare(_about: Any) -> str:
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(0x10000000):
        raise OSError(ctypes.get_errno(), "unshare")
    return "apart"


_TRIES: Mapping[str, Callable[[Any], str]] = {
    "read": _read,
    "list": _list,
    "write": _write,
    "connect": _connect,
    "datagram": _datagram,
    "unix": _unix,
    "proxied": _proxied,
    "signal": _signal,
    "trace": _trace,
    "leave": _leave,
    "run": _run,
    "chmod": _chmod,
    "environment": _environment,
    "unshare": _unshare,
}
