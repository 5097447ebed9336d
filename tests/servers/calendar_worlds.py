"""Places that calendars are written to in tests: a CalDAV server or a folder, as others may change them beside the butler."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from dav_servers import DavServer

from butler.core.accounts import CalendarAccount


def event(uid: str, summary: str = "Meeting", start: str = "20261124T080000Z", end: str = "20261124T090000Z") -> str:
    """A calendar object with one event."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//butler//tests//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{start}\r\nDTEND:{end}\r\n"
        f"SUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


class World(Protocol):
    """One calendar named `work` in the account `family`, and what others do to it."""

    def account(self) -> CalendarAccount:
        """The account to write with."""
        ...

    def put(self, key: str, content: str) -> None:
        """Store an object."""
        ...

    def delete(self, key: str) -> None:
        """Delete an object."""
        ...

    def objects(self) -> dict[str, str]:
        """All objects that are there, by key."""
        ...


@dataclass
class OnServer:
    """A calendar on a real server; its account is for that calendar alone, and so its collection is `family`."""

    server: DavServer
    path: str
    port: int = 0

    def account(self) -> CalendarAccount:
        """The account to write with, over a proxy where `port` is one."""
        secret = self.server.password
        base = f"http://127.0.0.1:{self.port}" if self.port else self.server.url
        return CalendarAccount("family", url=base + self.path, user=self.server.user, password=lambda: secret, timeout=30)

    def put(self, key: str, content: str) -> None:
        """Store an object."""
        self.server.put(self.path + quote(key), content)

    def delete(self, key: str) -> None:
        """Delete an object."""
        self.server.delete(self.path + quote(key))

    def objects(self) -> dict[str, str]:
        """List them by PROPFIND and GET each."""
        status, body = self.server.request("PROPFIND", self.path, "", {"Depth": "1"})
        assert status == 207
        hrefs = [part.partition("<")[0] for part in body.decode().replace("ns0:", "").replace("D:", "").split("href>")[1::2]]
        keys = [href.rpartition("/")[2] for href in hrefs if href.endswith(".ics")]
        return {key: self.server.request("GET", self.path + key)[1].decode() for key in keys}


@dataclass
class InFolder:
    """A folder of .ics files."""

    folder: Path

    def account(self) -> CalendarAccount:
        """The account to write with."""
        return CalendarAccount("family", path=self.folder)

    def put(self, key: str, content: str) -> None:
        """Store a file."""
        (self.folder / key).write_bytes(content.encode())

    def delete(self, key: str) -> None:
        """Delete a file."""
        (self.folder / key).unlink()

    def objects(self) -> dict[str, str]:
        """All files, hidden ones too."""
        return {file.name: file.read_bytes().decode() for file in self.folder.iterdir()}
