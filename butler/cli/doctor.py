"""`butler doctor`: each part checked, with what to do."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from butler.checkup import Check
from butler.cli import opening, output
from butler.cli.meaning_check import check_meaning
from butler.core.errors import EXIT_FAILED
from butler.core.text import one_line
from butler.doctor import examine, shortened

_COLOURS = {"ok": "\x1b[32m", "warning": "\x1b[33m", "failure": "\x1b[31m"}


def run(options: argparse.Namespace) -> int:
    """Print every check as it is made; exit code 1 when one failed."""
    from butler.model import inspect

    loaded = opening.read_settings(options)
    checks = chain(examine(loaded, opening.deeds(loaded.settings), datetime.now(UTC), inspect), check_meaning(loaded.settings))
    made = list(checks) if options.json else list(_shown(shortened(checks), quiet=options.quiet))
    failed = any(check.level == "failure" for check in made)
    if options.json:
        output.show_json({"ok": not failed, "checks": [_as_json(check) for check in made]})
    return EXIT_FAILED if failed else 0


def _shown(checks: Iterable[Check], *, quiet: bool) -> Iterator[Check]:
    """The checks, each printed as it is made; those that are well not when it shall be `quiet`."""
    for check in checks:
        if not (quiet and check.level == "ok"):
            output.show(_line(check))
        yield check


def _as_json(check: Check) -> dict[str, str | None]:
    return {"name": check.name, "level": check.level, "sentence": check.sentence, "advice": check.advice or None}


def _line(check: Check) -> str:
    level = f"{check.level:<8}"
    if output.colour():
        level = f"{_COLOURS[check.level]}{level}\x1b[0m"
    line = f"{level} {check.name}: {one_line(check.sentence, 1000)}"
    return f"{line}\n{'':9}→ {one_line(check.advice, 1000)}" if check.advice else line
