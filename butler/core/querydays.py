"""Days as people write them in a search: 2026-11-20, 20.11., monday, yesterday, last week, november 2026, 7d. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from butler.core.daynames import ANY_MONTH_OF, ANY_WEEKDAY_OF, unaccented
from butler.core.timewords import RELATIVE

Days = tuple[date, date]
"""The first day and the one after the last."""

_ISO = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?(?:t[\d:.+z-]*)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}))?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_SPAN = re.compile(r"(\d{1,5}) ?([^\W\d_]+)(?: ago)?", re.ASCII)
_NAMED = re.compile(r"(?:(\d{1,2})(?:st|nd|rd|th|\.)? (?:de |of )?)?([^\W\d_]+)\.?(?: (?:de )?(\d{4}))?")
_AMERICAN = re.compile(r"([^\W\d_]+)\.? (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?")
_PAST = "yesterday gestern hier ayer ieri gisteren wczoraj ontem"
_BEFORE_LAST = "vorgestern avant-hier anteayer eergisteren przedwczoraj anteontem"
_LAST = (
    "last past previous letzte letzten letzter letztes vorige voriger vorigen voriges dernier derniere pasado pasada ultimo "
    "ultima scorso scorsa vorig afgelopen zeszly zeszlym zeszlego ubiegly ubieglym passado passada"
)
_THIS = "this current diese dieser diesen dieses cette ce este esta esto questa questo deze dit biezacy tym"
_NEXT = (
    "next coming nachste nachster nachsten nachstes kommende prochain prochaine proximo proxima prossimo prossima volgende "
    "przyszly przyszlym"
)
_UNITS: Mapping[str, str] = {
    "day": "d day days tag tage tagen jour jours dia dias giorno giorni dag dagen dzien dni",
    "week": "w week weeks woche wochen semaine semaines semana semanas settimana settimane weken tydzien tygodnie "
    "tygodni tygodniu",
    "month": "m mo month months monat monate monaten monats mois mes meses mese mesi maand maanden miesiac "
    "miesiace miesiecy miesiacu",
    "year": "y year years jahr jahre jahren jahres an ans annee annees ano anos anno anni jaar jaren rok lata lat roku",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_TURN_OF = {word: turn for turn, words in ((-1, _LAST), (0, _THIS), (1, _NEXT)) for word in words.split()}
_ARTICLES = "the der die das den le la les el los las il lo de het o a"


def _shifts() -> Mapping[str, int]:
    found = dict.fromkeys(_PAST.split(), -1) | dict.fromkeys(_BEFORE_LAST.split(), -2)
    found |= {"day before yesterday": -2}
    for row in RELATIVE.values():
        for names in row.split():
            forms, _, shift = names.rpartition(":")
            found |= {unaccented(form.replace("_", " ")): int(shift) for form in forms.split("|")}
    return found


_SHIFT_OF = _shifts()


def days_of(text: str, today: date) -> Days | None:
    """Read a day, week, month, year or span that reaches until today; None where it is none of that.

    A weekday is the latest one, today included; a month without a year the latest that has begun.
    """
    words = " ".join(unaccented(text.casefold().replace("_", " ")).split())
    if not 0 < len(words) <= 40:
        return None
    try:
        return _numbers(words, today) or _words(words, today) or _names(words, today)
    except (ValueError, OverflowError):
        return None


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins in a zone."""
    return datetime.combine(day, time(), zone)


def _numbers(words: str, today: date) -> Days | None:
    if found := _ISO.fullmatch(words):
        year, month, day = (int(each) if each else 0 for each in found.groups())
        return _day(date(year, month, day)) if day else (_month(year, month) if month else _year(year))
    if found := _DOTTED.fullmatch(words) or _SLASHED.fullmatch(words):
        return _dated(int(found[1]), int(found[2]), found[3], today)
    if (found := _SPAN.fullmatch(words)) and (unit := _UNIT_OF.get(found[2])):
        return _back(int(found[1]), unit, today), _following(today)
    return None


def _words(words: str, today: date) -> Days | None:
    """Read yesterday, last week, next friday and their kin."""
    if (shift := _SHIFT_OF.get(words)) is not None:
        return _day(today + timedelta(days=shift))
    parts = [part for part in words.replace("-", " ").split() if part not in _ARTICLES.split()]
    turns = [_TURN_OF[part] for part in parts if part in _TURN_OF]
    named = [part for part in parts if part not in _TURN_OF]
    if len(turns) > 1 or len(named) != 1:
        return None
    if (unit := _UNIT_OF.get(named[0])) and turns and len(named[0]) > 2:
        return _turned(unit, turns[0], today)
    places = ANY_WEEKDAY_OF.get(named[0], frozenset())
    if len(places) != 1:
        return None
    ahead = (min(places) - today.weekday()) % 7
    if not turns:
        return _day(today - timedelta(days=(-ahead) % 7))
    if turns[0] < 0:
        return _day(today - timedelta(days=((-ahead) % 7) or 7))
    return _day(today + timedelta(days=ahead or 7 * turns[0]))


def _names(words: str, today: date) -> Days | None:
    """Read a month by its name, with a day or a year."""
    if found := _NAMED.fullmatch(words):
        day, name, year = found.groups()
    elif found := _AMERICAN.fullmatch(words):
        name, day, year = found.groups()
    else:
        return None
    places = ANY_MONTH_OF.get(name, frozenset())
    if len(places) != 1:
        return None
    month = min(places) + 1
    if day:
        return _dated(int(day), month, year, today)
    return _month(int(year) if year else today.year - (month > today.month), month)


def _dated(day: int, month: int, year: str | None, today: date) -> Days:
    """A day of a month; without a year the one that is nearest to today."""
    if year:
        return _day(date(int(year), month, day))
    around = [date(each, month, day) for each in range(today.year - 1, today.year + 2) if _is_day(each, month, day)]
    return _day(min(around, key=lambda each: abs(each - today)))


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _back(number: int, unit: str, today: date) -> date:
    if unit in {"day", "week"}:
        return max(date(MINYEAR + 1, 1, 1), today - timedelta(days=number * (7 if unit == "week" else 1)))
    months = max(12 * (MINYEAR + 1), 12 * today.year + today.month - 1 - number * (12 if unit == "year" else 1))
    first = date(months // 12, months % 12 + 1, 1)
    return min(first + timedelta(days=today.day - 1), _month(first.year, first.month)[1] - timedelta(days=1))


def _turned(unit: str, turn: int, today: date) -> Days:
    if unit == "day":
        return _day(today + timedelta(days=turn))
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=turn)
        return monday, monday + timedelta(weeks=1)
    months = 12 * today.year + today.month - 1 + turn
    return _month(months // 12, months % 12 + 1) if unit == "month" else _year(today.year + turn)


def _day(day: date) -> Days:
    if not MINYEAR < day.year < MAXYEAR:
        raise ValueError("out of reach")
    return day, _following(day)


def _month(year: int, month: int) -> Days:
    first = _day(date(year, month, 1))[0]
    return first, date(year + month // 12, month % 12 + 1, 1)


def _year(year: int) -> Days:
    return _day(date(year, 1, 1))[0], date(year + 1, 1, 1)


def _following(day: date) -> date:
    return day + timedelta(days=1)
