"""Globs over paths: `*` and `?` stay in their folder, `**` goes through all below it, `[…]` is one of some signs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

_MOST_DEEP = 3


def is_like(path: str, pattern: str) -> bool:
    """Whether a path below a root matches a glob; of `**` only the first few in a pattern count, others are like `*`."""
    parts = pattern.split("/")
    deep = [at for at, part in enumerate(parts) if part == "**"]
    for at in deep[_MOST_DEEP:]:
        parts[at] = "*"
    return _match(path.split("/"), parts)


def _match(names: Sequence[str], parts: Sequence[str]) -> bool:
    if not parts:
        return not names
    if parts[0] == "**":
        return any(_match(names[skipped:], parts[1:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], parts[0]) and _match(names[1:], parts[1:])
