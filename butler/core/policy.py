"""The policy: what may be done without asking, decided purely; where nothing says so, it is held for the owner.

Rules come from the owner's policy file, the first that matches counts. Floors are below all rules: what they hold or refuse
no rule can let through, because the risk belongs to what is done and to nothing that anybody says about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from fnmatch import fnmatchcase
from typing import Literal, get_args

from butler.core import payloads as p
from butler.core.actions import Action
from butler.core.effects import CallTool, DeleteObject, Effect, FlagMail, MoveMail, RemoveMail, SendMail, effects_of
from butler.core.merits import Kind, Merits
from butler.core.remembering import TOLD

Judgement = Literal["allow", "hold", "deny"]
KINDS: tuple[str, ...] = get_args(p.ActionKind)

ELSEWHERE = "mcp"
_OWN_WORDS = frozenset({"", "ask"})
_PERSON = "person:"
"""The workflow that an action names which another program proposed, over MCP."""

_Like = Callable[[str, tuple[str, ...]], bool]
_STRENGTH: tuple[Judgement, ...] = ("allow", "hold", "deny")
_TRASH = frozenset(
    {
        *("trash", "bin", "rubbish", "deleted", "deleted items", "deleted messages", "wastebasket", "papierkorb", "gelöscht"),
        *("gelöschte elemente", "gelöschte objekte", "corbeille", "éléments supprimés", "papelera", "elementos eliminados"),
        *("cestino", "posta eliminata", "prullenbak", "verwijderde items", "lixeira", "kosz", "papperskorgen", "koš"),
    }
)
_ATTENDEE = re.compile(r"^ATTENDEE[;:]", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]")


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day from `start` to before `end`, over midnight where `end` is earlier."""

    start: time
    end: time

    def has(self, moment: time) -> bool:
        """Whether a time of the day lies in it."""
        if self.start <= self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Rule:
    """What `then` becomes of the actions it matches; patterns are globs, and an empty condition is none.

    An action may have several recipients, folders or paths: an allowing rule has to match all of them, one that holds or
    denies only one. `recipients` are addresses or domains, `weekdays` numbers from Monday, 0. Where a `score` is wanted, every
    model in use has to reach it in its exam.
    """

    name: str
    then: Judgement
    kinds: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    hours: Hours | None = None
    weekdays: frozenset[int] = frozenset()
    score: float | None = None
    exam: Kind = "shipped"


@dataclass(frozen=True, slots=True)
class Policy:
    """The owner's rules; `own` are their addresses, `trash` further names of folders where mails are deleted from.

    `merits` are what the models in use have shown; unless they are told, no score is reached.

    Hours are meant in `zone`. With a `problem`, the rules cannot be relied on and everything is held.
    """

    rules: tuple[Rule, ...] = ()
    own: frozenset[str] = frozenset()
    trash: frozenset[str] = frozenset()
    zone: tzinfo = UTC
    problem: str = ""
    merits: Merits = field(default_factory=Merits)

    @property
    def wants_scores(self) -> bool:
        """Whether any rule wants a score."""
        return any(rule.score is not None for rule in self.rules)

    @classmethod
    def unreadable(cls, sentence: str) -> Policy:
        """The policy when its file cannot be read: hold everything, and say so."""
        return cls(problem=sentence)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an action, each reason a sentence, and the name of the rule that said so, if one did."""

    judgement: Judgement
    reasons: tuple[str, ...]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What rules look at."""

    recipients: tuple[str, ...] = field(default=())
    folders: tuple[str, ...] = field(default=())
    paths: tuple[str, ...] = field(default=())


def judge(action: Action, policy: Policy, now: datetime) -> Verdict:
    """Decide what becomes of an action that is proposed; an owner's own undo is not asked about here."""
    found = _by_rules(action, policy, now)
    floor, reasons = _floor(action, policy)
    if _STRENGTH.index(floor) > _STRENGTH.index(found.judgement):
        return Verdict(floor, reasons)
    return found


def recipients_of(payload: p.Payload) -> tuple[str, ...]:
    """All addresses that a payload is to, whether it is sent at once or becomes a draft."""
    letter = payload.letter if isinstance(payload, (p.MailDraft, p.MailSend, p.CalendarRespond)) else None
    return tuple(person.address for person in letter.recipients) if letter else ()


def _by_rules(action: Action, policy: Policy, now: datetime) -> Verdict:
    if policy.problem:
        return Verdict("hold", (policy.problem, "So everything is held."))
    if action.kind not in KINDS:
        return Verdict("hold", (f"The kind {action.kind} is not known here.",))
    facts = _facts(action.payload)
    local = now.astimezone(policy.zone)
    missed: list[str] = []
    for rule in policy.rules:
        if not _matches(rule, action.payload, facts, local):
            continue
        short = "" if rule.score is None else policy.merits.shortfall(rule.exam, rule.score, action.digest or "")
        if not short:
            return Verdict(rule.then, (f"The rule {rule.name} says {rule.then}.",), rule.name)
        missed.append(f"The rule {rule.name} does not count: {short}.")
    return Verdict("hold", tuple(missed) or ("No rule speaks of it.",))


