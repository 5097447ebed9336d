"""Why a reference stands in a briefing, in words, pure: section, rule, step, model and reason of each of its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from butler import wording
from butler.core.briefing import By, Origin
from butler.core.text import one_line

BY: Mapping[By, str] = MappingProxyType(
    {"code": "computed by code", "rules": "found by rules", "model": "judged by the model, its evidence checked"}
)
"""How a line came about, in words."""


def explain(ref: str, origins: Sequence[tuple[dt.date, Origin]]) -> str:
    """Say of each line that rests on a reference, with the day of its briefing, why it stands where it does."""
    if not origins:
        return f"No kept briefing has a line that rests on {one_line(ref, 1000)}.\n"
    return "\n".join("\n".join(_lines(day, origin)) + "\n" for day, origin in origins)


def _lines(day: dt.date, origin: Origin) -> Iterator[str]:
    yield one_line(origin.text)
    yield f"  where   {wording.HEADINGS[origin.section]}, {wording.long_day(day)}"
    yield f"  how     {BY[origin.by]}"
    yield f"  rule    {one_line(origin.rule)}"
    if origin.step:
        yield f"  step    {one_line(origin.step)}"
    if origin.digest:
        yield f"  model   {one_line(origin.digest)}"
    if origin.reason:
        yield f"  reason  {one_line(origin.reason)}"
    yield from (f"  {'from' if not place else '    '}    {one_line(ref, 1000)}" for place, ref in enumerate(origin.refs))
