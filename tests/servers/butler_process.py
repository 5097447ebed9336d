"""The real `butler` as a process of its own, with nothing of this machine's environment, settings or state."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("butler")
MEASURED = bool(os.environ.get("BUTLER_TEST_COVERAGE"))
"""Whether its coverage is measured: each of some thousand programs takes half as long again then."""


def environment(home: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment that knows no more than a fresh account does."""
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or (MEASURED and name.startswith("COVERAGE_"))}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "PYTHONSAFEPATH": "1", **(more or {})}


def butler(home: Path, *arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, in the folder `home`."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        cwd=home,
        env=environment(home, environ),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The one JSON document on its standard output."""
    return json.loads(done.stdout)


def called(home: Path, *arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command inside this process, with nothing of its environment; quicker than a process of its own."""
    from butler.cli import main

    out, err, before, here = io.StringIO(), io.StringIO(), dict(os.environ), Path.cwd()
    line = list(map(str, arguments))
    try:
        os.environ.clear()
        os.environ.update(environment(home, environ))
        os.chdir(home)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main(line)
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
    return subprocess.CompletedProcess(line, code, out.getvalue(), err.getvalue())
