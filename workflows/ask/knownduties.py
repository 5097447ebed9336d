"""Answers on what is to be done, as the briefing finds it by rules: what is due, who waits for whom, what was promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from butler.core.asking import Answer
from butler.core.briefing import Usage
from butler.core.context import Context
from butler.core.refs import parse_ref
from butler.core.text import one_line
from workflows.ask import knowntasks, says
from workflows.ask.intents import Intent
from workflows.ask.people import people_named
from workflows.ask.windows import Window
from workflows.ask.wording import MOST_LINES, Wording

if TYPE_CHECKING:
    from butler.core.mail import Mail
    from workflows.briefing.view import View

_QUOTE = 240
_PAST = dt.timedelta(days=3)
"""So long a day that has passed is told where no time is named."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A day by which a mail or note wants something, and the words that say so."""

    day: dt.date
    ref: str
    who: str
    title: str
    when: dt.datetime | None
    quote: str


class _NoMemory:
    """The memory of no run: it has kept nothing, and keeps nothing."""

    def snapshot_before(self, _day: dt.date) -> Mapping[str, Any] | None:
        """No briefing is known."""
        return None

    def keep(self, _stage: str, _value: Any) -> None:
        """Nothing is kept."""

    def kept(self, _stage: str) -> Any | None:
        """Nothing was kept."""
        return None

    def usage(self) -> Usage:
        """No model was asked."""
        return Usage()


def due(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """What is due by task lists, mails and notes, all of it or in a window."""
    window = intent.window
    has_tasks = knowntasks.due(context, window, wording)
    found = sorted(_dues(_view(context)), key=lambda one: (one.day, one.ref))
    asked = [one for one in found if _is_asked(one, window, context)]
    for one in asked[:MOST_LINES]:
        quote = one_line(one.quote, _QUOTE)
        cite = wording.cite(one.ref, one.title, one.when, quote)
        key = "due" if one.day >= wording.today else "overdue"
        wording.say(key, [cite], what=f"{one.who}: “{quote}”", when=wording.when(one.day))
    if not (has_tasks or asked):
        when = says.window(wording.language, window, wording.today, wording.zone) if window else ""
        wording.say("none_due_in" if window else "none_due", when=when)
    return wording.answer()


def asks_me(context: Context, _intent: Intent, wording: Wording) -> Answer | None:
    """Who waits for the owner's answer, with what they ask; None where nobody does."""
    from workflows.briefing.sections.reply import pending

    view = _view(context)
    waiting = [(view.mails[one.ref], one.quote) for one in pending(view)]
    return _told(waiting, wording)


def waiting_for(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """What the owner asked, or asked somebody, and nobody has answered; None where there is no such mail."""
    from workflows.briefing.sections.commitments import unanswered

    known = _addresses(context, intent)
    found = [(mail, judged.questions[0].quote) for judged, mail in unanswered(_view(context))]
    return _told([one for one in found if _is_to(one[0], known)], wording)


def promised(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """What the owner promised, or promised somebody, and has not kept yet; None where nothing is found."""
    from workflows.briefing.sections.commitments import open_promises

    known = _addresses(context, intent)
    left = open_promises(_view(context))
    return _told([(mail, promise.quote) for promise, mail in left if _is_to(mail, known)], wording)


def _addresses(context: Context, intent: Intent) -> frozenset[str] | None:
    """The addresses of whom a question names; None where it names nobody."""
    if not intent.who:
        return None
    return frozenset(address for person in people_named(context, intent.who) for address in person.addresses)


def _is_to(mail: Mail, known: frozenset[str] | None) -> bool:
    return known is None or any(one.address.lower() in known for one in mail.message.to)


def _told(found: list[tuple[Mail, str]], wording: Wording) -> Answer | None:
    """Mails, the newest first, each with the words that are meant, or its subject where there are none."""
    newest = sorted(found, key=lambda pair: (pair[0].when, pair[0].ref), reverse=True)
    for mail, words in newest[:MOST_LINES]:
        quote = one_line(words, _QUOTE)
        to = mail.message.to[0] if mail.sent and mail.message.to else mail.message.sender
        who = f"→ {says.name_of(to)}" if mail.sent else says.name_of(to)
        subject = quote or says.title(mail.message.subject)
        wording.say("wrote", [wording.mail(mail, quote)], who=who, when=wording.when(mail.when), subject=subject)
    return wording.answer() if newest else None


def _view(context: Context) -> View:
    """The last weeks as the briefing looks at them, judged by rules."""
    from workflows.briefing.gather import gather
    from workflows.briefing.judge import judge
    from workflows.briefing.view import View

    # A question that code answers has no run, and so no memory.
    given = replace(context, model=None, memory=_NoMemory())
    gathered = gather(given, ())
    return View(gathered, judge(given, gathered).judged, context.owner, context.options)


def _dues(view: View) -> Iterator[_Due]:
    for judged in view.judged.received:
        mail = view.mails.get(judged.ref)
        if mail is None:
            continue
        for found in (judged.due, *judged.also):
            if found is None or (found.day < view.day and view.is_answered(mail)):
                continue
            who, title = says.name_of(mail.message.sender), one_line(mail.message.subject, 200)
            yield _Due(found.day, mail.ref, who, title, mail.when, found.quote)
    for noted in view.judged.notes:
        path = one_line(parse_ref(noted.ref).key, 60)
        yield _Due(noted.due.day, f"{noted.ref}#L{noted.line}", path, path, None, noted.due.quote)


def _is_asked(one: _Due, window: Window | None, context: Context) -> bool:
    today = context.now.astimezone(context.owner.zone).date()
    if window is None:
        return one.day >= today - _PAST
    zone = context.owner.zone
    last = (window.stop.astimezone(zone) - dt.timedelta(seconds=1)).date()
    return window.start.astimezone(zone).date() <= one.day <= last
