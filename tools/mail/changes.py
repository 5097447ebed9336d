"""What changed in an opened IMAP folder since a cursor: flags, new mails, gone mails, in bounded batches."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from butler.core.errors import SourceError
from butler.core.mail import RawMail
from butler.core.sources import Batch, Known
from tools.mail import grammar
from tools.mail.fetch import BATCH, Fetcher, flags_of, read_fetch
from tools.mail.grammar import number, word
from tools.mail.session import Session

_AT_ONCE = 5_000
_MOST_MAILS = 20_000_000
_FLAG_LITERAL = 4_096
_HIGHEST_UID = 4_294_967_295
_MOST_RANGES = 500_000
_CURSOR = re.compile(r"imap:(\d{1,10}):(\d{1,10}):(\d{1,19}):(-?\d{1,10})")
_CODE = re.compile(rb"\* OK \[(UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ) (\d{1,19})\]", re.IGNORECASE)
_EXISTS = re.compile(rb"\* (\d{1,10}) EXISTS", re.IGNORECASE)
_SET = re.compile(rb"(\d{1,10})(?::(\d{1,10}))?")

Batches = Iterator[Batch[RawMail]]


@dataclass(frozen=True, slots=True)
class State:
    """A folder as the server describes it when it is opened; `next` and `modseq` are 0 where it does not say."""

    validity: int
    next: int
    modseq: int
    exists: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder is mirrored: to which UID, as of which mod-sequence, and how many mails it had then.

    `count` is -1 until a sync went through to its end.
    """

    validity: int
    last: int
    modseq: int
    count: int

    @classmethod
    def read(cls, text: str | None) -> Cursor | None:
        """A stored cursor, or None when there is none or it is of another kind."""
        found = _CURSOR.fullmatch(text or "")
        return cls(*map(int, found.groups())) if found else None

    def __str__(self) -> str:
        return f"imap:{self.validity}:{self.last}:{self.modseq}:{self.count}"


def read_state(answers: Iterable[Sequence[bytes]]) -> State:
    """The state in the answers to EXAMINE."""
    found: dict[bytes, int] = {}
    for pieces in answers:
        code = _CODE.match(pieces[0])
        exists = _EXISTS.fullmatch(pieces[0])
        if code:
            found[code[1].upper()] = int(code[2])
        elif exists:
            found[b"EXISTS"] = int(exists[1])
    if found.get(b"EXISTS", 0) > _MOST_MAILS:
        raise SourceError("The mail server claims more mails than a folder can hold.")
    if found.get(b"UIDNEXT", 0) > _HIGHEST_UID + 1:
        raise SourceError("The mail server numbers its mails higher than IMAP can.")
    return State(
        found.get(b"UIDVALIDITY", 0), found.get(b"UIDNEXT", 0), found.get(b"HIGHESTMODSEQ", 0), found.get(b"EXISTS", 0)
    )