def _matches(rule: Rule, payload: p.Payload, facts: _Facts, local: datetime) -> bool:
    return (
        (not rule.kinds or _like(payload.kind, rule.kinds))
        and (not rule.accounts or _like(p.account_of(payload), rule.accounts))
        and _covers(rule, rule.recipients, facts.recipients, _addressed)
        and _covers(rule, rule.folders, facts.folders, _like)
        and _covers(rule, rule.paths, facts.paths, _like)
        and (rule.hours is None or rule.hours.has(local.time()))
        and (not rule.weekdays or local.weekday() in rule.weekdays)
    )


def _covers(rule: Rule, patterns: tuple[str, ...], values: tuple[str, ...], like: _Like) -> bool:
    """Whether a condition holds: for all values where the rule allows, for one of them where it does not."""
    if not patterns:
        return True
    found = [like(value, patterns) for value in values]
    return bool(found) and (all(found) if rule.then == "allow" else any(found))


def _like(value: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(value, pattern) for pattern in patterns)


def _addressed(address: str, patterns: Iterable[str]) -> bool:
    """Whether an address is one of some patterns for addresses (with @) or for domains."""
    low = address.casefold()
    domain = low.rpartition("@")[2]
    return any(fnmatchcase(low if "@" in pattern else domain, pattern.casefold()) for pattern in patterns)


def _facts(payload: p.Payload) -> _Facts:
    match payload:
        case p.MailMove():
            return _Facts(folders=(payload.source, payload.target))
        case p.MailKeyword():
            return _Facts(folders=(payload.folder,))
        case p.FileWrite() | p.FileAppend():
            return _Facts(paths=(payload.path,))
        case p.FileMove():
            return _Facts(paths=(payload.path, payload.target))
        case p.MailDraft() | p.MailSend() | p.CalendarRespond() | p.MemoryAdd() | p.McpCall() | p.Undo():
            return _Facts(recipients_of(payload))
    return _Facts(folders=(payload.change.calendar,))


def _floor(action: Action, policy: Policy) -> tuple[Judgement, tuple[str, ...]]:
    """The least that must come of an action, whatever the rules say."""
    payload = action.payload
    if isinstance(payload, p.Undo):
        return "deny", ("Only its owner asks for something to be taken back.",)
    paths = [path for path in _facts(payload).paths if _leaves_root(path)]
    if paths:
        return "deny", tuple(f"The path {path!r} leads out of its folder or to a hidden file." for path in paths)
    reasons = tuple(dict.fromkeys(_risks(payload, policy)))
    if isinstance(payload, p.MemoryAdd) and not _said_by_the_owner(payload, action):
        reasons = ("What others wrote is remembered only when you say so.", *reasons)
    if action.workflow == ELSEWHERE:
        reasons = ("Another program asked for it.", *reasons)
    return ("hold" if reasons else "allow"), reasons


def _said_by_the_owner(payload: p.MemoryAdd, action: Action) -> bool:
    """Whether nothing but their own words led to it: whoever else proposes may have read anything, and says what it likes."""
    own = frozenset(taint.ref for taint in action.taint if not taint.foreign)
    is_own = action.workflow in _OWN_WORDS and all(ref.startswith(_PERSON) or ref in own for ref in action.sources)
    return is_own and payload.source == TOLD and not any(taint.foreign for taint in action.taint)


def _leaves_root(path: str) -> bool:
    parts = path.split("/")
    return "\\" in path or not path.isprintable() or any(part.startswith(".") or not part.strip() for part in parts)


def _risks(payload: p.Payload, policy: Policy) -> Iterator[str]:
    for effect in effects_of(payload):
        yield from _effect_risks(effect, policy)
    if isinstance(payload, p.FileWrite) and payload.before and not payload.content.strip():
        yield "It empties a file."
    if isinstance(payload, p.CalendarRespond) and payload.letter is None:
        yield "The calendar server tells the organizer."


def _effect_risks(effect: Effect, policy: Policy) -> Iterator[str]:
    match effect:
        case SendMail():
            others = [each.address for each in effect.letter.recipients if each.address.casefold() not in policy.own]
            if others or not effect.letter.recipients:
                yield f"It sends a mail to {', '.join(others) or 'nobody that is named'}."
        case RemoveMail() | DeleteObject():
            yield "It deletes something."
        case CallTool():
            yield "What a tool of another's does, nobody here can tell."
        case MoveMail() if _is_trash(effect.target, policy):
            yield f"It moves mails to {effect.target}, where they are deleted."
        case FlagMail() if "\\deleted" in {flag.casefold() for flag in effect.add}:
            yield "It marks mails as deleted."
        case _ if _ATTENDEE.search(_FOLD.sub("", f"{getattr(effect, 'before', '')}\n{getattr(effect, 'after', '')}")):
            yield "Others take part in it, and the calendar server may write to them."


def _is_trash(folder: str, policy: Policy) -> bool:
    name = folder.casefold()
    last = re.split(r"[/.\\]", name)[-1]
    return folder in policy.trash or name in _TRASH or last in _TRASH
