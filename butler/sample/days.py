"""The sample's calendar: every date in it is counted from one day, and written as people write dates."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")

_NAMES = {
    "en": (
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "January February March April May June July August September October November December",
    ),
    "de": (
        "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    ),
    "fr": (
        "lundi mardi mercredi jeudi vendredi samedi dimanche",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    ),
    "es": (
        "lunes martes miércoles jueves viernes sábado domingo",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    ),
}
_SHAPES = {
    "en": "{weekday}, {d} {month}",
    "en-day": "{weekday}",
    "en-full": "{d} {month} {year}",
    "de": "{weekday}, {d}. {month}",
    "de-at": "am {weekday}",
    "de-day": "{weekday}",
    "de-full": "{d}. {month} {year}",
    "de-num": "{d:02}.{m:02}.{year}",
    "fr": "{weekday} {d} {month}",
    "fr-day": "{weekday}",
    "fr-full": "{d} {month} {year}",
    "es": "{weekday} {d} de {month}",
    "es-day": "{weekday}",
    "es-full": "{d} de {month} de {year}",
    "iso": "{year}-{m:02}-{d:02}",
    "stamp": "{year}{m:02}{d:02}",
    "md": "{m:02}{d:02}",
}
_WHEN = re.compile(r"(?P<days>[+-]\d+)(?: (?P<hour>\d\d):(?P<minute>\d\d)(?: (?P<zone>\S+))?)?")


@dataclass(frozen=True, slots=True)
class Days:
    """Days counted from `day`: `f"{days:+3 de-full}"` writes the third day after it as a German would."""

    day: dt.date

    def plus(self, days: int) -> dt.date:
        """The day so many days later."""
        return self.day + dt.timedelta(days=days)

    def written(self, days: int, shape: str) -> str:
        """The day so many days later, in one of the shapes above such as `en` or `de-num`."""
        date = self.plus(days)
        weekdays, months = _NAMES.get(shape[:2], _NAMES["en"])
        return _SHAPES[shape].format(
            weekday=weekdays.split()[date.weekday()],
            month=months.split()[date.month - 1],
            d=date.day,
            m=date.month,
            year=date.year,
        )

    def when(self, text: str) -> dt.datetime | dt.date:
        """Read `+1 09:30 Europe/Lisbon` (no zone: Berlin; `floating`: naive), `+1`, or a year's anniversary of the day."""
        if text.isdigit():
            return self.day.replace(year=int(text))
        found = _WHEN.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no time of the sample: write '+1 09:30 Europe/Lisbon' or '+1'.")
        date = self.plus(int(found["days"]))
        if found["hour"] is None:
            return date
        time = dt.time(int(found["hour"]), int(found["minute"]))
        zone = None if found["zone"] == "floating" else ZoneInfo(found["zone"] or BERLIN.key)
        return dt.datetime.combine(date, time, zone)

    def moment(self, text: str) -> dt.datetime:
        """Read a time of day as an aware datetime in Berlin."""
        when = self.when(text)
        if not isinstance(when, dt.datetime) or when.tzinfo is None:
            raise ValueError(f"{text!r} names no moment: write '-1 09:30'.")
        return when

    def __format__(self, spec: str) -> str:
        days, _, shape = spec.partition(" ")
        return self.written(int(days), shape)
