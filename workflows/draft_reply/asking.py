"""One reply as the model is asked for it: facts that code computed, and below them, as data, all that was gathered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from butler.core.dayplan import Span
from butler.core.mail import Mail
from butler.core.text import one_line, visible
from butler.core.trimming import trimmed
from tools.mail.message import split_new
from tools.mail.reading import to_read
from workflows.draft_reply.gather import Case, holds, searched
from workflows.draft_reply.language import NAMES

MAIL = 3_000
THREAD = 1_500
NOTE = 500
SHORT = 350
OLD = 1_200
_MAILS = 4
_READ = 20_000
_BLANK = re.compile(r"\n[ \t\r]*\n\s*")


def facts(case: Case, repairs: Sequence[str] = ()) -> str:
    """Lines that code or the owner wrote, what changes least first; nothing in them is from the world."""
    free = "; ".join(f"{number} = {_span(span, case)}" for number, span in enumerate(case.slots, 1))
    lines = [
        f"Owner: {one_line(case.identity.name, 100)}",
        f"Today: {case.day:%A %Y-%m-%d}",
        f"Reply language: {NAMES[case.language]}",
        f"Free times: {free or 'none'}",
    ]
    lines += [f"Proposed {_start(one.span, case)}: the owner is {'free' if one.free else 'not free'}" for one in case.asked]
    if case.old:
        lines.append(f"The owner wants OLD DRAFT changed: {one_line(case.old.wish, 500)}")
    if repairs:
        lines.append(f"A first draft was refused. {' '.join(repairs)}")
    return "\n".join(lines)


def text(case: Case, refused: Sequence[str] = ()) -> str:
    """All that was gathered, under headings; no line of the world can be a heading, for each begins with a bar."""
    return "\n".join(part for part in _parts(case, refused) if part)


def note_passage(case: Case, note_text: str) -> str:
    """The lines of a note that are about the mail, with the one before each."""
    words = searched(case.mail, case.text)
    lines = note_text.split("\n")
    holding = [at for at, line in enumerate(lines) if any(holds(line, word) for word in words)]
    wanted = sorted({near for at in holding for near in (at - 1, at) if near >= 0})
    return cut("\n".join(lines[at] for at in wanted), NOTE)


def cut(text: str, limit: int) -> str:
    """A text of at most `limit` characters, its gap marked."""
    flat = _BLANK.sub("\n", visible(text)).strip()
    return flat if len(flat) <= limit else f"{flat[:limit].rstrip()} [… {len(flat) - limit} characters left out]"


def _parts(case: Case, refused: Sequence[str]) -> Iterator[str]:
    yield _part("MAIL TO ANSWER", f"{_head(case.mail)}\n{cut(_answered(case), MAIL)}")
    for number, question in enumerate(case.questions, 1):
        yield _part(f"QUESTION {number}", one_line(question, 300))
    thread = [f"{_head(mail)}\n{cut(_new(mail), SHORT)}" for mail in case.thread[-_MAILS:]]
    yield _part("THREAD BEFORE", cut("\n".join(thread), THREAD))
    for note in case.notes:
        yield _part("NOTES", note_passage(case, note.text))
    yield _part("NOTES, REMEMBERED", "\n".join(one_line(each.text, NOTE) for each in case.remembered))
    for mail in case.earlier:
        yield _part("EARLIER, ABOUT SOMETHING ELSE", f"{_head(mail)}\n{cut(_new(mail), SHORT)}")
    for mail in case.examples:
        yield _part("HOW THE OWNER WRITES", cut(_new(mail), SHORT))
    for edit in case.edits:
        before, after = cut(unsigned(edit.before), SHORT), cut(unsigned(edit.after), SHORT)
        yield _part("A DRAFT THAT THE OWNER CHANGED", before) + "\n" + _part("HOW THE OWNER CHANGED IT", after)
    if case.old:
        yield _part("OLD DRAFT", cut(case.old.body, OLD))
    yield _part("WHY THE FIRST DRAFT WAS REFUSED", "\n".join(refused))


def unsigned(body: str) -> str:
    """A letter's body without the signature below it."""
    return body.partition("\n-- \n")[0].rstrip()


def _part(heading: str, words: str) -> str:
    return "\n".join([heading, *(f"| {line}" for line in words.split("\n"))]) if words.strip() else ""


def _head(mail: Mail) -> str:
    sender = mail.message.sender
    writer = "the owner" if mail.sent else one_line(sender.name or sender.address, 80) if sender else "unknown"
    return f"From: {writer}; Subject: {one_line(mail.message.subject, 150)}"


def _answered(case: Case) -> str:
    """The mail to answer; what it points at below itself stands in its thread, where that is known."""
    return (
        trimmed(case.text, case.questions)
        if case.thread
        else to_read(case.mail.message.text[:_READ], case.mail.message.subject)
    )


def _new(mail: Mail) -> str:
    return trimmed(split_new(mail.message.text[:_READ]).new)


def _start(span: Span, case: Case) -> str:
    return f"{span.start.astimezone(case.plan.owner.zone):%A %Y-%m-%d %H:%M}"


def _span(span: Span, case: Case) -> str:
    return f"{_start(span, case)}-{span.end.astimezone(case.plan.owner.zone):%H:%M}"
