"""The texts that the sample is made from."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources.abc import Traversable


def texts(folder: Traversable, before: str) -> Iterator[tuple[str, str]]:
    """The names below a folder and what they hold."""
    for one in folder.iterdir():
        if one.is_dir():
            yield from texts(one, f"{before}{one.name}/")
        else:
            yield f"{before}{one.name}", one.read_text(encoding="utf-8")
