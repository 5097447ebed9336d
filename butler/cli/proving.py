"""What `butler prove` prints: the verdict first, then what it rests on, then how anybody can check that; all of it pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from butler.cli.output import hanging, painted
from butler.core.connections import PLAIN, UNSECURED
from butler.core.daynames import WEEKDAYS
from butler.core.proof import Contact, Proof, verdict
from butler.core.text import one_line
from butler.dialing.live import Process
from butler.web.amounts import grouped, sized

_DAYS = WEEKDAYS["en"].split()
_SPAN = re.compile(r"([1-9]\d{0,3})(h|d|w)", re.ASCII)
_UNITS = {"h": "hour", "d": "day", "w": "week"}
STARTER = "butler-forks"
"""What the forkserver calls itself."""
_SHOWN_HASH = 16
_MOST_TROUBLES = 20
_UNSECURED = (
    "⚠ ended before {them} encrypted: no answer, a handshake that failed, or a certificate that was refused. "
    "What was sent is of the handshake: no password, and nothing of yours."
)
_BOLD, _RED, _GREEN, _YELLOW = "1", "31", "32", "33"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What else is known: the journal's lines and last hash, what the kernel has, what it holds each role to, what runs.

    `remarks` say what the settings do without, `suffices` whether the kernel could do all that is asked of it all the same.
    `unit` are the properties of the service, `names` the name servers, `notices_unread` why it is not known where notices go.
    """

    state: Path
    zone: ZoneInfo
    lines: int
    head: str
    kernel: str
    roles: Sequence[tuple[str, str]]
    processes: Sequence[Process] = ()
    unit: Sequence[tuple[str, str]] = ()
    names: Sequence[str] = ()
    notices_unread: str = ""
    remarks: Sequence[str] = field(default=())
    suffices: bool = True


def since_of(text: str, now: datetime) -> tuple[datetime, str]:
    """When "monday", "yesterday", "2026-11-20" or "12h" was, and how that is said; `now` is in the owner's zone.

    Raises ValueError where it is none of that.
    """
    word = text.strip().lower()
    if span := _SPAN.fullmatch(word):
        number, unit = int(span[1]), _UNITS[span[2]]
        return now - timedelta(**{f"{unit}s": number}), f"In the last {f'{number} {unit}s' if number > 1 else unit}"
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if word in ("today", "yesterday"):
        return midnight - timedelta(days=("today", "yesterday").index(word)), f"Since {word}"
    if word in _DAYS:
        day = midnight - timedelta(days=(now.weekday() - _DAYS.index(word)) % 7)
        return day, f"Since {word.capitalize()}"
    day = datetime.fromisoformat(f"{word}T00:00").replace(tzinfo=now.tzinfo)
    return day, f"Since {word}"


def lines(found: Proof, around: Surroundings, when: str) -> Iterator[str]:
    """The whole page."""
    clean = _YELLOW if found.unsecured else _GREEN
    yield from _coloured(clean if found.is_clean else _RED, "", verdict(found, when))
    if not found.is_clean:
        yield from _wrong(found, around)
    yield from _talked("Talked to", found.contacts, around.zone)
    yield from _under_way(found, around.zone)
    yield from _talked("Tried, and not reached", found.failed[:_MOST_TROUBLES], around.zone)
    yield from _rest(around)
    yield from _kernel(around)
    yield from _running(around)
    yield from _by_systemd(around)
    yield from _heading("Check it yourself")
    for what, command in checks(around):
        yield from hanging("  ", f"{what}:")
        yield f"    {command}"


def _heading(text: str) -> Iterator[str]:
    yield ""
    yield painted(_BOLD, text)


def _wrong(found: Proof, around: Surroundings) -> Iterator[str]:
    for host, port in found.strangers:
        yield from _marked(f"{one_line(host)} port {port} is not in your settings of now.")
    for each in found.refused:
        last = _moment(each.last, around.zone)
        many = f"{grouped(each.times)} times, last" if each.times > 1 else "once,"
        asked = f"Something for {one_line(each.purpose)} asked for {one_line(each.host)} port {each.port}"
        yield from _marked(f"{asked}, {many} {last}. It was refused.")
    for name in found.unknown:
        yield from _marked(f"{one_line(name)}: no line of the ledger tells of this connection.")
    for problem in found.problems[:_MOST_TROUBLES]:
        yield from _marked(problem)


def _marked(sentence: str) -> Iterator[str]:
    yield from _coloured(_RED, "✗ ", sentence)


def _coloured(code: str, margin: str, sentence: str) -> Iterator[str]:
    for line in hanging(margin, sentence):
        yield painted(code, line)


def _talked(heading: str, contacts: Sequence[Contact], zone: ZoneInfo) -> Iterator[str]:
    if contacts:
        yield from _heading(heading)
    for each in contacts:
        place = f"{one_line(each.host)} port {each.port}"
        if each.address and each.address != each.host:
            place += f" ({each.address})"
        yield from hanging("  ", f"{one_line(each.purpose)}: {place}" + ("" if each.is_named else " ✗ not in your settings"))
        for told in _facts(each, zone):
            yield from hanging("      ", told)


