"""What every bomb costs the worker that parses it, as a table for the documents.

`python tests/fuzz/costs.py [--also FOLDER] [WORD …]`: only those with a word in their names; modules are looked for in the
folder, too.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

from parser_bombs import THINGS, Thing

from butler.core.calendar import RawObject
from butler.core.contacts import RawCards
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Frame, Raw
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver

FRAME = Frame("Europe/Berlin", date(2026, 10, 1), date(2027, 12, 1))


def row(forkserver: Forkserver, thing: Thing) -> str:
    """One row of the table: where nothing is left of the worker, the thing is set aside."""
    raw = thing.raw()
    size = len((raw.whole or b"") if isinstance(raw, RawMail) else raw.content) / 1e6
    what = "document" if thing.found else thing.kind
    with Parser(forkserver, thing.found) as parser:
        parser.parse(thing.kind, [_small(thing)], FRAME)
        worker = parser.worker(thing.kind)
        assert worker
        pid = worker.pid
        before, began = _seconds(pid), time.monotonic()
        (found,) = parser.parse(thing.kind, [raw], FRAME)
        took = time.monotonic() - began
        if found is None:
            return f"| {what} | {thing.name} | {size:.2f} | – | – | set aside after {took:.1f} s, two workers |"
        told = "; ".join(found.problems) or "read"
        return f"| {what} | {thing.name} | {size:.2f} | {_seconds(pid) - before:.2f} | {_peak(pid):.0f} | {told[:100]} |"


def _small(thing: Thing) -> Raw:
    """Something harmless, for which all is loaded that is needed."""
    if thing.kind == "mail":
        return RawMail("k", frozenset(), 0, 1, whole=b"Content-Type: text/html\n\n<p>x")
    if thing.kind == "contacts":
        return RawCards("k", "v", b"")
    return RawObject("k", "v", b"") if thing.kind == "calendar" else RawNote("k", "v", 0, b"x")


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def main() -> None:
    """Print the table."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--also", action="append", default=[])
    reader.add_argument("words", nargs="*")
    options = reader.parse_args()
    print("| what | bomb | MB | CPU seconds | peak MB | what becomes of it |\n|---|---|---:|---:|---:|---|")
    with Forkserver(folders=options.also) as forkserver:
        for thing in THINGS:
            if not options.words or any(word in thing.name for word in options.words):
                print(row(forkserver, thing), flush=True)


if __name__ == "__main__":
    main()
