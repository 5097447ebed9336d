"""Passwords: given as they are, kept in a private file, or told by a command; fetched only when they are needed."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from butler.core.errors import SourceError
from butler.environment import owners_environment

Form = Literal["none", "value", "file", "credential", "command"]

FORMS: Mapping[str, Form] = {"": "value", "_file": "file", "_command": "command"}
"""What is added to the name of a secret, and how the setting of that name gives it."""

_COMMAND_SECONDS = 60.0
_LARGEST = 65536
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Password:
    """A password that is fetched by calling it; its words (the password, a path, a command) are never shown."""

    form: Form = "none"
    words: tuple[str, ...] = field(default=(), repr=False)

    def __call__(self) -> str:
        """Fetch the password; raises SourceError with what to do when that fails."""
        match self.form:
            case "none":
                return ""
            case "value":
                return self.words[0]
            case "command":
                return _told_by(self.words)
            case _:
                try:
                    return _read_private(Path(self.words[0]), credential=self.form == "credential")
                except ValueError as error:
                    raise SourceError(str(error), permanent=True) from error

    def problem(self) -> str | None:
        """Say what is wrong with it as far as that can be known without running anything."""
        if self.form == "command" and not self.words:
            return "The command for the password is empty. Name a program, such as `pass show mail/home`."
        if self.form in {"file", "credential"}:
            try:
                _read_private(Path(self.words[0]), credential=self.form == "credential")
            except ValueError as error:
                return str(error)
        return None


def password_of(name: str, value: Any) -> Password:
    """Make the secret that a setting gives, by the ending of its name; raises ValueError."""
    form = FORMS[max((ending for ending in FORMS if name.endswith(ending)), key=len)]
    if form == "command":
        return Password("command", _arguments(value))
    if not isinstance(value, str | Path):
        raise ValueError("must be text")
    return Password(form, (str(value),))


def _arguments(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(shlex.split(value))
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return tuple(value)
    raise ValueError("must be a command line or a list of its words")


def _read_private(path: Path, *, credential: bool) -> str:
    """Read a file that nobody but its owner may read, without following a link; the line's end is dropped."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        if path.is_symlink():
            raise ValueError(f"{path} is a link. Name the file that it leads to.") from error
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        _refuse_open_to_others(path, os.fstat(descriptor), credential=credential)
        return os.read(descriptor, _LARGEST).decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} does not hold text.") from error
    finally:
        os.close(descriptor)


def _refuse_open_to_others(path: Path, status: os.stat_result, *, credential: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{path} is not a file.")
    # systemd grants the service its credentials by an access list, which shows up in the group's bits.
    if status.st_mode & (stat.S_IRWXO if credential else _OTHERS):
        raise ValueError(f"{path} can be read or changed by others. Run `chmod 600 {shlex.quote(str(path))}`.")
    if status.st_uid not in {os.geteuid(), 0}:
        raise ValueError(f"{path} belongs to another user. Copy it into a file of your own.")


def _told_by(command: tuple[str, ...]) -> str:
    """Run a command without a shell; its first line of output is the password. Its words are in no message."""
    program = Path(command[0]).name
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=owners_environment(),
            timeout=_COMMAND_SECONDS,
            check=False,
            close_fds=True,
        )
    except subprocess.TimeoutExpired:
        raise _command_failed(program, f"did not answer within {_COMMAND_SECONDS:g} seconds") from None
    except OSError as error:
        raise _command_failed(program, f"could not be started: {error.strerror}") from error
    if done.returncode:
        raise _command_failed(program, f"ended with exit code {done.returncode}")
    lines = done.stdout.decode(errors="replace").splitlines()
    if not lines or not lines[0]:
        raise _command_failed(program, "printed nothing")
    return lines[0]


def _command_failed(program: str, what: str) -> SourceError:
    return SourceError(f"The password command {program} {what}.", permanent=True, advice="Run it by hand to see why.")


def written_out(value: object) -> Iterator[str]:
    """The secrets that stand in settings themselves, so that a log can leave them out; those in files are not fetched."""
    from pydantic import BaseModel

    if isinstance(value, Password):
        yield from (value.words[0], *value.words[0].split()) if value.form == "value" else ()
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from written_out(inner)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from written_out(inner)
