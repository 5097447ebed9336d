"""What its owner and the log hear of: sources that go and come back, jobs that fail or were missed, what is ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from butler.core.jobs import Missed, Streak, should_tell, works_again
from butler.core.outages import changes
from butler.core.printed import notice_of, sources_of
from butler.core.requests import Request
from butler.daemon.ledger import Desk
from butler.notify import Notices
from butler.settings import Settings

_log = logging.getLogger(__name__)


class News:
    """Hears what happens, logs it, and passes on what its owner wants to hear of."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime], desk: Desk, notices: Notices) -> None:
        self._settings = settings
        self._clock = clock
        self._desk = desk
        self._notices = notices
        self.gone: dict[str, str] = {}
        """The sources that cannot be reached, each with its sentence."""
        self.working: set[asyncio.Task[None]] = set()

    def use(self, settings: Settings) -> None:
        """Go by these settings from now on."""
        self._settings = settings
        self._notices.use(settings.notices, settings.person().zone)
        self._let_go()

    async def work(self) -> None:
        """Tell its owner of what is heard, for ever; what they were told by a daemon before this one is known."""
        self.gone = await self._notices.gone() | self.gone
        self._let_go()
        await self._notices.work()

    async def close(self) -> None:
        """Let what is being told arrive, within a moment."""
        await self._notices.close()

    def run_ended(self, request: Request, printed: bytes, *, is_well: bool) -> None:
        """Hear what a run printed, and whether it did what it should."""
        self.looked(sources_of(printed))
        if is_well and request.workflow == "briefing" and request.trigger != "person":
            day = request.subject or request.slot or self._clock().astimezone(self._settings.person().zone).date().isoformat()
            self.tell("briefing", "Your briefing is ready.", day)
        if is_well and request.trigger != "person" and (notice := notice_of(printed)):
            moment = self._clock().isoformat(timespec="seconds")
            self.tell("workflow", notice, f"{request.workflow} {moment}")

    def looked(self, states: Sequence[Mapping[str, object]]) -> None:
        """Hear how sources fared: each with `name`, `state` and `error`."""
        # A run that began under settings before these may tell of one that is none any more.
        known = self._settings.sources()
        self.gone, found = changes(self.gone, [each for each in states if each.get("name") in known])
        for change in found:
            (_log.info if change.is_back else _log.warning)("%s", f"{change.sentence} {change.words}".strip())
            kind = "source back" if change.is_back else "source gone"
            self.tell(kind, change.sentence, change.source, change.words)

    def job_ended(self, job: str, streak: Streak, note: str) -> None:
        """Hear how a job ended, and how often it failed in a row."""
        if should_tell(streak):
            self._begin_telling(job, f"{job} failed {streak.failures} times in a row.", note)
        elif works_again(streak):
            self.tell("job works", f"{job} works again.", job)

    def missed(self, verdict: Missed) -> None:
        """Hear that a job was missed whose owner wants to know."""
        self.tell("missed", f"{verdict.job} {verdict.slot} was missed.", f"{verdict.job} {verdict.slot}")

    def tell(self, kind: str, sentence: str, subject: str, words: str = "") -> None:
        """Pass something on to the owner: a sentence of ours, and words of the world that go with it."""
        self._notices.tell(kind, sentence, subject, words)

    def _let_go(self) -> None:
        """Wait no longer for sources that are not in the settings any more: they will never be back."""
        for name in sorted(self.gone.keys() - self._settings.sources()):
            del self.gone[name]
            sentence = f"{name} is not in the settings any more."
            _log.info("%s", sentence)
            self.tell("source back", sentence, name)

    def _begin_telling(self, job: str, sentence: str, words: str) -> None:
        """Tell once for a streak, however many daemons see it."""

        async def once() -> None:
            if await self._desk.ask(lambda truth: truth.jobs.told(job)):
                self.tell("job fails", sentence, job, words)

        task = asyncio.get_running_loop().create_task(once())
        self.working.add(task)
        task.add_done_callback(self.working.discard)
