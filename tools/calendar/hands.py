"""What the butler does to calendars, whatever they lie on: look if a change can be made or was, make it, look again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Protocol

from butler.core.accounts import CalendarAccount
from butler.core.effects import DeleteObject, Effect, PutObject, Receipt, Seen
from butler.core.errors import EffectError, SourceError
from butler.core.text import one_line
from tools.calendar.meaning import differences, flat, same
from tools.calendar.writefaults import CHANGED, unreached

_SAFE = re.compile(r"[^A-Za-z0-9@_-]+")
_GONE = "What is to be changed is no longer in the calendar."
_OTHER = "There is something else in the calendar under the same UID."


@dataclass(frozen=True, slots=True)
class Present:
    """An object as it is now."""

    key: str
    version: str
    text: str


class Shelf(Protocol):
    """One account's calendars to write to; may raise SourceError where it only reads, else EffectError."""

    def find(self, calendar: str, key: str, uid: str) -> Present | None:
        """Find an object by its key, and with an UID whichever holds it."""
        ...

    def put(self, calendar: str, key: str, text: str, version: str) -> str:
        """Write an object over a version, or where that is empty as a new one; hand back the answer."""
        ...

    def delete(self, calendar: str, key: str, version: str) -> str:
        """Delete a version of an object; hand back the answer."""
        ...

    def place(self, calendar: str, key: str) -> str:
        """Where an object is, for a person."""
        ...

    def close(self) -> None:
        """End connections."""
        ...


class CalendarHands:
    """Carries out effects on one calendar account."""

    def __init__(self, account: CalendarAccount, shelf: Shelf) -> None:
        self._account = account
        self._shelf = shelf

    def look(self, effect: Effect) -> Seen:
        """Look whether an object is as it was when its owner decided, is changed already, or is another one."""
        match effect:
            case PutObject():
                return self._look_to_put(effect)
            case DeleteObject():
                return self._look_to_delete(effect)
        raise EffectError(f"A calendar cannot do {effect.verb}.", permanent=True)

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        """Write or delete it on condition that it is still what was seen, and see that it is done."""
        if self._account.read_only:
            raise EffectError(
                f"The calendar account {self._account.name!r} is set to be read only; nothing was changed.",
                permanent=True,
                held=True,
                advice="Take read_only out of its settings, then approve it again.",
            )
        match effect:
            case PutObject():
                return self._put(effect, seen)
            case DeleteObject():
                answer = self._shelf.delete(effect.calendar, effect.key, seen.etag or effect.etag)
                return _deleted(effect, answer, self._shelf.place(effect.calendar, effect.key))
        raise EffectError(f"A calendar cannot do {effect.verb}.", permanent=True)

    def close(self) -> None:
        """End connections."""
        self._shelf.close()

    def _find(self, calendar: str, key: str, uid: str) -> Present | None:
        try:
            return self._shelf.find(calendar, key, uid)
        except SourceError as error:
            raise unreached(error) from error

    def _look_to_put(self, effect: PutObject) -> Seen:
        is_new = not effect.etag
        key = effect.key or new_key(effect.uid)
        present = self._find(effect.calendar, key, effect.uid if is_new else "")
        if present is None:
            return Seen(state="open", key=key) if is_new else Seen(state="gone", sentence=_GONE)
        if same(present.text, effect.after):
            return _seen("done", present, self._written(effect, present, "It was there already."))
        if not is_new and _is_as_decided(present, effect.etag, effect.before):
            return _seen("open", present)
        return _seen("changed", present, sentence=_OTHER if is_new else CHANGED)

    def _look_to_delete(self, effect: DeleteObject) -> Seen:
        present = self._find(effect.calendar, effect.key, "")
        if present is None:
            receipt = _deleted(effect, "It was gone already.", self._shelf.place(effect.calendar, effect.key))
            return Seen(state="done", receipt=receipt, key=effect.key)
        if _is_as_decided(present, effect.etag, effect.before):
            return _seen("open", present)
        return _seen("changed", present, sentence=CHANGED)

    def _put(self, effect: PutObject, seen: Seen) -> Receipt:
        key = seen.key or effect.key or new_key(effect.uid)
        answer = self._shelf.put(effect.calendar, key, effect.after, seen.etag or effect.etag)
        try:
            present = self._shelf.find(effect.calendar, key, "")
        except SourceError as error:
            raise unreached(error, uncertain=True) from error
        if present is None:
            raise EffectError("The calendar server took the change, but does not show it.", uncertain=True)
        return self._written(effect, present, answer)

    def _written(self, effect: PutObject, present: Present, answer: str) -> Receipt:
        rewritten = differences(effect.after, present.text)
        noted = f" The calendar keeps it otherwise in: {one_line(', '.join(rewritten), 200)}." if rewritten else ""
        return Receipt(
            sentence=f"It is in the calendar {effect.calendar}.{noted}",
            answer=answer,
            place=self._shelf.place(effect.calendar, present.key),
            undo=_back(effect, present),
        )


def _back(effect: PutObject, present: Present) -> Effect:
    """What takes a change back: the text before it, or no object where there was none."""
    account, calendar, uid, version = effect.account, effect.calendar, effect.uid, present.version
    if effect.before:
        return effect.model_copy(update={"key": present.key, "etag": version, "before": present.text, "after": effect.before})
    return DeleteObject(account=account, calendar=calendar, uid=uid, key=present.key, etag=version, before=present.text)


def _is_as_decided(present: Present, version: str, before: str) -> bool:
    """Whether an object is the one that was decided about: by its version, or to the letter."""
    return present.version == version or (bool(before) and flat(present.text) == flat(before))


def _seen(
    state: Literal["open", "done", "changed"], present: Present, receipt: Receipt | None = None, *, sentence: str = ""
) -> Seen:
    return Seen(state=state, sentence=sentence, receipt=receipt, current=present.text, etag=present.version, key=present.key)


def _deleted(effect: DeleteObject, answer: str, place: str) -> Receipt:
    again = PutObject(account=effect.account, calendar=effect.calendar, uid=effect.uid, key=effect.key, after=effect.before)
    return Receipt(sentence=f"It is out of the calendar {effect.calendar}.", answer=answer, place=place, undo=again)


def new_key(uid: str) -> str:
    """Name a new object after its UID: a name that is safe for any server and file system, and no other UID's."""
    plain = _SAFE.sub("-", uid).strip("-")[:80]
    tail = "" if plain == uid and len(uid) <= 80 else f"-{sha256(uid.encode()).hexdigest()[:12]}"
    return f"{plain or 'event'}{tail}.ics"
