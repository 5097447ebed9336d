"""One connection to a mail server: dialled, encrypted, logged in by imapclient, and commands with bounded answers.

imapclient (over imaplib) does greeting, STARTTLS, log-in and capabilities; both read through `Wire`, so that no server can
make the process wait or grow without limit. Answers in bulk are not parsed by imapclient: that costs ten times as much.
"""

from __future__ import annotations

import base64
import contextlib
import imaplib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from imapclient import IMAPClient

from butler.core.accounts import MailAccount
from butler.core.dialing import Dial
from butler.core.errors import ButlerError, SourceError
from butler.core.text import one_line
from tools.lines import DIRECT, dialled, encryption
from tools.mail.trouble import LostError, explain, offers_no_tokens, refusal_of_login, refusal_of_token, require_safe
from tools.mail.wire import LINE_LIMIT, LOGIN_LIMIT, Wire
from tools.mail.xoauth2 import Bearer

_ANSWER_LIMIT = 5_000_000
_COMMAND_LITERAL = 65_536
_LOGIN_TOTAL = 1_000_000


class RefusedError(Exception):
    """The server answered NO or BAD to a command; the text is the server's, as one line."""


class _Bounded(imaplib.IMAP4):
    """imaplib's connection, reading through a `Wire`."""

    def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext | None, dial: Dial) -> None:
        self._context = context
        self._dial = dial
        self._limit = timeout
        self._wire: Wire | None = None
        self._wired: socket.socket | None = None
        super().__init__(host, port, timeout)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002  # imaplib's signature
        plain = dialled(self._dial, self.host, self.port, self._limit)
        return plain if self._context is None else self._context.wrap_socket(plain, server_hostname=self.host)

    def wire(self) -> Wire:
        """The reader over the socket in use; text sent ahead of STARTTLS is an attack and ends the session."""
        if self._wire is None or self._wired is not self.sock:
            if self._wire is not None and self._wire.unread:
                raise SourceError("The mail server sends text ahead of the encryption.", permanent=True)
            self._wire, self._wired = Wire(self.sock, self._limit), self.sock
        return self._wire

    def read(self, size: int) -> bytes:
        """What imaplib reads as a literal."""
        return self._bounded().exactly(size, LOGIN_LIMIT)

    def readline(self) -> bytes:
        """What imaplib reads as a line."""
        return self._bounded().line(LOGIN_LIMIT)

    def _bounded(self) -> Wire:
        wire = self.wire()
        if wire.received > _LOGIN_TOTAL:
            raise SourceError("The mail server talks without end before the log-in is done.")
        return wire


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient is not typed
    """imapclient over the bounded connection."""

    def __init__(self, account: MailAccount, context: ssl.SSLContext | None, dial: Dial) -> None:
        self._dial = dial
        super().__init__(
            account.host, account.port, ssl=account.tls == "implicit", ssl_context=context, timeout=account.timeout
        )

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802  # the library's name
        return _Bounded(self.host, self.port, self._timeout.connect, self.ssl_context if self.ssl else None, self._dial)


def _encryption(account: MailAccount, dial: Dial) -> ssl.SSLContext | None:
    if account.tls == "none":
        return None
    setting = f"pin of the mail account {account.name}"
    return encryption(dial, account.host, account.port, ca_file=account.ca_file, pins=account.pins, setting=setting)


