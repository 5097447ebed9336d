"""Mails in bulk over IMAP: metadata and text parts only, in bounded batches, the next asked for before the last is read."""

from __future__ import annotations

import calendar
import re
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from butler.core.errors import SourceError
from butler.core.mail import RawMail, RawPart
from tools.mail import grammar
from tools.mail.grammar import number, word
from tools.mail.session import RefusedError, Session
from tools.mail.structure import Shape, read_structure

BATCH = 400
"""Mails asked for at once."""

FLIGHT_BYTES = 4_000_000
"""Bytes of text that are fetched for one batch of the mirror."""

_HEADER_LIMIT = 65_536
_FIRST = 16_384
_LINE_LIMIT = 2_000_000
_MOST_FLAGS = 100
_FIELDS = (
    b"FROM SENDER REPLY-TO TO CC DATE SUBJECT MESSAGE-ID IN-REPLY-TO REFERENCES LIST-ID LIST-UNSUBSCRIBE LIST-POST PRECEDENCE"
    b" AUTO-SUBMITTED X-AUTO-RESPONSE-SUPPRESS RETURN-PATH MAIL-FOLLOWUP-TO CONTENT-TYPE X-FAILED-RECIPIENTS"
)
# The first part is asked for along with the rest: for most mails it is their text, and one round trip is enough.
_ITEMS = (
    b"UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (" + _FIELDS + b")]<0.%d> BODY.PEEK[1]<0.%d>"
) % (_HEADER_LIMIT, _FIRST)
_FLAG_DROPPED = "\\recent"
_MONTHS = {name: number for number, name in enumerate(b"jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DATE = re.compile(rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_OUT_OF_REACH = "The server cannot hand it over."

Want = tuple[str, int, int]
"""A piece of a part: its path, the first byte and the number of bytes asked for."""


@dataclass(slots=True)
class Fetched:
    """A mail while its pieces come in."""

    uid: int
    flags: frozenset[str]
    received: int
    size: int
    header: bytes
    shape: Shape
    texts: dict[str, bytes] = field(default_factory=dict)

    def raw(self, limit: int) -> RawMail:
        """The finished value."""
        problems = self.shape.problems
        parts = []
        for leaf in self.shape.texts:
            content = self.texts.get(leaf.path)
            if content is None:
                problems = (*problems, f"The server does not hand over its {leaf.media_type} part.")
            else:
                cut = leaf.size > limit
                parts.append(RawPart(leaf.media_type, leaf.charset, leaf.encoding, content[:limit] if cut else content, cut))
        return RawMail(
            str(self.uid),
            self.flags,
            self.received,
            self.size,
            self.header,
            tuple(parts),
            self.shape.attachments,
            problems=problems,
        )


@dataclass(slots=True)
class _Chunk:
    """Mails whose metadata is asked for."""

    uids: array[int]
    tags: list[bytes]


@dataclass(slots=True)
class _Flight:
    """What one batch of the mirror waits for: its mails, in order, and the commands that bring their remaining pieces."""

    mails: list[Fetched] = field(default_factory=list)
    uids_by_wants: dict[tuple[Want, ...], list[int]] = field(default_factory=dict)
    tags: list[bytes] = field(default_factory=list)


@lru_cache(maxsize=1024)
def flags_of(names: tuple[bytes, ...]) -> frozenset[str]:
    """Flags in lower case; `\\Recent` belongs to a session, not to a mail."""
    return frozenset(name[:_MOST_FLAGS].decode("ascii", "replace").lower() for name in names[:_MOST_FLAGS]) - {_FLAG_DROPPED}


@lru_cache(maxsize=64)
def _day(day: int, month: bytes, year: int) -> int:
    return calendar.timegm((year, _MONTHS.get(month.lower(), 1), day, 0, 0, 0))


def epoch(date: bytes) -> int:
    """An INTERNALDATE in seconds since 1970, or 0 when it cannot be read."""
    found = _DATE.fullmatch(date)
    if not found:
        return 0
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = found.groups()
    try:
        midnight = _day(int(day), month, int(year))
    except (ValueError, OverflowError):
        return 0
    offset = int(zone_hours) * 3600 + int(zone_minutes) * 60
    return midnight + int(hour) * 3600 + int(minute) * 60 + int(second) - (offset if sign == b"+" else -offset)


def uid_set(uids: Sequence[int]) -> bytes:
    """Ascending UIDs as an IMAP set."""
    ranges: list[bytes] = []
    start = last = uids[0]
    for uid in [*uids[1:], 0]:
        if uid != last + 1:
            ranges.append(b"%d" % start if start == last else b"%d:%d" % (start, last))
            start = uid
        last = uid
    return b",".join(ranges)


def read_fetch(pieces: Sequence[bytes]) -> dict[bytes, Any] | None:
    """A FETCH answer by its attributes, or None for any other answer; raises RefusedError where its structure is absurd."""
    if b" FETCH (" not in pieces[0][:24]:
        return None
    if max(map(len, pieces[::2])) > _LINE_LIMIT:
        raise RefusedError("an answer is too long to be read")
    answer = grammar.read(pieces)
    if len(answer) != 4 or not isinstance(answer[3], list):
        raise SourceError("The mail server sends a FETCH answer that cannot be read.")
    values = answer[3]
    return {name: value for name, value in zip(values[::2], values[1::2], strict=False) if isinstance(name, bytes)}


class Fetcher:
    """Fetches mails of the selected folder by UID.

    Servers may answer several commands at once, so each answer is put where its UID belongs, whichever command it is for.
    """

    def __init__(self, session: Session, text_limit: int) -> None:
        self._session = session
        self._limit = text_limit
        self._asked: set[int] = set()
        self._mails: dict[int, Fetched] = {}
        self._wanted: dict[int, tuple[Fetched, tuple[Want, ...]]] = {}

    def mails(self, uids: array[int]) -> Iterator[tuple[int, list[RawMail]]]:
        """Yield batches in ascending order, each with the highest UID that is done; mails gone meanwhile are left out."""
        at, size = 0, BATCH
        while at < len(uids):
            try:
                for last, mails in self._pipeline(uids, at, size):
                    yield last, mails
                    at = bisect_right(uids, last)
                return
            except RefusedError:
                self._session.drain(self._limit + _HEADER_LIMIT)
                self._asked.clear()
                self._mails.clear()
                self._wanted.clear()
            if size > 1:
                # One mail that the server stumbles over must not hide the others: close in on it.
                size = max(1, size // 8)
                continue
            yield uids[at], [RawMail(str(uids[at]), frozenset(), 0, 0, problems=(_OUT_OF_REACH,))]
            at += 1
            size = BATCH

    def _pipeline(self, uids: array[int], at: int, size: int) -> Iterator[tuple[int, list[RawMail]]]:
        """Keep two commands under way: while an answer is read, the server works on the next."""
        waiting: deque[_Chunk | _Flight] = deque()

        def ask() -> None:
            nonlocal at
            chunk = uids[at : at + size]
            at += size
            if chunk:
                self._asked.update(chunk)
                waiting.append(_Chunk(chunk, self._session.send(b"UID FETCH %s (%s)" % (uid_set(chunk), _ITEMS))))

        ask()
        ask()
        while waiting:
            step = waiting.popleft()
            self._wait(step.tags)
            if isinstance(step, _Flight):
                self._wanted = {uid: wanted for uid, wanted in self._wanted.items() if uid > step.mails[-1].uid}
                yield step.mails[-1].uid, [mail.raw(self._limit) for mail in step.mails]
                continue
            self._asked.difference_update(step.uids)
            waiting.extend(self._depart([self._mails.pop(uid) for uid in step.uids if uid in self._mails]))
            ask()

    def _wait(self, tags: Sequence[bytes]) -> None:
        for tag in tags:
            for pieces in self._session.answers(tag, max(self._limit, _HEADER_LIMIT)):
                answer = read_fetch(pieces)
                if answer is not None:
                    self._place(number(answer.get(b"UID")), answer)

    def _place(self, uid: int, answer: Mapping[bytes, Any]) -> None:
        # Servers also tell flags of mails that others changed; those come again by their mod-sequence.
        if b"BODYSTRUCTURE" in answer:
            if uid in self._asked:
                self._mails[uid] = self._fetched(uid, answer)
        elif uid in self._wanted:
            _put(*self._wanted[uid], answer)

    def _fetched(self, uid: int, answer: Mapping[bytes, Any]) -> Fetched:
        header = first = b""
        for name, value in answer.items():
            if isinstance(value, bytes) and name[:5] == b"BODY[":
                if name[5:11] == b"HEADER":
                    header = value[:_HEADER_LIMIT]
                else:
                    first = value[:_FIRST]
        flags = answer.get(b"FLAGS")
        mail = Fetched(
            uid,
            flags_of(tuple(name for name in flags if isinstance(name, bytes))) if isinstance(flags, list) else frozenset(),
            epoch(word(answer.get(b"INTERNALDATE"))),
            number(answer.get(b"RFC822.SIZE")),
            header,
            read_structure(answer.get(b"BODYSTRUCTURE")),
        )
        for leaf in mail.shape.texts:
            if leaf.path == "1":
                mail.texts["1"] = first[: self._limit]
        return mail

    def _wants(self, mail: Fetched) -> tuple[Want, ...]:
        """The pieces that are still missing; sizes are rounded up, so that mails alike can share a command."""
        wants = []
        for leaf in mail.shape.texts:
            have = len(mail.texts.get(leaf.path, b""))
            missing = min(leaf.size, self._limit) - have
            if missing > 0 and (have == 0 or have >= min(_FIRST, self._limit)):
                wants.append((leaf.path, have, min(1 << max(12, (missing - 1).bit_length()), self._limit)))
        return tuple(wants)

    def _depart(self, mails: list[Fetched]) -> list[_Flight]:
        """Ask for the missing pieces; no flight brings more than `FLIGHT_BYTES`, unless one mail alone does."""
        flights: list[_Flight] = []
        size = FLIGHT_BYTES + 1
        for mail in mails:
            wants = self._wants(mail)
            weight = len(mail.header) + sum(len(text) for text in mail.texts.values()) + sum(want[2] for want in wants)
            if size + weight > FLIGHT_BYTES:
                flights.append(_Flight())
                size = 0
            size += weight
            flight = flights[-1]
            flight.mails.append(mail)
            if wants:
                self._join(flight, mail, wants)
        for flight in flights:
            flight.tags = self._session.send(*(_command(uids, wants) for wants, uids in flight.uids_by_wants.items()))
        return flights

    def _join(self, flight: _Flight, mail: Fetched, wants: tuple[Want, ...]) -> None:
        self._wanted[mail.uid] = (mail, wants)
        flight.uids_by_wants.setdefault(wants, []).append(mail.uid)


def _command(uids: Sequence[int], wants: Sequence[Want]) -> bytes:
    sections = b" ".join(b"BODY.PEEK[%s]<%d.%d>" % (path.encode(), start, count) for path, start, count in wants)
    return b"UID FETCH %s (UID %s)" % (uid_set(uids), sections)


def _put(mail: Fetched, wants: Sequence[Want], answer: Mapping[bytes, Any]) -> None:
    for path, start, count in wants:
        section = b"BODY[%s]" % path.encode()
        piece = answer.get(section + b"<%d>" % start)
        if piece is None and isinstance(whole := answer.get(section), bytes):
            piece = whole[start:]
        if isinstance(piece, bytes):
            mail.texts[path] = mail.texts.get(path, b"")[:start] + piece[:count]
