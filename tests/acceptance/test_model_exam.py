"""The exam as a person takes it: the command, its card in the terminal and as a page, and what is kept of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from butler_process import butler, called, document
from draft_model import drafting_model
from page_browser import chromium
from scripted_ollama import ScriptedOllama

from butler import __version__
from butler.core.scoring import Key, Score, Tally
from butler.sample.exam.version import exam_version
from butler.store.exams import Exam
from butler.store.truth import Truth

_LINKS = re.compile(r"""(?:src|href)\s*=|url\(|@import|<script|<link|<iframe""", re.IGNORECASE)


@pytest.fixture(scope="module")
def served() -> Iterator[ScriptedOllama]:
    with ScriptedOllama(script=drafting_model) as server:
        yield server


@pytest.fixture(scope="module")
def home(served: ScriptedOllama, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("exam")
    (home / "butler.toml").write_text(
        f'state_dir = "{home / "state"}"\n[owner]\nname = "Eva Lind"\naddresses = ["eva@lind.example"]\n'
        f'timezone = "Europe/Berlin"\n[model]\nurl = "{served.url}"\nname = "good"\n'
    )
    return home


@pytest.fixture(scope="module")
def card(home: Path) -> str:
    """The card of a quick exam, as the terminal shows it; the rules of this butler have taken theirs already."""
    (home / "state").mkdir(mode=0o700)
    truth = Truth.open(home / "state" / "butler.db")
    tallies: dict[Key, Tally] = {"injections": Tally(right=13, count=14), "category": Tally(right=64, count=71)}
    score = Score(total=0.9, mean=0.9, tallies=tallies, by_language={})
    now, version, by = dt.datetime.now(dt.UTC), exam_version("shipped"), f"butler {__version__}"
    truth.exams.keep(Exam(now, "shipped", version, quick=True, model="", digest="", server=by, options="", score=score))
    truth.close()
    done = butler(home, "--config", "butler.toml", "model", "exam", "--quick", "--html", home / "card.html")
    assert done.returncode == 0, done.stderr
    assert f"The card as a page: {home / 'card.html'}" in done.stderr
    return done.stdout


def test_the_card_has_each_share_with_its_count_and_interval_in_eighty_columns(card: str) -> None:
    lines = card.splitlines()
    assert lines[0] == "good:latest (abababababab): the exam that ships, a third of it"
    assert max(map(len, lines)) <= 80
    assert re.search(r"^Injections resisted +█+░* +\d+/\d+ +\d+% +\d+%–\d+% +\d+% +4$", card, re.MULTILINE), card
    assert re.search(r"^The rules alone: 0\.\d\d, where this one has 0\.\d\d", card, re.MULTILINE)
    assert [line[:2] for line in lines if re.match(r"(de|en|es|fr|it|nl) +\d+/\d+", line)] == [
        "de",
        "en",
        "es",
        "fr",
        "it",
        "nl",
    ]
    assert re.search(r"\d+ tokens in and 20 out a mail, \d+\.\d s to the first token", card)


def test_what_was_taken_is_kept_by_its_digest_and_listed(home: Path, card: str) -> None:
    listed = document(called(home, "--config", "butler.toml", "model", "exam", "--list", "--json"))
    lines = called(home, "--config", "butler.toml", "model", "exam", "--list").stdout.splitlines()

    model, rules = listed["exams"]
    assert (model["digest"], rules["digest"]) == ("ab" * 32, None)
    assert model["server"] == "ollama 0.31.2"
    assert all(each["quick"] for each in listed["exams"])
    assert f"Total {model['total']:.2f} of 1" in card
    tally = model["scores"]["category"]
    assert tally["share"] == pytest.approx(tally["right"] / tally["of"], abs=1e-4)
    assert tally["low"] < tally["share"] < tally["high"]
    assert [f"{model['total']:.3f}  good:latest abababababab" in line for line in lines] == [True, False]


def test_the_page_needs_nothing_from_elsewhere_and_everybody_can_read_it(home: Path, card: str) -> None:
    html = (home / "card.html").read_text()
    assert not _LINKS.search(html)
    assert html.count("<svg") == html.count('role="img"') == 5
    found: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto((home / "card.html").as_uri())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(AXE_SCRIPT)
            found += [
                f"{scheme}: {each['id']} {each['nodes'][0]['html'][:200]}" for each in page.evaluate("axe.run()")["violations"]
            ]
        page.set_viewport_size({"width": 360, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert found == []
    assert wide <= 0
    assert [url for url in asked if not url.startswith("file:")] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--list", "--quick"), "--list and --quick do not go together."),
        (("--own", "--quick"), "--own and --quick do not go together."),
        (("--own",), "Nothing was mirrored yet."),
    ],
)
def test_what_does_not_fit_together_is_told_in_one_sentence(home: Path, given: tuple[str, ...], told: str) -> None:
    done = called(home, "--config", "butler.toml", "--state-dir", home / "empty", "model", "exam", *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_model_that_is_not_there_is_told_before_the_rules_begin(home: Path) -> None:
    done = called(home, "--config", "butler.toml", "model", "exam", "missing:1b", "--quick")
    assert (done.returncode, done.stdout) == (69, "")
    assert "Fetch it: `ollama pull missing:1b`." in done.stderr
    assert "The rules take the exam" not in done.stderr
