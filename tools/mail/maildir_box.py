"""A Maildir that is changed: each mail is written whole beside its folder first, then shown by one rename."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from butler.core.accounts import MailAccount
from butler.core.errors import EffectError
from butler.core.text import one_line
from tools.mail import headers
from tools.mail.box import Lying, Moved, kept_back
from tools.mail.folders import Folder
from tools.mail.tree import FLAGS, files_of, flags_of, folders_of, place_of, root_of

_LETTERS = {flag: letter for letter, flag in FLAGS.items()}
_BEGINNING = 65_536
_CONTENT_LIMIT = 50_000_000
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


class MaildirBox:
    """A Maildir with one folder looked at."""

    at_once = True

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._root = root_of(account)
        self._place = self._root

    def close(self) -> None:
        """Nothing is kept open."""

    def folders(self) -> Sequence[Folder]:
        """The folders on the disk."""
        return folders_of(self._account)

    def open(self, folder: Folder, *, write: bool = False) -> str:
        """Look at a folder; names of files need no validity."""
        self._place = place_of(self._root, folder)
        if write and not os.access(self._place / "cur", os.W_OK):
            raise kept_back(f"The folder {self._place} may not be written to.", "Give the butler's user the right to.")
        return ""

    def find(self, message_id: str) -> Sequence[Lying]:
        """The mails with a Message-ID; one that was put there by `append` is known by its name, others are read."""
        files = files_of(self._place)
        mark = _mark(message_id)
        named = [key for key in files if key.split(".")[1:2] == [mark]]
        return _with_id(files, named, message_id) or _with_id(files, list(files), message_id)

    def lying(self, keys: Sequence[str]) -> Mapping[str, Lying]:
        """Those of some mails that are there."""
        files = files_of(self._place)
        return {key: mail for key in keys if key in files and (mail := _lying(key, *files[key]))}

    def content(self, key: str) -> bytes | None:
        """A mail's whole file."""
        with _told(self._place):
            found = files_of(self._place).get(key)
            return _read(found[0], _CONTENT_LIMIT) if found else None

    def append(self, folder: Folder, content: bytes, flags: Sequence[str], name: str) -> str:
        """Deliver a mail with its flags, on the disk for good when this returns."""
        place = place_of(self._root, folder)
        unique = f"{int(time.time())}.{_mark(name)}.butler"
        info = "".join(sorted(_LETTERS[flag.lower()] for flag in flags))
        target = place / "cur" / f"{unique}:2,{info}"
        with _told(place):
            _write(place / "tmp" / unique, content)
            _show(place / "tmp" / unique, target)
        return f"written as {target.name}"

    def remove(self, key: str) -> str:
        """Delete a mail's file."""
        with _told(self._place):
            path = self._path(key)
            path.unlink()
            _sync(path.parent)
        return f"deleted {path.name}"

    def move(self, keys: Sequence[str], target: Folder) -> Moved:
        """Move the files of mails."""
        goal = place_of(self._root, target) / "cur"
        names: dict[str, str] = {}
        with _told(goal):
            for key in keys:
                path = self._path(key)
                unique, _, info = path.name.partition(":2,")
                if key in files_of(goal.parent):
                    unique = f"{unique}_{time.time_ns()}"
                path.rename(goal / f"{unique}:2,{info}")
                names[key] = unique.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            _sync(goal)
            _sync(self._place / "cur")
        return Moved(f"renamed {len(keys)} of {len(keys)}", names)

    def flag(self, keys: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> str:
        """Change the letters of files' names; a Maildir has no other flags."""
        unknown = [name for name in (*add, *remove) if name.lower() not in _LETTERS]
        if unknown:
            raise EffectError(f"A Maildir keeps no keyword {one_line(unknown[0], 60)}.", permanent=True)
        with _told(self._place):
            for key in keys:
                path = self._path(key)
                unique, _, info = path.name.partition(":2,")
                letters = ({*info} | {_LETTERS[name.lower()] for name in add}) - {_LETTERS[name.lower()] for name in remove}
                path.rename(self._place / "cur" / f"{unique}:2,{''.join(sorted(letters))}")
            _sync(self._place / "cur")
        return f"renamed {len(keys)} of {len(keys)}"

    def _path(self, key: str) -> Path:
        found = files_of(self._place).get(key)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "it is not there any more")
        return Path(found[0])


def _mark(message_id: str) -> str:
    return f"B{hashlib.sha256(message_id.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _with_id(files: Mapping[str, tuple[str, str]], keys: Sequence[str], message_id: str) -> list[Lying]:
    return [mail for key in keys if (mail := _lying(key, *files[key])) and mail.message_id == message_id]


def _lying(key: str, path: str, info: str) -> Lying | None:
    try:
        known = headers.fields(_read(path, _BEGINNING))
    except OSError:
        return None
    return Lying(key, headers.message_id(known.get("message-id", "")), flags_of(info))


def _read(path: str, limit: int) -> bytes:
    # Not through a link, and not blocked by a pipe that somebody put there.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        return file.read(limit)


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def _show(path: Path, target: Path) -> None:
    """Make a written file a mail; never in place of another."""
    try:
        os.link(path, target)
        path.unlink()
    except FileExistsError:
        path.unlink()
    except OSError:
        if target.exists():
            raise
        path.rename(target)
    _sync(target.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = one_line(error.strerror or str(error), 80)
        if error.errno in _FULL:
            raise kept_back(f"There is no room left for {place}: {words}.", "Make room, then approve it again.") from error
        if error.errno in _FORBIDDEN:
            raise kept_back(f"{place} may not be written to: {words}.", "Give the butler's user the right to.") from error
        raise EffectError(f"{place} cannot be changed: {words}.") from error
