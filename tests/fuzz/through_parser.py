"""Mutated mails, events, cards and notes through the real parser and its workers: whatever comes of it, the parser goes on."""

from __future__ import annotations

import os
import random
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memory_source import raw_mail
from parser_bombs import BOMBS

from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Frame, Raw, SourceKind
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver, Limits

SERVERS = Path(__file__).resolve().parent.parent / "servers"
CORPUS = Path(__file__).resolve().parent / "corpus"
_KINDS: dict[SourceKind, Callable[[int, bytes], Raw]] = {
    "mail": lambda number, content: RawMail(str(number), frozenset(), 0, len(content), whole=content),
    "calendar": lambda number, content: RawObject(str(number), "v", content),
    "contacts": lambda number, content: RawCards(str(number), "v", content),
    "notes": lambda number, content: RawNote(f"{number}.md", "v", 0, content),
}
_BATCH = 40
_LARGEST = 200_000
_BOMB_EVERY = 2_000
_DEED_EVERY = 40
_DEEDS_AT_ONCE = 4
_QUICK = Limits(cpu=2)
_DEEDS = ("exit", "spin", "eat", "recurse", "surrogate", "swallow")
"""What the tool of the tests does when it is told to."""


@dataclass
class Fed:
    """How it went: things parsed and set aside, workers that died, and what made the parser itself fail, as files."""

    things: int = 0
    aside: int = 0
    died: int = 0
    finds: list[Path] = field(default_factory=list)
    megabytes: tuple[float, float] = (0.0, 0.0)
    descriptors: tuple[int, int] = (0, 0)

    @property
    def told(self) -> str:
        """All of it in a sentence or two."""
        return (
            f"{self.things:,} mutated things were given to the parser: {self.died:,} workers died, {self.aside:,}"
            f" things were set aside, and the parser itself failed {len(self.finds)} times. It had {self.megabytes[0]:.0f} MB"
            f" and {self.descriptors[0]} open files at the start, {self.megabytes[1]:.0f} MB and {self.descriptors[1]} at the"
            " end."
        )


def feed(seconds: float, finds: Path, seed: int = 0) -> Fed:
    """Feed the parser for so long; one of several batches goes to a tool that obeys orders to misbehave."""
    chance = random.Random(seed)
    fed = Fed()
    seeds = {kind: [file.read_bytes() for file in sorted((CORPUS / kind).iterdir())] for kind in _KINDS}
    ends = time.monotonic() + seconds
    with (
        Forkserver(folders=(str(SERVERS),)) as forkserver,
        Parser(forkserver, limits=_QUICK) as parser,
        Parser(forkserver, {"mail": "hostile_tool:TOOL"}, Limits(cpu=1)) as hostile,
    ):
        _give(parser, "mail", _raws("mail", [b"Subject: warm\n\n"]), fed, finds)
        _give(hostile, "mail", [_deed(chance)], fed, finds)
        fed.megabytes, fed.descriptors = (_megabytes(), 0.0), (_open(), 0)
        while time.monotonic() < ends:
            kind = chance.choice(["mail", "mail", *_KINDS])
            batch = [_mutated(chance, kind, seeds[kind]) for _ in range(_BATCH)]
            _give(parser, kind, _raws(kind, batch), fed, finds)
            _give(hostile, "mail", [_deed(chance) for _ in range(_DEEDS_AT_ONCE)], fed, finds)
        fed.megabytes, fed.descriptors = (fed.megabytes[0], _megabytes()), (fed.descriptors[0], _open())
    return fed


def _raws(kind: SourceKind, contents: Sequence[bytes]) -> list[Raw]:
    return [_KINDS[kind](number, each) for number, each in enumerate(contents)]


def _give(parser: Parser, kind: SourceKind, raws: Sequence[Raw], fed: Fed, finds: Path) -> None:
    worker = parser.worker(kind)
    before = worker.pid if worker else 0
    try:
        given = parser.parse(kind, raws, Frame())
        assert len(given) == len(raws)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        finds.mkdir(parents=True, exist_ok=True)
        find = finds / f"parser-{kind}-{fed.things}"
        find.write_text("\n".join(map(repr, raws)))
        find.with_name(f"{find.name}.txt").write_text(traceback.format_exc())
        fed.finds.append(find)
        return
    worker = parser.worker(kind)
    fed.things += len(raws)
    fed.aside += given.count(None)
    fed.died += before not in (0, worker.pid if worker else -1)


def _mutated(chance: random.Random, kind: SourceKind, seeds: Sequence[bytes]) -> bytes:
    """A seed with some bytes changed, pieces taken out, put in from another, or repeated very often; seldom a bomb."""
    if not chance.randrange(_BOMB_EVERY):
        return chance.choice(list(BOMBS[kind].values()))()
    content = bytearray(chance.choice(seeds))
    for _ in range(chance.randrange(1, 8)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.randrange(1, 60))
        match chance.randrange(5):
            case 0 if content:
                content[min(start, len(content) - 1)] = chance.randrange(256)
            case 1:
                del content[start:end]
            case 2:
                content[start:start] = content[start:end] * chance.choice([1, 2, 10, 1_000, 20_000])
            case 3:
                other = chance.choice(seeds)
                cut = chance.randrange(len(other) + 1)
                content[start:end] = other[cut : cut + chance.randrange(1, 400)]
            case _:
                content[start:start] = chance.randbytes(chance.randrange(1, 10))
        del content[_LARGEST:]
    return bytes(content)


def _deed(chance: random.Random) -> Raw:
    number = str(chance.randrange(1 << 30))
    return raw_mail(number, f"m{number}@x", chance.choice(_DEEDS) if not chance.randrange(_DEED_EVERY) else "calm", "Text")


def _megabytes() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


def _open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
