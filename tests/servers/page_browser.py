"""The page in a real browser: Debian's Chromium, driven by Playwright, before a real daemon on the sample's own morning."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from page_served import ServedPage
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect, sync_playwright
from quiet_time import crowd

PATIENCE = 20.0
"""Seconds of a quiet machine in which whatever a page waits for comes about."""
WIDE, PHONE = (1280, 900), (360, 740)
_FLAGS = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--font-render-hinting=none"),
)
_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) window.shifts.push(each.value);
}).observe({type: "layout-shift", buffered: true});
"""


@dataclass
class Tab:
    """A page in a browser, and all that is wrong with what it did; `expected` are patterns of what a test brings about."""

    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    made_with: str = ""
    is_beside: bool = False

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.context.on("request", self._asked)

    @property
    def main(self) -> Locator:
        """What the page is about."""
        return self.page.locator("main")

    @property
    def path(self) -> str:
        """Where it is, without what stands before the path."""
        return self.page.url.removeprefix(self.url)

    def go(self, path: str) -> Tab:
        """Open a page."""
        self.page.goto(self.url + path)
        return self

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def focus(self) -> str:
        """The id of what has the focus, else its text."""
        return str(self.page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))

    def jumped(self) -> float:
        """How far the layout shifted by itself so far."""
        found = self.page.evaluate("new Promise(done => setTimeout(() => done(window.shifts), 50))")
        return float(sum(found))

    def wrong(self) -> list[str]:
        """What happened that no test brought about."""
        return [each for each in self.troubles if not any(re.search(pattern, each) for pattern in self.expected)]

    def leave(self) -> None:
        """Forget all that a test did with it."""
        if self.is_beside:
            self.page.close()
            return
        self.page.context.set_offline(False)
        self.page.unroute_all()
        self.page.goto("about:blank")
        self.troubles.clear()
        self.expected.clear()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.troubles.append(f"console: {message.text} {message.location.get('url', '')}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.url + "/", "about:")):
            self.troubles.append(f"asked elsewhere: {request.url}")


@dataclass
class Browsing:
    """A browser before one page; each tab has cookies of its own, those of one session unless nobody is to be logged in.

    A tab is lent to one test after the other: to open another one takes longer than most tests do.
    """

    browser: Browser
    served: ServedPage
    tabs: list[Tab] = field(default_factory=list)
    _free: dict[str, list[Tab]] = field(default_factory=dict)
    _session: Sequence[Any] = ()

    def tab(
        self, path: str = "", *, nobody: bool = False, size: tuple[int, int] = WIDE, dark: bool = False, **options: Any
    ) -> Tab:
        """Open a tab; `options` are those of Playwright's contexts, such as `java_script_enabled`."""
        if not nobody and not self._session:
            self._session = self._log_in()
        free = self._free.get(repr(options))
        tab = free.pop() if free else self._new(options)
        self.tabs.append(tab)
        tab.page.context.clear_cookies()
        if not nobody:
            tab.page.context.add_cookies(self._session)
        tab.page.set_viewport_size({"width": size[0], "height": size[1]})
        tab.page.emulate_media(color_scheme="dark" if dark else "light")
        return tab.go(path) if path else tab

    def again(self, tab: Tab, path: str) -> Tab:
        """Another tab beside one, with its cookies."""
        beside = Tab(tab.page.context.new_page(), self.served.url, is_beside=True)
        self.tabs.append(beside)
        return beside.go(path)

    def close(self) -> list[str]:
        """Take all tabs back; returns what was wrong in them."""
        found = [each for tab in self.tabs for each in tab.wrong()]
        for tab in self.tabs:
            tab.leave()
            if not tab.is_beside:
                self._free.setdefault(tab.made_with, []).append(tab)
        self.tabs.clear()
        return found

    def _new(self, options: dict[str, Any]) -> Tab:
        context = self.browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(1000 * PATIENCE * crowd())
        context.add_init_script(_SHIFTS)
        return Tab(context.new_page(), self.served.url, made_with=repr(options))

    def _log_in(self) -> Sequence[Any]:
        tab = self.tab(nobody=True)
        tab.page.goto(self.served.link())
        tab.page.get_by_role("button", name="Log in").click()
        tab.page.wait_for_url(f"{self.served.url}/")
        found = tab.page.context.cookies()
        # Its page would hear of what the test does to the daemon.
        tab.page.goto("about:blank")
        return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; tests are skipped where it is not installed, and fail where `CI` is set."""
    program = shutil.which("chromium")
    if program is None:
        reason = "Chromium is not installed; on Debian: apt-get install --no-install-recommends chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=os.getuid() != 0, args=_FLAGS)
        expect.set_options(timeout=1000 * PATIENCE * crowd())
        yield browser
        browser.close()


def watched(browsing: Browsing) -> Iterator[Browsing]:
    """Lend a browser to one test, which fails when anything was wrong in its tabs."""
    yield browsing
    assert browsing.close() == []


def soon(true: Callable[[], Any], told: Callable[[], object] = str) -> Any:
    """Wait until something outside of the browser is so."""
    deadline = time.monotonic() + PATIENCE * crowd()
    while not (found := true()):
        assert time.monotonic() < deadline, told()
        time.sleep(0.05)
    return found


def overflowing(tab: Tab) -> Sequence[str]:
    """What is wider than the window, so that it has to be scrolled sideways."""
    return list(
        tab.page.evaluate(
            """() => document.documentElement.scrollWidth <= innerWidth ? [] :
            [`${document.documentElement.scrollWidth} of ${innerWidth}`,
             ...[...document.querySelectorAll("body *")].filter(each => each.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map(each => each.outerHTML.slice(0, 200))]"""
        )
    )
