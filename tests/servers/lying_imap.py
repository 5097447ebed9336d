"""A mail server that can be told to lie: each command has a scripted answer, sent byte for byte."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO

from butler.core.accounts import MailAccount

HANG = b"<hang>"
"""An answer that never comes."""

CUT = b"<cut>"
"""At the end of an answer: the connection ends after it."""

LATE = b"<late>"
"""At the beginning of an answer: it comes a moment later."""

HEADER = b"From: tom@nordwind.example\r\nSubject: hello\r\n\r\n"


def fetch_answer(uid: int, *, structure: bytes = b"", header: bytes = b"", text: bytes = b"Hi\r\n") -> bytes:
    """An honest answer about one small mail, or one with a structure, header or text of one's own."""
    structure = structure or b'("text" "plain" ("charset" "utf-8") NIL NIL "7bit" %d 1 NIL NIL NIL NIL)' % len(text)
    header = header or HEADER
    return (
        b'* %d FETCH (UID %d FLAGS (\\Seen) INTERNALDATE "24-Nov-2026 03:00:00 +0100" RFC822.SIZE 99 BODYSTRUCTURE %s'
        b" BODY[HEADER.FIELDS (FROM SUBJECT)]<0> {%d}\r\n%s BODY[1]<0> {%d}\r\n%s)\r\n"
        % (uid, uid, structure, len(header), header, len(text), text)
    )


HONEST: Mapping[str, bytes] = {
    "greeting": b"* OK ready\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 CONDSTORE ESEARCH\r\n%t OK done\r\n",
    "LOGIN": b"%t OK welcome\r\n",
    "LIST": b'* LIST (\\HasNoChildren) "/" INBOX\r\n%t OK done\r\n',
    "STATUS": b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 3 MESSAGES 2 HIGHESTMODSEQ 5)\r\n%t OK done\r\n",
    "EXAMINE": b"* 2 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n* OK [HIGHESTMODSEQ 5] x\r\n%t OK done\r\n",
    "UID FETCH": fetch_answer(1) + fetch_answer(2) + b"%t OK done\r\n",
    "UID SEARCH": b'* ESEARCH (TAG "x") UID ALL 1:2\r\n%t OK done\r\n',
    "NOOP": b"%t OK done\r\n",
    "LOGOUT": b"* BYE\r\n%t OK done\r\n",
}


@dataclass
class LyingImap:
    """The server: `answers` by command; `%t` in an answer stands for the command's tag. `heard` is what it was told."""

    answers: dict[str, bytes]
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def account(self, **options: object) -> MailAccount:
        """The account that uses this server; it is patient, unless an answer never comes."""
        patience = 0.3 if HANG in self.answers.values() else 30.0
        values: dict[str, object] = {"tls": "none", "folders": ("INBOX",), "timeout": patience} | options
        return MailAccount("home", "127.0.0.1", self.port, "anna", lambda: "secret", **values)  # type: ignore[arg-type]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as lines:
            if not self._say(connection, self.answers["greeting"], b""):
                return
            for line in lines:
                self.heard.append(line)
                tag, _, command = line.rstrip().partition(b" ")
                self._take_literal(connection, lines, command)
                if not self._say(connection, self._answer(command.decode("latin-1")), tag):
                    return

    def _take_literal(self, connection: socket.socket, lines: BinaryIO, command: bytes) -> None:
        """Ask for the literal of an APPEND, where `LITERAL` says what to ask with."""
        literal = re.fullmatch(rb"APPEND .*\{(\d+)\}", command)
        if literal and "LITERAL" in self.answers:
            connection.sendall(self.answers["LITERAL"])
            self.heard.append(lines.read(int(literal[1]) + 2))

    def _answer(self, command: str) -> bytes:
        for name in sorted(self.answers, key=len, reverse=True):
            if re.match(re.escape(name) + r"\b", command, re.IGNORECASE):
                return self.answers[name]
        return b"%t BAD unknown\r\n"

    def _say(self, connection: socket.socket, answer: bytes, tag: bytes) -> bool:
        if answer == HANG:
            return True
        if answer.startswith(LATE):
            time.sleep(0.4)
        connection.sendall(answer.removeprefix(LATE).removesuffix(CUT).replace(b"%t", tag))
        if answer.endswith(CUT):
            connection.shutdown(socket.SHUT_RDWR)
            return False
        return True

    def close(self) -> None:
        """Stop listening and hang up on everybody."""
        # Whoever waits in `accept` does not hear of a mere close.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


@contextmanager
def lying_imap(**answers: bytes) -> Iterator[LyingImap]:
    """A server that is honest but for some answers; in names of commands `_` stands for a space."""
    server = LyingImap({**HONEST, **{name.replace("_", " "): answer for name, answer in answers.items()}})
    try:
        yield server
    finally:
        server.close()
