"""Whether what came back from who parses may be kept: it is about what was given, and can be read again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime
from typing import Any

from butler.core.calendar import CalendarObject, Occurrence, RawObject, Task
from butler.core.contacts import Cards, Contact, RawCards, YearDay
from butler.core.mail import RawMail
from butler.core.notes import Note, RawNote
from butler.core.plain import read_moment
from butler.core.prepared import LAST_SECOND, MOST_LINKS, Prepared, PreparedMail
from butler.core.sources import Raw
from butler.sandbox.values import is_odd

_HASH_LENGTH = 64
_LONGEST_IDENTITY = 1000
_OTHER_LINKS = 2
_KINDS_OF_PEOPLE = 3
_WRONG = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What reading an envelope of nonsense raises."""


def are_fair(raws: Sequence[Raw], parsed: Sequence[Prepared | None]) -> bool:
    """Whether there is for each thing what was made of it, and of nothing else."""
    return len(raws) == len(parsed) and all(map(_is_fair, raws, parsed))


def _is_fair(raw: Raw, parsed: Prepared | None) -> bool:
    match raw, parsed:
        case RawMail(), PreparedMail():
            return parsed.key == raw.key and _is_kept(parsed) and _is_read(parsed.envelope)
        case RawObject(), CalendarObject():
            same = (parsed.key, parsed.version) == (raw.key, raw.version)
            return same and all(map(_is_event, parsed.occurrences)) and all(map(_is_task, parsed.tasks))
        case RawCards(), Cards():
            same = (parsed.key, parsed.version) == (raw.key, raw.version)
            return same and all(map(_is_contact, parsed.contacts))
        case RawNote(), Note():
            return (parsed.key, parsed.version, parsed.modified) == (raw.key, raw.version, raw.modified)
    return False


def _is_kept(mail: PreparedMail) -> bool:
    """Whether the mirror has room for it: numbers in their ranges, and names that are whole."""
    moments = (mail.moment, mail.received, mail.size)
    return (
        _are_names((mail.identity, mail.sender))
        and 0 < len(mail.identity) <= _LONGEST_IDENTITY
        and len(mail.content_hash) == _HASH_LENGTH
        and all(0 <= each <= LAST_SECOND for each in moments)
        and len(mail.links) <= MOST_LINKS + _OTHER_LINKS
        and len(mail.people) == _KINDS_OF_PEOPLE
    )


def _is_read(envelope: str) -> bool:
    """Whether an envelope is one: who reads the mirror later does not look."""
    if is_odd(envelope):
        return False
    try:
        kept = json.loads(envelope)
        return type(kept) is dict and all(_FIELDS[name](value) for name, value in kept.items())
    except _WRONG:
        return False


def _is_moment(text: Any) -> bool:
    moment = read_moment(text)
    return isinstance(moment, datetime) and moment.astimezone(UTC) == moment


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is kind


def _row(*kinds: type) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and tuple(map(type, value)) == kinds


def _each(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: type(value) is list and all(map(check, value))


_FIELDS: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("id", "subject", "in_reply_to", "list"), _is(str)),
    **dict.fromkeys(("bulk", "bounce", "html_only"), _is(bool)),
    **dict.fromkeys(("references", "problems"), _each(_is(str))),
    **dict.fromkeys(("reply_to", "to", "cc", "followup_to"), _each(_row(str, str))),
    "from": _row(str, str),
    "attachments": _each(_row(str, str, int)),
    "date": _is_moment,
}
"""What stands in an envelope under which name; see `butler.core.prepared`."""


def _is_event(event: Occurrence) -> bool:
    """Whether it has a beginning and an end of one kind."""
    same = isinstance(event.start, datetime) == isinstance(event.end, datetime)
    return same and _are_in_time(event.start, event.end, event.moved_from) and _are_names((event.uid, event.recurrence_id))


def _is_task(task: Task) -> bool:
    return _are_in_time(task.due, task.start) and _are_names((task.uid,))


def _is_contact(contact: Contact) -> bool:
    """Whether it can be named, and its days are some of the year."""
    days = (contact.birthday, contact.anniversary)
    return (
        0 < len(contact.uid) <= _LONGEST_IDENTITY and _are_names((contact.uid, *contact.addresses)) and all(map(_is_day, days))
    )


def _is_day(day: YearDay | None) -> bool:
    """Whether there is such a day: in a leap year, where its year is not told."""
    if day is None:
        return True
    try:
        date(day.year or 2000, day.month, day.day)
    except _WRONG:
        return False
    return day.year < MAXYEAR


def _are_in_time(*moments: date | None) -> bool:
    """Whether moments can be told in any zone: in those of the first and the last year, somewhere it is another one."""
    return all(moment is None or MINYEAR < moment.year < MAXYEAR for moment in moments)


def _are_names(texts: Iterable[str]) -> bool:
    """Whether texts can be told apart in a database, which takes a zero for their end."""
    return not any("\0" in each for each in texts)
