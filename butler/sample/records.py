"""Records of the sample household, for the shipped workflows: statements, a health log, a journal, new papers."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path

from butler.core.accounts import NotesFolder
from butler.core.documents import LARGEST_DOCUMENT
from butler.sample.days import BERLIN, Days
from butler.sample.letters import CONTENT
from butler.sample.texts import texts

_MONTH = re.compile(r"m(\d)(?=\.)")
_DAY = re.compile(r"day(-\d+)")
_ENCODINGS = {"giro": "latin-1", "card": "utf-8-sig"}
"""How the programs of the household's banks write their exports; all else is UTF-8."""

_SHAPES = {"de": "%d.%m.%Y", "us": "%m/%d/%Y", "iso": "%Y-%m-%d"}
_NEW = "Inbox/"


@dataclass(frozen=True, slots=True)
class Months:
    """Months counted from that of a day: `f"{months:-1 05 de}"` is the fifth of the month before, as a German writes it."""

    day: dt.date

    def first(self, months: int) -> dt.date:
        """The first day of the month so many months later."""
        year, month = divmod(self.day.year * 12 + self.day.month - 1 + months, 12)
        return dt.date(year, month + 1, 1)

    def __format__(self, spec: str) -> str:
        months, day, shape = spec.split(" ")
        return self.first(int(months)).replace(day=int(day)).strftime(_SHAPES[shape])


def write_records(folder: Path, day: dt.date) -> NotesFolder:
    """Write the records as they are on a day below `records`, and say how the butler is to read them: as documents."""
    days, months = Days(day), Months(day)
    root = folder / "records"
    for name, text in sorted(texts(CONTENT.joinpath("records"), "")):
        dated = _DAY.sub(lambda found: days.written(int(found[1]), "iso"), name)
        dated = _MONTH.sub(lambda found: f"{months.first(-int(found[1])):%Y-%m}", dated)
        encoding = _ENCODINGS.get(name.rpartition("/")[2][:4], "utf-8")
        when = days.plus(-1 if name.startswith(_NEW) else -2)
        _write(root / dated, text.format(d=days, m=months).encode(encoding), dt.datetime.combine(when, dt.time(20), BERLIN))
    return records_in(folder)


def records_in(folder: Path) -> NotesFolder:
    """How the butler is to read the records below a folder."""
    return NotesFolder("records", folder / "records", ("*",), LARGEST_DOCUMENT, documents=True)


def _write(path: Path, content: bytes, when: dt.datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (when.timestamp(), when.timestamp()))
