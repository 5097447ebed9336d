"""References: the short texts that name a mail, event, task or file, the same in every output.

    mail:<account>/<Message-ID without angle brackets>
    event:<calendar>/<UID>[/<RECURRENCE-ID>]
    task:<calendar>/<UID>
    file:<root>/<path>[#L<line>]
    contact:<book>/<UID>

A UID may itself contain a slash, so every `%` and `/` inside an UID is percent-encoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from butler.core.errors import UsageError

RefKind = Literal["mail", "event", "task", "file", "contact"]


def _encode(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


def _decode(part: str) -> str:
    return part.replace("%2F", "/").replace("%25", "%")


def mail_ref(account: str, message_id: str) -> str:
    """Name a mail by its account and Message-ID."""
    return f"mail:{account}/{message_id}"


def event_ref(calendar: str, uid: str, recurrence_id: str = "") -> str:
    """Name an event, or with `recurrence_id` (as in RFC 5545: 20261124 or 20261124T090000[Z]) one occurrence."""
    tail = f"/{_encode(recurrence_id)}" if recurrence_id else ""
    return f"event:{calendar}/{_encode(uid)}{tail}"


def task_ref(calendar: str, uid: str) -> str:
    """Name a task by its calendar and UID."""
    return f"task:{calendar}/{_encode(uid)}"


def file_ref(root: str, path: str, line: int | None = None) -> str:
    """Name a file by its root and relative path, or with `line` (from 1) one of its lines."""
    return f"file:{root}/{path}" + (f"#L{line}" if line is not None else "")


def contact_ref(book: str, uid: str) -> str:
    """Name a contact by its address book and UID."""
    return f"contact:{book}/{_encode(uid)}"


@dataclass(frozen=True, slots=True)
class Ref:
    """A parsed reference: `key` is the Message-ID, UID or path; `part` the RECURRENCE-ID or line, or empty."""

    kind: RefKind
    place: str
    key: str
    part: str = ""


def parse_ref(text: str) -> Ref:
    """Read a reference; raises UsageError with an example when it is none."""
    kind, colon, rest = text.partition(":")
    place, slash, key = rest.partition("/")
    if kind not in get_args(RefKind) or not (colon and slash and place and key):
        raise UsageError(
            f"{text!r} is not a reference.",
            advice="References: mail:home/<Message-ID>, event:family/<UID>, task:family/<UID>, file:notes/<path>#L3, "
            "contact:friends/<UID>.",
        )
    if kind == "mail":
        return Ref("mail", place, key.removeprefix("<").removesuffix(">"))
    if kind == "file":
        path, mark, line = key.rpartition("#L")
        return Ref("file", place, path, line) if mark and line.isdigit() else Ref("file", place, key)
    uid, _, recurrence = key.partition("/")
    if kind == "contact":
        return Ref("contact", place, _decode(uid))
    return Ref("task" if kind == "task" else "event", place, _decode(uid), _decode(recurrence))
