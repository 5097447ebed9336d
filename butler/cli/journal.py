"""`butler journal`: what happened, and whether the record of it is whole."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import opening, output
from butler.core.record import facts_told
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.store.journal import Journal, Line


def run(options: argparse.Namespace) -> int:
    """Print the latest lines, newest last; or look through all of them."""
    settings = opening.settings(options)
    with opening.house(settings) as house:
        journal = house.truth.journal
        if options.verify:
            return _verify(journal, options)
        lines = journal.lines(limit=options.limit)[::-1]
    if options.json:
        output.show_json({"lines": [line_json(line) for line in lines]})
    elif lines:
        output.show("\n".join(text for line in lines for text in line_text(line, settings.person().zone)))
    else:
        output.say(options, "Nothing has happened yet.")
    return 0


def line_json(line: Line) -> dict[str, Any]:
    """A line of the journal as a JSON object."""
    return {
        "seq": line.seq,
        "at": line.at.isoformat(),
        "what": line.what,
        "subject": line.subject,
        "facts": dict(line.facts),
        "hash": line.hash,
    }


def line_text(line: Line, zone: ZoneInfo) -> Iterator[str]:
    """A line of the journal for reading: when, about what, what, and the facts that say something."""
    yield f"{line.seq:>6}  {line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {line.what:<12}  {one_line(line.subject, 120)}"
    facts = [f"{name} {value}" for name, value in facts_told(line.facts)]
    if facts:
        yield f"{'':8}{output.painted('2', one_line(' · '.join(facts), 1000))}"


def _verify(journal: Journal, options: argparse.Namespace) -> int:
    found = journal.examined()
    if options.json:
        document = {"lines": found.lines, "head": found.head, "problems": found.problems}
        output.show_json({"whole": not found.problems, **document})
    elif not found.problems:
        output.show(f"The journal is whole: {found.lines} lines, the last one is {found.head}.")
    for problem in found.problems:
        output.fail(problem)
    return 1 if found.problems else 0
