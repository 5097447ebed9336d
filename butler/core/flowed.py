"""Values of front matter on one line: texts with and without quotes, `[a, b]` and `{a: b}`; and what they are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_MOST_JOINED = 200
_DEEPEST = 5
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", " ": " "}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"')
_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_COMMENT = re.compile(r"\s+#.*$")
_PIECE = re.compile(r"""[^,\[\]{}]+""")
_FLOW_KEY = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"'\[\]{},:#&*!|>%@`][^\[\]{},:]*?):(?=\s|$|[\[{"'])""")
_RESERVED = "&*!|>%@`,]}"
_MARKS = frozenset("-:?")
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
"""What YAML calls no value, where it stands without quotes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a line, as a sentence that says what to do."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text; `is_quoted` says that it was written as one, so that an empty one is meant."""

    line: int
    text: str
    is_quoted: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands there, or what YAML takes for nothing."""
        return not self.text if self.is_quoted else self.text in NULLS


@dataclass(frozen=True, slots=True)
class Listed:
    """Values one after the other."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Values by name, each with the line of its name."""

    line: int
    entries: tuple[tuple[str, int, Node], ...]

    def get(self, name: str) -> Node | None:
        """The value of a name."""
        return next((node for key, _, node in self.entries if key == name), None)

    def line_of(self, name: str) -> int:
        """The line that a name stands in; that of the table where it does not."""
        return next((line for key, line, _ in self.entries if key == name), self.line)


Node = Leaf | Listed | Table


class Wrong:
    """Collects what is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def __call__(self, line: int, sentence: str) -> None:
        """Note that something is wrong in a line."""
        self.problems.append(Problem(line, sentence))


def near(word: str, known: Iterable[str]) -> str:
    """Ask whether another word was meant; empty where none is like it."""
    found = get_close_matches(word, list(known), 1, 0.7)
    return f" Did you mean {found[0]}?" if found else ""


def plural(node: Node) -> str:
    """Say what a value is that is no text."""
    return "a table" if isinstance(node, Table) else "a list"


class _WrongError(ValueError):
    """A value is not written as it has to be."""


def unquoted(word: str) -> str:
    """A name or text without the quotes around it."""
    if word.startswith('"') and (found := _DOUBLE.fullmatch(word)):
        return _ESCAPE.sub(_unescaped, found[1])
    if word.startswith("'") and (found := _SINGLE.fullmatch(word)):
        return found[1].replace("''", "'")
    return word.strip()


def joined(rest: str, lines: Sequence[str], at: int) -> tuple[str, int]:
    """What begins on a line, with those after it where brackets or quotes are still open; and the number of the next line."""
    whole, following = rest, at + 1
    while _is_open(whole) and following < len(lines) and following - at < _MOST_JOINED:
        whole += " " + lines[following].strip()
        following += 1
    # What never closes is one line's fault: those after it are read for themselves.
    return (rest, at + 1) if _is_open(whole) else (whole, following)


def read(text: str, line: int) -> tuple[Node, list[Problem]]:
    """Read a value that stands on one line."""
    flow = _Flow(text, line)
    try:
        node = flow.value(0) if text[:1] in "[{\"'" else Leaf(line, _plain(_COMMENT.sub("", text).rstrip()))
        flow.end(is_plain=text[:1] not in "[{\"'")
    except _WrongError as error:
        return Leaf(line, ""), [Problem(line, str(error))]
    return node, flow.problems


def _is_open(text: str) -> bool:
    """Whether brackets or the quotes at the beginning of a value are not closed yet."""
    if text[:1] not in "[{\"'":
        return False
    bare = _SINGLE.sub("", _DOUBLE.sub("", text))
    bare = _COMMENT.sub("", bare)
    if text[0] in "\"'":
        return bare.startswith(text[0])
    return sum(bare.count(each) for each in "[{") > sum(bare.count(each) for each in "]}")


def _plain(text: str) -> str:
    """A text without quotes, where it needs none."""
    if text[:1] and (text[0] in _RESERVED or (text[0] in _MARKS and text[1:2] in {"", " "})):
        raise _WrongError(f'{_short(text)} has to stand in quotes, for it begins with "{text[0]}".')
    if ": " in text or text.endswith(":"):
        raise _WrongError(f'{_short(text)} has to stand in quotes, for there is ": " in it.')
    return text


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _unescaped(found: re.Match[str]) -> str:
    sign = found[1]
    if sign[0] in "ux" and len(sign) > 1:
        return chr(int(sign[1:], 16))
    return _ESCAPES.get(sign, sign)


class _Flow:
    """Reads one line from left to right."""

    def __init__(self, text: str, line: int) -> None:
        self._text = text
        self._line = line
        self._at = 0
        self._is_in_list = False
        self.problems: list[Problem] = []

    def value(self, depth: int) -> Node:
        """The value that begins here; raises _WrongError."""
        self._space()
        sign = self._text[self._at : self._at + 1]
        if depth > _DEEPEST:
            raise _WrongError(f"It is nested over {_DEEPEST} levels deep.")
        if sign == "[":
            return self._listed(depth)
        if sign == "{":
            return self._table(depth)
        if sign in {'"', "'"}:
            return self._quoted(_DOUBLE if sign == '"' else _SINGLE)
        found = _PIECE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        if found is None and sign == "," and self._is_in_list:
            raise _WrongError("Between two commas there is nothing. Take one of them out.")
        return Leaf(self._line, _plain(found[0].strip()) if found else "")

    def end(self, *, is_plain: bool) -> None:
        """Complain about what follows a value on its line."""
        rest = "" if is_plain else self._text[self._at :]
        if rest.strip() and not _COMMENT.match(rest):
            raise _WrongError(f"After the value, {_short(rest.strip())} is too much. Put the whole into one pair of quotes.")

    def _space(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _quoted(self, pattern: re.Pattern[str]) -> Leaf:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise _WrongError("A quote is not closed.")
        self._at = found.end()
        return Leaf(self._line, unquoted(found[0]), is_quoted=True)

    def _listed(self, depth: int) -> Listed:
        items: list[Node] = []
        self._at += 1
        while not self._closes("]"):
            self._is_in_list = True
            items.append(self.value(depth + 1))
            self._part("]")
        return Listed(self._line, tuple(items))

    def _table(self, depth: int) -> Table:
        entries: dict[str, Node] = {}
        self._at += 1
        while not self._closes("}"):
            key = _FLOW_KEY.match(self._text, self._at)
            if key is None:
                raise _WrongError('Between { and } there have to be pairs such as "name: value", parted by commas.')
            self._at = key.end()
            name = unquoted(key[1])
            if name in entries:
                self.problems.append(Problem(self._line, f"{name} stands there twice. Keep one of them."))
            self._is_in_list = False
            entries.setdefault(name, self.value(depth + 1))
            self._part("}")
        return Table(self._line, tuple((name, self._line, node) for name, node in entries.items()))

    def _closes(self, sign: str) -> bool:
        self._space()
        if self._at >= len(self._text):
            raise _WrongError(f'There is no "{sign}" at its end.')
        if self._text[self._at] != sign:
            return False
        self._at += 1
        return True

    def _part(self, sign: str) -> None:
        """Go over the comma between two values."""
        self._space()
        if self._text[self._at : self._at + 1] == ",":
            self._at += 1
        elif self._text[self._at : self._at + 1] not in {sign, ""}:
            raise _WrongError(f'Between values there has to be a comma, not "{self._text[self._at]}".')
