"""One run with all that it did: its steps, what it asked the model and what that said, what it started and proposed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from butler.cards.saying import saying
from butler.core.errors import UnknownRefError
from butler.core.text import one_line
from butler.store.journal import Line, Wanted
from butler.store.runs import Run
from butler.store.spending import Below, Cost
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.record import told
from butler.web.standing import Standing

_CALLS = 50
_BELOW = 25
_LINES = 25
_MOST = 2**62
_LONGEST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """A run with what it and all below it cost; `state` tells one that was interrupted from one that goes on."""

    run: Run
    state: str
    cost: Cost
    below: Below

    @property
    def seconds(self) -> float | None:
        """How long it took, where it has ended."""
        return (self.run.ended - self.run.started).total_seconds() if self.run.ended else None


@dataclass(frozen=True, slots=True)
class Passed:
    """A step of a run that ended: its name, how long it took, and which share of the longest one (to 100) that is."""

    line: Line
    name: str
    seconds: float
    share: float


def run(books: Books, visit: Visit, now: Standing) -> Page:
    """One run."""
    found = _named(books, visit.args["run"])
    number = visit.query.get("calls", "")
    after = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
    calls = books.truth.spending.calls(found.id, after, _CALLS + 1)
    below = books.truth.runs.some_below(found.id, visit.query.get("below", ""), _BELOW + 1)
    lines = books.truth.journal.find(Wanted(subject=f"run:{found.id}"), limit=_LINES)
    values = {
        "row": rows(books, [found], now.run)[0],
        "steps": steps(books.truth.journal.find(Wanted("node ended", f"run:{found.id}"), limit=_LINES).lines[::-1]),
        "calls": calls[:_CALLS],
        "more_calls": calls[_CALLS - 1].number if len(calls) > _CALLS else 0,
        "below": rows(books, below[:_BELOW], now.run),
        "more_below": below[_BELOW - 1].id if len(below) > _BELOW else "",
        "proposed": [(kept, saying(kept.action.payload)) for kept in books.truth.outbox.of_run(found.id)],
        "lines": told(lines.lines),
        "journal": urlencode({"subject": f"run:{found.id}"}),
        "has_more_lines": lines.further > 0,
        "titles": books.house.titles,
    }
    return Page("run.html", one_line(f"{found.workflow} {found.subject}".replace("_", " "), 80), values, nav="runs")


def call(books: Books, visit: Visit) -> Page:
    """One question to the model, with what was answered."""
    found = _named(books, visit.args["run"])
    number = int(visit.args["number"])
    asked = books.truth.spending.call(found.id, number) if number < _MOST else None
    if asked is None:
        raise UnknownRefError("This run asked no such question.", advice="The page of the run lists those that it did.")
    values = {
        "run": found,
        "call": asked,
        "number": number,
        "prompt": asked.prompt[:_LONGEST_TEXT],
        "answer": readable(asked.answer)[:_LONGEST_TEXT],
        "is_inside": "inside" in visit.query,
        "titles": books.house.titles,
    }
    return Page("call.html", f"Question {number}", values, nav="runs")


def rows(books: Books, found: Sequence[Run], current: str) -> list[Row]:
    """Runs with what they cost; `current` is the id of the run that goes on now, so that all other open ones do not."""
    ids = [each.id for each in found]
    costs, below = books.truth.spending.of_runs(ids), books.truth.spending.below(ids)
    return [Row(each, state_of(each, current), costs.get(each.id, Cost()), below.get(each.id, Below())) for each in found]


def state_of(found: Run, current: str) -> str:
    """The state of a run in a word or two."""
    match found.state:
        case "running":
            return "running" if current and current in (found.id, found.parent) else "interrupted"
        case "abandoned":
            return "given up"
        case state:
            return state


def steps(lines: Sequence[Line]) -> list[Passed]:
    """The steps that lines of the journal tell of, each beside the longest."""
    seconds = [_seconds(line.facts.get("seconds")) for line in lines]
    longest = max([*seconds, 0.001])
    return [
        Passed(line, one_line(str(line.facts.get("node", "")), 60), each, round(each * 100 / longest, 1))
        for line, each in zip(lines, seconds, strict=True)
    ]


def readable(answer: str) -> str:
    """An answer of the model with a line for each of its fields, where it is JSON."""
    try:
        return json.dumps(json.loads(answer), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return answer


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e9 else 0.0


def _named(books: Books, beginning: str) -> Run:
    """The one run whose id begins so."""
    exact = books.truth.runs.get(beginning)
    found = [exact] if exact else books.truth.runs.named(beginning) if len(beginning) >= 4 else []
    if len(found) != 1:
        raise UnknownRefError(f"There is no run {one_line(beginning, 64)}.", advice="The page Runs lists those there are.")
    return found[0]
