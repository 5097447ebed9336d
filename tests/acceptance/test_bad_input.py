"""Sources that fail, and mails, events and notes that are none: always a sentence, never a lost or half-written thing."""

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bad_input import (
    EVENT,
    NOTE,
    QUESTION,
    bad_events,
    bad_mails,
    endless_events,
    good_event,
    good_mail,
    twins,
    write_bad_notes,
)
from briefing_contract import require_contract
from butler_process import butler, document
from dav_servers import USER as DAV_USER
from dav_servers import DavServer
from dav_servers import running as running_dav
from dovecot_server import PASSWORD, USER, Dovecot, running_dovecot
from free_ports import free_port
from imapclient import IMAPClient
from lying_imap import HANG, LyingImap, lying_imap
from real_household import BERLIN
from scripted_dav import Ask, Reply, scripted, self_signed

NOW = dt.datetime.now(BERLIN)
DAY = NOW.date()
SECRET = "wrong-horse"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@dataclass(frozen=True)
class Servers:
    """A mail server, a calendar server, and what two servers that must not be trusted have heard."""

    dovecot: Dovecot
    radicale: DavServer
    plain: LyingImap
    asked: list[Ask]


@dataclass(frozen=True)
class Morning:
    """Many broken sources beside three that are well: what `brief`, `sync` and `doctor` made of it."""

    servers: Servers
    briefing: Any
    synced: Any
    examined: Any


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad")


@pytest.fixture(scope="module")
def mail_server() -> Iterator[Dovecot]:
    with running_dovecot() as dovecot:
        yield dovecot


@pytest.fixture(scope="module")
def calendar_server(base: Path) -> Iterator[DavServer]:
    with running_dav("radicale", base / "radicale") as radicale:
        yield radicale


def mail(name: str, server: Dovecot, **more: object) -> dict[str, str]:
    """A mail account over TLS, or what `more` makes of it."""
    values = {
        "host": "localhost",
        "port": server.tls_port,
        "user": USER,
        "password": PASSWORD,
        "ca_file": server.ca_file,
        "timeout": 5,
        **more,
    }
    return {f"BUTLER_MAIL__{name}__{key}".upper(): str(value) for key, value in values.items() if value is not None}


def calendar(name: str, **values: object) -> dict[str, str]:
    """A calendar account."""
    return {f"BUTLER_CALENDAR__{name}__{key}".upper(): str(value) for key, value in values.items()}


def good(base: Path) -> dict[str, str]:
    """An owner with a calendar and notes that are well."""
    if not (base / "calendar").exists():
        (base / "calendar").mkdir(parents=True)
        (base / "calendar/good.ics").write_bytes(good_event(DAY))
        (base / "notes").mkdir()
        (base / "notes/good.md").write_text(f"- [ ] {NOTE} by {DAY + dt.timedelta(days=1)}\n")
    return {
        "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
        "BUTLER_OWNER__ADDRESSES": USER,
        "BUTLER_NOTES__WELL__PATH": str(base / "notes"),
        **calendar("WELL", path=base / "calendar"),
    }


def briefed(home: Path, environ: dict[str, str], *more: str) -> Any:
    """The briefing of the day, held to its contract; nothing of it may move a cursor or tell a password."""
    done = butler(home, "brief", "--date", str(DAY), "--json", *more, **environ)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    require_contract(document(done))
    assert [secret for secret in (SECRET, PASSWORD) if secret in done.stdout + done.stderr] == []
    return document(done)


def texts(briefing: Any, section: str) -> str:
    """All that a section says."""
    return "\n".join(line["text"] for each in briefing["sections"] if each["name"] == section for line in each["lines"])


# --- Sources that fail, all in one house


