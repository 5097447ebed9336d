"""Adds one line to a file and takes it back, whatever else somebody writes there meanwhile."""

from __future__ import annotations

import fcntl

from butler.core.effects import AddLine, Receipt, Seen, TakeLine
from butler.core.errors import EffectError
from tools.files.places import Content, NoFolderError, Place, place_in, sha256

_TRIES = 3
"""How often a line is added again when somebody else wrote between the look and the write."""


def look_line(root: str, name: str, effect: AddLine | TakeLine) -> Seen:
    """Look whether the line is there; what else is in the file does not matter."""
    try:
        with place_in(root, effect.path) as place:
            found = place.read()
    except NoFolderError as missing:
        return Seen(state="gone", sentence=f"The folder {missing} for {effect.path} does not exist. Make it first.")
    if (found is not None and _at(found, effect.line) is not None) == isinstance(effect, AddLine):
        return Seen(state="done", receipt=_receipt(name, effect))
    return Seen(state="open")


def act_line(root: str, name: str, effect: AddLine | TakeLine) -> Receipt:
    """Write the file with the line, or without it; raises EffectError, to be tried again, where others write all the time."""
    try:
        with place_in(root, effect.path) as place:
            # One of ours at a time, so that of two lines none is lost; it ends with the folder that is closed.
            fcntl.flock(place.folder, fcntl.LOCK_EX)
            if any(_written(place, effect) for _ in range(_TRIES)):
                return _receipt(name, effect)
    except NoFolderError as missing:
        raise EffectError(f"The folder {missing} for {effect.path} does not exist.", permanent=True, held=True) from None
    raise EffectError(f"{effect.path} changes all the time.", advice="It is tried again.")


def _written(place: Place, effect: AddLine | TakeLine) -> bool:
    found = place.read()
    at = None if found is None else _at(found, effect.line)
    line = effect.line.encode()
    if isinstance(effect, AddLine):
        if at is not None:
            return True
        old = found.content if found else effect.head.encode()
        gap = b"" if not old or old.endswith(b"\n") else b"\n"
        return place.write(old + gap + line + b"\n", found)
    if found is None or at is None:
        return True
    after = found.content[at + len(line) :]
    return place.write(found.content[:at] + after.removeprefix(b"\r").removeprefix(b"\n"), found)


def _at(found: Content, line: str) -> int | None:
    """Where a line begins that is a whole one; None where there is none such."""
    at = 0
    for each in found.content.split(b"\n"):
        if each.removesuffix(b"\r") == line.encode():
            return at
        at += len(each) + 1
    return None


def _receipt(name: str, effect: AddLine | TakeLine) -> Receipt:
    place = f"{name}/{effect.path}"
    if isinstance(effect, TakeLine):
        # True too where the line was changed meanwhile: what it became is somebody's own.
        told = f"The line as it was written no longer stands in {place}; all else there is as it was."
        return Receipt(sentence=told, answer="removed", place=place)
    undo = TakeLine(account=effect.account, path=effect.path, line=effect.line)
    return Receipt(
        sentence=f"Added a line to {place}.", answer=f"sha256 {sha256(effect.line.encode())}", place=place, undo=undo
    )
