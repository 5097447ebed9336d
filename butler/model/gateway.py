"""The gateway: what a workflow asks the model through; it measures, caches, records, and knows when to stop asking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import ModelError
from butler.core.pins import is_ours
from butler.core.steps import Asked, CallBook, Inquiry, Step
from butler.model.choosing import PRIORITY
from butler.model.conversation import Asking
from butler.model.driving import Driven
from butler.model.pool import Pool, in_order
from butler.model.records import Records
from butler.model.report import ModelReport

A = TypeVar("A", bound=BaseModel)


class Gateway:
    """The models of one run (see butler.core.steps.Model); to be closed, or used in a `with`.

    Any thread may ask; how much is asked at once is the servers' slots. `clock` dates the records. The first asking
    checks the servers unless `check` did.
    """

    def __init__(
        self, host: ModelHost, book: CallBook, run: str, clock: Callable[[], datetime], dial: Dial | None = None
    ) -> None:
        self._host = host
        self._records = Records(book, run, clock)
        self._pool = Pool(host, book, dial, self._records.met)
        self._loop = Driven()
        self._report: ModelReport | None = None
        self._asking: dict[str, asyncio.Lock] = {}

    @property
    def name(self) -> str:
        """The name on its server of the model that judges (as configured, until checked, or where its copy is asked)."""
        name = self._report.name if self._report else self._host.name
        return f"{self._host.name} (copy)" if is_ours(name) and name != self._host.name else name

    @property
    def digest(self) -> str:
        """The digest that answers, or what stands in for it; empty until checked."""
        return self._report.mark if self._report else ""

    def check(self) -> ModelReport:
        """Ask the servers about themselves and the model that judges; raises ModelError when it cannot be used."""
        self._report = self._loop.run(self._pool.report(self._host.name, anew=True))
        return self._report

    def ask(self, step: Step[A], *, subject: str, facts: str, text: str) -> Asked[A]:
        """Ask one step about one thing; what the model or its server does wrong becomes the reason for the fallback.

        Raises ModelError only when `cancel` or `close` ended the asking.
        """
        return self._loop.run(self._alone(Inquiry(step, subject, facts, text)))

    def ask_all(self, inquiries: Sequence[Inquiry[A]]) -> Generator[Asked[A], None, None]:
        """Ask about many things, several at once where the servers can; see butler.core.steps.ask_all.

        Raises ModelError as `ask` does. Within a priority what one step is asked about comes together. Where only one thing
        can be asked at once, the next one is not begun before it is wanted.
        """
        if sum(server.slots for server in self._host.servers()) == 1:
            for each in inquiries:
                yield self._loop.run(self._alone(each))
            return
        tasks = self._loop.run(self._begun(inquiries))
        try:
            for task in tasks:
                yield self._loop.run(_result(task))
        finally:
            if not self._loop.stopped:
                self._loop.run(_ended(tasks))

    def cancel(self) -> None:
        """End all that is under way, from any thread or signal handler: connections close; no more is asked."""
        self._loop.cancel()

    def close(self) -> None:
        """Cancel what is under way and release everything; may be called twice."""
        self._loop.close(self._pool.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def _alone(self, inquiry: Inquiry[A]) -> Asked[A]:
        self._pool.stale(self._host.named(inquiry.step.role))
        return await self._asked(inquiry)

    async def _begun(self, inquiries: Sequence[Inquiry[A]]) -> list[asyncio.Task[Asked[A]]]:
        """Begin to ask all of them, in the order in which they are to be answered."""
        for name in dict.fromkeys(self._host.named(each.step.role) for each in inquiries):
            self._pool.stale(name)
            await self._known(name)
        tasks: dict[int, asyncio.Task[Asked[A]]] = {}
        for place in in_order([(PRIORITY[each.step.role], each.step.name) for each in inquiries]):
            tasks[place] = asyncio.create_task(self._asked(inquiries[place]))
        return [tasks[place] for place in range(len(inquiries))]

    async def _known(self, name: str) -> ModelReport | str:
        """The model, looked at when it is first asked, or why it cannot be."""
        try:
            report = await self._pool.report(name)
        except ModelError as error:
            return str(error)
        if name == self._host.name:
            self._report = report
        return report

    async def _asked(self, inquiry: Inquiry[A]) -> Asked[A]:
        name = self._host.named(inquiry.step.role)
        report = await self._known(name)
        if isinstance(report, str):
            return Asked(None, reason=report)
        asking = Asking(inquiry.step, inquiry.facts, inquiry.text, report, self._host)
        parts = asking.parts(self._records.rate(asking))
        if len(parts) == 1 or inquiry.step.joined is None:
            return await self._put(asking, name, inquiry.subject)
        return _joined(inquiry.step.joined, [await self._put(part, name, inquiry.subject) for part in parts])

    async def _put(self, asking: Asking[A], name: str, subject: str) -> Asked[A]:
        """Ask, unless the answer is known; who asks the same meanwhile waits for it."""
        async with self._asking.setdefault(asking.key, asyncio.Lock()):
            return await self._put_once(asking, name, subject)

    async def _put_once(self, asking: Asking[A], name: str, subject: str) -> Asked[A]:
        remembered = self._records.remembered(asking, subject)
        if remembered is not None:
            return remembered
        job = self._pool.job(asking, name)
        try:
            answer: A = await self._pool.answer(job)
        except ModelError as error:
            self._records.failed(job, subject, str(error))
            digest = "" if error.permanent and not self._pool.is_left(name) else asking.report.mark
            return Asked(None, reason=str(error), digest=digest, cut=bool(job.talk and job.talk.left_out))
        self._records.answered(job, subject, answer)
        return Asked(answer, digest=asking.report.mark, cut=bool(job.talk and job.talk.left_out))


async def _result(task: asyncio.Task[Asked[A]]) -> Asked[A]:
    return await task


async def _ended(tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Cancel what nobody waits for any more."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)


def _joined(join: Callable[[Sequence[A]], A], said: Sequence[Asked[A]]) -> Asked[A]:
    """One answer of those to the parts of a text; none where a part got none, for what it says is not known then."""
    failed = next((each for each in said if each.answer is None), None)
    cut = any(each.cut for each in said)
    if failed is not None:
        return Asked(None, reason=failed.reason, digest=failed.digest, cut=cut)
    answers = [each.answer for each in said if each.answer is not None]
    return Asked(join(answers), cached=all(each.cached for each in said), digest=said[0].digest, cut=cut)
