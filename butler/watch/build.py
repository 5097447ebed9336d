"""Makes the watchers that the settings ask for: none for a job that is switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from butler.core.jobs import Job, On
from butler.remote.ears import RemoteEar
from butler.remote.workers import Workers
from butler.settings import Settings
from butler.watch import Watcher
from butler.watch.changes import changes
from butler.watch.files import FilesWatcher
from butler.watch.first import FirstLooks
from butler.watch.logins import Logins
from butler.watch.mail import MailWatcher
from butler.watch.meetings import MeetingsWatcher


def watchers(settings: Settings, workers: Workers, clock: Callable[[], datetime]) -> list[Watcher]:
    """Make the watchers, whose ears are in `workers`; nothing is connected to, and no thread or process started."""
    if not settings.accounts():
        # What they would wait for is off: what comes now is to be new to them later.
        return []
    jobs = [job for job in settings.every_job() if job.enabled]
    return [
        *_mail(settings, workers, _on("mail", jobs)),
        *_files(settings, _on("file", jobs)),
        *_events(settings, _on("event", jobs), clock),
    ]


def _on(what: Literal["mail", "event", "file"], jobs: Sequence[Job]) -> list[Job]:
    return [job for job in jobs if isinstance(job.when, On) and job.when.what == what]


def _mail(settings: Settings, workers: Workers, jobs: Sequence[Job]) -> Iterator[Watcher]:
    if not jobs:
        return
    first = FirstLooks(sum(len(part.watch) for part in settings.mail.values()))
    for name, part in settings.mail.items():
        logins = Logins()
        for folder in part.watch:
            account = part.account(name, settings.state_dir)
            ear = RemoteEar(workers, account, folder, part.poll_minutes * 60.0, changes)
            yield MailWatcher(name, folder, ear, jobs, logins, first)


def _files(settings: Settings, jobs: Sequence[Job]) -> Iterator[Watcher]:
    if jobs:
        for name, part in settings.watch.items():
            yield FilesWatcher(name, part.path, part.patterns, jobs, settings.state_dir / "watched" / name)


def _events(settings: Settings, jobs: Sequence[Job], clock: Callable[[], datetime]) -> Iterator[Watcher]:
    if jobs and settings.calendar:
        wish = settings.meetings.wish(settings.addresses())
        yield MeetingsWatcher(settings.state_dir / "mirror.db", wish, jobs, clock)
