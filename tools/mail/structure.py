"""A mail's structure: which parts are its text, which are attachments; from BODYSTRUCTURE (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from butler.core.mail import Attachment
from tools.charset import clean, decode
from tools.mail.headers import decode_words

PART_LIMIT = 200
DEPTH_LIMIT = 20
TEXT_PARTS = 10
CALENDAR_LIMIT = 262_144

_NAME_LIMIT = 255
_LARGEST = 1 << 40
_EMPTY_PLAIN = 8
"""A plain alternative of so few bytes is a stub beside the real text in HTML."""


@dataclass(slots=True)
class Leaf:
    """One part that holds no others; `path` is its IMAP part number, `size` the bytes of its transfer encoding."""

    path: str
    media_type: str
    charset: str
    encoding: str
    size: int
    name: str
    attached: bool


@dataclass(slots=True)
class Shape:
    """What is to be read of a mail: text and calendar parts, attachments by name, and sentences on what is left out."""

    texts: list[Leaf]
    attachments: tuple[Attachment, ...]
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Branch:
    """A multipart: its subtype and children."""

    subtype: str
    children: list[Leaf | Branch]


def shape_of(tree: Leaf | Branch, problems: tuple[str, ...] = ()) -> Shape:
    """Choose the parts that a reader sees as text; of alternatives the plain one."""
    if isinstance(tree, Leaf) and not tree.attached and tree.media_type in {"text/plain", "text/html"}:
        return Shape([tree], (), problems)
    leaves = list(_leaves(tree))
    shown = [leaf for leaf in _shown(tree) if leaf.size > 0]
    texts = [leaf for leaf in shown if leaf.media_type != "text/calendar"][:TEXT_PARTS]
    calendars = [leaf for leaf in leaves if leaf.media_type in {"text/calendar", "application/ics"}]
    small = [leaf for leaf in calendars if 0 < leaf.size <= CALENDAR_LIMIT][:1]
    kept = {leaf.path for leaf in leaves if leaf.attached or not _is_text(leaf)} | {leaf.path for leaf in shown[TEXT_PARTS:]}
    attachments = tuple(Attachment(leaf.name, leaf.media_type, leaf.size) for leaf in leaves if leaf.path in kept)
    if len(calendars) > len(small):
        problems = (*problems, "A calendar part of it was left out.")
    return Shape([*texts, *small], attachments, problems)


def _is_text(leaf: Leaf) -> bool:
    known = leaf.media_type in {"text/plain", "text/html", "text/calendar"}
    return known or (leaf.media_type.startswith("text/") and not leaf.name)


def _leaves(tree: Leaf | Branch) -> Iterator[Leaf]:
    if isinstance(tree, Leaf):
        yield tree
        return
    for child in tree.children:
        yield from _leaves(child)


def _shown(tree: Leaf | Branch) -> list[Leaf]:
    if isinstance(tree, Leaf):
        readable = tree.media_type.startswith("text/") and tree.media_type != "text/calendar"
        return [tree] if readable and not tree.attached else []
    options = [_shown(child) for child in tree.children]
    if tree.subtype != "alternative":
        return [leaf for option in options for leaf in option]
    plain = [o for o in options if any(leaf.media_type == "text/plain" and leaf.size > _EMPTY_PLAIN for leaf in o)]
    return (plain or [o for o in options[::-1] if o] or [[]])[0]


def read_structure(value: Any) -> Shape:
    """The shape of a BODYSTRUCTURE as `grammar.read` returns it; a broken one gives an empty shape with a problem."""
    problems: list[str] = []
    try:
        tree = _tree(value, "", 0, _Budget(problems))
    except (IndexError, TypeError, ValueError, AttributeError, KeyError):
        return Shape([], (), ("Its structure as the server gives it cannot be read.",))
    return shape_of(tree, tuple(problems))


class _Budget:
    """Counts parts, so that no mail costs more than it may."""

    def __init__(self, problems: list[str]) -> None:
        self.parts = 0
        self._problems = problems

    def spend(self, depth: int) -> bool:
        self.parts += 1
        if self.parts <= PART_LIMIT and depth <= DEPTH_LIMIT:
            return True
        if not self._problems:
            self._problems.append("It has too many parts; some were left out.")
        return False


def _tree(value: Any, path: str, depth: int, budget: _Budget) -> Leaf | Branch:
    if not isinstance(value[0], list):
        return _leaf(value, path or "1")
    children: list[Leaf | Branch] = []
    position = 0
    for position, child in enumerate(value):
        if not isinstance(child, list):
            break
        if budget.spend(depth):
            children.append(_tree(child, f"{path}.{position + 1}" if path else str(position + 1), depth + 1, budget))
    subtype = value[position]
    return Branch(subtype.decode("ascii", "replace").lower() if isinstance(subtype, bytes) else "mixed", children)


def _leaf(value: Sequence[Any], path: str) -> Leaf:
    media_type = media_type_of(f"{_word(value[0])}/{_word(value[1])}")
    parameters = _parameters(value[2])
    encoding = _word(value[5]) if len(value) > 5 else ""
    size = min(max(int(value[6] or 0), 0), _LARGEST) if len(value) > 6 else 0
    place = 9 if media_type.startswith("text/") else 11 if media_type == "message/rfc822" else 8
    disposition = value[place] if len(value) > place and isinstance(value[place], list) else None
    charset = parameters.get(b"charset", b"").decode("ascii", "replace")
    name = _name(parameters, b"name") if len(parameters) > 1 or not charset else ""
    attached = False
    if disposition:
        attached = _word(disposition[0]) == "attachment"
        if len(disposition) > 1:
            name = _name(_parameters(disposition[1]), b"filename") or name
    return Leaf(path, media_type, charset, encoding, size, name, attached)


def media_type_of(text: str) -> str:
    """The name of a kind of content as somebody wrote it, as far as it can be shown and kept."""
    return clean(text[:_NAME_LIMIT])


def _word(value: Any) -> str:
    return value.decode("ascii", "replace").lower() if isinstance(value, bytes) else ""


def _parameters(pairs: Any) -> dict[bytes, bytes]:
    if not isinstance(pairs, list):
        return {}
    named = zip(pairs[::2], pairs[1::2], strict=False)
    return {key.lower(): value for key, value in named if isinstance(key, bytes) and isinstance(value, bytes)}


def _name(parameters: Mapping[bytes, bytes], name: bytes) -> str:
    """A file name, plain, in encoded words, or by RFC 2231 in one piece or several."""
    if not parameters:
        return ""
    plain = parameters.get(name)
    if plain is not None:
        return decode_words(decode(plain[: _NAME_LIMIT * 4], "utf-8")[0])[:_NAME_LIMIT]
    whole = parameters.get(name + b"*")
    if whole is not None:
        return extended_value(whole)
    pieces: list[bytes] = []
    for number in range(20):
        piece = parameters.get(b"%s*%d*" % (name, number), parameters.get(b"%s*%d" % (name, number)))
        if piece is None:
            break
        pieces.append(piece)
    return extended_value(b"".join(pieces)) if pieces else ""


def extended_value(value: bytes) -> str:
    """An RFC 2231 value (`charset'language'percent-encoded`) as text."""
    charset, mark, rest = value[: _NAME_LIMIT * 12].partition(b"'")
    _, second, encoded = rest.partition(b"'")
    if not (mark and second):
        return clean(decode(value[:_NAME_LIMIT], "utf-8")[0])
    return decode(unquote_to_bytes(encoded), charset.decode("ascii", "replace"))[0][:_NAME_LIMIT]
