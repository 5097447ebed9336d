"""What the ledger of connections proves: whom the butler talked to, and whether the settings name them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from butler.core.connections import REFUSED, UNSECURED, Begun, Connection, Told
from butler.core.endpoints import Endpoint, plain_host

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Contact:
    """All connections to one address for one purpose that were encrypted alike, or all failed attempts that failed alike.

    `is_named` says whether the settings of now name the host and port for anything at all.
    """

    purpose: str
    host: str
    port: int
    address: str
    tls: str
    certificate: str
    trouble: str
    is_named: bool
    times: int
    sent: int
    received: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found from a time on: contacts, those that failed, what was refused, and what goes on.

    `problems` are those of the journal, `unknown` the connections of the butler's processes that the ledger does not know.
    """

    since: datetime
    contacts: Sequence[Contact]
    failed: Sequence[Contact] = ()
    refused: Sequence[Contact] = ()
    under_way: Sequence[Begun] = ()
    named: frozenset[Place] = field(default_factory=frozenset)
    problems: Sequence[str] = ()
    unknown: Sequence[str] = ()

    @property
    def strangers(self) -> tuple[Place, ...]:
        """Hosts and ports that were connected to, or tried, and that the settings of now do not name."""
        ended = [(each.host, each.port) for each in (*self.contacts, *self.failed)]
        now = [(each.connection.host, each.connection.port) for each in self.under_way]
        return tuple(dict.fromkeys(place for place in (*ended, *now) if place not in self.named))

    @property
    def unsecured(self) -> int:
        """How many connections had to be encrypted and ended before they were; nothing that matters went over them."""
        return sum(each.times for each in self.contacts if each.trouble == UNSECURED)

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing that its owner should look at."""
        return not (self.strangers or self.refused or self.problems or self.unknown)


def proof(
    since: datetime, told: Iterable[Told], under_way: Sequence[Begun], named: Iterable[Endpoint], problems: Sequence[str] = ()
) -> Proof:
    """Sum up the lines about connections since a time; `named` is what the settings of now name."""
    places = frozenset((plain_host(each.host), each.port) for each in named)
    lines = sorted(told, key=lambda line: line.seq)
    refused = [line for line in lines if line.what == REFUSED]
    others = [line for line in lines if line.what != REFUSED]
    return Proof(
        since=since,
        contacts=_contacts((line for line in others if line.connection.address), places),
        failed=_contacts((line for line in others if not line.connection.address), places),
        refused=_contacts(refused, places),
        under_way=under_way,
        named=places,
        problems=problems,
    )


def verdict(found: Proof, when: str) -> str:
    """The one sentence that matters; `when` is such as "Since Monday"."""
    hosts = {(each.host, each.port) for each in found.contacts}
    hosts |= {(each.connection.host, each.connection.port) for each in found.under_way}
    if not hosts:
        talked = f"{when} the butler talked to nobody"
    else:
        talked = f"{when} the butler talked to {_count(len(hosts), 'server')}"
        talked += _named(len(hosts), len(hosts & set(found.strangers)))
    return ". ".join([talked, *_troubles(found, hosts)]) + "."


def _named(servers: int, strangers: int) -> str:
    """How many of so many servers the settings name."""
    if not strangers:
        return ", and your settings name " + ("it" if servers == 1 else "all of them")
    if servers == 1:
        return ", which is not in your settings"
    if servers == strangers:
        return ", none of which is in your settings"
    return f", of which {strangers} {'is' if strangers == 1 else 'are'} not in your settings"


def _troubles(found: Proof, hosts: set[Place]) -> Iterable[str]:
    if tried := set(found.strangers) - hosts:
        yield f"{_count(len(tried), 'server')} that your settings do not name {'was' if len(tried) == 1 else 'were'} tried"
    if refused := sum(each.times for each in found.refused):
        yield f"{_count(refused, 'connection')} to others {'was' if refused == 1 else 'were'} refused"
    if others := len(found.unknown):
        yield f"{_count(others, 'open connection')} of its processes {'is' if others == 1 else 'are'} in no line of the ledger"
    if broken := found.unsecured:
        them = "it was" if broken == 1 else "they were"
        yield f"{_count(broken, 'connection')} ended before {them} encrypted; `butler doctor` says why"
    if found.problems:
        yield "The journal is not whole, so it proves little"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _contacts(lines: Iterable[Told], named: frozenset[Place]) -> tuple[Contact, ...]:
    """Group connections that are alike, in the order in which the first of each was made."""
    groups: dict[tuple[str, ...], list[Connection]] = {}
    for line in lines:
        each = line.connection
        key = (each.purpose, each.host, str(each.port), each.address, each.tls, each.certificate, each.trouble)
        groups.setdefault(key, []).append(each)
    return tuple(_contact(group, named) for group in groups.values())


def _contact(group: Sequence[Connection], named: frozenset[Place]) -> Contact:
    one = group[0]
    return Contact(
        *(one.purpose, one.host, one.port, one.address, one.tls, one.certificate, one.trouble),
        is_named=(one.host, one.port) in named,
        times=len(group),
        sent=sum(each.sent for each in group),
        received=sum(each.received for each in group),
        first=min(each.began for each in group),
        last=max(each.began for each in group),
    )


def unknown(wires: Iterable[tuple[str, Place]], known: Iterable[Connection]) -> tuple[str, ...]:
    """Those connections, each a name of a process and where it leads to, that none in the ledger explains; as words."""
    places = {(address, each.port) for each in known for address in each.addresses}
    return tuple(f"{name} to {place[0]} port {place[1]}" for name, place in wires if place not in places)
