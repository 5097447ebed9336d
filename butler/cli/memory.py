"""`butler memory`: what the butler remembers, and something new for it to remember."""

from __future__ import annotations

import argparse
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from butler.cli import deciding, opening, output
from butler.core.actions import Action, Kept
from butler.core.errors import StateError, UsageError
from butler.core.payloads import MemoryAdd
from butler.core.refs import file_ref
from butler.core.remembering import LONGEST, NOTE, ROOT, TOLD, Remembered
from butler.core.text import one_line, typed

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings


def run(options: argparse.Namespace) -> int:
    """List what is remembered, or add what the owner says."""
    settings = opening.settings(options)
    text = " ".join(typed(" ".join(options.text)).split())
    return _add(options, settings, text) if options.text else _list(options, settings)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    folder = settings.memory.account(settings.state_dir).path
    _refuse_no_file(folder / NOTE)
    with opening.house(settings) as house:
        found = house.remembered()
        waiting = house.truth.outbox.find(kind="memory.add", limit=100)
    if options.json:
        output.show_json(
            {
                "file": str(folder / NOTE),
                "remembered": [_as_json(each) for each in found],
                "held": [kept.id for kept in waiting],
            }
        )
        return 0
    for each in found:
        origin = ", ".join(filter(None, (each.source, each.on.isoformat() if each.on else "")))
        output.show("\n".join(output.hanging("- ", one_line(each.text))))
        if origin:
            output.show(output.painted("2", f"  {one_line(origin, 1000)}"))
    if not found:
        example = 'butler memory "I take no meetings before ten."'
        output.say(options, f"Nothing is remembered yet. Tell it something: {example}")
    else:
        output.say(options, f"Change or remove lines in {folder / NOTE}.")
    if waiting:
        output.say(options, f"{len(waiting)} more to decide: `butler review` goes through them.")
    return 0


def _approved(house: House, kept: Kept) -> Kept:
    """Approve it, unless a rule of the owner's has done so already."""
    if kept.status != "held":
        return kept
    return house.gate.approve(kept.id, kept.hash, deciding.owner(), deciding.VIA)


def _refuse_no_file(note: Path) -> None:
    """Say that a note is there that is not read: nothing would be remembered without a word."""
    if note.is_symlink():
        raise StateError(f"{note} is a link, and links are not followed.", advice="Set memory.folder to where the note lies.")
    if note.exists() and not note.is_file():
        raise StateError(f"{note} is no plain file.", advice="Move it away.")


def _as_json(each: Remembered) -> dict[str, object]:
    return {
        "text": each.text,
        "source": each.source,
        "date": each.on.isoformat() if each.on else None,
        "ref": file_ref(ROOT, NOTE, each.line),
    }


def _add(options: argparse.Namespace, settings: Settings, text: str) -> int:
    """What the owner says themselves is approved by saying it."""
    if not text or len(text) > LONGEST:
        raise UsageError(
            f"One thing has 1 to {LONGEST} characters, and this has {len(text)}.", advice="Say it in one sentence."
        )
    now = datetime.now(UTC)
    payload = MemoryAdd(text=text, source=TOLD, on=now.astimezone(settings.person().zone).date())
    cause = f"person:{deciding.owner()}:{uuid.uuid4().hex}"
    with opening.house(settings) as house:
        kept = house.gate.propose(Action(payload, "You said it.", cause, (cause,)))
        told = [deciding.tried(kept.id, lambda: _approved(house, kept))]
        told = deciding.carried_out(house, told)
    return deciding.report(options, told)
