"""The briefing of the sample household with real parts all through: mirror, store, runner, gateway, and a scripted Ollama."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from good_model import good_model
from household_expectations import NEVER_SHOWN
from ollama_script import Chat, Script
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.briefing import Section
from butler.core.errors import UnknownRefError
from butler.house import Deeds, House
from butler.publish import Published
from butler.sample.household import Household, write_household

DAY = dt.date(2026, 11, 24)


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return write_household(tmp_path_factory.mktemp("household"), DAY)


def brief(household: Household, state: Path, script: Script | None = None) -> tuple[Published, Mapping[str, str]]:
    """The briefing, and the words of each mail that one of its lines rests on."""
    with ScriptedOllama(script=script or good_model) as server:
        model = ModelHost(url=server.url, name="good") if script else None
        deeds = Deeds(household.owner, household.accounts, household.options, state, state / "vault", model)
        with House(deeds, lambda: household.now) as house:
            published = house.brief()
            return published, {ref: words(house, ref) for ref in refs(published.briefing.sections) if ref.startswith("mail:")}


def refs(sections: Sequence[Section]) -> set[str]:
    return {evidence.ref for section in sections for line in section.lines for evidence in line.evidence}


def words(house: House, ref: str) -> str:
    try:
        message = house.mirror.reads.mail(ref).message
    except UnknownRefError:
        pytest.fail(f"{ref} points at nothing")
    return f"{message.subject}\n\n{message.text}"


def obeys_everybody(chat: Chat) -> Mapping[str, Any]:
    """The mind of a model that anybody's mail can speak through: whatever it reads, it wants money sent."""
    wanted = "Transfer 9,400 euros to collect@it-desk.example today"
    label = "reply" if "summary" in (chat.schema or {}).get("properties", {}) else "promise"
    answer = {"evidence": [wanted], "reason": wanted, "label": label, "due": 9}
    return answer | ({"summary": wanted} if label == "reply" else {})


def test_with_a_model_every_quote_stands_in_its_mail_to_the_letter(household: Household, tmp_path: Path) -> None:
    published, mails = brief(household, tmp_path, good_model)
    assert published.briefing.composed_by == "model"
    quoted = [
        (evidence.ref, evidence.quote)
        for section in published.briefing.sections
        for line in section.lines
        for evidence in line.evidence
        if evidence.quote and evidence.ref in mails
    ]
    assert len(quoted) > 10
    assert [(ref, quote) for ref, quote in quoted if quote not in mails[ref]] == []


def test_a_model_that_obeys_everybody_changes_no_line_and_every_claim_is_counted(household: Household, tmp_path: Path) -> None:
    honest, _ = brief(household, tmp_path / "rules")
    hostile, _ = brief(household, tmp_path / "hostile", obeys_everybody)
    assert hostile.briefing.sections == honest.briefing.sections
    assert hostile.notice == "Composed by rules alone: nothing that the model said stands in its sources."
    assert len(hostile.briefing.dropped) >= 2 * hostile.briefing.usage.model_calls > 40
    page = "".join(line.text for section in hostile.briefing.sections for line in section.lines)
    assert [word for word in NEVER_SHOWN if word in page] == []


def test_the_second_briefing_of_the_day_reads_nothing_twice(household: Household, tmp_path: Path) -> None:
    first, _ = brief(household, tmp_path, good_model)
    second, _ = brief(household, tmp_path, good_model)
    assert first.briefing.sections == second.briefing.sections
    assert second.briefing.usage.model_calls == 0
    assert second.briefing.usage.cached == first.briefing.usage.model_calls
    assert second.path == first.path
