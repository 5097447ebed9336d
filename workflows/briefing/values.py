"""What passes between the briefing's parts: found dates, judgements on mails and notes, and all that was gathered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, ConfigDict

from butler.core.briefing import By
from butler.core.calendar import Placed, PlacedTask
from butler.core.contacts import PlacedContact
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.remembering import Remembered
from butler.core.sources import SourceState


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Due(_Frozen):
    """A date by which something is to be done: `quote` is the sentence that says so, `words` the date's own words in it."""

    day: dt.date
    time: dt.time | None = None
    quote: str
    words: str


class Judgement(_Frozen):
    """What one received mail wants of the owner; every quote stands in the mail to the letter.

    `summary` is the model's phrase (checked), empty where rules judged. `rule` names the rule that decided, `reason`
    is a sentence for the owner. `unsure` is shown like `reply`, ranked lower. `also` are further days by which it wants
    something done.
    """

    ref: str
    label: Literal["reply", "unsure", "none"]
    quote: str = ""
    summary: str = ""
    urgency: Literal["high", "normal", "low"] = "normal"
    due: Due | None = None
    also: tuple[Due, ...] = ()
    by: By = "rules"
    rule: str = ""
    reason: str = ""
    step: str | None = None
    digest: str | None = None


class Promise(_Frozen):
    """A commitment in one of the owner's sent mails: its verbatim words and, where it says so, until when."""

    ref: str
    quote: str
    due: Due | None = None
    by: By = "rules"
    rule: str = ""
    step: str | None = None
    digest: str | None = None


class Question(_Frozen):
    """A question in one of the owner's sent mails."""

    ref: str
    quote: str


class SentJudgement(_Frozen):
    """What one sent mail promises and asks."""

    ref: str
    promises: tuple[Promise, ...] = ()
    questions: tuple[Question, ...] = ()


class NoteDue(_Frozen):
    """A deadline in a note; `line` counts from 1."""

    ref: str
    line: int
    due: Due


class DroppedClaim(_Frozen):
    """A claim of the model that its source does not bear out."""

    text: str
    reason: str


class Judged(_Frozen):
    """All judgements of one run, as the run's memory keeps them."""

    received: tuple[Judgement, ...] = ()
    sent: tuple[SentJudgement, ...] = ()
    notes: tuple[NoteDue, ...] = ()
    dropped: tuple[DroppedClaim, ...] = ()
    fallbacks: int = 0


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of the day, all computed by code from the mirror.

    `events` overlap today and tomorrow (cancelled ones included), `ahead` the next 14 days (for what moved).
    `candidates` are received mails that may need an answer, `sent` the owner's mails of the look-back window,
    `threads` every thread that one of them belongs to (oldest first), `exchanged` counts mails had from and sent to
    each correspondent, `bulk` the newsletters and list mails since the last briefing, `bounces` the delivery reports of the
    look-back window (their threads rarely say which mail came back). `celebrations` are the contacts with a birthday or an
    anniversary in the next days, `contacts` the addresses of correspondents that stand on a card (small letters).
    """

    now: dt.datetime
    day: dt.date
    sources: Sequence[SourceState]
    events: Sequence[Placed] = ()
    ahead: Sequence[Placed] = ()
    tasks: Sequence[PlacedTask] = ()
    candidates: Sequence[Mail] = ()
    sent: Sequence[Mail] = ()
    bulk: Sequence[Mail] = ()
    bounces: Sequence[Mail] = ()
    notes: Sequence[PlacedNote] = ()
    threads: Mapping[int, Sequence[Mail]] = field(default_factory=dict)
    exchanged: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    remembered: Sequence[Remembered] = ()
    celebrations: Sequence[PlacedContact] = ()
    contacts: frozenset[str] = frozenset()
    before: Mapping[str, object] | None = None
