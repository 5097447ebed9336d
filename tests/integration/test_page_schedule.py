"""The schedule on the page: jobs with their times and failures, what waits and why, run now, and the stop of all effects."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_case import HOSTILE, PageCase, words
from page_case import page_case as page_case_fixture
from page_case import page_household as page_household_fixture
from page_client import PageClient, page_client

from butler.core.jobs import At, Due, Every, Job, Missed, On, SkipAndTell
from butler.core.policy import Hours
from butler.core.requests import Priority, Request

page_household, page_case = page_household_fixture, page_case_fixture
MINUTE = dt.timedelta(minutes=1)
JOBS = (
    Job("briefing", "briefing", At(dt.time(7)), model=True),
    Job(
        "weekly", "weekly", At(dt.time(16), frozenset({4})), SkipAndTell(), quiet=Hours(dt.time(22), dt.time(6, 30)), model=True
    ),
    Job("meeting", "meeting", On("event", 30), model=True),
    Job("sync", "sync", Every(300)),
    Job("followup", "followup", At(dt.time(8)), enabled=False),
    Job("hook:garden", "triage", On("file"), model=True),
)


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    with page_case.client(JOBS) as client:
        yield client


def errand(**fields: object) -> dict[str, object]:
    known = {"number": 8, "workflow": "triage", "subject": None, "trigger": "schedule", "priority": "trigger"}
    return {**known, "since": "", "seconds": None, "why": None, "night": None, **fields}


def row(html: str, job: str) -> str:
    """The row of a job, as it is read."""
    found = next(part for part in html.split("<tr")[1:] if f"<strong>{job}</strong>" in part)
    return words(f"<tr{found.partition('</tr>')[0]}")


def test_each_job_is_shown_with_when_next_last_and_what_came_of_it(client: PageClient, page_case: PageCase) -> None:
    slots, now = page_case.truth.jobs, page_case.now
    run = page_case.truth.runs.start("briefing", "2026-11-24", now)
    slots.record(Due("briefing", "2026-11-24", now), now)
    claimed = slots.claim("briefing", "2026-11-24", now)
    assert claimed
    slots.end(claimed, "ran", now, run.id)
    for back in (9, 6, 4):
        at = now - back * MINUTE
        slots.arrive("sync", "", at)
        claimed = slots.claim("sync", "", at)
        assert claimed
        slots.end(claimed, "failed", at, note=f"The server is away: {HOSTILE}")
    slots.record(Missed("weekly", "2026-11-20", now - dt.timedelta(days=4)), now)
    shown = client.get("/schedule").text
    assert "<script>alert" not in shown
    assert row(shown, "briefing") == "briefing daily 07:00 Wed, Nov 25, 07:00 07:00 ran run of briefing Run now: briefing"
    assert f'href="/runs/{run.id}"' in shown
    sync = row(shown, "sync")
    assert sync.startswith("sync The server is away: &lt;script&gt;")
    assert "It failed 3 times in a row." in sync
    assert "06:56 failed" in sync
    assert row(shown, "weekly").startswith("weekly It was too late for it. fri 16:00 not 22:00–06:30 Fri, Nov 27, 16:00")
    assert row(shown, "meeting") == "meeting 30m before events as it comes never"
    assert "off" in row(shown, "followup")
    assert "when its hook is called" in row(shown, "hook:garden")
    missed = words(shown[shown.index('id="missed"') :])
    assert "weekly Fri, Nov 20, 07:00 It was too late for it." in missed


def test_what_runs_and_waits_is_shown_with_why_and_can_be_given_up(client: PageClient, page_case: PageCase) -> None:
    kept, _ = page_case.truth.jobs.keep_for_night("documents", "file:notes/scan.pdf", page_case.now)
    page_case.daemon.running = {
        "running": errand(number=7, subject=HOSTILE, trigger="mail:home/INBOX", seconds=75.2),
        "waiting": [
            errand(workflow="weekly", why="waits until 09:00, the model is left to others"),
            errand(number=9, workflow="briefing", trigger="person", priority="person"),
            errand(number=10, workflow="documents", subject="file:notes/scan.pdf", night=kept.slot),
        ],
    }
    shown = client.get("/schedule").text
    now = words(shown[shown.index('id="now"') : shown.index('id="jobs"')])
    assert "<script>alert" not in shown
    assert "mail:home/INBOX, for 1 min 15 s" in now
    assert "waits weekly its time had come; waits until 09:00, the model is left to others Cancel weekly" in now
    assert "waits briefing you asked for it Cancel briefing" in now
    assert "For the night waits documents file:notes/scan.pdf since 07:00 Take back documents" in now
    assert now.count("documents") == 2
    for number in ("9", kept.slot):
        assert client.fill("/schedule/cancel", number=number, back="schedule").headers["location"] == "/schedule"
    assert [each[1] for each in page_case.daemon.asked if each[0] == "cancel"] == ["9", "night-1"]
    assert client.fill("/schedule/cancel", number="night-0").status_code == 400


def test_a_job_can_be_run_now_once_at_a_time(client: PageClient, page_case: PageCase) -> None:
    daemon = page_case.daemon
    assert client.fill("/schedule/run", job="sync").headers["location"] == "/schedule#now"
    wish = Request("sync", "person", Priority.PERSON)
    assert daemon.asked == [("add", wish)]
    daemon.running = {"waiting": [errand(workflow="sync", trigger="person", priority="person")]}
    client.fill("/schedule/run", job="sync")
    client.fill("/schedule/run", job="weekly")
    assert daemon.asked[1:] == [("add", Request("weekly", "person", Priority.PERSON, model=True))]
    for name in ("meeting", "none", ""):
        answer = client.fill("/schedule/run", job=name)
        assert answer.status_code == 400
        assert "There is no such job" in answer.text


def test_all_effects_are_stopped_and_let_go_on_with_who_and_from_where(client: PageClient, page_case: PageCase) -> None:
    outbox = page_case.truth.outbox
    assert client.fill("/schedule/stop", because=f"on holiday {HOSTILE}").status_code == 303
    assert outbox.stopped.startswith("Stopped on 2026-11-24 at 07:00: on holiday")
    shown = client.get("/schedule").text
    assert "All effects are stopped." in shown
    assert "<script>alert" not in shown
    assert 'action="/schedule/stop"' not in shown
    assert client.fill("/schedule/resume").status_code == 303
    assert outbox.stopped == ""
    assert client.fill("/schedule/resume").status_code == 303
    lines = page_case.truth.journal.about("executor")
    assert [line.what for line in lines] == ["stopped", "let go on"]
    assert {line.facts["by"] for line in lines} == {"anna"}
    assert all(line.facts["via"].startswith("web ") for line in lines)
    assert page_case.daemon.asked == [("look", None)] * 3


def test_a_page_without_jobs_says_how_one_is_made(tmp_path: Path) -> None:
    with page_client(tmp_path) as client:
        shown = client.get("/schedule").text
    assert "There is no job." in shown
    assert "Nothing runs and nothing waits." in shown


def test_many_missed_times_are_counted_and_not_all_listed(client: PageClient, page_case: PageCase) -> None:
    for place in range(60):
        at = page_case.now - place * dt.timedelta(hours=1)
        page_case.truth.jobs.record(Missed(f"job {place}", "2026-11-23", at), page_case.now)
    shown = client.get("/schedule").text
    assert len(re.findall(r"<li><strong>job \d+</strong>", shown)) == 50
    assert "and 10 more" in shown
