"""Writes to the calendars of a CalDAV server: PUT and DELETE on condition of the ETag, nothing else that changes anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from butler.core.accounts import CalendarAccount
from butler.core.dialing import Dial
from butler.core.errors import EffectError, SourceError
from tools.calendar.caldav import CalDavSource
from tools.calendar.hands import Present
from tools.calendar.writefaults import refused_write, unreached
from tools.dav.connection import Refused, Resource, failures
from tools.dav.faults import Answered
from tools.dav.source import version_of

_NO_ETAG = "sha-"
_TYPE = {"Content-Type": "text/calendar; charset=utf-8"}


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DavShelf:
    """The calendars of one CalDAV account; `now` is only asked where a server names an hour at which to come again."""

    def __init__(self, account: CalendarAccount, now: Callable[[], datetime] = _utc_now, *, dial: Dial | None = None) -> None:
        self._account = account
        self._source = CalDavSource(account, dial)
        self._now = now

    def find(self, calendar: str, key: str, uid: str) -> Present | None:
        """Fetch an object with its ETag, in one answer, as the sync does; where it is new, also under another name."""
        folder = self._source.path(calendar).rstrip("/") + "/"
        found = self._at(folder, key)
        if found is None and uid:
            found = next(iter(self._about(folder, uid)), None)
        return found

    def put(self, calendar: str, key: str, text: str, version: str) -> str:
        """Store an object by PUT with If-Match, or If-None-Match where it is new."""
        condition = {"If-None-Match": "*"} if not version else {"If-Match": "*" if version.startswith(_NO_ETAG) else version}
        return self._send("PUT", calendar, key, text, {**_TYPE, **condition})

    def delete(self, calendar: str, key: str, version: str) -> str:
        """Take an object out by DELETE with If-Match."""
        return self._send("DELETE", calendar, key, "", {} if version.startswith(_NO_ETAG) else {"If-Match": version})

    def place(self, calendar: str, key: str) -> str:
        """The object's address, as far as it is known."""
        return f"{calendar}/{key}"

    def close(self) -> None:
        """End the connection."""
        self._source.close()

    def _at(self, folder: str, key: str) -> Present | None:
        try:
            found = self._source.server.contents(folder, [Resource(folder + key)])
        except Refused as error:
            raise SourceError("The calendar server does not hand the event over.") from error
        here = [each for each in found if not each.missing and each.content is not None and each.path == folder + key]
        return _present(folder, here[0]) if here else None

    def _about(self, folder: str, uid: str) -> list[Present]:
        """Objects of a calendar with exactly this UID; none where the server cannot look for one."""
        try:
            found = self._source.server.about(folder, uid)
        except Refused:
            return []
        present = [_present(folder, each) for each in found if each.path.startswith(folder)]
        return [each for each in present if uid in _uids(each.text)]

    def _send(self, method: str, calendar: str, key: str, body: str, headers: dict[str, str]) -> str:
        host = urlsplit(self._account.url).hostname or ""
        if not key or {"", ".", ".."} & set(key.split("/")):
            # Never a request to the calendar itself, which a DELETE would take away whole.
            raise EffectError(f"{key!r} is no name of an object in a calendar.", permanent=True)
        try:
            path = self._source.path(calendar).rstrip("/") + "/" + key
        except SourceError as error:
            raise unreached(error) from error
        try:
            answer = self._source.server.send(method, path, body, headers)
        except SourceError as error:
            raise unreached(error, uncertain=True) from error
        except Answered as answered:
            raise refused_write(answered, host, self._account.name, now=self._now()) from answered
        except failures() as error:
            self._source.close()
            raise refused_write(error, host, self._account.name, now=self._now()) from error
        if answer.status == 401 or not 200 <= answer.status < 300:
            raise EffectError(f"The calendar server {host} answered with HTTP {answer.status}.", uncertain=True)
        etag = str(answer.headers.get("ETag", ""))[:200]
        return f"HTTP {answer.status}" + (f", ETag {etag}" if etag else "")


def _present(folder: str, resource: Resource) -> Present:
    return Present(resource.path.removeprefix(folder), version_of(resource), resource.content or "")


def _uids(text: str) -> set[str]:
    unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    return {line[4:].strip() for line in unfolded.split("\n") if line.startswith("UID:")}
