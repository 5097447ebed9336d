"""Workflows of one's own on the page: by their titles in the schedule and among the runs, and a page of theirs with a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from page_case import HOSTILE, PageCase, words
from page_case import page_case as page_case_fixture
from page_case import page_household as page_household_fixture
from page_client import PageClient, page_client

from butler.core.briefing import Evidence, Line
from butler.core.jobs import At, Job
from butler.core.policy import Policy
from butler.pages import Pages
from butler.web.books import House
from workflows.pages.page import Block, Page, render

page_household, page_case = page_household_fixture, page_case_fixture
TITLE = "Money, month by month"
JOBS = (Job("money", "money", At(dt.time(8), dates=frozenset({1})), title=TITLE),)


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    owner, state = page_case.household.household.owner, page_case.household.state
    house = House(owner, state, Policy(own=owner.addresses, zone=owner.zone), JOBS, titles={"money": TITLE, "odd": HOSTILE})
    with page_client(state, clock=lambda: page_case.now, house=house, daemon=page_case.daemon) as client:
        yield client


def test_the_schedule_and_the_runs_call_it_by_its_title(client: PageClient, page_case: PageCase) -> None:
    run = page_case.truth.runs.start("money", "2026-11-24", page_case.now)
    page_case.truth.runs.start("odd", "2026-11-24", page_case.now)
    schedule = client.get("/schedule").text
    assert f"{TITLE} money" in words(schedule)
    assert "monthly 1 08:00" in words(schedule)
    runs = client.get("/runs").text
    assert TITLE in words(runs)
    assert "<script>alert" not in runs
    assert TITLE in words(client.get(f"/runs/{run.id}").text)


def test_a_table_of_a_page_is_read_row_by_row_with_what_it_rests_on(client: PageClient, page_case: PageCase) -> None:
    rows = [
        Line(text=f"{month}\t{sum_}", by="code", evidence=(Evidence(ref=f"file:papers/{month}.csv"),))
        for month, sum_ in (("March | x", "1.200,00"), ("April <b>", "3"))
    ]
    page = Page(
        "money-2026-11",
        TITLE,
        page_case.now.date(),
        page_case.now,
        [Block("Sums", rows, ("Month", "EUR"))],
        remarks=["One file could not be read."],
    )
    Pages(page_case.household.state / "pages", None)("reviews/money-2026-11", render(page))
    shown = client.get("/pages/reviews--money-2026-11").text
    assert "March | x · 1.200,00" in words(shown)
    assert "file%3Apapers/March" in shown
    assert "One file could not be read." in words(shown)
    assert "<b>" not in shown
    assert TITLE in words(client.get("/").text)
