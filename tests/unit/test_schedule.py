"""The schedule as its owner sees it: next and last times, outcomes, and what was missed."""

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.cli import main
from butler.core.jobs import At, Due, Every, Job, Merge, Missed, On, RunIfWithin, SkipAndTell, Slot
from butler.core.planning import MOST_ATTEMPTS, MOST_DEATHS, PUNCTUAL
from butler.core.policy import Hours
from butler.core.timetable import missed_lately, missed_words, timetable, when_words
from butler.settings.jobs import jobs_of
from butler.store.truth import Truth

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 11, 24, 9, tzinfo=BERLIN)
DAY = dt.timedelta(days=1)
BRIEFING = Job("briefing", "briefing", At(dt.time(7)), RunIfWithin(3 * 3600))


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (At(dt.time(7)), "daily 07:00"),
        (At(dt.time(7, 5), frozenset({0, 1, 2, 3, 4})), "mon-fri 07:05"),
        (At(dt.time(16), frozenset({4})), "fri 16:00"),
        (At(dt.time(7), frozenset({0, 2, 5, 6})), "mon,wed,sat-sun 07:00"),
        (Every(300), "every 5m"),
        (Every(5400), "every 90m"),
        (Every(86_400), "every 1d"),
        (Every(90), "every 90s"),
        (On("mail"), "on mail"),
        (On("event", 30), "30m before events"),
    ],
)
def test_when_a_job_runs_is_said_as_it_is_set(when: At | Every | On, words: str) -> None:
    assert when_words(when) == words


def test_what_becomes_of_a_late_job_is_said_as_it_is_set() -> None:
    assert [missed_words(rule) for rule in (RunIfWithin(10_800), Merge(), SkipAndTell())] == [
        *("run_if_within 3h", "merge", "skip_and_tell"),
    ]


def test_a_job_waits_runs_is_off_or_has_a_next_time() -> None:
    ran = Slot("briefing", "2026-11-24", "ran", NOW, NOW)
    yesterday = replace(ran, slot="2026-11-23", due_at=NOW - DAY)
    claimed = replace(ran, state="claimed")
    history = (yesterday, ran)
    (entry,) = timetable((BRIEFING,), history, NOW, BERLIN)
    assert (entry.now, entry.next, entry.last) == ("", dt.datetime(2026, 11, 25, 7, tzinfo=BERLIN), ran)
    (entry,) = timetable((BRIEFING,), (yesterday, claimed), NOW, BERLIN)
    assert (entry.now, entry.last) == ("runs", yesterday)
    (entry,) = timetable((BRIEFING,), (yesterday,), NOW, BERLIN)
    assert (entry.now, entry.last) == ("waits", yesterday)
    (entry,) = timetable((replace(BRIEFING, enabled=False),), history, NOW, BERLIN)
    assert (entry.now, entry.next) == ("off", None)


def test_what_a_wrong_clock_wrote_ahead_is_not_the_last_that_happened() -> None:
    ran = Slot("briefing", "2026-11-24", "ran", NOW - DAY / 24, NOW)
    ahead = replace(ran, slot="2038-01-19", due_at=NOW + 4000 * DAY)
    (entry,) = timetable((BRIEFING,), (ran, ahead), NOW, BERLIN)
    assert entry.last == ran


