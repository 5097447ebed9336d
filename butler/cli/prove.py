"""`butler prove`: whom the butler talked to, checked against the settings, the journal, the kernel and systemd."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.cli import opening, output
from butler.cli.proving import Surroundings, checks, is_confined, lines, since_of
from butler.core.connections import Begun
from butler.core.errors import EXIT_FAILED, ButlerError, UsageError
from butler.core.jailing import DEGRADED
from butler.core.proof import Contact, Proof, proof, unknown, verdict
from butler.daemon.pidfile import holder
from butler.dialing.live import Process, family, listening

if TYPE_CHECKING:
    from butler.settings import Settings
    from butler.store.truth import Truth

_ASKED = (
    *("IPAddressDeny", "IPAddressAllow", "RestrictAddressFamilies", "NoNewPrivileges", "DynamicUser", "ProtectSystem"),
    *("ProtectHome", "RestrictNamespaces", "MemoryDenyWriteExecute", "CapabilityBoundingSet", "LimitCORE"),
)
_UNIT = "butler.service"


def run(options: argparse.Namespace) -> int:
    """Print what was found; exit code 1 where there is anything that its owner should look at."""
    settings = opening.settings(options)
    zone = settings.person().zone
    now = datetime.now(zone)
    try:
        since, when = since_of(options.since, now)
    except ValueError:
        raise UsageError(
            f"{options.since!r} is neither a day nor a span.", advice="Write it like monday, yesterday, 2026-11-20, 12h or 7d."
        ) from None
    # First the connections that there are: each was written down before it was made, so that it must be found afterwards.
    daemon = holder(settings.state_dir)
    processes = family(daemon) if daemon else []
    ports = listening(daemon) if daemon else frozenset()
    with opening.truth(settings) as truth:
        urls, unread = _notice_urls(settings)
        found, counted, head = _found(truth, settings, since, urls, _outward(processes, ports))
    around = _surroundings(settings, processes, counted, head, unread)
    if options.json:
        output.show_json(_document(found, around, when, now))
    else:
        output.page("\n".join(lines(found, around, when)) + "\n")
    return 0 if found.is_clean else EXIT_FAILED


def _found(
    truth: Truth, settings: Settings, since: datetime, urls: Sequence[str], outward: Iterable[tuple[str, tuple[str, int]]]
) -> tuple[Proof, int, str]:
    from butler.settings.endpoints import endpoints

    begun = truth.connections.open_ones()
    told = list(truth.connections.since(since))
    examined = truth.journal.examined()
    found = proof(since, told, begun, endpoints(settings, urls), examined.problems)
    known = [*(each.connection for each in begun), *(each.connection for each in told)]
    return dataclasses.replace(found, unknown=unknown(outward, known)), examined.lines, examined.head


def _outward(processes: Sequence[Process], ports: frozenset[int]) -> Iterator[tuple[str, tuple[str, int]]]:
    """The connections that processes have made; those that others made to them, such as to the page, are left out."""
    for each in processes:
        for wire in each.wires or ():
            if wire.local[1] not in ports:
                yield f"process {each.number} ({each.name})", wire.remote


def _notice_urls(settings: Settings) -> tuple[tuple[str, ...], str]:
    """Where notices go, and why that is not known if it is not."""
    from butler.settings.notices import addresses

    try:
        return addresses(settings.notices.urls()), ""
    except ButlerError as error:
        return (), str(error)


def _surroundings(settings: Settings, processes: Sequence[Process], counted: int, head: str, unread: str) -> Surroundings:
    from butler.install import name_servers
    from butler.sandbox.jail import enforced, support
    from butler.sandbox.profiles import PROFILES

    kernel = support()
    has = f"Landlock {kernel.abi}" if kernel.abi else "no Landlock"
    calls = "filters for system calls" if kernel.seccomp else "no filters for system calls"
    return Surroundings(
        state=settings.state_dir,
        zone=settings.person().zone,
        lines=counted,
        head=head,
        kernel=f"This one has {has} and {calls}, on {kernel.machine}. Workers have no sockets of their own.",
        roles=[(name, str(enforced(profile, kernel))) for name, profile in PROFILES.items()],
        processes=processes,
        unit=_unit(),
        names=name_servers(_resolvers()),
        notices_unread=unread,
        remarks=[DEGRADED] if settings.sandbox == "degraded" else [],
        suffices=kernel.suffices,
    )


def _resolvers() -> str:
    try:
        return Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _unit() -> tuple[tuple[str, str], ...]:
    """What systemd holds the service to; nothing where there is no systemd, or no such service in it."""
    if shutil.which("systemctl") is None:
        return ()
    wanted = [word for name in ("LoadState", *_ASKED) for word in ("-p", name)]
    for scope in ((), ("--user",)):
        try:
            asked = subprocess.run(
                ["systemctl", *scope, "show", *wanted, _UNIT],
                capture_output=True,
                text=True,
                timeout=5,
                check=False,
                env={name: os.environ[name] for name in ("PATH", "XDG_RUNTIME_DIR") if name in os.environ},
            )
        except (OSError, subprocess.TimeoutExpired):
            return ()
        told = dict(line.split("=", 1) for line in asked.stdout.splitlines() if "=" in line)
        if told.pop("LoadState", "") == "loaded":
            return tuple((name, told[name]) for name in _ASKED if told.get(name))
    return ()


def _document(found: Proof, around: Surroundings, when: str, now: datetime) -> dict[str, Any]:
    return {
        "clean": found.is_clean,
        "verdict": verdict(found, when),
        "ended_unencrypted": found.unsecured,
        "since": found.since.isoformat(),
        "until": now.isoformat(),
        "connections": list(map(_contact, found.contacts)),
        "failed": list(map(_contact, found.failed)),
        "refused": list(map(_contact, found.refused)),
        "open": list(map(_begun, found.under_way)),
        "not_in_settings": [{"host": host, "port": port} for host, port in found.strangers],
        "not_in_ledger": list(found.unknown),
        "settings": [{"host": host, "port": port} for host, port in sorted(found.named)],
        "journal": {"whole": not found.problems, "lines": around.lines, "head": around.head, "problems": list(found.problems)},
        "kernel": {
            "sentence": around.kernel,
            "roles": dict(around.roles),
            "suffices": around.suffices,
            "remarks": list(around.remarks),
        },
        "processes": list(map(_process, around.processes)),
        "systemd": [{"property": name, "value": value} for name, value in around.unit],
        "name_servers": list(around.names),
        "checks": [{"what": what, "command": command} for what, command in checks(around)],
    }


def _contact(each: Contact) -> dict[str, Any]:
    return {**dataclasses.asdict(each), "first": each.first.isoformat(), "last": each.last.isoformat()}


def _begun(each: Begun) -> dict[str, Any]:
    one = each.connection
    place = {"purpose": one.purpose, "host": one.host, "port": one.port, "addresses": list(one.addresses)}
    return {**place, "began": one.began.isoformat(), "process": each.process}


def _process(each: Process) -> dict[str, Any]:
    wires = None if each.wires is None else [{"local": list(wire.local), "remote": list(wire.remote)} for wire in each.wires]
    held = {"seccomp": each.seccomp, "no_new_privileges": each.no_new_privileges, "confined": is_confined(each)}
    return {"pid": each.number, "name": each.name, **held, "connections": wires}
