"""Where days, weeks, months and spans of them are named in a question; pure, in eight languages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from butler.core.daynames import EVERYDAY, LANGUAGES, MONTHS, SHORT_MONTHS, spellings, unaccented
from workflows.ask import daycounts as counts
from workflows.ask import timephrases as words
from workflows.ask.daycounts import DAY, Frame, Span

_PARTS_OF_DAY = "vormittag|nachmittag|morgen|mittag|abend|nacht|fruh|ochtend|middag|avond"
_PART_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("morgen", "vormittag", "fruh", "ochtend"), "morning"),
    "mittag": "noon",
    **dict.fromkeys(("nachmittag", "middag"), "afternoon"),
    **dict.fromkeys(("abend", "nacht", "avond"), "evening"),
}
_OTHER_WEEK = r"week|woche|semaine|semana|settimana|tygodni"
_LEADS_EVERYDAY = re.compile(r"(?<!\w)(?:na|a|de|da|esta|ate|desde)\s+$")


@dataclass(frozen=True, slots=True)
class DayHit:
    """Days that are named from `begin` to `end` of a text: from `first` until before `last`.

    `part` is a part of the day where it stands in the same word; `hours` are counted from now where days do not matter;
    `weekday` says that it is only a weekday by name.
    """

    begin: int
    end: int
    first: dt.date
    last: dt.date
    part: str = ""
    hours: int | None = None
    weekday: bool = False

    @property
    def is_day(self) -> bool:
        """Whether it is one day."""
        return self.last - self.first == DAY


def fold(text: str) -> str:
    """A text in lower case and without accents, each character at its place."""
    return "".join((unaccented(each.lower()) or " ")[:1] for each in text).replace("’", "'")


def day_hits(folded: str, frame: Frame) -> Iterator[DayHit]:
    """Find them in a folded text, in order, without overlaps."""
    at = 0
    while found := _expression().search(folded, at):
        hit = _hit(found, frame)
        if hit:
            yield hit
        at = found.end() if hit else found.start() + 1


def _hit(found: re.Match[str], frame: Frame) -> DayHit | None:
    kind = next(name for name in _READERS if found[name])
    try:
        span = _READERS[kind](found, frame)
    except (ValueError, OverflowError):
        return None
    if span is None:
        return None
    part = _PART_WORDS.get(found["compound"] or found["compound2"] or "", "")
    return DayHit(found.start(), found.end(), *span, part, _hours(found, kind), kind == "weekday")


def union(names: Iterable[str]) -> str:
    """An alternation of names, the longest first."""
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in ordered)


def _month_names(*, short: bool) -> str:
    tables = (MONTHS, SHORT_MONTHS) if short else (MONTHS,)
    names = (unaccented(name) for language in LANGUAGES for name in spellings(tables, language))
    return union((*names, *words.MORE_MONTHS))


@cache
def _expression() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join((*_dates(), *_spans(), *_days()))})")


def _dates() -> Iterator[str]:
    """Days of the calendar."""
    month = _month_names(short=True)
    yield r"(?P<iso>\d{4}-\d{2}-\d{2})(?!\d)"
    yield (
        rf"(?P<several>(?:(?:{words.OPENS})\s+)?(?P<from>\d{{1,2}})(?:st|nd|rd|th|er|[.º]|e)?\s*(?:{words.JOINS})\s*(?P<to>\d{{1,2}})(?:st|nd|rd|th|[.º]|e)?\s+"
        rf"(?:de\s+|of\s+|di\s+)?(?P<month0>{month})(?!\w)\.?(?:\s+(?:de\s+)?(?P<year0>\d{{4}}))?)"
    )
    yield (
        rf"(?P<named>(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°]|e)?[\s-]{{1,3}}(?:de\s+|of\s+|di\s+|d')?(?P<month>{month})(?!\w)\.?"
        r"(?:,?\s*(?:de\s+|del\s+)?(?P<year>\d{4})(?!\d))?)"
    )
    yield (
        rf"(?P<english>(?P<month2>{month})\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:.]\d|\d)"
        r"(?:,?\s+(?P<year2>\d{4})(?!\d))?)"
    )
    yield (
        r"(?P<numeric>(?P<n1>\d{1,2})(?P<mark>[./])(?P<n2>\d{1,2})(?:(?P=mark)(?P<ny>\d{4}|\d{2})?)?)"
        r"(?![\d:]|\s*(?:%|€|euro|uhr))"
    )


def _spans() -> Iterator[str]:
    """What is counted in units of time."""
    unit = f"(?:{union(counts.units())}|{words.YEARS}|{words.WEEKENDS}|{words.MINUTES})"
    count = rf"(?:\d{{1,3}}|{union(counts.numbers())})"
    turn = rf"(?:(?:{words.LAST})|(?:{words.NEXT})|(?:{words.THIS}))"
    yield (
        rf"(?P<ago>(?:{words.AGO_BEFORE})\s+(?P<count1>{count})\s+(?P<unit1>{unit})"
        rf"|(?P<count2>{count})\s+(?P<unit2>{unit})\s+(?:{words.AGO_AFTER}))(?!\w)"
    )
    yield rf"(?P<ends>{'|'.join(f'(?P<end{name}>{row})' for name, row in words.ENDS.items())})(?!\w)"
    yield (
        rf"(?P<turned>(?P<turn1>{turn})\s+(?:(?P<count3>{count})\s+)?(?P<unit3>{unit})"
        rf"|(?!due\s+(?:this|next|last)\s)(?P<count4>{count})\s+(?P<turn2>{turn})\s+(?P<unit4>{unit})"
        rf"|(?:(?P<count5>{count})\s+)?(?P<unit5>{unit})\s+(?P<turn3>(?:{words.LAST})|(?:{words.NEXT})))(?!\w)"
    )
    yield rf"(?P<ahead>(?:{words.IN}|en)\s+(?P<count6>{count})\s+(?P<unit6>{unit}))(?!\w)"
    yield rf"(?P<afternext>{words.AFTER_NEXT_WEEK})(?!\w)"
    yield rf"(?P<weekend>{words.WEEKENDS})(?!\w)"
    yield rf"(?P<weeknumber>{words.WEEK_NUMBER})"


def _days() -> Iterator[str]:
    """Days, months and years by name."""
    turn = rf"(?:(?:{words.LAST})|(?:{words.NEXT})|(?:{words.THIS}))"
    other_week = (
        rf"(?:(?:of|in der|la|de la|della|w)\s+)?(?:(?:{words.NEXT})\s+(?:week|woche|semana|settimana|tygodniu|tygodnia)"
        rf"|(?:semaine|semana|settimana)\s+(?:{words.NEXT}))"
    )
    yield (
        rf"(?P<weekday>(?:(?P<turn4>{turn})\s+)?(?P<name>{union(counts.weekdays())})s?(?P<compound>{_PARTS_OF_DAY})?(?!\w|-feira)"
        rf"(?:\s+(?P<turn5>{other_week}|(?:{words.LAST})|(?:{words.NEXT}))(?!\w))?)"
    )
    yield rf"(?P<relative>{union(counts.relative_days())})(?!\w)"
    yield rf"(?P<dutch>(?P<start>{'|'.join(words.COMPOUND_DAYS)})(?P<compound2>ochtend|middag|avond))(?!\w)"
    yield rf"(?P<holiday>{'|'.join((*words.HOLIDAYS.values(), *words.EASTER.values()))})(?!\w)"
    yield (
        rf"(?P<onlymonth>(?:(?P<turn6>{turn})\s+|(?P<led>{words.LEADS_MONTH})\s+)?(?P<month3>{_month_names(short=False)})(?!\w)"
        r"(?:\s+(?:de\s+|del\s+)?(?P<year3>\d{4})(?!\d))?)"
    )
    yield rf"(?P<onlyyear>(?:{words.LEADS_YEAR})\s+(?P<year4>(?:19|20)\d\d))(?![\w.])"
    no_month = rf"(?!\w|\s+(?:de\s+|of\s+|di\s+)?(?:{_month_names(short=True)})(?!\w))"
    yield rf"(?P<ordinal>(?:{'|'.join(words.ORDINAL)}){no_month})"


def _one_of(found: re.Match[str], *names: str) -> str:
    return " ".join(next((found[name] for name in names if found[name]), "").split())


def _hours(found: re.Match[str], kind: str) -> int | None:
    """How many hours from now are named, where hours are."""
    if kind == "ahead" and counts.place_of(_one_of(found, "unit6")) == counts.HOUR:
        return counts.number(_one_of(found, "count6"))
    if kind == "ago" and counts.place_of(_one_of(found, "unit1", "unit2")) == counts.HOUR:
        return -counts.number(_one_of(found, "count1", "count2"))
    return None


def _iso(found: re.Match[str], _frame: Frame) -> Span:
    return counts.one_day(dt.date.fromisoformat(found["iso"]))


def _named(found: re.Match[str], frame: Frame) -> Span:
    day, month = int(_one_of(found, "day", "day2")), counts.months()[_one_of(found, "month", "month2")]
    year = _one_of(found, "year", "year2")
    return counts.one_day(dt.date(int(year), month, day) if year else counts.nearest(frame, month, day))


def _several(found: re.Match[str], frame: Frame) -> Span | None:
    month, year = counts.months()[found["month0"]], found["year0"]
    first, last = int(found["from"]), int(found["to"])
    start = dt.date(int(year), month, first) if year else counts.nearest(frame, month, first)
    return (start, start.replace(day=last) + DAY) if first < last else None


def _after_next(_found: re.Match[str], frame: Frame) -> Span | None:
    return counts.period(1, 2, frame.today)


def _numeric(found: re.Match[str], frame: Frame) -> Span | None:
    dotted = found["mark"] == "."
    if not found["ny"] and dotted and not found["numeric"].endswith(".") and len(found["n2"]) < 2:
        return None
    day, month, year = int(found["n1"]), int(found["n2"]), int(found["ny"] or 0)
    if month > 12 >= day:
        day, month = month, day
    year += 2000 if 0 < year < 100 else 0
    return counts.one_day(dt.date(year, month, day) if year else counts.nearest(frame, month, day))


def _ordinal(found: re.Match[str], frame: Frame) -> Span | None:
    return counts.day_of_month(frame, int(re.findall(r"\d{1,2}", found["ordinal"])[0]))


def _relative(found: re.Match[str], frame: Frame) -> Span:
    return counts.one_day(frame.today + counts.relative_days()[_one_of(found, "relative")] * DAY)


def _dutch(found: re.Match[str], frame: Frame) -> Span:
    return counts.one_day(frame.today + words.COMPOUND_DAYS[found["start"]] * DAY)


def _weekday(found: re.Match[str], frame: Frame) -> Span | None:
    name, turn = found["name"], _one_of(found, "turn4", "turn5")
    is_led = turn or found["compound"] or _LEADS_EVERYDAY.search(found.string[: found.start()])
    if name in EVERYDAY and not is_led:
        return None
    place = counts.weekdays()[name]
    if re.search(_OTHER_WEEK, turn):
        return counts.one_day(frame.today + (7 - frame.today.weekday() + place) * DAY)
    return counts.one_day(counts.weekday(frame, place, counts.direction_of(turn) if turn else None))


def _turned(found: re.Match[str], frame: Frame) -> Span | None:
    direction = counts.direction_of(_one_of(found, "turn1", "turn2", "turn3"))
    count, unit = _one_of(found, "count3", "count4", "count5"), _one_of(found, "unit3", "unit4", "unit5")
    if re.fullmatch(words.WEEKENDS, unit):
        return counts.weekend(frame, direction)
    place = counts.place_of(unit)
    if not count and not counts.is_plural(unit, place):
        return counts.period(place, direction, frame.today)
    days = counts.length(place, counts.number(count) if count else None)
    if direction < 0:
        return frame.today - days * DAY, frame.today + DAY
    return frame.today, frame.today + (days + 1) * DAY


def _weekend(_found: re.Match[str], frame: Frame) -> Span:
    return counts.weekend(frame, 0)


def _ago(found: re.Match[str], frame: Frame) -> Span:
    place = counts.place_of(_one_of(found, "unit1", "unit2"))
    return counts.away(frame.today, -counts.number(_one_of(found, "count1", "count2")), place)


def _ahead(found: re.Match[str], frame: Frame) -> Span:
    return counts.away(frame.today, counts.number(_one_of(found, "count6")), counts.place_of(_one_of(found, "unit6")))


def _ends(found: re.Match[str], frame: Frame) -> Span | None:
    place = {"week": 1, "month": 2, "year": counts.YEAR}[next(name for name in words.ENDS if found[f"end{name}"])]
    span = counts.period(place, 0, frame.today)
    return counts.one_day(span[1] - DAY) if span else None


def _week_number(found: re.Match[str], frame: Frame) -> Span:
    return counts.week_number(frame, int(re.findall(r"\d{1,2}", found["weeknumber"])[-1]))


def _only_month(found: re.Match[str], frame: Frame) -> Span | None:
    name, year = found["month3"], found["year3"]
    if name in EVERYDAY and not (found["turn6"] or found["led"] or year):
        return None
    month = counts.months()[name]
    if year:
        return counts.month_after(dt.date(int(year), month, 1), 0)
    past = (counts.direction_of(found["turn6"]) < 0) if found["turn6"] else frame.past
    current = frame.today.replace(day=1)
    tried = [dt.date(frame.today.year + ahead, month, 1) for ahead in ((0, -1) if past else (0, 1))]
    return counts.month_after(next(day for day in tried if (day <= current if past else day >= current)), 0)


def _only_year(found: re.Match[str], _frame: Frame) -> Span:
    return dt.date(int(found["year4"]), 1, 1), dt.date(int(found["year4"]) + 1, 1, 1)


def _holiday(found: re.Match[str], frame: Frame) -> Span:
    return counts.one_day(counts.holiday(frame, _one_of(found, "holiday")))


_READERS: Mapping[str, Callable[[re.Match[str], Frame], Span | None]] = {
    "iso": _iso,
    "several": _several,
    "named": _named,
    "english": _named,
    "numeric": _numeric,
    "ago": _ago,
    "ends": _ends,
    "turned": _turned,
    "ahead": _ahead,
    "afternext": _after_next,
    "weekend": _weekend,
    "weeknumber": _week_number,
    "weekday": _weekday,
    "relative": _relative,
    "dutch": _dutch,
    "holiday": _holiday,
    "onlymonth": _only_month,
    "onlyyear": _only_year,
    "ordinal": _ordinal,
}
