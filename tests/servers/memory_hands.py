"""A world in memory for the executor: mailboxes and calendar objects that change, and hands that fail, lie and die.

`World.performed` lists everything that ever happened to it, which is what the tests hold against what was approved. Hands
keep the contract of butler.core.effects as far as the mood of the moment lets them.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from butler.core.actions import Action
from butler.core.effects import (
    AppendMail,
    DeleteObject,
    Effect,
    FlagMail,
    PutObject,
    Receipt,
    RemoveMail,
    Seen,
    SendMail,
    is_visible,
)
from butler.core.errors import EffectError
from butler.core.payloads import (
    CalendarChange,
    CalendarCreate,
    CalendarUpdate,
    EventFields,
    Letter,
    MailAt,
    MailDraft,
    MailKeyword,
    MailSend,
    Payload,
    Person,
)
from butler.core.plain import canonical
from butler.core.policy import Policy
from butler.executor import Executor
from butler.gate import Gate
from butler.store.truth import Truth

ANNA = "anna@berger.example"
TOM = "tom@nordwind.example"
NOON = dt.datetime(2026, 11, 25, 12, 0, tzinfo=dt.UTC)

Mood = Literal[
    "well",  # does it
    "fails",  # does nothing and says that it may work later
    "refuses",  # does nothing and says that it never will
    "asks",  # does nothing and says that the owner has to decide anew
    "loses",  # does it and does not know whether it did
    "lies",  # does it and says that it failed
    "denies",  # does it and says that it never will
    "breaks",  # does nothing and breaks its contract
    "breaks after",  # does it and breaks its contract
    "dies",  # the process ends before it is done
    "dies after",  # the process ends right after it is done
]
AFTER: frozenset[Mood] = frozenset({"loses", "lies", "denies", "breaks after", "dies after"})


class Death(BaseException):
    """The end of the process, as the code inside sees it: nothing more is done."""


class Clock:
    """Tells the time that the test says it is."""

    def __init__(self, now: dt.datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@dataclass
class World:
    """What there is, and what was done to it; `moods` are those of the next looks and acts, one each, then all is well."""

    drafts: dict[str, str] = field(default_factory=dict)
    sent_folder: dict[str, str] = field(default_factory=dict)
    smtp: list[str] = field(default_factory=list)
    flags: dict[str, frozenset[str]] = field(default_factory=dict)
    objects: dict[str, tuple[str, str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    performed: list[Effect] = field(default_factory=list)
    looks: deque[Mood] = field(default_factory=deque)
    acts: deque[Mood] = field(default_factory=deque)
    etags: int = 0

    def put(self, uid: str, text: str) -> str:
        """Write an object, as its owner or we do; its new etag."""
        self.etags += 1
        self.objects[uid] = (f"e{self.etags}", text)
        return f"e{self.etags}"

    def times(self) -> Counter[str]:
        """How often each effect happened."""
        return Counter(written(effect) for effect in self.performed)

    def __call__(self, effect: Effect) -> MemoryHands:
        return MemoryHands(self)


class MemoryHands:
    """Hands over the world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def look(self, effect: Effect) -> Seen:
        mood = self.world.looks.popleft() if self.world.looks else "well"
        _suffer(mood)
        return self._see(effect)

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        mood = self.world.acts.popleft() if self.world.acts else "well"
        if mood != "well" and mood not in AFTER:
            _suffer(mood)
        self._perform(effect)
        # Of what nobody can look for, hands must know themselves whether it may have happened.
        _suffer("loses" if mood == "lies" and not is_visible(effect) else mood)
        return self._receipt(effect)

    def close(self) -> None:
        pass

    def _see(self, effect: Effect) -> Seen:
        match effect:
            case AppendMail():
                return self._see_mail(effect)
            case RemoveMail():
                return self._see_removed(effect)
            case PutObject() | DeleteObject():
                return self._see_object(effect)
            case FlagMail():
                return self._see_flags(effect)
        return Seen(state="open")

    def _see_mail(self, effect: AppendMail) -> Seen:
        found = self._folder(effect).get(effect.letter.message_id)
        if found is None:
            return Seen(state="open")
        if found == effect.letter.body:
            return Seen(state="done", receipt=self._receipt(effect))
        return Seen(state="changed", sentence="There is another mail with its Message-ID.", current=found)

    def _see_removed(self, effect: RemoveMail) -> Seen:
        found = self.world.drafts.get(effect.message_id)
        if found is None:
            return Seen(state="done")
        return (
            Seen(state="open") if digest(found) == effect.sha256 else Seen(state="changed", sentence="You changed the draft.")
        )

    def _see_flags(self, effect: FlagMail) -> Seen:
        keys = [mail.key for mail in effect.messages]
        if any(key in self.world.gone for key in keys):
            return Seen(state="gone", sentence="The mail is not there any more.")
        flags = [self.world.flags.get(key, frozenset()) for key in keys]
        is_done = all(each >= set(effect.add) and not each & set(effect.remove) for each in flags)
        return Seen(state="done", receipt=self._receipt(effect)) if is_done else Seen(state="open")

    def _see_object(self, effect: PutObject | DeleteObject) -> Seen:
        etag, text = self.world.objects.get(effect.uid, ("", ""))
        wanted = effect.after if isinstance(effect, PutObject) else ""
        if text == wanted:
            return Seen(state="done", receipt=self._receipt(effect))
        if etag == effect.etag:
            return Seen(state="open", current=text, etag=etag, key=effect.uid)
        if not text:
            return Seen(state="gone", sentence="The event is not there any more.")
        return Seen(state="changed", sentence="The event was changed meanwhile.", current=text, etag=etag, key=effect.uid)

    def _perform(self, effect: Effect) -> None:
        self.world.performed.append(effect)
        match effect:
            case AppendMail():
                self._folder(effect)[effect.letter.message_id] = effect.letter.body
            case RemoveMail():
                del self.world.drafts[effect.message_id]
            case SendMail():
                self.world.smtp.append(effect.letter.message_id)
            case PutObject():
                self.world.put(effect.uid, effect.after)
            case DeleteObject():
                del self.world.objects[effect.uid]
            case FlagMail():
                self._flag(effect)
            case _:
                raise AssertionError(f"this world knows no {effect.verb}")

    def _flag(self, effect: FlagMail) -> None:
        for mail in effect.messages:
            flags = self.world.flags.get(mail.key, frozenset())
            self.world.flags[mail.key] = (flags | set(effect.add)) - set(effect.remove)

    def _receipt(self, effect: Effect) -> Receipt:
        undo: Effect | None = None
        match effect:
            case AppendMail():
                message_id, sha256 = effect.letter.message_id, digest(effect.letter.body)
                undo = RemoveMail(account=effect.account, folder="Drafts", message_id=message_id, sha256=sha256)
            case PutObject():
                etag = self.world.objects[effect.uid][0]
                place = effect.model_dump(include={"account", "calendar", "uid"}) | {"key": effect.uid, "etag": etag}
                undo = (
                    PutObject(**place, before=effect.after, after=effect.before)
                    if effect.before
                    else DeleteObject(**place, before=effect.after)
                )
            case FlagMail():
                undo = effect.model_copy(update={"add": effect.remove, "remove": effect.add})
        return Receipt(sentence=f"Done: {effect.verb}.", answer="250 OK", undo=undo)

    def _folder(self, effect: AppendMail) -> dict[str, str]:
        return self.world.drafts if effect.role == "\\Drafts" else self.world.sent_folder


