"""What the commands that decide have in common: which actions are meant, carrying out, and telling what came of each."""

from __future__ import annotations

import argparse
import fnmatch
import os
import pwd
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from butler.cards.lines import as_line, receipt_json
from butler.cards.saying import saying
from butler.cli import output
from butler.core.actions import Kept, Status
from butler.core.errors import EXIT_FAILED, EXIT_LATER, ButlerError, UnknownActionError, UsageError
from butler.core.payloads import ActionKind
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.house import House
    from butler.store.outbox import Outbox

VIA = "cli"
_HELD: tuple[Status, ...] = ("held",)
_NAMED = re.compile(r"#?([0-9]{1,18})(?:@([0-9a-f]{6,64}))?")
_PAGE = 200
_LONGEST_NOTE = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """An action as its owner names it: `prefix` is the beginning of the hash that they saw, or empty."""

    number: int
    prefix: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one action: a sentence and the exit code that it alone would make."""

    number: int
    sentence: str
    code: int
    kept: Kept | None = None


def named(text: str) -> Named:
    """Read ID or ID@HASH; raises UsageError."""
    found = _NAMED.fullmatch(text)
    if found is None:
        raise UsageError(
            f"{one_line(text, 80)!r} is not the number of an action.",
            advice="Say it like 41, or like 41@3f9a1c2b7d04 to bind it to what you saw. `butler actions` lists them.",
        )
    return Named(int(found[1]), found[2] or "")


def is_number(text: str) -> bool:
    """Whether a text names an action and no reference."""
    return _NAMED.fullmatch(text) is not None


def owner() -> str:
    """Who decides: the account that the command runs under."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"


def kinds(pattern: str | None) -> Sequence[str]:
    """The kinds that a pattern means, none for all of them; raises UsageError where it means no kind."""
    if pattern is None:
        return ()
    found = [kind for kind in get_args(ActionKind) if fnmatch.fnmatchcase(kind, pattern)]
    if not found:
        raise UsageError(f"No kind of action is like {one_line(pattern, 80)!r}.", advice=f"There are: {_all_kinds()}.")
    return found


def _all_kinds() -> str:
    return ", ".join(get_args(ActionKind))


def found(
    outbox: Outbox,
    options: argparse.Namespace,
    statuses: Sequence[Any] = _HELD,
    after: int | None = None,
    limit: int = _PAGE,
    without: Collection[int] = (),
) -> list[Kept]:
    """One page of the actions that the filters mean, newest first; `without` names some that are left out."""
    account = options.account or ""
    pages = [
        outbox.find(statuses=statuses, kind=kind, account=account, after=after, limit=limit, without=without)
        for kind in kinds(options.kind) or ("",)
    ]
    every = sorted((kept for page in pages for kept in page), key=lambda kept: kept.id, reverse=True)
    return every[:limit]


def every(house: House, options: argparse.Namespace) -> Iterator[Kept]:
    """All held actions that the filters mean, newest first."""
    after: int | None = None
    while page := found(house.truth.outbox, options, after=after):
        yield from page
        after = page[-1].id


def counted(house: House, options: argparse.Namespace) -> int:
    """How many held actions the filters mean."""
    outbox, account = house.truth.outbox, options.account or ""
    return sum(outbox.count(kind=kind, account=account) for kind in kinds(options.kind) or ("",))


def held(house: House, wanted: Named, statuses: Collection[Status] = _HELD) -> Kept:
    """The held action that is meant; raises UnknownActionError, also when it is not what its owner saw any more."""
    kept = house.truth.outbox.get(wanted.number)
    if kept.status not in statuses:
        raise UnknownActionError(
            f"Action {kept.id} is not held any more: it is {kept.status}.", advice=f"See `butler why {kept.id}`."
        )
    if not kept.hash.startswith(wanted.prefix):
        raise UnknownActionError(
            f"Action {kept.id} was changed since you saw {wanted.prefix}: it is {kept.hash[:12]} now.",
            advice=f"Look at it again with `butler show {kept.id}`, then decide.",
        )
    return kept


def tried(number: int, decide: Callable[[], Kept]) -> Told:
    """Decide about one action; what fails is told about it alone."""
    try:
        kept = decide()
    except ButlerError as error:
        return Told(number, str(error), error.exit_code)
    return Told(number, sentence_of(kept), 0, kept)


def carried_out(house: House, told: Sequence[Told]) -> list[Told]:
    """Carry out what is approved, and tell anew what became of the actions that were decided."""
    late = ""
    if any(each.kept is not None and each.kept.status == "approved" for each in told):
        try:
            house.execute()
        except ButlerError as error:
            late = str(error)
    return [each if each.kept is None else anew(house, each.kept.id, late) for each in told]


def anew(house: House, number: int, late: str = "") -> Told:
    """Tell what became of an action that was to be carried out."""
    kept = house.truth.outbox.get(number)
    if kept.status == "approved":
        why = late or kept.note or house.truth.outbox.stopped or "It could not be carried out yet."
        return Told(number, f"{why} It stays approved; `butler execute` or the daemon tries again.", EXIT_LATER, kept)
    return Told(number, sentence_of(kept), 0 if kept.status == "done" else EXIT_FAILED, kept)


def sentence_of(kept: Kept) -> str:
    """What there is to say about an action's status."""
    if kept.status == "done":
        return " ".join(receipt.sentence for receipt in kept.done) or kept.note
    if kept.status == "approved":
        return kept.note or "It is carried out by `butler execute` or the daemon."
    return kept.note


def report(options: argparse.Namespace, told: Sequence[Told]) -> int:
    """Print what came of each action, the failures as messages, and return the exit code of all together."""
    if options.json:
        output.show_json({"results": [_json(each) for each in told]})
    for each in told:
        if each.kept is None:
            output.fail(each.sentence)
        elif not options.json:
            output.show("\n".join(lines_of(each)))
    codes = [each.code for each in told if each.code]
    return min(codes, default=0)


def lines_of(told: Told) -> Iterator[str]:
    """An action's outcome: its number, status and what it is, and below that what there is to say."""
    if told.kept is None:
        yield one_line(told.sentence, _LONGEST_NOTE)
        return
    mark = output.painted("1;32" if told.code == 0 else "1;31", told.kept.status)
    yield f"#{told.number} {mark}: {saying(told.kept.action.payload)}"
    if told.sentence:
        yield f"    {one_line(told.sentence, _LONGEST_NOTE)}"


def _json(told: Told) -> dict[str, Any]:
    kept = told.kept
    line = as_line(kept) if kept else {"id": told.number}
    receipts = [receipt_json(each) for each in kept.done] if kept else []
    return {**line, "ok": told.code == 0, "sentence": told.sentence, "done": receipts}


def without_repeats(wanted: Sequence[Named]) -> list[Named]:
    """Each action once; what was bound to a hash stays bound."""
    once: dict[int, Named] = {}
    for each in wanted:
        known = once.get(each.number)
        once[each.number] = each if known is None else replace(known, prefix=known.prefix or each.prefix)
    return list(once.values())
