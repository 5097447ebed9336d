"""Questions asked on the page, in a real browser, answered by the daemon's children: with a script, without, over a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from butler_process import butler
from good_model import good_model
from ollama_script import Answer, Chat, Hangs
from page_browser import Browsing, Tab, chromium, overflowing, soon, watched
from page_household import copied, made_for_all
from page_served import ServedPage, served_page
from playwright.sync_api import Route, expect
from playwright.sync_api import TimeoutError as NotThere
from scripted_ollama import ScriptedOllama, ServedModel

from butler.store.conversations import Asked

TOMORROW = "What is on tomorrow?"
EMBEDDER = ServedModel("tiny-embed:latest", "cd" * 32, 2048, ("embedding",))


def hangs_over_texts(chat: Chat) -> Answer:
    return Hangs() if "quotes" in (chat.schema or {}).get("properties", {}) else good_model(chat)


@pytest.fixture(scope="module")
def hanging() -> Iterator[ScriptedOllama]:
    """A model that says what to read, and never what is in it."""
    with ScriptedOllama(script=hangs_over_texts, models=(ServedModel(), EMBEDDER)) as server:
        yield server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, hanging: ScriptedOllama) -> Iterator[ServedPage]:
    household = copied(made_for_all(tmp_path_factory), tmp_path_factory.mktemp("page") / "household")
    with household.config.open("a", encoding="utf-8") as settings:
        settings.write(f'\n[model]\nname = "{hanging.models[0].name}"\nurl = "{hanging.url}"\nembed = "tiny-embed"\n')
    with served_page(household.household.folder) as served:
        yield served


@pytest.fixture(scope="module")
def one_browser(served: ServedPage) -> Iterator[Browsing]:
    with chromium() as browser:
        yield Browsing(browser, served)


@pytest.fixture
def browsing(one_browser: Browsing) -> Iterator[Browsing]:
    yield from watched(one_browser)


def turns(served: ServedPage) -> list[Asked]:
    """All questions there are."""
    with served.books() as truth:
        kept = truth.conversations
        return [turn for each in reversed(kept.recent(100)) for turn in kept.turns(each.id)]


def ask(tab: Tab, text: str) -> None:
    tab.page.get_by_role("textbox").fill(text)
    tab.page.get_by_role("button", name="Ask", exact=True).click()


def test_a_question_is_answered_its_sources_open_beside_it_and_all_of_it_can_be_deleted(
    browsing: Browsing, served: ServedPage
) -> None:
    tab = browsing.tab("/ask")
    ask(tab, TOMORROW)
    turn = tab.page.locator(".turn").first
    expect(turn.locator(".answer")).to_contain_text("Wednesday 25 November")
    tab.page.get_by_role("link", name="Source 1", exact=True).first.click()
    line = turn.locator(".sources .line").first
    line.locator("summary").click()
    expect(line.locator(".exhibit")).to_be_visible()
    summary, beside = turn.bounding_box(), line.locator("[data-here]").bounding_box()
    assert summary
    assert beside
    assert beside["x"] >= summary["x"] + summary["width"]
    ask(tab, "And on Friday?")
    expect(tab.page.locator(".turn")).to_have_count(2)
    expect(tab.page.locator(".turn").nth(1).locator(".answer, .warn").first).to_be_visible()
    tab.page.reload()
    expect(tab.page.locator(".turn")).to_have_count(2)
    assert [(each.question, each.conversation) for each in turns(served)] == [(TOMORROW, 1), ("And on Friday?", 1)]
    tab.page.locator("#delete summary").click()
    tab.page.get_by_role("button", name="Delete it").click()
    tab.page.wait_for_url("**/ask")
    expect(tab.page.get_by_role("heading", name="Such as")).to_be_visible()
    assert turns(served) == []


def test_a_page_that_a_form_leaves_is_not_asked_for_again(browsing: Browsing, served: ServedPage) -> None:
    with served.books() as truth:
        turn = truth.conversations.ask(TOMORROW, served.now)
    tab = browsing.tab(f"/ask/{turn.conversation}")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url.removeprefix(served.url)))
    tab.page.evaluate("renew()")
    assert tab.path in asked
    # The next page is long in coming.
    tab.page.evaluate("addEventListener('submit', (event) => event.preventDefault())")
    tab.page.locator("#delete summary").click()
    tab.page.get_by_role("button", name="Delete it").click()
    asked.clear()
    with served.books() as truth:
        truth.conversations.delete_all(served.now)
    tab.page.evaluate("renew()")
    assert tab.path not in asked


def test_what_waits_for_the_model_shows_what_was_read_by_itself_and_can_be_given_up(
    browsing: Browsing, served: ServedPage, hanging: ScriptedOllama
) -> None:
    tab = browsing.tab("/ask")
    ask(tab, "What did the harbour people write about the terrace?")
    turn = tab.page.locator(".turn").first
    expect(turn).to_contain_text("It is being answered.")
    expect(turn.locator(".reads li").first).to_contain_text("found")
    soon(lambda: hanging.chats)
    ask(tab, TOMORROW)
    expect(tab.page.locator(".turn").nth(1).locator(".answer")).to_contain_text("Wednesday 25 November")
    turn.get_by_role("button", name="Give it up").click()
    expect(tab.page.locator(".turn").first).to_contain_text("It was given up.")
    assert hanging.disconnected.wait(20)
    assert [each.state for each in turns(served)] == ["cancelled", "answered"]
    with served.books() as truth:
        soon(lambda: all(run.state != "running" for run in truth.runs.recent(5)))
        # Else the page may ask once more for what is deleted.
        tab.page.goto("about:blank")
        truth.conversations.delete_all(served.now)


def is_there(tab: Tab, what: str) -> bool:
    """Whether a page without a script has something; where it has not, it is looked at again, as it offers."""
    if tab.page.locator(what).count():
        return True
    # The page that is being left still stands there for a moment, and the next one may have the answer and no such link.
    with suppress(NotThere):
        tab.page.get_by_role("link", name="Look again").click(timeout=1_000)
    return False


def test_it_goes_without_a_script_and_on_a_phone(browsing: Browsing, served: ServedPage) -> None:
    tab = browsing.tab("/ask", size=(360, 740), java_script_enabled=False)
    tab.page.get_by_role("button", name="When am I free tomorrow?").click()
    soon(lambda: is_there(tab, ".turn .answer"))
    expect(tab.page.locator(".turn .answer")).to_contain_text("free")
    (turn,) = turns(served)
    tab.page.get_by_role("textbox").fill("x" * 1990 + " " + "y" * 9)
    tab.page.get_by_role("button", name="Ask", exact=True).click()
    expect(tab.page.locator(".turn")).to_have_count(2)
    line = tab.page.locator(".sources .line").first
    line.locator("summary").click()
    line.get_by_role("link", name="Show what it rests on").click()
    expect(tab.page.locator(".exhibit")).to_be_visible()
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()
    tab.go(f"/ask/{turn.conversation}")
    with_script = browsing.tab(f"/ask/{turn.conversation}", size=(360, 740))
    assert overflowing(with_script) == []
    # Else it may ask once more for what is deleted.
    with_script.page.goto("about:blank")
    tab.go("/ask")
    tab.page.locator("#delete-all summary").click()
    tab.page.get_by_label("I mean it").check()
    tab.page.get_by_role("button", name="Delete all").click()
    expect(tab.page.get_by_role("heading", name="Such as")).to_be_visible()


def test_what_means_the_like_comes_by_itself_and_without_a_script_by_a_link(browsing: Browsing, served: ServedPage) -> None:
    made = butler(served.folder, "--config", served.folder / "butler.toml", "do", "meaning")
    assert made.returncode == 0, made.stderr
    tab = browsing.tab("/search?q=automobile+bill")
    expect(tab.main).to_contain_text("by meaning")
    expect(tab.page).to_have_url(re.compile("/search/meaning[?]q=automobile"))
    assert tab.main.locator("[data-then]").count() == 0
    tab.page.get_by_role("searchbox").fill("boat")
    tab.page.get_by_role("button", name="Search").click()
    expect(tab.page).to_have_url(re.compile("q=boat"))
    plain = browsing.tab("/search?q=automobile+bill", java_script_enabled=False)
    expect(plain.main).not_to_contain_text("by meaning")
    plain.page.get_by_role("link", name="Find also what means the like").click()
    expect(plain.main).to_contain_text("by meaning")


def held_back(tab: Tab, pattern: str) -> list[Route]:
    """The parts of pages that the script asks for from now on: each waits until the test lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if "butler-part" in route.request.headers:
            held.append(route)
        else:
            route.continue_()

    tab.page.route(pattern, hold)
    return held


