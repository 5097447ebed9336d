"""Where parts of days and times of the clock are named in a question; pure, in eight languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from workflows.ask import daycounts as counts
from workflows.ask import timephrases as words
from workflows.ask.dayhits import union

NOON, MIDNIGHT = 12 * 60, 24 * 60
_HOUR = 60
_LATEST_SMALL = 6
"""Up to this hour a bare number means the afternoon."""


@dataclass(frozen=True, slots=True)
class ClockHit:
    """A time of the day from `begin` to `end` of a text, as minutes from midnight, from `first` until before `last`.

    `part` is the part of the day that is named, `moment` says that it is a time of the clock, `alone` that it needs no day
    beside it, `shift` in days that it is one of another day: "last night".
    """

    begin: int
    end: int
    first: int
    last: int
    part: str = ""
    moment: bool = False
    alone: bool = False
    shift: int = 0


def merged(one: ClockHit, other: ClockHit) -> ClockHit:
    """A part of a day and a time in it: "tomorrow afternoon at 3"."""
    clock, part = (one, other) if one.moment else (other, one)
    begin, end = min(one.begin, other.begin), max(one.end, other.end)
    if not clock.moment:
        return replace(one, begin=begin, end=end)
    shift = NOON if part.part in ("afternoon", "evening") and clock.first < NOON else 0
    shift = -NOON if part.part == "morning" and clock.first >= NOON else shift
    return replace(clock, begin=begin, end=end, first=clock.first + shift, last=clock.last + shift, part=part.part)


def clock_hits(folded: str, language: str) -> Iterator[ClockHit]:
    """Find them in a folded text of a language, in order, without overlaps."""
    at = 0
    read = _expression(language)
    while found := read.search(folded, at):
        hit = _hit(found)
        if hit:
            yield hit
        at = found.end() if hit else found.start() + 1


def led(table: Mapping[str, str], language: str) -> str:
    """The words of a table in a language and in English, and those that mean the same everywhere."""
    rows = [table[name] for name in dict.fromkeys((language, "en")) if name in table]
    return "|".join((*rows, *(word for word in words.EVERYWHERE if table is words.SINCE)))


@cache
def _expression(language: str) -> re.Pattern[str]:
    number = rf"\d{{1,2}}|{union(counts.hours(language))}"

    def clock(name: str) -> str:
        minutes = rf"(?:[:.h](?P<{name}minute>[0-5]\d))?"
        return rf"(?P<{name}hour>{number}){minutes}(?!\d)\s?(?P<{name}mark>(?:{words.CLOCK})(?!\w))?"

    lead = rf"(?P<before>{led(words.BEFORE, language)})|(?P<after>{led(words.AFTER, language)})|(?P<at>{words.AT})"
    between, join = led(words.BETWEEN, language), led(words.AND, language)
    parts = "|".join(f"(?P<part{name}>{row})" for name, row in words.PARTS.items())
    these = "|".join(f"(?P<this{name}>{row})" for name, row in words.THIS_PART.items())
    pieces = (
        rf"(?P<night>{words.LAST_NIGHT})(?!\w)",
        rf"(?P<now>{words.NOW})(?!\w)",
        rf"(?P<these>{these})(?!\w)",
        rf"(?P<range>(?:(?P<between>{between})\s+)?{clock('x')}\s*(?:[-–]|\s(?:{join})\s)\s*{clock('y')})(?![\w:%€$£]|\s*(?:euro|%))",
        rf"(?P<halves>(?P<half>{union(words.HALF)}|{words.HALF_BEFORE})\s+(?P<halfhour>{number}))(?!\w)",
        rf"(?P<clock>(?:(?:{lead})\s+)?{clock('z')})(?![\w:%€$£]|\s*(?:euro|%|[.,]\d))",
        rf"(?P<midnight>(?:(?:{words.AT})\s+)?(?:{words.MIDNIGHT}))(?!\w)",
        rf"(?P<part>{parts})(?!\w)",
    )
    return re.compile(rf"(?<![\w.,:'-])(?:{'|'.join(pieces)})")


def _hit(found: re.Match[str]) -> ClockHit | None:
    begin, end = found.span()
    if found["night"]:
        return ClockHit(begin, end, *_hours("evening"), "evening", alone=True, shift=-1)
    if found["now"]:
        return ClockHit(begin, end, -1, -1, alone=True)
    if found["range"]:
        return _range(found)
    if found["halves"]:
        return _halves(found)
    if found["clock"]:
        return _clock(found)
    if found["midnight"]:
        return ClockHit(begin, end, MIDNIGHT - _HOUR, MIDNIGHT, moment=True)
    this = next((name for name in words.THIS_PART if found[f"this{name}"]), "")
    part = this or next(name for name in words.PARTS if found[f"part{name}"])
    return ClockHit(begin, end, *_hours(part), part, alone=bool(this))


def _hours(part: str) -> tuple[int, int]:
    first, last = words.HOURS[part]
    return first * _HOUR, last * _HOUR


def part_of_day(part: str, begin: int, end: int) -> ClockHit:
    """A part of a day that stands in the same word as its day."""
    return ClockHit(begin, end, *_hours(part), part)


def _minutes(hour: str, minute: str | None, mark: str | None) -> int | None:
    """Minutes from midnight; small hours without more are those of the afternoon. None where it is no time."""
    value, half = counts.number(hour), (mark or "")[:1]
    if value > 24 or (half in ("a", "p") and value > 12):
        return None
    if half in ("a", "p"):
        value = value % 12 + (12 if half == "p" else 0)
    elif 1 <= value <= _LATEST_SMALL and not hour.startswith("0"):
        value += 12
    return value * _HOUR + int(minute or 0)


def _range(found: re.Match[str]) -> ClockHit | None:
    """From one time to another; a mark of the second counts for the first as well."""
    marked = found["xmark"] or found["ymark"] or found["xminute"] or found["yminute"]
    if not (marked or found["between"]):
        return None
    first = _minutes(found["xhour"], found["xminute"], found["xmark"] or found["ymark"])
    last = _minutes(found["yhour"], found["yminute"], found["ymark"])
    if first is None or last is None:
        return None
    if first >= last and first - NOON < last and not found["xmark"]:
        first -= NOON
    return ClockHit(*found.span(), first, last, alone=bool(marked)) if 0 <= first < last <= MIDNIGHT else None


def _halves(found: re.Match[str]) -> ClockHit | None:
    hour = _minutes(found["halfhour"], None, None)
    if hour is None:
        return None
    start = hour + words.HALF.get(" ".join(found["half"].split()), -30)
    return ClockHit(*found.span(), start, start + _HOUR, moment=True, alone=True)


def _clock(found: re.Match[str]) -> ClockHit | None:
    lead = found["before"] or found["after"] or found["at"]
    marked = bool(found["zmark"] or found["zminute"])
    is_word = not found["zhour"].isdigit()
    if not (marked or lead) or (is_word and not marked and not found["at"]):
        return None
    start = _minutes(found["zhour"], found["zminute"], found["zmark"])
    if start is None or start > MIDNIGHT:
        return None
    begin, end = found.span()
    if found["before"]:
        return ClockHit(begin, end, 0, start, alone=marked)
    if found["after"]:
        return ClockHit(begin, end, start, MIDNIGHT, alone=marked) if start < MIDNIGHT else None
    alone = marked or (found["at"] or "") in ("at", "um", "om", "alle", "a las", "gegen")
    return ClockHit(begin, end, start, start + _HOUR, moment=True, alone=alone)
