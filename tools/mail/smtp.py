"""Letters sent by SMTP: encrypted, to exactly the people named, and told apart what did not happen from what may have."""

from __future__ import annotations

import base64
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from butler.core.accounts import MailAccount, SmtpServer
from butler.core.dialing import Dial
from butler.core.effects import Receipt
from butler.core.errors import ButlerError, EffectError, SourceError
from butler.core.payloads import Letter
from butler.core.text import one_line
from tools.lines import DIRECT, encryption
from tools.mail.box import kept_back
from tools.mail.compose import compose, envelope
from tools.mail.smtp_wire import Smtp
from tools.mail.trouble import explain, is_loopback
from tools.mail.xoauth2 import Bearer, decoded

_LOGGED_IN, _CHALLENGE = 235, 334
_DOT = re.compile(rb"^\.", re.MULTILINE)


def require_way(account: MailAccount) -> SmtpServer:
    """The server that an account sends by; raises EffectError where there is none or it would be spoken to in plain text."""
    server = account.smtp
    if server is None or not server.host:
        raise kept_back(
            f"No server is set by which the mail account {account.name} could send.",
            f"Set smtp.host for the mail account {account.name}, or approve it as a draft.",
        )
    if server.tls == "none" and not is_loopback(server.host):
        raise kept_back(
            f"The mail account {account.name} would send in plain text by {server.host}.",
            "Set smtp.tls to implicit or starttls; none is for servers on this machine only.",
        )
    if server.tls == "none" and server.login == "xoauth2":
        raise kept_back(
            f"The mail account {account.name} would send its access token in plain text by {server.host}.",
            "Set smtp.tls to implicit or starttls.",
        )
    return server


def send(account: MailAccount, letter: Letter, dial: Dial | None = None) -> Receipt:
    """Send a letter once; raises EffectError, `uncertain` where the server may have taken it without saying so."""
    server = require_way(account)
    content = compose(letter)
    sender, recipients = envelope(letter)
    if not recipients:
        raise kept_back("The letter names nobody to be sent to.", "Add a recipient, then approve it again.")
    client = _Client(server, account, dial or DIRECT)
    try:
        with _before(server):
            client.begin()
            client.offer(sender, recipients, content)
        answer = client.end(content)
    finally:
        client.hang_up()
    people = f"{len(recipients)} people" if len(recipients) > 1 else recipients[0]
    return Receipt(sentence=f"It was sent to {people}.", answer=answer, place=server.host)


