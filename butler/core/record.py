"""How the record is told to its owner: the facts of a line, and why effects were stopped. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from butler.core.plain import canonical
from butler.core.text import one_line

_LONGEST_FACT = 200
_LONGEST_REASON = 300
_SHA256 = re.compile(r"(sha256:)?([0-9a-f]{64})")


def facts_told(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The facts of a line that say something, by name, each as one visible line; of a hash its beginning."""
    return [(one_line(name, 60), _fact(value)) for name, value in facts.items() if value not in ("", None, [], {})]


def stop_sentence(because: str, now: datetime) -> str:
    """The sentence that everybody sees who looks why nothing is carried out; `now` is in the owner's zone."""
    reason = one_line(because, _LONGEST_REASON).strip()
    end = "" if reason.endswith((".", "!", "?", "…")) else "."
    return f"Stopped on {now:%Y-%m-%d at %H:%M}" + (f": {reason}{end}" if reason else ".")


def _fact(value: Any) -> str:
    text = value if isinstance(value, str) else canonical(value)
    found = _SHA256.fullmatch(text)
    return (found[1] or "") + found[2][:12] if found else one_line(text, _LONGEST_FACT)
