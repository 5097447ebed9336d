"""The six workflows that ship as files, over the household and its records, in the jail, with a model and without one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from household_expectations import NEVER_SHOWN
from ollama_script import Chat
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.calendar import Placed
from butler.core.definitions import Definition
from butler.core.notes import PlacedNote
from butler.core.refs import parse_ref
from butler.core.text import normalised
from butler.desk import Drafting
from butler.house import Deeds, Done, House
from butler.owned import workflow_of
from butler.sample.days import BERLIN
from butler.sample.household import write_household
from butler.sample.records import write_records
from butler.settings.code import Code
from butler.settings.own import known_of, shipped
from butler.store.reads import Shown

DAY = dt.date(2026, 11, 27)
NAMES = ("health", "inbox", "journal", "money", "newsletters", "week")
ASKING = {"inbox", "journal"}
INVENTED = "Transfer 9,400 euros to collect@it-desk.example today"
CITED = re.compile(r"^\[\^(\d+)\]: see `+ ?(.*?) ?`+$", re.MULTILINE)
QUOTED = re.compile(r"“([^”]+)”")


def quoting(chat: Chat) -> Mapping[str, Any]:
    """A model that quotes the first line of every text that it is given, says its first words, and invents one line."""
    found = re.findall(r"^\[(\d+)\] [^\n]*\n([^\n]+)", chat.text, re.MULTILINE)
    lines = [{"source": int(number), "quote": words[:200], "text": " ".join(words.split()[:3])} for number, words in found[:5]]
    return {"lines": [*lines, {"source": 1, "quote": INVENTED, "text": INVENTED}]}


@dataclass(frozen=True)
class Ran:
    """What came of a run, and its page."""

    done: Done
    page: str

    @property
    def refs(self) -> dict[str, str]:
        """The references of the page by their numbers."""
        return dict(CITED.findall(self.page))

    @property
    def lines(self) -> list[str]:
        """Every line of facts: of lists, with the quotes below them, and of tables."""
        body = self.page.partition("\n---\n\n[^1]:")[0].replace("\n  > ", " ")
        rows = [line for line in body.split("\n") if line.startswith(("- ", "| "))]
        return [row for at, row in enumerate(rows) if not _is_head(rows, at)]

    def cited(self, line: str) -> list[str]:
        """The references of a line."""
        return [self.refs[number] for number in re.findall(r"\[\^(\d+)\]", line)]


def _is_head(rows: list[str], at: int) -> bool:
    """Whether a row names the columns of a table, or rules it off."""
    rules = [set(row) <= set("| -:") for row in rows[at : at + 2]]
    return any(rules)


@dataclass(frozen=True)
class World:
    """The house, its files, and what each workflow wrote, by whether a model was asked."""

    house: House
    folder: Path
    ran: Mapping[tuple[str, bool], Ran]

    def words(self, ref: str) -> str:
        """The text that a reference names: a mail, or the whole of a file."""
        named = parse_ref(ref)
        if named.kind == "mail":
            message = self.house.mirror.reads.mail(ref).message
            return f"{message.subject}\n{message.text}"
        if named.kind == "file":
            content = (self.folder / named.place / named.key).read_bytes()
            return content.decode("latin-1" if "giro" in named.key else "utf-8-sig", errors="replace")
        shown = self.house.show(ref)
        return shown.occurrence.summary if isinstance(shown, Placed) else ""


def definitions() -> Mapping[str, Definition]:
    files = shipped(known_of(Code(), strict=True))
    assert [each.told() for each in files if each.problems] == []
    return {each.name: each.definition for each in files if each.definition}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("shipped")
    household = write_household(folder, DAY)
    accounts = (*household.accounts, write_records(folder, DAY))
    known = definitions()
    now = dt.datetime.combine(DAY, dt.time(18), household.owner.zone)
    ran: dict[tuple[str, bool], Ran] = {}
    with ScriptedOllama(script=quoting) as server, ExitStack() as opened:
        for asks in (True, False):
            deeds = Deeds(
                *(household.owner, accounts, household.options, folder / f"state-{asks}"),
                model=ModelHost(url=server.url, name="good") if asks else None,
                drafting=Drafting(tasks="tasks"),
                named=lambda name: workflow_of(known[name], Code()),
            )
            house = opened.enter_context(House(deeds, lambda: now))
            house.sync()
            for name in sorted(known):
                done = house.do(name, now, sync=False, model=asks)
                ran[name, asks] = Ran(done, Path(done.result["path"]).read_text(encoding="utf-8"))
        yield World(house, folder, ran)


def test_the_six_files_are_good_and_name_when_they_run() -> None:
    found = definitions()
    assert tuple(sorted(found)) == NAMES
    assert all(each.trigger and each.is_shipped for each in found.values())


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_line_cites_what_is_there_and_every_quote_stands_there(world: World, name: str, asks: bool) -> None:
    ran = world.ran[name, asks]
    assert ran.lines
    assert [line for line in ran.lines if not ran.cited(line)] == []
    assert [ref for ref in ran.refs.values() if not isinstance(world.house.show(ref), Shown)] == []
    wrong = []
    for line in ran.lines:
        sources = normalised("\n".join(world.words(ref) for ref in ran.cited(line)))
        said = re.sub(r"\[\^\d+\]", "", re.sub(r"\\(.)", r"\1", line))
        wrong += [quote for quote in QUOTED.findall(said) if normalised(quote) not in sources]
    assert wrong == []
    assert [words for words in NEVER_SHOWN if words in ran.page] == []
    twice = ["2 bookings that another export has, too, counted once."]
    assert asks or ran.done.result["left_out"] == (twice if name == "money" else [])


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_are_the_same_whether_a_model_is_asked_or_not(world: World, name: str) -> None:
    plain, asked = world.ran[name, False], world.ran[name, True]
    assert "composed_by: rules" in plain.page
    assert ("composed_by: model" in asked.page) == (name in ASKING)
    headings = re.findall(r"^## (.*)$", plain.page, re.MULTILINE)
    assert re.findall(r"^## (.*)$", asked.page, re.MULTILINE)[: len(headings)] == headings
    # What the model invented stands nowhere, and is counted.
    assert INVENTED not in asked.page
    assert bool(asked.done.result["dropped"]) == (name in ASKING)


def test_what_the_inbox_proposes_is_held_and_what_it_told_is_not_told_again(world: World) -> None:
    first = world.ran["inbox", False].done
    assert sorted((one.action.kind, one.status) for one in first.proposed) == [
        ("file.move", "held"),
        ("task.create", "held"),
        ("task.create", "held"),
    ]
    assert all(world.ran[name, False].done.proposed == [] for name in NAMES if name != "inbox")
    later = dt.datetime.combine(DAY, dt.time(18, 5), BERLIN)
    again = world.house.do("inbox", later, sync=False)
    assert (again.proposed, again.result["lines"]) == ([], 0)


def below(page: str, heading: str) -> str:
    return page.partition(f"## {heading}\n")[2].partition("\n## ")[0].partition("\n---\n")[0]


def test_the_week_holds_what_was_done_and_not_what_was_only_received(world: World) -> None:
    page = world.ran["week", False].page
    together = next(line for line in below(page, "In all").split("\n") if line.startswith("| together"))
    assert [cell.strip() for cell in together.strip("|").split("|")][1:4] == ["2", "1 h 15 min", "4"]
    assert "Stand-up with Lisbon, with Inês Carvalho, Tom Lindqvist" in below(page, "Fri 27 Nov")
    assert "To Jonas Berger: “Re: Abendessen”" in below(page, "Thu 26 Nov")
    assert "Yoga" not in page


def test_newsletters_are_those_of_the_household(world: World) -> None:
    page = world.ran["newsletters", False].page
    names = re.findall(r"^## (.*?), \d+ letters?, \d+ min$", page, re.MULTILINE)
    assert set(names) >= {"Stadtgrün Brief", "The Slow Gardener", "La lettre du paysage", "Cerámica Viva", "Hofladen Lindow"}
    assert {"Matthis Kern", "Paketbote", "Dr. Katrin Weber"} & set(names) == set()
    assert r"Read on \[slow-gardener.example\]" in page


def test_the_money_page_says_which_rows_it_did_not_read(world: World) -> None:
    assert "its day cannot be read" in below(world.ran["money", False].page, "Not read: 1 row")


def test_the_health_page_shows_the_slip_of_the_scales_and_the_days_without_a_word(world: World) -> None:
    page = world.ran["health", False].page
    assert ": 36.8, median 63" in below(page, "Far from the others")
    assert "weight (kg): nothing for 10 days" in below(page, "Gaps")


def test_the_journal_quotes_and_does_not_judge(world: World) -> None:
    page = world.ran["journal", False].page
    assert "“Warum schreibe ich eigentlich nur abends?”" in below(page, "Open questions")
    assert "“I want to draw again, not only count trees.”" in below(page, "Meant to do")
    assert "- Mila: " in below(page, "Comes back")


ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "shipped-workflows.md").read_text(encoding="utf-8")


def told(text: str) -> set[str]:
    """The lines of a page, without marks, and without the spaces that align a table."""
    plain = re.sub(r"\[\^\d+\]", "", text)
    return {re.sub(r" +", " ", re.sub(r"-{3,}:?", "---", line)).strip() for line in plain.split("\n")}


@pytest.mark.parametrize("name", NAMES)
def test_what_the_guide_shows_is_what_the_household_gets(world: World, name: str) -> None:
    (shown,) = re.findall(r"```markdown\n(.*?)\n```", GUIDE.partition(f"\n## {name}\n")[2], re.DOTALL)[:1]
    assert told(shown) - told(world.ran[name, False].page) == set()


def test_the_guide_names_every_option_and_when_each_workflow_runs() -> None:
    known = known_of(Code()).reckoners
    for name in NAMES:
        chapter = GUIDE.partition(f"\n## {name}\n")[2]
        options = known[name]
        assert options is not None
        rows = re.findall(
            r"^\| `(\w+)` \| (.*) \|$", chapter.partition("| option | what |")[2].partition("\n\n")[0], re.MULTILINE
        )
        assert dict(rows) == dict(options), name
        trigger = definitions()[name].trigger
        assert re.search(rf"^\| `{name}` \|.*{trigger['at']} \|$", GUIDE, re.MULTILINE), name


def test_a_row_of_a_statement_is_shown_where_its_reference_names_it(world: World) -> None:
    folder = world.folder / "records" / "Statements"
    for ref in world.ran["money", False].refs.values():
        named = parse_ref(ref)
        row = (folder / named.key.partition("/")[2]).read_bytes().decode("latin-1" if "giro" in named.key else "utf-8-sig")
        cells = re.findall(r"[^\W\d_]{4,}", row.split("\n")[int(named.part) - 1])
        shown = world.house.show(ref)
        assert isinstance(shown, PlacedNote)
        line = shown.text.split("\n")[int(named.part) - 1]
        assert [word for word in cells if word not in line] == [], ref
