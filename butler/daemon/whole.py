"""The whole daemon: builds its parts, starts them, keeps them alive, reads settings anew, and ends in time."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from butler.children import Child, Ended
from butler.control import Server
from butler.core.clocks import Change
from butler.core.errors import BusyError, ButlerError, StateError
from butler.core.requests import Request
from butler.daemon.answers import Answers
from butler.daemon.carrier import Carrier
from butler.daemon.commands import Commands
from butler.daemon.conditions import Surroundings
from butler.daemon.ledger import Desk, SlotLedger
from butler.daemon.lifeline import Forks, Handed
from butler.daemon.news import News
from butler.daemon.planner import Planner
from butler.daemon.port import Port
from butler.daemon.questions import Questions
from butler.daemon.site import Site
from butler.daemon.standing import Standing
from butler.daemon.systemd import Systemd
from butler.daemon.watching import Watching
from butler.environment import owners_environment
from butler.lane import Errand, Lane
from butler.notify import Notices, Send
from butler.settings import Loaded, Settings
from butler.store.floor import Floor
from butler.store.state import StateLock
from butler.store.truth import Truth
from butler.triggers import Triggers
from butler.watch import Watcher
from butler.watch.patient import Refused

_DRAIN = 3.0
"""Seconds that children have to end when the daemon does, which has five for all, on a busy machine, too."""
_PULSE = 10.0
_TRY_AGAIN = 0.2
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """What a daemon is started with: its settings and what reads them anew, the environment and program of its children.

    `forks` is where they order workers, `send` sends notices over the network. `on_stop` is called when it begins to end.
    """

    loaded: Loaded
    read: Callable[[], Loaded]
    environ: Mapping[str, str]
    program: Sequence[str]
    systemd: Systemd
    clock: Callable[[], datetime]
    watchers: Callable[[Settings], Sequence[Watcher]]
    forks: Forks
    send: Send | None = None
    on_stop: Callable[[], None] = lambda: None


class Daemon:
    """One daemon over one state folder, whose pid file is held; to be made and run inside a loop of its own."""

    def __init__(self, start: Start) -> None:
        settings = start.loaded.settings
        self._started = start
        self._settings = settings
        self._systemd = start.systemd
        self._handed = Handed(start.loaded, start.forks)
        self._desk = Desk(Truth.open(settings.state_dir / "butler.db"))
        self._commands = Commands(start.program, self._handed.option)
        zone, ask = settings.person().zone, self._desk.ask
        notices = Notices(settings.notices, zone, start.clock, ask, owners_environment(), send=start.send)
        self._news = News(settings, start.clock, self._desk, notices)
        self._surroundings = Surroundings(settings.daemon, settings.person().zone, start.clock, owners_environment())
        self._ledger = SlotLedger(self._desk, start.clock, self._news.job_ended)
        self._lane = Lane(
            self._ledger, self._run, self._surroundings.look, start.clock, self._finished, settings.daemon.run_limit
        )
        self._carrier = Carrier(self._desk, start.clock, lambda tell: self._child(self._commands.execute(), tell))
        self._triggers = Triggers(self._woken, start.clock)
        self._planner = Planner(self._desk, start.clock, self._add, self._news.missed, self._triggers.arm)
        self._watching = Watching(self._planner.report, start.watchers)
        self._standing = Standing(self._lane, self._carrier, self._planner, self._watching, self._news, start.clock)
        self._standing.is_degraded = settings.sandbox == "degraded"
        self._look_at_workflows(settings)
        answers = Answers(
            *(self._lane, self._carrier, self._desk, self._commands, self._standing.document, self._planner.wake, start.clock)
        )
        self._server = Server(settings.state_dir, answers.answer)
        self._questions = Questions(self._commands, self._child, self._desk, start.clock)
        port = Port(
            *(self._standing.document, answers, self._carrier, self._lane, self._commands, self._questions), child=self._child
        )
        self._site = Site(self._planner, self._standing, self._desk, port, start.clock)
        self._stopping = asyncio.Event()
        self._is_reloading = self._is_asked_again = False

    async def run(self) -> None:
        """Serve until a signal comes; raises what ends a part of the daemon that may not end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._begin(self.reload()))
        self._planner.use(self._settings.every_job(), self._settings.person().zone)
        await self._server.start()
        await self._site.use(self._settings)
        self._triggers.start()
        parts = [self._begin(part) for part in self._parts()]
        await self._look()
        self._systemd.ready()
        self._systemd.status(self._standing.sentence())
        _log.info("ready")
        over = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait((over, *parts), return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            await self._close(parts)

    def stop(self) -> None:
        """Begin to end."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._started.on_stop()

    async def reload(self) -> None:
        """Read the settings anew; with problems, all of them are told and the old ones kept."""
        # What was changed while they were read may not have been seen: they are read once more.
        self._is_asked_again = True
        if self._is_reloading:
            return
        self._is_reloading = True
        self._systemd.reloading()
        try:
            while self._is_asked_again:
                self._is_asked_again = False
                await self._read_anew()
        finally:
            self._is_reloading = False
            self._systemd.ready()
        self._systemd.status(self._standing.sentence())

    async def _read_anew(self) -> None:
        loaded = await asyncio.to_thread(self._started.read)
        problems = [*loaded.problems, *_fixed(self._settings, loaded.settings)]
        if not problems:
            try:
                await self._use(loaded)
            except ButlerError as error:
                problems = [str(error)]
        self._standing.problems = problems
        for problem in problems:
            _log.error("settings: %s", problem)
        if problems:
            _log.error("the settings were read anew and have problems; the old ones are kept")
        else:
            _log.info("the settings were read anew")

    async def _use(self, loaded: Loaded) -> None:
        """Go by these settings; the page is what can still refuse them, before anything else goes by them."""
        await self._site.use(loaded.settings)
        settings = self._settings = loaded.settings
        zone = settings.person().zone
        self._handed.renew(loaded)
        self._surroundings.use(settings.daemon, zone)
        self._lane.limit = settings.daemon.run_limit
        self._news.use(settings)
        self._standing.is_degraded = settings.sandbox == "degraded"
        await asyncio.to_thread(self._look_at_workflows, settings)
        self._planner.use(settings.every_job(), zone)
        await self._watch()

    def _look_at_workflows(self, settings: Settings) -> None:
        """Tell of the owner's own workflows that do not run; one that is read no more does not run as it was, either."""
        self._standing.unread = settings.workflows.problems()
        for problem in self._standing.unread:
            _log.error("workflows: %s", problem)

    def _parts(self) -> list[Coroutine[Any, Any, None]]:
        """What has to go on all the time."""
        return [self._work(), self._carrier.work(), self._planner.listen(), self._pulse(), self._news.work()]

    async def _work(self) -> None:
        """Take over from whoever died, then plan, watch, and run what waits."""
        await self._take_over()
        await self._questions.take_up(Floor(self._settings.state_dir))
        await self._watch()
        both = [self._begin(self._planner.work()), self._begin(self._lane.work())]
        try:
            over, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            for each in over:
                each.result()
        finally:
            both[0].cancel()

    async def _watch(self) -> None:
        """Watch what the settings name; what was refused under other ones may be taken now."""
        try:
            Refused(self._settings.state_dir).forget()
        except StateError as error:
            _log.error("refused log-ins cannot be forgotten: %s", error)
        await self._watching.use(self._settings)

    async def _take_over(self) -> None:
        """End the claims of a daemon that died, once its children have let go of the state folder: they may end well yet."""
        while not self._stopping.is_set():
            try:
                with StateLock(self._settings.state_dir):
                    await self._recover()
                    break
            except BusyError:
                self._lane.beat = time.monotonic()
                await asyncio.sleep(_TRY_AGAIN)

    async def _recover(self) -> None:
        for slot in await self._ledger.recover(self._planner.workflows):
            _log.info("%s %s was begun by a daemon that died: %s", slot.job, slot.slot, slot.state)

    async def _pulse(self) -> None:
        """Tell systemd how things are, and that all is well only while it is."""
        pause = min(_PULSE, self._systemd.watchdog / 2) if self._systemd.watchdog else _PULSE
        while True:
            dead = self._standing.dead()
            if dead:
                _log.error("not alive any more: %s", ", ".join(dead))
            else:
                self._systemd.alive()
            self._news.looked(self._watching.changed())
            await self._look()
            self._systemd.status(self._standing.sentence())
            await asyncio.sleep(pause)

    async def _look(self) -> None:
        """See whether effects are stopped."""
        try:
            self._standing.stopped = await self._desk.ask(lambda truth: truth.outbox.stopped)
        except ButlerError as error:
            _log.error("whether effects are stopped cannot be told: %s", error)

    async def _close(self, parts: Sequence[asyncio.Task[None]]) -> None:
        """End everything in time: children first, for they take longest."""
        self._systemd.stopping()
        _log.info("ending")
        self._triggers.stop()
        self._lane.close()
        self._carrier.close()
        self._questions.close()
        work, carry, *others = parts
        for each in others:
            each.cancel()
        ends = (self._begin(self._watching.stop()), self._begin(self._news.close()))
        await asyncio.wait((work, carry, *ends), timeout=_DRAIN)
        for child in (self._lane.running and self._lane.running.child, self._carrier.child):
            if child:
                child.kill()
        await asyncio.wait((work, carry), timeout=0.5)
        await self._site.stop()
        await self._server.stop()
        self._desk.close()
        self._handed.close()
        for each in parts:
            if each.done() and not each.cancelled() and (error := each.exception()):
                raise error

    def _begin(self, part: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(part)

    def _add(self, request: Request) -> None:
        self._lane.add(request, self._commands.of_request(request))

    def _woken(self, change: Change) -> None:
        if not change.is_steady:
            _log.info("%s", change)
        self._planner.wake()

    def _run(self, errand: Errand) -> Child:
        return self._child(errand.argv, errand.heard)

    def _child(self, argv: Sequence[str], tell: Callable[[str], None], given: bytes = b"") -> Child:
        return Child(argv, self._started.environ, tell, self._handed.descriptors, given)

    def _finished(self, errand: Errand, ended: Ended) -> None:
        self._news.run_ended(errand.waiting.request, ended.printed or b"", is_well=ended.code == 0)
        self._carrier.look()
        self._planner.wake()


def _fixed(old: Settings, new: Settings) -> list[str]:
    """What cannot be changed while the daemon runs."""
    if old.state_dir == new.state_dir:
        return []
    return [f"state_dir cannot be changed to {new.state_dir} while the daemon runs. Start it anew for that."]
