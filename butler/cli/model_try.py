"""`butler model try`: the last days once more with another model, beside what the present one made of them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from typing import TYPE_CHECKING

from butler.cli import opening, output
from butler.cli.model_tried import lines
from butler.cli.model_tried_json import as_json
from butler.core.errors import EXIT_UNAVAILABLE, UsageError
from butler.core.jobs import At
from butler.core.text import one_line, visible
from butler.settings import Settings

if TYPE_CHECKING:
    from butler.core.models import ModelServer
    from butler.shadow.shadow import Moved

_SEVEN = time(7)
_INTERRUPTED = 130


def run(options: argparse.Namespace) -> int:
    """Replay the days with both, and show what differs."""
    from butler.house import wall_clock
    from butler.shadow.shadow import STOPPED, Shadow, Wanted

    settings = opening.settings(options)
    server = _server(settings, options.server)
    with Shadow(opening.deeds(settings, output.fail), warn=output.fail) as house:
        sides = house.sides(options.name, options.role, server, only_recorded=options.only_recorded)
        present, other, told = sides
        if told:
            output.say(options, told)
        today = wall_clock().astimezone(settings.person().zone).date()
        days = [today - timedelta(back) for back in reversed(range(options.days))]
        wanted = Wanted(days, _briefed_at(settings), not options.no_drafts)
        with _progress(options) as heard:
            found = house.compare(present, other, wanted, heard)
    if options.json:
        output.show_json(as_json(found, told))
    else:
        output.show("\n".join(lines(found, settings.person().zone)))
    if found.ended:
        output.fail(found.ended)
    output.say(options, "Nothing was written, proposed or told.")
    if found.ended == STOPPED:
        return _INTERRUPTED
    return EXIT_UNAVAILABLE if found.ended else 0


def _server(settings: Settings, name: str | None) -> ModelServer | None:
    """The server that is named; raises UsageError with those that are set."""
    host = settings.model_host()
    if name is None or host is None:
        return None
    servers = host.servers()
    found = next((each for each in servers if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in servers if each.name)
        advice = f"There are: {known}." if known else "Set [model.servers.NAME] first, or leave --server out."
        raise UsageError(f"There is no model server {one_line(name, 80)!r} in the settings.", advice=advice)
    return found


def _briefed_at(settings: Settings) -> time:
    """When a day is briefed, as it is set."""
    whens = (job.when for job in settings.every_job() if job.workflow == "briefing")
    return next((when.time for when in whens if isinstance(when, At)), _SEVEN)


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[Moved], None]]:
    """Show how far it is, on a terminal only: the mail of all, and the time that is left."""
    if options.quiet or not sys.stderr.isatty():
        yield lambda _moved: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    words, where = (TextColumn(each, markup=False) for each in ("{task.description}", "{task.fields[far]}"))
    columns = (words, BarColumn(bar_width=20), where)
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=1.0, far="")

        def moved(step: Moved) -> None:
            left = "" if step.left is None else f", {_span(step.left)} left"
            told = f"{one_line(visible(step.name), 24)}, {step.day:%a %d %b}"
            bars.update(task, description=told, completed=step.part, far=f"mail {step.mail} of {step.mails}{left}")

        yield moved


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"about {minutes} min" if minutes else f"{rest} s"
