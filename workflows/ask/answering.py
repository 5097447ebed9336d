"""The sentences of an answer out of noted facts: each is checked, and what nothing bears out is dropped and counted.

A sentence names facts that there are. Every number, date, time, name and address in it stands in them or was reckoned by code
from them. Where its plain words are not theirs, the facts' own words stand in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from butler.core import claims, facts
from butler.core.context import Context
from butler.core.grounding import unsupported
from butler.core.text import one_line
from workflows.ask import says, steps
from workflows.ask.asked import Asked, share
from workflows.ask.dayhits import fold
from workflows.ask.intents import content_words, little
from workflows.ask.noting import Fact
from workflows.ask.wording import Wording
from workflows.draft_reply.language import NAMES, language_of, small_words
from workflows.draft_reply.names import unknown_names

_MOST_PASSAGES = 4
_WORSE = 0.34
"""A passage that fits so much worse than the best one is not shown beside it."""
_STRANGE = 0.4
"""A larger share of words that the facts do not say makes a sentence theirs no more."""

_NOT = re.compile(
    r"(?i)(?<!\w)(?:not|no|never|nobody|nothing|cannot|nicht|nie|niemand|kein\w*|nichts|pas|jamais|personne|rien|non|mai|nessun\w*|"
    r"niente|niet|geen|nooit|niemand|nigdy|nikt|nic|não|nunca|ninguém|nada|ningun\w*|nadie|sin|ohne|without|sans|senza|zonder|"
    r"bez|sem)(?!\w)|n['’]t\b|(?<!\w)ne\s"
)


Kept = tuple[str, tuple[int, ...]]
"""A sentence that holds, with the numbers of its facts."""
Hear = Callable[[Asked, Sequence[Fact], steps.SaidSentence], None]


@dataclass(slots=True)
class Answered:
    """The sentences that hold, each with the numbers of its facts, and how many did not."""

    sentences: list[Kept] = field(default_factory=list)
    dropped: int = 0
    failure: str = ""


def ask(context: Context, asked: Asked, known: Sequence[Fact], hear: Hear | None = None) -> Answered:
    """Have the model answer from facts, and keep what holds; `hear` is given each sentence as soon as it is written."""
    assert context.model is not None  # noqa: S101 - it is asked only where there is one
    numbered = known[: steps.MOST_FACTS]
    step = replace(steps.answer(), heard=partial(hear, asked, numbered)) if hear else steps.answer()
    said = context.model.ask(
        step, subject=f"question:{context.run}", facts=_facts(context, asked), text=_text(context, numbered)
    )
    if said.answer is None:
        return Answered(failure=said.reason or "The model gave no reason.")
    found = Answered()
    for sentence in () if said.answer.unknown else said.answer.sentences:
        kept = checked(context, asked, sentence, numbered)
        if kept is None:
            found.dropped += 1
        elif kept not in found.sentences:
            found.sentences.append(kept)
    if not any(answers(asked, kept, numbered) for kept in found.sentences):
        found.dropped += len(found.sentences)
        found.sentences = []
    return found


def answers(asked: Asked, kept: Kept, known: Sequence[Fact]) -> bool:
    """Whether a sentence has what is asked for."""
    return asked.is_answered_by(_with_facts(kept, known))


def put(wording: Wording, sentences: Sequence[Kept], known: Sequence[Fact]) -> None:
    """Add sentences to an answer, each with what it rests on."""
    for text, numbers in sentences:
        wording.add(text, [cite(wording, known[number - 1]) for number in numbers])


def checked(context: Context, asked: Asked, said: steps.SaidSentence, known: Sequence[Fact]) -> Kept | None:
    """A sentence with the numbers of its facts, where they bear it out; or in their own words."""
    text = one_line(said.text, 400)
    cited = tuple(dict.fromkeys(number for number in said.facts if number <= len(known)))
    if not text or not cited or len(cited) < len(set(said.facts)):
        return None
    rest = [known[number - 1] for number in cited]
    source = "\n".join(_source(one) for one in rest)
    extra = [one for each in rest for one in _reckoned(context, asked, each)]
    language = asked.meant.language
    wrong, plain = unborne(text, source, extra, language)
    if wrong or (_NOT.search(text) and not _NOT.search(source)):
        return None
    if _is_strange(plain, text) or (not plain and not _is_anchored(text, source, language)):
        # What no word of the question led to is an answer only in words that it bears out.
        if rest[0].near:
            return None
        return _in_own_words(context, asked, rest[0]), cited[:1]
    # What a stranger claims is not said as if it were so.
    if all(one.stranger for one in rest) and fold(rest[0].who) not in fold(text):
        text = f"{rest[0].who}: {text}"
    return text, cited


def unborne(text: str, source: str, extra: Sequence[str], language: str) -> tuple[list[str], list[str]]:
    """The facts and names of a text that neither its source nor `extra` bears out, and its plain words that do not either.

    Plain words are compared only where text and source are in one language.
    """
    known = "\n".join((source, *extra))
    # In no language there are no plain words to be compared.
    claimed = claims.unsaid(text, known, "")
    names = unknown_names(text, known, language)
    if language == "en":
        openings = unsupported(text, source, extra, "en")
        names += [word for word in openings if word[:1].isupper() and word.casefold() not in small_words("en")]
    plain = [word for word in claims.unsaid(text, known, language) if word not in claimed and word not in names]
    return [*facts.unborne(text, known), *names, *claimed], plain


def _is_strange(plain: Sequence[str], text: str) -> bool:
    count = len(content_words(fold(text)))
    return len(plain) > _STRANGE * max(count, 1)


def _is_anchored(text: str, source: str, language: str) -> bool:
    """Whether something in a sentence ties it to its facts: it is in their language, or shares a number, name or word."""
    written = language_of(source, language)
    if written == language:
        return True
    here = {word for word in re.findall(r"[^\W_]{3,}", fold(text)) if word not in little()}
    there = set(re.findall(r"[^\W_]{3,}", fold(source)))
    values = {reading for one in facts.facts(text) for reading in one.readings}
    known = {reading for one in facts.facts(source) for reading in one.readings}
    return bool(here & there or values & known)


def _source(one: Fact) -> str:
    return f"{one.who}\n{one.title}\n{one.quote}\n{one.line}"


def _reckoned(context: Context, asked: Asked, one: Fact) -> list[str]:
    """What code knows beside the words of a fact: when it was written, and which days its words name."""
    owner = context.owner.name
    found = [owner, *one.dates]
    if one.when:
        moment = datetime.fromisoformat(one.when) if "T" in one.when else date.fromisoformat(one.when)
        found.append(f"{moment:%A} {moment.isoformat()[:10]}" + (f" {moment:%H:%M}" if isinstance(moment, datetime) else ""))
        today = context.now.astimezone(context.owner.zone).date()
        found.append(says.moment(asked.meant.language, moment, today, context.owner.zone))
    return found


def _in_own_words(context: Context, asked: Asked, one: Fact) -> str:
    """A fact in the words of its source: who, when, and the quote; or what code says of it."""
    if one.line:
        return f"{one.line[:1].upper()}{one.line[1:]}."
    today = context.now.astimezone(context.owner.zone).date()
    head = [one.who] if one.who else [one.title]
    if one.kind == "mail" and one.when:
        head.append(says.moment(asked.meant.language, datetime.fromisoformat(one.when), today, context.owner.zone))
    return f"{', '.join(part for part in head if part)}: “{one.quote}”"


def _with_facts(kept: Kept, known: Sequence[Fact]) -> str:
    """A sentence with the words that it rests on."""
    return "\n".join((kept[0], *(f"{known[number - 1].quote} {known[number - 1].line}" for number in kept[1])))


def _facts(context: Context, asked: Asked) -> str:
    zone = context.owner.zone
    before = [f"Asked before: {one_line(turn.question, 160)}" for turn in asked.meant.history[-2:]]
    lines = [
        f"Owner: {one_line(context.owner.name, 80)}",
        f"Today: {context.now.astimezone(zone):%A %Y-%m-%d}",
        *before,
        f"Question: {one_line(asked.whole, 600)}",
        f"Language: {NAMES[asked.meant.language]}",
    ]
    return "\n".join(lines)


def _text(context: Context, known: Sequence[Fact]) -> str:
    return "\n".join(f"[{number}] {_numbered(context, one)}" for number, one in enumerate(known, 1))


def _numbered(context: Context, one: Fact) -> str:
    """One fact on one line, as the model reads it."""
    head = [one.kind]
    if one.kind == "mail":
        head.append("by the owner" if one.own else f"from {one.who}")
    if one.when and not one.line:
        head.append(f"{datetime.fromisoformat(one.when).astimezone(context.owner.zone):%A %Y-%m-%d}")
    if one.line:
        return f"{', '.join(head)}: {one.line}"
    dates = f" ({'; '.join(one.dates)})" if one.dates else ""
    return f"{', '.join(head)}, “{one.title}”: “{one.quote}”{dates}"


def passages(context: Context, asked: Asked, known: Sequence[Fact], wording: Wording) -> None:
    """The facts themselves, best first, where no model has answered."""
    ranked = sorted(known, key=lambda one: one.when, reverse=True)
    ranked.sort(key=lambda one: -_weight(asked, one))
    best = _weight(asked, ranked[0]) if ranked else 0.0
    for one in ranked[:_MOST_PASSAGES]:
        if _weight(asked, one) >= best - _WORSE:
            wording.add(_in_own_words(context, asked, one), [cite(wording, one)])


def _weight(asked: Asked, one: Fact) -> float:
    """How well a fact fits: by its share of the question's words, and somebody's words before an event of theirs."""
    told = 0.5 if one.quote and asked.people and not asked.distinct else 0.0
    return share(fold(one.words), asked.distinct or asked.words) + told


def cite(wording: Wording, one: Fact) -> int:
    """Cite a fact; its number."""
    when = None
    if one.when:
        when = datetime.fromisoformat(one.when) if "T" in one.when else date.fromisoformat(one.when)
    return wording.cite(one.ref, one.title, when, one.quote)
