"""`butler sync` over bombs of every kind beside what is well; and over what kills its parser, twice."""

import datetime as dt
import os
import subprocess
from pathlib import Path
from typing import Any

import starved_butler
from bad_input import EVENT, NOTE, QUESTION, good_event, good_mail
from butler_process import butler, document, environment
from parser_bombs import MAILS, NOTES, OBJECTS
from real_household import BERLIN

NOW = dt.datetime.now(BERLIN)
DAY = NOW.date()
MEGABYTES = 12
"""Enough for what is well; what is large, as it comes and as it is worked on, is not in so little."""

BOMBS = (
    *("2,000 nested multiparts", "100,000 MIME parts", "RFC 2231 parameters, 0.2 MB", "20,000 encoded words"),
    *("5,000 nested comments", "charset of a path", "3 million headers", "24 million empty lines"),
    *(
        "HTML: 0.12 MB of <a",
        "HTML: 100,000 elements in each other",
        "HTML: a million attributes",
        "HTML: entities of entities",
    ),
)
OBJECT_BOMBS = (
    *("a million EXDATEs in one line", "EXDATEs, 1 MB in ten lines", "every second, for ever", "a rule that never comes true"),
    *("a zone of a path", "a zone that changes every second", "components in each other", "9 MB of folds", "a vCard, folded"),
)
NOTE_BOMBS = ("front matter of aliases", "front matter nested 100,000 deep", "front matter without end", "lists in each other")
KILLER = b"Subject: killer\n\n" + b"x" * 20_000_000


def household(home: Path) -> dict[str, str]:
    """A Maildir, a calendar and notes, each with something that is well."""
    for folder in ("cur", "new", "tmp"):
        (home / "Maildir" / folder).mkdir(parents=True)
    (home / "calendar").mkdir()
    (home / "notes").mkdir()
    deliver(home, 500, good_mail(NOW))
    (home / "calendar/good.ics").write_bytes(good_event(DAY))
    (home / "notes/good.md").write_text(f"- [ ] {NOTE} by {DAY + dt.timedelta(days=1)}\n")
    return {
        "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
        "BUTLER_OWNER__ADDRESSES": "anna@berger.example",
        "BUTLER_MAIL__HOME__PATH": str(home / "Maildir"),
        "BUTLER_CALENDAR__FAMILY__PATH": str(home / "calendar"),
        "BUTLER_NOTES__VAULT__PATH": str(home / "notes"),
    }


def deliver(home: Path, number: int, content: bytes) -> str:
    """Put a mail into the Maildir; its key."""
    key = f"{int(NOW.timestamp()) - 7_200}.M{number:03}.test"
    (home / "Maildir/new" / key).write_bytes(content)
    return key


def require_the_good(home: Path, environ: dict[str, str]) -> None:
    """What is well is in the briefing."""
    briefing = document(butler(home, "brief", "--date", str(DAY), "--no-sync", "--json", **environ))
    said = "\n".join(line["text"] for section in briefing["sections"] for line in section["lines"])
    assert [words for words in (QUESTION, EVENT, NOTE) if words not in said] == []


def starved(home: Path, environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command whose parser has little memory."""
    command = [*starved_butler.argv(MEGABYTES), *arguments]
    return subprocess.run(command, cwd=home, env=environment(home, environ), capture_output=True, text=True, check=False)


def sources(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Each source of a sync by its name."""
    return {each["name"]: each for each in document(done)["sources"]}


def doctored(home: Path, environ: dict[str, str]) -> str:
    return butler(home, "doctor", **environ).stdout


def test_bombs_of_every_kind_are_read_in_one_sync_and_hide_nothing(tmp_path: Path) -> None:
    environ = household(tmp_path)
    for number, name in enumerate(BOMBS):
        deliver(tmp_path, number * 90, MAILS[name]())
    for number, name in enumerate(OBJECT_BOMBS):
        (tmp_path / "calendar" / f"{number}.ics").write_bytes(OBJECTS[name]())
    for number, name in enumerate(NOTE_BOMBS):
        (tmp_path / "notes" / f"{number}.md").write_bytes(NOTES[name]())
    synced = butler(tmp_path, "sync", "--json", **environ)
    assert synced.returncode == 0, synced.stderr
    assert {(each["state"], len(each["set_aside"])) for each in sources(synced).values()} == {("fresh", 0)}
    require_the_good(tmp_path, environ)
    assert "set aside" not in doctored(tmp_path, environ)


def test_what_kills_the_parser_is_named_and_left_alone_until_its_bytes_change(tmp_path: Path) -> None:
    environ = household(tmp_path)
    mail = deliver(tmp_path, 100, KILLER)
    event = tmp_path / "calendar/killer.ics"
    event.write_bytes(OBJECTS["RDATEs, 1 MB in ten lines"]())
    first = starved(tmp_path, environ, "sync", "--json")
    assert first.returncode == 0, first.stderr
    aside = {name: each["set_aside"] for name, each in sources(first).items()}
    assert aside == {"mail.home": [f"INBOX/{mail}"], "calendar.family": ["family/killer.ics"], "notes.vault": []}
    require_the_good(tmp_path, environ)
    told = doctored(tmp_path, environ)
    assert f"mail.home/INBOX/{mail} was too much for the parser and is set aside." in told
    assert "calendar.family/family/killer.ics was too much for the parser and is set aside." in told
    # It could be read now, if anybody tried; but its bytes are the same.
    os.utime(event, (NOW.timestamp(), NOW.timestamp()))
    assert sources(butler(tmp_path, "sync", "--json", **environ))["calendar.family"]["set_aside"] == []
    assert "family/killer.ics was too much" in doctored(tmp_path, environ)
    event.write_bytes(good_event(DAY).replace(b"good@", b"mended@"))
    butler(tmp_path, "sync", **environ)
    assert "family/killer.ics" not in doctored(tmp_path, environ)
    (tmp_path / "Maildir/new" / mail).unlink()
    butler(tmp_path, "sync", **environ)
    assert "set aside" not in doctored(tmp_path, environ)


def test_a_sync_names_what_it_set_aside_on_the_terminal(tmp_path: Path) -> None:
    environ = household(tmp_path)
    mail = deliver(tmp_path, 100, KILLER)
    told = starved(tmp_path, environ, "sync").stdout
    assert f"mail.home/INBOX/{mail} was too much for the parser and is set aside." in told
