"""`butler model`, the commands below it, and their options; imports nothing that one of them needs.

Each of them is a module `butler.cli.model_NAME` with a `run`: whoever adds one adds it here, and nowhere else.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from butler.cli.options import Command, add_command, as_json

LIST = "list"
_MOST_DAYS = 31


def _json(parser: argparse.ArgumentParser) -> None:
    # What is not given here must not undo what was given before the command.
    as_json(parser, default=argparse.SUPPRESS)


def _yes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
    _json(parser)


def _back(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a model of the settings (default those that changed)")
    _yes(parser)


def _accept(parser: argparse.ArgumentParser) -> None:
    _back(parser)
    _remove(parser)


def _forget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a model of the settings")
    _yes(parser)
    _remove(parser)


def _remove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--remove-copies", action="store_true", help="remove copies that nobody can go back to any more")


def _try(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the model to try, as its server calls it")
    parser.add_argument("--days", type=_days, metavar="N", default=7, help="so many days, today included (default 7)")
    parser.add_argument("--role", choices=["judge", "write"], help="try it in this role alone (default in both)")
    parser.add_argument("--server", metavar="NAME", help="ask it at this server of the settings")
    parser.add_argument("--no-drafts", action="store_true", help="leave the drafts out, which take the longest")
    parser.add_argument("--only-recorded", action="store_true", help="ask the present model nothing new")
    _json(parser)


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 to {_MOST_DAYS}")
    return int(text)


def _exam(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", nargs="?", default="", help="a model on your server (default the one of the settings)"
    )
    parser.add_argument("--own", action="store_true", help="the exam that is made of what you did with your own mail")
    parser.add_argument("--quick", action="store_true", help="only a third of the exam that ships")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the card as a page here, not below the state folder")
    parser.add_argument("--list", action="store_true", help="list the exams that were taken")
    _json(parser)


DEEDS: tuple[Command, ...] = (
    Command(
        LIST,
        "show each model by role: its digest, since when it is pinned, and whether it is still what was pinned",
        ("butler model list", "butler model list --json | jq '.models[] | {roles, state}'"),
        _json,
    ),
    Command(
        "accept",
        "take a model as it is now in the place of what was pinned",
        ("butler model accept", "butler model accept qwen3.5:9b --yes --remove-copies"),
        _accept,
    ),
    Command(
        "back",
        "use the model that was pinned, by the copy that the butler keeps of it on its server",
        ("butler model back", "butler model back qwen3.5:9b"),
        _back,
    ),
    Command(
        "forget",
        "forget what was pinned: the next use pins what is there then",
        ("butler model forget qwen3.5:9b",),
        _forget,
    ),
    Command(
        "try",
        "go through the last days once more with another model, and show what it would make of them; nothing is kept",
        (
            "butler model try qwen3.5:14b",
            "butler model try qwen3.5:14b --days 2 --no-drafts",
            "butler model try phi5:latest --role write --json",
        ),
        _try,
    ),
    Command(
        "exam",
        "ask a model what is known already, score its answers, and keep the score by its digest",
        ("butler model exam", "butler model exam qwen3.5:9b --quick", "butler model exam --own", "butler model exam --list"),
        _exam,
    ),
)


def _model(parser: argparse.ArgumentParser) -> None:
    as_json(parser)
    deeds = parser.add_subparsers(dest="deed", metavar="WHAT", title="what to do (default list)")
    for deed in DEEDS:
        add_command(deeds, deed)


COMMAND = Command(
    "model",
    "show which model does what, and whether it is still the one that was chosen; accept it, or go back",
    ("butler model", "butler model accept", "butler model back qwen3.5:9b", "butler model --json | jq '.models[].state'"),
    _model,
)