@pytest.fixture(scope="module")
def morning(base: Path, mail_server: Dovecot, calendar_server: DavServer) -> Iterator[Morning]:
    home = base / "house"
    certificates = base / "certificates"
    certificates.mkdir()
    mail_server.deliver("well@berger.example", good_mail(NOW))
    with ExitStack() as opened:
        hanging = opened.enter_context(lying_imap(greeting=HANG))
        plain = opened.enter_context(lying_imap())
        url, asked = opened.enter_context(scripted(lambda _: Reply(500), self_signed(certificates)))
        servers = Servers(mail_server, calendar_server, plain, asked)
        broken = {
            **mail("PASSWORD", mail_server, password=SECRET),
            **mail("NOWHERE", mail_server, host="mail.nowhere.invalid"),
            **mail("UNTRUSTED", mail_server, ca_file=None),
            **mail("STARTTLS", mail_server, ca_file=None, port=mail_server.port, tls="starttls"),
            **mail("PLAIN", mail_server, port=plain.port),
            **mail("STRIPPED", mail_server, port=plain.port, tls="starttls", host="127.0.0.1"),
            **mail("HANGING", mail_server, port=hanging.port, tls="none", host="127.0.0.1", timeout=0.5),
            **mail("SILENT", mail_server, port=free_port()),
            **mail("FOLDER", mail_server, user="well@berger.example", folders="INBOX,Gone"),
            "BUTLER_MAIL__MAILDIR__PATH": str(home / "no maildir"),
            **calendar("PASSWORD", url=f"{calendar_server.url}{calendar_server.home}", user=DAV_USER, password=SECRET),
            **calendar("NOWHERE", url="https://calendar.nowhere.invalid/", user=DAV_USER, password=SECRET),
            **calendar("UNTRUSTED", url=url, user=DAV_USER, password=SECRET),
            **calendar("HANGING", url=f"http://127.0.0.1:{hanging.port}/", user=DAV_USER, password=SECRET, timeout=0.5),
            **calendar("GONE", path=home / "no calendar"),
            "BUTLER_NOTES__GONE__PATH": str(home / "no notes"),
        }
        environ = {**good(home), **mail("WELL", mail_server, user="well@berger.example"), **broken}
        briefing = briefed(home, environ)
        synced = butler(home, "sync", "--json", **environ)
        examined = butler(home, "doctor", "--json", **environ)
        yield Morning(servers, briefing, synced, examined)


FAULTS = {
    "mail.password": "does not accept the user name or password",
    "mail.nowhere": "The mail server mail.nowhere.invalid cannot be found.",
    "mail.untrusted": "The certificate of localhost is not trusted.",
    "mail.starttls": "The certificate of localhost is not trusted.",
    "mail.plain": "does not speak TLS",
    "mail.stripped": "does not offer encryption (STARTTLS)",
    "mail.hanging": "does not answer within 0.5 seconds",
    "mail.silent": "refuses connections",
    "mail.folder": "Gone",
    "mail.maildir": "no maildir",
    "calendar.password": "refused the user or password",
    "calendar.nowhere": "calendar.nowhere.invalid could not be found",
    "calendar.untrusted": "cannot be trusted, so nothing was sent",
    "calendar.hanging": "did not answer in time",
    "calendar.gone": "no calendar",
    "notes.gone": "no notes",
}


@pytest.mark.parametrize(("name", "words"), FAULTS.items(), ids=FAULTS)
def test_a_source_that_fails_is_marked_and_says_in_a_sentence_why(morning: Morning, name: str, words: str) -> None:
    for sources in (morning.briefing["sources"], document(morning.synced)["sources"]):
        (source,) = (source for source in sources if source["name"] == name)
        assert (source["state"], source["as_of"]) == ("failed", None)
        assert words in source["error"]
    (check,) = (check for check in document(morning.examined)["checks"] if check["name"] == name)
    assert check["level"] == "failure"
    assert words in check["sentence"]


def test_the_sources_that_are_well_are_fresh_and_their_lines_are_there(morning: Morning) -> None:
    states = {source["name"]: source["state"] for source in morning.briefing["sources"]}
    assert {name for name, state in states.items() if state == "fresh"} == {"mail.well", "calendar.well", "notes.well"}
    assert set(states) == {*FAULTS, "mail.well", "calendar.well", "notes.well"}
    assert EVENT in texts(morning.briefing, "agenda")
    assert QUESTION in texts(morning.briefing, "reply")
    assert NOTE in texts(morning.briefing, "deadlines")
    assert morning.briefing["quiet"] is False


