"""`butler why`: where an action or a line of a briefing came from."""

from __future__ import annotations

import argparse

from butler.cli import deciding, opening, output
from butler.core.errors import UnknownRefError
from butler.core.refs import parse_ref
from butler.core.text import one_line
from butler.why import explain


def run(options: argparse.Namespace) -> int:
    """Print the story of an action, or the origins of every line that rests on a reference, newest day first."""
    if deciding.is_number(options.ref):
        return _explain_action(options)
    parse_ref(options.ref)
    with opening.house(opening.settings(options)) as house:
        origins = house.why(options.ref)
    if not origins:
        raise UnknownRefError(
            f"No kept briefing has a line that rests on {one_line(options.ref, 200)}.",
            advice="`butler brief` names the references of each line.",
        )
    if options.json:
        lines = [{"date": day.isoformat(), **origin.model_dump(mode="json")} for day, origin in origins]
        output.show_json({"ref": options.ref, "origins": lines})
    else:
        output.show(explain(options.ref, origins))
    return 0


def _explain_action(options: argparse.Namespace) -> int:
    from butler.cards.beside import story_of
    from butler.cards.reasons import explain_action, story_json

    settings = opening.settings(options)
    with opening.house(settings) as house:
        story = story_of(house.truth, house.mirror, house.truth.outbox.get(deciding.named(options.ref).number))
    if options.json:
        output.show_json(story_json(story))
    else:
        output.page(explain_action(story, settings.person().zone))
    return 0
