"""The owner's own workflows: the files of their folder and those that ship, each read whole, every problem with its line."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from butler.core.defining import LARGEST, Known, Read, read_definition
from butler.core.definitions import NO_MODEL, Definition
from butler.core.errors import SettingsError, UsageError
from butler.core.flowed import Problem
from butler.core.jobs import Job
from butler.core.policy import Hours
from butler.core.text import one_line
from butler.settings.code import Code
from butler.settings.jobs import JobPart, job_of, problems_of
from butler.settings.reasons import reasons
from butler.settings.shipped import shipped_paths

_MOST = 200
_ENDING = ".md"
RESERVED = frozenset({"own", "ask", "sync", "maintenance", "meaning", "brief"})

Origin = Literal["shipped", "own"]


@dataclass(frozen=True, slots=True)
class File:
    """A file of a workflow, by the name of that: its definition where nothing is wrong with it, else all problems."""

    name: str
    path: Path
    origin: Origin
    definition: Definition | None
    problems: tuple[Problem, ...] = ()

    def told(self) -> list[str]:
        """The problems, each with the file and its line."""
        return [f"{self.path}:{problem.line}: {problem.sentence}" for problem in self.problems]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All files, one of each name: the owner's own stands in for one that ships. `problems` are those of the folder itself."""

    files: tuple[File, ...] = ()
    problems: tuple[str, ...] = ()
    names: frozenset[str] = field(default_factory=frozenset)
    """The workflows that are code, whose names no file may have."""

    def find(self, name: str) -> File | None:
        """The file of a workflow."""
        return next((each for each in self.files if each.name == name), None)

    def titles(self) -> dict[str, str]:
        """What the workflows are called, by name."""
        return {each.name: each.definition.title for each in self.files if each.definition}

    def told(self) -> list[str]:
        """All problems, each with its file and line."""
        return [*self.problems, *(sentence for each in self.files for sentence in each.told())]

    def definition(self, name: str) -> Definition | None:
        """The definition of a workflow, None where there is no file of it; raises SettingsError where it has problems."""
        found = self.find(name)
        if found is None:
            return None
        if found.definition is None:
            raise SettingsError(found.told())
        return found.definition

    def jobs(self, taken: Iterable[str], quiet: Hours | None) -> Iterator[Job]:
        """The jobs of the owner's files; those that the settings name (`taken`) are theirs, and what ships waits for that."""
        known = frozenset(taken)
        for each in self.files:
            definition = each.definition
            if definition and definition.trigger and each.origin == "own" and each.name not in known:
                part = JobPart.model_validate(definition.trigger)
                yield job_of(each.name, part, quiet, title=definition.title, model=definition.model != NO_MODEL)


def known_of(
    code: Code, roots: frozenset[str] | None = None, calls: frozenset[str] | None = None, *, strict: bool = True
) -> Known:
    """What a file may name; `strict` looks into the reckoners for the options that they take, which loads those that ship."""
    return Known(code.reckoners(strict=strict), roots, code.places("reckoners"), wrong_triggers, calls)


def shelf(
    folder: Path | None,
    code: Code,
    roots: frozenset[str] | None = None,
    calls: frozenset[str] | None = None,
    *,
    strict: bool = True,
) -> Shelf:
    """Read all files, the owner's against the roots and servers' reads of their settings; `strict` as for `known_of`."""
    names = frozenset({*code.workflows(), *RESERVED})
    known = known_of(code, strict=strict)
    own, problems = _own(folder, replace(known, roots=roots, calls=calls))
    files: dict[str, File] = {}
    for each in (*own, *shipped(known)):
        if each.name in names:
            told = f"{each.name} is the name of a workflow that is code. Choose another name."
            each = _refused(each, told)
        if each.name not in files:
            files[each.name] = each
        elif each.origin == "own":
            first = files[each.name].path.name
            problems.append(f"{each.path}:1: {each.name} is the name of {first}, too. Set another name in one of them.")
    return Shelf(tuple(files[name] for name in sorted(files)), tuple(problems), names)


