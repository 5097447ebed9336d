"""`butler ask` and its options."""

from __future__ import annotations

import argparse

from butler.cli.options import Command, as_json, limit

_LARGEST = 2**53


def _ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text",
        metavar="TEXT",
        nargs="*",
        help="the question; - reads it from standard input; without one, several are typed",
    )
    parser.add_argument("--continue", dest="go_on", action="store_true", help="ask in the conversation that was the last")
    parser.add_argument("--conversation", type=_number, metavar="ID", help="ask in this conversation")
    parser.add_argument("--list", action="store_true", help="list the conversations there are, the latest first")
    parser.add_argument("--show", type=_number, metavar="ID", help="show a conversation")
    parser.add_argument("--delete", type=_number, metavar="ID", nargs="*", help="delete conversations")
    parser.add_argument("--all", action="store_true", help="with --delete: all of them, which is asked first")
    parser.add_argument("--yes", action="store_true", help="with --delete --all: do not ask")
    parser.add_argument("--sync", action="store_true", help="bring the mirror up to date first")
    parser.add_argument("--no-sync", action="store_false", dest="sync", help="use the mirror as it is (default)")
    parser.add_argument("--no-model", action="store_true", help="answer by code and rules alone")
    # The daemon names a question that is kept and waits for its answer.
    parser.add_argument("--turn", type=_number, help=argparse.SUPPRESS)
    limit(parser)
    as_json(parser)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17 and 0 < int(text) < _LARGEST):
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a conversation")
    return int(text)


COMMAND = Command(
    "ask",
    "answer a question over all that is mirrored, each sentence with what it rests on; conversations are kept",
    (
        "butler ask when am I free on Friday?",
        "butler ask --continue and on Monday?",
        "butler ask 'what did Tom write about the hedge?' --json | jq .answer",
        "butler ask --list",
        "butler ask --delete 3 4",
    ),
    _ask,
)
