"""The page that finds things: what is found leads to the evidence, what matches is marked, a query that is none is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from page_case import PageCase, words
from page_case import page_case as page_case_fixture
from page_case import page_household as page_household_fixture
from page_client import PageClient

from butler.store.meaning import open_meaning

page_household, page_case = page_household_fixture, page_case_fixture


@pytest.fixture
def client(page_case: PageCase) -> Iterator[PageClient]:
    with page_case.client() as client:
        yield client


def links(html: str) -> list[str]:
    """Where what was found leads, in order."""
    return [unescape(link) for link in re.findall(r'<a href="(/evidence\?ref=[^"]+)" dir="auto">', html)]


def test_what_is_found_is_marked_and_leads_to_the_evidence(client: PageClient) -> None:
    shown = client.get("/search?q=planting+figures+auditors").text
    assert "<mark>figures</mark>" in shown
    (first, *_) = links(shown)
    evidence = client.get(first)
    assert (evidence.status_code, "auditors" in evidence.text) == (200, True)


def test_more_than_a_page_holds_is_on_the_next_one_and_none_twice(client: PageClient) -> None:
    first = client.get("/search?q=kind:mail").text
    (later,) = re.findall(r'<a href="(/search\?[^"]+)" rel="next">', first)
    second = client.get(unescape(later)).text
    assert len(links(first)) == 20
    assert 'rel="prev"' in second
    assert not set(links(first)) & set(links(second))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("after:never", "'never' is no day."),
        ("kind:letter", "There is no kind 'letter'."),
        ("in:cellar", "called 'cellar'. There are: "),
        ("from:", "from: needs a name"),
    ],
)
def test_a_query_that_is_none_is_told_above_the_form_which_keeps_it(client: PageClient, query: str, told: str) -> None:
    shown = client.get(f"/search?q={quote(query)}")
    assert shown.status_code == 200
    assert told in unescape(shown.text)
    assert f'value="{query}"' in shown.text
    assert links(shown.text) == []


def test_nothing_found_and_only_some_words_found_are_said(client: PageClient) -> None:
    assert "Nothing in the mirror holds all of these words." in words(client.get("/search?q=xylophone").text)
    assert "This holds some of them." in words(client.get("/search?q=xylophone+harbour").text)
    assert "Nothing in the mirror" not in words(client.get("/search").text)


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "\x00\x1b[31m", "' OR 1=1 --", "NEAR(a b, 3)", "title:(a*", "é" * 3000]
)
def test_whatever_is_typed_is_shown_as_text(client: PageClient, text: str) -> None:
    shown = client.get(f"/search?q={quote(text)}&page=99999999999")
    assert shown.status_code == 200
    assert "<script>alert" not in shown.text
    assert "\x1b" not in shown.text


FOUND: Mapping[str, Any] = {
    "ref": "mail:home/x@y",
    "kind": "mail",
    "title": "<b>My automobile</b>",
    "when": "2026-11-20T08:00:00+00:00",
    "who": "Tom",
    "place": "INBOX",
    "excerpt": "It broke down.",
    "whole": False,
    "by": "meaning",
}


@pytest.fixture
def meaning(page_case: PageCase) -> Iterator[PageClient]:
    """The page of somebody who has an embedding model and vectors."""
    with closing(open_meaning(page_case.household.state)), page_case.client(embeds=True) as client:
        yield client


def test_what_means_the_like_is_one_link_away_and_found_by_a_child_that_is_told_nothing_on_its_command_line(
    page_case: PageCase, meaning: PageClient
) -> None:
    words_alone = meaning.get("/search?q=car&page=2").text
    assert 'data-then="/search/meaning?q=car&amp;page=2"' in words_alone
    assert 'href="/search/meaning?q=car&amp;page=2"' in words_alone
    assert not page_case.daemon.asked
    page_case.daemon.answers["search"] = {"found": [FOUND] * 21, "remarks": []}
    shown = meaning.get("/search/meaning?q=car").text
    assert page_case.daemon.asked == [("ask", ("search", "-", "--json", "--remarks", "--limit=21", "car"))]
    assert "by meaning" in shown
    assert "&lt;b&gt;My automobile" in shown
    assert "data-then" not in shown
    assert "Nothing holds all of these words" not in shown
    assert '<a href="/search/meaning?q=car&amp;page=2" rel="next">' in shown


@pytest.mark.parametrize("answer", [{}, {"found": "all", "remarks": []}, {"found": [{"ref": 1}], "remarks": []}])
def test_where_meaning_cannot_be_asked_words_are_shown_and_that_is_said(
    page_case: PageCase, meaning: PageClient, answer: Mapping[str, Any]
) -> None:
    page_case.daemon.answers["search"] = answer
    shown = meaning.get("/search/meaning?q=planting+figures").text
    assert "Only words were looked for" in shown
    assert links(shown)
    page_case.daemon.answers["search"] = {"found": [FOUND], "remarks": ["Only words were looked for, not meaning: it is away."]}
    assert "it is away." in meaning.get("/search/meaning?q=planting").text


def test_only_what_has_a_meaning_is_looked_for_by_it(client: PageClient, meaning: PageClient) -> None:
    assert "data-then" not in client.get("/search?q=car").text
    for query in ('"my car"', "car*", "from:tom", ""):
        assert "data-then" not in meaning.get(f"/search?q={quote(query)}").text, query
    assert "is no day" in unescape(meaning.get("/search/meaning?q=after:never").text)
