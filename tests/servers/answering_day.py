"""python answering_day.py FOLDER [NAME=VALUE …]: a demo and a day of the daemon in a network in which every address answers.

Everything that a day brings runs, with the variables in the environment; then names are looked up and connections made on
purpose. What was seen, and what `butler prove` says, is in `seen.json` of the folder.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from answering_net import Answering, written
from butler_process import PROGRAM, butler, document
from daemon_process import DaemonProcess, until
from dav_servers import PASSWORD as DAV_PASSWORD
from dav_servers import USER as DAV_USER
from dav_servers import running
from dovecot_server import PASSWORD, Dovecot, running_dovecot
from http_sink import Sink, http_sink
from scripted_ollama import ScriptedOllama

from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.truth import Truth

OWNER = "anna@berger.example"
MAIL_HOST, MAIL_ADDRESS = "mail.home.test", "203.0.113.10"
MODEL_HOST = "model.home.test"
DAY = "2026-11-24"
JOBS = ("briefing", "lookahead", "weekly", "followup", "sync", "maintenance")
OCCASIONS = ("triage", "documents", "meeting")
"""Jobs for what comes: mail, a document, an event that is near."""
MAIL = (
    "From: {0} <{0}@example.org>\r\nTo: Anna Berger <anna@berger.example>\r\nSubject: Question {1}\r\nDate: {2}\r\n"
    "Message-ID: <{1}@example.org>\r\nContent-Type: text/html\r\n\r\n"
    '<p>Hello Anna,</p><p>could you please send me the plan for room {1}?</p><img src="http://tracker.example/{1}.png">'
    '<a href="http://link.example/{1}">here</a><link rel="stylesheet" href="https://style.example/a.css"><p>{0}</p>\r\n'
)
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\nBEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20261124T080000Z\r\n"
    "DTSTART:{1:%Y%m%dT%H%M%SZ}\r\nDTEND:{2:%Y%m%dT%H%M%SZ}\r\nSUMMARY:Tea\r\nORGANIZER:mailto:ben@example.org\r\n"
    "ATTENDEE:mailto:ben@example.org\r\nATTENDEE:mailto:anna@berger.example\r\nURL:https://event.example/{0}\r\n"
    "ATTACH:https://attachment.example/{0}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def letter(number: int) -> bytes:
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(time.time() - 14_400 + 60 * number))
    return MAIL.format(("ben", "carla", "dario")[number % 3], number, when).encode()


def event(minutes: float) -> str:
    start = datetime.now(UTC) + timedelta(minutes=minutes)
    return EVENT.format(f"tea-{minutes:g}", start, start + timedelta(hours=1))


def settings(folder: Path, servers: str) -> None:
    """Write the settings, and what lies in folders."""
    (folder / "notes").mkdir()
    (folder / "notes" / "Inbox.md").write_text("# Inbox\n- [ ] see <https://note.example/x>\n")
    (folder / "papers").mkdir()
    jobs = "".join(f'[jobs.{name}]\nevery = "10m"\n' for name in JOBS)
    (folder / "butler.toml").write_text(
        f'state_dir = "state"\n[owner]\nname = "Anna Berger"\ntimezone = "Europe/Berlin"\n'
        f"{servers}{jobs}[notes.notes]\npath = 'notes'\n[watch.papers]\npath = 'papers'\n"
    )


def approve(state: Path) -> int:
    """Approve what is held; returns how many that are."""
    with closing(Truth.open(state / "butler.db")) as truth:
        gate = Gate(truth.outbox, Policy(), lambda: datetime.now(UTC))
        held = truth.outbox.find(statuses=["held"], limit=1000)
        for kept in held:
            gate.approve(kept.id, kept.hash, "owner", "test")
    return len(held)


@dataclass
class World:
    """The servers of the settings: `named` are the addresses and ports to which their names lead."""

    server: Dovecot
    sink: Sink
    named: list[tuple[str, int]]


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start the servers and write the settings."""
    with ExitStack() as stack:
        server = stack.enter_context(running_dovecot(hosts=f"DNS:{MAIL_HOST},IP:127.0.0.1", address="*"))
        calendars = stack.enter_context(running("radicale", folder / "dav"))
        path = calendars.make_calendar("home")
        for minutes in (28.0, 90.0, 1500.0):
            calendars.put(f"{path}{minutes:g}.ics", event(minutes))
        ollama = stack.enter_context(ScriptedOllama())
        sink = stack.enter_context(http_sink())
        server.deliver(OWNER, *map(letter, range(3)))
        settings(
            folder,
            f'[mail.home]\nhost = "{MAIL_HOST}"\nport = {server.tls_port}\nca_file = "{server.ca_file}"\nuser = "{OWNER}"\n'
            f'password = "{PASSWORD}"\n'
            f'[calendar.family]\nurl = "{calendars.url}{path}"\nuser = "{DAV_USER}"\npassword = "{DAV_PASSWORD}"\n'
            f'[model]\nurl = "http://{MODEL_HOST}:{ollama.port}"\nname = "good"\n[notices]\nurls = "{sink.url("/told")}"\n',
        )
        here = [("127.0.0.1", port) for port in (calendars.port, ollama.port, sink.port)]
        yield World(server, sink, [(MAIL_ADDRESS, server.tls_port), *here])


