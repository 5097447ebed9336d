"""What a model costs as its owner says: watts, the price of a kilowatt-hour, and what others take for the same tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_LEAST = 0.0001
_MILLION = 1_000_000
_SECONDS_A_KWH = 3_600_000
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Tariff:
    """What the owner gave, None where nothing: watts while the model is asked and while it idles, and prices.

    `price_kwh` is that of a kilowatt-hour, `price_in` and `price_out` those of a million tokens elsewhere; all in `currency`.
    """

    watts: float | None = None
    idle_watts: float | None = None
    price_kwh: float | None = None
    price_in: float | None = None
    price_out: float | None = None
    currency: str = ""

    def watt_hours(self, seconds: float) -> float | None:
        """The energy of so many seconds of asking, above what the machine draws anyway; None without watts."""
        return None if self.watts is None else (self.watts - (self.idle_watts or 0.0)) * seconds * 1000 / _SECONDS_A_KWH

    def electricity(self, seconds: float) -> float | None:
        """What that energy costs; None where watts or its price are not given."""
        energy = self.watt_hours(seconds)
        return None if energy is None or self.price_kwh is None else energy / 1000 * self.price_kwh

    def elsewhere(self, tokens_in: int, tokens_out: int) -> float | None:
        """What the same tokens would have cost at the prices given; None where none is."""
        if self.price_in is None and self.price_out is None:
            return None
        return (tokens_in * (self.price_in or 0.0) + tokens_out * (self.price_out or 0.0)) / _MILLION

    def sentences(self, tokens_in: int, tokens_out: int, seconds: float) -> Iterator[str]:
        """What some tokens and seconds come to, as sentences; none for what is not given."""
        energy, paid = self.watt_hours(seconds), self.electricity(seconds)
        if energy is not None:
            above = f" above the {self.idle_watts:g} W that it draws anyway" if self.idle_watts else ""
            cost = "" if paid is None else f", {self.money(paid)} at {self.money(self.price_kwh)} a kWh"
            yield f"About {energy:,.1f} Wh, at {self.watts:g} W while it was asked{above}{cost}."
        price = self.elsewhere(tokens_in, tokens_out)
        if price is not None:
            rates = f"{self.money(self.price_in)} in and {self.money(self.price_out)} out"
            yield f"At {rates} for a million tokens, the same tokens would have cost {self.money(price)}."

    def money(self, amount: float | None) -> str:
        """An amount with its currency, small ones with as many digits as they need."""
        found = amount or 0.0
        if 0 < abs(found) < _LEAST:
            return f"less than {_LEAST} {self.currency}".rstrip()
        digits = 2 if found == 0 or abs(found) >= 0.1 else 4
        return f"{found:,.{digits}f} {self.currency}".rstrip()


def bar(value: float, most: float, cells: int = 20) -> str:
    """A bar of at most so many cells, in eighths; something that is not nothing has at least one of them."""
    eighths = 0 if most <= 0 or value <= 0 else max(1, round(value / most * cells * 8))
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
