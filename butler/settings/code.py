"""The owner's own code by folder: where it is, never what is in it, for it is loaded in the jail alone.

plugins/workflows/NAME.py   with WORKFLOW, as an entry point in `butler.workflows` names it
plugins/reckoners/NAME.py   with RECKONER, as one in `butler.reckoners`
plugins/tools/KIND.py       with TOOL, as one in `butler.tools`; it stands in for the tool of that kind
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from butler.core.defining import NAME
from butler.core.definingtools import Options
from butler.core.definitions import Reckoner
from butler.core.sources import SourceKind

Room = Literal["workflows", "reckoners", "tools"]
ROOMS: Mapping[Room, str] = {"workflows": "WORKFLOW", "reckoners": "RECKONER", "tools": "TOOL"}
"""The folders, and what a file in each has to name."""
_MOST = 100
_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_HIDDEN = frozenset({"own", "exam"})
"""Workflows that nobody runs by that name."""


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a folder, which may not be there; `problems` of it are found whenever it is asked for."""

    folder: Path | None = None

    def workflows(self) -> frozenset[str]:
        """The names of all workflows that are code, entry points and files."""
        return frozenset({*points("butler.workflows"), *self.places("workflows")}) - _HIDDEN

    def reckoners(self, *, strict: bool) -> dict[str, Options]:
        """All reckoners, each with its options; those of other packages and of the owner's files nobody looks into here."""
        named = points("butler.reckoners")
        ours = {name: _options(name) for name, value in named.items() if strict and value.startswith("workflows.")}
        return {**dict.fromkeys(named), **ours, **dict.fromkeys(self.places("reckoners"))}

    def places(self, room: Room) -> dict[str, str]:
        """The files of a room that may be loaded, by name."""
        return {name: path for name, path, wrong in self._found(room) if not wrong}

    def files(self) -> list[tuple[Room, Path]]:
        """All files of all rooms that may be loaded, with what they import from beside them."""
        named = [(room, Path(path)) for room in ROOMS for path in self.places(room).values()]
        beside = {(room, each) for room, path in named for each in path.parent.glob("_*.py") if not _wrong(each.lstat())}
        return sorted({*named, *beside})

    def problems(self) -> list[str]:
        """What of the folder is not taken, each with what to do."""
        return [f"{path} {wrong}" for room in ROOMS for _, path, wrong in self._found(room) if wrong]

    def _found(self, room: Room) -> Iterator[tuple[str, str, str]]:
        """The files of a room: name, path, and why it is not taken."""
        if self.folder is None:
            return
        place = self.folder / room
        try:
            statuses = [(each, each.lstat()) for each in (self.folder, place)]
            files = sorted(path for path in place.iterdir() if path.suffix == ".py" and not path.name.startswith((".", "_")))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            yield "", str(place), f"cannot be read: {error.strerror}. Check its permissions."
            return
        for folder, status in statuses:
            if wrong := _wrong(status, is_folder=True):
                yield "", str(folder), f"{wrong} So no code in it is taken."
                return
        for path in files[:_MOST]:
            name = path.name.removesuffix(".py")
            wrong = _wrong(path.lstat()) or _misnamed(room, name)
            yield name, str(path.absolute()), wrong


def _misnamed(room: Room, name: str) -> str:
    if room == "tools" and name not in get_args(SourceKind):
        return f"is named like no kind of source. There are: {', '.join(get_args(SourceKind))}."
    return "" if NAME.fullmatch(name) else "has no name of small letters, digits, - and _."


def _wrong(status: os.stat_result, *, is_folder: bool = False) -> str:
    """Why code is not to be relied on: somebody else could have written it, or it is a link to what they could."""
    if stat.S_ISLNK(status.st_mode):
        return "is a link. Put there what it leads to."
    if not (stat.S_ISDIR(status.st_mode) if is_folder else stat.S_ISREG(status.st_mode)):
        return "is no folder." if is_folder else "is no file."
    if status.st_uid not in {os.geteuid(), 0}:
        return "belongs to another user. Make it yours with `chown`."
    return "can be changed by others. Run `chmod go-w` on it." if status.st_mode & _OTHERS else ""


@cache
def points(group: str) -> dict[str, str]:
    """The entry points of a group, each with where it leads; of a name the later counts, and one that ships least."""
    from importlib.metadata import entry_points

    found = sorted(entry_points(group=group), key=lambda point: not point.value.startswith("workflows."))
    return {point.name: point.value for point in found}


@cache
def _options(name: str) -> Options:
    """The options of a reckoner that ships; None where it does not say."""
    from importlib import import_module

    module, _, attribute = points("butler.reckoners")[name].partition(":")
    found = getattr(import_module(module), attribute)
    return found.options if isinstance(found, Reckoner) else None
