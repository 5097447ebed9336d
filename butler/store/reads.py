"""What a workflow may read of the mirror; each read touches what it returns, whatever the size of the mirror."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from butler.core.calendar import CalendarPlace, Occurrence, Placed, PlacedTask, StoredObject, Task
from butler.core.contacts import PlacedContact
from butler.core.errors import UnknownRefError
from butler.core.globs import is_like
from butler.core.mail import Mail, MailPlace
from butler.core.notes import PlacedNote
from butler.core.plain import from_plain
from butler.core.prepared import read_envelope
from butler.core.queries import Found, Query, plain_query, read_query
from butler.core.refs import event_ref, file_ref, mail_ref, parse_ref, task_ref
from butler.store.addressbook import ContactReads
from butler.store.database import Database, Row
from butler.store.match import words_of
from butler.store.search import Near, NearTo, Search
from butler.store.sql import statements

Shown = Mail | Placed | PlacedTask | PlacedNote | PlacedContact

SCHEDULES = "schedules"
"""The role of a calendar whose server sends invitations and answers by itself (RFC 6638)."""

_UTC = ZoneInfo("UTC")


def now() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


_read_occurrence = from_plain(Occurrence)
_read_task = from_plain(Task)


class MirrorReads(ContactReads):
    """Reads mails, occurrences, tasks, notes and contacts; implements `butler.core.context.Reads`."""

    def __init__(self, database: Database, zone: ZoneInfo = _UTC, clock: Callable[[], datetime] = now) -> None:
        super().__init__(database)
        self._database = database
        self._zone = zone
        self._clock = clock
        self._sql = statements("reads")
        self._near_to: NearTo = _nothing_near

    def joined(self, near_to: NearTo) -> MirrorReads:
        """The same reads, of which searches find also by meaning: `near_to` tells what is near to a query."""
        found = MirrorReads(self._database, self._zone, self._clock)
        found._near_to = near_to
        return found

    def received(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Find mails by others in a window, newest first, without Junk, Trash and Drafts."""
        return self._mails(self._ids("received", (_seconds(since), _seconds(until))))

    def sent(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Find mails by the owner in a window, newest first, without Drafts."""
        return self._mails(self._ids("sent", (_seconds(since), _seconds(until))))

    def mail(self, ref: str) -> Mail:
        """Find one mail; raises UnknownRefError."""
        parsed = parse_ref(ref)
        ids = self._ids("mail_by_identity", (parsed.key, parsed.place)) if parsed.kind == "mail" else []
        if not ids:
            raise _unknown(ref)
        return self._mails(ids)[0]

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        """Find the mails of each thread, drafts left out, oldest first."""
        found: dict[int, list[Mail]] = {thread: [] for thread in threads}
        for mail in self._mails(self._ids("in_threads", (json.dumps(sorted(found)),))):
            found[mail.thread].append(mail)
        return found

    def exchanged(self, addresses: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Count for each address the mails had from it and sent to it."""
        asked = json.dumps(sorted({address.lower() for address in addresses}))
        had: dict[str, int] = dict(self._database.rows(self._sql["had_from"], (asked,)))
        sent: dict[str, int] = dict(self._database.rows(self._sql["sent_to"], (asked,)))
        return {each: (had.get(each.lower(), 0), sent.get(each.lower(), 0)) for each in addresses}

    def occurrences(self, start: datetime, end: datetime) -> Sequence[Placed]:
        """Find the occurrences that overlap a window, cancelled ones included, by start."""
        return [_placed(row) for row in self._database.rows(self._sql["occurrences"], (_seconds(start), _seconds(end)))]

    def tasks(self) -> Sequence[PlacedTask]:
        """Find the open tasks, by due date."""
        return [_placed_task(row) for row in self._database.rows(self._sql["open_tasks"])]

    def notes(self, modified_since: datetime) -> Sequence[PlacedNote]:
        """Find the notes changed since, newest first."""
        return [_placed_note(row) for row in self._database.rows(self._sql["notes"], (_seconds(modified_since),))]

    def files(self, root: str, pattern: str, limit: int) -> Sequence[PlacedNote]:
        """Find the notes and documents of roots whose path matches a glob, newest first; `root` may be a glob, too."""
        # SQLite's `*` goes over folders: what it lets through is looked at once more.
        rows = self._database.rows(self._sql["file_keys"], (root, pattern.replace("**/", "*")))
        wanted = json.dumps([number for number, key in rows if is_like(key, pattern)][:limit])
        return [_placed_note(row) for row in self._database.rows(self._sql["files"], (wanted,))]

    def letters_to(self, addresses: Sequence[str], limit: int) -> Sequence[Mail]:
        """Find the owner's latest mails to any of some addresses, newest first."""
        asked = json.dumps(sorted({address.lower() for address in addresses}))
        return self._mails(self._ids("letters_to", (asked, limit)))

    def letters_from(self, address: str, limit: int) -> Sequence[Mail]:
        """Find the latest mails from an address, newest first."""
        return self._mails(self._ids("letters_from", (address.lower(), limit)))

    def notes_about(self, words: Sequence[str], limit: int) -> Sequence[PlacedNote]:
        """Find the notes that hold any of some words, best first."""
        asked = words_of(words, "note")
        return [_placed_note(row) for row in self._database.rows(self._sql["notes_about"], (asked, limit))] if asked else []

    def search(self, query: str, limit: int) -> Sequence[Found]:
        """Find what a query asks for, best first; what holds only some of its words follows."""
        asked = read_query(query, self._clock().astimezone(self._zone).date(), self._zone)
        return self._found(asked, limit)

    def search_near(self, query: str, limit: int, near: Near) -> Sequence[Found]:
        """Find what a query asks for, by its words and by its meaning, best first."""
        return self.joined(lambda _: near).search(query, limit)

    def search_any(self, words: Sequence[str], limit: int) -> Sequence[Found]:
        """Find what holds all, or else some, of some words, best first."""
        return self._found(plain_query(words), limit)

    def places(self, ref: str) -> Sequence[MailPlace]:
        """Find where a mail lies now, the best place first; empty when nowhere."""
        parsed = parse_ref(ref)
        rows = self._database.rows(self._sql["places"], (parsed.key, parsed.place)) if parsed.kind == "mail" else []
        return [MailPlace(folder, role, key, _validity(cursor)) for folder, role, key, cursor in rows]

    def object_of(self, ref: str) -> StoredObject | None:
        """Find the calendar object that holds what an event or task reference names."""
        parsed = parse_ref(ref)
        return self._object(parsed.kind, parsed.key, parsed.place) if parsed.kind in {"event", "task"} else None

    def object_by_uid(self, uid: str) -> StoredObject | None:
        """Find the calendar object of an event or task with a UID, in whichever calendar it lies."""
        return self._object("event", uid) or self._object("task", uid)

    def calendars(self) -> Sequence[tuple[CalendarPlace, bool]]:
        """List every calendar collection, and whether its server schedules by itself."""
        rows = self._database.rows(self._sql["calendars"])
        return [(CalendarPlace(account, calendar), role == SCHEDULES) for account, calendar, role in rows]

    def folders(self, role: str) -> frozenset[str]:
        """Name the mail folders that have a role such as `\\Trash`."""
        return frozenset(name for (name,) in self._database.rows(self._sql["folders_by_role"], (role,)))

    def _found(self, asked: Query, limit: int) -> Sequence[Found]:
        near = self._near_to(asked)
        return Search(self._database, self._clock(), self._zone).find(asked, limit, near)

    def _object(self, kind: str, uid: str, calendar: str = "") -> StoredObject | None:
        row = self._database.row(self._sql[f"object_of_{kind}"], (uid, calendar))
        if row is None:
            return None
        account, name, key, version, content, role = row
        return StoredObject(account, name, key, version, zlib.decompress(content).decode("utf-8", "replace"), role == SCHEDULES)

    def show(self, ref: str) -> Shown:
        """Find what a reference points at (of a recurring event its earliest occurrence kept); raises UnknownRefError."""
        parsed = parse_ref(ref)
        if parsed.kind == "mail":
            return self.mail(ref)
        if parsed.kind == "contact":
            return self._contact(ref, parsed.place, parsed.key)
        key: tuple[str, ...] = (parsed.key, parsed.place)
        if parsed.kind == "event":
            key = (*key, parsed.part)
        row = self._database.row(self._sql[f"show_{parsed.kind}"], key)
        if row is None:
            raise _unknown(ref)
        if parsed.kind == "file":
            return _placed_note(row)
        return _placed(row) if parsed.kind == "event" else _placed_task(row)

    def _contact(self, ref: str, book: str, uid: str) -> PlacedContact:
        found = self.contact(book, uid)
        if found is None:
            raise _unknown(ref)
        return found

    def _ids(self, statement: str, values: Sequence[object]) -> list[int]:
        return [row[0] for row in self._database.rows(self._sql[statement], values)]

    def _mails(self, ids: Sequence[int]) -> list[Mail]:
        wanted = json.dumps(ids)
        places: dict[int, list[Row]] = {}
        for number, *place in self._database.rows(self._sql["locations"], (wanted,)):
            places.setdefault(number, []).append(tuple(place))
        found = {row[0]: _mail(row, places[row[0]]) for row in self._database.rows(self._sql["mails"], (wanted,))}
        return [found[number] for number in ids]


def _validity(cursor: str) -> str:
    """The UIDVALIDITY in an IMAP folder's cursor (`imap:<UIDVALIDITY>:…`); a Maildir's has none."""
    kind, _, rest = cursor.partition(":")
    return rest.partition(":")[0] if kind == "imap" else ""


def _mail(row: Row, places: Sequence[Row]) -> Mail:
    """Build a mail; its key and folder are those of its best place, its flags those of all of them."""
    _, account, identity, content_hash, moment, sent, thread, received, size, envelope, calendar, text = row
    folder, key, _ = places[0]
    flags = frozenset(_words(flags for _, _, flags in places))
    message = read_envelope(envelope, key, flags, received, size, text, calendar)
    when = datetime.fromtimestamp(moment, UTC)
    return Mail(mail_ref(account, identity), account, folder, thread, when, bool(sent), content_hash, message)


def _placed(row: Row) -> Placed:
    calendar, value = row
    occurrence: Occurrence = _read_occurrence(json.loads(value))
    return Placed(event_ref(calendar, occurrence.uid, occurrence.recurrence_id), calendar, occurrence)


def _placed_task(row: Row) -> PlacedTask:
    calendar, value = row
    task: Task = _read_task(json.loads(value))
    return PlacedTask(task_ref(calendar, task.uid), calendar, task)


def _placed_note(row: Row) -> PlacedNote:
    root, path, modified, content_hash, text = row
    return PlacedNote(file_ref(root, path), root, path, datetime.fromtimestamp(modified, UTC), content_hash, text)


def _words(texts: Iterable[str]) -> Iterable[str]:
    return (word for text in texts for word in text.split())


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _nothing_near(_query: Query) -> None:
    return None


def _unknown(ref: str) -> UnknownRefError:
    return UnknownRefError(
        f"{ref} is not in the mirror.", advice="`butler sync` brings it up to date; `butler search` finds things."
    )
