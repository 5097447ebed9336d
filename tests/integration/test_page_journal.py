"""The journal on the page: its lines with where they lead, found by what one looks for, and whether it is whole."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_case import HOSTILE, PageCase, words
from page_case import page_case as page_case_fixture
from page_case import page_household as page_household_fixture
from page_client import PageClient, page_client

from butler.store.journal import Journal
from butler.web.verifying import Verdict, Verifying

page_household, page_case = page_household_fixture, page_case_fixture


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    with page_case.client() as client:
        yield client


def numbers(html: str) -> list[int]:
    """The lines that are listed."""
    return [int(number) for number in re.findall(r'<li id="line-(\d+)">', html)]


def verdict(client: PageClient) -> str:
    """What is said of the whole of it, as soon as that is known."""
    for _ in range(400):
        shown = client.get("/journal").text
        found = words(shown[shown.index('<h2 id="whole"') : shown.index('<form method="get"')])
        if "are being looked through" not in found:
            return found
        time.sleep(0.05)
    return "It takes too long."


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        time.sleep(0.01)


def add(page_case: PageCase, what: str, subject: str, **facts: object) -> int:
    with page_case.truth.outbox.transaction():
        page_case.truth.journal.append(page_case.now, what, subject, **facts)
    return page_case.truth.journal.head()[0]


def test_lines_are_listed_newest_first_with_their_facts_and_lead_to_what_they_are_about(
    client: PageClient, page_case: PageCase
) -> None:
    run = page_case.truth.runs.start("triage", "", page_case.now)
    facts = {"by": HOSTILE, "due_at": "2026-11-23T06:00:00.000000+00:00", "hash": "a" * 64, "digest": "sha256:" + "b" * 64}
    number = add(page_case, "told", "mail:home/<x&y>@z", run=run.id, replaces=41, none="", **facts)
    add(page_case, "decided", "action:41", verb="approve")
    add(page_case, HOSTILE, HOSTILE)
    shown = client.get("/journal").text
    assert numbers(shown)[:3] == [number + 2, number + 1, number]
    line = shown[shown.index(f'id="line-{number}"') :].partition("</li>")[0]
    assert 'href="/evidence?ref=mail%3Ahome/%3Cx%26y%3E%40z"' in line
    assert f'href="/runs/{run.id}"' in line
    assert 'href="/review/41"' in line
    assert 'href="/review/41"' in shown[: shown.index(f'id="line-{number}"')]
    told = words(line)
    assert "due at Mon, Nov 23, 07:00" in told
    assert "hash aaaaaaaaaaaa " in told
    assert "digest sha256:bbbbbbbbbbbb " in told
    assert "none" not in told
    for trick in ("<script>alert", "\u202e", "\x1b"):
        assert trick not in shown


def test_lines_are_found_and_paged_with_what_one_looks_for_kept(client: PageClient, page_case: PageCase) -> None:
    for place in range(120):
        add(page_case, "watered", "rose:1" if place % 2 else "rose:2", can=f"Kanne {place} Ä")
    path = "/journal?what=watered&subject=rose%3A1&words=kanne"
    seen: list[int] = []
    for _ in range(2):
        shown = client.get(path).text
        seen += numbers(shown)
        older = re.search(r'href="(/journal\?[^"]+)" rel="next"', shown)
        path = older[1].replace("&amp;", "&") if older else ""
    last = page_case.truth.journal.head()[0]
    # The log-in of this test came before.
    assert seen == list(range(last, last - 120, -2))
    assert not path
    assert 'value="rose:1"' in shown
    assert '<option value="watered" selected>' in shown
    assert len(numbers(client.get("/journal", params={"words": "KANNE 7 ä"}).text)) == 1
    found = client.get("/journal", params={"day": "2026-11-24", "subject": "rose:2"}).text
    assert len(numbers(found)) == 50
    nothing = client.get("/journal", params={"day": "2026-11-20"}).text
    assert "No line is like that." in nothing
    assert client.get("/journal", params={"day": "soon"}).status_code == 400
    hostile = client.get("/journal", params={"words": '"><script>alert(1)</script>', "before": "9" * 99, "what": "\x00"})
    assert (hostile.status_code, "<script>alert" in hostile.text) == (200, False)


def test_words_that_are_rare_in_a_big_journal_are_looked_for_further_back(client: PageClient, page_case: PageCase) -> None:
    first = add(page_case, "told", "thing:1", text="needle")
    with sqlite3.connect(page_case.household.state / "butler.db") as own:
        own.executemany(
            "INSERT INTO journal VALUES (?, '2026-11-24T06:00:00.000000+00:00', 'told', 'thing:2', '{}', '', '')",
            ((first + place,) for place in range(1, 12_001)),
        )
    shown = client.get("/journal", params={"words": "needle"}).text
    further = re.search(r'href="(/journal\?[^"]+)">Look further back', shown)
    assert "No such line among those after line" in words(shown)
    assert further
    assert numbers(client.get(further[1].replace("&amp;", "&")).text) == [first]


def test_the_whole_journal_is_looked_through_beside_and_the_verdict_is_kept(client: PageClient, page_case: PageCase) -> None:
    lines, head = page_case.truth.journal.head()
    assert verdict(client).startswith(
        f"Is it whole? whole All {lines} lines are as they were written, looked through at 07:00."
    )
    assert head in client.get("/journal").text
    add(page_case, "told", "thing:1")
    assert "1 line came since." in verdict(client)
    with sqlite3.connect(page_case.household.state / "butler.db") as own:
        own.execute("DROP TRIGGER journal_keeps")
        own.execute(f'UPDATE journal SET facts = \'{{"x": "{"y" * 5}"}}\' WHERE seq = 3')
    assert "whole All" in verdict(client)
    assert client.fill("/journal/verify").headers["location"] == "/journal"
    told = verdict(client)
    assert "It is not what was written." in told
    assert f"Of {lines + 1} lines, looked through at 07:00, 1 thing is wrong." in told
    assert "Line 3 was changed or moved." in told


def test_only_one_look_through_the_journal_goes_on_at_a_time(page_case: PageCase) -> None:
    begun: list[int] = []

    class Slow(Journal):
        def examined(self):  # type: ignore[no-untyped-def]
            begun.append(1)
            while len(begun) < 2:
                time.sleep(0.01)
            return super().examined()

    slow = Slow(page_case.truth._database)
    verifying = Verifying()
    for _ in range(3):
        verifying.begin(slow, page_case.now)
    assert verifying.since == page_case.now
    # It looks in a thread of its own, which need not be there yet.
    until(lambda: bool(begun))
    begun.append(2)
    until(lambda: verifying.verdict is not None)
    assert begun == [1, 2]
    assert verifying.verdict == Verdict(page_case.now, *page_case.truth.journal.head(), [], 0)


def test_one_line_is_shown_whole_with_its_hash(client: PageClient, page_case: PageCase) -> None:
    long = "a long text " * 100
    number = add(page_case, "told", "thing:1", text=long, hash="a" * 64, deep={"one": [1, 2]})
    shown = client.get(f"/journal/{number}").text
    line = page_case.truth.journal.lines(limit=1)[0]
    for text in (long, "a" * 64, line.hash, line.previous, "&#34;one&#34;: [\n"):
        assert text in shown
    for wrong in (number + 1, 0, 10**30, "x"):
        assert client.get(f"/journal/{wrong}").status_code == 404


def test_an_empty_journal_says_what_will_come(tmp_path: Path) -> None:
    with page_client(tmp_path) as client:
        # To log in is a line.
        assert len(numbers(client.get("/journal").text)) == 1
        assert "No line is like that." in client.get("/journal?what=none").text
