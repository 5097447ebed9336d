"""Saves a score card as a page, below the state folder or where its owner wants it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from butler.core.errors import StateError, UsageError, extra
from butler.exams.findings import findings
from butler.exams.taking import Room, Sitting
from butler.publish import write_whole
from butler.store.exams import Exam, Exams


def save_card(
    room: Room, exams: Exams, sitting: Sitting, rules: Exam | None, best: Exam | None, wanted: Path | None, *, verbose: bool
) -> Path | None:
    """Save it and return where; None where what makes pages is not installed, and UsageError where a file was wanted."""
    if find_spec("jinja2") is None:
        if wanted is not None:
            raise UsageError("A page needs jinja2.", advice=f"{extra('web')} Or leave --html out.")
        return None
    from butler.web.scorecard import Card, written

    exam = sitting.exam
    before = [each for each in exams.all(exam.kind) if (each.version, each.quick) == (exam.version, exam.quick)]
    found = findings(exam.score, sitting.expected, sitting.taken)
    card = Card(exam, rules, best, tuple(reversed(before)), tuple(found), told=exam.kind == "shipped" or verbose)
    html = written(card, room.deeds.owner.zone)
    path = room.folder / f"{exam.kind}-{exam.at:%Y-%m-%d-%H%M%S}-{exam.digest[:12] or 'rules'}.html"
    if wanted is not None:
        path = wanted.expanduser().absolute()
    try:
        write_whole(path, html.encode())
    except OSError as error:
        raise StateError(f"{path} cannot be written: {error.strerror}.", advice="Name another file.") from error
    return path
