"""A benchmark's row, and how rows are shown and kept."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench_machine import Machine


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement: ours and the reference's figure in `unit`, and what is wanted of them.

    `ratio` is ours against the reference. `met` is None where nothing is wanted or nothing could be measured; `note` says why.
    """

    name: str
    what: str
    unit: str
    ours: float | None = None
    reference: float | None = None
    against: str = ""
    wanted: str = ""
    met: bool | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by the reference, where there are both."""
        if self.ours is None or not self.reference:
            return None
        return self.ours / self.reference


def judged(row: Row, wish: Callable[[float, float], bool]) -> Row:
    """Say whether the wish over ours and the reference (0 where there is none) is met."""
    return row if row.ours is None else dataclasses.replace(row, met=wish(row.ours, row.reference or 0.0))


def markdown(rows: Sequence[Row], machine: Machine) -> str:
    """Show the machine and the rows as Markdown."""
    head = "| what | ours | reference | ratio | wanted | met |\n|---|---|---|---|---|---|\n"
    return f"{machine.sentence()}\n\n{head}{''.join(_line(row) for row in rows)}"


def _line(row: Row) -> str:
    verdict = {True: "yes", False: "**no**", None: "–"}[row.met]
    ratio = f"{row.ratio:.2f}×" if row.ratio is not None else "–"
    reference = f"{_figure(row.reference, row.unit)} {row.against}".strip() if row.reference is not None else row.against or "–"
    what = f"{row.what} ({row.note})" if row.note else row.what
    return f"| {what} | {_figure(row.ours, row.unit)} | {reference} | {ratio} | {row.wanted or '–'} | {verdict} |\n"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def as_json(rows: Sequence[Row], machine: Machine) -> str:
    """Show the machine and the rows as one JSON document."""
    kept = [{**dataclasses.asdict(row), "ratio": row.ratio} for row in rows]
    return json.dumps({"machine": dataclasses.asdict(machine), "rows": kept}, indent=2, ensure_ascii=False)


def keep(path: Path, rows: Sequence[Row], machine: Machine) -> None:
    """Put the table between the markers of a document, leaving its other words alone."""
    begin, end = "<!-- measured: begin -->\n", "<!-- measured: end -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{begin}{markdown(rows, machine)}{end}{after}", encoding="utf-8")
