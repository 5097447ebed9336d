"""How the daemon stands: in words, as a document, and whether all of it is alive."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from butler import __version__
from butler.core.jailing import DEGRADED
from butler.core.night import NIGHT
from butler.core.requests import Priority
from butler.core.text import one_line
from butler.daemon.carrier import Carrier
from butler.daemon.news import News
from butler.daemon.planner import Planner
from butler.daemon.watching import Watching
from butler.lane import Errand, Lane

_SILENT = {"the lane": 60.0, "the outbox": 90.0}
"""Seconds after which a part that said nothing counts as dead."""


class Standing:
    """Looks at the daemon's parts. `problems` are those of settings that were not taken, `unread` those of the owner's own
    workflows, which do not run, `stopped` says why effects are held.

    `is_degraded`: whether workers may be confined less than they should.
    """

    def __init__(
        self,
        lane: Lane,
        carrier: Carrier,
        planner: Planner,
        watching: Watching,
        news: News,
        clock: Callable[[], datetime],
    ) -> None:
        self._lane = lane
        self._carrier = carrier
        self._planner = planner
        self._watching = watching
        self._news = news
        self._clock = clock
        self._since = clock()
        self.problems: Sequence[str] = ()
        self.unread: Sequence[str] = ()
        self.stopped = ""
        self.is_degraded = False

    def dead(self) -> list[str]:
        """The parts that are not alive any more."""
        now = time.monotonic()
        beats = {"the lane": self._lane.beat, "the outbox": self._carrier.beat}
        return [name for name, beat in beats.items() if now - beat > _SILENT[name]] + self._watching.dead()

    def sentence(self) -> str:
        """What the daemon does, in words."""
        parts = [self._doing()]
        waiting = [errand.waiting.request.priority for errand, _ in self._lane.waiting]
        tonight = waiting.count(Priority.BACKLOG)
        if len(waiting) > tonight:
            parts.append(f"{len(waiting) - tonight} waiting.")
        if tonight:
            parts.append(f"{tonight} for the night.")
        if trouble := self._lane.trouble or self._planner.trouble:
            parts.append(trouble)
        if self.stopped:
            parts.append("Effects are stopped.")
        if self._news.gone:
            parts.append(f"Not reached: {', '.join(sorted(self._news.gone))}.")
        if self.problems:
            parts.append("The settings have problems; the old ones are kept.")
        if self.unread:
            parts.append("Workflows of your own have problems and do not run: `butler workflow check`.")
        if self.is_degraded:
            parts.append(DEGRADED)
        return " ".join(parts)

    def document(self) -> dict[str, Any]:
        """All of it, as `butler status --json` prints it."""
        return {
            "version": __version__,
            "pid": os.getpid(),
            "since": self._since.astimezone(UTC).isoformat(),
            "sentence": self.sentence(),
            "running": self._errand(self._lane.running, "") if self._lane.running else None,
            "waiting": [self._errand(errand, why) for errand, why in self._lane.waiting],
            "next": {"job": self._planner.next[1], "at": self._planner.next[0].isoformat()} if self._planner.next else None,
            "carrying_out": self._carrier.child is not None,
            "stopped": self.stopped or None,
            "gone": dict(self._news.gone),
            "watchers": [{"name": each.name, "alive": each.alive()} for each in self._watching.watchers],
            "dead": self.dead(),
            "problems": [*self.problems, *self.unread],
            "sandbox": "degraded" if self.is_degraded else "enforced",
        }

    def numbers(self) -> dict[str, float]:
        """What can be counted without looking into the store."""
        return {
            "butler_alive": not self.dead(),
            "butler_seconds": (self._clock() - self._since).total_seconds(),
            "butler_running": self._lane.running is not None,
            "butler_waiting": len(self._lane.waiting),
            "butler_sources_gone": len(self._news.gone),
            "butler_watchers": len(self._watching.watchers),
            "butler_settings_problems": len(self.problems),
            "butler_jail_degraded": self.is_degraded,
        }

    def _doing(self) -> str:
        running = self._lane.running
        if running is not None:
            seconds = time.monotonic() - running.begun if running.begun else 0
            return f"Running {running.name} for {seconds:.0f} s ({one_line(running.waiting.request.trigger, 80)})."
        if self._carrier.child is not None:
            return "Carrying out what is approved."
        if self._planner.next is None:
            return "Idle."
        moment, job = self._planner.next
        return f"Idle. Next: {job} at {moment.astimezone(self._planner.zone):%a %H:%M}."

    def _errand(self, errand: Errand, why: str) -> dict[str, Any]:
        request = errand.waiting.request
        return {
            "number": errand.waiting.number,
            "workflow": request.workflow,
            "subject": request.subject or None,
            "trigger": request.trigger,
            "priority": request.priority.name.lower(),
            "since": errand.waiting.since.isoformat(),
            "seconds": round(time.monotonic() - errand.begun, 1) if errand.child else None,
            "why": why or None,
            "night": request.slot if request.job.startswith(NIGHT) else None,
        }