class Changes:
    """Tells what changed in the folder that is open on a session."""

    def __init__(self, session: Session, folder: str, state: State, known: Known, text_limit: int) -> None:
        self._session = session
        self._folder = folder
        self._state = state
        self._known = known
        self._text_limit = text_limit
        self._arrived = 0
        self._agrees = True
        self._last = 0
        self._by_modseq = session.offers("CONDSTORE") and state.modseq > 0
        self._vanished = self._by_modseq and session.offers("QRESYNC")

    def since(self, cursor: Cursor | None, *, stored: bool) -> Batches:
        """Yield all changes; `stored` says that the mirror holds something of the folder, whatever the cursor says."""
        state = self._state
        if cursor is None or cursor.validity != state.validity:
            cursor = Cursor(state.validity, 0, state.modseq, -1)
            if stored:
                yield self._batch(cursor, reset=True)
        first = cursor.last == 0 and cursor.count <= 0
        swept = not first and not (self._by_modseq and cursor.modseq)
        if swept:
            yield from self._sweep(cursor)
        elif not first and (state.modseq != cursor.modseq or cursor.count < 0):
            yield from self._flags(cursor)
        yield from self._arrivals(cursor)
        settled = self._vanished or swept or first
        if not settled and (cursor.count < 0 or cursor.count + self._arrived != state.exists):
            yield from self._gone(cursor)
        last = max(cursor.last, state.next - 1, self._last)
        yield self._batch(Cursor(state.validity, last, state.modseq, state.exists if self._agrees else -1))

    def _batch(
        self,
        cursor: Cursor,
        *,
        added: Sequence[RawMail] = (),
        flags: dict[str, frozenset[str]] | None = None,
        removed: Sequence[str] = (),
        reset: bool = False,
    ) -> Batch[RawMail]:
        return Batch(self._folder, str(cursor), added, flags, removed, reset, self._state.exists)

    def _arrivals(self, cursor: Cursor) -> Batches:
        """New mails; where there are many, which UIDs exist is asked first, since numbers may be far apart."""
        state = self._state
        if state.exists == 0 or (state.next and state.next <= cursor.last + 1):
            return
        top = state.next - 1
        if 0 < top - cursor.last <= BATCH:
            uids = array("I", range(cursor.last + 1, top + 1))
        else:
            found = self._search(b"UID %d:%s" % (cursor.last + 1, b"%d" % top if state.next else b"*"))
            uids = array("I", (uid for uid in found if uid > cursor.last))
        for last, mails in Fetcher(self._session, self._text_limit).mails(uids):
            self._arrived += len(mails)
            self._last = last
            yield self._batch(replace(cursor, last=last, count=-1), added=mails)

    def _flags(self, cursor: Cursor) -> Batches:
        """Flags that changed since the mod-sequence and, where the server remembers them, mails that are gone."""
        modifiers = b"CHANGEDSINCE %d%s" % (cursor.modseq, b" VANISHED" if self._vanished else b"")
        command = b"UID FETCH 1:%d (UID FLAGS) (%s)" % (max(cursor.last, 1), modifiers)
        (tag,) = self._session.send(command)
        flags: dict[str, frozenset[str]] = {}
        vanished: list[tuple[int, int]] = []
        for pieces in self._session.answers(tag, _FLAG_LITERAL):
            if pieces[0][:11].upper() == b"* VANISHED ":
                vanished += _ranges(pieces[0].rpartition(b" ")[2])
                if len(vanished) > _MOST_RANGES:
                    raise SourceError("The mail server names more mails than it ever had.")
                continue
            changed = _flags_in(pieces, cursor.last)
            if changed:
                flags[str(changed[0])] = changed[1]
            if len(flags) >= _AT_ONCE:
                yield self._batch(cursor, flags=flags)
                flags = {}
        gone = self._expanded(vanished, cursor.last)
        if flags or gone:
            yield self._batch(replace(cursor, count=-1) if gone else cursor, flags=flags, removed=gone)

    def _expanded(self, ranges: list[tuple[int, int]], last: int) -> list[str]:
        """The UIDs of VANISHED answers that the mirror may hold; servers may name all that ever were."""
        if sum(high - low + 1 for low, high in ranges) <= _AT_ONCE:
            return [str(uid) for low, high in ranges for uid in range(low, high + 1) if uid <= last]
        ranges.sort()
        uids = sorted(int(key) for key in self._known() if key.isdigit())
        return [str(uid) for uid in _within(uids, ranges)]

    def _sweep(self, cursor: Cursor) -> Batches:
        """Compare all flags with the mirror's, for servers that keep no mod-sequences."""
        known = self._known()
        missing = set(known)
        (tag,) = self._session.send(b"UID FETCH 1:%d (UID FLAGS)" % max(cursor.last, 1))
        flags: dict[str, frozenset[str]] = {}
        for pieces in self._session.answers(tag, _FLAG_LITERAL):
            changed = _flags_in(pieces, cursor.last)
            if not changed:
                continue
            key = str(changed[0])
            missing.discard(key)
            if key in known and known[key] != " ".join(sorted(changed[1])):
                flags[key] = changed[1]
            if len(flags) >= _AT_ONCE:
                yield self._batch(cursor, flags=flags)
                flags = {}
        if flags or missing:
            yield self._batch(replace(cursor, count=-1), flags=flags, removed=sorted(missing, key=len))

    def _gone(self, cursor: Cursor) -> Batches:
        """Mails that the mirror has and the server has no more."""
        present = set(self._search(b"UID 1:%d" % cursor.last)) if cursor.last else set()
        # Where the numbers do not add up, the next look compares again.
        self._agrees = len(present) + self._arrived == self._state.exists
        gone = [key for key in self._known() if key.isdigit() and int(key) <= cursor.last and int(key) not in present]
        if gone:
            yield self._batch(replace(cursor, last=max(cursor.last, self._last), count=-1), removed=gone)

    def _search(self, criterion: bytes) -> array[int]:
        extended = self._session.offers("ESEARCH")
        command = b"UID SEARCH %s%s" % (b"RETURN (ALL) " if extended else b"", criterion)
        uids: array[int] = array("I")
        for pieces in self._session.run(command):
            answer = grammar.read(pieces)
            kind = word(answer[1]).upper() if len(answer) > 2 else b""
            if kind == b"ESEARCH" and answer[-2] == b"ALL":
                if not (ranges := _ranges(word(answer[-1]))):
                    raise SourceError("The mail server names its mails in a way that cannot be read.")
                if sum(high - low + 1 for low, high in ranges) > self._state.exists + _AT_ONCE:
                    raise SourceError("The mail server names more mails than it has.")
                for low, high in ranges:
                    uids.extend(range(low, high + 1))
            elif kind == b"SEARCH":
                uids.extend(_uid(each) for each in answer[2:])
            if len(uids) > self._state.exists + _AT_ONCE:
                raise SourceError("The mail server names more mails than it has.")
        return array("I", sorted(set(uids) - {0}))


def _ranges(uids: bytes) -> list[tuple[int, int]]:
    """The ranges of a set of UIDs, lower end first, as far as they can be UIDs."""
    pairs = ((int(low), int(high or low)) for low, high in _SET.findall(uids))
    return [(min(pair), min(max(pair), _HIGHEST_UID)) for pair in pairs if min(pair) <= _HIGHEST_UID]


def _uid(value: bytes | None) -> int:
    uid = number(value)
    if uid > _HIGHEST_UID:
        raise SourceError("The mail server names a mail by a number that cannot be read.")
    return uid


def _flags_in(pieces: Sequence[bytes], last: int) -> tuple[int, frozenset[str]] | None:
    """UID and flags of a FETCH answer, up to the last UID that is mirrored."""
    answer = read_fetch(pieces)
    uid = number(answer.get(b"UID")) if answer else 0
    flags = answer.get(b"FLAGS") if answer else None
    if not 0 < uid <= last or not isinstance(flags, list):
        return None
    return uid, flags_of(tuple(name for name in flags if isinstance(name, bytes)))


def _within(uids: Sequence[int], ranges: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Those of ascending numbers that lie in one of ascending ranges."""
    at = 0
    for uid in uids:
        while at < len(ranges) and ranges[at][1] < uid:
            at += 1
        if at < len(ranges) and ranges[at][0] <= uid:
            yield uid
