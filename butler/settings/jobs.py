"""Jobs as they are set: the shipped ones, and the owner's tables that change them or add to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from butler.core.jobs import ALL_DAYS, At, Every, Job, Merge, On, RunIfWithin, SkipAndTell
from butler.core.policy import Hours
from butler.settings.parts import Part, refuse

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_SPAN = re.compile(r"(\d+(?:\.\d+)?) ?(s|m|h|d)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WITHOUT_MODEL = frozenset({"sync", "maintenance", "meaning"})
_SHORTEST, _LONGEST_JITTER, _WEEK = 10.0, 3600.0, 7 * 86_400.0
_KINDS = ("at", "every", "on")


def _time(value: Any) -> Any:
    """Read "07:00"; TOML has times of its own, which are taken as they are."""
    if value == "" or isinstance(value, time):
        return value or None
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError('must be a time of the day such as "07:00". For a second time a day, add another job')
    return time(int(found[1]), int(found[2]))


def _hours(value: Any) -> Any:
    """Read "22:00-06:30"."""
    if value in (None, "") or isinstance(value, Hours):
        return value or None
    ends = value.split("-") if isinstance(value, str) else []
    try:
        start, end = (_time(each.strip()) for each in ends)
    except ValueError:
        start = end = None
    if start is None or end is None or start == end:
        raise ValueError('must be a span such as "22:00-06:30"')
    return Hours(start, end)


def _span(value: Any) -> Any:
    """Read "5m" as seconds; a number is seconds."""
    if value in (None, "") or (isinstance(value, int | float) and not isinstance(value, bool)):
        return None if value == "" else value
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('must be a span such as "90s", "5m", "3h" or "2d"')
    return float(found[1]) * _SECONDS[found[2]]


def _weekdays(value: Any) -> Any:
    """Read "mon-fri", "mon, wed" or a list of such; names only, for numbers mean Monday to some and Sunday to others."""
    if value in (None, "") or isinstance(value, frozenset):
        return value or None
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise ValueError('must be days such as "mon-fri" or "mon, wed"')
    return frozenset(day for part in parts for day in _between(part.strip().lower()))


def _dates(value: Any) -> Any:
    """Read "1", "1, 15" or a list of such: days of the month."""
    if value in (None, "") or isinstance(value, frozenset):
        return value or None
    parts = str(value).split(",") if isinstance(value, str | int) else value
    words = [str(part).strip() for part in parts] if isinstance(parts, list) else [""]
    if not words or not all(word.isascii() and word.isdigit() and 1 <= int(word) <= 31 for word in words):
        raise ValueError('must be days of the month such as "1" or "1, 15", from 1 to 31')
    return frozenset(map(int, words))


def _between(part: str) -> Iterator[int]:
    if part == "daily":
        yield from range(7)
        return
    first, dash, last = (each.strip() for each in part.partition("-"))
    start = _weekday(first)
    end = _weekday(last) if dash else start
    yield from ((start + number) % 7 for number in range((end - start) % 7 + 1))


def _weekday(name: str) -> int:
    for names in (_DAYS, _LONG):
        if name in names:
            return names.index(name)
    raise ValueError(f'"{name}" is no weekday. There are: {", ".join(_DAYS)}, and daily')


def _late(value: Any) -> Any:
    """Read what is to be done when a job was missed."""
    if value in (None, "") or isinstance(value, RunIfWithin | Merge | SkipAndTell):
        return value or None
    match value.split(maxsplit=1) if isinstance(value, str) else []:
        case ["merge"]:
            return Merge()
        case ["skip_and_tell"]:
            return SkipAndTell()
        case ["run_if_within", span] if _SPAN.fullmatch(span):
            return RunIfWithin(_span(span))
        case _:
            raise ValueError('must be "run_if_within 3h", "merge" or "skip_and_tell"')


_Time = Annotated[time | None, BeforeValidator(_time)]
_Weekdays = Annotated[frozenset[int] | None, BeforeValidator(_weekdays)]
_Dates = Annotated[frozenset[int] | None, BeforeValidator(_dates)]
_Late = Annotated[RunIfWithin | Merge | SkipAndTell | None, BeforeValidator(_late)]


def _limited(least: float, most: float, words: str) -> Callable[[float | None], float | None]:
    def check(value: float | None) -> float | None:
        if value is not None and not least <= value <= most:
            raise ValueError(f"must be {words}")
        return value

    return check


_Round = Annotated[float | None, BeforeValidator(_span), AfterValidator(_limited(_SHORTEST, _WEEK, "from 10s to 7d"))]
_Jitter = Annotated[float | None, BeforeValidator(_span), AfterValidator(_limited(0, _LONGEST_JITTER, "at most 1h"))]


class SchedulePart(Part):
    """What holds for all jobs."""

    quiet: Annotated[Hours | None, BeforeValidator(_hours)] = Field(
        default=None, description='hours such as "22:00-06:30" in which jobs with quiet = true wait; left out: none'
    )


class JobPart(Part):
    """A job; what is left out of a shipped one is as shipped."""

    workflow: str = Field(default="", description="workflow to run; left out: the one named like the job")
    at: _Time = Field(default=None, description='time of the day such as "07:00", in your time zone')
    days: _Weekdays = Field(default=None, description='weekdays such as "mon-fri" or "mon, wed", with at; left out: daily')
    dates: _Dates = Field(default=None, description='days of the month such as "1" or "1, 15", with at; left out: any')
    every: _Round = Field(default=None, description='instead of at: run again after "5m", "1h" …')
    on: Literal["mail", "event", "file"] | None = Field(
        default=None, description="instead of at: run when mail arrives, before an event, or when a file is new"
    )
    minutes: int | None = Field(default=None, ge=1, le=1440, description='minutes before the event, with on = "event"')
    missed: _Late = Field(
        default=None,
        description="when its time went by: run_if_within 3h (the default with at), merge (once for all that was missed), "
        "or skip_and_tell",
    )
    jitter: _Jitter = Field(default=None, description='begin up to so much later, such as "2m"; left out: on time')
    quiet: bool | None = Field(default=None, description="false: run in the quiet hours too")
    enabled: bool | None = Field(default=None, description="false: never run it")


SHIPPED: Mapping[str, JobPart] = {
    "briefing": JobPart(at=time(7), missed=RunIfWithin(3 * 3600), quiet=False),
    "lookahead": JobPart(at=time(18), missed=RunIfWithin(4 * 3600)),
    "weekly": JobPart(at=time(16), days=frozenset({4}), missed=RunIfWithin(48 * 3600)),
    "triage": JobPart(on="mail"),
    "meeting": JobPart(on="event", minutes=30, missed=RunIfWithin(25 * 60), quiet=False),
    "documents": JobPart(on="file"),
    "followup": JobPart(at=time(8), missed=Merge()),
    "sync": JobPart(every=300.0, quiet=False),
    "maintenance": JobPart(at=time(3, 20), missed=Merge(), quiet=False),
}
"""The jobs that there are without any setting."""
_MEANING = JobPart(at=time(2, 30), missed=Merge())
"""The one that there is with an embedding model."""


def jobs_of(tables: Mapping[str, JobPart], quiet: Hours | None = None, *, embeds: bool = False) -> tuple[Job, ...]:
    """All jobs, shipped ones first: the owner's tables over what is shipped; `embeds`: there is an embedding model."""
    names = dict.fromkeys((*SHIPPED, *(["meaning"] if embeds else []), *tables))
    return tuple(job_of(name, _whole(name, tables.get(name)), quiet) for name in names)


