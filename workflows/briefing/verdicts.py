"""What the model's answer is worth, pure: only what stands in the mail counts, and where it does not, the rules' word holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from butler.core.grounding import find_quote, unsupported
from butler.core.text import one_line
from workflows.briefing.steps import PromiseAnswer, ReceivedAnswer
from workflows.briefing.values import DroppedClaim, Due, Judgement, Promise, SentJudgement

NO_QUOTE = "These words do not stand in the mail."
NO_EVIDENCE = "The model gave no words of the mail for it."
NO_DATE = "The model chose a date that was not found in the mail."
NOTHING = "The model sees nothing to answer."
_READS = {
    "reply": "The model reads a request to you in these words.",
    "unsure": "The model is not sure whether these words ask something of you.",
}

J = TypeVar("J", Judgement, SentJudgement)


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer is held against: the mail's own words (subject and new text), the dates found in them, and the step.

    `language` is the owner's, `known` are names and facts that code knows to be true of the mail, `links` the shortened
    addresses that the model was shown, each with what it stands for.
    """

    source: str
    dues: Sequence[Due]
    step: str
    digest: str
    language: str = "en"
    known: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Held(Generic[J]):
    """What holds of an answer: the judgement, the claims that were dropped, and whether the answer had a say in it."""

    judgement: J
    dropped: tuple[DroppedClaim, ...] = ()
    accepted: bool = True


def received(answer: ReceivedAnswer, rule: Judgement, ground: Ground) -> Held[Judgement]:
    """Judge one received mail by the model's answer as far as its evidence stands, else by the rule."""
    quotes, dropped = _grounded(answer.evidence, ground)
    due, misses = _due(answer.due, rule.due, ground)
    dropped += misses
    if answer.label == "none":
        return Held(_nothing_wanted(rule, ground), dropped)
    if not quotes:
        claim = DroppedClaim(text=one_line(answer.summary or answer.label), reason=NO_EVIDENCE)
        return Held(rule, (*dropped, claim), accepted=False)
    summary, inventions = _summary(answer.summary, ground)
    others = tuple(one for one in (rule.due, *rule.also) if one is not None and (due is None or one.day != due.day))
    judged = {"label": answer.label, "quote": quotes[0], "summary": summary, "due": due, "also": others}
    judged["reason"] = _READS[answer.label]
    return Held(rule.model_copy(update={**judged, **_by_model(ground)}), dropped + inventions)


def _nothing_wanted(rule: Judgement, ground: Ground) -> Judgement:
    """The model sees nothing to answer: what a rule clearly saw is then shown as unsure, so that no mail is lost by a word."""
    if rule.label == "reply":
        reason = f"{rule.reason} {NOTHING}".strip()
        return rule.model_copy(update={"label": "unsure", "reason": reason, "step": ground.step, "digest": ground.digest})
    return rule.model_copy(update={"label": "none", "reason": NOTHING, **_by_model(ground)})


def _by_model(ground: Ground) -> dict[str, str]:
    return {"by": "model", "rule": "model", "step": ground.step, "digest": ground.digest}


def sent(answer: PromiseAnswer, rule: SentJudgement, ground: Ground) -> Held[SentJudgement]:
    """Judge one mail of the owner's by the model's answer as far as its evidence stands, else by the rule.

    What the model is unsure of is no promise unless a rule found one.
    """
    if answer.label == "unsure":
        return Held(rule)
    if answer.label == "none":
        return Held(rule.model_copy(update={"promises": ()}))
    quotes, dropped = _grounded(answer.evidence, ground)
    due, misses = _due(answer.due, None, ground)
    dropped += misses
    if not quotes:
        return Held(rule, (*dropped, DroppedClaim(text=answer.label, reason=NO_EVIDENCE)), accepted=False)
    promises = tuple(_promise(rule, quote, due, ground, alone=len(quotes) == 1) for quote in quotes)
    return Held(rule.model_copy(update={"promises": promises}), dropped)


def _promise(rule: SentJudgement, quote: str, due: Due | None, ground: Ground, *, alone: bool) -> Promise:
    """One promise; a chosen date belongs to it when its words stand in it, or when there is no other promise."""
    inside = [found for found in ground.dues if found.words in quote]
    mine = due if due is not None and (alone or due in inside) else next(iter(inside), None)
    return Promise(ref=rule.ref, quote=quote, due=mine, by="model", rule="model", step=ground.step, digest=ground.digest)


def _grounded(evidence: Sequence[str], ground: Ground) -> tuple[list[str], tuple[DroppedClaim, ...]]:
    """The source's own words for each quote, and the quotes that it does not have."""
    quotes: dict[str, None] = {}
    dropped: list[DroppedClaim] = []
    for claimed in evidence:
        if not claimed.strip():
            continue
        found = next((quote for words in _spellings(claimed, ground) if (quote := find_quote(words, ground.source))), None)
        if found:
            quotes[found] = None
        else:
            dropped.append(DroppedClaim(text=one_line(claimed), reason=NO_QUOTE))
    return list(quotes), tuple(dropped)


def _spellings(claimed: str, ground: Ground) -> Iterator[str]:
    """A quote as it was given, and with the addresses that the model was shown shortened as they stand in the mail."""
    words = _without_name(claimed)
    yield words
    words = words.replace("/...", "/…")
    links = [(short, whole) for short, whole in ground.links if short in words]
    yield from (words.replace(short, whole) for short, whole in links)
    for short, whole in links:
        words = words.replace(short, whole, 1)
    yield words


def _without_name(words: str) -> str:
    """A model that copies the line of the subject copies its name as well."""
    return words.strip().removeprefix("Subject:").strip()


def _due(number: int, fallback: Due | None, ground: Ground) -> tuple[Due | None, tuple[DroppedClaim, ...]]:
    """The date of that number; 0 leaves what code found, for a date is a fact and not the model's to take away."""
    if number == 0:
        return fallback, ()
    if number > len(ground.dues):
        return fallback, (DroppedClaim(text=f"date {number}", reason=NO_DATE),)
    return ground.dues[number - 1], ()


def _summary(summary: str, ground: Ground) -> tuple[str, tuple[DroppedClaim, ...]]:
    """The model's phrase, if every word in it that could mislead stands in the mail or in what code knows."""
    phrase = one_line(_without_name(summary), 140)
    invented = unsupported(phrase, ground.source, ground.known, ground.language) if phrase else []
    if not invented:
        return phrase, ()
    words = ", ".join(one_line(word, 40) for word in invented[:5])
    return "", (DroppedClaim(text=phrase, reason=f"Not in the mail: {words}."),)
