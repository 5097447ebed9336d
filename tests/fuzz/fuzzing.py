"""`make fuzz`: every target for its share of some minutes, and what was found.

`--only TARGET` takes one or several of them. What is found lies in build/fuzz/finds; put it into tests/fuzz/corpus/TARGET
when it is mended, where the tests try it again for ever.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "servers"))

from fuzz_targets import TARGETS  # noqa: E402

CORPUS = HERE / "corpus"
BUILD = HERE.parents[1] / "build" / "fuzz"
PARSER = "parser"
"""Not a target of atheris: mutated mails, events, cards and notes through the real parser and its workers."""

_MOST_FINDS = 5
_LONGEST_INPUT = 8_192
_ONE_SECONDS = 60
"""By the clock, on a machine that may be busy; `fuzz_one.py` counts seconds of the processor."""

_MEGABYTES = 1_024
_GRACE = 300.0
_RUNS = re.compile(r"^#(\d+)\s.*?cov: (\d+)", re.MULTILINE)
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


@dataclass
class Outcome:
    """What came of a target: how often it ran, how many edges of the code it saw, and the files of what it found."""

    target: str
    runs: int
    edges: int
    seconds: float
    finds: Sequence[Path]


def fuzz(target: str, seconds: float) -> Outcome:
    """Run a target for so long; after a find it goes on, unless there are many."""
    kept, finds = BUILD / target, BUILD / "finds"
    for folder in (kept, finds):
        folder.mkdir(parents=True, exist_ok=True)
    known = set(finds.iterdir())
    runs = edges = 0
    began = time.monotonic()
    while (left := seconds - (time.monotonic() - began)) > 1 and len(found := _new(finds, target, known)) < _MOST_FINDS:
        told = _run(target, left, kept, finds)
        runs += _executed(told)
        edges = max([edges, *(int(cov) for _, cov in _RUNS.findall(told))])
        if len(_new(finds, target, known)) == len(found) and "Done " not in told:
            raise SystemExit(f"{target} neither ran to its end nor found anything:\n{told[-4000:]}")
    return Outcome(target, runs, edges, time.monotonic() - began, _new(finds, target, known))


def _new(finds: Path, target: str, known: set[Path]) -> list[Path]:
    return sorted(each for each in finds.glob(f"{target}-*") if each.suffix != ".txt" and each not in known)


def _run(target: str, seconds: float, kept: Path, finds: Path) -> str:
    """One process of atheris; what it says, which is also put beside what it found."""
    before = {*_new(finds, target, set())}
    options = [
        f"-timeout={_ONE_SECONDS}",
        f"-report_slow_units={_ONE_SECONDS}",
        f"-rss_limit_mb={_MEGABYTES}",
        f"-max_len={_LONGEST_INPUT}",
        f"-artifact_prefix={finds}/{target}-",
        "-print_final_stats=1",
    ]
    program = [sys.executable, str(HERE / "fuzz_one.py"), target, str(max(1, round(seconds)))]
    command = [*program, str(kept), str(CORPUS / target), *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace", timeout=seconds + _GRACE)
    told = done.stdout + done.stderr
    for find in _new(finds, target, before):
        find.with_name(f"{find.name}.txt").write_text(told[-8_000:])
    return told


def _executed(told: str) -> int:
    found = _EXECUTED.search(told)
    rows = _RUNS.findall(told)
    return int(found[1]) if found else int(rows[-1][0]) if rows else 0


def table(outcomes: Sequence[Outcome]) -> str:
    """What was run, as Markdown."""
    rows = ["| target | runs | edges seen | seconds | finds |", "|---|---:|---:|---:|---:|"]
    rows += [f"| {one.target} | {one.runs:,} | {one.edges or '–'} | {one.seconds:.0f} | {len(one.finds)} |" for one in outcomes]
    return "\n".join(rows)


def _through_parser(seconds: float) -> Outcome:
    from through_parser import feed

    fed = feed(seconds, BUILD / "finds")
    print(fed.told)
    return Outcome(PARSER, fed.things, 0, seconds, fed.finds)


def main() -> int:
    """Fuzz; exit code 1 when something was found."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--minutes", type=float, default=10.0, help="for all targets together")
    reader.add_argument("--only", action="append", choices=[*TARGETS, PARSER], help="one of the targets")
    options = reader.parse_args()
    chosen = options.only or [*TARGETS, PARSER]
    share = options.minutes * 60 / len(chosen)
    outcomes = [_through_parser(share)] if PARSER in chosen else []
    # Two at a time take half as long on the machines that this is run on, and get the same.
    with ThreadPoolExecutor(2) as pool:
        outcomes += pool.map(lambda name: fuzz(name, 2 * share), [name for name in chosen if name != PARSER])
    print(table(outcomes))
    finds = [find for one in outcomes for find in one.finds]
    print("\n".join(f"found: {find}" for find in finds) or "Nothing was found.")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main())
