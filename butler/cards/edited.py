"""A file that comes back from an editor: its headers, its text, and what is wrong with it, pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from butler.core.errors import ButlerError

COMMENT = "#:"
"""How a line begins that is only for reading."""

_HEADER = re.compile(r"([A-Za-z][A-Za-z-]*):[ \t]?(.*)")
_MAY_MISS = frozenset({"Cc", "Bcc"})


class EditProblems(ButlerError):  # noqa: N818 - it is a list of them
    """The edited file cannot be read; every problem is named at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("The edit was not taken over:\n  - " + "\n  - ".join(problems))


@dataclass
class Read:
    """A file as it was read: the headers with their lines' numbers, the text, and what is wrong so far."""

    headers: dict[str, tuple[int, str]] = field(default_factory=dict)
    text: str = ""
    problems: list[str] = field(default_factory=list)

    def value(self, name: str) -> str:
        """What a header says; empty where it is not there."""
        return self.headers.get(name, (0, ""))[1]


def read_file(text: str, names: Sequence[str], *, has_text: bool) -> Read:
    """Split a file into its headers and its text."""
    read = Read()
    lines = text.replace("\r\n", "\n").split("\n")
    place = next((place for place, line in enumerate(lines) if not line.startswith(COMMENT)), len(lines))
    if names:
        place = _head(read, lines, place, names)
    elif place and place < len(lines) and not lines[place].strip():
        place += 1
    read.text = "\n".join(lines[place:])
    if not has_text and read.text.strip():
        read.problems.append(f"Line {place + 1}: there is no text here, only the lines above.")
    missing = [name for name in names if name not in read.headers and name not in _MAY_MISS]
    read.problems += [f"The line “{name}:” is missing." for name in missing]
    return read


def _head(read: Read, lines: Sequence[str], start: int, names: Sequence[str]) -> int:
    """Read the head; returns where the text begins."""
    last = ""
    for place in range(start, len(lines)):
        if not lines[place].strip():
            return place + 1
        last = _header(read, lines[place], place + 1, last, names)
    return len(lines)


def _header(read: Read, line: str, number: int, last: str, names: Sequence[str]) -> str:
    """Take in a line of the head; returns the header that the next line may go on with."""
    if line.startswith(COMMENT):
        return last
    if line[0] in " \t" and last:
        begun, value = read.headers[last]
        read.headers[last] = (begun, f"{value} {line.strip()}".strip())
        return last
    found = _HEADER.fullmatch(line)
    if found is None:
        read.problems.append(f"Line {number}: “{line[:60]}” is no line like “{names[0]}: …”. An empty line ends the head.")
        return last
    name = next((each for each in names if each.casefold() == found[1].casefold()), "")
    if not name:
        read.problems.append(f"Line {number}: there is no “{found[1]}:” here. There are: {', '.join(names)}.")
    elif name in read.headers:
        read.problems.append(f"Line {number}: “{name}:” stands here twice.")
    else:
        read.headers[name] = (number, found[2].strip())
        return name
    return last
