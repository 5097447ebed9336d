"""`butler runs`: what ran; and one run with all that it did."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import opening, output
from butler.core.errors import UsageError
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.core.steps import ModelCall
    from butler.store.journal import Line
    from butler.store.runs import Run
    from butler.store.truth import Truth


def run(options: argparse.Namespace) -> int:
    """Print the latest runs, newest first, or one run."""
    settings = opening.settings(options)
    zone = settings.person().zone
    if (options.show is None) != (options.wanted is None):
        raise UsageError("Name the run to show.", advice="Say it like `butler runs show 3f2a91c0`.")
    if options.cost or options.since or options.by:
        from butler.cli.costs import show_costs

        return show_costs(options, settings)
    with opening.house(settings) as house:
        if options.wanted:
            return _show(house.truth, _named(house.truth, options.wanted), options, zone)
        found = house.runs(options.limit)
    if options.json:
        output.show_json({"runs": [_as_json(each) for each in found]})
    elif found:
        output.show("\n".join(_line(each, zone) for each in found))
    else:
        output.say(options, "Nothing has run yet. `butler brief` writes a briefing.")
    return 0


def _named(truth: Truth, beginning: str) -> Run:
    found = truth.runs.named(beginning)
    if len(found) == 1:
        return found[0]
    what = "There are several runs" if found else "There is no run"
    raise UsageError(f"{what} {one_line(beginning, 64)}.", advice="`butler runs --json` lists them with their ids.")


def _show(truth: Truth, found: Run, options: argparse.Namespace, zone: ZoneInfo) -> int:
    below = truth.runs.below(found.id)
    calls = sorted((call for each in (found, *below) for call in truth.book.of_run(each.id)), key=lambda call: call.at)
    nodes = [line for line in truth.journal.about(f"run:{found.id}") if line.what == "node ended"]
    if options.json:
        document = _as_json(found) | {
            "nodes": [{"at": line.at.isoformat(), **line.facts} for line in nodes],
            "calls": list(map(_call_json, calls)),
            "below": list(map(_as_json, below)),
            "totals": _totals(calls),
        }
        output.show_json(document)
    else:
        output.show("\n".join(_page(found, nodes, calls, below, zone)))
    return 0


def _page(found: Run, nodes: Sequence[Line], calls: Sequence[ModelCall], below: Sequence[Run], zone: ZoneInfo) -> Iterator[str]:
    yield f"{found.workflow} {one_line(found.subject, 120)}: {found.state}"
    yield f"Run {found.id}"
    yield f"From {_moment(found.started, zone)}" + (f" to {_moment(found.ended, zone)}" if found.ended else ", not ended")
    if found.error:
        yield one_line(found.error, 1000)
    for line in nodes:
        yield f"  {_moment(line.at, zone)}  node   {one_line(str(line.facts['node']), 40):<20} {line.facts['seconds']:8.2f} s"
    for call in calls:
        yield f"  {_moment(call.at, zone)}  model  {one_line(call.step, 40):<20} {call.seconds:8.2f} s  {_what_came(call)}"
    for each in below:
        if each.state == "failed":
            yield f"  {_moment(each.started, zone)}  failed {one_line(each.subject, 80)}: {one_line(each.error, 300)}"
    totals = _totals(calls)
    yield f"{totals['calls']} questions to the model, {totals['cached']} answered from before; " + (
        f"{totals['tokens_in']} tokens in, {totals['tokens_out']} out, {totals['seconds']} s."
    )


def _what_came(call: ModelCall) -> str:
    tokens = "from before" if call.cached else f"{call.tokens_in} in, {call.tokens_out} out"
    tries = f", {call.attempts} tries" if call.attempts > 1 else ""
    error = f": {one_line(call.error, 200)}" if call.error else ""
    return f"{tokens}  {call.outcome}{tries}  {one_line(call.subject, 80)}{error}"


def _totals(calls: Sequence[ModelCall]) -> dict[str, Any]:
    return {
        "calls": sum(not call.cached for call in calls),
        "cached": sum(call.cached for call in calls),
        "tokens_in": sum(call.tokens_in for call in calls),
        "tokens_out": sum(call.tokens_out for call in calls),
        "seconds": round(sum(call.seconds for call in calls), 3),
    }


def _call_json(call: ModelCall) -> dict[str, Any]:
    names = ("run", "step", "version", "subject", "model", "digest", "cached", "outcome", "attempts")
    more = ("tokens_in", "tokens_out", "seconds", "error")
    return {"at": call.at.isoformat(), **{name: getattr(call, name) for name in (*names, *more)}}


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "workflow": run.workflow,
        "subject": run.subject,
        "state": run.state,
        "started": run.started.isoformat(),
        "ended": run.ended.isoformat() if run.ended else None,
        "error": run.error or None,
        "parent": run.parent,
    }


def _line(run: Run, zone: ZoneInfo) -> str:
    head = f"{run.started.astimezone(zone):%Y-%m-%d %H:%M}  {run.state:<9}  {run.id[:8]}"
    line = f"{head}  {run.workflow} {one_line(run.subject, 120)}"
    return f"{line}\n{'':18}{one_line(run.error)}" if run.error else line


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"
