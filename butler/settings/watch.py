"""What is watched beside mail: folders that documents come into, and events that are prepared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from butler.core.upcoming import EventWish, Trait
from butler.settings.parts import Part, Place, Words

_TRAITS: Mapping[str, tuple[Trait, ...]] = {"others": ("others",), "place": ("place",), "all": ()}


def _traits(words: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [word for word in words if word not in _TRAITS]
    if wrong or not words:
        raise ValueError(f"must be others, place, both of them, or all, not {', '.join(map(repr, wrong)) or 'nothing'}")
    return words


class WatchPart(Part):
    """A folder that new documents come into."""

    path: Place = Field(description="folder that new documents come into, such as the one of your scanner")
    patterns: Words = Field(
        default=("*.pdf", "*.docx", "*.odt", "*.txt", "*.md", "*.eml"), description="which files are documents"
    )


class MeetingsPart(Part):
    """Which events are prepared."""

    only: Annotated[Words, AfterValidator(_traits)] = Field(
        default=("others",), description="prepare events with others, at a place (place), with either, or all"
    )
    calendars: Words = Field(default=(), description="calendars whose events are prepared; left out: all")

    def wish(self, addresses: frozenset[str]) -> EventWish:
        """The same as the decision needs it."""
        traits = () if "all" in self.only else tuple(trait for word in self.only for trait in _TRAITS[word])
        return EventWish(addresses, traits, self.calendars)
