"""What follows from what the owner wants remembered: hours for meetings by code, and which of it is about somebody."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from butler.core.daynames import WEEKDAYS, positions
from butler.core.remembering import Remembered
from butler.core.timewords import NOON, NUMBERS

_NEVER = re.compile(
    r"\b(?:no|not|never|don[’']?t|doesn[’']?t|won[’']?t|avoid|kein\w*|nicht|nie|niemals|ungern|pas|jamais|aucun\w*|sans|nunca|"
    r"ning[uú]n\w*|sin|non|mai|nessun\w*|niente|geen|niet|nooit|nie|nigdy|żadn\w*|não|nenhum\w*)\b",
    re.IGNORECASE,
)
_MEETING = re.compile(
    r"\b(?:meet\w*|calls?|appointments?|termin\w*|besprechung\w*|treffen|meetings?|anrufe?|r[eé]unions?|rendez-vous|rdv|appels?|"
    r"reuni[oó]n\w*|citas?|llamadas?|riunion[ei]|appuntament[oi]|chiamat[ae]|vergadering\w*|afspra\w+|overleg\w*|spotka\w+|reuni[õã]\w*|"
    r"encontros?)\b",
    re.IGNORECASE,
)
_NARROWED = re.compile(
    r"\b(?:mornings?|afternoons?|evenings?|nights?|lunch\w*|(?:vor|nach)mittag\w*|abends?|nachts|morgens|matins?|apr[eè]s-midi|soirs?|"
    r"mañanas?|tardes?|noches?|mattin[ae]|pomerigg\w+|ser[ae]|ochtend\w*|avond\w*|except|unless|if|only|with|außer|wenn|falls|nur|mit|"
    r"sauf|si|avec|salvo|excepto|con|tranne|se|behalve|als|met|tomorrow|today|next|this|heute|diese\w*|nächste\w*)\b",
    re.IGNORECASE,
)
"""Words that make a line mean less than all days or all people."""

_BEFORE = r"before|earlier than|vor|avant|antes de|prima d(?:i|el(?:le|l[’'])?)|voor|przed"
_AFTER = r"after|later than|past|nach|apr[eè]s|despu[eé]s de|dopo(?: le)?|na|po|depois d(?:e|as)"
_CLOCK = r"(?P<hour>\d{1,2})(?:(?:[:.h]|\s?h\s?)(?P<minute>[0-5]\d))?\s*(?P<half>[ap]\.?m\b\.?)?|(?P<word>\w+)"
_LIMIT = r"\b(?:{side})\s+(?:las?\s+|les?\s+|l[’']|as\s+)?(?:{clock})"
_SELF = re.compile(
    r"(?:i|i[’']m|i[’']d|my|we|ich|mein\w*|wir|bitte|je|j[’']\w*|mes|mon|ma|nous|yo|mis?|no|non|io|mi\w*|ik|mijn|please|never|always|"
    r"don[’']?t|keep|sign|write|use|kein\w*|nie|immer|schreib\w*|prefer\w*)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\W\d_][\w’'-]*")
_LARGER: Mapping[str, float] = {
    **dict.fromkeys(("eleven", "elf", "onze", "once", "undici", "jedenasta", "jedenastą"), 11.0),
    **dict.fromkeys(("twelve", "zwölf", "douze", "doce", "dodici", "twaalf", "doze", "dwunasta", "dwunastą"), 12.0),
}
_HALF_DAY = 12
_MOST = 12


class Named(Protocol):
    """Somebody with an address, and a name that may be empty."""

    @property
    def name(self) -> str:
        """What they are called."""
        ...

    @property
    def address(self) -> str:
        """Where they get mail."""
        ...


@dataclass(frozen=True, slots=True)
class MeetingHours:
    """When the owner meets people: from `earliest` to `latest` (hours, minutes as parts), never on `days_off` (0: Monday).

    `because` are the lines that say so.
    """

    earliest: float = 0.0
    latest: float = 24.0
    days_off: frozenset[int] = frozenset()
    because: Sequence[Remembered] = ()

    def against(self, start: dt.datetime, end: dt.datetime) -> bool:
        """Whether a meeting at these local times is what the owner does not want."""
        begins, ends = _hours(start), _hours(end)
        return start.weekday() in self.days_off or begins < self.earliest or ends > self.latest or end.date() > start.date()


def meeting_hours(remembered: Sequence[Remembered]) -> MeetingHours:
    """Read lines that say when the owner takes no meetings; what is not said plainly is left to the model."""
    found = MeetingHours()
    for each in remembered:
        if _NARROWED.search(each.text) or not (_NEVER.search(each.text) and _MEETING.search(each.text)):
            continue
        before, after, days = _clock(_BEFORE, each.text), _clock(_AFTER, each.text), _days(each.text)
        if before is None and after is None and not days:
            continue
        if before is None and after is None:
            found = MeetingHours(found.earliest, found.latest, found.days_off | days, (*found.because, each))
        elif not days:
            earliest, latest = max(found.earliest, before or 0.0), min(found.latest, 24.0 if after is None else after)
            found = MeetingHours(earliest, latest, found.days_off, (*found.because, each))
    return found


def spoken_against(remembered: Sequence[Remembered], start: dt.datetime, end: dt.datetime) -> list[Remembered]:
    """The lines by which a meeting at these local times is what the owner does not want."""
    hours = ((each, meeting_hours([each])) for each in remembered)
    return [each for each, one in hours if one.because and one.against(start, end)]


def about(people: Collection[Named], remembered: Sequence[Remembered]) -> list[Remembered]:
    """The lines that name any of some people: by address, by full name, or by the first of their names."""
    names = [name for person in people for name in _names(person)]
    return [each for each in remembered if any(re.search(name, each.text, re.IGNORECASE) for name in names)][:_MOST]


def general(remembered: Sequence[Remembered]) -> list[Remembered]:
    """The lines that are about the owner: those that begin with them."""
    return [each for each in remembered if _SELF.match(each.text)][:_MOST]


def _names(person: Named) -> Iterator[str]:
    yield rf"(?<![\w.@]){re.escape(person.address)}(?![\w@])"
    words = _NAME.findall(person.name)
    if len(words) > 1:
        yield r"\b" + r"\s+".join(map(re.escape, words)) + r"\b"
    if words and len(words[0]) > 1:
        yield rf"\b{re.escape(words[0])}\b"


def _clock(side: str, text: str) -> float | None:
    """The hour after a word such as before, as the first one that is said."""
    for found in re.finditer(_LIMIT.format(side=side, clock=_CLOCK), text, re.IGNORECASE):
        if found["word"]:
            hour = _number_words().get(found["word"].casefold())
            if hour is not None:
                return hour
            continue
        number = int(found["hour"]) + int(found["minute"] or 0) / 60
        if found["half"] and int(found["hour"]) <= _HALF_DAY:
            number = number % _HALF_DAY + (_HALF_DAY if found["half"][0] in "pP" else 0)
        if number <= 24:
            return number
    return None


@cache
def _number_words() -> dict[str, float]:
    words: dict[str, float] = {**dict.fromkeys(NOON.split("|"), 12.0), **_LARGER}
    for numbers in NUMBERS.values():
        for place, forms in enumerate(numbers.split(" "), 1):
            words |= dict.fromkeys(forms.split("|"), float(place))
    return words


@cache
def _weekdays() -> dict[str, frozenset[int]]:
    return positions(WEEKDAYS)


def _days(text: str) -> frozenset[int]:
    """The days of the week that are named, in the singular or the plural."""
    names = _weekdays()
    found = (names.get(word) or names.get(word.removesuffix("s")) for word in re.findall(r"[\w-]+", text.casefold()))
    return frozenset(day for days in found if days and len(days) == 1 for day in days)


def _hours(moment: dt.datetime) -> float:
    return moment.hour + moment.minute / 60