def _facts(each: Contact, zone: ZoneInfo) -> Iterator[str]:
    times = f"{grouped(each.times)} times, " if each.times > 1 else ""
    span = _moment(each.first, zone)
    if each.times > 1:
        span += f" to {_moment(each.last, zone)}"
    if not each.address:
        yield f"{times}{span}: {one_line(each.trouble)}"
        return
    yield f"{times}{span}; {sized(each.sent)} sent, {sized(each.received)} received"
    if each.trouble == UNSECURED:
        yield _UNSECURED.format(them="it was" if each.times == 1 else "they were")
    elif each.trouble:
        yield f"At the end {one_line(each.trouble)}."
    if each.tls == PLAIN:
        yield "not encrypted, as your settings say"
    elif each.tls:
        yield f"{each.tls}, certificate SHA-256 {each.certificate[:_SHOWN_HASH]}…"
    elif not each.trouble:
        yield "whether it was encrypted was not told"


def _under_way(found: Proof, zone: ZoneInfo) -> Iterator[str]:
    if found.under_way:
        yield from _heading("Open now")
    for each in found.under_way:
        one = each.connection
        place = f"{one_line(one.host)} port {one.port}"
        yield from hanging("  ", f"{one_line(one.purpose)}: {place}, since {_moment(one.began, zone)}")


def _rest(around: Surroundings) -> Iterator[str]:
    yield from _heading("The record")
    head = f", the last one is {around.head[:_SHOWN_HASH]}…" if around.head else ""
    yield from hanging("  ", f"{grouped(around.lines)} line{'' if around.lines == 1 else 's'} in the journal{head}.")
    servers = ", ".join(around.names) or "none are set"
    yield from hanging(
        "  ", f"Names are looked up only for hosts of the settings, by the name servers of this machine: {servers}."
    )
    if around.notices_unread:
        yield from hanging("  ", f"Where notices go is not known: {one_line(around.notices_unread)}")


def _kernel(around: Surroundings) -> Iterator[str]:
    yield from _heading("What the kernel enforces")
    yield from hanging("  ", around.kernel)
    for held in dict.fromkeys(held for _, held in around.roles):
        yield from hanging("  ", f"{', '.join(name for name, other in around.roles if other == held)}: {held}")
    for remark in around.remarks:
        yield from _coloured(_YELLOW, "⚠ ", remark)
    if around.remarks and around.suffices:
        yield from hanging("  ", "This kernel confines every role all the same, as it is said above.")


def _running(around: Surroundings) -> Iterator[str]:
    yield from _heading("What runs now")
    if not around.processes:
        yield "  No daemon."
    for each in around.processes:
        held = "confined: Seccomp 2, NoNewPrivs 1" if is_confined(each) else f"not confined: it {_task(each)}"
        if each.wires is None:
            wires = "its connections are shown to root alone"
        else:
            wires = f"{len(each.wires)} connection{'' if len(each.wires) == 1 else 's'}"
        yield from hanging(f"  {each.number:>7}  ", f"{one_line(each.name)}: {held}; {wires}")


def _task(process: Process) -> str:
    """What a process does that is not confined: the daemon and its children, what starts their workers, what they run."""
    if process.name == STARTER:
        return "starts the workers, and neither dials nor has secrets"
    return "dials and has the secrets" if process.name == "butler" else "is a program that your settings name"


def is_confined(process: Process) -> bool:
    """Whether the kernel holds a process to a list of calls, and to no new rights."""
    return process.seccomp == "filter" and process.no_new_privileges


def _by_systemd(around: Surroundings) -> Iterator[str]:
    if around.unit:
        yield from _heading("What systemd enforces")
    for name, value in around.unit:
        yield from hanging("  ", f"{name}={one_line(value, 400)}")


def checks(around: Surroundings) -> Iterable[tuple[str, str]]:
    """What anybody can check, and the command that does."""
    daemon = around.processes[0].number if around.processes else 0
    confined = [each.number for each in around.processes if is_confined(each)]
    if confined:
        files = " ".join(f"/proc/{number}/status" for number in confined[:3])
        yield "2 and 1 for a process that is confined", f"grep -E 'Seccomp:|NoNewPrivs' {files}"
    if daemon:
        numbers = "|".join(str(each.number) for each in around.processes)
        yield "what the daemon and its workers are connected to", f"sudo ss -tnp | grep -E 'pid=({numbers}),'"
    yield "every connection and lookup of this machine as it is made", "sudo tcpdump -ni any 'tcp[13] & 18 = 2 or port 53'"
    yield "whether the journal is whole", f"butler journal --verify --state-dir {shlex.quote(str(around.state))}"
    file = shlex.quote(str(around.state / "butler.db"))
    asked = "\"SELECT at, subject, facts FROM journal WHERE what = 'connected'\""
    yield "all connections, by another program", f"sqlite3 -readonly {file} {asked}"
    if around.unit:
        yield "what systemd holds the service to", "systemctl show -p IPAddressAllow -p IPAddressDeny butler.service"
        yield "and how tight that is", "systemd-analyze security butler.service"


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
