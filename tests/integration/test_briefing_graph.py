"""The briefing's graph from end to end over twins of the sources: what is published, and how its first line comes about."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from briefing_twins import NOW, Memory, ScriptedModel, Twin, context, letter

from butler.core.briefing import Briefing
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.sources import SourceState
from butler.publish import Published, Publisher
from butler.runner import Runner
from butler.store.runs import Run
from butler.store.truth import Truth
from butler.thinking.graphs import Graphs
from workflows.briefing import WORKFLOW
from workflows.briefing.nodes import Nodes

SECRET = "Hallo Anna,\n\nkannst du mir bis Freitag die Zahlen schicken?\n\nTom"
ASKS = letter("asks@nordwind.example", SECRET)
TELLS = letter(
    "tells@nordwind.example", "Hallo Anna,\n\ndas Treffen gestern war gut. Schön wäre es, das zu wiederholen.\n\nTom", days=2
)
NONE = {"evidence": [], "reason": "r", "label": "none", "due": 0, "summary": ""}
INVENTED = {"evidence": ["Transfer 900 euros"], "reason": "r", "label": "reply", "due": 9, "summary": "Transfer 900 euros now."}


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def brief(
    truth: Truth, folder: Path, mails: Sequence[Mail], model: ScriptedModel | None = None, sources: Sequence[SourceState] = ()
) -> Published:
    publishers: list[Publisher] = []

    def made(run: Run) -> Context:
        publishers.append(Publisher(run.id, truth.briefings, folder / "vault"))
        given = context(Twin(mails), truth.memory(run.id), model, run.id)
        sync = (lambda: sources) if sources else given.sync
        return dataclasses.replace(given, now=run.now, publish=publishers[-1], sync=sync)

    Runner(truth.runs, Graphs(folder / "checkpoints.db"), lambda: NOW).run(WORKFLOW, NOW.date().isoformat(), made)
    published = publishers[-1].published
    assert published is not None
    return published


def always(answer: Mapping[str, Any] | str, name: str = "") -> ScriptedModel:
    """A model that answers every received mail alike, or only the one whose name is given."""

    def script(_step: str, subject: str, _facts: str, _text: str) -> Mapping[str, Any] | str:
        return answer if name in subject else NONE

    return ScriptedModel(script)


@pytest.mark.parametrize(
    ("model", "mails", "by", "notice"),
    [
        (None, (ASKS,), "rules", "Composed by rules alone: no model is configured."),
        (always(NONE), (), "rules", "Composed by rules alone: there was nothing to ask the model."),
        (always("It broke off."), (ASKS,), "rules", "Composed by rules alone: the model did not answer: It broke off."),
        (
            always(INVENTED),
            (ASKS,),
            "rules",
            "Composed by rules alone: nothing that the model said stands in its sources.",
        ),
        (always("It broke off.", "tells"), (ASKS, TELLS), "model", "Rules judged 1 of 2 mails: It broke off."),
        (always(NONE), (ASKS, TELLS), "model", ""),
    ],
)
def test_the_first_line_says_how_the_briefing_was_composed(
    truth: Truth, tmp_path: Path, model: ScriptedModel | None, mails: Sequence[Mail], by: str, notice: str
) -> None:
    published = brief(truth, tmp_path, mails, model)
    assert (published.notice, published.briefing.composed_by) == (notice, by)
    assert (published.briefing.model is not None) == (by == "model")


def test_a_hostile_model_puts_nothing_into_the_briefing_and_is_counted(truth: Truth, tmp_path: Path) -> None:
    honest = brief(truth, tmp_path, (ASKS, TELLS)).briefing
    hostile = brief(truth, tmp_path, (ASKS, TELLS), always(INVENTED)).briefing
    assert hostile.sections == honest.sections
    assert len(hostile.dropped) == 6
    assert "900" not in "".join(section.model_dump_json() for section in hostile.sections)


def test_every_quote_stands_in_its_source_to_the_letter(truth: Truth, tmp_path: Path) -> None:
    wants = {**NONE, "label": "reply", "evidence": ["KANNST du mir bis  Freitag die Zahlen schicken"]}
    published = brief(truth, tmp_path, (ASKS,), always(wants))
    quotes = [evidence.quote for section in published.briefing.sections for line in section.lines for evidence in line.evidence]
    assert quotes
    assert all(quote is None or quote in SECRET for quote in quotes)


def test_sources_are_shown_in_the_owners_time_and_a_stale_one_takes_the_quiet_away(truth: Truth, tmp_path: Path) -> None:
    sources = [SourceState("home", "mail", "fresh", NOW), SourceState("family", "calendar", "failed", None, "It is down.")]
    briefing = brief(truth, tmp_path, (), sources=sources).briefing
    assert [source.name for source in briefing.sources] == ["mail.home", "calendar.family"]
    assert briefing.sources[0].as_of is not None
    assert briefing.sources[0].as_of.isoformat() == "2026-11-24T07:00:00+01:00"
    assert (briefing.sources[1].error, briefing.quiet) == ("It is down.", False)


def test_no_words_of_a_mail_are_ever_in_a_checkpoint(truth: Truth, tmp_path: Path) -> None:
    seen: list[bytes] = []

    def look(_step: str, _subject: str, _facts: str, _text: str) -> Mapping[str, Any] | str:
        with sqlite3.connect(tmp_path / "checkpoints.db") as other:
            rows = other.execute("SELECT checkpoint FROM checkpoints UNION ALL SELECT value FROM writes").fetchall()
        other.close()
        seen.extend(bytes(row[0]) for row in rows)
        return NONE

    brief(truth, tmp_path, (ASKS,), ScriptedModel(look))
    assert any(b"asks@nordwind.example" in content for content in seen)
    assert not any(b"Zahlen" in content for content in seen)


def test_the_kept_briefing_remembers_its_first_line_and_its_origins(truth: Truth, tmp_path: Path) -> None:
    brief(truth, tmp_path, (ASKS,))
    kept = truth.briefings.get(NOW.date())
    assert kept is not None
    assert kept.snapshot["notice"] == "Composed by rules alone: no model is configured."
    assert {origin.section for origin in kept.origins} == {"reply", "deadlines"}


def test_every_node_may_run_again_over_what_was_kept() -> None:
    published: list[Briefing] = []
    model = always(NONE)
    given = context(Twin((ASKS,)), Memory(), model)
    given = dataclasses.replace(given, publish=lambda briefing, _origins, _snapshot: published.append(briefing))
    for _ in range(2):
        nodes = Nodes(given)
        nodes.sync({})
        state = nodes.gather({})
        for node in (nodes.judge, nodes.compose, nodes.save):
            node(state)
    assert published[0] == published[1]
    assert len(model.asked) == 1


def test_an_interrupted_briefing_judges_the_mails_it_had_gathered_and_no_newer_ones(truth: Truth, tmp_path: Path) -> None:
    def stops(_step: str, _subject: str, _facts: str, _text: str) -> Mapping[str, Any] | str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brief(truth, tmp_path, (TELLS,), ScriptedModel(stops))
    assert [run.state for run in truth.runs.recent()] == ["running", "running"]
    model = always(NONE)
    briefing = brief(truth, tmp_path, (ASKS, TELLS), model).briefing
    assert model.asked == [("received", TELLS.ref)]
    assert ASKS.ref not in briefing.model_dump_json()
    assert sorted(run.state for run in truth.runs.recent()) == ["abandoned", "done", "done"]


def test_a_sent_mail_of_which_the_model_says_nothing_keeps_the_promise_that_a_rule_found(truth: Truth, tmp_path: Path) -> None:
    sent = letter("promises@berger.example", "Hi Tom,\n\nI will send you the drawings by Thursday.\n\nAnna", sent=True, days=1)
    briefing = brief(truth, tmp_path, (sent,), always("It broke off.")).briefing
    assert [section.name for section in briefing.sections] == ["promised"]
    assert briefing.sections[0].lines[0].by == "rules"
