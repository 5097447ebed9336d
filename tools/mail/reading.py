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
    r"\b(?:below|in-?line|unten|ci-après)\b|in (?:red|rot|blue|blau)\b|en (?:rouge|bleu|rojo|azul)\b|"
    r"in (?:rosso|blu|rood|blauw)\b|"
    r"zie (?:hieronder|onder|beneden)|hieronder|ter info(?:rmatie)?|poniżej|abaixo)(?!\w)"
)
_SENT_ON = re.compile(
    r"(?i)\s*(?:[-_=]{2,40}.{0,20}(?:forwarded|weitergeleitet|transféré|réexpédié|reenviad|inoltrat|doorgestuurd|przekazan|"
    r"przesłan|encaminhad|přeposlan|videresendt|vidarebefordrat)|(?:begin|anfang|début|inicio|inizio|początek|início)\b.{0,20}"
    r"(?:forwarded|weitergeleitet|transféré|réexpédié|reenviad|inoltrat|doorgestuurd|przekazan|encaminhad))"
)
"""Opens what was sent on, in the words of mail programs."""
_SENT_ON_SUBJECT = re.compile(r"(?i)\s*(?:fwd?|wg|tr|rv|enc|i|doorst|pd|vs|vb)(?:\[\d+\])? ?:")


def to_read(text: str, subject: str = "") -> str:
    """The lines of a mail that a model is to read, in their order.

    Beside what its author wrote now these are the questions right above answers that stand between quotes, and all that a short
    text points at ("see below"), or that was sent on: mail programs say so in its first line, or in the subject.
    """
    parts = split_new(text)
    new = parts.new.strip()
    quoted = parts.quoted.strip()
    is_sent_on = _SENT_ON.match(quoted[:200]) or (len(new) <= _SHORT and _SENT_ON_SUBJECT.match(subject[:40]))
    if quoted and (not new or is_sent_on or (len(new) <= _SHORT and _BELOW.search(new))):
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
