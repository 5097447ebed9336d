"""Real CalDAV servers for the tests: Radicale and Xandikos, each a process of its own on a free loopback port."""

from __future__ import annotations

import base64
import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from free_ports import free_port

USER = "anna"
PASSWORD = "correct-horse"

_CALENDAR = (
    '<?xml version="1.0"?><c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>'
    "<d:displayname>{title}</d:displayname></d:prop></d:set></c:mkcalendar>"
)

_ADDRESS_BOOK = (
    '<?xml version="1.0"?><d:mkcol xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><d:set><d:prop>'
    "<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype><d:displayname>{title}</d:displayname>"
    "</d:prop></d:set></d:mkcol>"
)


@dataclass
class DavServer:
    """One running server; `home` is the path below which the calendars of `USER` lie."""

    software: Literal["radicale", "xandikos"]
    base: Path
    home: str
    user: str = ""
    password: str = ""
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Send one request as the user and hand back status and body."""
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            every = {"Authorization": f"Basic {login}"} if self.user else {}
            connection.request(method, path, body.encode(), {**every, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def make_calendar(self, name: str, title: str = "") -> str:
        """Make a calendar and hand back its path."""
        path = f"{self.home}{name}/"
        status, body = self.request("MKCALENDAR", path, _CALENDAR.format(title=title or name), {"Content-Type": "text/xml"})
        assert status == 201, (status, body)
        return path

    @property
    def contacts(self) -> str:
        """The path below which the address books of `USER` lie."""
        return self.home if self.software == "radicale" else f"/{USER}/contacts/"

    def make_address_book(self, name: str, title: str = "") -> str:
        """Make an address book and hand back its path."""
        path = f"{self.contacts}{name}/"
        status, body = self.request("MKCOL", path, _ADDRESS_BOOK.format(title=title or name), {"Content-Type": "text/xml"})
        assert status == 201, (status, body)
        return path

    def put(self, path: str, content: str, kind: str = "text/calendar") -> None:
        """Store an object."""
        status, body = self.request("PUT", path, content, {"Content-Type": f"{kind}; charset=utf-8"})
        assert status in {200, 201, 204}, (status, body)

    def delete(self, path: str) -> None:
        """Delete an object or calendar."""
        status, body = self.request("DELETE", path)
        assert status in {200, 204}, (status, body)

    def start(self) -> DavServer:
        """Start it and wait until it answers; raises RuntimeError with what it wrote when it does not."""
        command = _radicale(self) if self.software == "radicale" else _xandikos(self)
        with (self.base / "out").open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, cwd=self.base, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.request("OPTIONS", "/")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise RuntimeError((self.base / "out").read_text(errors="replace"))

    def stop(self) -> None:
        """End it; nobody needs what it does at a gentle end, for which it takes up to a second."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _radicale(server: DavServer) -> list[str]:
    (server.base / "users").write_text(f"{USER}:{PASSWORD}\n")
    server.user, server.password = USER, PASSWORD
    return [
        *(sys.executable, "-m", "radicale", "--config", "", "--server-hosts", f"127.0.0.1:{server.port}"),
        *("--storage-filesystem-folder", str(server.base / "store"), "--auth-type", "htpasswd"),
        *("--auth-htpasswd-filename", str(server.base / "users"), "--auth-htpasswd-encryption", "plain"),
        *("--auth-delay", "0", "--web-type", "none"),
    ]


def _xandikos(server: DavServer) -> list[str]:
    store = server.base / "store"
    store.mkdir(exist_ok=True)
    return [
        *(sys.executable, "-m", "xandikos", "serve", "-d", str(store), "-l", "127.0.0.1", "-p", str(server.port)),
        *("--current-user-principal", f"/{USER}/", "--defaults"),
    ]


@contextmanager
def running(software: Literal["radicale", "xandikos"], base: Path) -> Iterator[DavServer]:
    """Run a server in a folder for the length of a block."""
    base.mkdir(parents=True, exist_ok=True)
    home = f"/{USER}/" if software == "radicale" else f"/{USER}/calendars/"
    server = DavServer(software, base, home)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def dav_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], DavServer]]:
    """Start each server once for a run, when first asked for by name."""
    with _Servers(tmp_path_factory) as servers:
        yield servers.get


class _Servers:
    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders
        self._running: dict[str, DavServer] = {}

    def __enter__(self) -> _Servers:
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._running.values():
            server.stop()

    def get(self, software: str) -> DavServer:
        """The server of a name, started now if it is not running."""
        if software not in self._running:
            chosen: Literal["radicale", "xandikos"] = "radicale" if software == "radicale" else "xandikos"
            home = f"/{USER}/" if chosen == "radicale" else f"/{USER}/calendars/"
            self._running[software] = DavServer(chosen, self._folders.mktemp(software), home).start()
        return self._running[software]
