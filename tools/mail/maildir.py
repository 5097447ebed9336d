"""Mail in a Maildir, with Maildir++ (`.Sent`) or plain subfolders; looked at, never touched."""

from __future__ import annotations

import errno
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from butler.core.accounts import MailAccount
from butler.core.errors import SourceError
from butler.core.mail import RawMail
from butler.core.sources import Batch, Collection, Known, SourceKind
from butler.core.text import one_line
from tools.mail.folders import choose, no_such_folder
from tools.mail.tree import files_of, flags_of, folders_of, place_of, root_of

WHOLE_LIMIT = 25_000_000
"""Bytes of a file up to which all of it is read."""

_BEGINNING = 2_000_000
_BATCH_MAILS = 500
_BATCH_BYTES = 8_000_000
_SETTLED_NS = 100_000_000
_UNSETTLED = "maildir:"
_DELIVERED = re.compile(r"(\d{9,11})[._]")
_SIZE = re.compile(r",S=(\d{1,12})(?:,|$)")


class MaildirSource:
    """One Maildir; its root is the folder INBOX. A mail's key is the part of its file name before the flags."""

    kind: SourceKind = "mail"

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._root = root_of(account)

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    def close(self) -> None:
        """Nothing is kept open."""

    def collections(self) -> Sequence[Collection]:
        """The chosen folders; the token follows the times of their directories."""
        folders = folders_of(self._account)
        chosen, missing = choose(self._account.folders, folders)
        found = [Collection(folder.name, _token(place_of(self._root, folder)), folder.role) for folder in chosen]
        return found + [Collection(name) for name in missing]

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawMail]]:
        """Yield new mails, changed flags and gone mails, by comparing the listing with what is known."""
        folders = {folder.name: folder for folder in folders_of(self._account)}
        folder = folders.get(collection.name)
        if folder is None:
            advice = f"Correct the folders of the mail account {self.name}."
            raise SourceError(no_such_folder(collection.name, list(folders)), permanent=True, advice=advice)
        place = place_of(self._root, folder)
        # Taken before the listing is, so that what comes in meanwhile is found by the next look.
        token = _token(place)
        if cursor and cursor == token:
            yield Batch(collection.name, token)
            return
        listing = files_of(place)
        mirrored = known() if cursor is not None else {}
        flags = {key: flags_of(info) for key, (_, info) in listing.items() if key in mirrored}
        changed = {key: value for key, value in flags.items() if mirrored[key] != " ".join(sorted(value))}
        gone = [key for key in mirrored if key not in listing]
        if changed or gone:
            yield Batch(collection.name, _UNSETTLED, flags=changed, removed=gone, total=len(listing))
        yield from self._arrivals(collection.name, listing, [key for key in listing if key not in mirrored])
        yield Batch(collection.name, token or _UNSETTLED, total=len(listing))

    def _arrivals(self, folder: str, listing: dict[str, tuple[str, str]], keys: Sequence[str]) -> Iterator[Batch[RawMail]]:
        added: list[RawMail] = []
        size = 0
        for key in sorted(keys):
            raw = _read(key, *listing[key])
            if raw is None:
                continue
            added.append(raw)
            size += len(raw.whole or b"")
            if len(added) >= _BATCH_MAILS or size >= _BATCH_BYTES:
                yield Batch(folder, _UNSETTLED, tuple(added), total=len(listing))
                added, size = [], 0
        if added:
            yield Batch(folder, _UNSETTLED, tuple(added), total=len(listing))


def _token(place: Path) -> str:
    """What changes with every delivery, move and flag: the times of the directories.

    Empty while they are so young that the next change might get the same time.
    """
    try:
        times = [(place / name).stat().st_mtime_ns for name in ("cur", "new")]
    except OSError:
        return ""
    if time.time_ns() - max(times) < _SETTLED_NS:
        return ""
    return "maildir:" + ":".join(map(str, times))


def _read(key: str, path: str, info: str) -> RawMail | None:
    """A mail from its file, of a very large one the beginning; None when the file is gone meanwhile."""
    problems: tuple[str, ...] = ()
    content = b""
    size = 0
    modified = 0.0
    try:
        # Not through a link, and not blocked by a pipe that somebody put there.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise OSError(errno.EINVAL, "it is no regular file")
            size, modified = status.st_size, status.st_mtime
            content = file.read(WHOLE_LIMIT + 1 if size <= WHOLE_LIMIT else _BEGINNING)
    except FileNotFoundError:
        return _moved(key, path)
    except OSError as error:
        problems = (f"Its file cannot be read: {one_line(error.strerror or str(error), 80)}.",)
    if size > WHOLE_LIMIT:
        problems = ("It is larger than 25 MB; only its beginning was read.",)
    delivered = _DELIVERED.match(key)
    received = int(delivered[1]) if delivered else int(modified)
    return RawMail(key, flags_of(info), received, size, whole=content, problems=problems)


def _moved(key: str, path: str) -> RawMail | None:
    """The same mail under the name that a mail program gave it since the listing, if there is one."""
    folder = Path(path).parent.parent
    for place in (folder / "cur", folder / "new"):
        for found in place.glob(f"{_literal(key)}*"):
            if found.name.partition(":2,")[0] == key:
                return _read(key, str(found), found.name.partition(":2,")[2])
    return None


def _literal(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)
