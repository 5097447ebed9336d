"""What the options of several commands have in common; imports nothing that a command needs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_FIRST_YEAR, _LAST_YEAR = 1970, 2999
"""Outside of them there are no clocks to count from, or no days to look ahead to."""

Add = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its line of help, its examples, and what adds its own options; its module has a `run`."""

    name: str
    help: str
    examples: Sequence[str]
    add: Add


def as_json(parser: argparse.ArgumentParser, default: object = False) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", default=default, help="print one JSON document instead of text")


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser], command: Command) -> argparse.ArgumentParser:
    """Add a command below a program or another command, with its help, its examples and the options of every command."""
    below = commands.add_parser(
        command.name,
        help=command.help,
        description=command.help[:1].upper() + command.help[1:] + ".",
        epilog="examples:\n" + "\n".join(f"  {example}" for example in command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add(below)
    # Global options may stand on either side of the command; what is not given here must not undo what was given there.
    add_global(below, default=argparse.SUPPRESS)
    return below


def add_global(parser: argparse.ArgumentParser, default: object) -> None:
    """Add the options of every command."""
    group = parser.add_argument_group("options of every command")
    group.add_argument("--config", type=Path, metavar="FILE", default=default, help="read this butler.toml")
    group.add_argument("--env-file", type=Path, metavar="FILE", default=default, help="read this file instead of .env")
    group.add_argument("--state-dir", type=Path, metavar="FOLDER", default=default, help="keep the butler's state here")
    group.add_argument("-q", "--quiet", action="store_true", default=default or False, help="say only what failed")
    group.add_argument("-v", "--verbose", action="count", default=default or 0, help="say more; -vv: everything")
    # What the daemon tells its children with.
    group.add_argument("--child", metavar="PARENT", default=default, help=argparse.SUPPRESS)


def limit(parser: argparse.ArgumentParser) -> None:
    """Add --limit."""
    parser.add_argument("--limit", type=_count, metavar="N", default=20, help="show at most so many (default 20)")


def unasked(parser: argparse.ArgumentParser) -> None:
    """Add --unasked, with which the daemon says that nobody asked for this: it is for nobody else to give."""
    parser.add_argument("--unasked", action="store_true", help=argparse.SUPPRESS)


def day(parser: argparse.ArgumentParser) -> None:
    """Add --date."""
    parser.add_argument("--date", type=_day_name, metavar="D", help="YYYY-MM-DD, today, tomorrow or yesterday (default today)")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 10_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 10000")
    return int(text)


def _day_name(text: str) -> str:
    from datetime import date

    if text in {"today", "tomorrow", "yesterday"}:
        return text
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            found = date.fromisoformat(text)
            if _FIRST_YEAR <= found.year <= _LAST_YEAR:
                return found.isoformat()
            raise argparse.ArgumentTypeError(f"{text!r} is out of reach; name a day from {_FIRST_YEAR} to {_LAST_YEAR}")
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it like 2026-11-24, today, tomorrow or yesterday")
