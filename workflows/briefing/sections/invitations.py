"""Invitations that came by mail: to what and when, and whether they still wait for an answer."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from butler.core.calendar import Attendee, Occurrence, RawObject
from butler.core.mail import Mail
from butler.core.sources import Frame
from butler.core.text import one_line
from tools.calendar.ical import parse
from workflows.briefing.sections.agenda import edges, title
from workflows.briefing.view import View
from workflows.briefing.words import moment, say

_REQUEST = re.compile(r"(?im)^METHOD:REQUEST\b")
_FAR_DAYS = 400


@dataclass(frozen=True, slots=True)
class _Invitation:
    """What a calendar text invites to: its occurrences from a day on; `named` are those of a series that alone are meant."""

    uid: str
    named: frozenset[str]
    ahead: tuple[Occurrence, ...]
    attendees: tuple[Attendee, ...]
    is_past: bool


def settled(mails: Mapping[str, Mail], view: View) -> set[str]:
    """The references of invitations of these mails that want no answer: over, answered, or sent anew by a later mail."""
    invited = {ref: found for ref, mail in mails.items() if (found := _invitation(mail, view))}
    done = {ref for ref, one in invited.items() if one.is_past or _is_answered(one, view)}
    newest: dict[tuple[str, frozenset[str]], str] = {}
    for ref in sorted(invited, key=lambda ref: (mails[ref].when, ref)):
        like = (invited[ref].uid, invited[ref].named)
        # An update of the whole series takes the place of what was sent about some of its days, too.
        done.update(earlier for kept, earlier in newest.items() if kept == like or (kept[0] == like[0] and not like[1]))
        newest[like] = ref
    return done


def invites(mail: Mail, view: View) -> str:
    """What a mail invites to and when, in a phrase; nothing when it is no invitation."""
    found = _invitation(mail, view)
    if found is None or not found.ahead:
        return ""
    first = found.ahead[0]
    what = title(first) if first.summary.strip() else one_line(mail.message.subject, 80) or title(first)
    return say("invites", what=what, when=moment(first.start, view.day, view.zone))


def _is_answered(invitation: _Invitation, view: View) -> bool:
    """Whether the organizer knows the owner's answer already, as in updates sent to all."""
    own = {one.answer for one in invitation.attendees if view.is_owner(one.address)}
    return bool(own) and "needs-action" not in own


def _invitation(mail: Mail, view: View) -> _Invitation | None:
    text = mail.message.calendar
    return _read(text, view) if text and _REQUEST.search(text) else None


def _read(text: str, view: View) -> _Invitation | None:
    found = _occurrences(text, view.day, view.zone.key)
    if found is None:
        return None
    occurrences, recurs = found
    ahead = tuple(one for one in occurrences if edges(one, view)[1].date() >= view.day and one.status != "cancelled")
    if not occurrences:
        return _Invitation("", frozenset(), (), (), is_past=True) if recurs else None
    first = (ahead or occurrences)[0]
    named = frozenset() if recurs else frozenset(one.recurrence_id for one in occurrences if one.recurrence_id)
    return _Invitation(first.uid, named, ahead, first.attendees, is_past=recurs and not ahead)


@lru_cache(maxsize=256)
def _occurrences(text: str, day: dt.date, zone: str) -> tuple[Sequence[Occurrence], bool] | None:
    found = parse(RawObject("", "", text.encode(errors="replace")), Frame(zone, day, day + dt.timedelta(_FAR_DAYS)))
    return (found.occurrences, found.recurs) if found.occurrences or (found.recurs and not found.problems) else None
