"""Days and times as pages write them: in the owner's zone and by the conventions of their language (CLDR, by Babel)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta


class Times:
    """Writes times for one owner: `now` is in their zone, `language` an ISO 639-1 code; an unknown one is as English."""

    def __init__(self, now: dt.datetime, language: str) -> None:
        self.now = now
        self.zone = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC")
        try:
            self._locale = Locale.parse(language)
        except (UnknownLocaleError, ValueError):
            self._locale = Locale.parse("en")

    def day(self, day: dt.date) -> str:
        """Name a day in full: `Dienstag, 24. November 2026`."""
        return format_date(self._local_date(day), "full", locale=self._locale)

    def short_day(self, day: dt.date) -> str:
        """Name a day in short, with its year when it is another one: `Di., 24. Nov.`."""
        found = self._local_date(day)
        skeleton = "MMMEd" if found.year == self.now.year else "yMMMEd"
        return format_skeleton(skeleton, dt.datetime(found.year, found.month, found.day), locale=self._locale)  # noqa: DTZ001

    def clock(self, moment: dt.datetime) -> str:
        """The time of day, on a 24-hour clock like the briefing's: `09:05`."""
        return f"{self.local(moment):%H:%M}"

    def moment(self, moment: dt.datetime) -> str:
        """A time as short as it can be told: `09:05` today, else with its day."""
        local = self.local(moment)
        if local.date() == self.now.date():
            return self.clock(moment)
        return f"{self.short_day(local)}, {self.clock(moment)}"

    def ago(self, moment: dt.datetime) -> str:
        """How long ago, or how far ahead, roughly: `vor 3 Stunden`."""
        return format_timedelta(moment - self.now, add_direction=True, locale=self._locale)

    def local(self, moment: dt.datetime) -> dt.datetime:
        """A time in the owner's zone."""
        return moment.astimezone(self.zone)

    def _local_date(self, day: dt.date) -> dt.date:
        return self.local(day).date() if isinstance(day, dt.datetime) else day
