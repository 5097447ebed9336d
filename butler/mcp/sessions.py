"""One visit of another program: counted, bounded, and written into the journal."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from butler.core.errors import BusyError
from butler.core.policy import ELSEWHERE
from butler.mcp.wanted import WRITES

if TYPE_CHECKING:
    from butler.store.truth import Truth

MOST_READ = 5_000
MOST_PROPOSED = 50
"""What one visit may ask for; a program that needs more comes again."""
MOST_HELD, MOST_A_DAY = 100, 200
"""What all visits together may have waiting, and propose within a day, whatever becomes of it."""
_DAY = timedelta(days=1)


class Session:
    """A visit; nothing is written of one that asks for nothing."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.run = f"{ELSEWHERE}-{secrets.token_hex(8)}"
        self.client = ""
        self._clock = clock
        self._asked: Counter[str] = Counter()

    def note(self, truth: Truth, tool: str, client: str) -> None:
        """Count what is asked for, and write down the first time who asks; raises BusyError where it is too much."""
        kind, most = ("propose", MOST_PROPOSED) if tool in WRITES else ("read", MOST_READ)
        if self._asked[kind] >= most:
            raise BusyError(f"One session may {kind} {most} times.", advice="Begin another one.")
        if kind == "propose":
            self._check_all(truth)
        if not self._asked:
            self.client = client
            self._write(truth, "mcp session began", client=client)
        self._asked[kind] += 1

    def _check_all(self, truth: Truth) -> None:
        """Refuse what all visits together are not to bring; raises BusyError."""
        today, held = truth.waiting.by_programs(self._clock() - _DAY)
        if held >= MOST_HELD:
            raise BusyError(
                f"{held} actions that programs proposed wait for the owner.", advice="Propose more when they have decided."
            )
        if today >= MOST_A_DAY:
            raise BusyError(f"Programs may propose {MOST_A_DAY} actions a day.", advice="Propose more tomorrow.")

    def end(self, truth: Truth) -> None:
        """Write down what the visit came to."""
        if self.is_begun:
            self._write(
                truth, "mcp session ended", client=self.client, read=self._asked["read"], proposed=self._asked["propose"]
            )

    @property
    def is_begun(self) -> bool:
        """Whether anything was asked for."""
        return bool(self._asked)

    def _write(self, truth: Truth, what: str, **facts: object) -> None:
        with truth.outbox.transaction():
            truth.journal.append(self._clock(), what, f"run:{self.run}", **facts)