def test_sync_ends_with_69_and_doctor_with_1_and_neither_tells_a_password(morning: Morning) -> None:
    assert (morning.synced.returncode, morning.examined.returncode) == (69, 1)
    said = "".join((morning.synced.stdout, morning.synced.stderr, morning.examined.stdout, morning.examined.stderr))
    assert [secret for secret in (SECRET, PASSWORD) if secret in said] == []
    assert "Traceback" not in said


def test_no_password_goes_out_without_a_certificate_that_can_be_trusted(morning: Morning) -> None:
    assert morning.servers.asked == []
    assert morning.servers.plain.connections > 0
    heard = b"".join(morning.servers.plain.heard)
    assert b"LOGIN" not in heard
    assert PASSWORD.encode() not in heard


# --- Mails, events and notes that are none


def oddities(base: Path, server: Dovecot, kind: str) -> dict[str, str]:
    """A mailbox with every bad mail around a good one, on a server or in a Maildir."""
    mails = list(bad_mails(NOW).values())
    mails = [*mails[:10], good_mail(NOW), *twins(NOW), *mails[10:]]
    if kind == "imap":
        server.deliver("odd@berger.example", *mails)
        return mail("ODD", server, user="odd@berger.example", timeout=30)
    for folder in ("cur", "new", "tmp"):
        (base / "Maildir" / folder).mkdir(parents=True)
    for number, content in enumerate(mails):
        (base / "Maildir/new" / f"{int(NOW.timestamp())}.M{number:03}.test").write_bytes(content)
    return {"BUTLER_MAIL__ODD__PATH": str(base / "Maildir")}


@pytest.mark.parametrize("kind", ["imap", "maildir"])
def test_bad_mails_hide_no_good_one(base: Path, mail_server: Dovecot, kind: str) -> None:
    home = base / f"mails {kind}"
    environ = {**good(home), **oddities(home, mail_server, kind)}
    briefing = briefed(home, environ)
    assert {source["state"] for source in briefing["sources"]} == {"fresh"}
    asked = texts(briefing, "reply")
    assert QUESTION in asked
    assert len(re.findall("where the (ladder|lantern) is", asked)) == 1
    assert (EVENT in texts(briefing, "agenda"), NOTE in texts(briefing, "deadlines")) == (True, True)
    found = document(butler(home, "search", "oddity", "--limit", "100", "--json", **environ))["found"]
    assert len(found) >= 14
    require_good_pages(home, environ, [each["ref"] for each in found])
    shutil.rmtree(home)


def require_good_pages(home: Path, environ: dict[str, str], refs: list[str]) -> None:
    """Twins are two, and no page holds a control."""
    for word in ("ladder", "lantern"):
        assert len(document(butler(home, "search", word, "--json", **environ))["found"]) == 1
    shown = [butler(home, "show", ref, **environ) for ref in refs[:3]]
    pages = [butler(home, "brief", "--no-sync", **environ), butler(home, "doctor", **environ), *shown]
    assert {done.returncode for done in pages} == {0}
    assert [CONTROLS.findall(done.stdout + done.stderr) for done in pages] == [[]] * len(pages)


def test_bad_events_and_notes_hide_no_good_one_and_doctor_names_them(base: Path) -> None:
    home = base / "objects"
    environ = good(home)
    for name, content in bad_events(DAY).items():
        (home / "calendar" / name).write_bytes(content)
    write_bad_notes(home / "odd notes", DAY)
    environ["BUTLER_NOTES__ODD__PATH"] = str(home / "odd notes")
    briefing = briefed(home, environ)
    assert {source["state"] for source in briefing["sources"]} == {"fresh"}
    agenda = texts(briefing, "agenda")
    assert [words for words in (EVENT, "16:00–17:00 Tea", "18:00–19:00 Launch") if words not in agenda] == []
    assert "Never" not in agenda
    assert texts(briefing, "deadlines").count(NOTE) == 2
    examined = butler(home, "doctor", **environ)
    assert examined.returncode == 0
    assert "warning  mirror: calendar.well/well/binary.ics: It is not a calendar." in examined.stdout
    assert CONTROLS.findall(examined.stdout) == []


