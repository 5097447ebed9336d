"""A model that is not asked: what it answered before is found again, and all else was never asked of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.comparing import NEVER_ASKED
from butler.core.models import Role
from butler.core.pins import pin_of
from butler.core.steps import Asked, CallBook, Model, ModelCall, Step
from butler.model.answers import checked
from butler.model.conversation import Asking
from butler.model.failures import BadAnswerError
from butler.model.report import ModelReport

A = TypeVar("A", bound=BaseModel)


class Recorded:
    """See butler.core.steps.Model: the digests are those of the pins, and no server is spoken to.

    `others` is asked in the roles of models that may be. `clock` dates the records: what was never asked is recorded as such.
    """

    def __init__(self, host: ModelHost, book: CallBook, run: str, clock: Callable[[], datetime], others: Model) -> None:
        self._host = host
        self._others = others
        self._book = book
        self._run = run
        self._clock = clock

    @property
    def name(self) -> str:
        """The name of the model that judges."""
        return self._host.name

    @property
    def digest(self) -> str:
        """The digest of the model that judges."""
        if self._host.name not in self._host.only_recorded:
            return self._others.digest
        return self._report("judge").digest

    def ask(self, step: Step[A], *, subject: str, facts: str, text: str) -> Asked[A]:
        """Find the recorded answer; where there is none, the caller's fallback answers."""
        if self._host.named(step.role) not in self._host.only_recorded:
            return self._others.ask(step, subject=subject, facts=facts, text=text)
        asking = Asking(step, facts, text, self._report(step.role), self._host)
        content = self._book.answer(asking.key)
        answer = None
        if content is not None:
            try:
                answer = checked(step.answer, content)
            except BadAnswerError:
                content = None
        self._record(asking, subject, content)
        reason = "" if answer is not None else NEVER_ASKED
        return Asked(answer, reason=reason, cached=answer is not None, digest=asking.report.digest)

    def _report(self, role: Role) -> ModelReport:
        name = self._host.named(role)
        pin = pin_of(self._host.pins, self._host.url, name)
        return ModelReport(url=self._host.url, name=name, present=True, digest=pin.identity.digest if pin else "")

    def _record(self, asking: Asking[A], subject: str, content: str | None) -> None:
        step, report = asking.step, asking.report
        call = ModelCall(
            *(self._run, self._clock(), step.name, step.version, subject, asking.key, report.name, report.digest, ""),
            cached=content is not None,
            outcome="ok" if content is not None else "fallback",
            attempts=0,
            tokens_in=0,
            tokens_out=0,
            seconds=0.0,
            prompt="",
            answer=content or "",
            error="" if content is not None else NEVER_ASKED,
        )
        self._book.record(call)
