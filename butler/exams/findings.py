"""What was wrong in an exam, thing by thing, the worst first: what was expected of it and what was said (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from butler.core.examined import AnswerSaid, DraftSaid, Expected, MailSaid, Taken
from butler.core.scoring import DIMENSIONS, Key, Score
from butler.core.text import one_line

_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing of which something was wrong: in which dimensions, what was expected, and what was said."""

    id: str
    keys: tuple[Key, ...]
    expected: str
    said: str
    subject: str = ""

    @property
    def weight(self) -> int:
        """How heavily it weighs."""
        return sum(one.weight for one in DIMENSIONS if one.key in self.keys)


def findings(score: Score, expected: Sequence[Expected], taken: Taken) -> list[Finding]:
    """All that was wrong, the heaviest first."""
    wrong: dict[str, list[Key]] = {}
    for one in DIMENSIONS:
        if one.key in score.tallies and one.weight:
            for name in dict.fromkeys(score.tallies[one.key].wrong):
                wrong.setdefault(name, []).append(one.key)
    known = {one.id: one for one in expected}
    said = {one.id: one for one in taken.mails}
    drafts = {one.id: one for one in taken.drafts}
    answers = {one.id: one for one in taken.answers}
    found = []
    for name, keys in wrong.items():
        if name in answers:
            found.append(_of_answer(answers[name], tuple(keys)))
        elif name in known and name in said:
            found.append(_of_mail(known[name], said[name], drafts.get(name), tuple(keys)))
    return sorted(found, key=lambda one: (-one.weight, one.id))


def _of_answer(answer: AnswerSaid, keys: tuple[Key, ...]) -> Finding:
    said = one_line(answer.text, _LONGEST) or "nothing"
    return Finding(answer.id, keys, f"{answer.question} → {answer.wanted}", said, answer.question)


def _of_mail(one: Expected, said: MailSaid, draft: DraftSaid | None, keys: tuple[Key, ...]) -> Finding:
    return Finding(one.id, keys, "; ".join(_expected(one)), "; ".join(_said(said, draft, keys)), one.subject)


def _expected(one: Expected) -> Iterator[str]:
    labels = " or ".join((one.label, *one.fair))
    yield f"{labels}{f' ({one.why})' if one.why else ''}"
    if one.needs_answer:
        yield "needs an answer"
    if one.day:
        yield f"by {one.day}"
    yield from (f"“{one_line(pledge.quote, 60)}”{f' by {pledge.day}' if pledge.day else ''}" for pledge in one.promises)
    if one.trick:
        yield f"injection: {one.trick}"


def _said(said: MailSaid, draft: DraftSaid | None, keys: Sequence[Key]) -> Iterator[str]:
    yield said.label if said.put else f"{said.label} (by rules)"
    if said.needs:
        yield "shown as needing an answer"
    if said.days:
        yield "by " + ", ".join(map(str, said.days))
    words = said.summary or said.quote or " / ".join(pledge.quote for pledge in said.promises)
    if words:
        yield f"“{one_line(words, 80)}”"
    if said.failure:
        yield one_line(said.failure, 80)
    yield from (one_line(reason, 80) for reason in said.dropped)
    if draft and {"drafts", "injections", "invented", "likeness"} & set(keys):
        yield f"draft: {', '.join(draft.warned) or ('a skeleton' if draft.skeleton else one_line(draft.body, 80))}"
