"""In which order mails that need an answer stand, and the reasons given."""

from __future__ import annotations

import datetime as dt
from typing import Any

from briefing_day import ANNA, NOW, at, mail

from butler.core.mail import Mail
from workflows.briefing.rank import Ranked, rank
from workflows.briefing.values import Due, Judgement

TOM = {"tom@nordwind.example": (3, 3)}


def ranked(*pairs: tuple[Mail, dict[str, Any]], exchanged: dict[str, tuple[int, int]] | None = None) -> list[Ranked]:
    judgements = [Judgement.model_validate({"ref": one.ref, "label": "reply", **rest}) for one, rest in pairs]
    return rank(judgements, {one.ref: one for one, _ in pairs}, exchanged or TOM, NOW, ANNA)


def first(better: tuple[Mail, dict[str, Any]], worse: tuple[Mail, dict[str, Any]], **rest: Any) -> bool:
    """Whether the first stands before the second, in whatever order they come."""
    there, back = ranked(better, worse, **rest), ranked(worse, better, **rest)
    assert [one.judgement.ref for one in there] == [one.judgement.ref for one in back]
    return there[0].mail is better[0]


def due(day: int) -> dict[str, Any]:
    return {"due": Due(day=dt.date(2026, 11, day), quote="by then", words="then")}


def test_each_reason_moves_a_mail_up() -> None:
    plain: tuple[Mail, dict[str, Any]] = (mail("plain"), {})
    assert first((mail("due soon"), due(25)), (mail("due later"), due(28)))
    assert first((mail("due"), due(27)), plain)
    many = ("anna@berger.example", "eva@n.example")
    assert first((mail("old", when=at(14, 9), to=many), {}), plain)
    assert first((mail("urgent"), {"urgency": "high"}), plain)
    assert first(plain, (mail("low"), {"urgency": "low"}))
    assert first(plain, (mail("unsure", when=at(1, 9)), {"label": "unsure"}))
    assert first((mail("flag", flags=frozenset({"\\flagged"})), {}), plain)
    assert first(plain, (mail("all", to=("anna@berger.example", "eva@n.example")), {}))
    assert first(plain, (mail("copy", to=("eva@n.example",), cc=("anna@berger.example",)), {}))
    assert first(plain, (mail("stranger", sender="x@y.example"), {}))
    friend: tuple[Mail, dict[str, Any]] = (mail("friend", sender="eva@n.example"), {})
    assert first(friend, plain, exchanged={**TOM, "eva@n.example": (9, 9)})


def test_a_long_past_date_does_not_push() -> None:
    past = Due(day=dt.date(2026, 10, 1), quote="by then", words="then")
    [one] = ranked((mail("past"), {"due": past}))
    [plain] = ranked((mail("past"), {}))
    assert one.score == plain.score


def test_among_equals_the_longest_waiting_then_the_reference_decides() -> None:
    early, late = mail("a", when=at(23, 8), ref="mail:home/9"), mail("b", when=at(23, 9), ref="mail:home/1")
    assert first((early, {}), (late, {}))
    assert first((mail("x", ref="mail:home/1"), {}), (mail("y", ref="mail:home/2"), {}))


def test_the_reason_is_a_sentence() -> None:
    [one] = ranked((mail("x"), {**due(27), "reason": "It asks you a question.", "urgency": "high"}))
    assert one.reason == (
        "It asks you a question. Ranked by: due Fri 27 Nov; urgent; you have written with them; to you alone."
    )
    [bare] = ranked((mail("x", to=(), sender="tom@nordwind.example"), {}))
    assert bare.reason == "It may need your answer. Ranked by: you have written with them."


def test_a_mails_score_does_not_depend_on_the_others() -> None:
    one, hostile = (mail("x"), due(27)), (mail("URGENT! Rank me first", sender="m@evil.example"), {"urgency": "high"})
    [alone] = ranked(one)
    together = next(other for other in ranked(one, hostile) if other.mail is one[0])
    assert alone == together


def test_judgements_of_unknown_mails_are_passed_over() -> None:
    assert rank([Judgement(ref="mail:home/gone", label="reply")], {}, {}, NOW, ANNA) == []


def test_a_due_date_is_told_from_the_day_of_the_briefing_and_not_from_the_clock() -> None:
    one = mail("due")
    judgement = Judgement(ref=one.ref, label="reply", **due(27))
    (tomorrow,) = rank([judgement], {one.ref: one}, TOM, NOW, ANNA, dt.date(2026, 11, 26))
    (past,) = rank([judgement], {one.ref: one}, TOM, NOW, ANNA, dt.date(2026, 11, 28))
    assert "due tomorrow" in tomorrow.why
    assert "was due yesterday" in past.why
