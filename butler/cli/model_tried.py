"""How a comparison of two models is told: a few numbers first, then each mail, draft and briefing that differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from butler import wording
from butler.cli import output
from butler.cli.model_tried_table import rows
from butler.core.comparing import Judged, OneDay, OtherDraft, OtherJudgement, OtherSection, Unusable, line_changes
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.shadow.shadow import Compared
    from butler.shadow.sides import Side

T = TypeVar("T", OtherJudgement, OtherDraft, Unusable)

_BOLD, _DIM, _RED, _GREEN = "1", "2", "31", "32"
_LABELS = {
    "reply": "wants an answer",
    "unsure": "perhaps wants an answer",
    "none": "wants no answer",
    "promise": "promises something",
}
_LONGEST = 1_000


def lines(found: Compared, zone: ZoneInfo) -> Iterator[str]:
    """Lay a comparison out."""
    yield from _head(found)
    if not found.days:
        return
    if not found.differs:
        yield "Nothing differs."
    yield ""
    yield from rows(found)
    judged = (one for day in found.days for one in _in_order(day.judgements, found))
    yield from _part("Judged otherwise", "mail", [_judgement(one, found, zone) for one in judged])
    unusable = (one for day in found.days for one in _in_order(day.unusable, found))
    yield from _part("Without a valid answer", "mail", [_unusable(one, found, zone) for one in unusable])
    drafts = (one for day in found.days for one in _in_order(day.drafts, found))
    yield from _part("Answered otherwise", "mail", [_draft(one, found, zone) for one in drafts])
    yield from _part("Briefed otherwise", "day", [_briefing(day, zone) for day in found.days if day.sections])


def _part(heading: str, what: str, blocks: Sequence[Iterator[str]]) -> Iterator[str]:
    """A heading with how many there are, and each of them; nothing where there is none."""
    if blocks:
        yield from ("", output.painted(_BOLD, f"{heading}: {_count(len(blocks), what)}"))
    for block in blocks:
        yield from ("", *block)


def _in_order(those: Sequence[T], found: Compared) -> list[T]:
    """What differs of one day, the oldest mail first."""
    return sorted(those, key=lambda each: (each.ref in found.mails and found.mails[each.ref].when.timestamp(), each.ref))


def _head(found: Compared) -> Iterator[str]:
    mails, days = sum(day.mails for day in found.days), found.days
    if not days:
        yield from output.hanging("", f"{_of(found.other)} beside {_of(found.present)}: no day was compared.")
        return
    span = _day(days[0].day) if len(days) == 1 else f"{_count(len(days), 'day')}, {_day(days[0].day)} to {_day(days[-1].day)}"
    said = _count(mails, "mail") if mails else "no mails"
    yield from output.hanging("", f"{_of(found.other)} beside {_of(found.present)} over {span}: {said}.")
    if found.differs:
        judged, answered = sum(len(day.judgements) for day in days), sum(len(day.drafts) for day in days)
        briefed = sum(bool(day.sections) for day in days)
        told = f"{judged} judged otherwise, {answered} answered otherwise, {_count(briefed, 'briefing')} with other lines."
        yield from output.hanging("", told)


def _of(side: Side) -> str:
    return one_line(side.name, 80)


def _judgement(one: OtherJudgement, found: Compared, zone: ZoneInfo) -> Iterator[str]:
    yield from _subject(one.ref, found, zone)
    mail = found.mails.get(one.ref)
    sent = mail.sent if mail else "promise" in one.aspects
    for side, judged, code in ((found.present, one.present, _RED), (found.other, one.other, _GREEN)):
        yield from _told(f"{_of(side)}: {_verdict(judged, sent=sent)}", code)
        for quote in _quotes(judged):
            yield from _told(f"“{quote}”", "", "      ")
        if judged.failure:
            yield from _told(f"By rules: {judged.failure}", _DIM, "      ")


def _verdict(judged: Judged, *, sent: bool) -> str:
    dues = ", ".join(f"by {_when(due.when)}" for due in judged.dues)
    promised = "; ".join(f"until {_when(each.due)}" for each in judged.promises if each.due)
    count = f" ({len(judged.promises)})" if len(judged.promises) > 1 else ""
    said = "promises nothing" if sent and judged.label == "none" else _LABELS.get(judged.label, judged.label)
    return ", ".join(filter(None, (said + count, dues, promised)))


def _quotes(judged: Judged) -> list[str]:
    words = (judged.quote, *(due.quote for due in judged.dues), *(each.quote for each in judged.promises))
    return [quote for quote in dict.fromkeys(words) if quote]


def _unusable(one: Unusable, found: Compared, zone: ZoneInfo) -> Iterator[str]:
    yield from _subject(one.ref, found, zone)
    for side, failure in ((found.present, one.present), (found.other, one.other)):
        if failure:
            yield from _told(f"{_of(side)}: {failure}", "")


def _draft(one: OtherDraft, found: Compared, zone: ZoneInfo) -> Iterator[str]:
    yield from _subject(one.ref, found, zone)
    for side, draft, code in ((found.present, one.present, _RED), (found.other, one.other, _GREEN)):
        if not draft.body:
            yield from _told(f"{_of(side)}: no draft. {draft.reason}", code)
    if one.present.body and one.other.body and one.present.body == one.other.body:
        yield from _told("The same text.", _DIM)
    else:
        for sign, line in line_changes(one.present.body, one.other.body):
            code = {"-": _RED, "+": _GREEN}.get(sign, "")
            yield from _told(line, code, f"    {sign} ") if line.strip() else ()
    yield from _checks(one, found)


def _checks(one: OtherDraft, found: Compared) -> Iterator[str]:
    """What only one of the two was found to have."""
    for side, draft, other in ((found.present, one.present, one.other), (found.other, one.other, one.present)):
        for check in draft.checks:
            if check not in other.checks:
                yield from _told(f"{_of(side)}, {check.name}: {check.sentence}", _DIM)


def _briefing(day: OneDay, zone: ZoneInfo) -> Iterator[str]:
    at = f" at {day.briefed.astimezone(zone):%H:%M}" if day.briefed else ""
    yield f"  {_day(day.day)}{at}"
    for section in day.sections:
        yield from _section(section)


def _section(section: OtherSection) -> Iterator[str]:
    heading = next((words for name, words in wording.HEADINGS.items() if name == section.name), section.name)
    order = ", in another order" if section.reordered else ""
    yield f"    {heading}{order}"
    for sign, code, told in (("-", _RED, section.present), ("+", _GREEN, section.other)):
        for line in told:
            yield from _told(line, code, f"    {sign} ")


def _subject(ref: str, found: Compared, zone: ZoneInfo) -> Iterator[str]:
    mail = found.mails.get(ref)
    if mail is None:
        yield from _told(ref, "", "  ")
        return
    message = mail.message
    person = message.to[0] if mail.sent and message.to else message.sender
    who = one_line(person.name or person.address, 60) if person else "somebody"
    subject = one_line(message.subject, 200) or "(no subject)"
    to = "to " if mail.sent else ""
    yield from _told(f"{mail.when.astimezone(zone):%a %d %b %H:%M}, {to}{who}: {subject}", "", "  ")


def _told(text: str, code: str, margin: str = "    ") -> Iterator[str]:
    """Words from the world beside a margin; only they are painted."""
    for number, line in enumerate(output.hanging(margin, one_line(text, _LONGEST))):
        start = len(margin) if number == 0 else len(line) - len(line.lstrip())
        yield line[:start] + output.painted(code, line[start:]) if code else line


def _when(iso: str) -> str:
    """A day, and a time of it where there is one, as they are told."""
    day, _, clock = iso.partition(" ")
    try:
        return " ".join(filter(None, (_day(date.fromisoformat(day)), clock)))
    except ValueError:
        return iso


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
