"""`butler reject`: says no."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from butler.cli import deciding, opening
from butler.cli.deciding import Named
from butler.core.actions import Kept
from butler.gate import REJECTABLE

if TYPE_CHECKING:
    from butler.house import House


def run(options: argparse.Namespace) -> int:
    """Reject the actions that are named, and with --alike those that came in a flood with them."""
    named = [deciding.named(text) for text in options.ids]
    with opening.house(opening.settings(options)) as house:
        wanted = deciding.without_repeats([*named, *(_alike(house, named) if options.alike else ())])
        told = [deciding.tried(each.number, lambda each=each: _reject(house, each, options.because)) for each in wanted]  # type: ignore[misc]
    return deciding.report(options, told)


def _alike(house: House, named: Sequence[Named]) -> Iterator[Named]:
    numbers = {each.number for each in named}
    for flood in house.truth.waiting.floods():
        if numbers & set(flood.ids):
            yield from (Named(number, "") for number in flood.ids)


def _reject(house: House, wanted: Named, because: str) -> Kept:
    kept = deciding.held(house, wanted, REJECTABLE)
    return house.gate.reject(kept.id, kept.hash, deciding.owner(), deciding.VIA, because)