class _Client:
    """One letter's way through a server."""

    def __init__(self, server: SmtpServer, account: MailAccount, dial: Dial) -> None:
        self._server = server
        self._account = account
        context = _encryption(server, account, dial)
        self._context = context
        self._smtp = Smtp(server, context if server.tls == "implicit" else None, dial)

    def begin(self) -> None:
        """Dial, encrypt and log in."""
        self._require(self._smtp.connect(self._server.host, self._server.port), "does not greet", 220)
        self._require(self._smtp.ehlo(), "does not take the greeting", 250)
        if self._server.tls == "starttls":
            self._encrypt()
        if self._server.user:
            self._log_in()

    def _encrypt(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise kept_back(
                f"{self._server.host} does not offer encryption (STARTTLS).",
                "Use smtp.tls = implicit with port 465 if the server has it; nothing was sent to it.",
            )
        self._require(self._smtp.starttls(context=self._context), "does not start encryption", 220)
        self._require(self._smtp.ehlo(), "does not take the greeting", 250)

    def _log_in(self) -> None:
        user, password = self._server.user, _password(self._server, self._account)
        if self._server.login == "xoauth2":
            self._log_in_by(Bearer(user, password))
            return
        try:
            if (user + password).isascii():
                self._smtp.login(user, password)
            else:
                secret = base64.b64encode(f"\0{user}\0{password}".encode()).decode("ascii")
                self._require(self._smtp.docmd("AUTH", f"PLAIN {secret}"), "does not let us log in", _LOGGED_IN)
        except smtplib.SMTPResponseException as error:
            if 400 <= error.smtp_code < 500:
                raise EffectError(f"{self._server.host} cannot log anybody in at the moment.") from error
            raise kept_back(
                f"{self._server.host} does not accept the user name or password of {user}.",
                f"Check both in the smtp settings of the mail account {self._account.name}.",
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise kept_back(
                f"{self._server.host} offers no way to log in that is known here.", "Leave smtp.user empty if it needs none."
            ) from error

    def _log_in_by(self, bearer: Bearer) -> None:
        server = self._server
        if "XOAUTH2" not in self._smtp.esmtp_features.get("auth", "").upper().split():
            raise kept_back(
                f"{server.host} does not offer to log in by an access token (XOAUTH2).",
                f"Set smtp.password of the mail account {self._account.name}.",
            )
        reply = self._smtp.docmd("AUTH", f"XOAUTH2 {base64.b64encode(bearer.sent().encode()).decode('ascii')}")
        if reply[0] == _CHALLENGE:
            bearer(decoded(reply[1]))
            reply = self._smtp.docmd("")
        if 400 <= reply[0] < 500:
            raise EffectError(f"{server.host} cannot log anybody in at the moment.")
        if reply[0] != _LOGGED_IN:
            raise kept_back(
                f"{server.host} does not accept the access token of {server.user}: {bearer.refused or _words(reply)}.",
                f"Log in again with `butler login mail.{self._account.name}`, then approve it again.",
            )

    def offer(self, sender: str, recipients: Sequence[str], content: bytes) -> None:
        """Name sender and recipients, every one of whom has to be taken, and hand over all but the letter's last dot."""
        most = self._smtp.esmtp_features.get("size", "")
        if most.isdigit() and 0 < int(most) < len(content):
            raise kept_back(f"The letter has {len(content)} bytes; {self._server.host} takes {most}.")
        size = f" SIZE={len(content)}" if self._smtp.has_extn("size") else ""
        self._require(self._smtp.docmd("MAIL", f"FROM:<{sender}>{size}"), f"does not take mail from {sender}", 250)
        for recipient in recipients:
            self._require(self._smtp.docmd("RCPT", f"TO:<{recipient}>"), f"does not take mail for {recipient}", 250, 251)
        self._require(self._smtp.docmd("DATA"), "does not take the letter", 354)
        self._smtp.send(_DOT.sub(b"..", content))

    def end(self, content: bytes) -> str:
        """Say that the letter is whole, from where on it may have been sent; returns the server's answer."""
        if not content.endswith(b"\r\n"):
            raise EffectError("The letter does not end with a line's end.", permanent=True)
        try:
            self._smtp.send(b".\r\n")
            reply = self._smtp.getreply()
        except OSError as error:
            raise EffectError(
                f"{self._server.host} took the letter, but the connection broke before it said so.",
                uncertain=True,
                advice="Look into the folder for sent mails, or ask the recipient, before you have it sent again.",
            ) from error
        self._require(reply, "does not take the letter", 250)
        return _words(reply)

    def hang_up(self) -> None:
        """Take leave; never raises."""
        with suppress(OSError, ValueError):
            if self._smtp.sock is not None:
                self._smtp.sock.settimeout(1.0)
                self._smtp.quit()
        with suppress(OSError, ValueError):
            self._smtp.close()

    def _require(self, reply: tuple[int, bytes], what: str, *codes: int) -> None:
        if reply[0] not in codes:
            raise EffectError(f"{self._server.host} {what}: {_words(reply)}.", permanent=reply[0] >= 500)


def _encryption(server: SmtpServer, account: MailAccount, dial: Dial) -> ssl.SSLContext | None:
    if server.tls == "none":
        return None
    setting = f"smtp.pin of the mail account {account.name}"
    return encryption(dial, server.host, server.port, ca_file=server.ca_file, pins=server.pins, setting=setting)


@contextmanager
def _before(server: SmtpServer) -> Iterator[None]:
    """Tell what went wrong before the letter was whole, when nothing can have been sent."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        words = _words((error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""))
        raise EffectError(f"{server.host} refuses: {words}.", permanent=error.smtp_code >= 500) from error
    except smtplib.SMTPException as error:
        raise EffectError(f"{server.host} ended the connection; nothing was sent.") from error
    except SourceError as error:
        raise _of_source(error) from error
    except ssl.SSLError as error:
        raise _of_source(_tls(error, server)) from error
    except OSError as error:
        raise _of_source(explain(error, _seen_as(server))) from error


def _tls(error: ssl.SSLError, server: SmtpServer) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError | ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return explain(error, _seen_as(server))
    return SourceError(
        f"{server.host} does not speak TLS on port {server.port}: {one_line(error.reason or str(error), 80)}.",
        permanent=True,
        advice="Check smtp.port and smtp.tls: 465 goes with implicit, 587 with starttls.",
    )


def _of_source(error: ButlerError) -> EffectError:
    permanent = isinstance(error, SourceError) and error.permanent
    return EffectError(error.sentence, permanent=permanent, held=permanent, advice=error.advice)


def _seen_as(server: SmtpServer, account: MailAccount | None = None) -> MailAccount:
    """The server as the sentences on connections know one."""
    name = account.name if account else ""
    return MailAccount(name, server.host, server.port, server.user, ca_file=server.ca_file, timeout=server.timeout)


def _words(reply: tuple[int, bytes]) -> str:
    return one_line(f"{reply[0]} {reply[1].decode('utf-8', 'replace')}", 160).rstrip(".")


def _password(server: SmtpServer, account: MailAccount) -> str:
    fetch: Callable[[], str] = server.password
    try:
        password = fetch().rstrip("\r\n")
    except ButlerError as error:
        # What keeps a log-in from being renewed for now, such as a network that is gone, is over soon.
        raise _of_source(error) from error
    if not password or any(sign in password + server.user for sign in "\r\n\0"):
        raise kept_back(
            f"There is no usable password for {server.user} at {server.host}.",
            f"Set smtp.password of the mail account {account.name}.",
        )
    return password
