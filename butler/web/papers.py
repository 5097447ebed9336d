"""Pages that workflows made, read as what they are made of: headings, lines with what each rests on, quotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from butler.core.errors import StateError, UnknownRefError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,120}")
LARGEST = 1_000_000
_HEAD = 2_000

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>#|!~$=^:.@+)-])")
_MARKS = re.compile(r"(?:(?<!\\)\[\^\d+\])+$")
_SEE = re.compile(r"\[\^(\d+)\]: see (`+) ?(.*?) ?\2$")
_ROW, _RULE, _BAR = re.compile(r"\| (.*) \|"), re.compile(r"\|(?: -+:? \|)+"), re.compile(r" (?<!\\)\| ")

Style = Literal["title", "heading", "line", "quote", "notice", "text"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a page: its words without any mark of Markdown, and the references of what it rests on."""

    style: Style
    text: str
    refs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A page by its name, with its title; `changed` is in seconds since 1970."""

    name: str
    title: str
    changed: float


def kept(folder: Path, limit: int) -> list[Paper]:
    """The pages that are kept in a folder, the latest first."""
    paths = [path for path in folder.glob("*.md") if NAME.fullmatch(path.stem) and path.is_file()]
    latest = sorted(((path.stat().st_mtime, path) for path in paths), reverse=True)[:limit]
    return [Paper(path.stem, _title(path), changed) for changed, path in latest]


def read(folder: Path, name: str) -> list[Piece]:
    """Read a page; raises UnknownRefError where there is none of that name."""
    path = folder / f"{name}.md"
    if not NAME.fullmatch(name) or not path.is_file():
        raise UnknownRefError("There is no such page.", advice="It may have been swept away since.")
    return list(pieces(_text(path, LARGEST)))


def _title(path: Path) -> str:
    return next((one.text for one in pieces(_text(path, _HEAD)) if one.style == "title"), path.stem)


def _text(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            return file.read(most).decode("utf-8", "replace")
    except OSError as error:
        raise StateError(f"The page cannot be read: {error.strerror}.", advice="Check the butler's state folder.") from error


def pieces(text: str) -> Iterator[Piece]:
    """Take a page apart: what `workflows.pages` wrote, and of anything else its lines as text."""
    lines = _without_front_matter(text.split("\n"))
    refs = {number: ref for line in lines if (found := _SEE.fullmatch(line)) for number, ref in [(found[1], found[3])]}
    for line in lines:
        if line.strip() and line != "---" and not _SEE.fullmatch(line) and not _RULE.fullmatch(line):
            yield _piece(line, refs)


def _without_front_matter(lines: list[str]) -> list[str]:
    if lines and lines[0] == "---" and "---" in lines[1:]:
        return lines[lines.index("---", 1) + 1 :]
    return lines


def _piece(line: str, refs: Mapping[str, str]) -> Piece:
    if row := _ROW.fullmatch(line):
        line = _as_line(row[1])
    marks = _MARKS.search(line)
    numbers = re.findall(r"\d+", marks.group()) if marks else []
    body = line[: marks.start()] if marks else line
    style, words = _style(body)
    return Piece(style, _ESCAPED.sub(r"\1", words), tuple(refs[number] for number in numbers if number in refs))


def _as_line(row: str) -> str:
    """A row of a table as a line: its cells, and at the end the marks that stand in any of them."""
    cells = [cell.strip() for cell in _BAR.split(row) if cell.strip()]
    marks = "".join(found.group() for cell in cells if (found := _MARKS.search(cell)))
    return f"- {' · '.join(_MARKS.sub('', cell) for cell in cells)}{marks}"


def _style(line: str) -> tuple[Style, str]:
    for head, style in _HEADS:
        if line.startswith(head):
            return style, line.removeprefix(head)
    if line.startswith("*") and line.endswith("*") and not line.startswith("**") and len(line) > 2:
        return "notice", line[1:-1]
    return "text", line.replace("**Not fresh:**", "Not fresh:")


_HEADS: tuple[tuple[str, Style], ...] = (("# ", "title"), ("## ", "heading"), ("- ", "line"), ("  > ", "quote"))
