"""The gateway: what a workflow asks the model through; it measures, caches, records, and knows when to stop asking."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import ModelError
from butler.core.models import ModelIdentity, ModelPin
from butler.core.steps import Asked, CallBook, ModelCall, Step
from butler.model.answers import checked
from butler.model.client import Client
from butler.model.conversation import Asking, Conversation
from butler.model.failures import BadAnswerError, FailureKind, ServerError
from butler.model.pinning import Pinning
from butler.model.prompts import PromptTooLongError
from butler.model.report import ModelReport, examine

A = TypeVar("A", bound=BaseModel)
T = TypeVar("T")

_SLOW_IN_A_ROW = 2
"""Deadlines passed in a row after which a run asks no more: a server that hangs would hang for every mail."""


class Gateway:
    """The model of one run (see butler.core.steps.Model); to be closed, or used in a `with`.

    Calls come one after the other, whichever thread asks. `clock` dates the records. The first asking checks the
    server unless `check` did.
    """

    def __init__(
        self, host: ModelHost, book: CallBook, run: str, clock: Callable[[], datetime], dial: Dial | None = None
    ) -> None:
        # Where its owner went back, a copy is asked for in the place of what the settings name.
        self._pinning = Pinning(host, host.url, host.name, self._met)
        self._host = replace(host, name=self._pinning.use)
        self._book = book
        self._run_name = run
        self._clock = clock
        self._client = Client(host, dial)
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._turn = threading.Lock()
        self._task: asyncio.Task[Any] | None = None
        self._stopped = False
        self._closed = False
        self._report: ModelReport | None = None
        self._no_more = ""
        self._slow = 0

    @property
    def name(self) -> str:
        """The model's name on its server (as configured, until checked)."""
        return self._report.name if self._report else self._host.name

    @property
    def digest(self) -> str:
        """The digest that answers; empty until checked."""
        return self._report.digest if self._report else ""

    def check(self) -> ModelReport:
        """Ask the server about itself and the model; raises ModelError when the model cannot be used."""
        report = self._do(examine(self._client, self._host))
        if report.failure:
            raise ModelError(report.failure.sentence, permanent=True, advice=report.failure.advice)
        self._pinning.looked(report)
        self._report = report
        return report

    def ask(self, step: Step[A], *, subject: str, facts: str, text: str) -> Asked[A]:
        """Ask one step about one thing; what the model or its server does wrong becomes the reason for the fallback.

        Raises ModelError only when `cancel` or `close` ended the asking.
        """
        if self._report:
            self._pinning.stale()
        report = self._report or self._first_check()
        if report is None:
            return Asked(None, reason=self._no_more)
        asking = Asking(step, facts, text, report, self._host)
        remembered = self._remembered(asking, subject)
        if remembered is not None:
            return remembered
        if self._no_more:
            return Asked(None, reason=self._no_more)
        return self._converse(asking, subject)

    def cancel(self) -> None:
        """End the asking under way, from any thread or signal handler: its connection closes; no more is asked."""
        self._stopped = True
        task = self._task
        if task is not None:
            # The loop may close between the two lines; then there is nothing left to cancel.
            with contextlib.suppress(RuntimeError):
                task.get_loop().call_soon_threadsafe(task.cancel)

    def close(self) -> None:
        """Cancel what is under way and release everything; may be called twice."""
        self.cancel()
        with self._turn:
            if not self._closed:
                self._closed = True
                self._runner.run(self._client.close())
                self._runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _met(self, url: str, name: str, seen: ModelIdentity) -> ModelPin | None:
        return self._book.met(url, name, seen, self._clock())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        async def noted() -> T:
            self._task = asyncio.current_task()
            try:
                return await work
            finally:
                self._task = None

        with self._turn:
            if self._stopped:
                work.close()
                raise _stopping()
            try:
                return self._runner.run(noted())
            except asyncio.CancelledError:
                raise _stopping() from None

    def _first_check(self) -> ModelReport | None:
        if self._no_more:
            return None
        try:
            return self.check()
        except ModelError as error:
            if self._stopped:
                raise
            self._no_more = str(error)
            return None

    def _remembered(self, asking: Asking[A], subject: str) -> Asked[A] | None:
        content = self._book.answer(asking.key)
        if content is None:
            return None
        try:
            answer = checked(asking.step.answer, content)
        except BadAnswerError:
            return None
        self._record(asking, subject, "ok", None, answer=content)
        return Asked(answer, cached=True, digest=asking.report.digest, cut=self._would_cut(asking))

    def _would_cut(self, asking: Asking[A]) -> bool:
        """Whether the text is too long as measured now; the recorded answer does not say how it was then."""
        try:
            return asking.prompt(self._book.tokens_per_byte(asking.report.digest)).left_out > 0
        except PromptTooLongError:
            return True

    def _converse(self, asking: Asking[A], subject: str) -> Asked[A]:
        talk = Conversation(asking, self._client, self._book, self._pinning)
        began = time.monotonic()
        try:
            answer = self._do(self._in_time(talk))
        except ModelError as error:
            if self._stopped:
                raise
            self._learn_from(error)
            self._record(asking, subject, "fallback", talk, answer=talk.content, began=began, error=str(error))
            digest = "" if error.permanent else asking.report.digest
            return Asked(None, reason=str(error), digest=digest, cut=talk.left_out > 0)
        self._slow = 0
        outcome: Literal["ok", "repaired"] = "repaired" if talk.repairs else "ok"
        self._record(asking, subject, outcome, talk, answer=answer.model_dump_json(), began=began)
        return Asked(answer, digest=asking.report.digest, cut=talk.left_out > 0)

    async def _in_time(self, talk: Conversation[A]) -> A:
        try:
            async with asyncio.timeout(self._host.deadline):
                return await talk.answer()
        except TimeoutError:
            sentence = f"The model did not answer within {self._host.deadline:g} seconds."
            raise ServerError(FailureKind.SLOW, sentence) from None

    def _learn_from(self, error: ModelError) -> None:
        slow = isinstance(error, ServerError) and error.kind is FailureKind.SLOW
        self._slow = self._slow + 1 if slow else 0
        if error.permanent:
            self._no_more = str(error)
        elif self._slow >= _SLOW_IN_A_ROW:
            self._no_more = f"{error} It was not asked again in this run."

    def _record(
        self,
        asking: Asking[A],
        subject: str,
        outcome: Literal["ok", "repaired", "fallback"],
        talk: Conversation[A] | None,
        *,
        answer: str,
        began: float | None = None,
        error: str = "",
    ) -> None:
        if talk is not None and not talk.attempts:
            return  # nothing was sent
        self._book.record(
            ModelCall(
                run=self._run_name,
                at=self._clock(),
                step=asking.step.name,
                version=asking.step.version,
                subject=subject,
                key=asking.key,
                model=asking.report.name,
                digest=asking.report.digest,
                server=f"ollama {asking.report.version}",
                cached=talk is None,
                outcome=outcome,
                attempts=talk.attempts if talk else 0,
                tokens_in=talk.tokens_in if talk else 0,
                tokens_out=talk.tokens_out if talk else 0,
                seconds=time.monotonic() - began if began is not None else 0.0,
                prompt=talk.prompt if talk else "",
                answer=answer,
                error=error,
                first=talk.first if talk else None,
            )
        )


def _stopping() -> ModelError:
    return ModelError("The asking was ended because the butler is stopping.")
