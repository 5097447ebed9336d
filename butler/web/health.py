"""Health: what the doctor says, how the daemon and the sources are, how much room there is, and the last backup."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from glob import escape
from pathlib import Path
from typing import Any

from starlette.routing import Route

from butler.core.errors import StateError
from butler.core.pins import KeptPin, changes, short
from butler.store.state import Backup, last_backup
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.layout import Page, Visit
from butler.web.looking import Looked, Looking
from butler.web.routes import Deed, Fields, Pages

_FILES = ("butler.db", "mirror.db", "checkpoints/checkpoints.db", "asking/checkpoints.db")
_OLD = timedelta(days=3)
_LITTLE = 500_000_000
_LEVELS = ("failure", "warning", "ok")


@dataclass(frozen=True, slots=True)
class Room:
    """The room on the disk of the state folder in bytes, and how much of it the databases take."""

    free: int
    total: int
    taken: int

    @property
    def is_little(self) -> bool:
        """Whether it is worth a word."""
        return self.free < _LITTLE


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    doctor = Looking(("doctor", "--json"))

    async def ask(daemon: DaemonPort) -> tuple[Mapping[str, Any], Looked]:
        return daemon.status(), await doctor.look(daemon)

    def again(_books: Books, _visit: Visit, _form: Fields) -> Deed:
        return Deed("/health", doctor.begin)

    return [pages.view_with("/health", ask, health), pages.deed("/health/again", again)]


def health(books: Books, _visit: Visit, told: tuple[Mapping[str, Any], Looked]) -> Page:
    """How all of it is."""
    status, looked = told
    backup = last_backup(books.house.backups) if books.house.backups else None
    values = {
        "checks": by_level(looked.found),
        "looked": looked,
        "at": books.now - timedelta(seconds=looked.age) if looked.age is not None else None,
        "status": status,
        "began": _moment(status.get("since")),
        "sources": _sources(books),
        "models": [_model(kept, books) for kept in books.truth.pins.all()],
        "room": room(books.house.state),
        "state": books.house.state,
        "makes_backups": books.house.backups is not None,
        "backup": backup,
        "is_old": is_old(backup, books.now),
    }
    return Page("health.html", "Health", values, nav="health")


def by_level(found: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The doctor's checks, those first that failed; what is of no known level counts as a failure."""
    levels: dict[str, list[Mapping[str, Any]]] = {level: [] for level in _LEVELS}
    for check in found.get("checks", ()):
        levels.get(check.get("level"), levels["failure"]).append(check)
    return levels


def room(folder: Path) -> Room | None:
    """Measure the disk that a state folder is on; None where that cannot be told."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    files = [folder / f"{name}{end}" for name in _FILES for end in ("", "-wal")]
    return Room(usage.free, usage.total, sum(file.stat().st_size for file in files if file.is_file()))


def is_old(backup: Backup | None, now: datetime) -> bool:
    """Whether the last backup is so old that its owner should look why."""
    return backup is not None and now - backup.at > _OLD


def _sources(books: Books) -> Sequence[Any]:
    """How each source fared; none where nothing was synced yet, or the mirror cannot be used: the doctor says why."""
    if not (books.house.state / "mirror.db").is_file():
        return ()
    try:
        return books.mirror.sources()
    except StateError:
        return ()


def _model(kept: KeptPin, books: Books) -> dict[str, Any]:
    """What is pinned of a model, and what is seen in its place."""
    identity = kept.pin.identity
    found = changes(identity, kept.change.seen) if kept.change else ()
    return {
        "name": kept.pin.name,
        "asked": kept.pin.use if kept.went_back else "",
        "url": kept.pin.url,
        "digest": short(identity.digest),
        "server": identity.server,
        "since": kept.since.astimezone(books.owner.zone),
        "by": kept.by,
        "change": " ".join(found),
        "exam": _exam(identity.digest, books),
    }


def _exam(digest: str, books: Books) -> dict[str, Any] | None:
    """The newest exam that ships which a model took, and where its card was saved (None: it is there no more)."""
    taken = next((each for each in books.truth.exams.all("shipped") if digest and each.digest == digest), None)
    if taken is None:
        return None
    cards = sorted((books.house.state / "exams").glob(f"shipped-*-{escape(digest[:12])}.html"))
    at = taken.at.astimezone(books.owner.zone)
    return {"total": taken.score.total, "quick": taken.quick, "at": at, "card": cards[-1] if cards else None}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
