"""Takes pictures of the page into docs/screenshots: `make screenshots`. The sample household, its daemon at 09:40 of the day.

The daemon itself runs what is due that morning, with the scripted model of the tests in place of a real one.
"""

from __future__ import annotations

import datetime as dt
import shutil
import tempfile
from functools import partial
from pathlib import Path
from random import Random

from draft_model import drafting_model
from free_ports import free_port
from page_browser import PHONE, WIDE, Browsing, Tab, chromium, soon
from page_household import DAY
from page_served import MORNING, ServedPage
from scripted_ollama import ScriptedOllama

from butler.cli.demo import CONFIG, config_of
from butler.core.steps import ModelCall
from butler.demo import STATE, house_of
from butler.sample.household import write_household
from butler.store.truth import Truth

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
LATER = dt.timedelta(hours=2, minutes=40)
PAGES = {
    "today": "/",
    "evidence": "/",
    "ask": "/ask/1",
    "review": "/review?kind=mail.draft&workflow=triage",
    "runs": "/runs",
    "schedule": "/schedule",
    "journal": "/journal?subject=action:{approved}",
    "health": "/health",
    "search": "/search?q=harbour+figures",
}
LOOKS = (("light", WIDE, False), ("dark", WIDE, True), ("phone", PHONE, False))
MODEL = "good:latest"
QUESTION = "What is on tomorrow?"
_DAYS = 29


def main() -> None:
    """Make the sample, let its daemon see to the morning, and take the pictures."""
    # Its name is in the pictures.
    folder = Path(tempfile.gettempdir()) / "butler-sample"
    folder.mkdir(mode=0o700)
    served = ServedPage(folder, free_port())
    try:
        with ScriptedOllama(script=drafting_model) as ollama, chromium() as browser:
            _make(folder, served.port, ollama.url)
            served.start()
            try:
                approved = _see_to_the_morning(served, Browsing(browser, served))
                served.stop()
                served.ahead += LATER.total_seconds()
                served.start()
                soon(lambda: _is_idle(served, served.now - LATER / 2, {"followup"}), served.daemon.logged)
                _take(Browsing(browser, served), approved)
            finally:
                served.stop()
    finally:
        shutil.rmtree(folder)


def _make(folder: Path, port: int, model: str) -> None:
    """Write the sample as it was yesterday, brief it, let a month of runs have been, and let the mail of the night arrive."""
    household = write_household(folder, DAY, stage="yesterday")
    with house_of(household, at_its_time=True) as house:
        house.brief(household.now.date(), household.now)
    truth = Truth.open(folder / STATE / "butler.db")
    try:
        for days in range(_DAYS, 0, -1):
            _let_have_run(truth, MORNING - dt.timedelta(days=days), Random(days))
    finally:
        truth.close()
    household = write_household(folder, DAY)
    settings = f'[web]\nport = {port}\n[model]\nname = "{MODEL}"\nurl = "{model}"\n'
    (folder / CONFIG).write_text(config_of(household) + settings, encoding="utf-8")
    (folder / CONFIG).chmod(0o600)


def _let_have_run(truth: Truth, at: dt.datetime, chance: Random) -> None:
    """One day's runs with what they asked the model, more of it on weekdays."""
    for workflow, most in (("briefing", 14), ("triage", 6), ("draft_reply", 5)):
        run = truth.runs.start(workflow, str(at.date()), at)
        for number in range(chance.randint(1, most if at.weekday() < 5 else most // 3)):
            size, seconds = chance.randint(500, 1600), chance.uniform(1.5, 5)
            truth.book.record(
                ModelCall(
                    *(
                        run.id,
                        at,
                        f"{workflow}.step",
                        "1",
                        "",
                        f"{run.id}-{number}",
                        MODEL,
                        "sha256:" + "0" * 64,
                        "0.12",
                        False,
                    ),
                    *("ok", 1, size, size // 12, seconds, "", ""),
                )
            )
        truth.runs.finish(run.id, at + dt.timedelta(seconds=chance.randint(20, 90)))


def _see_to_the_morning(served: ServedPage, browsing: Browsing) -> str:
    """Wait until all is done that is due, and approve one draft; returns its number."""
    soon(lambda: _is_idle(served, MORNING, {"briefing", "triage"}), served.daemon.logged)
    tab = browsing.tab("/review?kind=mail.draft")
    card = tab.page.locator(".card.action").filter(has_text="Claire Moreau")
    number = (card.get_attribute("id") or "").removeprefix("action-")
    card.get_by_role("button", name="Approve", exact=True).click()
    tab.page.locator(".outcomes .badge.done").first.wait_for()
    tab.go("/ask").page.get_by_role("textbox").fill(QUESTION)
    tab.page.get_by_role("button", name="Ask", exact=True).click()
    tab.page.locator(".answer").wait_for()
    browsing.close()
    return number


def _is_idle(served: ServedPage, since: dt.datetime, due: set[str]) -> bool:
    """Whether all that is due was done since then."""
    status = served.daemon.status()
    with served.books() as truth:
        ran = {run.workflow for run in truth.runs.recent(200) if run.started > since}
    return not status["running"] and not status["waiting"] and due <= ran


def _take(browsing: Browsing, approved: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    for look, size, dark in LOOKS:
        tab = browsing.tab(size=size, dark=dark)
        for name, path in PAGES.items():
            tab.go(path.format(approved=approved))
            soon(partial(_is_settled, tab))
            if name == "evidence":
                _open_evidence(tab)
            if name == "ask" and size == WIDE:
                tab.page.locator(".sources summary").first.click()
                tab.page.locator(".exhibit").first.wait_for()
            tab.page.screenshot(path=FOLDER / f"{name}-{look}.png", animations="disabled", caret="hide")
        stranger = browsing.tab(nobody=True, size=size, dark=dark)
        stranger.page.goto(browsing.served.link())
        stranger.page.screenshot(path=FOLDER / f"login-{look}.png")
    browsing.close()


def _is_settled(tab: Tab) -> bool:
    """Whether all that a page shows by itself is there."""
    return tab.page.title().startswith("(") and tab.page.locator("[data-again]").count() == 0


def _open_evidence(tab: Tab) -> None:
    section = tab.page.locator(".section.reply")
    section.locator("summary").nth(0).click()
    section.locator(".because").first.wait_for()
    section.evaluate("section => section.scrollIntoView()")


if __name__ == "__main__":
    main()
