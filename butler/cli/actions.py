"""`butler actions`: what waits, in lines."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from butler.cards.lines import as_line
from butler.cards.revealing import as_read
from butler.cards.saying import saying
from butler.cli import deciding, opening, output
from butler.cli.arguments_gate import STATUSES
from butler.core.actions import Kept
from butler.core.floods import Flood
from butler.core.text import one_line
from butler.terminal import width_of, wrap

if TYPE_CHECKING:
    from butler.store.truth import Truth

_LONGEST_NOTE = 300


def run(options: argparse.Namespace) -> int:
    """Print one page of the actions that are meant, newest first."""
    settings = opening.settings(options)
    statuses = STATUSES if options.all else options.status or ("held",)
    with opening.truth(settings) as truth:
        # Programs get each action; for a person what came in a flood is one line, and does not hide the rest.
        is_folded = statuses == ("held",) and not (options.json or options.each or options.after)
        floods = _floods(truth, options) if is_folded else []
        found = deciding.found(truth.outbox, options, statuses, options.after, options.limit + 1, _ids(floods))
    page, more = found[: options.limit], len(found) > options.limit
    if options.json:
        output.show_json({"actions": [as_line(kept) for kept in page], "more": more})
        return 0
    for flood in floods:
        output.show("\n".join(_flood_lines(flood)))
    now = datetime.now(UTC)
    for kept in page:
        output.show("\n".join(_lines(kept, now, with_status=statuses != ("held",))))
    if more:
        output.say(options, f"There are more: --after {page[-1].id} goes on, --limit shows more at once.")
    elif not page and not floods:
        output.say(options, _nothing(options, statuses))
    return 0


def _nothing(options: argparse.Namespace, statuses: Sequence[str]) -> str:
    if options.kind or options.account or options.after or statuses != ("held",):
        return "There is no such action. `butler actions --all` lists every one."
    return "Nothing waits for you. `butler do draft_reply` drafts answers."


def _floods(truth: Truth, options: argparse.Namespace) -> list[Flood]:
    wanted = deciding.kinds(options.kind)
    return [flood for flood in truth.waiting.floods(options.account or "") if not wanted or flood.kind in wanted]


def _ids(floods: Sequence[Flood]) -> frozenset[int]:
    return frozenset(number for flood in floods for number in flood.ids)


def _flood_lines(flood: Flood) -> Iterator[str]:
    """A flood in a line, like an action's, and how its actions are listed."""
    head = f"{f'#{flood.ids[0]}':>5}  {flood.kind:<17}  {'flood':>6}  "
    room = max(output.width() - width_of(head), 30)
    sentence = one_line(replace(flood, by=as_read(flood.by)).sentence, _LONGEST_NOTE)
    for number, line in enumerate(wrap(f"{sentence} (!)", room, room)):
        yield (" " * width_of(head) if number else head) + line
    hint = f"`butler actions --each --kind {flood.kind}` lists them; `butler reject {flood.ids[0]} --alike` says no to all."
    yield from (" " * width_of(head) + output.painted("2", line) for line in wrap(hint, room, room))


def _lines(kept: Kept, now: datetime, *, with_status: bool) -> Iterator[str]:
    """An action in a line or two: its number, kind, age, and what it is; a mark where something is to be looked at."""
    warned = any(finding.warning for finding in kept.action.findings)
    status = f"{kept.status:<10}  " if with_status else ""
    head = f"{f'#{kept.id}':>5}  {status}{kept.action.kind:<17}  {age(now - kept.created):>5}  "
    margin = " " * width_of(head)
    room = max(output.width() - width_of(head), 30)
    what = f"{saying(kept.action.payload)}{' (!)' if warned else ''}"
    for number, line in enumerate(wrap(what, room, room)):
        yield (margin if number else head) + line
    if kept.note:
        yield from (margin + output.painted("2", line) for line in wrap(one_line(kept.note, _LONGEST_NOTE), room, room))


def age(span: timedelta) -> str:
    """How long ago, in one unit."""
    minutes = max(int(span.total_seconds()) // 60, 0)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 60 * 48 else f"{minutes // 60 // 24} d"
