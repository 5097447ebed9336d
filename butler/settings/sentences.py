"""Turns what pydantic found into sentences that name the setting as its owner wrote it, and never repeat its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError

from butler.settings.fields import Path_, key, setting_at
from butler.settings.layers import Layer
from butler.settings.reasons import reasons


def sentences(error: ValidationError, layers: Iterable[Layer], left_out: Iterable[Path_]) -> Iterator[str]:
    """Say of each problem where it stands and what to do; a group of which part was left out may only lack that part."""
    known = tuple(layers)
    lacking = {path[:length] for path in left_out for length in range(1, len(path))}
    for found in error.errors(include_url=False, include_input=False):
        path = tuple(str(part) for part in found["loc"])
        if path in lacking:
            continue
        where = _where(path, known)
        for reason in reasons(found["type"], found["msg"], found.get("ctx", {})):
            # A reason of whole sentences may begin with the name of a setting: "tls = none would …".
            if reason[:1].isupper() or reason.endswith((".", "?")):
                yield f"{where}: {reason}" if where else reason
            else:
                yield f"{where} {reason}.{_default(path)}"


def _where(path: Path_, layers: Sequence[Layer]) -> str:
    """Name the setting as the place spells it that gave it."""
    for length in range(len(path), 0, -1):
        for layer in layers:
            if path[:length] in layer.spelled:
                return f"{layer.spelled[path[:length]]} in {layer.place}"
    places = [layer.place for layer in layers if any(leaf[: len(path)] == path for leaf in layer.leaves)]
    return f"{key(path)} in {' and '.join(places)}" if path and places else key(path)


def _default(path: Path_) -> str:
    setting = setting_at(path)
    return f" Left out, it is {setting.shown}." if setting and setting.shown else ""
