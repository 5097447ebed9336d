"""The exams that models took, kept by digest over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from butler.core.merits import Kind
from butler.core.scoring import Score
from butler.store.database import Database, Row
from butler.store.journal import Journal, when_text
from butler.store.sql import statements


@dataclass(frozen=True, slots=True)
class Exam:
    """An exam that was taken: when, of whose material, of which version, by which model, and how it went.

    `quick` says that only a third of the material was asked. An empty `digest` is that of the rules, which ask no model.
    `options` are those that the server was asked with. The number of one that is not kept yet is 0.
    """

    at: datetime
    kind: Kind
    version: str
    quick: bool
    model: str
    digest: str
    server: str
    options: str
    score: Score
    id: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The total of a model's newest exam, and whether that was a whole one."""

    model: str
    total: float
    whole: bool


class Exams:
    """Keeps exams; each with its line of the journal."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("exams")

    def keep(self, exam: Exam) -> None:
        """Keep one."""
        card = exam.score.model_dump_json()
        with self._database.joined():
            self._database.run(
                self._sql["keep"],
                (
                    *(when_text(exam.at), exam.kind, exam.version, int(exam.quick), exam.model, exam.digest),
                    *(exam.server, exam.options, exam.score.total, card),
                ),
            )
            about = {"model": exam.model, "digest": exam.digest, "version": exam.version, "total": round(exam.score.total, 4)}
            self._journal.append(exam.at, "exam taken", f"exam:{exam.kind}", **about)

    def all(self, kind: Kind, limit: int = 200) -> Sequence[Exam]:
        """Find the exams of a kind, newest first."""
        return [_exam(row) for row in self._database.rows(self._sql["all"], (kind, limit))]

    def newest(self, kind: Kind, version: str) -> Sequence[Exam]:
        """Find the newest exam of each digest in one version: the newest whole one, else the newest quick one."""
        found = [each for each in self.all(kind) if each.version == version]
        return list({each.digest: each for each in sorted(found, key=lambda each: (not each.quick, each.id))}.values())

    def standings(self, kind: Kind, version: str) -> dict[str, Standing]:
        """How each digest stands in the exams of one version: by its newest whole one, else by its newest quick one."""
        rows = self._database.rows(self._sql["totals"], (kind, version))
        return {digest: Standing(model, total, not quick) for digest, model, quick, total in rows}


def _exam(row: Row) -> Exam:
    number, at, kind, version, quick, model, digest, server, options, _, card = row
    score = Score.model_validate_json(card)
    return Exam(datetime.fromisoformat(at), kind, version, bool(quick), model, digest, server, options, score, number)
