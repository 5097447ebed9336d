"""`butler status`: what the daemon does, what waits and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from butler.cli import beyond, opening, output, tonight
from butler.core.actions import Status
from butler.core.errors import EXIT_FAILED
from butler.core.jailing import DEGRADED
from butler.core.night import of_tonight
from butler.core.pins import KeptPin, changes
from butler.core.pins import held as not_pinned
from butler.core.text import LONGEST_TROUBLE, one_line

_APPROVED: tuple[Status] = ("approved",)
_NONE = "No daemon runs. `butler run` starts one; `butler schedule` tells what it would do."


def run(options: argparse.Namespace) -> int:
    """Print how the daemon stands and what is kept for the night; exit code 1 where none runs."""
    settings = opening.settings(options)
    found = beyond.ask(settings.state_dir, ask="status")
    with opening.truth(settings) as truth:
        stopped, held = truth.outbox.stopped, truth.outbox.count()
        changed = truth.pins.changed()
        approved = truth.outbox.count(statuses=_APPROVED)
        kept = of_tonight(truth.jobs.history(datetime.now(UTC)))
        tools = [f"{server}.{tool}" for server, tool in truth.foreign.changed() if server in settings.mcp]
    if options.json:
        night = list(map(tonight.as_json, kept))
        counts = {"held": held, "approved": approved}
        models = [{"name": each.pin.name, "url": each.pin.url, "sentence": _of_model(each)} for each in changed]
        stands = {"daemon": found, "night": night, "stopped": stopped or None, **counts, "sandbox": settings.sandbox}
        output.show_json({**stands, "models": models, "changed_tools": tools})
    else:
        zone = settings.person().zone
        output.show("\n".join(_lines(found, zone, list(tonight.lines(kept, settings, zone)), stopped)))
        if found is None and settings.sandbox == "degraded":
            output.show(DEGRADED)
        for each in changed:
            output.show(f"{_of_model(each)} {output.to_type('`butler model`')} says what can be done.")
        for line in _changed(tools):
            output.show(line)
        output.show(f"{held} to decide, {approved} approved and not carried out yet.")
    return 0 if found else EXIT_FAILED


def _lines(found: Mapping[str, Any] | None, zone: ZoneInfo, night: Sequence[str], stopped: str) -> Iterator[str]:
    if found is None:
        yield _NONE
    else:
        yield f"{one_line(found['sentence'])}"
        since = datetime.fromisoformat(found["since"]).astimezone(zone)
        yield f"Process {found['pid']}, since {since:%Y-%m-%d %H:%M}."
        yield from _queue(found)
        yield from _faults(found)
    yield from night
    if stopped:
        yield f"Effects are stopped: {one_line(stopped)} {output.to_type('`butler resume`')} lets them go on."


def _changed(tools: Sequence[str]) -> Iterator[str]:
    """Say which tools of servers are not used because they are told of differently than at first."""
    for tool in tools:
        server = tool.partition(".")[0]
        look = output.to_type(f"`butler mcp tools {server}`")
        yield f"The tool mcp.{one_line(tool, 120)} changed and is not used: {look} shows it, and takes it with --accept."


def _queue(found: Mapping[str, Any]) -> Iterator[str]:
    running = found["running"]
    if running:
        yield f"  {running['number']}  runs    {_what(running)}" + (f"  run {found['run']}" if found["run"] else "")
    for each in found["waiting"]:
        if each["night"]:
            continue
        yield f"  {each['number']}  waits   {_what(each)}" + (f": {one_line(each['why'])}" if each["why"] else "")


def _faults(found: Mapping[str, Any]) -> Iterator[str]:
    for name, sentence in found["gone"].items():
        yield f"{one_line(name)} cannot be reached: {one_line(sentence, LONGEST_TROUBLE)}"
    if found["dead"]:
        yield f"Not alive any more: {', '.join(map(one_line, found['dead']))}."
    for problem in found["problems"]:
        yield f"Not taken from the settings: {one_line(problem, 500)}"


def _of_model(kept: KeptPin) -> str:
    """That a model is held, and why."""
    found = changes(kept.pin.identity, kept.change.seen) if kept.change else ()
    return one_line(not_pinned(kept.pin.name, found), 500)


def _what(each: Mapping[str, Any]) -> str:
    return one_line(f"{each['workflow']} {each['subject'] or ''} ({each['trigger']})".replace("  ", " "), 160)
