"""Times of the day in a zone, pure: on days when clocks change, a time may not exist, or exist twice."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from butler.core.policy import Hours


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """The moment, in UTC, at which clocks in a zone show a time on a day; None where the zone leaves the day out.

    Of a time that exists twice it is the first; for one that does not exist it is as long after the last that does as the
    clocks are set forward, or where that is the next day already, as long before.
    """
    for fold in (0, 1):
        moment = datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC)
        if local_date(moment, zone) == day:
            return moment
    return None


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a date begins in a zone; of one that the zone leaves out, the one after it does."""
    return moment_of(day, time(), zone) or day_start(day + timedelta(days=1), zone)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date that clocks in a zone show."""
    return moment.astimezone(zone).date()


def after_hours(moment: datetime, hours: Hours | None, zone: ZoneInfo) -> datetime:
    """The moment itself, or the end of the hours that it lies in."""
    local = moment.astimezone(zone)
    if hours is None or not hours.has(local.time()):
        return moment
    over_midnight = hours.end <= local.time()
    end = moment_of(local.date() + timedelta(days=over_midnight), hours.end, zone)
    return moment if end is None else max(moment, end)
