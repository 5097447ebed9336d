"""Writes mails into a Maildir with subfolders, fast enough for tens of thousands of them."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_PARTS = ("cur", "new", "tmp")


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail in a folder of a Maildir: `name` without the flags, which are Maildir's letters (S seen, R answered, D draft)."""

    folder: str
    name: str
    flags: frozenset[str]
    when: dt.datetime
    content: bytes = field(repr=False)


def deliver(root: Path, mails: Iterable[StoredMail]) -> int:
    """Write mails below `root`, renaming those whose flags changed since; returns how many were given."""
    lying: dict[str, dict[str, Path]] = {}
    count = 0
    for mail in mails:
        folder = root if mail.folder == "INBOX" else root / f".{mail.folder}"
        if mail.folder not in lying:
            lying[mail.folder] = _open(folder)
        _place(folder, mail, lying[mail.folder].get(mail.name))
        count += 1
    return count


def _open(folder: Path) -> dict[str, Path]:
    """Make a folder where it is missing, and list what lies in it by name."""
    for part in _PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {path.name.partition(":")[0]: path for part in ("cur", "new") for path in (folder / part).iterdir()}


def _place(folder: Path, mail: StoredMail, lying: Path | None) -> None:
    flags = "".join(sorted(mail.flags))
    target = f"{folder}/cur/{mail.name}:2,{flags}" if flags else f"{folder}/new/{mail.name}"
    if lying is not None:
        if str(lying) != target:
            lying.rename(target)
        return
    with open(target, "wb", buffering=0) as file:
        file.write(mail.content)
    seconds = mail.when.timestamp()
    os.utime(target, (seconds, seconds))
