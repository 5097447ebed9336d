"""IMAP's answers as nested lists: atoms and strings as bytes, NIL as None, literals as they came (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from butler.core.errors import SourceError

_DEEPEST = 1_000

# Quantifiers are possessive, so that no line costs more than linear time.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|BODY\[[^\]]*+\](?:<\d+>)?|[()]|[^\s()"]++')
_ESCAPED = re.compile(rb"\\(.)")


def read(pieces: Sequence[bytes]) -> list[Any]:
    """Read an answer given as line, literal, line, …, line (without line ends); raises SourceError on nonsense."""
    top: list[Any] = []
    stack = [top]
    current = top
    too_deep = 0
    last = len(pieces) - 1
    for number, piece in enumerate(pieces):
        if number & 1:
            current.append(piece)
            continue
        tokens = _TOKEN.findall(piece)
        if number < last and tokens:
            tokens.pop()
        for token in tokens:
            if too_deep or (token == b"(" and len(stack) > _DEEPEST):
                # What no mail needs is not built: empty lists take seventy times the room of their brackets.
                too_deep += (token == b"(") - (token == b")")
            elif token == b"(":
                opened: list[Any] = []
                current.append(opened)
                stack.append(opened)
                current = opened
            elif token == b")":
                current = _outside(stack)
            elif token[0] == 34:
                text = token[1:-1]
                current.append(_ESCAPED.sub(rb"\1", text) if b"\\" in text else text)
            else:
                current.append(None if token == b"NIL" else token)
    if len(stack) > 1:
        raise SourceError("The mail server sends an answer that ends too early.")
    return top


def word(value: Any) -> bytes:
    """An atom or string of an answer, empty when it is none."""
    return value if isinstance(value, bytes) else b""


def number(value: Any) -> int:
    """A number of an answer, 0 when it is none."""
    return int(value) if isinstance(value, bytes) and value.isdigit() and len(value) < 20 else 0


def _outside(stack: list[list[Any]]) -> list[Any]:
    """Leave the innermost list for the one around it."""
    if len(stack) == 1:
        raise SourceError("The mail server sends an answer with a bracket too many.")
    stack.pop()
    return stack[-1]
