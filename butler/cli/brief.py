"""`butler brief`: the briefing of a day."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from butler.cli import beyond, opening, output

if TYPE_CHECKING:
    from butler.publish import Published


def run(options: argparse.Namespace) -> int:
    """Write and print the briefing."""
    with opening.forks(options):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    settings = opening.settings(options, sources=True)
    day = opening.day_of(options.date, datetime.now(UTC).astimezone(settings.person().zone))
    wanted = {"day": day.isoformat() if day else None, "sync": not options.no_sync, "model": not options.no_model}
    if (code := beyond.run(options, settings.state_dir, "brief", **wanted)) is not None:
        return code
    with opening.house(settings, unasked=options.unasked) as house, output.progress(options) as progress:
        published = house.brief(day, sync=not options.no_sync, model=not options.no_model, progress=progress)
    return show(published, options)


def show(published: Published, options: argparse.Namespace) -> int:
    """Print a briefing, and say where it was saved."""
    if options.json:
        output.show_json(published.briefing.model_dump(mode="json"))
    else:
        from butler.terminal import render

        output.show(render(published.briefing, published.notice, width=output.width(), colour=output.colour()))
    for sentence in published.sentences:
        output.say(options, sentence)
    if published.failure:
        raise published.failure
    if published.path:
        output.say(options, f"Saved as {published.path}.")
    return 0
