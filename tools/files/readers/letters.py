"""Mails and calendar files that were saved as files, by the code that reads those of a mailbox and of a calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from butler.core.documents import LONGEST_TEXT
from butler.core.mail import Message, RawMail
from tools.files.readers.reading import Reading, counted

_MOST_PARTS = 5_000
_TEXT_LIMIT = 20_000
_END = b"END:VCALENDAR\r\n"


def read_mail(content: bytes, zone: str) -> Reading:
    """Read a mail: who wrote it to whom, when and about what, and its text; what is attached is only named."""
    from tools.mail.message import parse

    message = parse(RawMail("", frozenset(), 0, len(content), whole=content), LONGEST_TEXT)
    head = "\n".join(filter(None, (message.subject, *_envelope(message, ZoneInfo(zone)))))
    names = [each.name or each.media_type for each in message.attachments]
    left = [f"{counted(len(names), 'attachment', 'attachments')} left out: {', '.join(names)[:300]}."] if names else []
    return Reading(f"{head}\n\n{message.text}".strip(), (*message.problems, *left))


def _envelope(message: Message, zone: ZoneInfo) -> Iterator[str]:
    if message.sender is not None:
        yield f"From: {message.sender.name} <{message.sender.address}>".replace(":  <", ": <")
    if message.to:
        yield "To: " + ", ".join(each.name or each.address for each in message.to[:20])
    if message.cc:
        yield "Cc: " + ", ".join(each.name or each.address for each in message.cc[:20])
    if message.date is not None:
        yield f"Date: {message.date.astimezone(zone):%Y-%m-%d %H:%M}"


def read_calendar(content: bytes, zone: str) -> Reading:
    """Read the events and tasks of a calendar file, each once, its times in the owner's zone."""
    from tools.calendar.components import moment
    from tools.calendar.fields import in_zone, template, text
    from tools.calendar.reading import read
    from tools.calendar.rules import LIBRARY_ERRORS

    owner = ZoneInfo(zone)
    whole, content = content, _beginning(content)
    found = read(content, owner)
    pieces: list[str] = []
    for part in found.parts[:_MOST_PARTS]:
        lines = [text(part.component, "SUMMARY")]
        try:
            if part.kind == "VEVENT":
                event = template(part.component, "", _TEXT_LIMIT)
                lines.append(_span(in_zone(event.start, owner), in_zone(event.end, owner)))
                lines.append("Cancelled" if event.status == "cancelled" else "")
            elif due := moment(part.component, "DUE"):
                lines.append(f"Due: {_shown(in_zone(due, owner))}")
        except LIBRARY_ERRORS:
            lines.append("")
        lines.append(_repeated(part.component.get("RRULE")))
        lines += [text(part.component, "LOCATION"), text(part.component, "DESCRIPTION", _TEXT_LIMIT)]
        pieces.append("\n".join(filter(None, lines)))
    is_cut = len(content) < len(whole) or len(found.parts) > _MOST_PARTS
    left = (f"Only its first {len(pieces):,} entries were read.",) if is_cut else ()
    journals = content.upper().count(b"BEGIN:VJOURNAL")
    others = (f"{counted(journals, 'journal entry', 'journal entries')} left out.",) if journals else ()
    return Reading("\n\n".join(pieces), (*found.problems, *left, *others))


def _beginning(content: bytes) -> bytes:
    """As many whole entries of a calendar as are read of one."""
    from tools.calendar.reading import LARGEST, MOST_LINES

    lines = content[:LARGEST].split(b"\n", MOST_LINES - 2)
    if len(content) <= LARGEST and len(lines) < MOST_LINES - 1:
        return content
    # The last one may be half a line, or all that is left.
    kept = lines[:-1]
    while kept and not kept[-1].startswith((b"END:VEVENT", b"END:VTODO")):
        kept.pop()
    return b"\n".join([*kept, _END]) if kept else content


def _span(start: object, end: object) -> str:
    if isinstance(start, datetime) and isinstance(end, datetime) and start < end:
        last = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{start:%Y-%m-%d %H:%M}–{last}"
    return _shown(start)


def _shown(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else f"{moment}"


def _repeated(rule: object) -> str:
    """How often an event comes again: it stands there once."""
    often = rule.get("FREQ") if isinstance(rule, Mapping) else None
    return f"Repeats: {str(often[0]).lower()}" if isinstance(often, list) and often else ""
