"""By way of the daemon where one runs: it does what is asked in its turn, and what that prints is printed here."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from butler.cli import output
from butler.core.errors import EXIT_FAILED, StateError


def run(options: argparse.Namespace, state: Path, command: str, **wanted: Any) -> int | None:
    """Have the daemon of a state folder do something; returns its exit code, None where no daemon runs or this is its child."""
    if options.child:
        return None
    from butler.control import asking

    question = {"ask": "run", "command": command, "json": options.json, "quiet": options.quiet, **wanted}
    with asking(state, question) as answers:
        return None if answers is None else _follow(options, answers)


def ask(state: Path, **question: Any) -> dict[str, Any] | None:
    """Ask the daemon something that has one answer; None where no daemon runs."""
    from butler.control import asking

    with asking(state, question, patience=10.0) as answers:
        return None if answers is None else next(answers, {})


def look(state: Path) -> None:
    """Let the daemon look whether something is to be carried out; whatever hinders that, it looks by itself soon."""
    try:
        ask(state, ask="look")
    except StateError:
        return


def _follow(options: argparse.Namespace, answers: Iterable[dict[str, Any]]) -> int:
    for each in answers:
        if "ended" in each:
            if each["why"]:
                output.fail(_ENDINGS.get(each["why"], "The daemon ended it."))
            return _code(int(each["ended"]))
        if "out" in each:
            output.put(each["out"])
        elif "err" in each:
            output.tell(each["err"])
        elif "waits" in each:
            output.say(options, each["waits"])
    raise StateError("The daemon ended before this was done.", advice="Try again: it goes on where it was.")


_ENDINGS = {
    "cancelled": "It was cancelled.",
    "overran": "It took too long and was ended.",
    "drained": "The daemon is ending. Try again: it goes on where it was.",
}


def _code(code: int) -> int:
    """The exit code of a process as a shell tells it, and that of one that was ended by a signal."""
    return code if code >= 0 else EXIT_FAILED
