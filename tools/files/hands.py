"""Writes, moves and restores files of one root: whole, only over what was known, and never outside."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from butler.core.accounts import NotesFolder
from butler.core.effects import AddLine, Effect, MoveFile, PutFile, Receipt, RestoreFile, Seen, TakeLine
from butler.core.errors import EffectError
from tools.files.lines import act_line, look_line
from tools.files.places import Content, NoFolderError, Place, place_in, sha256, told

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHOWN = 200_000


class FileHands:
    """The hands of one notes folder; the old version of what they change goes to its `kept`, readable by its owner alone."""

    def __init__(self, folder: NotesFolder) -> None:
        self._folder = folder
        self._root = os.fspath(folder.path)
        self._group = "documents" if folder.documents else "notes"
        self._kept = _Kept(folder.kept)

    def look(self, effect: Effect) -> Seen:
        """Look what the file is now; changes nothing."""
        with self._watched(effect):
            match effect:
                case PutFile():
                    return self._look_put(effect)
                case MoveFile():
                    return self._look_move(effect)
                case RestoreFile():
                    return self._look_restore(effect)
                case AddLine() | TakeLine():
                    return look_line(self._root, self._folder.name, effect)
        raise EffectError(f"A folder of notes has no hands for {effect.verb}.", permanent=True)

    def act(self, effect: Effect, seen: Seen) -> Receipt:  # noqa: ARG002 - it looks once more itself, with the file open
        """Do it; raises EffectError, `held` when the file was changed after all."""
        with self._watched(effect):
            match effect:
                case PutFile():
                    return self._put(effect)
                case MoveFile():
                    return self._move(effect)
                case RestoreFile():
                    return self._restore(effect)
                case AddLine() | TakeLine():
                    return act_line(self._root, self._folder.name, effect)
        raise EffectError(f"A folder of notes has no hands for {effect.verb}.", permanent=True)

    def close(self) -> None:
        """Nothing is open between calls."""

    @contextmanager
    def _watched(self, effect: Effect) -> Iterator[None]:
        if self._folder.read_only:
            raise EffectError(
                f"The folder {self._folder.name} is read-only in the settings.",
                permanent=True,
                held=True,
                advice=f"Allow it with read_only = false under [{self._group}.{self._folder.name}], then approve it again.",
            )
        try:
            yield
        except OSError as error:
            raise told(getattr(effect, "path", self._root), error) from error

    def _look_put(self, effect: PutFile) -> Seen:
        wanted = effect.content.encode()
        try:
            with place_in(self._root, effect.path) as place:
                found = place.read()
        except NoFolderError as missing:
            return Seen(state="gone", sentence=f"The folder {missing} for {effect.path} does not exist. Make it first.")
        if found is not None and _has(found, wanted, effect):
            return Seen(state="done", receipt=self._written(effect, found.content, self._taken_back(effect, found)))
        if (found.sha256 if found else "") == effect.before:
            return Seen(state="open")
        if found is None:
            return Seen(state="gone", sentence=f"{effect.path} is not there any more.")
        return _changed(f"{effect.path} was changed since.", found)

    def _put(self, effect: PutFile) -> Receipt:
        with self._placed(effect.path) as place:
            found = place.read()
            if (found.sha256 if found else "") != effect.before:
                raise _held(effect.path)
            content = effect.content.encode()
            if effect.append and found:
                content = found.content + content
            # What would take it back is on disk before the file changes.
            self._kept.keep(found.content if found else None, effect.path, content)
            if not place.write(content, found):
                raise _held(effect.path)
            undo = RestoreFile(account=effect.account, path=effect.path, before=sha256(content), kept=effect.before)
            return self._written(effect, content, undo if self._kept.folder else None)

    def _taken_back(self, effect: PutFile, found: Content) -> RestoreFile | None:
        """What takes back a write that was done before: only if it was the butler that did it."""
        if not self._kept.has(effect.before, effect.path, found.content):
            return None
        return RestoreFile(account=effect.account, path=effect.path, before=found.sha256, kept=effect.before)

    def _written(self, effect: PutFile, content: bytes, undo: RestoreFile | None) -> Receipt:
        what = "Added to" if effect.append else "Wrote"
        place = f"{self._folder.name}/{effect.path}"
        return Receipt(sentence=f"{what} {place}.", answer=f"sha256 {sha256(content)}", place=place, undo=undo)

    def _look_move(self, effect: MoveFile) -> Seen:
        try:
            with place_in(self._root, effect.path) as source, place_in(self._root, effect.target) as target:
                found, there = source.read(), target.read()
        except NoFolderError as missing:
            return Seen(state="gone", sentence=f"The folder {missing} does not exist. Make it first.")
        if found is None and there is not None and there.sha256 == effect.before:
            return Seen(state="done", receipt=self._moved(effect))
        if found is None:
            return Seen(state="gone", sentence=f"{effect.path} is not there any more.")
        if found.sha256 != effect.before:
            return _changed(f"{effect.path} was changed since.", found)
        if there is not None and there.stamp[:2] != found.stamp[:2]:
            return Seen(state="changed", sentence=f"There is a file {effect.target} already, and it is not written over.")
        return Seen(state="open")

    def _move(self, effect: MoveFile) -> Receipt:
        with self._placed(effect.path) as source, self._placed(effect.target) as target:
            found, there = source.read(), target.read()
            if found is None or found.sha256 != effect.before:
                raise _held(effect.path)
            if there is not None and there.stamp[:2] == found.stamp[:2]:
                # Killed between giving the new name and taking the old one: two names of one file.
                source.remove(found)
            elif not source.move(target):
                raise _held(effect.target)
        return self._moved(effect)

    def _moved(self, effect: MoveFile) -> Receipt:
        back = MoveFile(account=effect.account, path=effect.target, target=effect.path, before=effect.before)
        place = f"{self._folder.name}/{effect.target}"
        return Receipt(sentence=f"Moved {effect.path} to {effect.target}.", answer="renamed", place=place, undo=back)

    def _look_restore(self, effect: RestoreFile) -> Seen:
        try:
            with place_in(self._root, effect.path) as place:
                found = place.read()
        except NoFolderError:
            found = None
        if (found.sha256 if found else "") == effect.kept:
            return Seen(state="done", receipt=self._restored(effect))
        if found is None:
            return Seen(state="gone", sentence=f"{effect.path} is not there any more.")
        if found.sha256 != effect.before:
            return _changed(f"{effect.path} was changed since.", found)
        return Seen(state="open")

    def _restore(self, effect: RestoreFile) -> Receipt:
        with self._placed(effect.path) as place:
            found = place.read()
            if found is None or found.sha256 != effect.before:
                raise _held(effect.path)
            if effect.kept:
                done = place.write(self._kept.content(effect.kept, effect.path), found)
            else:
                self._kept.keep(found.content, effect.path, b"")
                done = place.remove(found)
            if not done:
                raise _held(effect.path)
        return self._restored(effect)

    def _restored(self, effect: RestoreFile) -> Receipt:
        what = "Put back the old version of" if effect.kept else "Removed"
        return Receipt(sentence=f"{what} {effect.path}.", answer="restored", place=f"{self._folder.name}/{effect.path}")

    @contextmanager
    def _placed(self, path: str) -> Iterator[Place]:
        try:
            with place_in(self._root, path) as place:
                yield place
        except NoFolderError as missing:
            raise EffectError(f"The folder {missing} for {path} does not exist.", permanent=True, held=True) from None


class _Kept:
    """Old versions by their SHA-256, and marks of the files that the butler made."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def keep(self, old: bytes | None, path: str, new: bytes) -> None:
        """Keep an old version, or where there was none, that the file is the butler's."""
        if self.folder is None:
            return
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = sha256(old) if old is not None else _mark(path, new)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            place = Place(folder, name, str(self.folder / name))
            if not place.exists():
                place.write(old or b"", None)
        finally:
            os.close(folder)

    def has(self, before: str, path: str, new: bytes) -> bool:
        """Whether there is what takes back that `new` was written over `before`."""
        return self.folder is not None and (self.folder / (before or _mark(path, new))).is_file()

    def content(self, name: str, path: str) -> bytes:
        """An old version; raises EffectError when it is lost or damaged."""
        try:
            content = (self.folder / name).read_bytes() if self.folder and _SHA256.fullmatch(name) else b""
        except FileNotFoundError:
            content = b""
        if sha256(content) != name:
            raise EffectError(
                f"The old version of {path} is not kept any more.",
                permanent=True,
                advice="Nothing was changed; take it back by hand.",
            )
        return content


def _mark(path: str, new: bytes) -> str:
    return f"made-{sha256(path.encode() + bytes(1) + new)}"


def _has(found: Content, wanted: bytes, effect: PutFile) -> bool:
    """Whether a file is as the effect would leave it."""
    if not effect.append or not effect.before:
        return found.content == wanted
    old = found.content.removesuffix(wanted)
    return bool(wanted) and len(old) < len(found.content) and sha256(old) == effect.before


def _changed(sentence: str, found: Content) -> Seen:
    return Seen(
        state="changed", sentence=sentence, current=found.content.decode("utf-8", "replace")[:_SHOWN], etag=found.sha256
    )


def _held(path: str) -> EffectError:
    return EffectError(
        f"{path} was changed at the last moment.",
        held=True,
        permanent=True,
        advice="Nothing was written. Look again and decide anew.",
    )
