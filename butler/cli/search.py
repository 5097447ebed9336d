"""`butler search`: full text over the mirror, joined with meaning where there is an embedding model."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from butler.cli import opening, output
from butler.cli.meant import seeking
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.cli.seeking import Seeker
    from butler.core.excerpts import Excerpts
    from butler.core.queries import Found
    from butler.core.sources import SourceState
    from butler.settings import Settings

_STALE = timedelta(days=1)
_MARGIN = " " * 12
_BOLD, _DIM, _MATCH = "1", "2", "1;33"
_LONGEST_REF = 1000
_NO_VECTORS = "Only words were looked for, not meaning: there are no vectors yet. `butler do meaning` makes them."


def run(options: argparse.Namespace) -> int:
    """Print what holds all the words, best first; where nothing does, what holds some of them."""
    from butler.core.excerpts import Excerpts
    from butler.core.queries import read_query, worth_showing

    settings = opening.settings(options)
    zone = settings.person().zone
    text = " ".join((_asked(options), *(f"kind:{kind}" for kind in options.kind or ())))
    now = datetime.now(UTC)
    query = read_query(text, now.astimezone(zone).date(), zone)
    with seeking(settings, wanted=not options.words) as seeker, opening.house(settings) as house:
        reads = house.mirror.reads.joined(seeker.near) if seeker else house.mirror.reads
        hits = list(reads.search(text, options.limit))
        stale = list(_stale(house.mirror.sources(), now, zone))
        words_only = _words_only(settings, seeker, wanted=not options.words)
    found = worth_showing(hits)
    if options.json:
        told = {"remarks": words_only} if options.remarks else {}
        output.show_json({"found": [_json(each) for each in found], **told})
    elif found:
        output.show("\n\n".join("\n".join(_lines(each, Excerpts(query), zone)) for each in found))
    sys.stdout.flush()
    for sentence in (*_remarks(found, is_empty=query.is_empty), *words_only, *stale):
        output.say(options, sentence)
    return 0


def _asked(options: argparse.Namespace) -> str:
    """What is looked for, read from standard input for `-`: the page's words are not to stand in the list of processes."""
    if options.text != ["-"]:
        return " ".join(options.text)
    from butler.cli.given import text_of

    return text_of("-", "words")


def _json(found: Found) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "kind": found.kind,
        "title": found.title,
        "when": found.when.isoformat() if found.when else None,
        "who": found.who,
        "place": found.place,
        "excerpt": found.excerpt,
        "whole": found.whole,
        "by": found.by,
    }


def _lines(found: Found, excerpts: Excerpts, zone: ZoneInfo) -> Iterator[str]:
    """A hit for reading: when, what, its title; of whom and where; its words; how it is named."""
    head = f"{_when(found, zone)}  {output.painted(_DIM, f'{found.kind:<8}')}"
    yield f"{head}  {_painted(one_line(found.title, 120) or '(no title)', excerpts, _BOLD)}"
    around = " · ".join(one_line(each, 80) for each in (_by(found), _time(found, zone), found.who, found.place) if each)
    if around:
        yield f"{_MARGIN}{around}"
    if excerpt := one_line(found.excerpt):
        yield from (_painted(line, excerpts) for line in output.hanging(_MARGIN, excerpt))
    yield f"{_MARGIN}{output.painted(_DIM, one_line(found.ref, _LONGEST_REF))}"


def _painted(line: str, excerpts: Excerpts, code: str = "") -> str:
    """A harmless line with what matches emphasised, where there are colours."""
    if not output.colour():
        return line
    pieces = ((_MATCH if piece.is_match else code, piece.text) for piece in excerpts.marked(line))
    return "".join(output.painted(style, text) if style else text for style, text in pieces)


def _by(found: Found) -> str:
    """How it was found, where it does not hold the words."""
    return "by meaning" if found.by == "meaning" else ""


def _when(found: Found, zone: ZoneInfo) -> str:
    return f"{found.when.astimezone(zone):%Y-%m-%d}" if found.when else " " * 10


def _time(found: Found, zone: ZoneInfo) -> str:
    """When an event begins; none where it is a whole day."""
    at = found.when.astimezone(zone) if found.when and found.kind == "event" else None
    return f"{at:%H:%M}" if at and (at.hour, at.minute) != (0, 0) else ""


def _words_only(settings: Settings, seeker: Seeker | None, *, wanted: bool) -> list[str]:
    """Why only words were looked for where meaning was wanted and there is a model for it."""
    if seeker is None:
        return [_NO_VECTORS] if wanted and settings.embed_host() else []
    return [seeker.remark] if seeker.remark else []


def _remarks(found: Sequence[Found], *, is_empty: bool) -> Iterator[str]:
    if is_empty:
        yield "Nothing was asked for. Name a word, such as `butler search invoice`; `butler search --help` has more."
    elif not found:
        yield "Nothing in the mirror holds all of these words. `butler sync` brings it up to date."
    elif not any(each.whole for each in found):
        means = any(each.by == "meaning" for each in found)
        holds = any(each.by == "words" for each in found)
        what = " or ".join((*(["holds some of them"] if holds else []), *(["means the like"] if means else [])))
        yield f"Nothing in the mirror holds all of these words. This {what}."


def _stale(states: Sequence[SourceState], now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """Say which sources were not read for a day."""
    old = [each for each in states if each.as_of is None or now - each.as_of > _STALE]
    if old:
        read = min((each.as_of for each in old if each.as_of), default=None)
        since = f" since {read.astimezone(zone):%Y-%m-%d %H:%M}" if read else ""
        names = ", ".join(one_line(each.name, 40) for each in old[:6]) + (", …" if len(old) > 6 else "")
        were = "was" if len(old) == 1 else "were"
        yield f"The mirror is old: {names} {were} not read{since}. `butler sync` brings it up to date."
