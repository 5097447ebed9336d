"""The record of what was asked in one run: answers found again, and a row for each asking whatever came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from pydantic import BaseModel

from butler.core.models import ModelIdentity, ModelPin
from butler.core.steps import Asked, CallBook, ModelCall
from butler.model.answers import checked
from butler.model.conversation import Asking
from butler.model.failures import BadAnswerError
from butler.model.pool import Job
from butler.model.prompts import PromptTooLongError

A = TypeVar("A", bound=BaseModel)
Outcome = Literal["ok", "repaired", "fallback"]


@dataclass(frozen=True, slots=True)
class Records:
    """What one run writes into the book; `clock` dates it."""

    book: CallBook
    run: str
    clock: Callable[[], datetime]

    def met(self, url: str, name: str, seen: ModelIdentity) -> ModelPin | None:
        """Tell what a server has under a name; gives what is pinned there."""
        return self.book.met(url, name, seen, self.clock())

    def rate(self, asking: Asking[A]) -> float | None:
        """The tokens a byte that were measured for the model."""
        return self.book.tokens_per_byte(asking.report.mark)

    def remembered(self, asking: Asking[A], subject: str) -> Asked[A] | None:
        """The answer that was recorded before, if it still fits."""
        content = self.book.answer(asking.key)
        if content is None:
            return None
        try:
            answer = checked(asking.step.answer, content)
        except BadAnswerError:
            return None
        self._write(asking, subject, "ok", None, answer=content)
        return Asked(answer, cached=True, digest=asking.report.mark, cut=self._would_cut(asking))

    def answered(self, job: Job, subject: str, answer: BaseModel) -> None:
        """Write down an answer."""
        outcome: Outcome = "repaired" if job.talk and job.talk.repairs else "ok"
        self._write(job.asking, subject, outcome, job, answer=answer.model_dump_json())

    def failed(self, job: Job, subject: str, error: str) -> None:
        """Write down that there was no answer, unless nothing was sent."""
        if job.talk and job.talk.attempts:
            self._write(job.asking, subject, "fallback", job, answer=job.talk.content, error=error)

    def _would_cut(self, asking: Asking[A]) -> bool:
        """Whether the text is too long as measured now; the recorded answer does not say how it was then."""
        try:
            return asking.prompt(self.rate(asking)).left_out > 0
        except PromptTooLongError:
            return True

    def _write(
        self, asking: Asking[A], subject: str, outcome: Outcome, job: Job | None, *, answer: str, error: str = ""
    ) -> None:
        talk = job.talk if job else None
        self.book.record(
            ModelCall(
                run=self.run,
                at=self.clock(),
                step=asking.step.name,
                version=asking.step.version,
                subject=subject,
                key=asking.key,
                model=asking.report.name,
                digest=asking.report.mark,
                server=(job.server if job else "") or asking.report.kind,
                cached=job is None,
                outcome=outcome,
                attempts=talk.attempts if talk else 0,
                tokens_in=talk.tokens_in if talk else 0,
                tokens_out=talk.tokens_out if talk else 0,
                seconds=job.seconds if job else 0.0,
                prompt=talk.prompt if talk else "",
                answer=answer,
                error=error,
                first=talk.first if talk else None,
            )
        )