def test_missed_slots_are_listed_for_a_week() -> None:
    missed = [Slot("briefing", f"{days}", "missed", NOW - days * DAY) for days in (-1, 0, 2, 7, 8)]
    found = missed_lately((*missed, Slot("briefing", "x", "ran", NOW)), NOW)
    assert [slot.slot for slot in found] == ["0", "2", "7"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_CONFIG_HOME", "STATE_DIRECTORY"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("LANGGRAPH_STRICT_MSGPACK", "true")
    monkeypatch.setenv("PYDANTIC_DISABLE_PLUGINS", "__all__")
    monkeypatch.setenv("BUTLER_OWNER__TIMEZONE", "Europe/Berlin")
    # Jobs that read are off where there is nothing to read.
    monkeypatch.setenv("BUTLER_NOTES__NOTES__PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept(home: Path) -> tuple[dt.datetime, dt.datetime]:
    """A state in which the sync failed three times and yesterday's briefing was missed; when each of them was."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    yesterday = now - DAY
    truth = Truth.open(home / "butler.db")
    truth.jobs.record(Missed("briefing", yesterday.astimezone(BERLIN).date().isoformat(), yesterday), now)
    for _ in range(3):
        truth.jobs.record(Due("sync", "", now), now)
        slot = truth.jobs.claim("sync", "", now)
        assert slot
        truth.jobs.end(slot, "failed", now, "run-7", "The server \x1b[2J is away.")
    truth.close()
    return now, yesterday


def test_the_command_shows_jobs_notes_and_what_was_missed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now, yesterday = kept(home)
    assert main(["schedule"]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[0].split() == ["JOB", "WHEN", "NEXT", "LAST", "OUTCOME"]
    row = next(line for line in lines if line.startswith("briefing"))
    missed = f"{yesterday.astimezone(BERLIN):%Y-%m-%d %H:%M}"
    assert row.endswith(f"{missed}  missed")
    at = lines.index(next(line for line in lines if line.startswith("sync")))
    assert lines[at].endswith(f"{now.astimezone(BERLIN):%Y-%m-%d %H:%M}  failed")
    again = f"{(now + 4 * DAY / 1440).astimezone(BERLIN):%H:%M}"
    assert [line.strip() for line in lines[at + 1 : at + 4]] == [
        *("The server [2J is away.", "It failed 3 times in a row.", f"It is tried again at {again}."),
    ]
    assert lines[-2:] == ["Missed in the last 7 days:", f"  briefing     {missed}"]
    assert max(map(len, lines)) <= 80


def test_what_a_hook_runs_is_in_the_schedule(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = home / "butler.toml"
    settings.write_text('[web]\nport = 8642\n[web.hooks.scanner]\nworkflow = "documents"\ntoken = "correct horse"\n')
    settings.chmod(0o600)
    assert main(["--config", str(settings), "schedule"]) == 0
    assert "hook:scanner  on its hook         -" in capsys.readouterr().out
    assert main(["--config", str(settings), "schedule", "--json"]) == 0
    last = json.loads(capsys.readouterr().out)["jobs"][-1]
    assert (last["name"], last["workflow"], last["when"]) == ("hook:scanner", "documents", "on its hook")


def test_the_command_says_the_same_as_one_document(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now, yesterday = kept(home)
    assert main(["schedule", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document) == ["timezone", "now", "jobs", "missed", "night"]
    found = {job["name"]: job for job in document["jobs"]}
    assert found["sync"] == {
        "name": "sync",
        "workflow": "sync",
        "when": "every 5m",
        "missed": "merge",
        "quiet": None,
        "enabled": True,
        "now": None,
        "next": (now + 4 * DAY / 1440).isoformat(),
        "failures": 3,
        "last": {
            "job": "sync",
            "slot": "",
            "state": "failed",
            "due": now.isoformat(),
            "claimed": now.isoformat(),
            "ended": now.isoformat(),
            "retry": (now + 4 * DAY / 1440).isoformat(),
            "run": "run-7",
            "attempts": 3,
            "note": "The server \x1b[2J is away.",
        },
    }
    assert [(slot["job"], slot["due"]) for slot in document["missed"]] == [("briefing", yesterday.isoformat())]


def test_the_page_of_the_docs_lists_the_shipped_jobs_as_they_are() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "schedule.md").read_text(encoding="utf-8")
    hours = Hours(dt.time(22), dt.time(6, 30))
    shipped = [
        f"| `{job.name}` | {when_words(job.when)} | {missed_words(job.missed)} | {'waits' if job.quiet else 'runs'} |"
        for job in jobs_of({}, hours)
    ]
    assert [line.rsplit("|", 2)[0] + "|" for line in text.splitlines() if line.startswith("| `") and line.count("|") == 6] == [
        *shipped,
    ]
    assert f"more than {PUNCTUAL.seconds // 60} minutes late" in text
    assert f"{MOST_ATTEMPTS} times" in text
    assert MOST_DEATHS == 10
