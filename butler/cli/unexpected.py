"""What is left for a fault of the butler's own: one sentence, with the details in a file."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path

from butler import __version__
from butler.core.text import one_line, visible

FILE = "errors.log"


def keep(error: Exception, options: argparse.Namespace) -> str:
    """Add the details to `errors.log` in the state folder; return the sentence for a person."""
    what = one_line(f"{type(error).__name__}: {error}")
    details = visible("".join(traceback.format_exception(error)))
    try:
        file = _folder(options) / FILE
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as log:
            log.write(f"{datetime.now(UTC).isoformat()} butler {__version__} {options.command}\n{details}\n")
    except OSError:
        sys.stderr.write(details)
        return f"This should not have happened ({what}). The details could not be written to a file; they are above."
    return f"This should not have happened ({what}). The details are in {file}."


def _folder(options: argparse.Namespace) -> Path:
    """The state folder, as far as it was known when the fault came."""
    known = getattr(options, "state", None) or options.state_dir
    if known is None:
        from butler.settings.load import Places, state_dir

        known = state_dir(Places())
    folder = Path(known)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
