"""What the model gets to read: each gathered thing and each reckoned line as a numbered text, parted into prompts that fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from butler.core.calendar import Placed, PlacedTask
from butler.core.definitions import Material
from butler.core.text import one_line, visible
from tools.mail.reading import to_read
from workflows.own.reckon import Findings

LARGEST = 8_000
"""Bytes of texts in one prompt: with the owner's words and the answer it stays well below what any model is given."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A text by its references; `title` says what it is, `names` are words around it that are known to be true.

    What was reckoned rests on its references, but does not stand there: it is no quote of theirs.
    """

    refs: tuple[str, ...]
    title: str
    text: str
    names: tuple[str, ...] = ()
    is_reckoned: bool = False

    def numbered(self, number: int) -> str:
        """The text as the model reads it."""
        return f"[{number}] {self.title}\n{self.text}".rstrip()


def things_of(material: Material, findings: Findings, most: int) -> list[Thing]:
    """All that can be read, reckoned lines first; `most` are the characters of each."""
    zone = material.owner.zone
    found = [*_facts(findings), *_mails(material, most, zone)]
    found += [
        Thing((each.ref,), f"document: {each.path}", _text(each.text, most)) for each in material.documents if not each.content
    ]
    found += [Thing((each.ref,), f"note: {each.path}", _text(each.text, most)) for each in material.notes]
    found += [_event(each, most, zone) for each in material.events]
    found += [_task(each, most) for each in material.tasks]
    return [each for each in found if each.text.strip()]


def batches(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    """Part things into prompts; what alone is too large is cut by whoever asks, who says so."""
    batch: list[Thing] = []
    size = 0
    for thing in things:
        needs = len(thing.numbered(len(batch) + 1).encode()) + 1
        if batch and size + needs > LARGEST:
            yield batch
            batch, size = [], 0
        batch.append(thing)
        size += needs
    if batch:
        yield batch


def _facts(findings: Findings) -> Iterator[Thing]:
    for section in findings.sections:
        for line in section.lines:
            cells = line.text.split("\t")
            named = [f"{name}: {cell}" if name else cell for name, cell in zip(section.columns, cells, strict=False)]
            text = ", ".join(named) if section.columns else line.text
            yield Thing(line.refs, f"computed, {section.heading}", text, is_reckoned=True)


def _mails(material: Material, most: int, zone: ZoneInfo) -> Iterator[Thing]:
    for mail in material.mails:
        message = mail.message
        sender = message.sender
        who = one_line(" ".join(filter(None, (sender.name, f"<{sender.address}>"))), 120) if sender else "nobody"
        subject = one_line(message.subject, 200)
        # What was quoted of earlier mails is read in those, where it is wanted.
        text = f"{subject}\n{_text(to_read(message.text, message.subject), most)}"
        yield Thing((mail.ref,), f"mail of {mail.when.astimezone(zone):%Y-%m-%d} from {who}", text, (who,))


def _event(placed: Placed, most: int, zone: ZoneInfo) -> Thing:
    one = placed.occurrence
    start = (
        one.start.astimezone(zone).strftime("%Y-%m-%d %H:%M") if isinstance(one.start, dt.datetime) else one.start.isoformat()
    )
    lines = filter(None, (f"{start} {one_line(one.summary, 200)}", one_line(one.location, 200), _text(one.description, most)))
    return Thing((placed.ref,), "event", "\n".join(lines))


def _task(placed: PlacedTask, most: int) -> Thing:
    task = placed.task
    due = f"due {task.due:%Y-%m-%d}" if task.due else ""
    return Thing(
        (placed.ref,), "task", "\n".join(filter(None, (one_line(task.summary, 200), due, _text(task.description, most))))
    )


def _text(text: str, most: int) -> str:
    clean = visible(text).strip()
    return clean if len(clean) <= most else f"{clean[:most]}…"
