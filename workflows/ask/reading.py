"""The reads that there are for a question, and what comes of each: code does them, over the mirror alone."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from butler.core.asking import ReadDone
from butler.core.context import Context
from butler.core.errors import ButlerError
from butler.core.localtime import day_start
from butler.core.mail import Mail
from butler.core.queries import Found
from butler.core.text import one_line
from workflows.ask import says
from workflows.ask.asked import Asked, held, stem_of
from workflows.ask.dayhits import fold
from workflows.ask.foreign import Tool, keep_given
from workflows.ask.people import people_named
from workflows.ask.windows import Window

MOST_FOUND = 5
"""So many things of one read are looked at."""
_SEARCHED = 40
_LETTERS = 30
_LEAST_STEM = 3
_FUSED = 10
_MOST_EVENTS = 12
_MOST_CARDS = 2
_DAY = dt.timedelta(days=1)
_HIDDEN = frozenset({"\\junk", "\\trash", "\\drafts"})
"""Mail that lies only there is no ground for an answer."""

KINDS: Mapping[str, frozenset[str]] = {
    "everything": frozenset({"mail", "event", "task", "note", "document", "contact"}),
    "mail": frozenset({"mail"}),
    "notes and documents": frozenset({"note", "document"}),
    "events and tasks": frozenset({"event", "task"}),
}


class Wanted(BaseModel):
    """A read that was picked: `what` names it, `words` are searched for or name a person, `time` counts the windows from 1.

    `ref` is the thing whose thread is wanted, `arguments` (canonical JSON) are what a tool of a server is called with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    what: str = ""
    words: tuple[str, ...] = ()
    time: int = 0
    ref: str = ""
    arguments: str = ""


