"""The benchmark: `make bench`, or `python tests/bench/run.py --messages 2000` for a quick look.

Rows are independent of each other; `--only` names one or more of them. Exit code 1 when a row that has a wish misses it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

import bench_machine
import bench_start
import bench_table
import bench_worker
from bench_briefing import BriefingRows
from bench_gate import GateRows
from bench_idle import IdleRows
from bench_page import PageRows
from bench_search import SearchRows
from bench_sync import SyncRows
from bench_table import Row
from bench_world import World

from butler.core.errors import ButlerError
from butler.sample.scale import RECENT

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
_SMALL = 10_000

RowMaker = Callable[[], Row]


def rows(world: World, options: argparse.Namespace) -> dict[str, RowMaker]:
    """Every row by name, in the order of the table; the functions run when called."""
    main = SyncRows(world, options.messages, options.repeat)
    few = min(_SMALL, max(options.messages // 5, 2 * RECENT))
    small = SyncRows(world, few, options.repeat)
    gate = GateRows(world, options.repeat)
    briefing = BriefingRows(world, options.messages, few, options.repeat)
    page = PageRows(world, briefing, options.messages)
    search = SearchRows(world, options.messages)
    idle = IdleRows(world, options.messages, options.idle_seconds)
    found: dict[str, RowMaker] = {
        "first-sync": main.first,
        "first-index": main.index,
        "first-floor": main.floor,
        "memory": main.memory,
        "far-away": main.far_away,
        "nothing-new": main.nothing_new,
        "nothing-new-kept": main.nothing_new_kept,
        "nothing-new-small": small.nothing_new,
        "nothing-new-kept-small": small.nothing_new_kept,
        "ten-new": main.ten_new,
        "briefing": briefing.running,
        "briefing-command": briefing.command,
        "tokens": briefing.tokens,
        "tokens-second-day": briefing.second_day,
        "start-help": partial(bench_start.help_row, world, options.repeat),
        "start-list": partial(bench_start.actions_row, world, options.repeat),
        "held-list": gate.listing,
        "held-approve": gate.approving,
        "draft-visible": gate.visible,
        "search-quick": search.quick,
        "search-joined": search.joined,
        "search-index": search.index,
        "worker-call": bench_worker.call_row,
        "worker-start": bench_worker.start_row,
        "worker-batch": bench_worker.batch_row,
        "page-today": page.today,
        "page-size": page.size,
        "page-review": page.review,
        "page-memory": page.memory,
        "idle-memory": idle.memory,
        "idle-cpu": idle.processor,
    }
    if options.large:
        large = SyncRows(world, options.large, options.repeat)
        found |= {"nothing-new-large": large.nothing_new, "nothing-new-kept-large": large.nothing_new_kept}
    return found


def _measured(name: str, make: RowMaker) -> Row:
    """The row, or why there is none: the other rows are still wanted."""
    try:
        return make()
    except (RuntimeError, OSError, subprocess.SubprocessError, ButlerError) as error:
        last = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        return Row(name, name, "", met=False, note=f"failed: {last[0]}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the butler beside the tools people use today.")
    parser.add_argument("--messages", type=int, default=50_000, help="mails in the mailbox (default 50,000)")
    parser.add_argument("--large", type=int, default=0, help="also measure 'nothing new' over so many mails, such as 500,000")
    parser.add_argument("--no-attachments", action="store_true", help="mails of 3 KB instead of 55 KB")
    parser.add_argument("--repeat", type=int, default=3, help="measure so often and take the best")
    parser.add_argument("--idle-seconds", type=float, default=600.0, help="watch the idle daemon for so long (default 600)")
    parser.add_argument("--only", action="append", metavar="ROW", help="only this row; may be given more than once")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--keep", action="store_true", help="write the table into docs/benchmarks.md")
    return parser.parse_args()


def main() -> int:
    """Measure, print the table and keep it where that was asked for."""
    options = _options()
    machine = bench_machine.describe()
    measured: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="butler-bench-") as folder:
        world = World(Path(folder), attachments=not options.no_attachments)
        try:
            for name, make in rows(world, options).items():
                if options.only and name not in options.only:
                    continue
                print(f"measuring {name} …", file=sys.stderr)
                measured.append(_measured(name, make))
        finally:
            world.close()
    print(bench_table.markdown(measured, machine))
    if options.json:
        options.json.write_text(bench_table.as_json(measured, machine), encoding="utf-8")
    if options.keep:
        bench_table.keep(_DOCUMENT, measured, machine)
    return 1 if any(row.met is False for row in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
