"""What a briefing keeps of its day, so that the next one can say what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from butler.core.calendar import Placed
from workflows.briefing.sections.commitments import unanswered
from workflows.briefing.sections.reply import pending, what
from workflows.briefing.view import View
from workflows.briefing.words import person, quoted

VERSION = 1
EVENTS = 2_000


def _moment(kept: object) -> object:
    """A day written without a time stays a day."""
    return dt.date.fromisoformat(kept) if isinstance(kept, str) and len(kept) == 10 else kept


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class KeptEvent(_Kept):
    """An occurrence as the last briefing knew it; `answers` are the attendees' by address."""

    summary: str
    start: Annotated[dt.datetime | dt.date, BeforeValidator(_moment)]
    cancelled: bool = False
    answers: dict[str, str] = {}


class KeptMail(_Kept):
    """A mail that waited for an answer: who it came from or went to, and what it asks."""

    who: str
    what: str


class Snapshot(_Kept):
    """What was known at a briefing: the occurrences until `until`, mails that waited for the owner, questions they asked."""

    version: int = VERSION
    generated_at: dt.datetime
    until: dt.datetime
    events: dict[str, KeptEvent] = {}
    waiting: dict[str, KeptMail] = {}
    asked: dict[str, KeptMail] = {}


def take(view: View, until: dt.datetime) -> dict[str, object]:
    """The snapshot of a day as JSON: its occurrences up to `until` and the mails and questions that wait."""
    events = {placed.ref: placed for placed in (*view.gathered.events, *view.gathered.ahead)}
    kept = dict(sorted(events.items())[:EVENTS])
    snapshot = Snapshot(
        generated_at=view.gathered.now,
        until=until,
        events={ref: _event(placed, view) for ref, placed in kept.items()},
        waiting={
            one.ref: KeptMail(who=person(view.mails[one.ref].message.sender), what=what(one, view))
            for one in sorted(pending(view), key=lambda one: one.ref)
        },
        asked={mail.ref: KeptMail(who="", what=quoted(judgement.questions[0].quote)) for judgement, mail in unanswered(view)},
    )
    return snapshot.model_dump(mode="json")


def read(kept: Mapping[str, object] | None) -> Snapshot | None:
    """Read a snapshot; one of another version or shape is as good as none."""
    if not kept or kept.get("version") != VERSION:
        return None
    try:
        return Snapshot.model_validate(kept)
    except ValidationError:
        return None


def _event(placed: Placed, view: View) -> KeptEvent:
    occurrence = placed.occurrence
    return KeptEvent(
        summary=occurrence.summary,
        start=occurrence.start,
        cancelled=occurrence.status == "cancelled",
        answers={one.address: one.answer for one in view.others(occurrence.attendees)},
    )
