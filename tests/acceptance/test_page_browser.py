"""Decisions in a real browser, up to the real mail server: approved is in Dovecot's Drafts, undone is out of it again."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import dated_butler
import pytest
from butler_process import environment
from page_browser import Browsing, Tab, chromium, soon, watched
from page_morning import REVISED, PageMorning, page_morning
from playwright.sync_api import Locator, expect

from butler.core.actions import Kept
from butler.core.payloads import Letter, MailDraft

PASSPHRASE = "correct horse battery staple"


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageMorning]:
    with page_morning(tmp_path_factory.mktemp("page")) as found:
        yield found


@pytest.fixture(scope="module")
def one_browser(morning: PageMorning) -> Iterator[Browsing]:
    with chromium() as browser:
        yield Browsing(browser, morning.served)


@pytest.fixture
def browsing(one_browser: Browsing) -> Iterator[Browsing]:
    yield from watched(one_browser)


def letter(kept: Kept) -> Letter:
    assert isinstance(kept.action.payload, MailDraft)
    return kept.action.payload.letter


def draft_to(morning: PageMorning, name: str) -> Kept:
    """The draft to somebody that is held."""
    (found,) = [kept for kept in morning.held() if letter(kept).to[0].name == name]
    return found


def card(tab: Tab, kept: Kept) -> Locator:
    return tab.page.locator(f"#action-{kept.id}")


def outcome(tab: Tab, kept: Kept, status: str) -> Locator:
    """Wait until what came of an action is told as being so; returns the line that tells it."""
    line = tab.page.locator(f"#outcome-{kept.id}").first
    expect(line.locator(".badge")).to_have_text(status)
    return line


def marked(tab: Tab) -> Tab:
    """Mark a page, so that it is known whether it was loaded anew."""
    tab.page.evaluate("window.marked = true")
    return tab


def is_marked(tab: Tab) -> bool:
    return bool(tab.page.evaluate("window.marked === true"))


def test_a_link_lets_one_browser_in_once_and_the_day_is_read(browsing: Browsing, morning: PageMorning) -> None:
    served = morning.served
    argv = [*dated_butler.argv(served.ahead), "--config", str(served.folder / "butler.toml"), "web", "--json"]
    told = subprocess.run(argv, env=environment(served.folder), cwd=served.folder, capture_output=True, check=True)
    link = json.loads(told.stdout)["url"]
    tab = browsing.tab(nobody=True)
    tab.page.goto(link)
    tab.page.get_by_role("button", name="Log in").click()
    # Until the page is there as a whole: what is asked of all of its headings is asked once.
    tab.page.wait_for_url(f"{served.url}/")
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Tuesday, November 24, 2026")
    headings = tab.main.get_by_role("heading", level=2).all_text_contents()
    assert headings[:4] == ["Agenda", "Conflicts", "Needs your answer", "Deadlines"]
    expect(tab.page.get_by_role("link", name="Review 16")).to_be_visible()
    late = browsing.tab(nobody=True)
    late.page.goto(link)
    expect(late.page.get_by_role("alert")).to_contain_text("was used")
    tab.page.get_by_role("button", name="Log out").click()
    tab.page.wait_for_url("**/login")
    tab.go("/journal")
    assert tab.path == "/login?next=/journal"


def test_a_passphrase_lets_in_where_one_wanted_to_go(browsing: Browsing, morning: PageMorning) -> None:
    from butler.web.passphrase import hash_of

    with morning.served.books() as truth:
        truth.access.set_passphrase(hash_of(PASSPHRASE), "anna", morning.served.now)
    tab = browsing.tab("/review?kind=mail.draft", nobody=True)
    tab.expected.append("403")
    tab.page.get_by_label("Passphrase").fill("correct horse battery stable")
    tab.press("Enter")
    expect(tab.page.get_by_role("alert")).to_have_text("This is not the passphrase.")
    tab.page.get_by_label("Passphrase").fill(PASSPHRASE)
    tab.press("Enter")
    tab.page.wait_for_url("**/review?kind=mail.draft")
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Review")


def test_evidence_opens_beside_its_line_with_the_words_marked(browsing: Browsing) -> None:
    tab = marked(browsing.tab("/"))
    line = tab.page.locator(".section.reply li.line").filter(has_text="Rachel Ford: “Could you send")
    line.locator("summary").first.click()
    beside = line.locator("[data-here]")
    expect(beside.locator("mark").first).to_have_text("Could you send me the planting figures today?")
    expect(beside).to_contain_text("Why it is here")
    box, place = line.locator("summary").first.bounding_box(), beside.bounding_box()
    assert box
    assert place
    assert place["x"] > box["x"]
    other = tab.page.locator(".section.reply li.line").filter(has_text="Claire Moreau")
    other.locator("summary").first.click()
    expect(other.locator("mark").first).to_contain_text("confirmer l'adresse")
    expect(beside).to_be_hidden()
    beside_link = other.get_by_role("link", name="Open this mail")
    assert is_marked(tab)
    beside_link.click()
    expect(tab.page.get_by_role("heading", level=1)).to_contain_text("Livraison des chênes verts")


def test_what_is_approved_is_in_the_drafts_of_the_mail_server_and_undone_it_is_not(
    browsing: Browsing, morning: PageMorning
) -> None:
    kept = draft_to(morning, "Lucía Ortega")
    tab = marked(browsing.tab("/review?kind=mail.draft"))
    expect(card(tab, kept)).to_contain_text("Sí, yo me encargo de eso.")
    expect(card(tab, kept).locator(".theirs")).to_contain_text("¿Podéis recogernos en el aeropuerto?")
    card(tab, kept).get_by_role("button", name="Approve", exact=True).click()
    told = outcome(tab, kept, "done")
    expect(card(tab, kept)).to_have_count(0)
    mail = morning.drafts()[letter(kept).message_id]
    assert str(mail["To"]) == "Lucía Ortega <lucia@azulejos-ortega.example>"
    assert letter(kept).body in mail.get_content().replace("\r\n", "\n")
    with morning.served.books() as truth:
        (decision,) = truth.outbox.decisions(kept.id)
    assert (decision.verb, decision.hash) == ("approve", kept.hash)
    assert re.fullmatch(r"web 127\.0\.0\.1, session \d+, Chrom\w+ on Linux", decision.via), decision.via
    told.get_by_role("button", name="Undo").click()
    outcome(tab, kept, "undone")
    assert letter(kept).message_id not in morning.drafts()
    assert is_marked(tab)


def test_what_is_edited_in_place_is_what_is_approved_and_what_is_wrong_is_told_beside_it(
    browsing: Browsing, morning: PageMorning
) -> None:
    kept = draft_to(morning, "Deniz Yıldız")
    tab = marked(browsing.tab("/review?kind=mail.draft"))
    tab.expected.append("400")
    card(tab, kept).get_by_role("link", name="Edit").click()
    text = card(tab, kept).get_by_label("Text")
    expect(text).to_be_focused()
    expect(text).to_have_value(re.compile("ich kümmere mich darum"))
    text.fill("Guten Tag,\n\nam 2. Dezember haben Sie das Angebot.\n\nAnna Berger")
    to = card(tab, kept).get_by_label("To", exact=True)
    before = to.input_value()
    to.fill("nobody at all")
    tab.page.get_by_role("button", name="Save the edit").click()
    wrong = tab.page.get_by_label("To", exact=True)
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(tab.page.locator("[data-problem]")).to_be_focused()
    wrong.fill(before)
    expect(tab.page.get_by_label("Text")).to_have_value(re.compile("haben Sie das Angebot"))
    tab.page.get_by_role("button", name="Save the edit").click()
    expect(card(tab, kept).locator(".changed")).to_contain_text("+am 2. Dezember haben Sie das Angebot.")
    now = morning.kept(kept.id)
    assert (now.status, now.version, now.hash != kept.hash) == ("held", 2, True)
    card(tab, kept).get_by_role("button", name="Approve", exact=True).click()
    outcome(tab, kept, "done")
    assert "haben Sie das Angebot" in morning.drafts()[letter(now).message_id].get_content()
    assert is_marked(tab)


def test_a_revised_card_appears_by_itself(browsing: Browsing, morning: PageMorning) -> None:
    kept = draft_to(morning, "Helga Berger")
    tab = marked(browsing.tab("/review?kind=mail.draft"))
    reader = marked(browsing.tab("/review?kind=mail.draft"))
    card(tab, kept).locator("summary", has_text="Respond").click()
    tab.page.get_by_label("What is to be different?").locator("visible=true").fill("kürzer bitte")
    tab.page.get_by_role("button", name="Ask for another version").locator("visible=true").click()
    expect(card(tab, kept)).to_contain_text("You asked: “kürzer bitte”")
    for each in (tab, reader):
        revised = each.page.locator(".card.action").filter(has_text=REVISED)
        expect(revised).to_contain_text("Helga Berger")
        expect(card(each, kept)).to_have_count(0)
        assert is_marked(each)
    new = draft_to(morning, "Helga Berger")
    assert (new.action.replaces, morning.kept(kept.id).status) == (kept.id, "superseded")
    expect(tab.page.locator(f"#action-{new.id} .changed")).to_contain_text("-danke für die Nachricht.")


def test_a_no_with_a_reason_is_kept(browsing: Browsing, morning: PageMorning) -> None:
    kept = draft_to(morning, "Elke Vogt")
    tab = marked(browsing.tab("/review?kind=mail.draft"))
    card(tab, kept).locator("summary", has_text="with a reason").click()
    tab.page.get_by_label("Why not?").locator("visible=true").fill("I rang her up")
    tab.press("Enter")
    outcome(tab, kept, "rejected")
    assert (morning.kept(kept.id).status, morning.kept(kept.id).note) == ("rejected", "I rang her up")
    assert is_marked(tab)


def test_of_two_tabs_the_slower_one_is_shown_what_became_of_it_and_keeps_what_was_typed(
    browsing: Browsing, morning: PageMorning
) -> None:
    kept = draft_to(morning, "Claire Moreau")
    first, second = browsing.tab(), browsing.tab()
    for tab in (first, second):
        # Else the live update might be quicker than the test.
        tab.page.route("**/live", lambda route: route.abort())
        tab.expected += ["ERR_FAILED", "409"]
        tab.go(f"/review/{kept.id}")
    second.page.locator("summary", has_text="Respond").click()
    second.page.get_by_label("What is to be different?").fill("plus court")
    first.page.get_by_role("button", name="Reject", exact=True).click()
    outcome(first, kept, "rejected")
    second.page.get_by_role("button", name="Ask for another version").click()
    problem = second.page.locator("[data-problem]")
    expect(problem).to_be_focused()
    expect(problem).to_contain_text(f"Action {kept.id} is not held any more: it is rejected.")
    expect(second.page.get_by_label("What you wrote")).to_have_value("plus court")
    with morning.served.books() as truth:
        assert [each.verb for each in truth.outbox.decisions(kept.id)] == ["reject"]


def test_what_changed_since_it_was_shown_is_not_approved(browsing: Browsing, morning: PageMorning) -> None:
    kept = draft_to(morning, "Paul Berger")
    first, second = browsing.tab(f"/review/{kept.id}"), browsing.tab()
    second.page.route("**/live", lambda route: route.abort())
    second.expected += ["ERR_FAILED", "409"]
    second.go("/review?kind=mail.draft")
    first.page.get_by_role("link", name="Edit").click()
    first.page.get_by_label("Text").fill("Hallo Paul,\n\nnein.\n\nAnna")
    first.page.get_by_role("button", name="Save the edit").click()
    expect(first.page.locator(".changed")).to_contain_text("+nein.")
    card(second, kept).get_by_role("button", name="Approve", exact=True).click()
    expect(second.page.locator("[data-problem]")).to_contain_text("was changed since it was shown")
    expect(card(second, kept)).to_contain_text("nein.")
    assert morning.kept(kept.id).status == "held"
    card(second, kept).get_by_role("button", name="Approve", exact=True).click()
    soon(lambda: morning.kept(kept.id).status == "done")
    assert "nein." in morning.drafts()[letter(kept).message_id].get_content()


def test_all_is_decided_by_keys_alone(browsing: Browsing, morning: PageMorning) -> None:
    kept, other = draft_to(morning, "Tom Lindqvist"), draft_to(morning, "Britta Petersen")
    tab = marked(browsing.tab("/review?kind=mail.draft"))
    tab.press("Tab")
    assert tab.focus() == "Skip to the contents"
    tab.press("Enter", "?")
    keys = tab.page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    tab.press("Escape")
    expect(keys).to_be_hidden()
    seen = []
    while tab.focus() != f"action-{kept.id}":
        tab.press("j")
        seen.append(tab.focus())
    assert len(seen) == len(set(seen))
    tab.press("j", "k")
    assert tab.focus() == f"action-{kept.id}"
    tab.press("e")
    text = card(tab, kept).get_by_label("Text")
    expect(text).to_be_focused()
    tab.press("a", "Control+z", "Escape")
    assert tab.focus() == f"action-{kept.id}"
    tab.press("a")
    outcome(tab, kept, "done")
    assert letter(kept).message_id in morning.drafts()
    tab.press("u")
    outcome(tab, kept, "undone")
    while tab.focus() != f"action-{other.id}":
        tab.press("k")
    tab.press("r")
    expect(tab.page.locator(f"#wish-{other.id}")).to_be_focused()
    tab.press("Escape", "x")
    outcome(tab, other, "rejected")
    assert is_marked(tab)


def test_several_are_decided_at_once_and_each_is_told_of(browsing: Browsing, morning: PageMorning) -> None:
    tasks = morning.held("task.create")
    tab = browsing.tab("/review?kind=task.create")
    for kept in tasks:
        tab.page.get_by_label(f"Tick #{kept.id}").check()
    tab.page.locator("#several").get_by_role("button", name="Approve").click()
    for kept in tasks:
        outcome(tab, kept, "done")
    expect(tab.page.get_by_text("Nothing that is held is like this.")).to_be_visible()


def test_a_briefing_that_is_asked_for_is_written_by_the_daemon_and_appears(browsing: Browsing) -> None:
    tab = browsing.tab("/")
    about = tab.page.locator(".section.about")
    expect(about).to_contain_text("no model is configured", ignore_case=True)
    about.get_by_role("button", name="Write it anew").click()
    expect(tab.page.get_by_role("status").filter(has_text="It was asked for.")).to_be_visible()
    marked(tab)
    expect(about).to_contain_text("composed by the model")
    assert is_marked(tab)
