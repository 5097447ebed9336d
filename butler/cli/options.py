"""What the options of several commands have in common; imports nothing that a command needs."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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


def as_json(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")


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
