"""What the owner tells the butler to do in a question itself: held actions made of their own words, and times by code.

Nothing that was read leads here, neither another's words nor those of an earlier turn: only the text of this question does.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import ZoneInfo

from butler.core.actions import Action, Finding
from butler.core.asking import Answer
from butler.core.context import Context
from butler.core.dayplan import Span
from butler.core.errors import ButlerError
from butler.core.payloads import CalendarChange, CalendarCreate, MemoryAdd, TaskCreate
from butler.core.remembering import LONGEST
from butler.core.text import one_line
from tools.calendar.tasks import new_event, new_task
from workflows.ask import orderwords, says
from workflows.ask.dayhits import fold
from workflows.ask.knowncalendar import busy_in
from workflows.ask.ordered_draft import draft_answer
from workflows.ask.windows import Window, find_windows
from workflows.ask.wording import Wording
from workflows.remembered import spoken_against

_TITLE = 200
_DAY, _HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
_ARTICLE = re.compile(r"^(?:an?|the|eine?n?|une?|una|uno|een|um|uma)\s+(?=\S)", re.IGNORECASE)
_LEADS = re.compile(
    r"(?:(?<!\w)(?:on|for|at|in|by|until|this|am|um|im|bis|für|le|la|el|il|op|om|a|à|au|pour|para|per|w|na|no|em|the|,))?[\s,]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is told: its kind, the owner's words for the thing, whom it is about, and the first time that is named."""

    kind: str
    what: str
    who: str = ""
    window: Window | None = None


def order(text: str, now: dt.datetime, zone: ZoneInfo, language: str) -> Order | None:
    """Read an order; None where a text is none."""
    stripped = text.strip().rstrip(".!")
    folded = fold(stripped)
    for kind in orderwords.PATTERNS:
        for pattern in _patterns(kind):
            found = pattern.fullmatch(folded)
            if found is None:
                continue
            windows = find_windows(stripped, now, zone, language, past=False) if kind in ("event", "task") else []
            who = stripped[slice(*found.span("who"))].strip() if "who" in found.groupdict() else ""
            limit = LONGEST if kind == "memory" else _TITLE
            return Order(kind, _words(stripped, found, windows, limit), who, windows[0] if windows else None)
    return None


@cache
def _patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(f"{orderwords.POLITE}(?:{row})") for row in orderwords.PATTERNS[kind])


def _words(text: str, found: re.Match[str], windows: Sequence[Window], limit: int) -> str:
    """The words of the thing itself, to the letter, without the times in them."""
    begin, end = next((found.span(name) for name in ("what", "what2") if found.groupdict().get(name)), (0, 0))
    kept, at = "", begin
    for window in windows:
        if begin <= window.begin < end:
            kept += _LEADS.sub("", text[at : window.begin]) + " "
            at = min(window.end, end)
    return one_line(kept + text[at:end], limit).strip(" ,.:!?")


def carried_out(context: Context) -> Answer | None:
    """Propose what is told; the answer names what is held, or what is missing. None where nothing is told."""
    if context.question is None:
        return None
    language = says.language_for(context.question.text, context.owner.language)
    told = order(context.question.text, context.now, context.owner.zone, language)
    if told is None:
        return None
    answer = _CARRIED_OUT[told.kind](context, told, Wording(context, language))
    return answer.model_copy(update={"sources": ("calendar",) if told.kind == "event" else ()})


def _task(context: Context, told: Order, wording: Wording) -> Answer:
    if not told.what or not context.tasks.account:
        wording.say("say_what" if not told.what else "no_tasks")
        return wording.answer()
    due = _due(told.window) if told.window else None
    uid, what = _uid(context, told), _capital(told.what)
    after = new_task(uid, what, due, "", context.now)
    change = CalendarChange(account=context.tasks.account, calendar=context.tasks.calendar, uid=uid, after=after)
    kept = context.propose(_action(context, TaskCreate(change=change), told))
    wording.say("held_task_due" if due else "held_task", what=what, when=wording.when(due) if due else "")
    return wording.answer(proposed=[kept.id])


