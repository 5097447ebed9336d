"""Amounts as pages write them: how long something took, how many there are, how large it is. Pure."""

from __future__ import annotations

_SIZES = ("bytes", "kB", "MB", "GB", "TB")


def lasting(seconds: float) -> str:
    """Write how long something took, as exactly as it matters: `0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{grouped(hours)} h {minutes} min" if minutes else f"{grouped(hours)} h"


def grouped(number: float) -> str:
    """Write a number with its thousands apart: `1,234,567`."""
    return f"{round(number):,}"


def sized(count: int) -> str:
    """Write a size in bytes: `3.4 MB`."""
    size, place = float(count), 0
    while size >= 999.5 and place < len(_SIZES) - 1:
        size, place = size / 1000, place + 1
    return f"{size:.0f} {_SIZES[place]}" if place == 0 or size >= 99.5 else f"{size:.1f} {_SIZES[place]}"
