"""The conversations of `butler ask`: listed, shown, deleted."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from butler.cli import asked, opening, output
from butler.core.errors import UsageError
from butler.house import wall_clock
from butler.store.floor import Floor

if TYPE_CHECKING:
    from butler.settings import Settings
    from butler.store.conversations import Conversations


def run(options: argparse.Namespace) -> int:
    """List, show or delete conversations."""
    settings = opening.settings(options)
    with opening.truth(settings) as truth:
        if options.show is not None:
            return _show(options, settings, truth.conversations)
        if options.delete is not None:
            return _delete(options, truth.conversations)
        return _list(options, settings, truth.conversations)


def _list(options: argparse.Namespace, settings: Settings, kept: Conversations) -> int:
    found = kept.recent(options.limit)
    zone = settings.person().zone
    if options.json:
        output.show_json({"conversations": list(map(asked.conversation_json, found))})
    elif found:
        output.show("\n".join(asked.in_list(each, zone) for each in found))
    else:
        output.say(options, "Nothing was asked yet. `butler ask TEXT` asks something.")
    return 0


def _show(options: argparse.Namespace, settings: Settings, kept: Conversations) -> int:
    found, turns = kept.get(options.show), kept.turns(options.show)
    if options.json:
        output.show_json({**asked.conversation_json(found), "turns": list(map(asked.turn_json, turns))})
        return 0
    floor = Floor(settings.state_dir)
    answering = frozenset(turn.id for turn in turns if turn.state == "asked" and floor.is_answered(turn.id))
    output.show("\n".join(asked.page(turns, output.width(), settings.person().zone, answering)))
    return 0


def _delete(options: argparse.Namespace, kept: Conversations) -> int:
    if bool(options.delete) == options.all:
        raise UsageError(
            "Name the conversations to delete, or ask for all of them.",
            advice="Such as `butler ask --delete 3 4`, or `butler ask --delete --all`.",
        )
    now = wall_clock()
    if options.all and not _is_agreed(options):
        output.say(options, "Nothing was deleted.")
        return 1
    if options.all:
        numbers = kept.delete_all(now)
    else:
        numbers = list(dict.fromkeys(options.delete))
        kept.delete(numbers, now)
    if options.json:
        output.show_json({"deleted": numbers})
    else:
        output.say(options, f"{len(numbers)} conversation{'' if len(numbers) == 1 else 's'} deleted.")
    return 0


def _is_agreed(options: argparse.Namespace) -> bool:
    """Whether the owner means all; raises UsageError where nobody can be asked and it was not said."""
    if options.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nobody can be asked here whether to delete all conversations.", advice="Say --yes as well.")
    output.ask("Delete all conversations? [y/N] ")
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}
