"""Vectors by which things are found by their meaning: a file of their signs, one of their numbers, and what they stand for.

Bytes are on the disk before the rows that count them are; what is beyond those is nothing. All of it can be built again.
NumPy is loaded only where vectors are kept or compared.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.core.errors import BusyError, ModelError, StateError, extra
from butler.core.passages import hash_of, passages_of
from butler.store.database import DamagedError, Database, SchemaError, open_database, os_told
from butler.store.sql import statements

if TYPE_CHECKING:
    from butler.store.mirror import Mirror
    from butler.store.search import Near

FOLDER = "meaning"
_FILE = "meaning.db"
_PRAGMAS = ("synchronous = FULL", "secure_delete = ON", "trusted_schema = OFF")
_NEAREST = 400
"""So many are compared number by number."""
_FEW = 5_000
"""The vectors of so few things are all looked at, where only these are asked for."""
_MOST_DIMS = 8_192
WASTE = 0.1
"""Above this share of vectors that stand for nothing any more, the files are written anew."""
_SCALE = 127.0
_LEAST_ALIKE, _OF_BEST = 0.15, 0.75
"""What is less alike (the cosine), or so much less than the nearest, says nothing."""
_NO_NUMPY = "Search by meaning needs NumPy."


def is_there(state: Path) -> bool:
    """Whether there are vectors at all, without opening anything."""
    return (state / FOLDER / _FILE).is_file()


class Meaning:
    """The vectors of one state folder; made by `open_meaning`, to be closed."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self._sql = statements("meaning")

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    @property
    def digest(self) -> str:
        """The model that the vectors are of; empty where there are none."""
        return str(self._database.value(self._sql["model"]) or "")

    @contextmanager
    def building(self) -> Iterator[None]:
        """Build alone; raises BusyError where another process does."""
        path = self._folder / "building.lock"
        with os_told(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise BusyError("Vectors are being made already.", advice="Wait until that is done.") from None
            yield
        finally:
            os.close(descriptor)

    def forget(self) -> None:
        """Forget all vectors: they are of another model than the one that is asked now."""
        with self._database.transaction():
            self._database.run(self._sql["forget_vectors"])

    def go_through(self, mirror: Mirror, waste: float = WASTE) -> int:
        """Note all passages of a mirror, drop vectors that stand for nothing; returns how many passages have no vector yet.

        Up to a share of all, such vectors stay in the files until the next time (`waste`); none of them is ever looked at.
        """
        with self._database.transaction():
            self._database.run(self._sql["forget_passages"])
            self._database.many(
                self._sql["add_passage"],
                (
                    (thing, piece, hash_of(passage))
                    for thing, title, text in mirror.texts()
                    for piece, passage in enumerate(passages_of(thing, title, text))
                ),
            )
        self._tidy(waste)
        return self.missing_count

    def retry(self, digest: str) -> None:
        """Forget what other models than this one refused, and what is gone."""
        with self._database.transaction():
            self._database.run(self._sql["forget_refused"], (digest,))

    @property
    def missing_count(self) -> int:
        """How many passages have no vector and may get one."""
        return int(self._database.value(self._sql["missing_count"]))

    @property
    def refused_count(self) -> int:
        """How many passages the model made no vector of."""
        return int(self._database.value(self._sql["refused_count"]))

    def refuse(self, digest: str, key: bytes) -> None:
        """Note that a model makes no vector of a passage, so that it is not asked for that again."""
        with self._database.transaction():
            self._database.run(self._sql["refuse"], (key, digest))

    def missing(self, mirror: Mirror, limit: int) -> dict[bytes, str]:
        """Some passages that may get a vector by their hashes, the latest first; what has changed since is left out."""
        rows = self._database.rows(self._sql["missing"], (limit,))
        found: dict[bytes, str] = {}
        for thing, title, text in mirror.texts_of([row[0] for row in rows]):
            wanted = {key for number, _, key in rows if number == thing}
            found |= {key: each for each in passages_of(thing, title, text) if (key := hash_of(each)) in wanted}
        return found

    def keep(self, digest: str, vectors: dict[bytes, bytes]) -> None:
        """Keep vectors (32-bit floats) of passages by their hashes; those of another model are forgotten.

        Raises ModelError for what is no vector, or not as long as the others.
        """
        numpy = numeric()
        made = {key: checked(vector) for key, vector in vectors.items()}
        dims = {len(vector) for vector in made.values()}
        known, most, generation = self._database.row(self._sql["model"]) or ("", 0, 0)
        is_new = known != digest
        if len(dims) != 1 or (not is_new and dims != {most}):
            raise ModelError("The embedding model answered with vectors of different lengths; none was kept.")
        generation += is_new
        (size,) = dims
        first = 0 if is_new else int(self._database.value(self._sql["vectors"]))
        table = numpy.array(list(made.values()), dtype=numpy.float32)
        table /= numpy.linalg.norm(table, axis=1, keepdims=True)
        self._write(generation, "bits", first * (size // 8), numpy.packbits(table > 0, axis=1).tobytes())
        scaled = numpy.rint(table / numpy.abs(table).max(axis=1, keepdims=True) * _SCALE).astype(numpy.int8)
        self._write(generation, "numbers", first * size, scaled.tobytes())
        with self._database.transaction():
            if is_new:
                self._database.run(self._sql["forget_vectors"])
                self._database.run(self._sql["set_model"], (digest, size, generation))
            self._database.many(self._sql["add_vector"], [(first + at, key) for at, key in enumerate(made)])
        if is_new:
            self._drop_others(generation)

    def nearest(self, digest: str, vector: bytes, allowed: Collection[int] | None, limit: int) -> list[tuple[int, bytes]]:
        """The things nearest to a vector of the same model, each with the hash of its nearest passage; `allowed` None: all.

        Nothing where the vectors are of another model, or damaged.
        """
        known, dims, generation = self._database.row(self._sql["model"]) or ("", 0, 0)
        asked = checked(vector)
        if not known or known != digest or len(asked) != dims:
            return []
        numpy, count = numeric(), int(self._database.value(self._sql["vectors"]))
        bits, numbers = self._mapped(generation, "bits", count, dims // 8), self._mapped(generation, "numbers", count, dims)
        if bits is None or numbers is None:
            return []
        unit = numpy.array(asked, dtype=numpy.float32)
        unit /= numpy.linalg.norm(unit)
        near = self._standing(_distances(numpy, bits, numpy.packbits(unit > 0)), allowed)
        if not len(near):
            return []
        compared = numbers[near[:, 0]].astype(numpy.float32)
        alike = compared @ unit / numpy.maximum(numpy.linalg.norm(compared, axis=1), 1.0)
        least = max(_LEAST_ALIKE, _OF_BEST * float(alike.max()))
        found: dict[int, bytes] = {}
        for at in numpy.argsort(-alike, kind="stable"):
            if len(found) == limit or alike[at] < least:
                break
            place, thing = map(int, near[at])
            if thing not in found:
                found[thing] = self._database.value(self._sql["hash_at"], (place,))
        return list(found.items())

    def _standing(self, distances: Any, allowed: Collection[int] | None) -> Any:
        """Places of the nearest vectors, each with a thing that it stands for.

        Where only some things are allowed, their vectors are looked at if those are few, else so many of the nearest of all
        that enough of them should be allowed, and more as long as they are not.
        """
        numpy, count = numeric(), len(distances)
        if allowed is None:
            return self._placed("standing_of", _nearest(numpy, distances, _NEAREST))
        wanted = numpy.fromiter(allowed, dtype=numpy.int64, count=len(allowed))
        if len(allowed) <= _FEW:
            standing = self._placed("standing_for", wanted)
        else:
            wide, standing = _NEAREST * (2 + 2 * count // len(allowed)), None
            while standing is None or (len(standing) < _NEAREST and wide < 4 * count):
                near = self._placed("standing_of", _nearest(numpy, distances, wide))
                standing, wide = near[numpy.isin(near[:, 1], wanted)], 4 * wide
        return standing[_nearest(numpy, distances[standing[:, 0]], _NEAREST)]

    def _placed(self, statement: str, numbers: Any) -> Any:
        """Places of vectors, each with a thing that it stands for, of some places or things."""
        rows = self._database.rows(self._sql[statement], (json.dumps(numbers.tolist()),))
        return numeric().array(rows, dtype=numeric().int64).reshape(-1, 2)

    def _mapped(self, generation: int, what: str, count: int, width: int) -> Any:
        """The rows of a file that count; None where it is too short for them."""
        numpy, path = numeric(), self._path(generation, what)
        try:
            if count and path.stat().st_size >= count * width:
                return numpy.memmap(path, dtype=numpy.uint8 if what == "bits" else numpy.int8, mode="r", shape=(count, width))
        except OSError:
            pass
        return None

    def _tidy(self, waste: float) -> None:
        """Forget everything where the files are not whole; leave out vectors that stand for nothing, if many do."""
        known = self._database.row(self._sql["model"])
        if known is None:
            return
        digest, dims, generation = known
        count = int(self._database.value(self._sql["vectors"]))
        bits, numbers = self._mapped(generation, "bits", count, dims // 8), self._mapped(generation, "numbers", count, dims)
        kept = self._database.rows(self._sql["kept"])
        is_whole = not count or (bits is not None and numbers is not None)
        if is_whole and len(kept) >= count * (1 - waste):
            return
        places = [place for place, _ in kept] if is_whole else []
        if places:
            self._write(generation + 1, "bits", 0, bits[places].tobytes())
            self._write(generation + 1, "numbers", 0, numbers[places].tobytes())
        with self._database.transaction():
            self._database.run(self._sql["forget_vectors"])
            self._database.run(self._sql["set_model"], (digest, dims, generation + 1))
            self._database.many(self._sql["add_vector"], [(at, kept[at][1]) for at in range(len(places))])
        self._drop_others(generation + 1)

    def _write(self, generation: int, what: str, start: int, content: bytes) -> None:
        """Write bytes from a place on, and have them on the disk."""
        path = self._path(generation, what)
        with os_told(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                file.truncate(start)
                file.seek(start)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())

    def _drop_others(self, generation: int) -> None:
        for path in self._folder.glob("*.vectors"):
            if path not in (self._path(generation, "bits"), self._path(generation, "numbers")):
                with suppress(FileNotFoundError):
                    path.unlink()

    def _path(self, generation: int, what: str) -> Path:
        return self._folder / f"{what}-{generation}.vectors"


def open_meaning(state: Path) -> Meaning:
    """Open the vectors of a state folder; a damaged database, or one of another version, is begun anew."""
    folder = state / FOLDER
    with os_told(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / _FILE
    try:
        return Meaning(folder, open_database(path, "meaning", _PRAGMAS))
    except (DamagedError, SchemaError):
        for each in (path, folder / f"{_FILE}-wal", folder / f"{_FILE}-shm"):
            with os_told(each), suppress(FileNotFoundError):
                each.unlink()
        return Meaning(folder, open_database(path, "meaning", _PRAGMAS))


def nearest_in(meaning: Meaning, digest: str, vector: bytes) -> Near:
    """What a search asks for the things that are nearest to a vector; raises ModelError where that is none."""
    checked(vector)
    return lambda allowed, limit: meaning.nearest(digest, vector, allowed, limit)


def numeric() -> Any:
    """NumPy; raises StateError where it is not installed."""
    try:
        import numpy
    except ImportError:
        raise StateError(_NO_NUMPY, advice=extra("meaning")) from None
    return numpy


def checked(vector: bytes) -> tuple[float, ...]:
    """The numbers of a vector; raises ModelError where it is none."""
    size = len(vector) // 4
    if len(vector) % 4 or not size or size % 8 or size > _MOST_DIMS:
        raise ModelError("The embedding model answered with what is no vector.")
    numbers = struct.unpack(f"<{size}f", vector)
    length = math.fsum(each * each for each in numbers if math.isfinite(each))
    if not all(map(math.isfinite, numbers)) or not 1e-12 < length < 1e12:
        raise ModelError("The embedding model answered with numbers that are none.")
    return numbers


def _nearest(numpy: Any, distances: Any, most: int) -> Any:
    """Which of some distances are the least, in no order."""
    few = min(most, len(distances))
    return numpy.argpartition(distances, few - 1)[:few] if few else numpy.empty(0, dtype=numpy.int64)


def _distances(numpy: Any, bits: Any, asked: Any) -> Any:
    """In how many signs each row differs, with 64 of them at a time where they come out even."""
    if bits.shape[1] % 8 == 0:
        bits, asked = bits.view(numpy.uint64), asked.view(numpy.uint64)
    return numpy.bitwise_count(bits ^ asked).sum(axis=1, dtype=numpy.int32)
