"""`butler edit`: an action in the owner's own editor, or from a file that somebody else wrote."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from butler.cards.edited import EditProblems
from butler.cards.editing import Rewrite, as_file, from_file
from butler.cli import deciding, opening, output
from butler.cli.beside import card_of, show_card
from butler.cli.given import text_of
from butler.core.actions import Kept
from butler.core.errors import ButlerError, StateError, UsageError
from butler.core.payloads import Payload
from butler.environment import owners_environment

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings

FOLDER = "edits"


def run(options: argparse.Namespace) -> int:
    """Take an action as the editor, or a file, has it; it stays held."""
    wanted = deciding.named(options.id)
    if options.check and options.given is None:
        raise UsageError("There is nothing to check.", advice="Name the file with --from FILE, or --from - for standard input.")
    text = None if options.given is None else text_of(options.given, "an edited action")
    settings = opening.settings(options)
    with opening.house(settings) as house:
        kept = deciding.held(house, wanted)
        if text is None:
            kept = edited(house, settings, options, kept)
        else:
            payload, problems = _read(kept, text, settings)
            if payload is None or options.check:
                return _checked(options, payload, problems)
            kept = house.gate.edit(kept.id, kept.hash, payload, deciding.owner(), deciding.VIA)
        card = card_of(house, settings, kept)
    if options.json:
        from butler.cards import document

        output.show_json(document.as_json(card))
    else:
        output.show(show_card(card, settings))
    return 0


def edited(house: House, settings: Settings, options: argparse.Namespace, kept: Kept) -> Kept:
    """Let the owner edit a held action; returns it as it is then. What cannot be used is kept and told by a ButlerError."""
    zone = settings.person().zone
    file = settings.state_dir / FOLDER / f"{kept.id}.{kept.hash[:12]}.txt"
    before = as_file(kept.action.payload, kept.id, zone)
    if file.is_file():
        output.say(options, f"Going on with the edit that was left in {file}.")
    else:
        _write(file, before)
    failure = _open_editor(file)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StateError(f"The edit in {file} cannot be read: {error}.", advice="Nothing was changed.") from error
    if text == before or not text.strip():
        file.unlink()
    if failure:
        left = f" What it left is in {file}; `butler edit {kept.id}` goes on with it." if file.exists() else ""
        raise ButlerError(failure, advice=f"Nothing was changed.{left}")
    if not text.strip():
        raise ButlerError("The file came back empty.", advice="Nothing was changed; to say no, `butler reject` it.")
    if text == before:
        output.say(options, "Nothing was changed.")
        return kept
    done = _taken_over(house, settings, kept, text, file)
    file.unlink()
    if done.hash == kept.hash:
        output.say(options, "Nothing was changed.")
    return done


def _read(kept: Kept, text: str, settings: Settings) -> tuple[Payload | None, Sequence[str]]:
    """Read an edited action: what it becomes, or all that is wrong with it."""
    if not text.strip():
        return None, ("It is empty.",)
    try:
        return from_file(kept.action.payload, text, settings.person().zone, _rewriting(settings)), ()
    except EditProblems as problems:
        return None, problems.problems


def _checked(options: argparse.Namespace, payload: Payload | None, problems: Sequence[str]) -> int:
    """Say what an action would become, or what is wrong; nothing was changed."""
    if options.json:
        output.show_json({"problems": list(problems), "payload": payload and payload.model_dump(mode="json")})
    if problems:
        output.fail(str(EditProblems(problems)))
    elif not options.json:
        output.say(options, "It can be taken over as it is. Nothing was changed.")
    return 1 if problems else 0


def _taken_over(house: House, settings: Settings, kept: Kept, text: str, file: Path) -> Kept:
    again = f"Your edit is kept in {file}; `butler edit {kept.id}` goes on with it."
    try:
        payload = from_file(kept.action.payload, text, settings.person().zone, _rewriting(settings))
        return house.gate.edit(kept.id, kept.hash, payload, deciding.owner(), deciding.VIA)
    except EditProblems as problems:
        raise ButlerError(str(problems), advice=f"\n{again}") from problems
    except ButlerError as error:
        raise ButlerError(str(error), advice=f"Your edit is kept in {file}.") from error


def _rewriting(settings: Settings) -> Rewrite:
    from butler.cli.rewriting import rewritten

    return lambda payload, fields: rewritten(payload, fields, datetime.now(UTC), settings.person().addresses)


def _write(file: Path, text: str) -> None:
    """Make the file for the editor, whole, readable by its owner alone."""
    from butler.publish import write_whole

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_whole(file, text.encode())


def _open_editor(file: Path) -> str:
    """Run the owner's editor on a file to its end; returns a sentence when it failed."""
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not named and not sys.stdin.isatty():
        return "There is no terminal for an editor; give the edited action with --from FILE, or name a program in EDITOR."
    editor = named or "vi"
    try:
        code = subprocess.run([*shlex.split(editor), str(file)], env=owners_environment(), check=False).returncode
    except (OSError, ValueError) as error:
        return f"The editor {editor!r} cannot be started ({error}); name another one in VISUAL or EDITOR."
    return f"The editor ended with {code}." if code else ""
