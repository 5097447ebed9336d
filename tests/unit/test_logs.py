"""What the log looks like, for the journal and for a person, and what is never in it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from butler import logs
from butler.settings import Places, read
from butler.settings.secrets import written_out


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, raises = logging.getLogger(), logging.raiseExceptions
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs._LOUD}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, value in levels.items():
        logging.getLogger(name).setLevel(value)
    logging.raiseExceptions = raises
    structlog.reset_defaults()


def logged(folder: Path, message: str, *values: object, level: int = logging.INFO, journal: bool = True, **more: object) -> str:
    """What is written for one thing that is logged."""
    file = folder / "log"
    with file.open("w") as stream:
        status = os.fstat(stream.fileno())
        environ = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"} if journal else {}
        logs.prepare(0, environ, stream, ["correct horse"])
        logging.getLogger("butler.lane").log(level, message, *values, **more)  # type: ignore[arg-type]
    return file.read_text()


def test_the_journal_gets_levels_and_pairs_and_one_line_each(tmp_path: Path) -> None:
    assert logged(tmp_path, "%s began", "sync", extra={"run": 7, "why": "a burst"}) == (
        '<6>sync began run=7 why="a burst" logger=butler.lane\n'
    )
    assert logged(tmp_path, "gone", level=logging.WARNING).startswith("<4>gone ")
    assert logged(tmp_path, "gone", level=logging.ERROR).startswith("<3>gone ")


def test_a_person_gets_the_time_and_the_words(tmp_path: Path) -> None:
    assert logged(tmp_path, "sync began", journal=False)[8:] == " sync began\n"
    assert " warning gone\n" in logged(tmp_path, "gone", level=logging.WARNING, journal=False)


def test_another_stream_than_the_journals_is_not_taken_for_it(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        assert not logs.is_journal({"JOURNAL_STREAM": "1:2"}, stream)
        assert not logs.is_journal({}, stream)


def test_text_cannot_begin_a_line_of_its_own_or_move_the_cursor(tmp_path: Path) -> None:
    text = logged(tmp_path, "%s", "a\n<0>the disk burns\x1b[2J\u202e" + "x" * 5000)
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert len(text) < 600


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("log in with correct horse", "log in with [hidden]"),
        ("https://anna:pw@host.example/x?key=1", "https://host.example/x?[hidden]"),
        ("tgram://123:abc/456", "tgram://[hidden]"),
        ("password = hunter2, retry", "password = [hidden], retry"),
        ("{'api_key': 'abc def'}", "{'api_key': [hidden]}"),
        ("Authorization: Bearer abcdefghij", "Authorization: [hidden]"),
        ("sent Basic YW5uYTpwdw== on", "sent Basic [hidden] on"),
        ("imaps://host.example/INBOX", "imaps://host.example/INBOX"),
    ],
)
def test_secrets_are_taken_out(tmp_path: Path, written: str, left: str) -> None:
    assert logged(tmp_path, "%s", written) == f"<6>{left} logger=butler.lane\n"


def test_secrets_that_become_known_later_are_taken_out_beside_those_known_before(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        redaction = logs.prepare(0, {}, stream, ["correct horse"])
        redaction.hide(["battery staple", "abc"])
        logging.getLogger("butler.lane").info("correct horse, battery staple, abc")
    assert (tmp_path / "log").read_text()[9:] == "[hidden], [hidden], abc\n"


def test_a_fault_is_told_with_its_place_each_line_marked(tmp_path: Path) -> None:
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        text = logged(tmp_path, "a fault", level=logging.ERROR, exc_info=True)
    lines = text.splitlines()
    assert lines[0] == "<3>a fault logger=butler.lane"
    assert all(line.startswith("<3>") for line in lines)
    assert "test_logs.py" in text
    assert lines[-1] == "<3>ValueError: password=[hidden]"


def test_libraries_that_log_what_they_read_are_silent_also_with_v(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as stream:
        logs.prepare(2, {}, stream)
        logging.getLogger("imapclient.imaplib").error("Dear Anna")
        logging.getLogger("caldav").warning("SUMMARY:Dentist")
        logging.getLogger("httpx").info("POST")
        logging.getLogger("butler.lane").debug("a detail")
        structlog.get_logger("butler.lane").info("ready", run=7)
    text = (tmp_path / "log").read_text()
    assert [line[9:] for line in text.splitlines()] == ["debug   a detail", "ready run=7"]


def test_secrets_that_stand_in_the_settings_are_known(tmp_path: Path) -> None:
    config = tmp_path / "butler.toml"
    config.write_text(
        '[mail.home]\nhost = "imap.berger.example"\nuser = "anna@berger.example"\npassword = "hunter two"\n'
        '[notices]\nurls = "ntfy://topic json://a.example"\n'
    )
    settings = read(Places({"HOME": str(tmp_path)}, config=config, folder=tmp_path)).settings
    assert {"hunter two", "ntfy://topic", "json://a.example"} <= set(written_out(settings))
