"""Stands for the program that the daemon starts, in a tenth of its time: it keeps runs as the runner does.

Each that is started is a line "workflow subject pid" in `started` of the folder that TINY names. The file there that is named
like what a run is about, or like its workflow, says how many seconds it takes, or how it ends: "5", "exit 69", "hang"; with
"stay" it goes on for as long as the file is there.
"""

import argparse
import json
import os
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from butler.core.errors import BusyError
from butler.daemon.lifeline import hold_on_to
from butler.store.state import StateLock
from butler.store.truth import Truth


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--child")
    parser.add_argument("command")
    parser.add_argument("workflow", nargs="?")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--about", default="")
    options, _ = parser.parse_known_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    workflow = options.workflow or options.command
    folder = Path(os.environ["TINY"])
    with (folder / "started").open("a") as started:
        started.write(f"{workflow} {options.about} {os.getpid()}\n")
    try:
        loaded = hold_on_to(options.child)
        with StateLock(loaded.settings.state_dir):
            return run(loaded.settings.state_dir, folder, workflow, options.about)
    except BusyError as error:
        sys.stderr.write(f"butler: {error}\n")
        return 75


def run(state: Path, folder: Path, workflow: str, subject: str) -> int:
    truth = Truth.open(state / "butler.db")
    found = truth.runs.unfinished(workflow, subject) or truth.runs.start(workflow, subject, datetime.now(UTC))
    file = folder / (subject or workflow)
    order = "0"
    with suppress(FileNotFoundError):
        order = file.read_text()
    if order == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    if order.startswith("exit"):
        sys.stderr.write("butler: It was told to fail.\n")
        return int(order.split()[1])
    while order == "stay" and file.exists():
        time.sleep(0.02)
    order = "0" if order == "stay" else order
    memory = truth.memory(found.id)
    # As a run does: what was done is kept, and not done again by whoever goes on with it.
    for step in range(3):
        if memory.kept(f"step {step}") is None:
            time.sleep(float(order) / 3)
            memory.keep(f"step {step}", "done")
    truth.runs.finish(found.id, datetime.now(UTC))
    sys.stderr.write(f"did {workflow}\n")
    sys.stdout.write(json.dumps({"run": found.id, "workflow": workflow}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