def _event(context: Context, told: Order, wording: Wording) -> Answer:
    missing = "say_what" if not told.what else "say_when" if told.window is None else ""
    missing = missing or ("" if context.calendar.account else "no_place")
    if missing or told.window is None:
        wording.say(missing)
        return wording.answer()
    start, end = _times(told.window)
    uid, what = _uid(context, told), _capital(_ARTICLE.sub("", told.what))
    after = new_event(uid, what, start, end, now=context.now)
    change = CalendarChange(account=context.calendar.account, calendar=context.calendar.calendar, uid=uid, after=after)
    findings = _conflicts(context, start, end, wording)
    kept = context.propose(replace(_action(context, CalendarCreate(change=change), told), findings=tuple(findings)))
    shown = told.window
    if isinstance(start, dt.datetime) and isinstance(end, dt.datetime):
        shown = replace(shown, start=start, stop=end)
    wording.say("held_event", what=what, when=says.window(wording.language, shown, wording.today, wording.zone))
    return wording.answer(proposed=[kept.id])


def _memory(context: Context, told: Order, wording: Wording) -> Answer:
    today = context.now.astimezone(context.owner.zone).date()
    kept = context.propose(_action(context, MemoryAdd(text=told.what, source="told", on=today), told))
    wording.say("held_memory", what=told.what)
    return wording.answer(proposed=[kept.id])


def _draft(context: Context, told: Order, wording: Wording) -> Answer:
    try:
        return draft_answer(context, told.who, _sentence(told.what), wording)
    except ButlerError as error:
        wording.say("no_draft", reason=str(error))
        return wording.answer()


_CARRIED_OUT: Mapping[str, Callable[[Context, Order, Wording], Answer]] = {
    "task": _task,
    "event": _event,
    "memory": _memory,
    "draft": _draft,
}


def _action(context: Context, payload: TaskCreate | CalendarCreate | MemoryAdd, told: Order) -> Action:
    asked = one_line(context.question.text if context.question else "", 200)
    return Action(
        payload, f"You asked: “{asked}”.", f"ask|{context.run}|{told.kind}", rule="the owner's own words", workflow="ask"
    )


def _uid(context: Context, told: Order) -> str:
    """The UID of what is made, the same whenever it is proposed by one run."""
    return f"butler-{hashlib.sha256(f'{context.run}|{told.kind}|{told.what}'.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _due(window: Window) -> dt.datetime | dt.date:
    """When a task is due: at the time that is named, else on the last day of it."""
    return window.start if window.moment else (window.stop - dt.timedelta(seconds=1)).date()


def _times(window: Window) -> tuple[dt.datetime | dt.date, dt.datetime | dt.date]:
    """From when until when: an hour from a time of the clock, the stretch that is named, or whole days."""
    if window.moment:
        return window.start, window.start + _HOUR
    if window.stop - window.start < _DAY:
        return window.start, window.stop
    return window.start.date(), (window.stop - dt.timedelta(seconds=1)).date() + _DAY


def _conflicts(context: Context, start: dt.datetime | dt.date, end: dt.datetime | dt.date, wording: Wording) -> list[Finding]:
    """What speaks against a time: events that take it, and hours that the owner wanted remembered."""
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
        return []
    busy = busy_in(context, Span(start, end), context.reads.occurrences(start, end))
    found = [
        Finding("conflict", says.say(wording.language, "busy_then", what=says.title(one.occurrence.summary)))
        for one in busy[:3]
    ]
    against = spoken_against(context.remembered, start.astimezone(wording.zone), end.astimezone(wording.zone))
    wished = (says.say(wording.language, "against_wish", what=says.title(each.text)) for each in against)
    return [*found, *(Finding("remembered", sentence) for sentence in wished)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    """Words as a sentence of a letter."""
    return f"{_capital(text)}{'' if text[-1:] in '.!?…' else '.'}" if text else ""
