"""Runs on the page: what ran, what it cost, what goes on now, and each question to the model with its answer."""

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

page_household, page_case = page_household_fixture, page_case_fixture


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    with page_case.client() as client:
        yield client


def test_what_ran_is_listed_with_what_it_cost_and_filtered(client: PageClient, page_case: PageCase) -> None:
    truth, now = page_case.truth, page_case.now
    run = truth.runs.start("draft_reply", HOSTILE, now)
    below = truth.runs.start("draft_reply.judge", "mail:home/x@y", now, run.id)
    truth.runs.fail(below.id, now, "It broke.")
    page_case.call(run.id, now, "a")
    truth.runs.fail(run.id, now + dt.timedelta(seconds=200), f"The server said {HOSTILE}.")
    shown = client.get("/runs").text
    assert "<script>alert" not in shown
    assert "\u202e" not in shown
    row = words(shown[shown.index(f"/runs/{run.id}") :])
    assert "1 run below it, 1 failed" in words(shown)
    assert "draft_reply.judge" not in shown
    assert "3 min 20 s" in words(shown)
    assert "852" in words(shown)
    assert row
    only = words(client.get("/runs", params={"workflow": "draft_reply", "state": "failed"}).text)
    assert "3 min 20 s" in only
    assert "briefing 2026-11-24" not in only
    assert "No run is like that." in client.get("/runs", params={"workflow": "briefing", "state": "failed"}).text
    assert client.get("/runs", params={"state": "' OR 1=1", "before": HOSTILE}).status_code == 200


def test_an_empty_house_is_told_what_to_do(tmp_path: Path) -> None:
    with page_client(tmp_path) as client:
        shown = client.get("/runs").text
    assert "Nothing has run yet." in shown
    assert "The model was asked nothing in these days" in shown


def test_the_last_thirty_days_are_drawn_and_told_in_a_table(client: PageClient, page_case: PageCase) -> None:
    truth, now = page_case.truth, page_case.now
    briefing = truth.runs.start("briefing", "2026-11-20", now)
    for back in (0, 4, 29, 30):
        page_case.call(briefing.id, now - dt.timedelta(days=back), str(back))
    shown = client.get("/runs").text
    assert shown.count("<svg") == 2
    assert shown.count('class="room"') == 60
    assert len(re.findall(r'<rect class="series-0" x="[\d.]+" y="[\d.]+" width="2.5" height="[\d.]+"/>', shown)) == 6
    assert "Tue, Nov 24: 852 tokens" in shown
    assert "2,556" in words(shown)
    assert "style=" not in shown
    table = words(shown[shown.index('id="month-table"') :])
    assert re.findall(r"(?:Nov|Oct) \d+ 1 0 812 40 2.5 s briefing 852", table) == [
        *(f"{day} 1 0 812 40 2.5 s briefing 852" for day in ("Nov 24", "Nov 20", "Oct 26")),
    ]


def test_older_runs_are_a_page_further(client: PageClient, page_case: PageCase) -> None:
    for place in range(60):
        page_case.truth.runs.start("triage", f"no {place}.", page_case.now)
    seen: list[str] = []
    path = "/runs?workflow=triage"
    for _ in range(3):
        shown = client.get(path).text
        seen += re.findall(r"no (\d+)\.", shown)
        older = re.search(r'<a href="([^"]+)" rel="next">Older', shown)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(place) for place in range(59, -1, -1)]
    assert not path