class Got(BaseModel):
    """What came of a read: the references of what it found, best first, and how it is told.

    `near` are those of them that were found by their meaning alone, or given by a server, and hold no word that was searched
    for. `failure` is why nothing came of it, where that is worth a sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wanted: Wanted
    refs: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    done: ReadDone
    failure: str = ""


def offers(asked: Asked, got: Sequence[Got], tools: Sequence[Tool] = ()) -> list[Wanted]:
    """The reads that can be picked, in an order that does not change while one question is answered."""
    found = [Wanted(kind="search", what=what) for what in KINDS]
    found += [Wanted(kind="calendar"), Wanted(kind="tasks")]
    found += [Wanted(kind="person", words=(person,)) for person in sorted(asked.people)][:3]
    if asked.meant.before and asked.meant.before.refs:
        found.append(Wanted(kind="before"))
    found += [Wanted(kind="foreign", what=tool.name) for tool in tools]
    mails = [ref for one in got for ref in one.refs if ref.startswith("mail:")]
    return [*found, *(Wanted(kind="thread", ref=ref) for ref in list(dict.fromkeys(mails))[:3])]


def told(wanted: Wanted, asked: Asked, context: Context) -> str:
    """A read in words."""
    language, today = asked.meant.language, context.now.astimezone(context.owner.zone).date()
    window = _window(wanted, asked)
    when = says.window(language, window, today, context.owner.zone) if window else says.words(language, "today")
    words = " ".join(asked.spelled(wanted.words))
    if wanted.kind == "foreign":
        words = " ".join((wanted.what, *(f"{name}={one_line(str(value), 60)}" for name, value in arguments_of(wanted).items())))
    return says.words(language, f"read_{wanted.kind}", words=words, when=when)


def read(context: Context, wanted: Wanted, asked: Asked) -> Got:
    """Do a read; what is hidden from answers and what was found twice is left away."""
    if wanted.kind == "foreign":
        return _foreign(context, wanted, told(wanted, asked, context))
    found = list(_search(context, wanted, asked)) if wanted.kind == "search" else []
    near = {one.ref for one in found if one.by == "meaning"}
    refs = dict.fromkeys([one.ref for one in found] or _others(context, wanted, asked))
    most = _MOST_EVENTS if wanted.kind in ("calendar", "tasks") else MOST_FOUND
    kept = [ref for ref in refs if not _is_hidden(context, ref)][:most]
    done = ReadDone(what=told(wanted, asked, context), found=len(kept))
    return Got(wanted=wanted, refs=tuple(kept), near=tuple(ref for ref in kept if ref in near), done=done)


def arguments_of(wanted: Wanted) -> dict[str, Any]:
    """What a tool is called with."""
    found: dict[str, Any] = json.loads(wanted.arguments or "{}")
    return found


def _foreign(context: Context, wanted: Wanted, what: str) -> Got:
    """Call a tool that only reads, and keep what it gives: nothing of it is in the mirror."""
    try:
        text = context.foreign(wanted.what, arguments_of(wanted))
    except ButlerError as error:
        return Got(wanted=wanted, done=ReadDone(what=what), failure=error.sentence)
    if not text.strip():
        return Got(wanted=wanted, done=ReadDone(what=what))
    ref = keep_given(context, wanted.what, text)
    return Got(wanted=wanted, refs=(ref,), near=(ref,), done=ReadDone(what=what, found=1))


def _is_hidden(context: Context, ref: str) -> bool:
    if not ref.startswith("mail:"):
        return False
    places = context.reads.places(ref)
    return bool(places) and all(place.role.lower() in _HIDDEN for place in places)


def _search(context: Context, wanted: Wanted, asked: Asked) -> Iterator[Found]:
    words = wanted.words or asked.words
    window = _window(wanted, asked)
    found = searched(context, asked.spelled(words))
    kinds = KINDS.get(wanted.what, KINDS["everything"])
    fitting = [one for one in found if one.kind in kinds]
    within = [one for one in fitting if window is None or _is_within(one, window)]
    yield from within or fitting


def searched(context: Context, words: Sequence[str]) -> list[Found]:
    """What holds words or other forms of them, the places in both orders counted together (reciprocal rank)."""
    stems = [f"{stem}*" for word in words if len(stem := stem_of(fold(word))) >= _LEAST_STEM]
    lists = (context.reads.search_any(words, _SEARCHED), context.reads.search(" ".join(stems), _SEARCHED) if stems else ())
    found = {one.ref: one for ranked in lists for one in ranked}
    scores = dict.fromkeys(found, 0.0)
    for ranked in lists:
        for place, one in enumerate(ranked):
            scores[one.ref] += 1 / (_FUSED + place)
    return sorted(found.values(), key=lambda one: (-scores[one.ref], one.ref))


def _is_within(found: Found, window: Window) -> bool:
    return found.when is not None and window.start <= found.when < window.stop


def _calendar(context: Context, wanted: Wanted, asked: Asked) -> Iterator[str]:
    window = _window(wanted, asked)
    zone = context.owner.zone
    today = day_start(context.now.astimezone(zone).date(), zone)
    start, stop = (window.start, window.stop) if window else (today, today + 8 * _DAY)
    events = [one for one in context.reads.occurrences(start, stop) if one.occurrence.status != "cancelled"]
    ranked = sorted(events, key=lambda one: -len(held(fold(one.occurrence.summary), asked.words)))
    yield from (one.ref for one in ranked)


def _tasks(context: Context, _wanted: Wanted, asked: Asked) -> Iterator[str]:
    tasks = context.reads.tasks()
    ranked = sorted(tasks, key=lambda one: -len(held(fold(one.task.summary), asked.words)))
    yield from (one.ref for one in ranked)


def _person(context: Context, wanted: Wanted, asked: Asked) -> Iterator[str]:
    """The card of somebody, and the mails with them that have most of the question's words, the newest of those alike."""
    yield from (placed.ref for placed in context.reads.people([" ".join(wanted.words)], _MOST_CARDS))
    mails: list[Mail] = []
    for person in people_named(context, " ".join(wanted.words)):
        for address in person.addresses:
            mails += context.reads.letters_from(address, _LETTERS)
        mails += context.reads.letters_to(person.addresses, _LETTERS)
    window = _window(wanted, asked)
    fitting = [mail for mail in mails if window is None or window.start <= mail.when < window.stop]
    ranked = sorted(fitting or mails, key=lambda mail: mail.when, reverse=True)
    ranked.sort(key=lambda mail: -len(held(fold(f"{mail.message.subject} {mail.message.text[:20_000]}"), asked.distinct)))
    yield from (mail.ref for mail in ranked)


def _before(_context: Context, _wanted: Wanted, asked: Asked) -> Iterator[str]:
    yield from (asked.meant.before.refs if asked.meant.before else ())


def _thread(context: Context, wanted: Wanted, _asked: Asked) -> Iterator[str]:
    try:
        thread = context.reads.mail(wanted.ref).thread
    except ButlerError:
        return
    mails = context.reads.threads([thread]).get(thread, ())
    yield from (mail.ref for mail in reversed(mails) if mail.ref != wanted.ref)


def _window(wanted: Wanted, asked: Asked) -> Window | None:
    return asked.windows[wanted.time - 1] if 1 <= wanted.time <= len(asked.windows) else None


def _others(context: Context, wanted: Wanted, asked: Asked) -> Iterator[str]:
    """What is found by anything but a search."""
    return _READERS[wanted.kind](context, wanted, asked) if wanted.kind in _READERS else iter(())


_READERS: Mapping[str, Callable[[Context, Wanted, Asked], Iterator[str]]] = {
    "calendar": _calendar,
    "tasks": _tasks,
    "person": _person,
    "before": _before,
    "thread": _thread,
}
