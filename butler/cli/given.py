"""What a command is given in a file or on its standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from butler.core.errors import UsageError

_BIGGEST = 10_000_000


def text_of(name: str, what: str) -> str:
    """Read a file, or standard input for `-`; `what` names in a word or two what is expected in it. Raises UsageError."""
    try:
        if name == "-":
            return sys.stdin.read(_BIGGEST)
        with open(Path(name).expanduser(), encoding="utf-8") as file:
            return file.read(_BIGGEST)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise UsageError(
            f"{name} cannot be read: {reason}.", advice=f"Name a file with {what} in it, or - for standard input."
        ) from error
