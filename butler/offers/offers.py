"""The table of what a run offers: what its context has, with each value checked, counted and bounded.

Whoever asks may be owned by what it read. It can read what a workflow may read, keep values of its own run, and propose;
there is nothing here that approves, decides, or writes anywhere else.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cached_property, partial
from inspect import Parameter, Signature
from typing import Any

from butler.core.accounts import ModelHost
from butler.core.actions import Action, Kept, payload_text, read_payload
from butler.core.asking import Answer, Said, told
from butler.core.briefing import Briefing, Origin
from butler.core.calendar import Placed, PlacedTask
from butler.core.contacts import PlacedContact
from butler.core.context import Context
from butler.core.errors import ButlerError
from butler.core.given import STAGE, Given
from butler.core.mail import Mail
from butler.core.notes import PlacedNote
from butler.core.queries import Found
from butler.core.sources import SourceState
from butler.core.steps import CallBook, ModelCall
from butler.core.text import one_line
from butler.offers.checks import (
    BreachError,
    Check,
    count,
    day,
    each,
    line,
    moment,
    name,
    number,
    proposal,
    record,
    text,
)
from butler.offers.grounds import Grounds
from butler.offers.models import Models, identity
from butler.offers.outside import Outside
from butler.offers.parts import batches, few, spans
from butler.offers.watched import Watched

_LONGEST_SENTENCE = 2_000
_MOST_KEPT = 128_000_000
_MOST_WRITTEN = 256_000_000
"""How many characters of records, proposals and pages one run may leave on the disk."""
_LARGEST_COUNT = 2**40
_MOST_BESIDE = 1_000
_DEEPEST = 4
_THREADS = 200
_PROPOSALS = 500
_MOST: Mapping[str, int] = {
    "publish": 1,
    "passed": 64,
    "save": 20,
    "document": 200,
    "foreign": 50,
    "foreign_tools": 20,
    "search": 2_000,
    "search_any": 2_000,
    "tell": 500,
    "judge": 5_000,
    "judged": 5_000,
    "record": 5_000,
    "learn": 20_000,
    "met": 1_000,
    "keep": 20_000,
    "keep_found": 1_000,
}
"""How often one run may ask for something; for anything else `_MOST_ELSE` times."""
_MOST_ELSE = 200_000

Offered = tuple[Callable[..., Any], *tuple[Check, ...]]


class Offers:
    """What one run offers. `clock` dates the records, `passed` is told of each node, and before the first one also of the
    seconds in which nothing was asked: whoever thinks was not ready yet. `host` is whom it may ask.

    A value that no workflow would send ends whoever sent it; `fault` says how that is told, or what broke here.
    """

    def __init__(
        self,
        context: Context,
        book: CallBook,
        clock: Callable[[], datetime],
        passed: Callable[[str, float], None],
        host: ModelHost | None = None,
    ) -> None:
        self.fault: Exception | None = None
        self._context = context
        self._book = book
        self._clock = clock
        self._passed = passed
        self._models = Models(host, book.met, clock)
        self._asked: Counter[str] = Counter()
        self._kept = self._written = 0
        self._judging: list[AbstractContextManager[None]] = []
        self._ahead: Callable[[], Sequence[SourceState]] | None = None
        self._idle_since = time.monotonic()
        self._waited: float | None = None

    def table(self) -> dict[str, Callable[..., Any]]:
        """Everything by its name, guarded."""
        return self._all_guarded({**self._reads(), **self._memory(), **self._deeds()})

    def reads(self) -> dict[str, Callable[..., Any]]:
        """The reads alone, guarded: what is enough to answer a question by code."""
        return self._all_guarded(self._reads())

    def sync_ahead(self) -> None:
        """Bring the mirror up to date before that is asked for; what it raises is raised then."""
        try:
            found = self._context.sync()
        except (ButlerError, OSError) as error:
            self._ahead = partial(_raise, error)
        else:
            self._ahead = lambda: found
        self._idle_since = time.monotonic()

    def _keep_fault(self, error: Exception) -> None:
        self.fault = error

    def give_up(self, error: Exception) -> None:
        """End the judging that is under way as if that had been raised in it."""
        while self._judging:
            self._judging.pop().__exit__(type(error), error, None)

    def _all_guarded(self, offered: Mapping[str, Offered]) -> dict[str, Callable[..., Any]]:
        return {name: self._guarded(name, function, checks) for name, (function, *checks) in offered.items()}

    def _guarded(self, what: str, function: Callable[..., Any], checks: Sequence[Check]) -> Callable[..., Any]:
        most = _MOST.get(what, _PROPOSALS + self._context.most_drafts if what == "propose" else _MOST_ELSE)

        def guard(*values: Any) -> Any:
            if self._waited is None:
                self._waited = time.monotonic() - self._idle_since
            with Watched(self._keep_fault, what):
                self._asked[what] += 1
                if self._asked[what] > most:
                    raise BreachError("it was asked for too often")
                return function(*[check(value) for check, value in zip(checks, values, strict=True)])

        # How many values there are is all that the seam needs to know.
        names = [Parameter(f"value{at}", Parameter.POSITIONAL_ONLY) for at in range(len(checks))]
        vars(guard)["__signature__"] = Signature(names)
        return guard

    def _reads(self) -> Mapping[str, Offered]:
        reads = self._context.reads
        return {
            "received": (batches(Mail, spans(reads.received)), moment, moment),
            "sent": (batches(Mail, spans(reads.sent)), moment, moment),
            "mail": (reads.mail, name),
            "threads": (batches(Mail, self._threads), each(number)),
            "exchanged": (reads.exchanged, each(name)),
            "occurrences": (batches(Placed, reads.occurrences), moment, moment),
            "tasks": (batches(PlacedTask, reads.tasks),),
            "files": (batches(PlacedNote, reads.files), name, name, count),
            "notes": (batches(PlacedNote, reads.notes), moment),
            "contacts": (batches(PlacedContact, reads.contacts),),
            "people": (batches(PlacedContact, reads.people), each(name), count),
            "celebrations": (batches(PlacedContact, reads.celebrations), day, day),
            "letters_to": (batches(Mail, reads.letters_to), each(name), count),
            "letters_from": (batches(Mail, reads.letters_from), name, count),
            "notes_about": (batches(PlacedNote, reads.notes_about), each(name), count),
            "search": (batches(Found, reads.search), text, count),
            "search_any": (batches(Found, reads.search_any), each(name), count),
            "show": (reads.show, name),
            "places": (reads.places, name),
            "object_of": (reads.object_of, name),
            "object_by_uid": (reads.object_by_uid, name),
            "calendars": (reads.calendars,),
            "found": (self._context.found, each(name)),
        }

    def _memory(self) -> Mapping[str, Offered]:
        memory, book = self._context.memory, self._book
        return {
            "snapshot_before": (self._snapshot_before, day),
            "keep": (self._keep, name, text),
            "kept": (self._kept_before, name),
            "usage": (memory.usage,),
            "keep_found": (self._keep_found, each(name), each(name)),
            "answer": (book.answer, name),
            "record": (self._record, record),
            "tokens_per_byte": (book.tokens_per_byte, name),
            "learn": (book.learn, name, number, number),
            "met": (self._models.met, name, name, identity),
        }

    def _deeds(self) -> Mapping[str, Offered]:
        context, outside = self._context, Outside(self._context)
        return {
            "sync": (lambda: self._synced,),
            "publish": (self._publish, text, each(text), text),
            "judge": (self._judge, name),
            "judged": (self._judged, text),
            "propose": (self._propose, proposal),
            "known": (context.known, name),
            "edits": (context.edits, name, count),
            "save": (lambda name, page: context.save(name, self._write(page)), name, text),
            "held": (few(context.held),),
            "decided": (few(context.decided), moment),
            "document": (outside.document, name),
            "tell": (self._tell, line),
            "foreign": (outside.foreign, name, text),
            "foreign_tools": (few(outside.tools),),
            "passed": (self._pass, name),
        }

    def _threads(self, threads: Sequence[int]) -> Iterator[Mail]:
        for start in range(0, len(threads), _THREADS):
            for mails in self._context.reads.threads(threads[start : start + _THREADS]).values():
                yield from mails

    def _snapshot_before(self, day: date) -> str | None:
        return _json(self._context.memory.snapshot_before(day))

    def _kept_before(self, stage: str) -> str | None:
        return _json(self._context.memory.kept(stage))

    @cached_property
    def _synced(self) -> Sequence[SourceState]:
        """Once a run, however often it is asked for."""
        return (self._ahead or self._context.sync)()

    @cached_property
    def _grounds(self) -> Grounds:
        return Grounds(self._context.reads, Given(self._context.memory).texts)

    def _pass(self, node: str) -> None:
        waited, self._waited = self._waited or 0.0, 0.0
        self._passed(one_line(node, 100), waited)

    def _tell(self, line: str) -> None:
        """Tell what goes on, written anew, so that it is nothing but that; a sentence only with what there is to cite."""
        said = told(self._write(line))
        if isinstance(said, Said):
            cited = [self._grounds.cited(one) for one in said.citations]
            if None in cited:
                return
            said = said.model_copy(update={"citations": tuple(cited)})
        self._context.tell(said.model_dump_json())

    def _keep(self, stage: str, value: str) -> None:
        self._kept += len(value)
        read = _read(value)
        if self._kept > _MOST_KEPT or stage.startswith(STAGE) or (stage == "result" and not _is_result(read)):
            raise BreachError("a value")
        if stage == "result" and self._context.question is not None:
            read = self._grounds.answered(Answer.model_validate(read)).model_dump(mode="json")
        self._context.memory.keep(stage, read)

    def _keep_found(self, keys: Sequence[str], values: Sequence[str]) -> None:
        self._context.keep_found({self._write(key): self._write(value) for key, value in zip(keys, values, strict=True)})

    def _record(self, call: ModelCall) -> None:
        numbers = (call.attempts, call.tokens_in, call.tokens_out)
        if not (all(0 <= each < _LARGEST_COUNT for each in numbers) and math.isfinite(call.seconds + (call.first or 0.0))):
            raise BreachError("a record")
        for short in (call.step, call.version, call.subject, call.key, call.model, call.digest, call.server, call.error):
            self._write(name(short))
        for long in (call.prompt, call.answer):
            self._write(text(long))
        self._book.record(dataclasses.replace(call, run=self._context.run, at=self._clock()))

    def _write(self, value: str) -> str:
        """Count what is going to be kept for good."""
        self._written += len(value)
        if self._written > _MOST_WRITTEN:
            raise BreachError("there is too much of it")
        return value

    def _judge(self, ref: str) -> None:
        if len(self._judging) >= _DEEPEST:
            raise BreachError("a judging")
        opened = self._context.judging(ref)
        opened.__enter__()
        self._judging.append(opened)

    def _judged(self, sentence: str) -> None:
        if not self._judging:
            raise BreachError("a judging")
        error = ButlerError(one_line(sentence, _LONGEST_SENTENCE)) if sentence else None
        self._judging.pop().__exit__(type(error) if error else None, error, None)

    def _propose(self, action: Action) -> Kept:
        wish = self._context.wish
        may_replace = action.replaces is None or (wish is not None and action.replaces == wish.action.id)
        if not may_replace or max(len(action.sources), len(action.taint), len(action.findings)) > _MOST_BESIDE:
            raise BreachError("a proposal")
        for short in (action.reason, action.key, action.group, action.rule, *action.sources):
            self._write(name(short))
        self._write(repr((action.taint, action.findings)))
        # What the gate gets is read anew, so that it is nothing but a payload.
        payload = read_payload(self._write(text(payload_text(action.payload))))
        return self._context.propose(dataclasses.replace(action, payload=payload))

    def _publish(self, briefing: str, origins: Sequence[str], snapshot: str) -> None:
        read, known = Briefing.model_validate_json(briefing), _read(snapshot)
        if read.date != self._context.day or not isinstance(known, dict):
            raise BreachError("a briefing")
        read = self._grounds.checked(read)
        self._context.publish(read, [Origin.model_validate_json(one) for one in origins], known)


def _is_result(found: Any) -> bool:
    """Whether a value may be what came of a run: values by name, and what it left as a list of such."""
    left = found.get("left", []) if isinstance(found, dict) else None
    return isinstance(left, list) and all(isinstance(one, dict) for one in left)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _read(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise BreachError("JSON") from error


def _raise(error: Exception) -> Sequence[SourceState]:
    raise error
