"""What can go wrong with a mail server, each told in one sentence that says what to do."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import socket
import ssl

from butler.core.accounts import MailAccount
from butler.core.errors import LoginError, SourceError
from butler.core.text import one_line

_EXPIRED, _NOT_YET, _WRONG_HOST, _WRONG_IP = 10, 9, 62, 64
_LATER = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]", re.IGNORECASE)


class LostError(SourceError):
    """The connection is gone; a new one may work."""

    @classmethod
    def of(cls, error: OSError, account: MailAccount) -> LostError:
        """Tell what the operating system said about the connection."""
        if isinstance(error, TimeoutError):
            return cls(f"{account.host} does not answer within {account.timeout:g} seconds.")
        if isinstance(error, ConnectionError):
            return cls(f"{account.host} closed the connection.")
        return cls(f"The connection to {account.host} broke: {one_line(error.strerror or str(error), 120)}.")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or number alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def require_safe(account: MailAccount) -> None:
    """Refuse plain text to another machine before anything is dialled."""
    if account.tls == "none" and not is_loopback(account.host):
        raise SourceError(
            f"The mail account {account.name} would send its password to {account.host} in plain text.",
            permanent=True,
            advice="Set tls to implicit or starttls; none is for servers on this machine only.",
        )

    if account.tls == "none" and account.login == "xoauth2":
        raise SourceError(
            f"The mail account {account.name} would send its access token in plain text.",
            permanent=True,
            advice="Set tls to implicit or starttls.",
        )


def offers_no_tokens(account: MailAccount) -> SourceError:
    """Tell that a server knows passwords only."""
    return SourceError(
        f"{account.host} does not offer to log in by an access token (XOAUTH2).",
        permanent=True,
        advice=f"Nothing was sent to it. Set a password for the mail account {account.name}, and leave out oauth.",
    )


def refusal_of_token(words: str, reason: str, account: MailAccount) -> SourceError:
    """Tell a token that is not taken from a server that is out of order."""
    if _LATER.search(words):
        return SourceError(f"{account.host} cannot log anybody in at the moment.")
    return LoginError(
        f"{account.host} does not accept the access token of {account.user}: {reason or words}.",
        permanent=True,
        advice=f"Log in again with `butler login mail.{account.name}`; the provider may also have IMAP switched off.",
    )


def explain(error: Exception, account: MailAccount) -> SourceError:
    """What stopped the connection from coming about."""
    host = account.host
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, host)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return LostError(f"{host} closed the connection.")
    if isinstance(error, ssl.SSLError):
        return SourceError(
            f"{host} does not speak TLS on port {account.port}: {one_line(error.reason or str(error), 80)}.",
            permanent=True,
            advice="Check port and tls: 993 goes with implicit, 143 with starttls.",
        )
    if isinstance(error, socket.gaierror | UnicodeError):
        return SourceError(f"The mail server {host} cannot be found.", advice="Check its name, and that there is a network.")
    if isinstance(error, ConnectionRefusedError):
        return SourceError(
            f"{host} refuses connections on port {account.port}.", advice="Check the port, and that the server runs."
        )
    if isinstance(error, OSError):
        return LostError.of(error, account)
    words = one_line(str(error), 120).rstrip(".")
    return SourceError(
        f"{host} does not greet as a mail server does: {words}.", advice=f"Check that port {account.port} is IMAP."
    )


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> SourceError:
    if error.verify_code in {_EXPIRED, _NOT_YET}:
        reason, advice = "has expired or is not valid yet", "Renew it, and check this machine's clock."
    elif error.verify_code in {_WRONG_HOST, _WRONG_IP}:
        reason, advice = "was made for another name", "Set host to the name in the certificate."
    else:
        reason, advice = (
            "is not trusted",
            "If it is your own authority's, set ca_file to its PEM file; if it is its own, set pin to its SHA-256.",
        )
    return SourceError(f"The certificate of {host} {reason}.", permanent=True, advice=f"{advice} Nothing was sent to it.")


def refusal_of_login(error: imaplib.IMAP4.error, account: MailAccount) -> SourceError:
    """Tell a wrong password from a server that hangs up or is out of order."""
    words = one_line(str(error), 200)
    if isinstance(error, imaplib.IMAP4.abort) or isinstance(error.__context__, imaplib.IMAP4.abort):
        return LostError(f"{account.host} ended the connection at log-in.")
    if _LATER.search(words):
        return SourceError(f"{account.host} cannot log anybody in at the moment.")
    return LoginError(
        f"{account.host} does not accept the user name or password of {account.user}.",
        permanent=True,
        advice=f"Check both in the settings of the mail account {account.name}; many providers want an app password.",
    )
