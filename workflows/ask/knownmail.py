"""Answers that the mirror's mail holds: who wrote last, whether somebody answered, how many mails there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from butler.core.asking import Answer
from butler.core.context import Context
from butler.core.mail import Mail
from workflows.ask import says
from workflows.ask.intents import Intent
from workflows.ask.people import Person
from workflows.ask.windows import Window
from workflows.ask.wording import MOST_LINES, Wording, first_words

_LETTERS = 40
_COUNTED = 1_000
_MOST_NAMED = 3
_BACK = (dt.timedelta(days=3), dt.timedelta(days=30), dt.timedelta(days=400))
"""So far back the last mail is looked for, further where none was found."""

People = Sequence[Person]


def wrote_last(context: Context, intent: Intent, _people: People, wording: Wording) -> Answer | None:
    """Who wrote last, machines left out."""
    if intent.window:
        return wrote(context, intent, _people, wording)
    for back in _BACK:
        mails = [mail for mail in context.reads.received(context.now - back, context.now) if _is_by_person(mail)]
        if mails:
            _tell(mails[0], "wrote_last", wording)
            return wording.answer()
    return None


def wrote(context: Context, intent: Intent, _people: People, wording: Wording) -> Answer | None:
    """Who wrote in a window, newest first."""
    if intent.window is None:
        return None
    mails = list(context.reads.received(intent.window.start, _until(intent.window)))
    by_people = [mail for mail in mails if _is_by_person(mail)]
    when = _when(intent.window, wording)
    if not by_people:
        wording.say("nobody_wrote", when=when)
        return wording.answer()
    for mail in by_people[:MOST_LINES]:
        _tell(mail, "wrote", wording)
    if len(by_people) > MOST_LINES:
        rest = by_people[MOST_LINES:]
        wording.say("more", [wording.mail(mail) for mail in rest[:MOST_LINES]], n=len(rest))
    return wording.answer()


def sent(context: Context, intent: Intent, _people: People, wording: Wording) -> Answer | None:
    """What the owner wrote in a window, or last; None where that is nothing."""
    start, stop = (intent.window.start, _until(intent.window)) if intent.window else (context.now - _BACK[-1], context.now)
    mails = sorted(context.reads.sent(start, stop), key=lambda mail: (mail.when, mail.ref), reverse=True)
    for mail in mails[: MOST_LINES if intent.window else 1]:
        who = ", ".join(says.name_of(one) for one in mail.message.to[:_MOST_NAMED]) or "?"
        subject = says.title(mail.message.subject)
        key, who = ("wrote", f"→ {who}") if intent.window else ("last_to", who)
        wording.say(key, [wording.mail(mail)], who=who, when=wording.when(mail.when), subject=subject)
    return wording.answer() if mails else None


def latest_from(context: Context, intent: Intent, people: People, wording: Wording) -> Answer | None:
    """The latest mail of somebody, and how it begins."""
    mails = [mail for person in people for mail in _letters_from(context, person, intent.window)]
    if not mails:
        who = people[0].name
        if intent.window:
            who = says.words(wording.language, "count_in", count=who, when=_when(intent.window, wording))
        wording.say("none_from", who=who)
        return wording.answer()
    latest = max(mails, key=lambda mail: (mail.when, mail.ref))
    _tell(latest, "latest_from", wording)
    quote = first_words(latest)
    if quote:
        wording.say("begins", [wording.mail(latest, quote)], quote=quote)
    return wording.answer()


def answered(context: Context, _intent: Intent, people: People, wording: Wording) -> Answer | None:
    """Whether somebody answered the owner's last mail to them."""
    for person in people:
        _answered_by(context, person, wording)
    return wording.answer()


def _answered_by(context: Context, person: Person, wording: Wording) -> None:
    asked = [mail for mail in context.reads.letters_to(person.addresses, _LETTERS) if mail.when <= context.now]
    theirs = _letters_from(context, person, None)
    if not asked:
        wording.say("never_to", who=person.name)
        return
    last = asked[0]
    after = [mail for mail in theirs if mail.when >= last.when]
    answers = [mail for mail in after if mail.thread == last.thread]
    real = [mail for mail in answers if _is_by_person(mail)]
    if real:
        first = min(real, key=lambda mail: mail.when)
        _tell(first, "answered", wording, beside=[last])
        return
    subject = says.title(last.message.subject)
    wording.say("not_answered", [wording.mail(last)], who=person.name, when=wording.when(last.when), subject=subject)
    if answers:
        wording.say("automatic", [wording.mail(answers[0])], when=wording.when(answers[0].when))
    elif elsewhere := [mail for mail in after if _is_by_person(mail)]:
        _tell(elsewhere[0], "later", wording)