def test_endless_events_on_a_server_hide_no_other(base: Path, calendar_server: DavServer) -> None:
    home = base / "endless"
    path = calendar_server.make_calendar("endless")
    for name, content in {**endless_events(DAY), "good.ics": good_event(DAY)}.items():
        calendar_server.put(path + name, content.decode())
    account = calendar("SERVER", url=f"{calendar_server.url}{path}", user=DAV_USER, password=calendar_server.password)
    home.mkdir()
    briefing = briefed(home, {"BUTLER_OWNER__TIMEZONE": "Europe/Berlin", **account})
    assert [source["state"] for source in briefing["sources"]] == ["fresh"]
    agenda = texts(briefing, "agenda")
    assert [words for words in (EVENT, "16:00–17:00 Tea", "18:00–19:00 Launch") if words not in agenda] == []


# --- What changes under the butler's feet


@pytest.fixture
def moving(base: Path, mail_server: Dovecot, request: pytest.FixtureRequest) -> Iterator[tuple[IMAPClient, dict[str, str]]]:
    """A mailbox whose owner has a folder Projects with a question in it, logged in."""
    user = f"{request.node.name}@berger.example"
    with IMAPClient("127.0.0.1", mail_server.port, ssl=False) as client:
        client.login(user, PASSWORD)
        client.create_folder("Projects")
        client.append("Projects", good_mail(NOW))
        yield client, {**good(base / user), **mail("HOME", mail_server, user=user, folders="INBOX,Projects")}


def require_mirrored(home: Path, environ: dict[str, str]) -> None:
    """The mirror holds the question in Projects, and all sources are fresh."""
    synced = document(butler(home, "sync", "--json", **environ))
    assert {source["state"] for source in synced["sources"]} == {"fresh"}
    assert len(document(butler(home, "search", "colour gate", "--json", **environ))["found"]) == 1


def test_a_folder_that_vanished_is_told_and_the_rest_is_read(base: Path, moving: tuple[IMAPClient, dict[str, str]]) -> None:
    client, environ = moving
    home = Path(environ["BUTLER_NOTES__WELL__PATH"]).parent
    require_mirrored(home, environ)
    client.delete_folder("Projects")
    client.append("INBOX", good_mail(NOW, "second@nordwind.example", "Could you tell me where the ladder is?"))
    briefing = briefed(home, environ)
    state = next(source for source in briefing["sources"] if source["name"] == "mail.home")
    assert (state["state"], "Projects" in (state["error"] or "")) == ("stale", True)
    assert "where the ladder is" in texts(briefing, "reply")
    assert EVENT in texts(briefing, "agenda")


def test_a_folder_made_anew_is_read_anew_and_nothing_is_there_twice(moving: tuple[IMAPClient, dict[str, str]]) -> None:
    client, environ = moving
    home = Path(environ["BUTLER_NOTES__WELL__PATH"]).parent
    first = client.folder_status("Projects", ["UIDVALIDITY"])[b"UIDVALIDITY"]
    require_mirrored(home, environ)
    client.delete_folder("Projects")
    client.create_folder("Projects")
    assert client.folder_status("Projects", ["UIDVALIDITY"])[b"UIDVALIDITY"] != first
    client.append("Projects", good_mail(NOW, "second@nordwind.example", "Could you tell me where the ladder is?"))
    client.append("Projects", good_mail(NOW))
    asked = texts(briefed(home, environ), "reply")
    assert (asked.count(QUESTION), asked.count("where the ladder is")) == (1, 1)
