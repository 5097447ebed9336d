"""`butler model list`: which model does what, and whether it is still the one that was chosen."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from butler.cli import modelled, output
from butler.cli.modelled import Model
from butler.core.pins import ADVICE, KeptPin, is_pinned, old_copies, short
from butler.core.text import one_line

_COLOURS = {"well": "32", "changed": "1;31", "another one": "1;31", "refused": "1;31", "not there": "31", "not reached": "31"}


def run(options: argparse.Namespace) -> int:
    """Show each model by role, on each server that has it."""
    with modelled.room(options) as room:
        models, zone = room.models(), room.zone
    if options.json:
        output.show_json({"models": [modelled.as_json(model) for model in models]})
        return 0
    if not models:
        output.say(options, f"{modelled.NONE} Set model.name, such as qwen3.5:9b, and fetch it with `ollama pull`.")
    for model in _worth_a_line(models):
        output.show("\n".join(_lines(model, zone)))
    if any(model.state[0] == "changed" for model in models):
        output.say(options, ADVICE)
    return 0


def _worth_a_line(models: Sequence[Model]) -> list[Model]:
    """All but those that a further server does not have while another one does."""
    has = {model.look.name for model in models if model.look.present}
    return [model for model in models if model.state[0] != "not there" or not model.look.server or model.look.name not in has]


def _lines(model: Model, zone: ZoneInfo) -> Iterator[str]:
    look, (state, sentence) = model.look, model.state
    held = f"{state}, so nothing is asked of it" if state == "changed" else state
    yield f"{', '.join(model.roles):<18} {one_line(look.name, 80)}: {output.painted(_COLOURS.get(state, '33'), held)}"
    if sentence:
        yield from output.hanging("    ", one_line(sentence, 1000))
    yield f"    {', '.join(_facts(model))}"
    if model.kept:
        yield f"    {_pinned(model.kept, zone)}"
    for copy in old_copies(model.kept, model.copies):
        yield f"    An older copy is {copy.alias}; `ollama rm {copy.alias}` frees its room."


def _facts(model: Model) -> Iterator[str]:
    look = model.look
    digest = look.identity.digest
    if is_pinned(digest):
        yield short(digest)
    yield f"{look.identity.server} at {model.where}" if look.identity.server else f"at {model.where}"
    if look.context:
        yield f"made for {look.context:,} tokens"
    if look.present and look.api == "ollama":
        yield "loaded" if look.loaded else "not loaded"


def _pinned(kept: KeptPin, zone: ZoneInfo) -> str:
    since = f"{kept.since.astimezone(zone):%Y-%m-%d %H:%M}"
    copy = f"a copy is kept as {kept.copy}" if kept.copy else "no copy is kept"
    asked = f"; {kept.pin.use} is asked in its place" if kept.went_back else ""
    return f"Pinned: {short(kept.pin.identity.digest)} on {kept.pin.identity.server} since {since} ({kept.by}); {copy}{asked}."
