"""The commands and their options, with help and examples; imports nothing that a command needs."""

from __future__ import annotations

import argparse
import importlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from butler import __version__
from butler.cli import arguments_ask, arguments_gate, arguments_model
from butler.cli.arguments_daemon import DAEMON_COMMANDS
from butler.cli.options import Command, add_command, add_global, as_json, day, limit, unasked

_WITH_VALUE = frozenset({"--config", "--env-file", "--state-dir", "--child"})
"""The options of every command that are followed by a value."""

_EXIT_CODES = """\
exit codes:
  0 done, 1 failed, 2 wrong usage, 69 a source or model is unavailable, 75 try later, 78 configuration
"""


def read(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; `run` is the command to call. Raises SystemExit when it is wrong or asks for help."""
    parser = make_parser(_needed(argv))
    options = parser.parse_args(argv)
    if options.command is None:
        parser.error("name a command, such as `butler demo`")
    options.run = _run_of(options.command)
    return options


def _needed(argv: Sequence[str]) -> Sequence[Command]:
    """The command that is named, for to add the options of all takes longer than some of them; all where help is wanted."""
    if any(word == "--help" or re.match("-[a-z]*h", word) for word in argv):
        return COMMANDS
    words = (word for before, word in zip(("", *argv), argv, strict=False) if word[:1] != "-" and before not in _WITH_VALUE)
    named = next(words, None)
    return [command for command in COMMANDS if command.name == named] or COMMANDS


def _run_of(command: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        found: int = importlib.import_module(f"butler.cli.{command.partition('-')[0]}").run(options)
        return found

    return run


def make_parser(needed: Sequence[Command] | None = None) -> argparse.ArgumentParser:
    """Build the parser of the whole command line, or of as much of it as is needed."""
    parser = argparse.ArgumentParser(
        prog="butler",
        description="Reads your mail, calendar, tasks and notes on your own machine and prepares briefings and answers.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"butler {__version__}")
    add_global(parser, default=None)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in needed or COMMANDS:
        add_command(commands, command)
    return parser


def _demo(parser: argparse.ArgumentParser) -> None:
    day(parser)
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="write the sample here (default a new temporary folder)")
    parser.add_argument("--model", metavar="NAME", help="ask this model (default the one of the settings, else none)")
    parser.add_argument("--serve", action="store_true", help="read and decide on the page, in a browser, until Ctrl-C")
    parser.add_argument("--port", type=int, metavar="N", help="port of the page (default 8787, or the next free one)")
    as_json(parser)


def _brief(parser: argparse.ArgumentParser) -> None:
    day(parser)
    parser.add_argument("--no-sync", action="store_true", help="use the mirror as it is")
    parser.add_argument("--no-model", action="store_true", help="compose by rules")
    unasked(parser)
    as_json(parser)


def _sync(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--allow-empty", action="store_true", help="believe a source from which everything is gone at once")
    unasked(parser)
    as_json(parser)


def _ref(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ref", metavar="ID|REF", help="the number of an action, or a reference such as mail:home/<Message-ID>")
    as_json(parser)


def _search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text",
        metavar="TEXT",
        nargs="+",
        help='words; "a phrase"; the beginning of a word with *; -without; OR; from: to: cc: subject: in: after: before: on: '
        "has:attachment kind: (docs/search.md tells of each). Put it in quotes as a whole where it has quotes or a -. A - "
        "alone reads it from standard input",
    )
    parser.add_argument(
        "--kind",
        choices=["mail", "event", "task", "note", "document", "contact"],
        action="append",
        help="only things of this kind; may be given more than once",
    )
    parser.add_argument("--words", action="store_true", help="look for words alone, not for meaning")
    parser.add_argument("--remarks", action="store_true", help=argparse.SUPPRESS)
    limit(parser)
    as_json(parser)


def _mcp(parser: argparse.ArgumentParser) -> None:
    wanted = ("serve", "list", "tools", "call")
    told = f"{', '.join(wanted)} (default serve)"
    parser.add_argument("what", metavar="WHAT", nargs="?", choices=wanted, default="serve", help=told)
    parser.add_argument("server", metavar="SERVER", nargs="?", help="the name of a server of the settings")
    parser.add_argument("tool", metavar="TOOL", nargs="?", help="one of its tools")
    parser.add_argument("--arg", metavar="NAME=VALUE", action="append", default=[], help="an argument; JSON, or else text")
    parser.add_argument("--because", metavar="TEXT", default="", help="why, for its card, where it is an action")
    parser.add_argument("--accept", action="store_true", help="use the tools of a server as they are now, though they changed")
    as_json(parser)


def _prove(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--since", metavar="WHEN", default="7d", help="a day (monday, yesterday, 2026-11-20) or a span (12h, 7d; default 7d)"
    )
    as_json(parser)


COMMANDS: tuple[Command, ...] = (
    Command(
        "demo",
        "brief a sample household and draft answers for it; needs no network, server, model or settings",
        (
            "butler demo",
            "butler demo --serve",
            "butler demo --date 2026-11-24 --folder ~/butler-demo",
            "butler demo --json | jq .sections",
        ),
        _demo,
    ),
    Command(
        "brief",
        "bring the mirror up to date and write the briefing of a day",
        ("butler brief", "butler brief --date tomorrow", "butler brief --no-model --json > today.json"),
        _brief,
    ),
    Command(
        "sync",
        "bring the mirror of your mail, calendars, contacts and notes up to date",
        ("butler sync", "butler sync --json", "butler sync --allow-empty"),
        _sync,
    ),
    Command(
        "search",
        "find mails, events, tasks, notes, documents and contacts in the mirror",
        (
            "butler search invoice harbour",
            "butler search '\"quarterly figures\" from:anna after:2026-11'",
            "butler search 'in:archive has:attachment on:\"last week\" -draft'",
            "butler search 'offer*' --kind mail --kind note --limit 5 --json",
        ),
        _search,
    ),
    arguments_ask.COMMAND,
    Command(
        "show",
        "print the card of an action, or what a reference points at",
        (
            "butler show 41",
            "butler show mail:home/2026-11-20.7@berger.example",
            "butler show 'file:notes/Projects/Garden.md#L12' --json",
        ),
        _ref,
    ),
    Command(
        "why",
        "say where an action, or a line of a briefing, came from, and what became of it",
        ("butler why 41", "butler why mail:home/2026-11-20.7@berger.example", "butler why task:tasks/tax-return --json"),
        _ref,
    ),
    *arguments_gate.COMMANDS,
    Command(
        "doctor",
        "check settings, jail, sources, model, state folder, clock and packaging, and say how to mend each",
        ("butler doctor", "butler doctor --json"),
        as_json,
    ),
    Command(
        "prove",
        "show whom the butler talked to, checked against the settings, the journal, the kernel and systemd",
        ("butler prove", "butler prove --since monday", "butler prove --since 24h --json | jq .verdict"),
        _prove,
    ),
    Command(
        "mcp",
        "let another program on this machine read and propose over the Model Context Protocol, or use servers of your choice",
        ("butler mcp serve", "butler mcp tools recipes", "butler mcp call recipes find --arg word=soup --json"),
        _mcp,
    ),
    arguments_model.COMMAND,
    Command("version", "print the version of the butler and of what it runs on", ("butler version --json",), as_json),
    *DAEMON_COMMANDS,
)