def exchange(context: Context, _intent: Intent, people: People, wording: Wording) -> Answer | None:
    """The last mails between somebody and the owner, the newest last."""
    for person in people:
        theirs = _letters_from(context, person, None)[:1]
        own = list(context.reads.letters_to(person.addresses, 1))
        if theirs and not own:
            wording.say("never_to", who=person.name)
        for mail in sorted((*theirs, *own), key=lambda mail: mail.when):
            who = person.name
            subject = says.title(mail.message.subject)
            key = "last_to" if mail.sent else "latest_from"
            wording.say(key, [wording.mail(mail)], who=who, when=wording.when(mail.when), subject=subject)
    found = wording.answer()
    return found if found.sentences else None


def last_to(context: Context, _intent: Intent, people: People, wording: Wording) -> Answer | None:
    """The owner's last mail to somebody."""
    found = [(mail, person) for person in people for mail in context.reads.letters_to(person.addresses, 1)]
    if not found:
        wording.say("never_to", who=people[0].name)
        return wording.answer()
    last, person = max(found, key=lambda pair: (pair[0].when, pair[0].ref))
    subject = says.title(last.message.subject)
    wording.say("last_to", [wording.mail(last)], who=person.name, when=wording.when(last.when), subject=subject)
    return wording.answer()


def count_from(context: Context, intent: Intent, people: People, wording: Wording) -> Answer | None:
    """How many mails somebody sent."""
    return _count(context, intent, people, wording, "count_from", lambda person: _letters_from(context, person, intent.window))


def count_to(context: Context, intent: Intent, people: People, wording: Wording) -> Answer | None:
    """How many mails somebody was sent."""

    def letters(person: Person) -> list[Mail]:
        return _within(context.reads.letters_to(person.addresses, _COUNTED), intent.window)

    return _count(context, intent, people, wording, "count_to", letters)


def count_all(context: Context, intent: Intent, _people: People, wording: Wording) -> Answer | None:
    """How many mails came in a window."""
    if intent.window is None:
        return None
    mails = context.reads.received(intent.window.start, _until(intent.window))
    cites = [wording.mail(mail) for mail in mails[:MOST_LINES]]
    wording.say("count_all", cites, when=_when(intent.window, wording), n=len(mails))
    return wording.answer()


def _count(
    context: Context,
    intent: Intent,
    people: People,
    wording: Wording,
    key: str,
    letters: Callable[[Person], list[Mail]],
) -> Answer | None:
    for person in people:
        mails = letters(person)
        exchanged = context.reads.exchanged(person.addresses).values()
        whole = sum(had if key == "count_from" else sent for had, sent in exchanged)
        # The read of letters is bounded, the count of all is not.
        count = whole if intent.window is None and len(mails) >= _COUNTED else len(mails)
        who = person.name
        if intent.window:
            who = says.words(wording.language, "count_in", count=who, when=_when(intent.window, wording))
        wording.say(key, [wording.mail(mail) for mail in mails[:MOST_LINES]], who=who, n=count)
    return wording.answer()


def _letters_from(context: Context, person: Person, window: Window | None) -> list[Mail]:
    mails = [mail for address in person.addresses for mail in context.reads.letters_from(address, _COUNTED)]
    known = {mail.ref: mail for mail in mails if mail.when <= context.now and not mail.sent}
    return _within(sorted(known.values(), key=lambda mail: mail.when, reverse=True), window)


def _within(mails: Sequence[Mail], window: Window | None) -> list[Mail]:
    return [mail for mail in mails if window is None or window.start <= mail.when < window.stop]


def _until(window: Window) -> dt.datetime:
    """The last second of a window: what reads a stretch takes both of its ends in."""
    return window.stop - dt.timedelta(seconds=1)


def _is_by_person(mail: Mail) -> bool:
    """Whether a mail was written by somebody, and not by a machine or to many."""
    return not (mail.message.bulk or mail.message.bounce or mail.message.list_id)


def _when(window: Window, wording: Wording) -> str:
    return says.window(wording.language, window, wording.today, wording.zone)


def _tell(mail: Mail, key: str, wording: Wording, beside: Sequence[Mail] = ()) -> None:
    subject = says.title(mail.message.subject)
    who, when = says.name_of(mail.message.sender), wording.when(mail.when)
    cites = [wording.mail(mail), *(wording.mail(other) for other in beside)]
    wording.say(key, cites, who=who, when=when, subject=subject)
