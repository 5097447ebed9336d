"""Standard output for what was asked for, standard error for messages; nothing from the world can move the cursor."""

from __future__ import annotations

import argparse
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from butler.core.text import in_json, styled, visible
from butler.environment import owners_environment

if TYPE_CHECKING:
    from butler.sync import Progress

_WIDEST = 100
_EVERY = 0.5
_CALL = "`butler "

_given: list[str] = []
"""The options that say which household this command is about, as they are to be typed again."""


def prepare(options: argparse.Namespace | None = None) -> None:
    """Let no character that the terminal does not know stop the printing; keep in mind which household this is about."""
    names = ("config", "env_file", "state_dir") if options else ()
    given = [(name, getattr(options, name, None)) for name in names]
    _given[:] = [f"--{name.replace('_', '-')} {shlex.quote(str(value))} " for name, value in given if value]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(text: str) -> None:
    """Print text that was made harmless piece by piece; what was forgotten is dropped here, our own styles are not."""
    put(text if text.endswith("\n") else f"{text}\n")


def to_type(sentence: str) -> str:
    """A sentence of ours whose commands mean the household that this one was told of, so that they can be typed as they are."""
    return sentence.replace(_CALL, _CALL + "".join(_given))


def program() -> str:
    """What a command begins with that is about the same household as this one."""
    return "butler " + "".join(_given)


def put(text: str) -> None:
    """Print text as `show` does, and no line break after it."""
    sys.stdout.write(styled(text))


def page(text: str) -> None:
    """Print harmless text, on a terminal that it does not fit on through the owner's pager."""
    pager = shlex.split(os.environ.get("PAGER") or "less")
    is_long = text.count("\n") >= shutil.get_terminal_size().lines
    if not (is_long and sys.stdout.isatty() and sys.stdin.isatty() and pager and shutil.which(pager[0])):
        show(text)
        return
    sys.stdout.flush()
    try:
        environ = {"LESS": "FRX", **owners_environment()}
        subprocess.run(pager, input=styled(text), encoding="utf-8", errors="replace", env=environ, check=False)
    except OSError:
        show(text)


def show_json(value: Any) -> None:
    """Print one JSON document."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(value, ensure_ascii=not is_utf8, indent=2)
    sys.stdout.write(in_json(text) + "\n")


def say(options: argparse.Namespace, sentence: str) -> None:
    """Tell something on standard error unless that is unwanted."""
    if not options.quiet:
        sys.stderr.write(f"{visible(to_type(sentence))}\n")


def tell(line: str) -> None:
    """Pass on what another process of the butler told on its standard error."""
    sys.stderr.write(f"{visible(to_type(line))}\n")


def fail(sentence: str) -> None:
    """Tell on standard error what failed."""
    sys.stderr.write(f"butler: {visible(to_type(sentence))}\n")


def ask(question: str) -> None:
    """Put a question on standard error, where the answer is typed behind it."""
    sys.stderr.write(visible(question))
    sys.stderr.flush()


def close() -> None:
    """Give up standard output after its reader went away, so that nothing is flushed into it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width() -> int:
    """How many cells wide to print."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else 80


def colour() -> bool:
    """Whether to print in colour."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def hanging(margin: str, text: str) -> Iterator[str]:
    """Lay out harmless text beside a margin, its further lines below its first."""
    from butler.terminal import width_of, wrap

    room = max(width() - width_of(margin), 20)
    for number, line in enumerate(wrap(text, room, room)):
        yield (" " * width_of(margin) if number else margin) + line


def painted(code: str, text: str) -> str:
    """A text in a colour or style, given as the numbers of an SGR sequence, where colours are wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour() and text else text


@contextmanager
def progress(options: argparse.Namespace) -> Iterator[Callable[[Progress], None] | None]:
    """Show how far a sync is, on a terminal only."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        numbers: dict[tuple[str, str], Any] = {}

        def moved(step: Progress) -> None:
            place = (step.source, step.collection)
            if place not in numbers:
                numbers[place] = bars.add_task(visible(f"{step.source} {step.collection}"), total=step.total)
            bars.update(numbers[place], completed=step.done, total=step.total)

        yield moved


def counted(options: argparse.Namespace) -> Callable[[int, int], None]:
    """Tell how many of how many were asked and how long the rest takes, twice a second at most, on a terminal only."""
    if options.quiet or options.json or not sys.stderr.isatty():
        return lambda _done, _of: None
    began: tuple[float, int] | None = None
    last = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal began, last
        now = time.monotonic()
        began = began or (now, done)
        if now - last < _EVERY and done < of:
            return
        last, since = now, done - began[1]
        left = f", about {_lasting((now - began[0]) / since * (of - done))} left" if since else ""
        end = "\n" if done >= of else ""
        sys.stderr.write(f"\r\x1b[K{done} of {of} asked{left}{end}")
        sys.stderr.flush()

    return tell


def _lasting(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
