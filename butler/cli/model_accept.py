"""`butler model accept`: what is there now takes the place of what was pinned."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from butler.cli import modelled, output
from butler.cli.model_copies import remove_old
from butler.cli.modelled import Model, Room
from butler.core.errors import EXIT_FAILED, EXIT_UNAVAILABLE
from butler.core.pins import changes, is_pinned
from butler.core.text import one_line

_NOTHING = "There is nothing to accept: no model changed. `butler model accept NAME` takes one after `butler model back`, too."


def run(options: argparse.Namespace) -> int:
    """Show what would be pinned, ask, and pin it."""
    with modelled.room(options) as room:
        models = modelled.named(room.models(by_name=True), options.name)
        absent = [model for model in models if options.name and not is_pinned(model.look.identity.digest)]
        wanted = [model for model in models if _is_wanted(model, is_named=options.name is not None)]
        for model in absent:
            output.fail(_why_not(model))
        if not wanted:
            output.say(options, _NOTHING if not absent else "Nothing was accepted.")
            _report(options, [], [])
            return EXIT_UNAVAILABLE if absent else 0
        for model in wanted:
            output.say(options, f"{modelled.told(model)} at {model.where}: {_what(model)}")
        if not modelled.agreed(options, "Is this what you want to use from now on?"):
            output.say(options, "Nothing was accepted.")
            return EXIT_FAILED
        for model in wanted:
            room.pinned.accept(model.look)
        _copy(room, wanted)
        removed = remove_old(options, room, wanted)
    _report(options, wanted, removed)
    return 0


def _is_wanted(model: Model, *, is_named: bool) -> bool:
    """Whether a model is another one than is pinned; one that was gone back from only where it is named or its copy changed."""
    look, kept = model.look, model.kept
    if not is_pinned(look.identity.digest) or kept is None:
        return is_named and is_pinned(look.identity.digest)
    if kept.went_back:
        return is_named or kept.change is not None
    return bool(changes(kept.pin.identity, look.identity))


def _what(model: Model) -> str:
    if model.kept is None:
        return "Nothing is pinned so far."
    return " ".join(changes(model.kept.pin.identity, model.look.identity)) or "Its name is asked for again, not its copy."


def _why_not(model: Model) -> str:
    state, sentence = model.state
    return f"{one_line(model.look.name, 80)} at {model.where} is {state}: {one_line(sentence, 500)}"


def _copy(room: Room, wanted: Sequence[Model]) -> None:
    """Keep a copy of what was accepted."""
    for host in {id(host): host for host in map(room.host_of, wanted)}.values():
        room.pinned.keep_copies(host, output.fail)


def _report(options: argparse.Namespace, wanted: Sequence[Model], removed: Sequence[str]) -> None:
    if options.json:
        done = [{"name": model.look.name, "url": model.look.url, "digest": model.look.identity.digest} for model in wanted]
        output.show_json({"accepted": done, "removed": list(removed)})
        return
    for model in wanted:
        output.show(f"{modelled.told(model)} at {model.where} is pinned.")
