"""Front matter: a small, strict part of YAML in which every value is a text, read with the line of everything and all problems.

Nothing is guessed: `no`, `12:30` and `1e3` stay what they are. There are no anchors, tags or types, so nothing can grow or run.
Whatever is taken here means the same to a reader of YAML, so that other programs show it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from butler.core import flowed
from butler.core.flowed import Leaf, Listed, Node, Problem, Table

FENCE = "---"
_KEY = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'\[\]{},&*!|>%@`#:?-](?:[^:#]|:(?!\s|$)|(?<!\s)#)*?):(?=\s|$)""")
_DASH = re.compile(r"-(\s+|$)")
_BLOCK = re.compile(r"([|>])([+-]?)(?:\s+#.*)?$")
_DEEPEST = 6
_MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Split:
    """A file taken apart: its front matter, and the text after it, whose first line has the number `body_line`."""

    matter: Table
    body: str
    body_line: int
    problems: tuple[Problem, ...] = ()


def split(text: str) -> Split:
    """Take a file apart; what is wrong with it is in `problems`."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    nothing = Table(1, ())
    if lines[0].rstrip() != FENCE:
        told = f'It has no front matter. Begin the file with a line "{FENCE}", then what it is, then "{FENCE}" and the prompt.'
        return Split(nothing, text, 1, (Problem(1, told),))
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() in {FENCE, "..."}), None)
    if end is None:
        return Split(nothing, "", len(lines), (Problem(1, f'The front matter has no end. Put a line "{FENCE}" after it.'),))
    if end > _MOST_LINES:
        return Split(nothing, "", end, (Problem(1, f"The front matter has over {_MOST_LINES} lines. Shorten it."),))
    reader = _Reader(lines[1:end])
    matter = reader.whole()
    return Split(matter, "\n".join(lines[end + 1 :]), end + 2, tuple(sorted(reader.problems, key=lambda each: each.line)))


@dataclass
class _Reader:
    """Reads blocks by their indentation; the first of `lines` is the second of its file."""

    lines: list[str]
    at: int = 0
    problems: list[Problem] = field(default_factory=list)

    def whole(self) -> Table:
        """The front matter, which is a table."""
        entries: list[tuple[str, int, Node]] = []
        while (indent := self._peek()) is not None:
            if indent:
                self._complain("It is indented, but stands below nothing. Take the spaces before it out.")
                self.at += 1
                continue
            entries += self._table(0, 1).entries
            if self._peek() == 0:
                self._complain('It is not of the form "name: value".')
                self.at += 1
        return self._without_twins(Table(2, tuple(entries)))

    def _peek(self) -> int | None:
        """Go to the next line that says something, and tell how far it is indented."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            rest = line.lstrip(" ")
            if "\t" in line:
                self._complain("There is a tab in it. Use spaces.")
            elif rest and not rest.startswith("#"):
                return len(line) - len(rest)
            self.at += 1
        return None

    @property
    def _line(self) -> int:
        return self.at + 2

    def _complain(self, sentence: str, line: int = 0) -> None:
        self.problems.append(Problem(line or self._line, sentence))

    def _block(self, indent: int, depth: int) -> Node:
        """What stands at an indentation: a list or a table."""
        rest = self.lines[self.at][indent:]
        if depth > _DEEPEST:
            self._complain(f"It is nested over {_DEEPEST} levels deep.")
            self._skip(indent)
            return Leaf(self._line, "")
        if _DASH.match(rest):
            return self._listed(indent, depth)
        if _KEY.match(rest):
            return self._without_twins(self._table(indent, depth))
        return self._value(rest, indent, depth)

    def _skip(self, indent: int) -> None:
        while (found := self._peek()) is not None and found >= indent:
            self.at += 1

    def _table(self, indent: int, depth: int) -> Table:
        entries: list[tuple[str, int, Node]] = []
        first = self._line
        while self._peek() == indent and (key := _KEY.match(self.lines[self.at][indent:])):
            line, name = self._line, flowed.unquoted(key[1])
            rest = self.lines[self.at][indent + key.end() :].strip()
            entries.append((name, line, self._value(rest, indent, depth)))
            self._refuse_deeper(indent)
        return Table(first, tuple(entries))

    def _listed(self, indent: int, depth: int) -> Listed:
        first, items = self._line, []
        while self._peek() == indent and (dash := _DASH.match(self.lines[self.at][indent:])):
            inner = indent + dash.end()
            rest = self.lines[self.at][inner:]
            if rest and not rest.startswith("#") and (_KEY.match(rest) or _DASH.match(rest)):
                # The rest of the line is a block of its own, indented as far as it stands.
                self.lines[self.at] = " " * inner + rest
                items.append(self._block(inner, depth + 1))
            else:
                items.append(self._value(rest.strip(), indent, depth))
            self._refuse_deeper(indent)
        return Listed(first, tuple(items))

    def _refuse_deeper(self, indent: int) -> None:
        """Complain about lines that are indented further than what they follow allows; once for all of them."""
        found = self._peek()
        if found is not None and found > indent:
            self._complain("It is indented further than what is above it. Line it up, or put a long text in quotes.")
            self._skip(indent + 1)

    def _value(self, rest: str, indent: int, depth: int) -> Node:
        """What follows a name or a dash: on its line, or on those below it."""
        line = self._line
        if block := _BLOCK.match(rest):
            return self._text(indent, folded=block[1] == ">", line=line)
        if rest and not rest.startswith("#"):
            whole, self.at = flowed.joined(rest, self.lines, self.at)
            node, wrong = flowed.read(whole, line)
            self.problems += wrong
            return node
        self.at += 1
        below = self._peek()
        if below is not None and (below > indent or (below == indent and _DASH.match(self.lines[self.at][indent:]))):
            is_list_beside = below == indent and not _DASH.match(self.lines[line - 2][indent:])
            if below > indent or is_list_beside:
                return self._block(below, depth + 1)
        return Leaf(line, "")

    def _text(self, indent: int, *, folded: bool, line: int) -> Leaf:
        """A text over several lines."""
        self.at += 1
        found: list[str] = []
        while self.at < len(self.lines):
            each = self.lines[self.at]
            if each.strip() and len(each) - len(each.lstrip(" ")) <= indent:
                break
            found.append(each)
            self.at += 1
        margin = min((len(each) - len(each.lstrip(" ")) for each in found if each.strip()), default=0)
        inner = [each[margin:].rstrip() for each in found]
        return Leaf(line, (" " if folded else "\n").join(inner).strip(), is_quoted=True)

    def _without_twins(self, table: Table) -> Table:
        kept, twins = _parted(table.entries)
        for name, line, first in twins:
            self._complain(f"{name} stands there twice, first in line {first}. Keep one of them.", line)
        return Table(table.line, tuple(kept))


def _parted(
    entries: Sequence[tuple[str, int, Node]],
) -> tuple[list[tuple[str, int, Node]], list[tuple[str, int, int]]]:
    """Entries by the first of each name, and the others with the line of the first."""
    first: dict[str, int] = {}
    kept, twins = [], []
    for name, line, node in entries:
        if name in first:
            twins.append((name, line, first[name]))
        else:
            first[name] = line
            kept.append((name, line, node))
    return kept, twins


def named(node: Node) -> Iterator[Leaf]:
    """All texts of a value, those between commas each for itself where they stand without quotes."""
    for leaf in leaves(node):
        if leaf.is_quoted or "," not in leaf.text:
            yield leaf
        else:
            yield from (Leaf(leaf.line, piece.strip()) for piece in leaf.text.split(","))


def leaves(node: Node) -> Iterator[Leaf]:
    """All texts of a value, in their order."""
    match node:
        case Leaf():
            yield node
        case Listed():
            for item in node.items:
                yield from leaves(item)
        case Table():
            for _, _, value in node.entries:
                yield from leaves(value)
