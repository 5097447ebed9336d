"""A mailbox on an IMAP server that is changed: SELECT, APPEND, STORE, MOVE and EXPUNGE, each for exactly the mails meant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from butler.core.accounts import MailAccount
from butler.core.dialing import Dial
from butler.core.errors import EffectError
from tools.mail import grammar, headers
from tools.mail.box import Lying, Moved, kept_back
from tools.mail.changes import read_state
from tools.mail.folders import Folder
from tools.mail.grammar import number, word
from tools.mail.listing import list_command, listed, quoted
from tools.mail.session import Session
from tools.mail.wire import LINE_LIMIT

_CONTENT_LIMIT = 50_000_000
_HEADER_LIMIT = 8_192
_MOST_FOUND = 100
_PERMANENT = re.compile(rb"\* OK \[PERMANENTFLAGS \(([^)]*)\)", re.IGNORECASE)
_COPIED = re.compile(rb"\[COPYUID (\d{1,10}) ([\d:,]{1,100000}) ([\d:,]{1,100000})\]", re.IGNORECASE)


class ImapBox:
    """One logged-in connection with at most one folder open."""

    def __init__(self, account: MailAccount, dial: Dial | None = None) -> None:
        self._host = account.host
        self._session = Session(account, dial)
        self._takes: frozenset[str] = frozenset()

    @property
    def at_once(self) -> bool:
        """Whether the server can MOVE."""
        return self._session.offers("MOVE")

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def folders(self) -> Sequence[Folder]:
        """The folders of one LIST."""
        answers = [pieces for pieces in self._session.run(list_command(self._session)) if pieces[0][:7].upper() == b"* LIST "]
        return listed([grammar.read(pieces) for pieces in answers])

    def open(self, folder: Folder, *, write: bool = False) -> str:
        """Open a folder anew with EXAMINE or SELECT: only then do its state and its answers agree."""
        answers = list(self._session.run((b"SELECT " if write else b"EXAMINE ") + quoted(folder.wire)))
        if write and "[READ-ONLY]" in self._session.said.upper():
            raise kept_back(
                f"{self._host} lets nobody change the folder {folder.name}.", "Ask for the right to, or take another folder."
            )
        flags = next((found[1] for pieces in answers if (found := _PERMANENT.match(pieces[0]))), b"\\*")
        self._takes = frozenset(flags.decode("ascii", "replace").lower().split())
        return str(read_state(answers).validity)

    def find(self, message_id: str) -> Sequence[Lying]:
        """Search for a Message-ID and compare what is found to the letter."""
        if not message_id.isascii() or not message_id.isprintable():
            return []
        command = b"UID SEARCH HEADER MESSAGE-ID " + quoted(message_id.encode("ascii"))
        keys: list[str] = []
        for pieces in self._session.run(command):
            if pieces[0][:8].upper() == b"* SEARCH":
                keys += [word(one).decode() for one in grammar.read(pieces)[2:] if number(one)]
        return [mail for mail in self.lying(keys[-_MOST_FOUND:]).values() if mail.message_id == message_id]

    def lying(self, keys: Sequence[str]) -> Mapping[str, Lying]:
        """FETCH the flags and Message-IDs of some mails."""
        if not keys:
            return {}
        found = self._fetch(keys, b"(UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", _HEADER_LIMIT)
        return {mail.key: mail for mail in map(_lying, found) if mail.key in keys}

    def content(self, key: str) -> bytes | None:
        """FETCH a mail whole, leaving no trace."""
        for values in self._fetch([key], b"(UID BODY.PEEK[])", _CONTENT_LIMIT):
            content = values.get(b"BODY[]")
            if word(values.get(b"UID")).decode() == key and isinstance(content, bytes):
                return content
        return None

    def append(self, folder: Folder, content: bytes, flags: Sequence[str], name: str) -> str:  # noqa: ARG002  # a Maildir's
        """APPEND a mail."""
        self._session.deliver(b"APPEND %s (%s)" % (quoted(folder.wire), " ".join(flags).encode("ascii")), content)
        return self._session.said

    def remove(self, key: str) -> str:
        """Delete one mail; where the server cannot expunge one alone, it is only marked as deleted."""
        self._run(b"UID STORE %s +FLAGS.SILENT (\\Deleted)" % _set([key]))
        if not self._session.offers("UIDPLUS"):
            return f"{self._session.said}; it is marked as deleted, for the server cannot take out one mail alone"
        self._run(b"UID EXPUNGE %s" % _set([key]))
        return self._session.said

    def move(self, keys: Sequence[str], target: Folder) -> Moved:
        """MOVE mails, or where the server cannot, copy them and take out exactly those that were copied."""
        if self._session.offers("MOVE"):
            answers = self._run(b"UID MOVE %s %s" % (_set(keys), quoted(target.wire)))
            return self._moved([*answers, self._session.said.encode()])
        answers = self._run(b"UID COPY %s %s" % (_set(keys), quoted(target.wire)))
        moved = self._moved([*answers, self._session.said.encode()])
        self._run(b"UID STORE %s +FLAGS.SILENT (\\Deleted)" % _set(keys))
        if self._session.offers("UIDPLUS"):
            self._run(b"UID EXPUNGE %s" % _set(keys))
            return moved
        return Moved(f"{moved.answer}; the server cannot move: the old ones are marked as deleted", moved.keys, moved.validity)

    def flag(self, keys: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> str:
        """STORE flags; refuses those that the folder does not keep."""
        for name in add:
            if name.lower() not in self._takes and "\\*" not in self._takes:
                raise EffectError(f"{self._host} does not keep the keyword {name} in this folder.", permanent=True)
        for sign, names in ((b"+", add), (b"-", remove)):
            if names:
                self._run(b"UID STORE %s %sFLAGS.SILENT (%s)" % (_set(keys), sign, " ".join(names).encode("ascii")))
        return self._session.said

    def _run(self, command: bytes) -> list[bytes]:
        return [pieces[0] for pieces in self._session.run(command)]

    def _fetch(self, keys: Sequence[str], what: bytes, limit: int) -> list[dict[bytes, Any]]:
        (tag,) = self._session.send(b"UID FETCH %s %s" % (_set(keys), what))
        found: list[dict[bytes, Any]] = []
        for pieces in self._session.answers(tag, limit, most=LINE_LIMIT + limit):
            answer = grammar.read(pieces)
            if len(answer) > 3 and word(answer[2]).upper() == b"FETCH" and isinstance(answer[3], list):
                found.append({_name(key): value for key, value in zip(answer[3][::2], answer[3][1::2], strict=False)})
        return found

    def _moved(self, answers: Sequence[bytes]) -> Moved:
        copied = next((found for line in answers if (found := _COPIED.search(line))), None)
        if copied is None:
            return Moved(self._session.said)
        keys = dict(zip(_numbers(copied[2]), _numbers(copied[3]), strict=False))
        return Moved(self._session.said, keys, copied[1].decode())


def _set(keys: Sequence[str]) -> bytes:
    """A set of UIDs; whatever is none is a mistake of ours and must not reach a server."""
    if not keys or not all(key.isascii() and key.isdigit() for key in keys):
        raise EffectError("A mail is not named by its number.", permanent=True)
    return ",".join(keys).encode("ascii")


def _name(value: Any) -> bytes:
    name = word(value).upper()
    return b"HEADER" if name.startswith(b"BODY[HEADER") else name


def _lying(values: Mapping[bytes, Any]) -> Lying:
    flags = values.get(b"FLAGS")
    known = headers.fields(word(values.get(b"HEADER")))
    return Lying(
        word(values.get(b"UID")).decode("ascii", "replace"),
        headers.message_id(known.get("message-id", "")),
        frozenset(word(flag).decode("ascii", "replace").lower() for flag in flags) if isinstance(flags, list) else frozenset(),
    )


def _numbers(uids: bytes) -> list[str]:
    """The UIDs of a set such as `3:5,9`, in its order."""
    found: list[str] = []
    for piece in uids.split(b","):
        first, _, last = piece.partition(b":")
        if not first or len(found) > _MOST_FOUND * 100:
            break
        low, high = int(first), min(int(last or first), int(first) + _MOST_FOUND * 100)
        found += [str(one) for one in range(low, high + 1)]
    return found
