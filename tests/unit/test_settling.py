"""Files are new when they are written to their end, once; watchers try again with longer pauses; what is set about them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from butler.core.errors import SourceError
from butler.core.upcoming import EventWish
from butler.settings import Loaded, Places, read
from butler.watch import Report
from butler.watch import thread as thread_module
from butler.watch.logins import Logins
from butler.watch.settling import Settling, Stamp, is_wanted
from butler.watch.signal import Signal
from butler.watch.thread import LONGEST_PAUSE, WatcherThread, pause_after
from tools.mail.changes import State
from tools.mail.idle import Burst, is_newer

OLD, NEW = Stamp(1, 10, 1), Stamp(2, 10, 1)
Look = Callable[..., Loaded]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    def look(toml: str, **environ: str) -> Loaded:
        file = tmp_path / "butler.toml"
        file.write_text(toml)
        return read(Places(environ={"HOME": str(tmp_path), **environ}, config=file, folder=tmp_path))

    return look


def test_a_file_is_told_of_when_it_stayed_as_it_is_for_a_second() -> None:
    settling = Settling({"old.pdf": OLD})
    growing = [Stamp(number, number, 2) for number in range(1, 4)]
    for number, stamp in enumerate(growing):
        assert settling.look({"old.pdf": OLD, "new.pdf": stamp}, 0.5 * number) == []
        assert settling.is_waiting
    assert settling.look({"old.pdf": OLD, "new.pdf": growing[-1]}, 1.9) == []
    assert settling.look({"old.pdf": OLD, "new.pdf": growing[-1]}, 2.0) == ["new.pdf"]
    assert not settling.is_waiting
    assert settling.look({"old.pdf": OLD, "new.pdf": growing[-1]}, 9.0) == []


def test_a_file_written_anew_or_gone_and_come_back_is_new_and_an_empty_one_is_none() -> None:
    settling = Settling({"a": OLD})
    assert settling.look({"a": NEW}, 0.0) + settling.look({"a": NEW}, 1.0) == ["a"]
    assert settling.look({}, 2.0) == []
    assert settling.look({"a": NEW}, 3.0) + settling.look({"a": NEW}, 4.0) == ["a"]
    empty = Stamp(5, 0, 9)
    assert settling.look({"a": NEW, "b": empty}, 5.0) + settling.look({"a": NEW, "b": empty}, 99.0) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Invoice 7.pdf", True),
        ("SCAN.PDF", True),
        ("note.md", False),
        (".hidden.pdf", False),
        ("a.pdf.part", False),
        ("a.pdf.crdownload", False),
        ("a\nb.pdf", False),
        ("a\x1b[31m.pdf", False),
        ("a\udc80.pdf", False),
    ],
)
def test_what_programs_hide_or_have_not_finished_is_no_document(name: str, expected: bool) -> None:
    assert is_wanted(name, ("*.pdf",)) == expected


def test_a_burst_ends_after_a_quiet_time_and_after_a_limit_in_any_case() -> None:
    burst = Burst()
    assert burst.ends() is None
    burst.add(10.0)
    assert burst.ends() == 10.6
    burst.add(10.5)
    assert burst.ends() == 11.1
    burst.add(14.9)
    assert burst.ends() == 15.0


@pytest.mark.parametrize(
    ("state", "known", "expected"),
    [
        (State(7, 3, 0, 2), None, True),
        (State(7, 3, 0, 2), State(7, 3, 0, 2), False),
        (State(7, 4, 0, 2), State(7, 3, 0, 2), True),
        (State(7, 3, 9, 1), State(7, 3, 0, 2), False),
        (State(8, 1, 0, 0), State(7, 3, 0, 2), True),
        (State(7, 0, 0, 3), State(7, 0, 0, 2), True),
        (State(7, 0, 0, 1), State(7, 0, 0, 2), False),
    ],
)
def test_a_folder_has_new_mail_when_it_numbers_higher(state: State, known: State | None, expected: bool) -> None:
    assert is_newer(state, known) == expected


def test_pauses_grow_up_to_a_limit() -> None:
    pauses = [pause_after(failures) for failures in range(1, 50)]
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE


def test_log_ins_are_over_after_two_refused_in_a_row() -> None:
    logins = Logins()
    logins.refused("No.")
    logins.well()
    logins.refused("No.")
    assert not logins.are_over
    logins.refused("No.")
    assert logins.over == "No. It is not watched any more until the settings are read anew."


def test_a_signal_wakes_whoever_waits_and_may_be_set_at_any_time() -> None:
    signal = Signal()
    assert not signal.wait(0.01)
    signal.set()
    signal.set()
    assert signal.wait(60)
    signal.close()
    signal.set()
    Signal().close()
    late = Signal()
    late.close()
    late.set()
    assert late.is_set()


def test_who_sets_a_signal_calls_what_was_asked_for_last_and_once() -> None:
    signal, called = Signal(), []
    signal.then(lambda: called.append("first"))
    signal.then(lambda: called.append("second"))
    assert called == []
    signal.set()
    signal.set()
    assert called == ["second"]
    signal.then(lambda: called.append("at once"))
    assert called == ["second", "at once"]
    signal.close()


def test_what_is_watched_can_be_set_and_has_defaults(look: Look) -> None:
    mail = '[mail.home]\npath = "mail"\n'
    owner = '[owner]\naddresses = ["anna@berger.example"]\n'
    settings = look(f'{owner}{mail}[watch.scans]\npath = "scans"\n').settings
    assert (settings.mail["home"].watch, settings.mail["home"].poll_minutes) == (("INBOX",), 5.0)
    assert settings.watch["scans"].path.is_absolute()
    assert settings.meetings.wish(settings.addresses()) == EventWish(frozenset({"anna@berger.example"}), ("others",), ())
    more = "watch = []\npoll_minutes = 20\n"
    settings = look(f'{owner}{mail}{more}[meetings]\nonly = "all"\ncalendars = "work"\n').settings
    assert (settings.mail["home"].watch, settings.mail["home"].poll_minutes) == ((), 20.0)
    assert settings.meetings.wish(frozenset()) == EventWish(frozenset(), (), ("work",))
    assert look('[meetings]\nonly = "others, place"').settings.meetings.wish(frozenset()).traits == ("others", "place")


def test_what_is_no_trait_of_an_event_is_refused(look: Look) -> None:
    (problem,) = look('[meetings]\nonly = "others, lunch"').problems
    assert "must be others, place, both of them, or all, not 'lunch'" in problem


class Flapping(WatcherThread):
    """Is well for a moment, again and again, and notes what its trouble is then."""

    def __init__(self) -> None:
        super().__init__("flapping")
        self.seen: list[str | None] = []

    def watch(self, report: Report, stop: Signal) -> None:
        self.is_well()
        self.seen.append(self.trouble)
        if len(self.seen) > 6:
            stop.wait(60)
        else:
            raise SourceError("It hung up.")


def test_what_is_lost_over_and_over_does_not_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_module, "LONGEST_PAUSE", 0.0)
    watcher = Flapping()
    watcher.start(lambda _request: None)
    while len(watcher.seen) <= 6:
        time.sleep(0.01)
    watcher.stop()
    assert watcher.seen[:3] == ["", "", ""]
    assert set(watcher.seen[3:]) == {"It hung up."}
    assert not watcher.alive()