def the_first(tab: Tab, held: list[Route]) -> Route:
    """The first that is held back; the browser tells of it while the test waits for something of the page."""

    def looked() -> Route | None:
        tab.page.title()
        return held[0] if held else None

    route = soon(looked)
    assert isinstance(route, Route)
    return route


def test_what_means_the_like_comes_although_the_page_is_renewed_meanwhile(browsing: Browsing, served: ServedPage) -> None:
    made = butler(served.folder, "--config", served.folder / "butler.toml", "do", "meaning")
    assert made.returncode == 0, made.stderr
    tab = browsing.tab("/ask")
    meaning = held_back(tab, "**/search/meaning?*")
    tab.go("/search?q=automobile+bill")
    first = the_first(tab, meaning)
    tab.page.evaluate("renew()")
    first.continue_()
    expect(tab.main).to_contain_text("by meaning")


def test_what_means_the_like_stays_though_the_words_alone_are_renewed_later(browsing: Browsing, served: ServedPage) -> None:
    made = butler(served.folder, "--config", served.folder / "butler.toml", "do", "meaning")
    assert made.returncode == 0, made.stderr
    tab = browsing.tab("/ask")
    meaning, words = held_back(tab, "**/search/meaning?*"), held_back(tab, "**/search?*")
    tab.go("/search?q=automobile+bill")
    first = the_first(tab, meaning)
    tab.page.evaluate("window.renewed = renew().then(() => true); null")
    second = the_first(tab, words)
    first.continue_()
    expect(tab.main).to_contain_text("by meaning")
    second.continue_()
    assert tab.page.evaluate("window.renewed")
    expect(tab.main).to_contain_text("by meaning")


def test_what_was_asked_when_the_daemon_ended_is_answered_when_it_is_back(browsing: Browsing, served: ServedPage) -> None:
    with served.books() as truth:
        turn = truth.conversations.ask(TOMORROW, served.now)
    tab = browsing.tab(f"/ask/{turn.conversation}")
    expect(tab.page.get_by_role("button", name="Answer it now")).to_be_visible()
    tab.expected += ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY"]
    served.stop()
    expect(tab.page.locator("#told")).to_contain_text("The butler is away.")
    served.start()
    expect(tab.page.locator(".turn .answer")).to_contain_text("Wednesday 25 November")
    soon(lambda: [each.state for each in turns(served) if each.id == turn.id] == ["answered"])
