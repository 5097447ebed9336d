"""What changed in the calendar since the last briefing: a series that moved, went or came is one change, not one a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from butler.core.briefing import Evidence
from butler.core.calendar import Placed
from butler.core.refs import parse_ref
from butler.core.text import one_line
from workflows.briefing.sections.agenda import edges, title
from workflows.briefing.sections.snapshot import KeptEvent, Snapshot
from workflows.briefing.view import Entry, View
from workflows.briefing.words import moment, say

When = dt.datetime | dt.date
Gone = Sequence[tuple[str, KeptEvent]]
Came = Sequence[Placed]
T = TypeVar("T")

_ANSWERED = ("accepted", "declined", "tentative", "delegated")
_EVIDENCE = 20


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of one occurrence; those with the same `like` are told together."""

    like: tuple[object, ...]
    text: str
    ref: str
    rule: str
    reason: str


def entries(before: Snapshot, view: View) -> list[Entry]:
    """The calendar's lines: first what is gone, then the rest in the order of its days."""
    now = {placed.ref: placed for placed in (*view.gathered.events, *view.gathered.ahead)}
    missing = [(ref, kept) for ref, kept in before.events.items() if ref not in now and _was_to_come(kept, view)]
    here = sorted(now.values(), key=lambda placed: (_instant(placed.occurrence.start, view), placed.ref))
    unknown = _unknown(here, {parse_ref(ref).key for ref, _ in missing}, before, view)
    missing.sort(key=lambda pair: (_instant(pair[1].start, view), pair[0]))
    moved, gone, came = _paired(missing, unknown, view)
    lost = [_lost(ref, kept, now, view) for ref, kept in gone] if _calendars_are_fresh(view) else []
    new = {placed.ref for placed in came if _is_near(placed, view)}
    rest: list[_Change] = []
    for placed in here:
        kept = before.events.get(placed.ref)
        rest += _changed(placed, kept, view) if kept else [_new(placed, view)] if placed.ref in new else []
    return [*_told(lost), *moved, *_told(rest)]


def _calendars_are_fresh(view: View) -> bool:
    return all(source.state == "fresh" for source in view.gathered.sources if source.kind == "calendar")


def _moment(when: When, view: View) -> str:
    return moment(when, view.day, view.zone)


def _instant(when: When, view: View) -> dt.datetime:
    if isinstance(when, dt.datetime):
        return when.astimezone(dt.UTC)
    return dt.datetime.combine(when, dt.time(), view.zone).astimezone(dt.UTC)


def _was_to_come(kept: KeptEvent, view: View) -> bool:
    day = view.local_day(kept.start) if isinstance(kept.start, dt.datetime) else kept.start
    return not kept.cancelled and day >= view.day


def _is_near(placed: Placed, view: View) -> bool:
    return edges(placed.occurrence, view)[0].date() <= view.day + dt.timedelta(1)


def _unknown(here: Sequence[Placed], missing: Collection[str], before: Snapshot, view: View) -> list[Placed]:
    """What the last briefing would have seen had it been there, or what it knew that now lies wholly out of its sight."""
    ahead = [placed for placed in here if edges(placed.occurrence, view)[0].date() >= view.day]
    seen = [placed for placed in ahead if edges(placed.occurrence, view)[0] < before.until]
    in_sight = {placed.occurrence.uid for placed in seen}
    far = [placed for placed in ahead if placed.occurrence.uid in missing and placed.occurrence.uid not in in_sight]
    return [one for one in (*seen, *far) if one.ref not in before.events and one.occurrence.status != "cancelled"]


def _paired(gone: Gone, came: Came, view: View) -> tuple[list[Entry], Gone, Came]:
    """What went and came under one name: the same event, or the same title of a series; what is left of both stands alone."""
    moved: list[Entry] = []
    # A series that is split, or a calendar that is read in anew, has its title under another UID.
    names: Sequence[tuple[Callable[[tuple[str, KeptEvent]], str], Callable[[Placed], str]]] = (
        (lambda pair: parse_ref(pair[0]).key, lambda placed: placed.occurrence.uid),
        (lambda pair: pair[1].summary.strip().casefold(), lambda placed: placed.occurrence.summary.strip().casefold()),
    )
    for old_name, new_name in names:
        went, arrived = _grouped(gone, old_name), _grouped(came, new_name)
        both = [
            name
            for name in went
            if name and name in arrived and (old_name is names[0][0] or _is_one(went[name], arrived[name], view))
        ]
        moved += [entry for name in both for entry in _moved(went.pop(name), arrived.pop(name), view)]
        gone, came = [pair for group in went.values() for pair in group], [one for group in arrived.values() for one in group]
    return moved, gone, came