def _suffer(mood: Mood) -> None:
    match mood:
        case "fails" | "lies":
            raise EffectError("The server does not answer.")
        case "refuses" | "denies":
            raise EffectError("The server refuses it.", permanent=True)
        case "asks":
            raise EffectError("There is no such folder.", held=True)
        case "loses":
            raise EffectError("The answer was lost.", uncertain=True)
        case "breaks" | "breaks after":
            raise RuntimeError("a fault in the hands")
        case "dies" | "dies after":
            raise Death


def renewed(payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
    """An update of an event over what it is now; nothing else can be renewed."""
    if not isinstance(payload, CalendarUpdate) or not seen.current:
        return None
    change = payload.change.model_copy(update={"before": seen.current, "etag": seen.etag})
    return payload.model_copy(update={"change": change})


def written(effect: Effect) -> str:
    """An effect as text."""
    return canonical(effect.model_dump(mode="json"))


def digest(text: str) -> str:
    """SHA-256, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def letter(name: str, body: str = "Yes, gladly.", to: Sequence[str] = (TOM,)) -> Letter:
    """A letter of Anna's."""
    people = tuple(Person(address=address) for address in to)
    sender = Person(name="Anna", address=ANNA)
    message_id = f"{name}@berger.example"
    return Letter(account="home", sender=sender, to=people, subject="Re: Lunch", body=body, message_id=message_id, date=NOON)


def draft(name: str, body: str = "Yes, gladly.") -> MailDraft:
    return MailDraft(letter=letter(name, body))


def send(name: str, body: str = "Yes, gladly.", to: Sequence[str] = (TOM,)) -> MailSend:
    return MailSend(letter=letter(name, body, to))


def keyword(key: str, add: str = "todo") -> MailKeyword:
    mail = MailAt(ref=f"mail:home/{key}", message_id=key, key=key)
    return MailKeyword(account="home", messages=(mail,), folder="INBOX", add=(add,))


def event(uid: str, after: str = "BEGIN:VEVENT") -> CalendarCreate:
    return CalendarCreate(change=CalendarChange(account="family", calendar="Family", uid=uid, after=after))


def update(uid: str, etag: str, before: str, after: str) -> CalendarUpdate:
    change = CalendarChange(account="family", calendar="Family", uid=uid, key=uid, etag=etag, before=before, after=after)
    return CalendarUpdate(change=change, fields=EventFields(summary=after))


def action(payload: Payload, key: str, source: str = "", **more: object) -> Action:
    sources = (source,) if source else (f"mail:home/{key}",)
    return Action(payload, "It asks for an answer.", key, sources, **more)  # type: ignore[arg-type]


class Household:
    """Gate, outbox and executor over one state folder and one world; `die` and `open` are a process's end and the next one."""

    def __init__(self, folder: Path, policy: Policy | None = None) -> None:
        self.folder = folder
        self.policy = policy or Policy(own=frozenset({ANNA}))
        self.clock = Clock()
        self.world = World()
        self.open()

    def open(self) -> None:
        self.truth = Truth.open(self.folder / "butler.db")
        self.outbox = self.truth.outbox
        self.gate = Gate(self.outbox, self.policy, self.clock)
        self.executor = Executor(self.outbox, self.world, renewed, self.clock, self.folder, patience=0.2)

    def die(self) -> None:
        self.truth.close()
        self.open()

    def run(self) -> None:
        """Let one process work until it has nothing to do or dies; then the next one is up."""
        try:
            self.executor.run_due()
        except Death:
            self.die()

    def approved(self, payload: Payload, key: str, **more: object) -> int:
        """Propose and approve an action."""
        kept = self.gate.propose(action(payload, key, **more))  # type: ignore[arg-type]
        return self.gate.approve(kept.id, kept.hash, "anna", "cli").id

    def close(self) -> None:
        self.truth.close()