def shipped(known: Known) -> list[File]:
    """The files that ship."""
    return [read_file(path, known, "shipped") for path in shipped_paths()]


def read_file(path: Path, known: Known, origin: Origin = "own") -> File:
    """Read one file: a regular one of the owner's that nobody else could have written, no link, of some size, in UTF-8."""
    name = path.name.removesuffix(_ENDING)
    try:
        text = _text(path, mine=origin == "own")
    except ValueError as error:
        return File(name, path, origin, None, (Problem(1, str(error)),))
    except UnreadableLineError as error:
        return File(name, path, origin, None, (Problem(error.line, "It is not UTF-8 text. Save the file as UTF-8."),))
    found: Read = read_definition(text, name, known, is_shipped=origin == "shipped")
    return File(found.definition.name if found.definition else name, path, origin, found.definition, found.problems)


class UnreadableLineError(Exception):
    """A line of a file is no text."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def wrong_triggers(trigger: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is wrong with a trigger, by the name of its setting; what does not fit together, by none."""
    wrong = [(key, f"{one_line(key, 60)} is no setting of a trigger.") for key in trigger if key not in _TRIGGER]
    known = {key: value for key, value in trigger.items() if key in _TRIGGER}
    try:
        part = JobPart.model_validate(known)
    except ValidationError as error:
        for each in error.errors(include_url=False, include_input=False):
            told = reasons(each["type"], each["msg"], each.get("ctx", {}))
            wrong += [(str(each["loc"][0]), f"{each['loc'][0]} {reason}.") for reason in told]
        return wrong
    return wrong or [("", sentence) for sentence in problems_of(part)]


_TRIGGER = frozenset(JobPart.model_fields) - {"workflow"}


def _own(folder: Path | None, known: Known) -> tuple[list[File], list[str]]:
    """The files of the owner's folder; a folder that is not there has none."""
    if folder is None:
        return [], []
    try:
        status = folder.stat()
        paths = sorted(path for path in folder.iterdir() if path.suffix == _ENDING and not path.name.startswith("."))
    except FileNotFoundError:
        return [], []
    except NotADirectoryError:
        return [], [f"{folder} is no folder. Move the file away."]
    except OSError as error:
        return [], [f"{folder} cannot be read: {error.strerror}. Check its permissions."]
    if wrong := wrong_hands(status):
        return [], [f"{folder} {wrong} So none of its files is taken."]
    problems = [f"{folder} has over {_MOST} files; those after {paths[_MOST - 1].name} are left out."] if paths[_MOST:] else []
    return [read_file(path, known) for path in paths[:_MOST]], problems


def _text(path: Path, *, mine: bool) -> str:
    """The text of a file; raises ValueError with what to do, and UnreadableLineError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if path.is_symlink():
            raise ValueError("It is a link. Put the file itself there.") from error
        raise ValueError(f"It cannot be read: {error.strerror}. Check its permissions.") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise ValueError("It is no file. Take it out of the folder, or name it otherwise.")
    with open(descriptor, "rb") as file:
        if mine and (wrong := wrong_hands(status)):
            raise ValueError(f"It {wrong}")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"It is over {LARGEST // 1000} kB. A workflow is a page of text; what it reads are its sources.")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise UnreadableLineError(content[: error.start].count(b"\n") + 1) from error


def wrong_hands(status: os.stat_result) -> str:
    """Why a file or folder is not to be relied on, after its name; empty where only its owner could have written it."""
    if status.st_uid not in {os.geteuid(), 0}:
        return "belongs to another user. Make it yours with `chown`."
    return "can be changed by others. Run `chmod go-w` on it." if status.st_mode & stat.S_IWOTH else ""


def _refused(file: File, sentence: str) -> File:
    return File(file.name, file.path, file.origin, None, (*file.problems, Problem(1, sentence)))


def unknown(name: str, found: Shelf, code: Sequence[str]) -> UsageError:
    """Say that there is no such workflow."""
    known = ", ".join(sorted({*code, *(each.name for each in found.files)}))
    return UsageError(f"There is no workflow {name!r}.", advice=f"There are: {known}.")
