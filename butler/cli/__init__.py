"""The command line: the only place that prints or exits. Each command's module is imported when it is called."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from butler.environment import close_off, scrub_environment

_INTERRUPTED = 130
_BROKEN_PIPE = 141
_TERMINATED = 143
_FEW_COLLECTIONS = 10_000
"""New values between two looks for garbage: what is imported is none, and to look takes a twentieth of a light command."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every failure becomes one sentence on standard error."""
    if argv is None:
        # The process is this command's own, and nobody else's, who may want to look into it.
        close_off()
    gc.set_threshold(_FEW_COLLECTIONS)
    scrub_environment(os.environ)
    from butler.cli.arguments import read

    try:
        options = read(sys.argv[1:] if argv is None else argv)
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1
    from butler.cli import logs, output
    from butler.core.errors import ButlerError

    previous = signal.signal(signal.SIGTERM, _leave)
    try:
        output.prepare(options)
        logs.prepare(options.verbose)
        code: int = options.run(options)
        sys.stdout.flush()
    except ButlerError as error:
        # What the daemon has done unasked is told to nobody but its log, in which a message is one line.
        output.fail(_in_one_line(error) if getattr(options, "unasked", False) else str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else 1
    except BrokenPipeError:
        output.close()
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the edge: a person gets a sentence, the details go to a file
        from butler.cli.unexpected import keep

        output.fail(keep(error, options))
        return 1
    finally:
        signal.signal(signal.SIGTERM, previous)
    return code


def _in_one_line(error: Exception) -> str:
    """What is told in a list of lines, as sentences that follow each other."""
    return " ".join(line.strip().removeprefix("- ") for line in str(error).splitlines())


def _leave(_number: int, _frame: FrameType | None) -> None:
    """End by way of every `finally`, so that nothing half-done is left behind."""
    raise SystemExit(_TERMINATED)
