"""The hosts and ports that the settings name, each with what for: whoever is not among them is never connected to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from butler.core.accounts import Account, CalendarAccount, ContactsAccount, MailAccount, ModelHost
from butler.core.foreign import ForeignServer

NOTICES = "notices"
_PLAIN_PORT, _TLS_PORT = 80, 443
_MOST_PORTS = 65_535
_SERVICES = {
    "discord": ("discord.com",),
    "pbul": ("api.pushbullet.com",),
    "pover": ("api.pushover.net",),
    "slack": ("hooks.slack.com", "slack.com"),
    "tgram": ("api.telegram.org",),
}
"""Services whose addresses hold a token where others have a host, by the scheme that apprise knows them by."""
_NTFY = "ntfy.sh"
_SUBMISSION = {"mailto": 25, "mailtos": 587}


Encryption = Literal["tls", "none", "unknown"]
"""What the settings say of a connection: it has to be encrypted, it is in plain text, or they leave that to who makes it."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and port, and what it is there for: `mail.home`, `smtp.home`, `calendar.family`, `contacts.friends`,
    `model`, `notices`.

    Of notices it is not known whether they are encrypted: the program that sends them does not tell.
    """

    host: str
    port: int
    purpose: str
    encryption: Encryption = "unknown"


def plain_host(host: str) -> str:
    """A host as it is compared: in small letters, without the brackets of a number or the dot at the end of a name."""
    return host.strip("[]").rstrip(".").lower()


def of_account(account: Account) -> tuple[Endpoint, ...]:
    """Where the servers of one account are; none for what lies in a folder."""
    return tuple(_of_account(account))


def of_model(model: ModelHost | None) -> tuple[Endpoint, ...]:
    """Where the model's servers are."""
    servers = () if model is None else model.servers()
    return tuple(each for server in servers for each in _of_url(server.url, f"model.{server.name}" if server.name else "model"))


def of_notices(urls: Iterable[str], hosts: Sequence[str] = ()) -> tuple[Endpoint, ...]:
    """Where notices go: to the hosts in their addresses, to services that are known by name, and to `hosts` (`name:port`)."""
    found = [endpoint for url in urls for endpoint in _of_notice(url)]
    found += [endpoint for host in hosts for endpoint in _of_url(f"https://{host}", NOTICES)]
    return tuple(dict.fromkeys(found))


def of_server(server: ForeignServer) -> tuple[Endpoint, ...]:
    """Where a server of the owner's choice may connect to; whether that is encrypted, it does not tell."""
    return tuple(Endpoint(plain_host(host), port, f"mcp.{server.name}") for host, port in server.hosts)


def of_all(accounts: Iterable[Account], model: ModelHost | None, others: Iterable[Endpoint] = ()) -> tuple[Endpoint, ...]:
    """Everything that is named, each once, in the order in which it is set."""
    named = [endpoint for account in accounts for endpoint in of_account(account)]
    return tuple(dict.fromkeys((*named, *of_model(model), *others)))


def _of_account(account: Account) -> Iterator[Endpoint]:
    match account:
        case MailAccount():
            if account.host and account.path is None:
                yield Endpoint(plain_host(account.host), account.port, f"mail.{account.name}", _encryption(account.tls))
            if account.smtp is not None:
                smtp = account.smtp
                yield Endpoint(plain_host(smtp.host), smtp.port, f"smtp.{account.name}", _encryption(smtp.tls))
        case CalendarAccount() | ContactsAccount():
            if account.path is None:
                kind = "calendar" if isinstance(account, CalendarAccount) else "contacts"
                yield from _of_url(account.url, f"{kind}.{account.name}")
        case _:
            return


def _of_url(url: str, purpose: str) -> Iterator[Endpoint]:
    parts = urlsplit(url)
    port = _port_of(parts) or (_PLAIN_PORT if parts.scheme == "http" else _TLS_PORT)
    if parts.hostname:
        encryption: Encryption = "none" if parts.scheme == "http" else "tls"
        yield Endpoint(plain_host(parts.hostname), port, purpose, "unknown" if purpose == NOTICES else encryption)


def _encryption(tls: Literal["implicit", "starttls", "none"]) -> Encryption:
    return "none" if tls == "none" else "tls"


def _of_notice(url: str) -> Iterator[Endpoint]:
    """Where a notice of one address goes, as far as that can be told from the address alone."""
    parts = urlsplit(url)
    host, scheme = parts.hostname or "", parts.scheme.lower()
    if scheme in _SERVICES:
        yield from (Endpoint(service, _TLS_PORT, NOTICES) for service in _SERVICES[scheme])
    elif "." in host or ":" in host or host == "localhost":
        port = _SUBMISSION.get(scheme) or (_TLS_PORT if scheme.endswith("s") else _PLAIN_PORT)
        yield Endpoint(plain_host(host), _port_of(parts) or port, NOTICES)
    elif scheme in {"ntfy", "ntfys"}:
        yield Endpoint(_NTFY, _TLS_PORT, NOTICES)


def _port_of(parts: SplitResult) -> int:
    """The port that an address names; 0 where it names none, or none that there is."""
    try:
        port = parts.port or 0
    except ValueError:
        return 0
    return port if port <= _MOST_PORTS else 0
