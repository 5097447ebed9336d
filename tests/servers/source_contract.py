"""What every source must keep, whatever it speaks: subclass it with a way to change what the source reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import pytest

from butler.core.mail import RawMail
from butler.core.sources import Batch, Collection, Raw, Source


class World(Protocol):
    """What a source reads, and a way to change it; `key` tells under which key the source shows a name."""

    source: Source[Raw]

    def put(self, name: str, text: str) -> None: ...

    def remove(self, name: str) -> None: ...

    def key(self, name: str) -> str: ...


def only(source: Source[Raw]) -> Collection:
    (collection,) = source.collections()
    return collection


def version_of(raw: Raw) -> str:
    return " ".join(sorted(raw.flags)) if isinstance(raw, RawMail) else raw.version


def take(known: dict[str, str], batch: Batch[Raw]) -> None:
    """Store a batch the way the mirror does."""
    if batch.reset:
        known.clear()
    for key in batch.removed:
        known.pop(key, None)
    known.update({raw.key: version_of(raw) for raw in batch.added})
    known.update({key: " ".join(sorted(flags)) for key, flags in (batch.flags or {}).items()})


def read(source: Source[Raw], known: dict[str, str], cursor: str | None) -> tuple[list[Raw], str | None]:
    """Read to the end; what was added, and the cursor after it."""
    added: list[Raw] = []
    collection = only(source)
    before: Mapping[str, str] = dict(known)
    for batch in source.changes(collection, cursor, lambda: before):
        assert batch.collection == collection.name
        take(known, batch)
        added.extend(batch.added)
        cursor = batch.cursor
    return added, cursor


class SourceContract:
    """The suite; `world` is a fixture of the subclass with an empty world in it."""

    @pytest.fixture
    def filled(self, world: World) -> Iterator[World]:
        for name in ("one", "two", "three", "four", "five"):
            world.put(name, f"This is {name}.")
        yield world
        world.source.close()

    def test_everything_is_read_once_at_first(self, filled: World) -> None:
        added, _ = read(filled.source, {}, None)
        assert sorted(raw.key for raw in added) == sorted(filled.key(name) for name in ("one", "two", "three", "four", "five"))

    def test_nothing_is_read_again_when_nothing_changed(self, filled: World) -> None:
        known: dict[str, str] = {}
        _, cursor = read(filled.source, known, None)
        before = dict(known)
        assert only(filled.source).token == only(filled.source).token != ""
        assert read(filled.source, known, cursor)[0] == []
        assert known == before

    def test_the_token_tells_of_every_change(self, filled: World) -> None:
        tokens = [only(filled.source).token]
        filled.put("six", "More.")
        tokens.append(only(filled.source).token)
        filled.put("six", "More of it.")
        tokens.append(only(filled.source).token)
        filled.remove("six")
        tokens.append(only(filled.source).token)
        assert len(set(tokens[:3])) == 3
        assert tokens[3] != tokens[2]

    def test_only_what_changed_is_read(self, filled: World) -> None:
        known: dict[str, str] = {}
        _, cursor = read(filled.source, known, None)
        filled.put("six", "More.")
        filled.remove("one")
        added, cursor = read(filled.source, known, cursor)
        assert [raw.key for raw in added] == [filled.key("six")]
        assert sorted(known) == sorted(filled.key(name) for name in ("two", "three", "four", "five", "six"))

    def test_a_reading_broken_off_after_any_batch_goes_on_without_loss(self, filled: World) -> None:
        collection = only(filled.source)
        for stop in range(1, 8):
            known: dict[str, str] = {}
            cursor: str | None = None
            for number, batch in enumerate(filled.source.changes(collection, None, dict), 1):
                take(known, batch)
                cursor = batch.cursor
                if number == stop:
                    break
            read(filled.source, known, cursor)
            assert len(known) == 5

    def test_closing_twice_harms_nothing(self, filled: World) -> None:
        filled.source.close()
        filled.source.close()
