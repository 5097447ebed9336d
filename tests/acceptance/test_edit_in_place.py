"""The form of an edit in its card, by keys: what it stands in place of is there again when it is left."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from butler_process import called, document
from daemon_process import DaemonProcess, write_settings
from free_ports import free_port
from page_browser import PATIENCE, chromium
from playwright.sync_api import Page, expect
from quiet_time import crowd

from butler.core import payloads as p
from butler.core.actions import Action
from butler.store.truth import Truth


def hold(state: Path) -> int:
    """Keep a note to be written; returns the action's number."""
    truth = Truth.open(state / "butler.db")
    try:
        payload = p.FileWrite(root="notes", path="plan.md", content="Water the roof.\n")
        return truth.outbox.add(Action(payload=payload, key="plan", reason="You asked for it."), dt.datetime.now(dt.UTC)).id
    finally:
        truth.close()


@contextmanager
def reviewed(folder: Path) -> Iterator[tuple[Page, Path, int]]:
    """Serve one action that is held, and look at it; yields the browser's page, the state folder and the action's number."""
    port = free_port()
    write_settings(folder, f"[web]\nport = {port}\n")
    with DaemonProcess(folder) as daemon, chromium() as browser:
        daemon.ready()
        number = hold(daemon.state)
        page = browser.new_page()
        page.set_default_timeout(1000 * PATIENCE * crowd())
        page.goto(document(called(folder, "--config", "butler.toml", "web", "--json"))["url"] + "&next=/review")
        page.get_by_role("button", name="Log in").click()
        # A key that is pressed before the page's script runs is heard by nobody. The log-in's own address ends like this one.
        page.wait_for_url(f"http://*:{port}/review")
        yield page, daemon.state, number


def test_a_form_in_which_nothing_was_typed_is_left_by_escape_and_one_that_is_open_is_not_opened_again(tmp_path: Path) -> None:
    with reviewed(tmp_path) as (page, _, number):
        card, text = page.locator(f"#action-{number}"), page.get_by_label("Text")
        what = card.locator("[data-place]").inner_text()
        assert "Water the roof." in what
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(text).to_be_focused()
        page.keyboard.press("Escape")
        expect(text).to_have_count(0)
        expect(card).to_be_focused()
        page.keyboard.press("e")
        expect(text).to_be_focused()
        page.keyboard.type("Sweep it. ")
        page.keyboard.press("Escape")
        expect(card).to_be_focused()
        page.keyboard.press("e")
        expect(text).to_be_focused()
        assert "Sweep it. " in text.input_value()
        page.get_by_role("link", name="Leave it as it was").click()
        expect(text).to_have_count(0)
        assert card.locator("[data-place]").inner_text() == what


def test_whoever_is_logged_out_meanwhile_keeps_what_they_typed_and_is_told(tmp_path: Path) -> None:
    with reviewed(tmp_path) as (page, state, _):
        text = page.get_by_label("Text")
        page.keyboard.press("j")
        page.keyboard.press("e")
        expect(text).to_be_focused()
        page.keyboard.type("Sweep it. ")
        truth = Truth.open(state / "butler.db")
        truth.access.end_all("You ended all.", dt.datetime.now(dt.UTC))
        truth.close()
        page.get_by_role("button", name="Save the edit").click()
        expect(page.get_by_text("You are not logged in any more. Copy what you typed")).to_be_visible()
        assert "Sweep it. " in text.input_value()
        text.fill("Water the roof.\n")
        page.get_by_role("button", name="Save the edit").click()
        expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_what_is_said_for_a_moment_has_the_width_of_a_phone_and_never_covers_all_of_it(tmp_path: Path) -> None:
    with reviewed(tmp_path) as (page, _, _number):
        page.set_viewport_size({"width": 360, "height": 740})
        for words, least, most in (("Draft to somebody, as it was. " * 3, 300, 150), ("x" * 5000, 300, 370)):
            page.evaluate("words => say(words, true)", words)
            box = page.locator("#told").bounding_box()
            assert box is not None
            assert (box["width"] > least, box["height"] <= most, box["x"] >= 0) == (True, True, True)
