"""What every bomb costs the worker that parses it: a table for the documents. `python tests/fuzz/costs.py [WORD]`."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

from parser_bombs import BOMBS, DOCUMENTS

from butler.core.calendar import RawObject
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Frame, Raw, SourceKind
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver

FRAME = Frame("Europe/Berlin", date(2026, 10, 1), date(2027, 12, 1))


def things() -> Iterator[tuple[str, str, SourceKind, Raw]]:
    """Every bomb: what it is, its name, the kind of source that it comes from, and as it comes."""
    for name, content in BOMBS["mail"].items():
        yield "mail", name, "mail", RawMail("k", frozenset(), 0, len(content), whole=content)
    for name, content in BOMBS["calendar"].items():
        yield "calendar", name, "calendar", RawObject("k", "v", content)
    for name, content in BOMBS["notes"].items():
        yield "note", name, "notes", RawNote("a.md", "v", 0, content)
    for name, content in DOCUMENTS.items():
        yield "document", name, "notes", RawNote(name, "v", 0, content)


def row(forkserver: Forkserver, what: str, name: str, kind: SourceKind, raw: Raw) -> str:
    """One row of the table: what is left of it is set aside when it ended the worker twice."""
    size = len((raw.whole or b"") if isinstance(raw, RawMail) else raw.content)
    tool = {"notes": "tools.files.loaders:TOOL"} if what == "document" else None
    with Parser(forkserver, tool) as parser:  # type: ignore[arg-type]
        parser.parse(kind, [_small(kind)], FRAME)
        worker = parser.worker(kind)
        assert worker
        pid = worker.pid
        before, began = _seconds(pid), time.monotonic()
        (found,) = parser.parse(kind, [raw], FRAME)
        took = time.monotonic() - began
        if found is None:
            return f"| {what} | {name} | {size / 1e6:.2f} | – | – | set aside after {took:.1f} s |"
        problems = getattr(found, "problems", ())
        told = "read" if not problems else f"read: “{problems[0]}”"
        return f"| {what} | {name} | {size / 1e6:.2f} | {_seconds(pid) - before:.2f} | {_peak(pid):.0f} | {told} |"


def _small(kind: SourceKind) -> Raw:
    if kind == "mail":
        return RawMail("k", frozenset(), 0, 1, whole=b"Subject: x\n\n<p>x")
    return RawObject("k", "v", b"") if kind == "calendar" else RawNote("k", "v", 0, b"x")


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    print("| what | bomb | MB | CPU seconds | peak MB | what becomes of it |\n|---|---|---:|---:|---:|---|")
    with Forkserver() as forkserver:
        for what, name, kind, raw in things():
            if not words or any(word in f"{what} {name}" for word in words):
                print(row(forkserver, what, name, kind, raw), flush=True)


if __name__ == "__main__":
    main()
