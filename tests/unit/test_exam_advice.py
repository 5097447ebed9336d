"""What the doctor says of the model in use by its exams, and what a rule of the policy that wants a score makes of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from butler.core import payloads as p
from butler.core.accounts import ModelHost
from butler.core.actions import Action
from butler.core.merits import Kind, Merits, Pinned
from butler.core.models import ModelIdentity
from butler.core.policy import Policy, Rule, judge
from butler.core.scoring import Key, Score, Tally, total
from butler.exams.advice import Advice, advice_of
from butler.gate import Gate, merits_of
from butler.model import ModelReport
from butler.sample.exam.version import exam_version
from butler.store.exams import Exam
from butler.store.truth import Truth

NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
HOST = ModelHost(url="http://127.0.0.1:11434", name="qwen")
DIGEST, OTHER = "ab" * 32, "cd" * 32


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def taken(
    truth: Truth,
    digest: str,
    right: int,
    *,
    model: str = "qwen",
    quick: bool = False,
    kind: Kind = "shipped",
    version: str = "",
) -> Exam:
    """An exam in which so many of a hundred are right."""
    tallies: dict[Key, Tally] = {"category": Tally(right=right, count=100)}
    score = Score(total=total(tallies), mean=total(tallies), tallies=tallies, by_language={})
    given = (NOW, kind, version or exam_version(kind), quick, model if digest else "", digest, "ollama 0.31.2", "num_ctx 8192")
    exam = Exam(*given, score)
    truth.exams.keep(exam)
    return exam


def pinned(truth: Truth, digest: str = DIGEST, name: str = "qwen") -> None:
    truth.pins.meet(HOST.url, name, ModelIdentity(name, digest, "", "ollama 0.31.2"), NOW)


def advice(tmp_path: Path, host: ModelHost | None = HOST, there: Sequence[str] = ("qwen:latest",)) -> list[Advice]:
    def inspect(asked: ModelHost) -> ModelReport:
        return ModelReport(url=asked.url, name=asked.name, available=tuple(there))

    return list(advice_of(tmp_path / "butler.db", host, inspect))


def test_a_pinned_model_without_an_exam_is_suggested_one_and_nothing_is_said_where_no_model_is_set(
    truth: Truth, tmp_path: Path
) -> None:
    pinned(truth)
    taken(truth, OTHER, 99)
    taken(truth, DIGEST, 99, version="older")

    (told,) = advice(tmp_path)

    assert (told.level, told.sentence) == ("ok", "qwen (abababababab) has taken no exam of this version yet.")
    assert "`butler model exam`" in told.advice
    assert advice(tmp_path, None) == advice(tmp_path, ModelHost()) == []


def test_a_model_that_is_worse_than_the_rules_is_warned_of(truth: Truth, tmp_path: Path) -> None:
    pinned(truth)
    taken(truth, "", 85)
    taken(truth, DIGEST, 72)

    (told,) = advice(tmp_path)

    assert told.level == "warning"
    assert told.sentence == "qwen has 0.72 in its exam of 2026-11-24, and the rules alone have 0.85."
    assert "Choose another model" in told.advice


def test_another_model_that_did_better_is_named_only_where_it_is_on_the_server(truth: Truth, tmp_path: Path) -> None:
    pinned(truth)
    taken(truth, "", 60)
    taken(truth, OTHER, 95, model="giant")
    taken(truth, "ef" * 32, 99, model="gone")
    taken(truth, DIGEST, 90)

    (told,) = advice(tmp_path, there=("qwen:latest", "giant:latest"))
    assert told.sentence == "qwen has 0.90 of 1 in its exam of 2026-11-24. giant, which is on your server too, has 0.95."
    assert "`butler model try giant`" in told.advice
    assert advice(tmp_path)[0].sentence == "qwen has 0.90 of 1 in its exam of 2026-11-24."


def test_the_newest_whole_exam_counts_and_a_quick_one_only_where_there_is_none(truth: Truth) -> None:
    taken(truth, DIGEST, 70)
    taken(truth, DIGEST, 80)
    taken(truth, DIGEST, 99, quick=True)
    taken(truth, OTHER, 95, quick=True)

    standings = truth.exams.standings("shipped", exam_version("shipped"))

    assert {digest: (one.total, one.whole) for digest, one in standings.items()} == {DIGEST: (0.8, True), OTHER: (0.95, False)}
    assert {each.digest: each.score.total for each in truth.exams.newest("shipped", exam_version("shipped"))} == {
        DIGEST: 0.8,
        OTHER: 0.95,
    }


RULE = Rule("trusted", "allow", ("mail.move",), score=0.9)


def move(digest: str = "", target: str = "Reading") -> Action:
    payload = p.MailMove(
        account="home", source="INBOX", target=target, messages=(p.MailAt(ref="mail:home/1", message_id="1", key="1"),)
    )
    return Action(payload, "It is a newsletter.", "move|1", digest=digest or None)


def said(rules: Sequence[Rule], merits: Merits, action: Action | None = None) -> tuple[str, str]:
    verdict = judge(action or move(), Policy(tuple(rules), merits=merits), NOW)
    return verdict.judgement, " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("models", "totals", "action", "why"),
    [
        ((Pinned("qwen", DIGEST),), {DIGEST: 0.9}, move(), ""),
        ((Pinned("qwen", DIGEST),), {DIGEST: 0.9}, move(DIGEST), ""),
        ((Pinned("qwen", DIGEST),), {DIGEST: 0.8999}, move(), "qwen has 0.8999 in its exam and 0.9 is wanted"),
        ((Pinned("qwen", DIGEST),), {OTHER: 1.0}, move(), "qwen (abababababab) has taken no exam of this version"),
        ((Pinned("qwen", DIGEST, changed=True),), {DIGEST: 1.0}, move(), "qwen is not what was pinned"),
        ((Pinned("qwen", ""),), {"": 1.0}, move(), "qwen is not pinned"),
        ((Pinned("qwen", DIGEST), Pinned("giant", OTHER)), {DIGEST: 1.0}, move(), "giant (cdcdcdcdcdcd) has taken no exam"),
        ((Pinned("qwen", DIGEST),), {DIGEST: 1.0}, move(OTHER), "it was made with a model that is not pinned"),
        ((), {DIGEST: 1.0}, move(), "no model is in use whose score is known"),
    ],
)
def test_a_rule_that_wants_a_score_allows_only_where_every_model_in_use_reaches_it(
    models: tuple[Pinned, ...], totals: dict[str, float], action: Action, why: str
) -> None:
    judgement, reasons = said([RULE], Merits(models, {"shipped": totals}), action)

    assert judgement == ("hold" if why else "allow")
    assert (f"The rule trusted does not count: {why}" in reasons) == bool(why)


def test_a_score_of_one_exam_is_none_of_the_other_and_no_score_lets_anything_through_a_floor() -> None:
    merits = Merits((Pinned("qwen", DIGEST),), {"shipped": {DIGEST: 1.0}})
    own = Rule("mine", "allow", ("mail.move",), score=0.5, exam="own")

    assert said([own], merits)[0] == "hold"
    assert "has taken no own exam" in said([own], merits)[1]
    assert said([RULE], merits, move(target="Trash")) == ("hold", "It moves mails to Trash, where they are deleted.")
    assert said([RULE, Rule("never", "deny")], Merits())[0] == "deny"


def test_the_gate_knows_the_score_of_what_is_pinned_and_that_it_changed(truth: Truth) -> None:
    gate = Gate(truth.outbox, Policy((RULE,)), lambda: NOW, lambda: merits_of(truth, HOST))

    def proposed(number: int) -> str:
        action = Action(move().payload, "It is a newsletter.", f"move|{number}", sources=(f"mail:home/{number}",))
        return gate.propose(action).status

    assert proposed(1) == "held"
    pinned(truth)
    taken(truth, DIGEST, 99, quick=True)
    assert proposed(2) == "held"
    taken(truth, DIGEST, 95)
    assert proposed(3) == "approved"
    pinned(truth, OTHER)
    assert truth.pins.changed()
    assert proposed(4) == "held"
    assert merits_of(truth, None) == merits_of(truth, ModelHost()) == Merits()
