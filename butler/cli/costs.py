"""`butler runs --cost`: what the model cost, by day, workflow, model or step."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import opening, output
from butler.cli.proving import since_of
from butler.core.costs import Tariff, bar
from butler.core.errors import UsageError
from butler.core.localtime import day_start
from butler.core.text import one_line
from butler.store.spending import Cost, Share

if TYPE_CHECKING:
    from butler.settings import Settings

_MOST_DAYS = 3_660
_CHECKS = "(checks of the model)"
_WIDEST = 32


@dataclass(frozen=True, slots=True)
class Costs:
    """What was found: rows by name, all of it, the askings without a count, and the tokens that known answers spared."""

    rows: Sequence[tuple[str, Cost]]
    total: Cost
    uncounted: int
    spared: tuple[int, int]


def show_costs(options: argparse.Namespace, settings: Settings) -> int:
    """Print what the model cost."""
    if not options.cost or options.show:
        raise UsageError("--since and --by are about what all runs cost.", advice="Say it like `butler runs --cost --by step`.")
    zone = settings.person().zone
    now = datetime.now(zone)
    since, when = _since(options.since or "30d", now)
    by = options.by or "day"
    with opening.truth(settings) as truth:
        spans = _days(since, now, zone)
        shares = truth.spending.by_part(spans)
        spared = truth.spending.spared(since)
    total = sum((share.cost for share in shares), Cost())
    found = Costs(summed(shares, by, [start for start, _ in spans]), total, sum(share.uncounted for share in shares), spared)
    tariff = settings.model.tariff()
    if options.json:
        output.show_json({"since": since.isoformat(), "until": now.isoformat(), "by": by, **_document(found, tariff)})
    else:
        output.show("\n".join(lines(found, tariff, f"{when}, by {by}")))
    return 0


def _since(text: str, now: datetime) -> tuple[datetime, str]:
    try:
        since, when = since_of(text, now)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is neither a day nor a span.", advice="Write it like monday, yesterday, 2026-11-20, 12h or 7d."
        ) from None
    return max(since, now - timedelta(days=_MOST_DAYS)), when


def _days(since: datetime, now: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The days since a moment, the first of them from that moment on; all in the owner's zone."""
    count = (now.date() - since.date()).days
    dates = (since.date() + timedelta(days=back) for back in range(1, count + 1))
    starts = [day_start(each, zone).astimezone(zone) for each in dates]
    return list(pairwise([since, *starts, now + timedelta(seconds=1)])) if since <= now else []


def summed(shares: Sequence[Share], by: str, days: Sequence[datetime]) -> list[tuple[str, Cost]]:
    """Sum up by one thing: days in their order, anything else with what cost most first."""
    sums: dict[str, Cost] = {}
    for share in shares:
        names = {"day": f"{days[share.span]:%Y-%m-%d}", "model": share.model, "step": share.step}
        name = names.get(by, share.workflow.partition(".")[0] or _CHECKS) or "(none)"
        sums[name] = sums.get(name, Cost()) + share.cost
    return sorted(sums.items()) if by == "day" else sorted(sums.items(), key=lambda pair: (-pair[1].tokens, pair[0]))


def lines(found: Costs, tariff: Tariff, head: str) -> Iterator[str]:
    """The whole page."""
    if not (found.total.calls or found.total.cached):
        yield f"{head}: the model was asked nothing."
        return
    width = min(_WIDEST, max(len("in all"), *(len(one_line(name, _WIDEST)) for name, _ in found.rows)))
    most = max(cost.tokens for _, cost in found.rows)
    yield f"{head}:"
    yield f"{'':{width}}  {'askings':>8} {'known':>7} {'tokens in':>11} {'out':>9} {'seconds':>9}{_head(tariff)}"
    for name, cost in found.rows:
        yield f"{_row(name, cost, tariff, width)}  {bar(cost.tokens, most)}".rstrip()
    yield _row("in all", found.total, tariff, width)
    yield ""
    yield from tariff.sentences(found.total.tokens_in, found.total.tokens_out, found.total.seconds)
    if found.total.cached:
        spared, answered = found.spared
        count = f"{found.total.cached:,} {'answer was' if found.total.cached == 1 else 'answers were'}"
        yield f"{count} known before and cost nothing; asked again, that would be {spared:,} tokens in and {answered:,} out."
    if found.uncounted:
        count = f"{found.uncounted:,} {'asking has' if found.uncounted == 1 else 'askings have'}"
        yield f"{count} no count of tokens: the server gave none, or no answer came. The sums are at least so much."
    if tariff == Tariff():
        yield "Set model.watts, model.price_kwh, model.price_in and model.price_out to be told watt-hours and prices, too."


def _head(tariff: Tariff) -> str:
    return f" {'Wh':>8}" if tariff.watts is not None else ""


def _row(name: str, cost: Cost, tariff: Tariff, width: int) -> str:
    energy = tariff.watt_hours(cost.seconds)
    told = "" if energy is None else f" {energy:>8,.1f}"
    figures = f"{cost.calls:>8,} {cost.cached:>7,} {cost.tokens_in:>11,} {cost.tokens_out:>9,} {cost.seconds:>9,.1f}"
    return f"{one_line(name, _WIDEST):{width}}  {figures}{told}"


def _document(found: Costs, tariff: Tariff) -> dict[str, Any]:
    asked, answered = found.spared
    return {
        "rows": [{"name": name, **_figures(cost, tariff)} for name, cost in found.rows],
        "total": {
            **_figures(found.total, tariff),
            "uncounted": found.uncounted,
            "spared": {"tokens_in": asked, "tokens_out": answered},
        },
        "currency": tariff.currency or None,
    }


def _figures(cost: Cost, tariff: Tariff) -> dict[str, Any]:
    return {
        "calls": cost.calls,
        "cached": cost.cached,
        "tokens_in": cost.tokens_in,
        "tokens_out": cost.tokens_out,
        "seconds": round(cost.seconds, 3),
        "watt_hours": _rounded(tariff.watt_hours(cost.seconds)),
        "electricity": _rounded(tariff.electricity(cost.seconds)),
        "elsewhere": _rounded(tariff.elsewhere(cost.tokens_in, cost.tokens_out)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
