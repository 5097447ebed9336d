"""Which sources went and which are back, pure: one line each time, however often they are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from butler.core.text import LONGEST_TROUBLE, one_line


@dataclass(frozen=True, slots=True)
class Change:
    """A source that went, or is back: a sentence in words of ours, and the words of its server."""

    source: str
    is_back: bool
    sentence: str
    words: str = ""


def changes(gone: Mapping[str, str], states: Iterable[Mapping[str, object]]) -> tuple[dict[str, str], list[Change]]:
    """Compare the sources that were gone with how they fared now; returns those that are gone now, and what changed.

    Why a source is gone may become another reason; that is no news, and is kept for whoever looks.

    A state is a source as in the JSON of a sync or a briefing: `name`, `state` and `error`.
    """
    now = dict(gone)
    found: list[Change] = []
    for each in states:
        name, state = str(each.get("name", "")), each.get("state")
        if state == "fresh":
            if now.pop(name, None) is not None:
                found.append(Change(name, is_back=True, sentence=f"{name} is back."))
        elif name:
            is_known = name in now
            now[name] = one_line(str(each.get("error") or "It cannot be read."), LONGEST_TROUBLE)
            if is_known:
                continue
            found.append(Change(name, is_back=False, sentence=f"{name} cannot be reached.", words=now[name]))
    return now, found
