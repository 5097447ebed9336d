"""What was done in a week, day by day: meetings with others, mails written, tasks done, notes changed, documents filed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from butler.core.definitions import Definition, Material, Reckoned, ReckonedLine, Reckoner
from butler.core.localtime import day_start, local_date
from butler.core.mail import Mail
from butler.core.text import one_line
from workflows.briefing.addressed import is_owner
from workflows.briefing.words import day_name, listed, person, span
from workflows.reckoners.showing import CITED, counted, line, quoted, row, section, sections_of, table, whole
from workflows.reckoners.week.meetings import Meeting, meetings, minutes_by_day

_OWN_PAGE = re.compile(r"---\r?\ndate: \d{4}-\d\d-\d\d\r?\ngenerated_at: ")
"""Pages that the butler wrote begin so: the owner changed nothing there."""

MAILS = 12
NAMED = 4
_MOVED, _COMPLETED = "file.move", "task.complete"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done on a day: a sentence and what it rests on."""

    day: dt.date
    kind: str
    order: str
    text: str
    refs: tuple[str, ...]


def reckon(material: Material, definition: Definition, day: dt.date) -> Reckoned:
    """Look back from a day to the first moment of the definition's windows, or to Monday."""
    zone = material.owner.zone
    monday = day_start(day - dt.timedelta(day.weekday()), zone)
    begins = [window[0] for window in material.windows if window is not None]
    since, until = min(begins, default=monday), min(material.now, day_start(day + dt.timedelta(1), zone))
    held = meetings(material.events, material.owner, since, until)
    deeds = [*_attended(held, material), *_written(material, since, until), *_decided(material, since, until)]
    deeds += _changed(material, since, until)
    days = sorted({deed.day for deed in deeds})
    minutes = minutes_by_day(held, zone)
    most = whole(definition.options("week").get("mails"), "mails", MAILS, 200)
    columns = ["day", "meetings", "in meetings", "mails written", "tasks done", "notes", "filed"]
    sections = [
        table("In all", columns, _sums(deeds, days, minutes, day)),
        *(section(day_name(each, day), _of_day([one for one in deeds if one.day == each], most)) for each in days),
    ]
    return Reckoned(sections_of(*sections))


OPTIONS = {"mails": f"how many mails of each day are shown ({MAILS})"}
WEEK = Reckoner(reckon, OPTIONS, ("mail", "events", "notes", "documents", "tasks"))


def _sums(
    deeds: Sequence[Deed], days: Sequence[dt.date], minutes: dict[dt.date, int], today: dt.date
) -> Iterator[ReckonedLine]:
    for each in days:
        yield _sum(day_name(each, today), [one for one in deeds if one.day == each], minutes.get(each, 0))
    if len(days) > 1:
        yield _sum("together", deeds, sum(minutes.values()))


def _sum(name: str, deeds: Sequence[Deed], minutes: int) -> ReckonedLine:
    counts = {kind: [deed for deed in deeds if deed.kind == kind] for kind in ("meeting", "mail", "task", "note", "filed")}
    numbers = [str(len(found)) if found else "–" for found in counts.values()]
    refs = [deed.refs[0] for found in counts.values() for deed in found[:1]]
    return row([name, numbers[0], span(minutes) if minutes else "–", *numbers[1:]], refs[:CITED])


def _of_day(deeds: Iterable[Deed], most: int) -> Iterator[ReckonedLine]:
    """The lines of a day: of its mails only so many, its notes in one line."""
    order = ("meeting", "mail", "task", "filed", "note")
    ordered = sorted(deeds, key=lambda one: (order.index(one.kind), one.order, one.text))
    mails = [deed for deed in ordered if deed.kind == "mail"]
    notes = [deed for deed in ordered if deed.kind == "note"]
    yield from (line(deed.text, deed.refs) for deed in ordered if deed.kind == "meeting" or deed in mails[:most])
    if mails[most:]:
        said = counted(len(mails) - most, "more mail")
        yield line(f"and {said}", [ref for one in mails[most : most + CITED] for ref in one.refs])
    yield from (line(deed.text, deed.refs) for deed in ordered if deed.kind not in {"meeting", "mail", "note"})
    if notes:
        said = f"{counted(len(notes), 'note')} changed: {listed([deed.text for deed in notes], NAMED)}"
        yield line(said, [ref for one in notes[:NAMED] for ref in one.refs])


def _attended(held: Sequence[Meeting], material: Material) -> Iterator[Deed]:
    zone = material.owner.zone
    for one in held:
        start, end = one.start.astimezone(zone), one.end.astimezone(zone)
        who = listed([one_line(each.name, 40) or one_line(each.address, 60) for each in one.others])
        title = one_line(one.placed.occurrence.summary, 100) or "(no title)"
        text = f"{start:%H:%M}–{end:%H:%M} {title}, with {who}"
        yield Deed(start.date(), "meeting", f"{start:%H:%M}", text, (one.placed.ref,))


def _written(material: Material, since: dt.datetime, until: dt.datetime) -> Iterator[Deed]:
    """The mails that the owner wrote, those of one thread and day as one line."""
    zone = material.owner.zone
    groups: dict[tuple[dt.date, int], list[Mail]] = {}
    for mail in sorted(material.mails, key=lambda one: (one.when, one.ref)):
        if mail.sent and since <= mail.when < until:
            groups.setdefault((local_date(mail.when, zone), mail.thread), []).append(mail)
    for (day, _), group in groups.items():
        for at, mail in enumerate(group):
            people = [one for one in (*mail.message.to, *mail.message.cc) if not is_owner(one.address, material.owner)]
            who = listed([person(one) for one in people], 3) or "yourself"
            subject = quoted(mail.message.subject, 100) if mail.message.subject.strip() else "(no subject)"
            often = f" ({counted(len(group), 'mail')} in this thread)" if len(group) > 1 and at == 0 else ""
            yield Deed(day, "mail", f"{mail.when.astimezone(zone):%H:%M}", f"To {who}: {subject}{often}", (mail.ref,))


def _decided(material: Material, since: dt.datetime, until: dt.datetime) -> Iterator[Deed]:
    """What the butler did because the owner said so: tasks completed, documents filed."""
    seen: set[int] = set()
    for kept, decision in material.decided:
        kind = kept.action.kind
        if kept.status != "done" or kept.id in seen or not kept.action.sources or not since <= decision.at < until:
            continue
        if kind in {_MOVED, _COMPLETED}:
            seen.add(kept.id)
            local = decision.at.astimezone(material.owner.zone)
            name = "filed" if kind == _MOVED else "task"
            yield Deed(local.date(), name, f"{local:%H:%M}", kept.action.reason, tuple(kept.action.sources[:CITED]))


def _changed(material: Material, since: dt.datetime, until: dt.datetime) -> Iterator[Deed]:
    """Notes and documents that were changed last in that time; what the butler wrote itself is none of them."""
    papers = [(note.ref, note.path, note.modified, note.text) for note in material.notes]
    papers += [(paper.ref, paper.path, paper.modified, paper.text) for paper in material.documents]
    known: set[str] = set()
    for ref, path, modified, text in papers:
        if ref not in known and since <= modified < until and not _OWN_PAGE.match(text):
            known.add(ref)
            local = modified.astimezone(material.owner.zone)
            yield Deed(local.date(), "note", f"{local:%H:%M}", one_line(path, 40), (ref,))
