"""A flood of hostile mail as its owner meets it, by the real commands and the page: one line, and each still decidable."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

import card_case as case
import pytest
from butler_process import document
from gate_house import Household, inside
from page_case import PageCase, words
from review_case import page_case, page_household

from butler.cli.keys import Keys
from butler.cli.review import Review
from butler.core import payloads as p
from butler.core.actions import Action, Taint
from butler.core.policy import Policy
from butler.gate import Gate

assert page_case
assert page_household

LURE = "guest\u202e@h\u0430cker.example"
"""An address with a direction trick and a Cyrillic letter in its domain."""


def flood(gate: Gate, count: int) -> None:
    """Drafts for as many mails of one sender."""
    for number in range(count):
        ref = f"mail:home/flood-{number}@hostile.example"
        letter = case.LETTER.model_copy(update={"message_id": f"b{number}@berger.example", "subject": f"Re: lure {number}"})
        taint = (Taint(ref, LURE),)
        gate.propose(
            Action(p.MailDraft(letter=letter), "It asks.", f"f{number}", (ref,), taint, workflow="triage", run="run-1")
        )


@pytest.fixture
def home(tmp_path: Path) -> Household:
    household = Household(tmp_path / "home")
    household.sync()
    return household


def test_the_list_shows_a_flood_as_one_line_and_the_rest_as_always(home: Household) -> None:
    home.draft()
    with home.house() as house:
        flood(house.gate, 60)
    home.note()
    done = inside(home, "actions")
    lines = done.stdout.splitlines()
    assert sum(line.lstrip().startswith("#") for line in lines) == 3
    assert re.search(r"#61  mail\.draft\s+flood\s+60 at once that rest on what", done.stdout)
    assert "xn--hcker-1gg" in done.stdout or "xn--" in done.stdout
    assert "\u202e" not in done.stdout
    assert {"#62", "#1"} <= set(re.findall(r"#\d+", done.stdout))
    assert done.stderr == ""


def test_each_of_a_flood_is_listed_shown_and_decided_like_any_other(home: Household) -> None:
    with home.house() as house:
        flood(house.gate, 15)
    each = inside(home, "actions", "--each", "--limit", "50")
    assert len(re.findall(r"(?m)^ +#\d+ ", each.stdout)) == 15
    assert len(document(inside(home, "actions", "--json", "--limit", "50"))["actions"]) == 15
    assert inside(home, "reject", "3").returncode == 0
    assert home.kept(3).status == "rejected"
    assert home.kept(4).status == "held"
    assert "It asks." in inside(home, "show", "4").stdout


def test_a_flood_is_refused_at_once_and_nothing_else_with_it(home: Household) -> None:
    home.draft()
    with home.house() as house:
        flood(house.gate, 15)
    done = inside(home, "reject", "16", "--alike")
    assert done.returncode == 0
    assert [home.kept(number).status for number in (2, 9, 16)] == ["rejected"] * 3
    assert home.kept(1).status == "held"


def test_a_review_shows_what_came_in_a_flood_last(home: Household) -> None:
    home.draft()
    with home.house() as house:
        flood(house.gate, 15)
    home.note()
    with home.house() as house:
        order = []
        review = Review(house, None, Namespace(kind=None, account=None, quiet=True), Keys())  # type: ignore[arg-type]
        while (number := review._next()) is not None:
            order.append(number)
            review._seen.add(number)
    assert order[:2] == [17, 1]
    assert sorted(order[2:]) == list(range(2, 17))


def test_the_page_shows_a_flood_as_one_line_that_leads_to_each(page_case: PageCase) -> None:
    waiting = page_case.truth.outbox.count()
    flood(Gate(page_case.truth.outbox, Policy(), lambda: page_case.now), 30)
    with page_case.client() as client:
        page = client.get("/review").text
        assert page.count('class="card flood"') == 1
        assert "30 at once that rest on what" in words(page)
        assert "lure" not in page
        assert page.count('class="card action"') == min(waiting, 10)
        (place,) = re.findall(r'<a href="(/review\?[^"]*each=1[^"]*)">Show each', page)
        each = client.get(place.replace("&amp;", "&")).text
        assert 'class="card flood"' not in each
        assert "lure" in each