def live(folder: Path, environ: dict[str, str]) -> dict[str, object]:
    """Be there until every job of a day has run, mail was answered, and a document and an event came up."""
    config = folder / "butler.toml"

    def prove() -> subprocess.CompletedProcess[str]:
        return butler(folder, "--config", config, "prove", "--since", "yesterday", "--json", **environ)

    with world(folder) as around:
        NET.leave_few_ports()
        NET.mark()
        with DaemonProcess(folder, (str(PROGRAM), "-v", "--config", str(config), "run"), environ=environ) as daemon:
            daemon.ready()
            problem = ""
            try:
                until(lambda: ran(daemon.logged(), ["sync"])["sync"], 60)
                around.server.deliver(OWNER, letter(3))
                (folder / "papers" / "letter.txt").write_text("Dear Anna,\n\nsee https://paper.example/pay by Friday.\n")
                until(lambda: approve(folder / "state"), 90)
                daemon.ask(ask="look")
                until(lambda: all(ran(daemon.logged(), JOBS).values()), 90)
                until(lambda: all(ran(daemon.logged(), OCCASIONS).values()), 60)
                until(lambda: around.sink.came and drafts(around.server), 60)
            except AssertionError as error:
                problem = str(error)
            status, proved = daemon.status(), prove()
            # What is under way when it ends has not been answered yet.
            until(lambda: is_idle(daemon.status()["sentence"]), 60)
            daemon.end()
            log = daemon.logged()
        last = prove()
        return {
            **NET.seen(),
            "problem": problem,
            "named": around.named,
            "gone": status["gone"],
            "ran": ran(log, (*JOBS, *OCCASIONS)),
            "drafts": drafts(around.server),
            "notices": len(around.sink.came),
            "prove_living": document(proved),
            "prove": document(last),
            "code": last.returncode,
            "ledger": ledger(folder / "state"),
            "log": log,
        }


def is_idle(sentence: str) -> bool:
    """Whether nothing is done, nor would be at once."""
    return sentence.startswith("Idle.") and " waiting." not in sentence


def ran(log: str, names: Sequence[str]) -> dict[str, int]:
    """How often each job has run, by the daemon's log."""
    return {name: len(re.findall(rf"\b{name}(?: \S+)? ran", log)) for name in names}


def drafts(server: Dovecot) -> int:
    """How many drafts lie on the server."""
    return len(list((server.maildir_of(OWNER) / ".Drafts").glob("[cn][ue][rw]/*")))


def ledger(state: Path) -> list[dict[str, object]]:
    """All lines about connections, as the journal has them."""
    with closing(Truth.open(state / "butler.db")) as truth:
        lines = sorted(truth.connections.since(datetime(2020, 1, 1, tzinfo=UTC)), key=lambda line: line.seq)
    return [
        {
            "what": line.what,
            "purpose": line.connection.purpose,
            "host": line.connection.host,
            "port": line.connection.port,
            "address": line.connection.address,
            "local": line.connection.local,
            "sent": line.connection.sent,
            "received": line.connection.received,
            "tls": line.connection.tls,
            "trouble": line.connection.trouble,
        }
        for line in lines
    ]


def demo(folder: Path, environ: dict[str, str]) -> dict[str, object]:
    """A whole demo."""
    NET.mark()
    done = butler(folder, "demo", "--date", DAY, "--folder", folder / "demo", **environ)
    return {**NET.seen(), "code": done.returncode, "printed": done.stdout[-2000:], "errors": done.stderr[-2000:]}


def control() -> dict[str, object]:
    """What must be seen: a name, a connection, a connection by number over IPv6, a datagram."""
    NET.mark()
    found = {each[4][0] for each in socket.getaddrinfo("tracing.example", 443, type=socket.SOCK_STREAM)}
    with socket.create_connection(("tracing.example", 443), 5):
        pass
    with suppress(OSError), socket.create_connection(("2001:db8::7", 4318), 5):
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"x", ("192.0.2.9", 4317))
    return {**NET.seen(), "found": sorted(found)}


NET = Answering({MAIL_HOST: MAIL_ADDRESS, MODEL_HOST: "127.0.0.1"})


def main() -> int:
    folder = Path(sys.argv[1])
    environ = dict(each.split("=", 1) for each in sys.argv[2:])
    (folder / "net").mkdir()
    NET.start(folder / "net")
    written(folder / "seen.json", {"demo": demo(folder, environ), "day": live(folder, environ), "control": control()})
    return 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    sys.exit(main())