def _is_one(gone: Gone, came: Came, view: View) -> bool:
    """Whether what went and came with one title is one event: two single ones of a title at two times need not be."""
    starts = {_instant(kept.start, view) for _, kept in gone}
    return min(len(gone), len(came)) > 1 or any(_instant(placed.occurrence.start, view) in starts for placed in came)


def _grouped(found: Iterable[T], name: Callable[[T], str]) -> dict[str, list[T]]:
    groups: dict[str, list[T]] = {}
    for one in found:
        groups.setdefault(name(one), []).append(one)
    return groups


def _moved(gone: Gone, came: Came, view: View) -> Iterator[Entry]:
    """One line about a series whose days went and came, nothing where all of them are as before."""
    starts = {_instant(kept.start, view) for _, kept in gone}
    stayed = {_instant(placed.occurrence.start, view) for placed in came} & starts
    old = [kept.start for _, kept in gone if _instant(kept.start, view) not in stayed]
    new = [placed for placed in came if _instant(placed.occurrence.start, view) not in stayed]
    if not new or not (old or _is_near(new[0], view)):
        return
    what, first = title(new[0].occurrence), _moment(new[0].occurrence.start, view)
    text = (
        say("changed_moved", what=what, old=_moment(old[0], view), new=first)
        if old
        else say("changed_new", what=what, new=first)
    )
    yield Entry(
        text=text + _more(max(len(old), len(new))),
        evidence=tuple(Evidence(ref=placed.ref) for placed in new[:_EVIDENCE]),
        rule="changes: moved" if old else "changes: new",
        reason="It began at other times at the last briefing." if old else "The last briefing did not know it.",
    )


def _more(count: int) -> str:
    if count < 2:
        return ""
    return f" ({say('once_more') if count == 2 else say('times_more', n=count - 1)})"


def _lost(ref: str, kept: KeptEvent, now: Mapping[str, Placed], view: View) -> _Change:
    """What was still to come and is in the calendar no more; it cites the event where there is still something of it."""
    named = parse_ref(ref)
    rest = next((other for other, placed in now.items() if placed.occurrence.uid == named.key), None)
    what = one_line(kept.summary, 80) or say("no_title")
    return _Change(
        like=("gone", named.place, named.key),
        text=say("changed_gone", what=what, old=_moment(kept.start, view)),
        ref=rest.removesuffix(f"/{parse_ref(rest).part}") if rest else ref,
        rule="gone",
        reason="The last briefing knew it, and it is not in the calendar's next days any more.",
    )


def _changed(placed: Placed, kept: KeptEvent, view: View) -> Iterator[_Change]:
    occurrence = placed.occurrence
    new = _moment(occurrence.start, view)
    if occurrence.status == "cancelled":
        if not kept.cancelled:
            text = say("changed_cancelled", what=title(occurrence), old=_moment(kept.start, view))
            reason = "It was not cancelled at the last briefing."
            yield _Change(("cancelled", occurrence.uid), text, placed.ref, "cancelled", reason)
        return
    if not _is_same(occurrence.start, kept.start):
        text = say("changed_moved", what=title(occurrence), old=_moment(kept.start, view), new=new)
        by = _instant(occurrence.start, view) - _instant(kept.start, view)
        reason = "It began at another time at the last briefing."
        yield _Change(("moved", occurrence.uid, by), text, placed.ref, "moved", reason)
    for one in view.others(occurrence.attendees):
        if one.answer in _ANSWERED and kept.answers.get(one.address, "needs-action") != one.answer:
            who = one_line(one.name, 30) or one_line(one.address, 40)
            text = say("changed_answer", who=who, answer=say(f"answer_{one.answer}"), what=title(occurrence), new=new)
            reason = "The last briefing knew another answer, or none."
            yield _Change((one.answer, occurrence.uid, one.address), text, placed.ref, "answer", reason)


def _is_same(new: When, old: When) -> bool:
    return isinstance(new, dt.datetime) == isinstance(old, dt.datetime) and new == old


def _new(placed: Placed, view: View) -> _Change:
    """What is on today or tomorrow, was not known, and would have been seen by the last briefing."""
    text = say("changed_new", what=title(placed.occurrence), new=_moment(placed.occurrence.start, view))
    return _Change(("new", placed.occurrence.uid), text, placed.ref, "new", "The last briefing did not know it.")


def _told(changes: Sequence[_Change]) -> Iterator[Entry]:
    """One line for the changes that are alike, in the words of the first."""
    groups: dict[tuple[object, ...], list[_Change]] = {}
    for change in changes:
        groups.setdefault(change.like, []).append(change)
    for group in groups.values():
        refs = list(dict.fromkeys(change.ref for change in group))[:_EVIDENCE]
        yield Entry(
            text=group[0].text + _more(len(group)),
            evidence=tuple(Evidence(ref=ref) for ref in refs),
            rule=f"changes: {group[0].rule}",
            reason=group[0].reason,
        )
