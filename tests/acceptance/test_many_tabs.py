"""Many tabs of one browser: it opens six connections to the page in all, and what is behind other tabs must not keep them."""

from pathlib import Path

from butler_process import called, document
from daemon_process import DaemonProcess, write_settings
from free_ports import free_port
from page_browser import PATIENCE, chromium
from playwright.sync_api import Page, expect
from quiet_time import crowd

BEHIND = 'Object.defineProperty(document, "hidden", { get: () => window.behind ?? false });'
"""A browser without windows believes that all of its tabs are seen."""


def turn(tab: Page, *, behind: bool) -> None:
    """Put a tab behind others, or before them."""
    tab.evaluate("behind => { window.behind = behind; document.dispatchEvent(new Event('visibilitychange')); }", behind)


def test_more_tabs_than_a_browser_has_connections_are_open_at_once_and_the_one_that_is_seen_is_told_of_news(
    tmp_path: Path,
) -> None:
    port = free_port()
    write_settings(tmp_path, f"[web]\nport = {port}\n")
    with DaemonProcess(tmp_path) as daemon, chromium() as browser:
        daemon.ready()
        context = browser.new_context()
        context.set_default_timeout(1000 * PATIENCE * crowd())
        context.add_init_script(BEHIND)
        first = context.new_page()
        first.goto(document(called(tmp_path, "--config", "butler.toml", "web", "--json"))["url"] + "&next=/schedule")
        first.get_by_role("button", name="Log in").click()
        first.wait_for_url("**/schedule")
        tabs = [first]
        for _ in range(8):
            turn(tabs[-1], behind=True)
            tabs.append(context.new_page())
            tabs[-1].goto(f"http://127.0.0.1:{port}/schedule")
        tabs[-1].locator("summary", has_text="Stop all effects").click()
        tabs[-1].get_by_role("button", name="Stop all effects", exact=True).click()
        expect(tabs[-1].get_by_text("All effects are stopped.")).to_be_visible()
        expect(first.get_by_text("All effects are stopped.")).to_have_count(0)
        turn(tabs[-1], behind=True)
        turn(first, behind=False)
        expect(first.get_by_text("All effects are stopped.")).to_be_visible()
