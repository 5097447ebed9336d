"""Encryption of backups: by `age`, which is given the plain bytes and writes the sealed ones."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from butler.core.errors import StateError, UsageError
from butler.core.text import one_line

SEALED = b"age-encryption.org/"
_ADVICE = "Install `age` (on Debian: apt-get install age)."


@dataclass(frozen=True, slots=True)
class Seal:
    """What a backup is encrypted to: a public key, or where it is empty a passphrase that `age` asks for on the terminal."""

    recipient: str = ""

    def argv(self, program: str) -> list[str]:
        """How `age` is called."""
        return [program, "-r", self.recipient] if self.recipient else [program, "-p"]


@contextmanager
def sealed(seal: Seal | None, out: IO[bytes]) -> Iterator[IO[bytes]]:
    """What is written inside goes to `out`, encrypted; raises StateError when that fails."""
    if seal is None:
        yield out
        return
    with subprocess.Popen(seal.argv(_program()), stdin=subprocess.PIPE, stdout=out, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - it was asked for
        assert process.stderr is not None  # noqa: S101
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:
            pass
        except BaseException:
            process.kill()
            raise
        said = _said(process.stderr)
    if process.returncode:
        raise StateError(f"The backup could not be encrypted: {said}")


@contextmanager
def opened(raw: IO[bytes], identity: Path | None) -> Iterator[IO[bytes]]:
    """The plain bytes of a backup, encrypted or not; raises StateError when it cannot be opened."""
    head = raw.read(len(SEALED))
    raw.seek(0)
    if head != SEALED:
        yield raw
        return
    argv = [_program(), "-d", *(["-i", str(identity)] if identity else [])]
    if identity is None and not os.isatty(0):
        raise UsageError(
            "The backup is encrypted.", advice="Say --identity FILE, or call this on a terminal for the passphrase."
        )
    # A child reads from where the descriptor is, whatever was read ahead here.
    os.lseek(raw.fileno(), 0, os.SEEK_SET)
    with subprocess.Popen(argv, stdin=raw, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        assert process.stderr is not None  # noqa: S101
        try:
            yield process.stdout
        except ValueError as error:
            process.kill()
            raise error
        except BaseException as error:
            process.stdout.close()
            said = _said(process.stderr)
            if process.wait() > 0:
                raise StateError(f"The backup cannot be decrypted: {said}") from error
            raise
        process.stdout.read()
        said = _said(process.stderr)
    if process.returncode:
        raise StateError(f"The backup cannot be decrypted: {said}")


def _said(stream: IO[bytes]) -> str:
    """What `age` said, as one short line."""
    lines = stream.read().decode("utf-8", "replace").splitlines()
    return one_line(lines[0].removeprefix("age: error: "), 200) if lines else "age failed."


def _program() -> str:
    found = shutil.which("age")
    if found is None:
        raise UsageError("Encrypted backups need the program `age`, which is not installed.", advice=_ADVICE)
    return found
