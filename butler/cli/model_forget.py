"""`butler model forget`: what was pinned is forgotten, so that the next use pins what is there then."""

from __future__ import annotations

import argparse

from butler.cli import modelled, output
from butler.cli.model_copies import remove_old
from butler.core.errors import EXIT_FAILED


def run(options: argparse.Namespace) -> int:
    """Ask, and forget the pin on each server."""
    with modelled.room(options) as room:
        models = [model for model in modelled.named(room.models(), options.name) if model.kept]
        if not models:
            output.say(options, "Nothing is pinned of it.")
        elif not modelled.agreed(options, f"Forget what is pinned of {models[0].look.name}?"):
            output.say(options, "Nothing was forgotten.")
            return EXIT_FAILED
        for model in models:
            room.pinned.forget(model.look)
        removed = remove_old(options, room, models)
    if options.json:
        forgotten = [{"name": model.look.name, "url": model.look.url} for model in models]
        output.show_json({"forgotten": forgotten, "removed": removed})
    elif models:
        output.show(f"{models[0].look.name} is not pinned any more; the next use pins what is there then.")
    return 0
