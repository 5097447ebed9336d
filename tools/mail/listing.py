"""An account's folders as an IMAP server lists them: the command, and its answers read (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imapclient import imap_utf7

from tools.mail.folders import Folder, role_of, with_roles
from tools.mail.grammar import word
from tools.mail.session import Session

_NO_MAILS = frozenset({"\\noselect", "\\nonexistent"})


def quoted(name: bytes) -> bytes:
    """A folder's name as a string of a command."""
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def list_command(session: Session) -> bytes:
    """The command that lists all folders with their roles."""
    extended = session.offers("SPECIAL-USE") and session.offers("LIST-EXTENDED")
    return b'LIST "" "*" RETURN (SPECIAL-USE)' if extended else b'LIST "" "*"'


def listed(answers: Sequence[Sequence[Any]]) -> list[Folder]:
    """The account's folders that can hold mails."""
    folders: list[Folder] = []
    separator = ""
    for answer in answers:
        if (
            answer[1].upper() != b"LIST"
            or len(answer) < 5
            or not isinstance(answer[2], list)
            or not isinstance(answer[4], bytes)
        ):
            continue
        flags = [flag.decode("ascii", "replace").lower() for flag in answer[2] if isinstance(flag, bytes)]
        separator = word(answer[3]).decode("ascii", "replace")
        name = answer[4]
        if not _NO_MAILS & set(flags) and not any(sign in name for sign in b"\r\n\0"):
            folders.append(Folder(_decoded(name), name, role_of(flags)))
    return with_roles(folders, separator)


def _decoded(name: bytes) -> str:
    try:
        return str(imap_utf7.decode(name))
    except ValueError:
        return name.decode("utf-8", "replace")
