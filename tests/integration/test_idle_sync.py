"""What the child that the daemon starts every five minutes imports when nothing is new: it costs more than all it does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from butler_process import environment
from dovecot_server import PASSWORD, Dovecot, dovecot_session

from butler.daemon.lifeline import Handed
from butler.sandbox.worker import Forkserver
from butler.settings import Places, read

__all__ = ["dovecot_session"]

WHOSE = "idle@berger.example"
MAIL = b"From: Carla <carla@example.org>\r\nSubject: Hello\r\nMessage-ID: <1@example.org>\r\n\r\nHello\r\n"
EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//b//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261124T080000Z\r\n"
    b"DTSTART:20261124T100000Z\r\nSUMMARY:Tea\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)

UNWANTED = {
    # What checks settings and actions.
    *("pydantic", "pydantic_core", "pydantic_settings", "dotenv", "tzlocal", "tomllib"),
    # What asks models, runs workflows, serves and notifies.
    *("httpx", "ollama", "langgraph", "langchain_core", "apprise", "apscheduler", "structlog", "starlette", "asyncio"),
    # What parses.
    *("icalendar", "recurring_ical_events", "dateparser", "lxml", "mailparser_reply", "ormsgpack", "rich"),
    *("butler.gate", "butler.desk", "butler.runner", "butler.executor", "butler.settings.values", "butler.store.truth"),
    *("tools.mail.message", "tools.calendar.ical", "tools.files.hands"),
}
OF_WORKERS = {
    # What reads from servers and folders, and what parses that.
    *("imapclient", "imaplib", "caldav", "niquests", "smtplib", "http.client", "ssl", "email.parser", "xml.etree"),
    *("lxml", "icalendar", "recurring_ical_events", "mailparser_reply", "inscriptis", "html.parser", "tools"),
}
"""What only workers import, whether there is something new or not."""
TOLD = """
import json, sys
before = set(sys.modules)
from butler.cli import main
code = main(sys.argv[1:])
print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def handed(dovecot_session: Dovecot, tmp_path: Path) -> Iterator[Handed]:
    """What a daemon with sources of every kind hands to its children."""
    dovecot_session.deliver(WHOSE, MAIL)
    for name, content in (("mail/cur/1:2,S", MAIL), ("home/1.ics", EVENT), ("notes/1.md", b"# Garden\n")):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "mail" / "new").mkdir()
    (tmp_path / "butler.toml").write_text(
        f"""
        state_dir = "state"
        [owner]
        timezone = "Europe/Berlin"
        [mail.far]
        host = "127.0.0.1"
        port = {dovecot_session.port}
        tls = "none"
        user = "{WHOSE}"
        password = "{PASSWORD}"
        [mail.near]
        path = "mail"
        [calendar.home]
        path = "home"
        [notes.notes]
        path = "notes"
        """
    )
    loaded = read(Places({"HOME": str(tmp_path)}, config=tmp_path / "butler.toml", folder=tmp_path))
    assert loaded.problems == ()
    with Forkserver() as forkserver, closing(Handed(loaded, forkserver)) as handed:
        yield handed


def synced(handed: Handed, home: Path) -> set[str]:
    """Sync as a child of this process; returns the names of all modules that it imports."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", TOLD, *handed.option, "sync", "--json"],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        pass_fds=handed.descriptors,
    )
    assert done.returncode == 0, done.stderr
    sources = json.loads(done.stdout)["sources"]
    assert [(each["name"], each["state"]) for each in sources] == [
        (name, "fresh") for name in ("mail.far", "mail.near", "calendar.home", "notes.notes")
    ]
    return set(json.loads(done.stderr))


def test_a_sync_that_finds_nothing_new_imports_no_more_than_it_needs(handed: Handed, tmp_path: Path) -> None:
    synced(handed, tmp_path)
    again = synced(handed, tmp_path)
    # It is seen what is imported.
    assert {"butler.sync", "butler.remote.sources"} <= again
    assert again & UNWANTED == set()


def test_a_sync_imports_nothing_that_reads_or_parses_what_others_wrote(handed: Handed, tmp_path: Path) -> None:
    first = synced(handed, tmp_path)
    # There was something to parse, in a worker.
    assert "butler.sandbox.parser" in first
    assert first & OF_WORKERS == set()
    assert synced(handed, tmp_path) & OF_WORKERS == set()
