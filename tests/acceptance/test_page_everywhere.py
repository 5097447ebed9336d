"""The page for everybody: by axe in light, dark and on a phone; without JavaScript; offline; over a daemon's death."""

from __future__ import annotations

import dataclasses
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from page_browser import PHONE, Browsing, Tab, chromium, overflowing, soon, watched
from page_case import HOSTILE, PageCase
from page_household import DAY, PageHousehold, copied, made_for_all
from page_served import ServedPage, served_page
from playwright.sync_api import expect
from review_case import drafted, ended

from butler.core import payloads as p
from butler.core.actions import Action, Kept
from butler.core.asking import Answer, Citation, Sentence
from butler.store.truth import Truth

Do = Callable[[Tab], None]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MALLORY = p.Person(name="Rachel Ford", address="mallory@evil.example")
MAIL = "mail:home/harbour-6@ford-harbour.example"
EVIL = f"Dear Rachel,\n\nsee https://evil.example/pay?{'x' * 300} {HOSTILE}\n\nAnna"


@dataclass(frozen=True)
class Seeded:
    """The page over a copy of the sample, with some things in it that no morning has."""

    household: PageHousehold
    served: ServedPage
    evil: Kept

    def kept(self, number: int) -> Kept:
        """An action as it is now."""
        with self.served.books() as truth:
            return truth.outbox.get(number)

    def drafts(self) -> list[str]:
        """The files in the sample's Drafts folder."""
        return [file.read_text(encoding="utf-8") for file in self.household.household.folder.glob("mail/.Drafts/*/*")]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    household = copied(made_for_all(tmp_path_factory), tmp_path_factory.mktemp("page") / "household")
    truth = Truth.open(household.state / "butler.db")
    case = PageCase(household, truth)
    evil = drafted(case, "evil", to=(MALLORY,), body=EVIL)
    ended(case, 1, "uncertain", "The connection was lost while the mail server was asked to keep it.")
    (run,) = [each for each in truth.runs.recent(50) if each.workflow == "briefing"]
    case.call(run.id, household.now, "key")
    rests = Answer(
        sentences=(Sentence(text="It is.", cites=(1,)),), citations=(Citation(ref=MAIL, title="Harbour", quote="yes"),)
    )
    truth.conversations.end(truth.conversations.ask("Is it?", household.now), "answered", household.now, rests)
    truth.close()
    with served_page(household.household.folder) as served:
        yield Seeded(household, served, evil)


@pytest.fixture(scope="module")
def one_browser(seeded: Seeded) -> Iterator[Browsing]:
    with chromium() as browser:
        yield Browsing(browser, seeded.served)


@pytest.fixture
def browsing(one_browser: Browsing) -> Iterator[Browsing]:
    yield from watched(one_browser)


def drafted_like(truth: Truth, number: int) -> Action:
    """Another draft like one that is there."""
    like = truth.outbox.get(number).action
    assert isinstance(like.payload, p.MailDraft)
    changes = {"message_id": "away@berger.example", "body": "Written while it was away."}
    return dataclasses.replace(like, payload=p.MailDraft(letter=like.payload.letter.model_copy(update=changes)), key="away")


def links(*patterns: str) -> Do:
    """Go where the first link leads whose address is like a pattern, and on from there."""

    def follow(tab: Tab) -> None:
        for pattern in patterns:
            found = tab.main.locator("a").evaluate_all("each => each.map(link => link.getAttribute('href'))")
            tab.go(next(path for path in found if re.search(pattern, path)))

    return follow


def evidence_open(tab: Tab) -> None:
    for section in ("agenda", "reply", "tasks"):
        tab.page.locator(f".section.{section} summary").first.click()
        expect(tab.page.locator(f".section.{section} .because").first).to_be_visible()


def problems_shown(tab: Tab) -> None:
    tab.expected.append("400")
    tab.page.get_by_label("To", exact=True).fill("nobody at all")
    tab.page.get_by_label("Subject").fill("")
    tab.page.get_by_role("button", name="Save the edit").click()
    expect(tab.page.locator("[aria-invalid]").first).to_be_visible()


def all_open(tab: Tab) -> None:
    tab.page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")


def typed_in_place(tab: Tab) -> None:
    tab.page.locator("#action-9").get_by_role("link", name="Edit").click()
    expect(tab.page.locator("#action-9").get_by_label("Text")).to_be_focused()


