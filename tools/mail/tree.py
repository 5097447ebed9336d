"""A Maildir on the disk: its folders, and the files in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from imapclient import imap_utf7

from butler.core.accounts import MailAccount
from butler.core.errors import SourceError
from butler.core.mail import ANSWERED, DRAFT, FLAGGED, SEEN
from butler.core.text import one_line
from tools.mail.folders import Folder, with_roles

FLAGS = {"S": SEEN, "R": ANSWERED, "F": FLAGGED, "D": DRAFT, "T": "\\deleted", "P": "$forwarded"}
"""The letters at the end of a file's name, and the flags that they stand for."""

_DEPTH = 4


def root_of(account: MailAccount) -> Path:
    """Where an account's Maildir is."""
    if account.path is None:
        raise SourceError(f"The mail account {account.name} has no path.", permanent=True, advice="Set path to its Maildir.")
    return account.path.expanduser()


def folders_of(account: MailAccount) -> list[Folder]:
    """All folders of an account's Maildir, its root as INBOX, with the roles that their names suggest."""
    root = root_of(account)
    if not root.is_dir() or not (root / "cur").is_dir():
        raise SourceError(
            f"{root} is no Maildir.",
            permanent=True,
            advice=f"Set the path of the mail account {account.name} to the folder that holds cur, new and tmp.",
        )
    inbox = Folder("INBOX", b"", "\\Inbox")
    return with_roles([inbox, *sorted(_subfolders(root, root, 0), key=lambda folder: folder.name)], "/")


def place_of(root: Path, folder: Folder) -> Path:
    """Where a folder is."""
    return root / os.fsdecode(folder.wire)


def entries(place: Path) -> list[os.DirEntry[str]]:
    """What is in a directory, by name."""
    try:
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise SourceError(f"The folder {place} cannot be read: {error.strerror}.") from error


def files_of(place: Path) -> dict[str, tuple[str, str]]:
    """Path and flag letters of each mail by its key; of duplicate keys the later file counts."""
    found: dict[str, tuple[str, str]] = {}
    for name in ("new", "cur"):
        for entry in entries(place / name) if (place / name).is_dir() else ():
            if entry.name.startswith("."):
                continue
            unique, _, info = entry.name.partition(":2,")
            found[unique.encode("utf-8", "surrogateescape").decode("utf-8", "replace")] = (entry.path, info)
    return found


def flags_of(info: str) -> frozenset[str]:
    """The flags that the letters at the end of a name stand for."""
    return frozenset(FLAGS[letter] for letter in info if letter in FLAGS)


def _subfolders(root: Path, place: Path, depth: int) -> Iterator[Folder]:
    for entry in entries(place):
        if entry.name in {"cur", "new", "tmp"} or not entry.is_dir():
            continue
        path = Path(entry.path)
        if (path / "cur").is_dir():
            inside = os.path.relpath(entry.path, root)
            yield Folder(_name(inside), os.fsencode(inside))
        if depth < _DEPTH and not entry.name.startswith(".") and not entry.is_symlink():
            yield from _subfolders(root, path, depth + 1)


def _name(inside: str) -> str:
    """A subfolder's name: Maildir++ writes `.Sent.2026` in IMAP's UTF-7, others as their file system does."""
    name = one_line(inside.encode("utf-8", "replace").decode(), 500)
    if not name.startswith("."):
        return name
    name = name[1:].replace(".", "/")
    try:
        return str(imap_utf7.decode(name.encode("ascii"))) if "&" in name else name
    except ValueError:
        return name
