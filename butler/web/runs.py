"""What ran and what it cost: the runs, newest first, and what runs now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.routing import Route

from butler.store.journal import Wanted
from butler.store.runs import RunState
from butler.store.spending import Cost
from butler.web.books import Books
from butler.web.layout import Page, Visit
from butler.web.month import Months
from butler.web.one_run import call, rows, run
from butler.web.routes import Pages
from butler.web.standing import Standing, cancel, standing

_PAGE = 25
_USUAL = 10
_STATES = get_args(RunState)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the run that goes on now has come: seconds so far, what such runs usually take, its last step, and its cost."""

    seconds: float | None
    usual: float | None
    step: str
    cost: Cost


def routes(pages: Pages) -> list[Route]:
    """The routes."""
    return [
        pages.view_with("/runs", standing, partial(runs, Months())),
        pages.deed("/runs/cancel", cancel),
        pages.view_with("/runs/{run}", standing, run),
        pages.view("/runs/{run}/calls/{number:int}", call),
    ]


def runs(months: Months, books: Books, visit: Visit, now: Standing) -> Page:
    """What ran."""
    workflow, state = visit.query.get("workflow", ""), visit.query.get("state", "")
    before = visit.query.get("before", "")
    found = books.truth.runs.top(workflow, state if state in _STATES else "", before, _PAGE + 1)
    shown = found[:_PAGE]
    older = urlencode({"workflow": workflow, "state": state, "before": shown[-1].id}) if len(found) > _PAGE else ""
    spent = months.of(books)
    total = spent.total
    values = {
        "rows": rows(books, shown, now.run),
        "workflows": books.truth.runs.workflows(),
        "titles": books.house.titles,
        "wanted": {"workflow": workflow, "state": state},
        "is_first": not before,
        "older": older,
        "month": spent,
        "costs": list(books.house.tariff.sentences(total.tokens_in, total.tokens_out, total.seconds)),
        "running": now.status["running"],
        "run": now.run,
        "waiting": len(now.status["waiting"]),
        "progress": _progress(books, now) if now.status["running"] else None,
    }
    return Page("runs.html", "Runs", values, nav="runs")


def _progress(books: Books, now: Standing) -> Progress:
    errand: Mapping[str, Any] = now.status["running"]
    before = books.truth.runs.top(errand["workflow"], "done", limit=_USUAL)
    took = [(run.ended - run.started).total_seconds() for run in before if run.ended]
    passed = books.truth.journal.find(Wanted("node ended", f"run:{now.run}"), limit=1).lines
    step = str(passed[0].facts.get("node", "")) if passed else ""
    cost = books.truth.spending.of_runs([now.run]).get(now.run, Cost())
    return Progress(errand["seconds"], median(took) if took else None, step, cost)
