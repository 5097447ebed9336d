"""Finds out what is so now: whether the model is wanted elsewhere, by hours or as a command says."""

from __future__ import annotations

import logging
import shlex
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from butler.children import Child
from butler.core.errors import StateError
from butler.core.text import one_line
from butler.core.turns import Conditions
from butler.settings.daemon import DaemonPart, read_hours

_LONGEST = 5.0
_BELIEVED = 20.0
"""Seconds for which an answer of the command holds."""
_log = logging.getLogger(__name__)


class Surroundings:
    """Looks around. The command is asked only while something waits for the model, and not at every moment."""

    def __init__(self, part: DaemonPart, zone: ZoneInfo, clock: Callable[[], datetime], environ: Mapping[str, str]) -> None:
        self._clock = clock
        self._environ = environ
        self.use(part, zone)

    def use(self, part: DaemonPart, zone: ZoneInfo) -> None:
        """Go by these settings from now on."""
        self._zone = zone
        self._busy = read_hours(part.busy_hours)
        self._backlog = read_hours(part.backlog_hours)
        self._command = shlex.split(part.busy_command)
        self._asked = float("-inf")
        self._said = ""

    async def look(self, wants_model: bool) -> Conditions:
        """Say what is so now; `wants_model`: whether it matters if the model is wanted elsewhere."""
        now = self._clock().astimezone(self._zone)
        return Conditions(now, await self._why_busy(now) if wants_model else "", self._backlog)

    async def _why_busy(self, now: datetime) -> str:
        hours = next((hours for hours in self._busy if hours.has(now.time())), None)
        if hours is not None:
            return f"waits until {hours.end:%H:%M}, the model is left to others"
        if not self._command:
            return ""
        if time.monotonic() - self._asked > _BELIEVED:
            self._said = await self._ask()
            self._asked = time.monotonic()
        return self._said

    async def _ask(self) -> str:
        """Run the command: 0 means busy. One that fails or hangs holds nothing up."""
        try:
            child = Child(self._command, self._environ, lambda _line: None)
        except StateError as error:
            _log.warning("the command of daemon.busy_command: %s", error)
            return ""
        ended = await child.ended(_LONGEST)
        if ended is None:
            child.kill()
            await child.ended()
            _log.warning("the command of daemon.busy_command took longer than %.0f s", _LONGEST)
            return ""
        return f"waits while `{one_line(shlex.join(self._command), 80)}` says busy" if ended.code == 0 else ""
