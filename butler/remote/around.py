"""A folder of the owner's in which the butler's own state lies: whoever works in it gets at all but that."""

from __future__ import annotations

import os
from pathlib import Path

from butler.core.accounts import Account, NotesFolder


def own_folder(account: Account) -> Path | None:
    """The butler's own folder, where it is known to lie outside of what an account is about: it holds the old versions."""
    if not isinstance(account, NotesFolder) or account.kept is None:
        return None
    return next((folder for folder in account.without if account.kept.is_relative_to(folder)), None)


def around(root: Path, own: Path | None) -> tuple[list[Path], list[Path]]:
    """What lies below a folder beside another one, as it is now, and the folders of which that leaves the names alone.

    The kernel takes back nothing of what it granted, so a folder with that in it cannot be granted whole.
    """
    top, hole = Path(os.path.realpath(root)), Path(os.path.realpath(own)) if own else None
    if hole is None or not hole.is_relative_to(top):
        return [root], []
    beside: list[Path] = []
    folder = top
    for name in hole.relative_to(top).parts:
        if folder.is_dir():
            with os.scandir(folder) as entries:
                # A link would be granted as what it leads to.
                beside += [Path(each.path) for each in entries if each.name != name and not each.is_symlink()]
        folder /= name
    return beside, [top]