class Session:
    """A logged-in connection; every method raises SourceError, `LostError` (one of them) when the connection is gone."""

    def __init__(self, account: MailAccount, dial: Dial | None = None) -> None:
        require_safe(account)
        self.account = account
        self._dial = dial or DIRECT
        self.capabilities: frozenset[str] = frozenset()
        self.said = ""
        """What the server said, as one line, when it last granted a command."""
        self._number = 0
        self._under_way: set[bytes] = set()
        self._results: dict[bytes, bytes] = {}
        self._client = self._connect()
        try:
            self._log_in()
        except BaseException:
            self.close()
            raise
        self._wire: Wire = self._client._imap.wire()

    def _connect(self) -> Any:
        account = self.account
        context = _encryption(account, self._dial)
        try:
            client = _Client(account, context, self._dial)
        except (OSError, ValueError, imaplib.IMAP4.error) as error:
            raise explain(error, account) from error
        if account.tls == "starttls":
            self._encrypt(client, context)
        return client

    def _encrypt(self, client: Any, context: ssl.SSLContext | None) -> None:
        """Switch to TLS or give up; there is no way on in plain text."""
        try:
            if client._imap.state != "NONAUTH" or not client.has_capability("STARTTLS"):
                raise SourceError(
                    f"{self.account.host} does not offer encryption (STARTTLS).",
                    permanent=True,
                    advice="Use tls = implicit with port 993 if the server has it; nothing was sent to it.",
                )
            client.starttls(context)
        except (OSError, ValueError, imaplib.IMAP4.error) as error:
            _hang_up(client)
            raise explain(error, self.account) from error
        except SourceError:
            _hang_up(client)
            raise

    def _log_in(self) -> None:
        account = self.account
        client = self._client
        try:
            if client._imap.state == "NONAUTH":
                self._authenticate(account.user, _password(account))
            client._cached_capabilities = None
            self.capabilities = frozenset(name.decode("ascii", "replace").upper() for name in client.capabilities())
            if {"QRESYNC", "ENABLE"} <= self.capabilities:
                client.enable("QRESYNC")
        except imaplib.IMAP4.error as error:
            raise refusal_of_login(error, account) from error
        except (OSError, ValueError) as error:
            raise explain(error, account) from error

    def _authenticate(self, user: str, password: str) -> None:
        if self.account.login == "xoauth2":
            self._authenticate_by(Bearer(user, password))
        elif (user + password).isascii():
            self._client.login(user, password)
        else:
            self._client.plain_login(user, password)

    def _authenticate_by(self, bearer: Bearer) -> None:
        """Log in by an access token, in one step where the server can."""
        if not self._client.has_capability("AUTH=XOAUTH2"):
            raise offers_no_tokens(self.account)
        server: Any = self._client._imap
        command = ["AUTHENTICATE", "XOAUTH2"]
        if self._client.has_capability("SASL-IR"):
            command.append(base64.b64encode(bearer.sent().encode()).decode("ascii"))
        # What imaplib calls with each challenge.
        server.literal = imaplib._Authenticator(lambda challenge: bearer(challenge).encode()).process
        kind, said = server._simple_command(*command)
        if kind != "OK":
            raise refusal_of_token(_words(said[-1]), bearer.refused, self.account)
        server.state = "AUTH"

    def offers(self, capability: str) -> bool:
        """Whether the server names a capability."""
        return capability in self.capabilities

    def send(self, *commands: bytes) -> list[bytes]:
        """Send commands in one go, without waiting; returns their tags, to be read in this order."""
        tags = []
        for _ in commands:
            self._number += 1
            tags.append(b"B%d" % self._number)
        self._under_way.update(tags)
        self.say(b"".join(b"%s %s\r\n" % pair for pair in zip(tags, commands, strict=True)))
        return tags

    def say(self, words: bytes) -> None:
        """Send bytes as they are, such as what ends a command that goes on until then."""
        try:
            self._client._imap.sock.sendall(words)
        except OSError as error:
            raise LostError.of(error, self.account) from error

    @property
    def connection(self) -> socket.socket:
        """The socket in use, to be waited for."""
        found: socket.socket = self._client._imap.sock
        return found

    @property
    def has_unread(self) -> bool:
        """Whether something came that the socket does not tell of any more."""
        return self._wire.unread > 0 or (isinstance(self.connection, ssl.SSLSocket) and self.connection.pending() > 0)

    def hear(self) -> list[bytes]:
        """The next answer, whatever it belongs to, as `Wire.answer` gives it."""
        self._wire.restart()
        try:
            pieces = self._wire.answer(_COMMAND_LITERAL)
        except OSError as error:
            raise LostError.of(error, self.account) from error
        if pieces[0][:5].upper() == b"* BYE":
            raise LostError(f"{self.account.host} ended the connection: {_words(pieces[0][5:])}.")
        if pieces[0][:1] not in {b"*", b"+"}:
            self._finish(pieces[0])
        return pieces

    def is_over(self, tag: bytes) -> bool:
        """Whether the end of a command was heard."""
        return tag in self._results

    def answers(self, tag: bytes, literal_limit: int = _COMMAND_LITERAL, most: int = 0) -> Iterator[list[bytes]]:
        """The untagged answers until a command is done, as `Wire.answer` gives them; raises RefusedError on NO and BAD.

        `most` bounds the bytes of all of them, for whoever keeps what they say; 0 is no bound. Servers may work on several
        commands at once: the answers to others that are under way come up as well.
        """
        wire = self._wire
        wire.restart()
        try:
            for _ in range(_ANSWER_LIMIT):
                if tag in self._results:
                    return self._judge(self._results.pop(tag))
                if 0 < most < wire.received:
                    break
                pieces = wire.answer(literal_limit)
                line = pieces[0]
                if line[:2] != b"* ":
                    self._finish(line)
                elif line[2:5].upper() == b"BYE":
                    raise LostError(f"{self.account.host} ended the connection: {_words(line[5:])}.")
                else:
                    yield pieces
        except OSError as error:
            raise LostError.of(error, self.account) from error
        raise SourceError(f"{self.account.host} sends answers without end.")

    def _finish(self, line: bytes) -> None:
        tag, _, result = line.partition(b" ")
        if tag not in self._under_way:
            raise SourceError(f"{self.account.host} sends what is no IMAP.")
        self._under_way.discard(tag)
        self._results[tag] = result

    def _judge(self, result: bytes) -> None:
        if result[:2].upper() != b"OK":
            raise RefusedError(_words(result))
        self.said = _words(result)

    def run(self, command: bytes) -> Iterator[list[bytes]]:
        """Run one command with an answer of bounded size."""
        (tag,) = self.send(command)
        yield from self.answers(tag, most=2 * LINE_LIMIT)

    def deliver(self, command: bytes, literal: bytes) -> None:
        """Run a command that ends with a literal; where the server does not take it at once, it is asked first.

        Raises RefusedError when the server does not want it.
        """
        if self.offers("LITERAL+"):
            (tag,) = self.send(b"%s {%d+}\r\n%s" % (command, len(literal), literal))
        else:
            (tag,) = self.send(b"%s {%d}" % (command, len(literal)))
            self._await_go(tag)
            self.say(literal + b"\r\n")
        for _ in self.answers(tag, most=2 * LINE_LIMIT):
            pass

    def _await_go(self, tag: bytes) -> None:
        self._wire.restart()
        try:
            for _ in range(_ANSWER_LIMIT):
                line = self._wire.answer(_COMMAND_LITERAL)[0]
                if line[:1] == b"+":
                    return
                if line[:2] != b"* ":
                    self._finish(line)
                    self._judge(self._results.pop(tag, b"NO what it was not asked for"))
                    break
                if line[2:5].upper() == b"BYE":
                    raise LostError(f"{self.account.host} ended the connection: {_words(line[5:])}.")
        except OSError as error:
            raise LostError.of(error, self.account) from error
        raise SourceError(f"{self.account.host} does not say whether it takes the mail.")

    def drain(self, literal_limit: int = _COMMAND_LITERAL) -> None:
        """Read and forget all that is still to come for the commands sent."""
        for tag in sorted(self._under_way | set(self._results)):
            with contextlib.suppress(RefusedError):
                for _ in self.answers(tag, literal_limit):
                    pass

    def close(self) -> None:
        """Hang up; never raises."""
        _hang_up(self._client)


def _words(line: bytes) -> str:
    return one_line(line.decode("utf-8", "replace"), 120).rstrip(".") or "no reason given"


def _hang_up(client: Any) -> None:
    with contextlib.suppress(OSError, ValueError, imaplib.IMAP4.error):
        client._imap.sock.settimeout(1.0)
        client._imap.sock.sendall(b"ZZ LOGOUT\r\n")
    with contextlib.suppress(OSError, ValueError, imaplib.IMAP4.error):
        client.shutdown()


def _password(account: MailAccount) -> str:
    try:
        password = account.password().rstrip("\r\n")
    except SourceError:
        raise
    except ButlerError as error:
        raise SourceError(error.sentence, permanent=True, advice=error.advice) from error
    if not password or any(sign in password + account.user for sign in "\r\n\0"):
        raise SourceError(
            f"There is no usable password for {account.user} at {account.host}.",
            permanent=True,
            advice=f"Set the password of the mail account {account.name}.",
        )
    return password
