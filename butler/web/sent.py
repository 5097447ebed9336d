"""What a hook is sent, and the short text in it that a run may be about. Pure: nothing else of it is looked at."""

from __future__ import annotations

import json
from dataclasses import dataclass

from butler.core.refs import parse_ref
from butler.core.requests import TAKES_REFERENCE
from butler.core.text import one_line

LONGEST_SUBJECT = 2_000
"""Characters; a longer text is none that names one thing."""


@dataclass(frozen=True, slots=True)
class Hook:
    """A hook's workflow and token, and whether what is sent to it becomes what the run is about."""

    workflow: str
    token: str
    takes_subject: bool = False


def subject_sent(hook: Hook, content_type: str, body: bytes) -> str:
    """The subject of the run that a hook was called for: one visible line, or nothing.

    Raises UsageError when the workflow needs a reference and something else was sent.
    """
    if not hook.takes_subject:
        return ""
    text = _text(content_type.partition(";")[0].strip().lower(), body)
    subject = one_line(text, LONGEST_SUBJECT) if len(text) <= LONGEST_SUBJECT else ""
    if subject and hook.workflow in TAKES_REFERENCE:
        parse_ref(subject)
    return subject


def _text(kind: str, body: bytes) -> str:
    """The text of a plain body, or the subject of a JSON object; empty for all else."""
    try:
        text = body.decode()
        if kind == "text/plain":
            return text
        found = json.loads(text) if kind == "application/json" else None
    except (ValueError, RecursionError):
        return ""
    subject = found.get("subject") if isinstance(found, dict) else None
    return subject if isinstance(subject, str) else ""
