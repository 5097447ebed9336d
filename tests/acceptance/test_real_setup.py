"""A real set-up, end to end: the program against a mail server over TLS, a calendar server and a model server."""

import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from briefing_contract import require_contract
from butler_process import butler, document, environment
from dav_servers import running as running_dav
from dovecot_server import running_dovecot
from household_expectations import NEVER_SHOWN, must, must_not
from real_household import BERLIN, SECRETS, RealHousehold, brief_by_rules
from scripted_ollama import ScriptedOllama

from butler.core.text import one_line
from butler.terminal import width_of

MODEL = "good:latest"


@dataclass(frozen=True)
class Way:
    """One way to set the butler up: by variables alone, or by one file alone."""

    name: str
    home: Path
    environ: dict[str, str]

    def run(self, *arguments: str) -> Any:
        return butler(self.home, *arguments, **self.environ)

    def document(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        return document(done)


@dataclass(frozen=True)
class Morning:
    """Both ways on the morning of the day: their first briefings, and the mailbox before and after them."""

    household: RealHousehold
    ollama: ScriptedOllama
    ways: dict[str, Way]
    briefings: dict[str, Any]
    before: Any
    after: Any


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    base = tmp_path_factory.mktemp("real")
    with running_dovecot() as dovecot, running_dav("radicale", base / "dav") as radicale, ScriptedOllama() as ollama:
        household = RealHousehold(base / "household", dovecot, radicale, dt.datetime.now(BERLIN).date())
        ways = {way.name: way for way in (_by_variables(base, household), _by_file(base, household, ollama))}
        yesterday = household.advance("yesterday")
        for way in ways.values():
            config = way.home / ".config/butler/butler.toml"
            brief_by_rules(environment(way.home, way.environ), config if config.exists() else None, yesterday)
        household.advance("today")
        before = household.on_the_server()
        briefings = {name: way.document("brief", "--date", str(household.day)) for name, way in ways.items()}
        yield Morning(household, ollama, ways, briefings, before, household.on_the_server())


def _by_variables(base: Path, household: RealHousehold) -> Way:
    home = base / "variables"
    home.mkdir()
    return Way("variables", home, household.environ())


def _by_file(base: Path, household: RealHousehold, ollama: ScriptedOllama) -> Way:
    home = base / "file"
    (home / ".config/butler").mkdir(parents=True)
    household.toml(home / ".config/butler", MODEL, ollama.url)
    return Way("file", home, {"XDG_STATE_HOME": str(home / "xdg state")})


@pytest.fixture(params=["variables", "file"])
def way(request: pytest.FixtureRequest, morning: Morning) -> Way:
    return morning.ways[request.param]


@pytest.fixture
def briefing(way: Way, morning: Morning) -> Any:
    return morning.briefings[way.name]


def test_the_document_holds_to_the_contract_key_by_key(briefing: Any, morning: Morning) -> None:
    require_contract(briefing)
    assert (briefing["date"], briefing["timezone"]) == (str(morning.household.day), "Europe/Berlin")


def test_every_source_is_fresh(briefing: Any) -> None:
    states = [(source["name"], source["state"], source["error"]) for source in briefing["sources"]]
    assert states == [(name, "fresh", None) for name in ("mail.home", "calendar.home", "contacts.friends", "notes.notes")]
    assert briefing["quiet"] is False


def lines(briefing: Any, section: str, ref: str) -> list[Any]:
    """The lines of a section that cite a reference."""
    found = [line for each in briefing["sections"] if each["name"] == section for line in each["lines"]]
    return [line for line in found if ref in (evidence["ref"] for evidence in line["evidence"])]


def on_the_server(ref: str) -> str:
    """A reference of the sample on disk as it is called when one account holds all calendars."""
    return re.sub(r"^(event|task):", r"\1:home.", ref)


def test_everything_that_it_must_say_is_said(briefing: Any, morning: Morning) -> None:
    missing = []
    for expected in must(morning.household.day):
        citing = lines(briefing, expected.section, on_the_server(expected.ref))
        words = [word for line in citing for word in (line["text"], *(one["quote"] or "" for one in line["evidence"]))]
        # A model may say the same with other words of the mail; that these stand there is tested below.
        free = any(line["by"] == "model" for line in citing)
        if not citing or not (free or one_line(expected.words, 2000) in one_line(" ".join(words), 100_000)):
            missing.append((expected.section, expected.ref, expected.why, expected.words, words))
    assert missing == []


def test_nothing_stands_where_it_has_no_business(briefing: Any, morning: Morning) -> None:
    wrong = [
        (expected.section, expected.ref, expected.why, line["text"])
        for expected in must_not(morning.household.day)
        for line in lines(briefing, expected.section, on_the_server(expected.ref))
    ]
    assert wrong == []


def test_hidden_words_and_orders_to_the_assistant_are_in_no_line(briefing: Any) -> None:
    shown = " ".join(line["text"] for section in briefing["sections"] for line in section["lines"])
    assert [words for words in NEVER_SHOWN if words in shown] == []


def test_the_rules_compose_where_no_model_is_named(morning: Morning) -> None:
    found = morning.briefings["variables"]
    assert (found["composed_by"], found["model"], found["dropped"]) == ("rules", None, [])
    assert found["usage"] == {"model_calls": 0, "cached": 0, "tokens_in": 0, "tokens_out": 0, "seconds": 0.0}


def test_the_model_composes_where_one_is_named_and_its_cost_is_told(morning: Morning) -> None:
    found = morning.briefings["file"]
    assert (found["composed_by"], found["model"]["name"]) == ("model", MODEL)
    assert morning.ollama.models[0].digest.startswith(found["model"]["digest"])
    assert "model" in {line["by"] for section in found["sections"] for line in section["lines"]}
    usage = found["usage"]
    assert min(usage["model_calls"], usage["tokens_in"], usage["tokens_out"]) > 0
    assert usage["seconds"] > 0


def test_a_second_briefing_of_the_day_asks_the_model_nothing(morning: Morning) -> None:
    way, first = morning.ways["file"], morning.briefings["file"]
    asked = len(morning.ollama.chats)
    second = way.document("brief", "--date", str(morning.household.day))
    assert len(morning.ollama.chats) == asked
    assert (second["usage"]["model_calls"], second["usage"]["tokens_in"]) == (0, 0)
    assert second["usage"]["cached"] == first["usage"]["model_calls"] + first["usage"]["cached"]
    assert (second["sections"], second["composed_by"]) == (first["sections"], "model")


def test_the_mailbox_on_the_server_is_left_as_it_was(morning: Morning) -> None:
    assert sum(map(len, morning.before.values())) > 60
    assert morning.after == morning.before


def cited(briefing: Any) -> dict[str, set[str]]:
    """Every reference of a briefing, with the words that are quoted from it."""
    found: dict[str, set[str]] = {}
    for section in briefing["sections"]:
        for line in section["lines"]:
            for evidence in line["evidence"]:
                found.setdefault(evidence["ref"], set()).update({evidence["quote"]} - {None})
    return found


def test_every_reference_can_be_shown_and_holds_the_words_quoted_from_it(morning: Morning) -> None:
    way, quoted = morning.ways["file"], cited(morning.briefings["file"])
    with ThreadPoolExecutor(2) as two:
        shown = list(two.map(lambda ref: way.document("show", ref), quoted))
    for found, (ref, quotes) in zip(shown, quoted.items(), strict=True):
        assert found["ref"] == ref.partition("#L")[0]
        words = "\n".join(value for value in found.values() if isinstance(value, str))
        assert [quote for quote in quotes if quote not in words] == [], ref


def test_every_section_says_why_its_lines_are_there(morning: Morning) -> None:
    way, briefing = morning.ways["file"], morning.briefings["file"]
    refs = sorted({section["lines"][0]["evidence"][0]["ref"] for section in briefing["sections"]})
    with ThreadPoolExecutor(2) as two:
        told = list(two.map(lambda ref: way.document("why", ref), refs))
    for found, ref in zip(told, refs, strict=True):
        sections = {section["name"] for section in briefing["sections"] if lines(briefing, section["name"], ref)}
        today = [origin for origin in found["origins"] if origin["date"] == briefing["date"]]
        assert {origin["section"] for origin in today} == sections, ref
        assert all(origin["rule"] and origin["reason"] for origin in today), ref
        assert all(origin["step"] and origin["digest"] for origin in today if origin["by"] == "model"), ref


def test_the_page_for_a_terminal_fits_into_80_cells(way: Way, morning: Morning) -> None:
    # Named, for it may be past midnight by now.
    done = way.run("brief", "--no-sync", "--date", str(morning.household.day))
    assert done.returncode == 0, done.stderr
    page, _, references = done.stdout.partition("\n  [1] ")
    assert "Needs your answer" in page
    assert references
    assert [line for line in page.splitlines() if width_of(line) > 80] == []


def test_sync_and_doctor_find_everything_well(way: Way) -> None:
    synced = way.document("sync")
    assert [source["state"] for source in synced["sources"]] == ["fresh"] * 4
    examined = way.document("doctor")
    wrong = [check for check in examined["checks"] if check["level"] == "failure"]
    assert (examined["ok"], wrong) == (True, [])
    well = {check["name"] for check in examined["checks"] if check["level"] == "ok"}
    assert {"settings", "mail.home", "calendar.home", "notes.notes", "state folder", "clock"} <= well
    assert ("model" in well) == (way.name == "file")


def test_every_run_is_kept_and_done(way: Way, morning: Morning) -> None:
    runs = way.document("runs", "--limit", "500")["runs"]
    assert {run["state"] for run in runs} == {"done"}
    parents = {run["id"] for run in runs if run["parent"] is None}
    children = [run for run in runs if run["parent"] is not None]
    assert {run["parent"] for run in children} <= parents
    assert [run for run in children if not run["subject"].startswith("mail:home/")] == []


def test_no_password_is_in_anything_that_is_kept(way: Way) -> None:
    kept = [path for path in way.home.rglob("*") if path.is_file() and ".config" not in path.parts]
    assert {"butler.db", "mirror.db"} <= {path.name for path in kept}
    assert [path for path in kept for secret in SECRETS if secret.encode() in path.read_bytes()] == []


def test_the_page_is_saved_where_the_settings_say(morning: Morning) -> None:
    saved = morning.ways["file"].home / ".config/butler/vault/Briefings" / f"{morning.household.day}.md"
    assert "## Needs your answer" in saved.read_text()
    assert [path.name for path in saved.parent.iterdir() if not path.name.endswith(".md")] == []
