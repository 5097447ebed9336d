"""The executor: carries out what was approved, once, and keeps what came of it.

Of each effect the intent is on disk before and the receipt after it, and the world is looked at right before it. Whoever
comes after a process that died looks at what the world shows, and never repeats what the world does not show.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from butler.core.actions import Kept, Status
from butler.core.effects import Effect, Hands, Receipt, Seen, effects_of, is_visible
from butler.core.errors import BusyError, ButlerError, EffectError
from butler.core.outcomes import Fail, HoldAgain, Outcome, Retry, Uncertain, outcome
from butler.core.payloads import Payload, Undo
from butler.store.database import os_told
from butler.store.journal import when_text
from butler.store.outbox import Outbox, UnreadableError

_PATIENCE = 5.0
_PAUSE = 0.05
_DIED = "The butler was ended in the middle of it."
_UNSEEN = f"{_DIED} Whether it happened cannot be seen, so it is not done again by itself. Look, and decide."
_DEATHS = 3

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Executor:
    """Carries out approved actions, one process at a time; `folder` is the state folder, with the lock.

    `hands` finds what carries out an effect and may raise EffectError, like the hands themselves; who made them closes them.
    `renew` says what an action is over a changed world, or None.
    """

    def __init__(
        self,
        outbox: Outbox,
        hands: Callable[[Effect], Hands],
        renew: Callable[[Payload, Effect, Seen], Payload | None],
        clock: Callable[[], datetime],
        folder: Path,
        patience: float = _PATIENCE,
    ) -> None:
        self._outbox = outbox
        self._hands = hands
        self._renew = renew
        self._clock = clock
        self._folder = folder
        self._patience = patience

    def run_due(self) -> list[Kept]:
        """Carry out all that is approved and due, and say what became of each; what fails is put off and blocks nothing.

        Raises BusyError when another process does so for longer than a few seconds, and StateError when nothing can be
        kept, for then nothing is done either.
        """
        with self._alone():
            self._expire()
            self._recover()
            return list(self._all_due())

    def _all_due(self) -> Iterator[Kept]:
        tried: set[int] = set()
        while fresh := [number for number in self._outbox.due(self._clock()) if number not in tried]:
            tried.update(fresh)
            for number in fresh:
                if self._outbox.stopped:
                    return
                with suppress(UnreadableError):
                    kept = self._claim(number)
                    yield self._carry_out(kept) if kept.status == "executing" else kept

    def _claim(self, number: int) -> Kept:
        now = self._clock()
        with self._outbox.transaction():
            kept = self._outbox.get(number)
            if not self._outbox.is_approved(kept):
                return self._end(kept, "failed", "What is in the outbox is not what was approved, so it was not done.")
            expires = kept.action.expires
            if expires and expires <= now and not (kept.begun or kept.done):
                return self._end(kept, "expired", "It was approved, but its time went by before it could be carried out.")
            claimed = replace(kept, status="executing", attempts=kept.attempts + 1, not_before=None, note="")
            return self._outbox.change(kept, claimed, now, "claimed", attempt=claimed.attempts)

    def _carry_out(self, kept: Kept) -> Kept:
        effects = _effects(kept.action.payload)
        if effects is None:
            return self._end(kept, "failed", "What it would do cannot be read, so nothing was done.")
        while kept.status == "executing" and len(kept.done) < len(effects):
            if self._outbox.stopped:
                return self._put_back(kept, "The butler is stopped. It is carried out when that ends.")
            kept = self._next(kept, effects)
        return kept

    def _next(self, kept: Kept, effects: Sequence[Effect]) -> Kept:
        """Bring the next effect about, having looked whether it is there already."""
        effect = effects[len(kept.done)]
        is_last = len(kept.done) + 1 == len(effects)
        try:
            hands = _kept_to_contract(lambda: self._hands(effect))
            seen = _kept_to_contract(lambda: hands.look(effect))
        except EffectError as error:
            return self._unseen(kept, error)
        if seen.state != "open":
            return self._found(kept, effect, seen, is_last)
        kept = self._begin(kept, effect)
        try:
            receipt = _kept_to_contract(lambda: hands.act(effect, seen))
        except EffectError as error:
            return self._failed(kept, effect, error, hands, is_last)
        return self._receive(kept, receipt, is_last)

    def _found(self, kept: Kept, effect: Effect, seen: Seen, is_last: bool) -> Kept:
        """What comes of an effect that is not to be brought about, as the world is."""
        if seen.state == "done":
            receipt = seen.receipt or Receipt(sentence=seen.sentence or "It was done already.")
            return self._receive(kept, receipt, is_last)
        if seen.state == "gone":
            return self._end(kept, "failed", seen.sentence or "What it rests on is not there any more.")
        return self._hold_again(kept, effect, seen)

    def _failed(self, kept: Kept, effect: Effect, error: EffectError, hands: Hands, is_last: bool) -> Kept:
        """What comes of an effect whose hands failed: before it is given up, the world is looked at where that shows it."""
        result = outcome(error, kept.attempts, self._clock(), visible=is_visible(effect))
        if not is_visible(effect):
            # Unless it is uncertain, it surely did not happen, and may be tried again.
            return self._settle(kept, error, result, begun=len(kept.done))
        if isinstance(result, Retry):
            return self._settle(kept, error, result, begun=kept.begun)
        try:
            seen = _kept_to_contract(lambda: hands.look(effect))
        except EffectError:
            return self._settle(kept, error, result, begun=kept.begun)
        if seen.state != "open":
            return self._found(kept, effect, seen, is_last)
        return self._settle(kept, error, Fail() if isinstance(result, Uncertain) else result, begun=len(kept.done))

    def _unseen(self, kept: Kept, error: EffectError) -> Kept:
        """What comes of an effect that could not be looked at: an earlier try of it may have succeeded."""
        maybe = kept.begun > len(kept.done)
        told = EffectError(str(error), permanent=error.permanent, held=error.held, uncertain=maybe, wait=error.wait)
        return self._settle(kept, told, outcome(told, kept.attempts, self._clock()), begun=kept.begun)

    def _settle(self, kept: Kept, error: EffectError, result: Outcome, *, begun: int) -> Kept:
        """Write down what was decided about a failure; `begun` is how many effects may have happened then."""
        match result:
            case Retry(at=at):
                waiting = replace(kept, status="approved", not_before=at, begun=begun, note=str(error))
                return self._outbox.change(kept, waiting, self._clock(), "put off", reason=str(error), until=when_text(at))
            case HoldAgain():
                return self._hold(kept, kept.action.payload, str(error), begun)
            case Uncertain():
                return self._end(kept, "uncertain", str(error))
        return self._end(kept, "failed", str(error))

    def _hold_again(self, kept: Kept, effect: Effect, seen: Seen) -> Kept:
        """Ask the owner anew, over the world as it is now if what they want can be said over that."""
        done = len(kept.done)
        try:
            renewed = _kept_to_contract(lambda: self._renew(kept.action.payload, effect, seen))
        except EffectError:
            renewed = None
        before = _effects(kept.action.payload) or []
        if renewed is None or renewed.kind != kept.action.kind or (_effects(renewed) or [])[:done] != before[:done]:
            renewed = kept.action.payload
        return self._hold(kept, renewed, seen.sentence or "What it rests on was changed.", done)

    def _hold(self, kept: Kept, payload: Payload, reason: str, begun: int) -> Kept:
        if isinstance(payload, Undo):
            return self._end(kept, "failed", reason)
        held = replace(kept, status="held", attempts=0, begun=begun, note=reason)
        return self._outbox.renew(kept, held, payload, self._clock(), "held again", reason=reason)

    def _begin(self, kept: Kept, effect: Effect) -> Kept:
        number = len(kept.done) + 1
        begun = replace(kept, begun=number)
        return self._outbox.change(kept, begun, self._clock(), "begun", effect=number, verb=effect.verb)

    def _receive(self, kept: Kept, receipt: Receipt, is_last: bool) -> Kept:
        now = self._clock()
        done = (*kept.done, receipt)
        received = replace(kept, done=done, begun=len(done))
        told = {"effect": len(done), "sentence": receipt.sentence, "answer": receipt.answer, "place": receipt.place}
        with self._outbox.transaction():
            kept = self._outbox.change(kept, received, now, "effected", **told)
            return self._finish(kept, receipt.sentence) if is_last else kept

    def _finish(self, kept: Kept, sentence: str) -> Kept:
        """End an action well; what an undo took back is undone with it."""
        if isinstance(kept.action.payload, Undo):
            undone = self._outbox.get(kept.action.payload.of)
            taken = replace(undone, status="undone", note=f"Action {kept.id} took it back.")
            self._outbox.change(undone, taken, self._clock(), "undone", by=kept.id)
        return self._end(kept, "done", sentence)

    def _end(self, kept: Kept, status: Status, note: str) -> Kept:
        ended = self._outbox.change(kept, replace(kept, status=status, note=note), self._clock(), status, note=note)
        _log.info("%s %s #%d", status, kept.action.kind, kept.id)
        return ended

    def _put_back(self, kept: Kept, note: str) -> Kept:
        """Let an action wait until effects may go on; that was no try."""
        waiting = replace(kept, status="approved", attempts=kept.attempts - 1, note=note)
        return self._outbox.change(kept, waiting, self._clock(), "put off", reason=note)

    def _expire(self) -> None:
        now = self._clock()
        for number in self._outbox.overdue(now):
            with suppress(UnreadableError):
                self._outbox.expire(number, now)

    def _recover(self) -> None:
        """Take over what a process that died was about."""
        for number in self._outbox.executing():
            with suppress(UnreadableError):
                self._take_over(self._outbox.get(number))

    def _take_over(self, kept: Kept) -> None:
        error, now = EffectError(_DIED), self._clock()
        effects = _effects(kept.action.payload)
        if kept.begun > len(kept.done) and not (effects and is_visible(effects[len(kept.done)])):
            self._end(kept, "uncertain", _UNSEEN)
            return
        result = outcome(error, kept.attempts, now)
        if isinstance(result, Retry) and kept.attempts < _DEATHS:
            # It may have had nothing to do with it; what kills its process each time waits longer and longer.
            result = Retry(now)
        self._settle(kept, error, result, begun=kept.begun)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        path = self._folder / "executor.lock"
        with os_told(path):
            file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            self._lock(file)
            yield
            # A child process may hold the descriptor, too.
            fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            os.close(file)

    def _lock(self, file: int) -> None:
        deadline = time.monotonic() + self._patience
        while True:
            try:
                return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise BusyError(
                        "Another butler is carrying out actions.",
                        advice="What is approved is carried out by that one.",
                    ) from None
            time.sleep(_PAUSE)


def _effects(payload: Payload) -> Sequence[Effect] | None:
    """What is to be done, or None where that cannot be read."""
    try:
        return effects_of(payload)
    except ValidationError:
        return None


def _kept_to_contract(ask: Callable[[], T]) -> T:
    """Ask hands, which may be anybody's: whatever else they raise is a fault that leaves it open what happened."""
    try:
        return ask()
    except EffectError:
        raise
    except ButlerError as error:
        raise EffectError(str(error), permanent=True, held=True, uncertain=True) from error
    except Exception as error:
        # The boundary of an action: whatever one breaks ends with it.
        _log.error("hands broke their contract", exc_info=error)
        sentence = f"A fault in what carries it out: {type(error).__name__}: {error}"
        raise EffectError(sentence, permanent=True, uncertain=True) from error