def checked(tables: dict[str, JobPart]) -> dict[str, JobPart]:
    """Refuse tables that do not make jobs, with all problems."""
    refuse([f"The job {name}: {problem}" for name, part in tables.items() for problem in problems_of(_whole(name, part))])
    return tables


Jobs = Annotated[dict[Annotated[str, Field(pattern="^[a-z0-9_-]+$")], JobPart], AfterValidator(checked)]


def _whole(name: str, own: JobPart | None) -> JobPart:
    """The owner's table with what is shipped below it; who says when anew says what that needs anew."""
    shipped = {**SHIPPED, "meaning": _MEANING}.get(name) or (_of_file(name) if own is not None and not own.workflow else None)
    if own is None or shipped is None:
        return own or shipped or JobPart()
    given = {field: value for field, value in own if value not in (None, "")}
    kept = dict(shipped)
    if given.get("on", kept["on"]) != kept["on"] or any(kind in given and kept[kind] is None for kind in _KINDS):
        kept |= dict.fromkeys((*_KINDS, "days", "dates", "minutes", "missed"))
    return JobPart.model_construct(**(kept | given))


def _of_file(name: str) -> JobPart | None:
    """When a workflow that ships as a file runs, once the settings have a table of its name."""
    # Imported here: nobody else needs what reads a file.
    from butler.settings.shipped import shipped_trigger

    trigger = shipped_trigger(name)
    return None if trigger is None else JobPart.model_validate(trigger)


def problems_of(part: JobPart) -> Iterator[str]:
    """What of a job does not fit together, as sentences."""
    kinds = [kind for kind in _KINDS if getattr(part, kind) is not None]
    if not kinds:
        yield "It has no time. Set at, every or on."
    if len(kinds) > 1:
        yield f"It has {' and '.join(kinds)}. Keep one of them."
    if part.days is not None and "at" not in kinds:
        yield "It has days but no time of the day. Set at, or take days out."
    if part.dates is not None and "at" not in kinds:
        yield "It has dates but no time of the day. Set at, or take dates out."
    if part.minutes is not None and part.on != "event":
        yield 'It has minutes but waits for no event. Set on = "event", or take minutes out.'
    if part.every is not None and part.missed not in (None, Merge()):
        yield "It runs over and over, so that what was missed is always merged. Take missed out."


def job_of(name: str, part: JobPart, quiet: Hours | None, *, title: str = "", model: bool = True) -> Job:
    """The job that a table makes; `title` is what its owner calls it, `model` says whether its workflow asks one."""
    workflow = part.workflow or name
    return Job(
        *(name, workflow, _when(part)),
        missed=part.missed or (Merge() if part.at is None else RunIfWithin(3 * 3600)),
        jitter=part.jitter or 0.0,
        quiet=None if part.quiet is False else quiet,
        model=model and workflow not in _WITHOUT_MODEL,
        enabled=part.enabled is not False,
        title=title,
    )


def _when(part: JobPart) -> At | Every | On:
    if part.at is not None:
        return At(part.at, part.days or ALL_DAYS, part.dates or frozenset())
    if part.every is not None:
        return Every(part.every)
    return On(part.on or "mail", (part.minutes or 30) if part.on == "event" else 0)
