"""The daemon's page: imported, served and replaced as the settings say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from butler.core.actions import Status
from butler.core.errors import StateError, extra
from butler.core.policy import Policy
from butler.core.remembering import NOTE
from butler.daemon.ledger import Desk
from butler.daemon.planner import Planner
from butler.daemon.port import Port
from butler.daemon.standing import Standing
from butler.environment import account
from butler.settings import Settings
from butler.store.truth import Truth

if TYPE_CHECKING:
    from butler.web.books import House, Reading
    from butler.web.sent import Hook
    from butler.web.serving import Serving

_log = logging.getLogger(__name__)
_APPROVED: tuple[Status] = ("approved",)


class Site:
    """Serves what `web` in the settings asks for, which is nothing by default."""

    def __init__(
        self,
        planner: Planner,
        standing: Standing,
        desk: Desk,
        port: Port,
        clock: Callable[[], datetime],
    ) -> None:
        self._planner = planner
        self._standing = standing
        self._desk = desk
        self._port = port
        self._clock = clock
        self._serving: Serving | None = None
        self._reading: Reading | None = None
        self._settings: Settings | None = None
        self._allowed: Mapping[str, Hook] = {}
        self._end_streams: Callable[[], None] = lambda: None

    async def use(self, settings: Settings) -> None:
        """Serve this from now on. Raises StateError and SourceError when the port or a token cannot be had; then what was
        served before still is.
        """
        if settings == self._settings:
            return
        before, allowed_before = self._settings, self._allowed
        allowed = await _allowed(settings)
        await self.stop()
        try:
            self._serve(settings, allowed)
        except StateError:
            await self.stop()
            if before is not None:
                self._serve(before, allowed_before)
            raise

    async def stop(self) -> None:
        """Serve nothing any more."""
        serving, self._serving, self._settings = self._serving, None, None
        reading, self._reading = self._reading, None
        if serving is not None:
            self._end_streams()
            await serving.stop()
        if reading is not None:
            await reading.close()

    def _serve(self, settings: Settings, allowed: Mapping[str, Hook]) -> None:
        if settings.web.is_on:
            with _installed():
                self._open(settings, allowed)
        self._settings, self._allowed = settings, allowed

    def _open(self, settings: Settings, allowed: Mapping[str, Hook]) -> None:
        from butler.web.app import application
        from butler.web.books import Books, Reading
        from butler.web.hooks import Hooks
        from butler.web.serving import Place, Serving

        part = settings.web
        if part.is_open:
            _log.warning(
                "The page is served on %s without TLS: whoever is on the way can read it, and log in as you.", part.listen
            )
        hooks = Hooks(allowed, self._planner.arrive, self._standing.dead, self._numbers)
        self._reading = Reading(Books(_house(settings), self._clock))
        app = application(self._reading, self._port, hooks, part.entrance(), account())
        self._serving = Serving(app, Place(part.port, part.listen, part.socket, part.socket_group))
        self._end_streams = app.state.live.close
        _log.info("the page is served at %s; `butler web` prints a link that lets you in", part.address or part.socket)

    async def _numbers(self) -> Mapping[str, float]:
        return self._standing.numbers() | await self._desk.ask(_counted)


@contextmanager
def _installed() -> Iterator[None]:
    """Say what to install where the page's libraries are not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StateError(
            f"The page needs {error.name}, which is not installed.", advice=f"{extra('web')} Or leave [web] out."
        ) from error


async def _allowed(settings: Settings) -> dict[str, Hook]:
    """The hooks, each with its token; raises SourceError when one cannot be had."""
    if not settings.web.is_on:
        return {}
    with _installed():
        from butler.web.sent import Hook
    return {
        name: Hook(hook.workflow, await asyncio.to_thread(hook.token), hook.takes_subject)
        for name, hook in settings.web.hooks.items()
    }


def _house(settings: Settings) -> House:
    """Whose page it is; the owner's rules are read anew each time that the settings are."""
    from butler.settings.policy import load_policy
    from butler.web.books import House

    owner = settings.person()
    policy = Policy(own=owner.addresses, zone=owner.zone)
    if settings.drafting.policy is not None:
        policy, problems = load_policy(settings.drafting.policy, policy)
        for problem in problems:
            _log.error("%s Until that is mended, everything is held.", problem)
    kept = settings.retention
    backups = (kept.folder or settings.state_dir / "backups") if kept.backups else None
    return House(
        *(owner, settings.state_dir, policy, settings.every_job(), settings.model.name, settings.briefing.options(), backups),
        settings.workflows.shelf(strict=False).titles(),
        settings.memory.account(settings.state_dir).path / NOTE,
        settings.model.tariff(),
        embeds=settings.embed_host() is not None,
    )


def _counted(truth: Truth) -> dict[str, float]:
    return {
        "butler_actions_held": truth.outbox.count(),
        "butler_actions_approved": truth.outbox.count(statuses=_APPROVED),
        "butler_effects_stopped": bool(truth.outbox.stopped),
    }
