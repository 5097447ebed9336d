"""Notices, pure: what the owner is to be told of, when, and in which words.

A notice is no message but a state: what is so now, beside what the owner was told last. It is due while these differ, so
that what went and came back untold is never told, and a new start repeats nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from types import MappingProxyType

from butler.core.policy import Hours
from butler.core.text import defused, one_line

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "briefing": "a briefing is ready",
        "held": "actions wait for your decision",
        "job": "a job failed three times in a row, or works again",
        "missed": "a job was missed that is not made up for",
        "model": "the model that you name is another one now",
        "source": "a source cannot be reached, or is back",
        "state": "the butler's state was damaged, and a backup took its place",
        "workflow": "a workflow of your own that wants to be told of has run",
    }
)
"""Each kind of notice and when it comes."""

_OF_NEWS = {"job fails": "job", "job works": "job", "source gone": "source", "source back": "source"}
_OVER = frozenset({"job works", "source back"})
_LASTING = frozenset({"job", "model", "source", "state"})
"""What is still worth telling after a day."""
_STALE = timedelta(days=1)
_GATHERED = timedelta(seconds=60)
_FLAPPING = timedelta(hours=1)
_MOST = 12
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Notice:
    """What is so of a subject since a moment (`now`, empty: nothing worth telling), and what was told of it and when.

    `sentence` is in words of ours, `words` are those of the world that go with it.
    """

    kind: str
    subject: str
    now: str
    told: str
    sentence: str
    words: str
    since: datetime
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Manners:
    """How the owner wants to be told: of which kinds, with words of the world or not, never in `quiet` hours.

    `pause` is in seconds, between two notices of held actions.
    """

    about: frozenset[str] = frozenset(KINDS)
    words: bool = True
    quiet: tuple[Hours, ...] = ()
    pause: float = 1800.0
    zone: tzinfo = UTC


def state_of(kind: str) -> tuple[str, str]:
    """The kind of notice that a piece of news belongs to, and the state that it tells of: empty where something is over."""
    return _OF_NEWS.get(kind, kind), "" if kind in _OVER else "so"


def is_stale(notice: Notice, now: datetime) -> bool:
    """Whether nobody wants to hear of it any more."""
    return notice.kind not in _LASTING and now - notice.since > _STALE


def due(notices: Sequence[Notice], manners: Manners, now: datetime) -> list[Notice]:
    """Choose what is to be told now."""
    local = now.astimezone(manners.zone).time()
    if any(hours.has(local) for hours in manners.quiet):
        return []
    return [
        notice
        for notice in notices
        if notice.now != notice.told
        and notice.kind in manners.about
        and not is_stale(notice, now)
        and (notice.kind == "held" or not _flaps(notice, now))
        and (notice.kind != "held" or _held_is_due(notices, manners, now))
    ]


def _flaps(notice: Notice, now: datetime) -> bool:
    """Whether it is told of too often: that it is over always may be, that it is so again only after a while."""
    return bool(notice.now) and notice.told_at is not None and timedelta(0) <= now - notice.told_at < _FLAPPING


def _held_is_due(notices: Sequence[Notice], manners: Manners, now: datetime) -> bool:
    held = [notice for notice in notices if notice.kind == "held"]
    last = max((notice.told_at for notice in held if notice.told_at), default=None)
    if last is not None and timedelta(0) <= now - last < timedelta(seconds=manners.pause):
        return False
    waiting = [notice.since for notice in held if notice.now != notice.told]
    # What a run proposes comes within moments: it is told of together.
    return not timedelta(0) <= now - min(waiting) < _GATHERED


def message(notices: Sequence[Notice], manners: Manners) -> str:
    """Write the text of one message about all of them, a line each; nothing in it can be a link or a command."""
    held = [notice for notice in notices if notice.kind == "held"]
    others = [notice for notice in notices if notice.kind != "held"]
    lines = [_line(notice, manners) for notice in others[:_MOST]]
    if len(others) > _MOST:
        lines.append(f"… and {len(others) - _MOST} more.")
    if held:
        lines.append(_of_held(held, manners))
    return "\n".join(lines)


def _line(notice: Notice, manners: Manners) -> str:
    sentence = one_line(notice.sentence, _LONGEST)
    words = defused(notice.words, _LONGEST) if manners.words and notice.now else ""
    return f"{sentence} {words}".strip()


def _of_held(held: Sequence[Notice], manners: Manners) -> str:
    head = "An action waits" if len(held) == 1 else f"{len(held)} actions wait"
    counts: dict[str, int] = {}
    for notice in held:
        counts[notice.sentence] = counts.get(notice.sentence, 0) + 1
    kinds = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in sorted(counts.items()))
    words = [defused(notice.words, 80) for notice in held if notice.words][:3] if manners.words else []
    told = f": {'; '.join(words)}" if words else ""
    return f"{head} for your decision ({one_line(kinds, _LONGEST)}){told}{'.' if not told else ''}"
