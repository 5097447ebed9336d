"""Answers of one key each: raw from a terminal, or the lines of what is not one."""

from __future__ import annotations

import os
import sys
import termios
import tty

from butler.cli import output

_END = "\x04"


class Keys:
    """Reads one answer after the other; at the end of the input it answers `q`."""

    def __init__(self) -> None:
        self._raw = sys.stdin.isatty()

    def ask(self, question: str) -> tuple[str, str]:
        """Ask; returns the key and, where a whole line was given, the words after it."""
        sys.stdout.flush()
        if self._raw:
            key = _one_key(f"{question} ")
            sys.stderr.write(f"{key if key.isprintable() else ''}\n")
            return ("q" if key in {_END, ""} else key), ""
        output.ask(f"{question} ")
        line = sys.stdin.readline()
        words = line.strip()
        key, rest = (words[:1], words[1:].strip()) if line else ("q", "")
        sys.stderr.write(f"{key}\n")
        return key, rest

    def words(self, question: str, given: str = "") -> str:
        """Ask for some words, unless they were given with the key."""
        if given or not self._raw:
            return given
        output.ask(f"{question} ")
        return sys.stdin.readline().strip()


def _one_key(question: str) -> str:
    """Ask and read one key without waiting for the end of the line; Ctrl-C interrupts as it always does."""
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    try:
        # What was typed before the question could be read is no answer to it, so it is thrown away here.
        tty.setcbreak(descriptor, termios.TCSAFLUSH)
        output.ask(question)
        # An arrow or another special key comes as several bytes at once, and is one key.
        return os.read(descriptor, 16).decode("utf-8", "replace")[:1]
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
