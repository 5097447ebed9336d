"""From a model's answer, or from none, to the body of a reply: greeting, words, room for answers, free times, closing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from butler.core.dayplan import Span
from butler.core.mail import Address
from butler.core.text import visible
from workflows.briefing.letter import without_closing, without_greeting
from workflows.briefing.words import quoted
from workflows.draft_reply import wordings
from workflows.draft_reply.gather import Case
from workflows.draft_reply.steps import MOST_OFFERS, DraftAnswer

_BLANKS = re.compile(r"\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Written:
    """A reply's body without signature; `said` are the model's own words in it, `offered` the free times that it offers.

    `open` are the questions that it leaves to the owner, each with room for an answer.
    """

    body: str
    said: str = ""
    offered: tuple[Span, ...] = ()
    open: tuple[str, ...] = ()


def write(case: Case, answer: DraftAnswer) -> Written:
    """Put a model's answer into the form of a letter; free times are written by code, in the mail's language."""
    opening = _cleaned(answer.body, case)
    answers = {one.question: words for one in answer.answers if (words := _cleaned(one.text, case))}
    offered = _chosen(case, answer.offers)
    missing = range(1, len(case.questions) + 1) if answers or answer.unsure or not opening else range(0)
    asked = {number: question for number, question in enumerate(case.questions, 1) if number in missing}
    left = {number: question for number, question in asked.items() if number not in answers}
    if offered and len(left) == 1 and not answer.unsure:
        left = {}
    said = [opening, *(answers[number] for number in sorted(answers) if number <= len(case.questions))]
    middle = [
        answers.get(number) or _room(left[number]) for number in sorted({*answers, *left}) if number <= len(case.questions)
    ]
    body = _letter(case, [opening, *middle], offered)
    return Written(body, "\n\n".join(part for part in said if part), offered, tuple(left.values()))


def skeleton(case: Case) -> Written:
    """Repeat each question with room for its answer, and offer free times where a meeting is asked for."""
    offered = _likeliest(case)
    rooms = [_room(question) for question in case.questions] or [wordings.ROOM]
    return Written(_letter(case, rooms, offered), offered=offered, open=tuple(case.questions))


def with_offers(case: Case, body: str) -> Written:
    """An old body with other free times in place of those that code had put in, above its closing."""
    offered = _likeliest(case)
    kept = [part for part in _BLANKS.split(body.strip()) if not wordings.is_offers(part)]
    paragraph = wordings.offers(case.language, offered, case.plan.owner.zone)
    return Written("\n\n".join([*kept[:-1], paragraph, *kept[-1:]]), offered=offered)


def is_empty(answer: DraftAnswer, case: Case) -> bool:
    """Whether a model's answer says nothing at all."""
    return not (write(case, answer).said or _chosen(case, answer.offers))


def _letter(case: Case, paragraphs: Sequence[str], offered: Sequence[Span]) -> str:
    times = wordings.offers(case.language, offered, case.plan.owner.zone)
    parts = [case.manners.greeting, *paragraphs, times, case.manners.closing]
    return "\n\n".join(part for part in parts if part)


def _room(question: str) -> str:
    return f"{quoted(question, 300)}\n{wordings.ROOM}"


def _chosen(case: Case, numbers: Sequence[int]) -> tuple[Span, ...]:
    """The free times of those numbers; where the owner named days to offer and none was chosen, the first ones."""
    slots = case.slots
    chosen = [slots[number - 1] for number in dict.fromkeys(numbers) if 1 <= number <= len(slots)]
    if not chosen and case.old and case.old.days:
        chosen = list(_likeliest(case))
    return tuple(sorted(chosen, key=lambda span: span.start)[:MOST_OFFERS])


def _likeliest(case: Case) -> tuple[Span, ...]:
    """The free times to offer where nobody chose: what was proposed and is free, else one a day and then the others."""
    asked = [one.span for one in case.asked if one.span in case.slots]
    days = {span.start.date(): span for span in reversed(case.slots)}
    spread = sorted(days.values(), key=lambda span: span.start)
    rest = [span for span in case.slots if span not in spread]
    return tuple(sorted((asked or [*spread, *rest])[:MOST_OFFERS], key=lambda span: span.start))


def _cleaned(words: str, case: Case) -> str:
    """What a model wrote without greeting, closing, quoted lines and Markdown, which are not its to write."""
    lines = [line.rstrip() for line in visible(words).replace("\r", "").split("\n") if not line.startswith(">")]
    text = without_greeting(_BLANKS.sub("\n\n", "\n".join(lines)).strip().replace("**", ""))
    return without_closing(text, Address(case.identity.name, case.address))
