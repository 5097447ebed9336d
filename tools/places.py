"""Names the collections of an account of calendars or address books, for references that are short and last."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from butler.core.errors import SourceError

_MACHINE_MADE = re.compile(r"(?i)^[0-9a-f-]{16,}$|^\d+$|^[a-z0-9_-]*\d[a-z0-9_-]{23,}$")


@dataclass(frozen=True, slots=True)
class Seen:
    """A collection as found: `segment` is its folder or the last part of its path, `title` its display name or empty."""

    segment: str
    title: str = ""


def slug(text: str) -> str:
    """Make a name of small letters, digits and dashes; letters of all scripts stay."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^\w]+|_", "-", plain).strip("-")


def places(account: str, collections: Sequence[Seen], noun: str) -> list[str]:
    """Name the collections of an account that has several; those that would share a name get a part of their path's hash."""
    slugs = [_best(each, slug(noun)) for each in collections]
    return [
        f"{account}.{name}" if slugs.count(name) == 1 else f"{account}.{name}-{_short_hash(each.segment)}"
        for name, each in zip(slugs, collections, strict=True)
    ]


def _best(seen: Seen, otherwise: str) -> str:
    machine_made = _MACHINE_MADE.match(seen.segment)
    return (slug(seen.title) if machine_made else "") or slug(seen.segment) or slug(seen.title) or otherwise


def _short_hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:4]


def chosen(account: str, wanted: Sequence[str], collections: Sequence[Seen], noun: str) -> list[int]:
    """Find the positions of the wanted collections, all if none is named; raises SourceError naming those not found."""
    if not wanted:
        return list(range(len(collections)))
    names = [{slug(each.segment), slug(each.title)} - {""} for each in collections]
    missing = [name for name in wanted if not any(slug(name) in each for each in names)]
    if missing:
        there = ", ".join(each.title or each.segment for each in collections) or "none"
        raise SourceError(
            f"The {noun} account {account!r} has no {noun} named {', '.join(missing)}.",
            permanent=True,
            advice=f"It has: {there}.",
        )
    asked = {slug(name) for name in wanted}
    return [position for position, each in enumerate(names) if each & asked]
