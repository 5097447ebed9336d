"""What of a mail a model is to read: what its author wrote, without quotes, signatures, and what programs add (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from butler.core.trimming import trimmed
from tools.mail.history import is_marked
from tools.mail.reply import split_new

_SHORT = 400
"""Characters of a text that may be no more than a pointer to what stands below it."""
_CONTEXT = 4
"""Lines of a quote that are kept above the answer that stands below them."""
_BELOW = re.compile(
    r"(?i)\b(?:see (?:the )?(?:mail |message |thread )?below|(?:mail|message|question|request|thread|text)s? below|below is|"
    r"f\.?y\.?i\b|s\. ?u\.|siehe (?:unten|nachfolgend|nachstehend|weiter unten)|unten ?stehend\w*|zur (?:info|kenntnis)|"
    r"z\. ?k\.|weitergeleitet|ci-dessous|plus bas|pour info(?:rmation)?|(?:ver|véase|mira) (?:más )?abajo|más abajo|"
    r"para (?:tu|su) información|vedi sotto|qui sotto|di seguito|per conoscenza|per tua informazione|"
    r"zie (?:hieronder|onder|beneden)|hieronder|ter info(?:rmatie)?|poniżej|abaixo)(?!\w)"
)


def to_read(text: str) -> str:
    """The lines of a mail that a model is to read, in their order.

    Beside what its author wrote now these are the questions right above answers that stand between quotes, and all that a short
    text points at ("see below"), or that was sent on without a word.
    """
    parts = split_new(text)
    new = parts.new.strip()
    if parts.quoted.strip() and (not new or (len(new) <= _SHORT and _BELOW.search(new))):
        return _without(text, parts.signature.split("\n"))
    between = _answered(text, parts.new.split("\n"))
    return trimmed(between or parts.new or text).strip()


def _without(text: str, signature: Sequence[str]) -> str:
    """A text without the lines of its signature, quotes and all."""
    left = Counter(line for line in signature if line.strip())
    return trimmed("\n".join(_unsigned(text, left))).strip()


def _unsigned(text: str, left: Counter[str]) -> Iterator[str]:
    for line in text.split("\n"):
        if left[line.rstrip()] > 0 or left[line] > 0:
            left[line if left[line] > 0 else line.rstrip()] -= 1
        else:
            yield line


def _answered(text: str, new: Sequence[str]) -> str:
    """The new lines with the last lines of each quote that one of them answers; empty where nothing is answered so."""
    own = Counter(line.rstrip() for line in new if line.strip())
    kept: list[str] = []
    above: list[str] = []
    quotes = 0
    for line in text.split("\n"):
        if is_marked(line) or (above and not line.strip()):
            above.append(line)
        elif own[line.rstrip()] > 0:
            own[line.rstrip()] -= 1
            quotes += len(above[-_CONTEXT:])
            kept += [*above[-_CONTEXT:], line]
            above = []
        elif not line.strip():
            kept.append(line)
    return "\n".join(kept) if quotes else ""