def test_what_runs_now_shows_how_far_it_is_and_can_be_cancelled(client: PageClient, page_case: PageCase) -> None:
    truth, now = page_case.truth, page_case.now
    for took in (40, 50, 90):
        ended = truth.runs.start("weekly", "", now)
        truth.runs.finish(ended.id, now + dt.timedelta(seconds=took))
    run = truth.runs.start("weekly", "", now)
    truth.runs.passed(run.id, now, "gather", 3.5)
    page_case.call(run.id, now, "a")
    stale = truth.runs.start("triage", "", now)
    page_case.daemon.current = run.id
    page_case.daemon.running = {
        "running": {
            "number": 7,
            "workflow": "weekly",
            "subject": HOSTILE,
            "trigger": "schedule",
            "priority": "trigger",
            "since": now.isoformat(),
            "seconds": 21.3,
            "why": None,
            "night": None,
        },
        "waiting": [{}],
    }
    shown = client.get("/runs").text
    assert '<progress aria-labelledby="now-title" max="50.0" value="21.3">' in shown
    assert "21 s of about 50 s" in words(shown)
    assert "The step gather is done. 1 question to the model so far, 852 tokens." in words(shown)
    assert "1 waits for its turn" in words(shown)
    assert "<script>alert" not in shown
    states = re.findall(
        r'<td data-label="Run"><div><a href="/runs/([0-9a-f-]{36})">.*?class="badge [a-z]+">([a-z ]+)<', shown, re.DOTALL
    )
    assert dict(states)[run.id] == "running"
    assert dict(states)[stale.id] == "interrupted"
    assert client.fill("/runs/cancel", number="7").headers["location"] == "/runs"
    assert client.fill("/runs/cancel", number="8", back="schedule").headers["location"] == "/schedule"
    assert [each for each in page_case.daemon.asked if each[0] == "cancel"] == [("cancel", "7"), ("cancel", "8")]
    assert client.fill("/runs/cancel", number="x; --quiet").status_code == 400


def test_one_run_shows_its_steps_questions_proposals_and_lines(client: PageClient, page_case: PageCase) -> None:
    truth, now = page_case.truth, page_case.now
    held = truth.outbox.find(limit=1)[0]
    run = truth.runs.get(held.action.run)
    assert run
    page_case.call(run.id, now, "a", attempts=2, outcome="repaired", error=HOSTILE)
    truth.runs.passed(run.id, now, "judge", 1.75)
    shown = client.get(f"/runs/{run.id[:8]}").text
    assert f'href="/review/{held.id}"' in shown
    assert "judge" in words(shown)
    assert re.search(r'<rect class="series-0" x="0" y="0" width="100.0" height="10"/>', shown)
    assert "<script>alert" not in shown
    assert f'href="/journal?subject=run%3A{run.id}"' in shown
    found = re.search(rf'data-load="(/runs/{run.id}/calls/\d+\?inside=1)"', shown)
    assert found
    inside = client.get(found[1], headers={"Butler-Part": "1"}).text
    whole = client.get(found[1].partition("?")[0]).text
    assert "<h1" not in inside
    assert "<h1" in whole
    for text in (inside, whole):
        assert "Judge this mail.\n&lt;mail&gt;\n&lt;script&gt;alert(1)&lt;/script&gt;evil[31m" in text
        assert "&#34;label&#34;: &#34;reply&#34;,\n  &#34;why&#34;: &#34;ü&#34;" in text
        assert "repaired after 2 tries" in words(f"<main>{text}")


def test_questions_and_runs_below_are_paged(client: PageClient, page_case: PageCase) -> None:
    truth, now = page_case.truth, page_case.now
    run = truth.runs.start("triage", "", now)
    for place in range(51):
        page_case.call(run.id, now, str(place), subject=f"mail:home/{place}@q")
    for place in range(26):
        truth.runs.start("triage.judge", f"mail:home/{place}@b", now, run.id)
    first = client.get(f"/runs/{run.id}").text
    assert (first.count("@q"), first.count("@b")) == (50, 25)
    more = [path.replace("&amp;", "&") for path in re.findall(rf'href="(/runs/{run.id}\?[^"]+)"', first)]
    assert len(more) == 2
    assert client.get(more[0]).text.count("@q") == 1
    assert client.get(more[1]).text.count("25@b") == 1


def test_what_is_not_there_is_told(client: PageClient, page_case: PageCase) -> None:
    run = page_case.truth.runs.start("triage", "", page_case.now)
    for path in ("/runs/nothing", f"/runs/{run.id}/calls/1", f"/runs/{run.id}/calls/{10**30}", "/runs/%3Cb%3E"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "<b>" not in answer.text


def test_words_that_are_forgotten_are_told_to_be(client: PageClient, page_case: PageCase) -> None:
    run = page_case.truth.runs.start("triage", "", page_case.now)
    page_case.call(run.id, page_case.now, "a")
    page_case.truth.upkeep.forget(page_case.now + dt.timedelta(days=1))
    number = page_case.truth.spending.calls(run.id)[0].number
    assert "are forgotten by now" in client.get(f"/runs/{run.id}/calls/{number}").text