def known(tab: Tab) -> None:
    expect(tab.page.get_by_role("button", name=re.compile("again"))).to_be_visible()


def verified(tab: Tab) -> None:
    known(tab)
    all_open(tab)


def question_answered(tab: Tab) -> None:
    tab.page.get_by_role("textbox").fill("What is on tomorrow?")
    tab.page.get_by_role("button", name="Ask", exact=True).click()
    tab.page.locator(".sources summary").first.click()
    expect(tab.page.locator(".exhibit").first).to_be_visible()


PAGES: dict[str, tuple[str, Do]] = {
    "today": ("/", evidence_open),
    "an earlier day that has none": ("/day/2026-11-20", all_open),
    "evidence": (f"/day/{DAY}", links("/line/reply/")),
    "a mail": ("/review/9", links("ref=mail")),
    "an event": (f"/day/{DAY}", links("/line/agenda/", "ref=event")),
    "review": ("/review?kind=calendar.respond", all_open),
    "somebody new in a thread": ("/review/17", all_open),
    "an edit in place": ("/review/9", typed_in_place),
    "an edit with problems": ("/review/9/edit", problems_shown),
    "the keys": ("/review?kind=task.create", lambda tab: tab.press("?")),
    "an action that is uncertain": ("/review/1", all_open),
    "runs": ("/runs", all_open),
    "a run": ("/runs?workflow=briefing", links("/runs/.")),
    "a call": ("/runs?workflow=briefing", links("/runs/.", "/call")),
    "schedule": ("/schedule", all_open),
    "journal": ("/journal?subject=action:9", verified),
    "a line of the journal": ("/journal?subject=action:9", links("/journal/[0-9]")),
    "health": ("/health", known),
    "access": ("/access", all_open),
    "ask": ("/ask", all_open),
    "a conversation": ("/ask", question_answered),
    "what an answer rests on": ("/ask/1", links("/source/")),
    "search": ("/search?q=harbour", all_open),
    "a search that is none": ("/search?q=kind:nonsense", all_open),
    "no such page": ("/nowhere", all_open),
}
NOWHERE = {"an earlier day that has none", "no such page"}


COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that a darker page may break; the others stay as they are."""
HEARS = """
window.heard = [];
const line = document.getElementById("told");
new MutationObserver(() => window.heard.push(line.textContent)).observe(line, {childList: true});
"""
"""Keeps all that the status line says."""


def violations(tab: Tab, how: str, **options: object) -> list[str]:
    """What axe finds, each with where."""
    if not tab.page.evaluate("'axe' in window"):
        tab.page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], **options}
    found = tab.page.evaluate("async options => (await axe.run(options)).violations", options)
    return [f"{how}: {each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]


def wrong_for_anybody(tab: Tab) -> list[str]:
    """What axe finds in light, in dark and on a phone, and what is too wide for that."""
    found = violations(tab, "light", runOnly=STANDARD)
    tab.page.emulate_media(color_scheme="dark")
    found += violations(tab, "dark", runOnly={"type": "rule", "values": COLOURS})
    tab.page.emulate_media(color_scheme="light")
    tab.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    off = {name: {"enabled": False} for name in COLOURS}
    return [*found, *violations(tab, "phone", runOnly=STANDARD, rules=off), *overflowing(tab)]


def is_live(tab: Tab) -> bool:
    """Whether a page of the menu heard from the daemon, so that all that comes by itself has come."""
    return tab.page.locator("body[data-page]").count() == 0 or tab.page.title().startswith("(")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody_and_stays_where_it_is(browsing: Browsing, name: str) -> None:
    path, do = PAGES[name]
    tab = browsing.tab()
    tab.expected += ["404"] if name in NOWHERE else []
    tab.go(path)
    soon(lambda: is_live(tab))
    assert tab.jumped() < 0.01
    do(tab)
    assert wrong_for_anybody(tab) == []


def test_the_log_in_is_for_everybody(browsing: Browsing, seeded: Seeded) -> None:
    tab = browsing.tab("/login", nobody=True)
    assert wrong_for_anybody(tab) == []
    tab.page.goto(seeded.served.link())
    assert (tab.jumped() < 0.01, wrong_for_anybody(tab)) == (True, [])
    with seeded.served.books() as truth:
        truth.access.set_passphrase("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA", "anna", seeded.served.now)
    assert wrong_for_anybody(tab.go("/login?key=used-already")) == []


@pytest.mark.parametrize("path", ["/", "/review", "/health"])
def test_nothing_jumps_on_a_phone_and_the_menu_shows_where_one_is(browsing: Browsing, path: str) -> None:
    tab = browsing.tab(path, size=PHONE)
    soon(lambda: is_live(tab))
    assert tab.jumped() < 0.01
    expect(tab.page.locator("nav [aria-current]")).to_be_in_viewport(ratio=1)


def test_the_head_of_the_page_is_whole_at_every_width(browsing: Browsing) -> None:
    tab = browsing.tab("/")
    menu = tab.page.locator(".top nav")
    for width in range(700, 1201, 50):
        tab.page.set_viewport_size({"width": width, "height": 700})
        hidden = menu.evaluate("each => each.scrollWidth - each.clientWidth")
        lines = tab.page.locator(".brand").evaluate("each => each.getBoundingClientRect().height / each.firstChild.height")
        assert (hidden, lines < 3, overflowing(tab)) == (0, True, []), width


def test_on_a_phone_evidence_opens_below_its_line_and_all_can_be_decided(browsing: Browsing, seeded: Seeded) -> None:
    tab = browsing.tab("/", size=PHONE, has_touch=True, is_mobile=True)
    line = tab.page.locator(".section.reply li.line").first
    line.locator("summary").first.tap()
    expect(line.locator("mark").first).to_be_visible()
    summary, beside = line.locator("summary").first.bounding_box(), line.locator("[data-here]").bounding_box()
    assert summary
    assert beside
    assert beside["y"] >= summary["y"] + summary["height"] - 1
    assert overflowing(tab) == []
    tab.go("/review/8").page.get_by_role("button", name="Approve", exact=True).tap()
    expect(tab.page.locator("#outcome-8 .badge").first).to_have_text("done")
    assert overflowing(tab) == []


def test_hostile_words_do_nothing_and_are_shown(browsing: Browsing, seeded: Seeded) -> None:
    tab = browsing.tab(f"/review/{seeded.evil.id}")
    expect(tab.main).to_contain_text("<script>alert(1)</script>")
    expect(tab.main.locator(".warnings")).to_contain_text("evil.example")
    assert tab.page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0
    tab.page.get_by_role("button", name="Approve", exact=True).click()
    # The browser asks for the tick first.
    assert seeded.kept(seeded.evil.id).status == "held"
    tab.page.get_by_label("I mean mallory@evil.example, new in this thread").check()
    tab.page.get_by_role("button", name="Approve", exact=True).click()
    soon(lambda: seeded.kept(seeded.evil.id).status == "done")


def test_everything_goes_without_javascript(browsing: Browsing, seeded: Seeded) -> None:
    tab = browsing.tab(nobody=True, java_script_enabled=False)
    tab.expected.append("400")
    page = tab.page
    page.goto(seeded.served.link())
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday, November 24, 2026")
    line = page.locator(".section.reply li.line").first
    line.locator("summary").click()
    line.get_by_role("link", name="What it rests on").click()
    expect(page.locator("mark").first).to_be_visible()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Review").click()
    page.locator("#action-7").get_by_role("link", name="Edit").click()
    page.get_by_label("To", exact=True).fill("nobody at all")
    page.get_by_label("Text").fill("Guten Tag,\n\nnein.\n\nAnna Berger")
    page.get_by_role("button", name="Save the edit").click()
    expect(page.locator("[aria-invalid]")).to_have_attribute("name", "To")
    page.get_by_label("To", exact=True).fill("Deniz Yıldız <deniz@yildiz.example>")
    page.get_by_role("button", name="Save the edit").click()
    expect(page.locator("#action-7")).to_contain_text("+nein.")
    page.locator("#action-7").get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("#outcome-7 .badge").first).to_have_text(re.compile("approved|done"))
    soon(lambda: seeded.kept(7).status == "done")
    assert any("nein." in each for each in seeded.drafts())
    page.reload()
    page.locator("#outcome-7").first.get_by_role("button", name="Undo").click()
    soon(lambda: seeded.kept(7).status == "undone")
    page.locator("#action-6").locator("summary", has_text="with a reason").click()
    page.locator("#action-6").get_by_label("Why not?").fill("I rang her up")
    page.locator("#action-6").get_by_role("button", name="Reject with this reason").click()
    expect(page.locator("#outcome-6 .badge").first).to_have_text("rejected")
    page.locator("#action-5").locator("summary", has_text="Respond").click()
    page.get_by_label("What is to be different?").locator("visible=true").fill("plus court")
    page.locator("#action-5").get_by_role("button", name="Ask for another version").click()
    expect(page.locator("#action-5")).to_contain_text("plus court")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")


def test_an_open_page_says_that_it_is_offline_and_goes_on_by_itself(browsing: Browsing) -> None:
    tab = browsing.tab("/review")
    tab.expected.append("ERR_INTERNET_DISCONNECTED")
    told = tab.page.locator("#told")
    soon(lambda: is_live(tab))
    tab.page.context.set_offline(True)
    expect(told).to_contain_text("The butler is away.")
    tab.page.locator("#action-4").get_by_role("button", name="Reject", exact=True).click()
    expect(told).to_contain_text("Whether it heard that is seen when it is back.")
    expect(tab.page.locator("#action-4")).to_be_visible()
    tab.page.context.set_offline(False)
    expect(told).to_have_text("The butler is back.")


def test_an_open_page_outlives_the_daemon_with_what_is_typed_in_it(browsing: Browsing, seeded: Seeded) -> None:
    tab, reader = browsing.tab("/review/9"), browsing.tab("/review")
    tab.page.locator("summary", has_text="Respond").click()
    tab.page.get_by_label("What is to be different?").fill("kürzer")
    for each in (tab, reader):
        each.expected += ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY"]
        soon(partial(is_live, each))
        # What is said goes away after some seconds, and the page with it where it is loaded anew.
        each.page.evaluate(HEARS)
    seeded.served.stop(signal.SIGKILL)
    for each in (tab, reader):
        expect(each.page.locator("#told")).to_contain_text("The butler is away.")
    seeded.served.start()
    with seeded.served.books() as truth:
        truth.outbox.add(drafted_like(truth, 9), seeded.served.now)
    for each in (tab, reader):
        soon(partial(each.page.evaluate, "window.heard.includes('The butler is back.')"))
    expect(reader.page.get_by_text("Written while it was away.")).to_be_visible()
    expect(tab.page.get_by_role("button", name="There is something new")).to_be_visible()
    expect(tab.page.get_by_label("What is to be different?")).to_have_value("kürzer")
    away = "The butler is away. Trying again …"
    assert [each.page.evaluate("window.heard?.[0]") for each in (tab, reader)] == [away, away]


def test_whoever_was_logged_out_elsewhere_is_led_to_the_log_in(browsing: Browsing, seeded: Seeded) -> None:
    tab = browsing.tab(nobody=True)
    tab.expected.append("401")
    tab.page.goto(seeded.served.link())
    tab.page.get_by_role("button", name="Log in").click()
    tab.page.wait_for_url(f"{seeded.served.url}/")
    tab.go("/review/9")
    other = browsing.again(tab, "/access")
    other.page.get_by_role("button", name="Log out", exact=True).click()
    other.page.wait_for_url("**/login")
    tab.page.get_by_role("button", name="Reject", exact=True).click()
    tab.page.wait_for_url("**/login?next=/review/9")
    assert seeded.kept(9).status == "held"


def test_the_tab_key_reaches_all_of_a_page_in_its_order(browsing: Browsing) -> None:
    tab = browsing.tab("/review/9")
    every = "a[href], button, summary, input:not([type=hidden]), textarea"
    seen = "all => all.filter(one => one.checkVisibility()).map(one => one.textContent.trim())"
    wanted = tab.page.locator(every).evaluate_all(seen)
    assert wanted[0] == "Skip to the contents"
    assert {"Today", "Log out", "Approve", "Edit", "Respond", "Reject"} <= set(wanted)
    reached = []
    for _ in wanted:
        tab.press("Tab")
        reached.append(tab.page.evaluate("document.activeElement.textContent.trim()"))
        assert tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached
    assert reached == wanted


def test_evidence_is_opened_by_keys_alone(browsing: Browsing) -> None:
    tab = browsing.tab("/")
    line = tab.page.locator(".section.reply li.line").first
    line.locator("summary").first.focus()
    tab.press("Enter")
    expect(line.locator("mark").first).to_be_visible()
    tab.press("Tab")
    assert tab.focus() == "The whole of it"
    tab.press("Shift+Tab", "Enter")
    expect(line.locator("mark").first).to_be_hidden()
