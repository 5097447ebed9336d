"""Decides what a sync does: pure functions over what a source lists, what the mirror has, and what came of reading."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from butler.core.calendar import CalendarObject, RawObject
from butler.core.contacts import Cards, RawCards
from butler.core.errors import ButlerError, SourceError
from butler.core.mail import Message, RawMail
from butler.core.notes import Note
from butler.core.sources import Collection, Frame, Parsed, Raw, SourceKind, SourceState

ENOUGH_TO_MISS = 10
_DAYS_BACK = timedelta(days=31)
_DAYS_AHEAD = timedelta(days=400)
_TOO_MUCH = "This was too much for the parser and has been set aside."


class SuddenEmptyError(SourceError):
    """A source that had things would lose all of them at once: more likely it is not what it was."""

    def __init__(self, kind: SourceKind, name: str) -> None:
        super().__init__(
            f"Everything in {kind}.{name} is gone at once, so what is known of it was kept.",
            advice="If that is right, run `butler sync --allow-empty`.",
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """Which collections are to be read, because they are new or changed, and which are to be forgotten."""

    read: Sequence[Collection]
    drop: Sequence[str]


def plan(listed: Sequence[Collection], tokens: Mapping[str, str]) -> Plan:
    """Compare what a source lists with the tokens in which its collections were last read; an empty token means unknown."""
    names = {collection.name for collection in listed}
    return Plan(
        [collection for collection in listed if not collection.token or collection.token != tokens.get(collection.name)],
        [name for name in tokens if name not in names],
    )


def is_sudden(had: int, left: int) -> bool:
    """Whether losing what is not left looks like a fault rather than a wish; `had` may be capped at ENOUGH_TO_MISS."""
    return had >= ENOUGH_TO_MISS and left <= 0


def judge_state(
    name: str, kind: SourceKind, errors: Sequence[ButlerError], now: datetime, before: datetime | None
) -> SourceState:
    """Say how a source fared: fresh when nothing failed, stale when it was read whole before, else failed."""
    if not errors:
        return SourceState(name, kind, "fresh", now)
    return SourceState(name, kind, "stale" if before else "failed", before, str(errors[0]))


def covering(states: Sequence[SourceState], day: date, frame: Frame) -> list[SourceState]:
    """Mark the calendars as stale for a day (with the next) of which the mirror holds no occurrences."""
    if frame.start <= day and day < frame.end - timedelta(days=2):
        return list(states)
    sentence = f"Events are mirrored from {frame.start} to {frame.end}, so those of {day} are not known."
    return [
        replace(state, state="stale", error=sentence) if (state.kind, state.state) == ("calendar", "fresh") else state
        for state in states
    ]


def frame_for(today: date, zone: str, text_limit: int = 1_000_000) -> Frame:
    """Make the frame that recurrences are expanded over from the day of the sync."""
    return Frame(zone, today - _DAYS_BACK, today + _DAYS_AHEAD, text_limit)


def fingerprint(raw: Raw) -> str:
    """Compute the SHA-256 (hex) of what is parsed."""
    if not isinstance(raw, RawMail):
        return hashlib.sha256(raw.content).hexdigest()
    return hashlib.sha256(b"\0".join((raw.whole or b"", raw.header, *(part.content for part in raw.parts)))).hexdigest()


def stand_in(raw: Raw) -> Parsed:
    """Make what stands for something that cannot be parsed, so that it is seen and not tried again and again."""
    if isinstance(raw, RawMail):
        return Message(raw.key, raw.flags, raw.received, raw.size, "", None, "", None, problems=(_TOO_MUCH,))
    if isinstance(raw, RawObject):
        return CalendarObject(raw.key, raw.version, problems=(_TOO_MUCH,))
    if isinstance(raw, RawCards):
        return Cards(raw.key, raw.version, problems=(_TOO_MUCH,))
    return Note(raw.key, raw.version, raw.modified, "", (_TOO_MUCH,))
