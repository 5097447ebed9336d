"""`butler model back`: what was pinned is used again, by the copy of it that the butler keeps."""

from __future__ import annotations

import argparse

from butler.cli import modelled, output
from butler.cli.modelled import Model, Room
from butler.core.errors import EXIT_FAILED, UsageError
from butler.core.pins import Copy, KeptPin, is_pinned, short, way_back


def run(options: argparse.Namespace) -> int:
    """Show what would be gone back to, ask, and go back."""
    with modelled.room(options) as room:
        models = modelled.named(room.models(), options.name)
        ways = [(model, copy) for model in models if (copy := _way(model, is_named=options.name is not None))]
        if not ways:
            raise _no_way(models)
        for model, copy in ways:
            known = short(copy.identity.digest)
            output.say(options, f"{copy.alias} ({known}) at {model.where} would be asked in the place of {model.look.name}.")
        if not modelled.agreed(options, "Go back to it?"):
            output.say(options, "Nothing was changed.")
            return EXIT_FAILED
        done = [_go(options, room, model, copy) for model, copy in ways]
    if options.json:
        output.show_json({"back": [_as_json(kept) for kept in done]})
    return 0


def _way(model: Model, *, is_named: bool) -> Copy | None:
    """The copy to go back to; without a name only where something is held."""
    if model.kept is None or not (is_named or model.kept.change):
        return None
    return way_back(model.kept, model.copies)


def _go(options: argparse.Namespace, room: Room, model: Model, copy: Copy) -> KeptPin:
    kept = room.pinned.go_back(room.host_of(model), copy)
    if not options.json:
        output.show(f"{kept.pin.name} is {kept.pin.use} from now on ({short(kept.pin.identity.digest)}).")
    if kept.pin.identity.server != copy.identity.server:
        output.say(options, f"Its server is {kept.pin.identity.server} now; the copy was made on {copy.identity.server}.")
    return kept


def _no_way(models: list[Model]) -> UsageError:
    """Say why there is nothing to go back to."""
    held = [model for model in models if model.kept and model.kept.change]
    if not held:
        unpinned = all(model.look.present and not is_pinned(model.look.identity.digest) for model in models)
        why = "Its server knows no digests." if unpinned else "Every model is what was pinned, or none was pinned before."
        return UsageError(f"There is nothing to go back to. {why}", advice="`butler model` shows what is pinned.")
    model = held[0]
    if model.kept and model.look.identity.digest == model.kept.pin.identity.digest:
        old = model.kept.pin.identity.server
        sentence = f"{model.look.name} itself is what was pinned; its server or template is another one."
        return UsageError(sentence, advice=f"Install {old} again, or take it as it is: `butler model accept`.")
    return UsageError(
        f"No copy of {model.look.name} as it was pinned is kept.",
        advice="Take it as it is (`butler model accept`), or pull what you had before under that name.",
    )


def _as_json(kept: KeptPin) -> dict[str, object]:
    pin = kept.pin
    return {"name": pin.name, "url": pin.url, "digest": pin.identity.digest, "asked_by": pin.use}
