"""Composes the briefing of a day from what was gathered and judged: pure, and every line carries its evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from butler.core.briefing import Origin, Section, SectionName
from butler.core.grounding import find_quote
from butler.core.mail import Mail
from butler.core.owner import BriefingOptions, Owner
from butler.core.text import one_line
from workflows.briefing.sections import (
    agenda,
    birthdays,
    changes,
    commitments,
    conflicts,
    deadlines,
    reading,
    reply,
    snapshot,
    tasks,
)
from workflows.briefing.values import DroppedClaim, Due, Gathered, Judged, Judgement, NoteDue, SentJudgement
from workflows.briefing.view import Entry, View

AHEAD_DAYS = 14
NOT_THERE = "These words do not stand in their source."

SECTIONS: Sequence[tuple[SectionName, Callable[[View], list[Entry]]]] = (
    ("agenda", agenda.entries),
    ("conflicts", conflicts.entries),
    ("reply", reply.entries),
    ("deadlines", deadlines.entries),
    ("promised", commitments.promised),
    ("waiting", commitments.waiting),
    ("tasks", tasks.entries),
    ("birthdays", birthdays.entries),
    ("reading", reading.entries),
    ("changes", changes.entries),
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A day's sections in order, where each line came from, what was dropped, and what the next briefing compares with."""

    sections: tuple[Section, ...]
    origins: tuple[Origin, ...]
    dropped: tuple[DroppedClaim, ...]
    quiet: bool
    snapshot: dict[str, object]


def compose(gathered: Gathered, judged: Judged, owner: Owner, options: BriefingOptions) -> Composed:
    """Compose the briefing; what cites words that are not in their source is left out and counted."""
    bare = View(gathered, judged, owner, options)
    grounded, dropped = _grounded(bare)
    view = View(gathered, grounded, owner, options)
    found = [(name, entries) for name, section in SECTIONS if (entries := section(view))]
    until = dt.datetime.combine(gathered.day + dt.timedelta(AHEAD_DAYS), dt.time(), owner.zone)
    return Composed(
        sections=tuple(Section(name=name, lines=tuple(entry.line() for entry in entries)) for name, entries in found),
        origins=tuple(entry.origin(name) for name, entries in found for entry in entries),
        dropped=(*judged.dropped, *dropped),
        quiet=_is_quiet(view, found),
        snapshot=snapshot.take(view, until),
    )


def _is_quiet(view: View, found: Sequence[tuple[SectionName, Sequence[Entry]]]) -> bool:
    """Whether nothing but reading and free time was found, and every source was read just now."""
    sources = view.gathered.sources
    fresh = bool(sources) and all(source.state == "fresh" for source in sources)
    return fresh and all(
        name == "reading" or (name == "conflicts" and entry.rule == conflicts.FREE)
        for name, entries in found
        for entry in entries
    )


def _grounded(view: View) -> tuple[Judged, list[DroppedClaim]]:
    """The judgements whose quotes stand in their sources, to the letter."""
    check = _Check(view.mails, {note.ref: note.text for note in view.gathered.notes})
    judged = view.judged
    received = tuple(kept for one in judged.received if (kept := check.received(one)))
    sent = tuple(check.sent(one) for one in judged.sent)
    notes = tuple(one for one in judged.notes if check.note(one))
    return judged.model_copy(update={"received": received, "sent": sent, "notes": notes}), check.dropped


class _Check:
    """Looks every quote up in its source, and keeps what was not there."""

    def __init__(self, mails: Mapping[str, Mail], notes: Mapping[str, str]) -> None:
        self._mails = mails
        self._notes = notes
        self.dropped: list[DroppedClaim] = []

    def received(self, judgement: Judgement) -> Judgement | None:
        """The judgement with its quotes as they stand in the mail; without them a model's or rule's word is nothing."""
        if judgement.ref not in self._mails or (judgement.label == "none" and judgement.due is None):
            return judgement
        quote = self._quote(judgement.ref, judgement.quote) if judgement.quote else ""
        due = self._due(judgement.ref, judgement.due)
        label = judgement.label if quote is not None else "none"
        return judgement.model_copy(update={"quote": quote or "", "due": due, "label": label})

    def sent(self, judgement: SentJudgement) -> SentJudgement:
        """What stands in the owner's mail of its promises and questions."""
        if judgement.ref not in self._mails:
            return judgement
        promises = [
            promise.model_copy(update={"quote": quote, "due": self._due(judgement.ref, promise.due)})
            for promise in judgement.promises
            if (quote := self._quote(judgement.ref, promise.quote))
        ]
        questions = [
            question.model_copy(update={"quote": quote})
            for question in judgement.questions
            if (quote := self._quote(judgement.ref, question.quote))
        ]
        return judgement.model_copy(update={"promises": tuple(promises), "questions": tuple(questions)})

    def note(self, noted: NoteDue) -> bool:
        """Whether a note's deadline stands in it."""
        if noted.due.quote in self._notes.get(noted.ref, ""):
            return True
        self._drop(noted.due.quote)
        return False

    def _due(self, ref: str, due: Due | None) -> Due | None:
        quote = self._quote(ref, due.quote) if due else None
        return due.model_copy(update={"quote": quote}) if due and quote else None

    def _quote(self, ref: str, quote: str) -> str | None:
        message = self._mails[ref].message
        for source in (message.text, message.subject):
            found = quote if quote in source else _found(quote, source)
            if found:
                return found
        self._drop(quote)
        return None

    def _drop(self, quote: str) -> None:
        self.dropped.append(DroppedClaim(text=one_line(quote, 200), reason=NOT_THERE))


@lru_cache(maxsize=1024)
def _found(quote: str, source: str) -> str | None:
    return find_quote(quote, source)
