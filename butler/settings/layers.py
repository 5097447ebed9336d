"""The places that settings come from, each read into one layer: valid leaves, how each is spelled there, and problems."""

from __future__ import annotations

import logging
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from butler.settings import PREFIX
from butler.settings.fields import ACCOUNT, Path_, is_group, key, nearest, setting_at, variable
from butler.settings.secrets import Password, password_of

_FOR_TESTS = f"{PREFIX}TEST_"
"""Variables that only the tests read."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says: leaves by path, and for messages the name of the place and how it spells each leaf."""

    place: str
    leaves: Mapping[Path_, Any] = field(default_factory=dict)
    spelled: Mapping[Path_, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    file: Path | None = None


_ACCOUNTS = frozenset({"mail", "calendar", "contacts", "notes", "documents", "mcp"})


class _Reading:
    """Collects the leaves of one layer."""

    def __init__(self, place: str, base: Path, file: Path | None = None) -> None:
        self.place = place
        self._base = base
        self._file = file
        self._leaves: dict[Path_, Any] = {}
        self._spelled: dict[Path_, str] = {}
        self.problems: list[str] = []

    def take(self, path: Path_, spelled: str, value: Any, nearby: str = "") -> None:
        """Take one leaf, or note that there is no such setting."""
        setting = setting_at(path)
        if value == {} and is_group(path):
            self._keep(path, spelled, value)
            return
        if setting is None:
            self.problems.append(self._unknown(path, spelled, nearby))
            return
        if setting.is_path and isinstance(value, str):
            value = str(self._base / Path(value).expanduser())
        if not setting.is_secret:
            self._keep(path, spelled, value)
            return
        try:
            self.take_password((*path[:-1], setting.secret), spelled, password_of(path[-1], value))
        except ValueError as error:
            self.problems.append(f"{spelled} in {self.place}: {error}.")

    def take_password(self, path: Path_, spelled: str, password: Password) -> None:
        """Take a password; only one of its forms may be given in one place."""
        if path in self._leaves:
            self.problems.append(f"{spelled} in {self.place}: {self._spelled[path]} is given as well. Keep one of them.")
            return
        self._keep(path, spelled, password)

    def layer(self) -> Layer:
        """What was collected."""
        return Layer(self.place, self._leaves, self._spelled, tuple(self.problems), self._file)

    def _keep(self, path: Path_, spelled: str, value: Any) -> None:
        self._leaves[path] = value
        self._spelled[path] = spelled

    def _unknown(self, path: Path_, spelled: str, nearby: str) -> str:
        if is_group(path):
            return f"{spelled} in {self.place} stands for a group of settings. Set those inside it one by one."
        if len(path) > 1 and path[0] in _ACCOUNTS and not ACCOUNT.fullmatch(path[1]):
            return f"{spelled} in {self.place}: an account's name has only small letters, digits, - and _. Rename {path[1]!r}."
        hint = f"Did you mean {nearby}?" if nearby else "Remove it; docs/configuration.md lists all settings."
        return f"{spelled} in {self.place} is no setting. {hint}"


def from_variables(place: str, variables: Mapping[str, str], base: Path) -> Layer:
    """Read variables such as BUTLER_MAIL__HOME__HOST; empty ones count as not set."""
    reading = _Reading(place, base)
    for name, value in sorted(variables.items()):
        if not name.upper().startswith(PREFIX) or name.upper().startswith(_FOR_TESTS) or not value:
            continue
        path = tuple(name[len(PREFIX) :].lower().split("__"))
        near = nearest(path)
        reading.take(path, name.upper(), value, variable(near) if near else "")
    return reading.layer()


def from_env_file(file: Path) -> Layer:
    """Read a `.env` file."""
    # Imported here, for a child of the daemon reads no file and pays for no more than it needs.
    from pydantic_settings import BaseSettings, DotEnvSettingsSource

    try:
        refuse_writable_by_others(file)
        with _complaints() as complaints:
            variables = DotEnvSettingsSource(BaseSettings, env_file=file, env_file_encoding="utf-8").env_vars
    except (OSError, ValueError) as error:
        return Layer(str(file), problems=(f"{file} {reason_of(error)}",), file=file)
    layer = from_variables(str(file), {name: value or "" for name, value in variables.items()}, file.absolute().parent)
    lines = tuple(f"{file}: line {line} is not of the form NAME=value." for line in complaints)
    return Layer(layer.place, layer.leaves, layer.spelled, layer.problems + lines, file)


def from_toml(file: Path) -> Layer:
    """Read `butler.toml`."""
    try:
        refuse_writable_by_others(file)
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return Layer(str(file), problems=(f"{file} {reason_of(error)}",), file=file)
    reading = _Reading(str(file), file.absolute().parent, file)
    for path, value in _flat(tables):
        near = nearest(path)
        reading.take(path, key(path), value, key(near) if near else "")
    return reading.layer()


def from_credentials(folder: Path) -> Layer:
    """Read a folder of secrets, one file each, named like the variable in any case; other files are not ours."""
    reading = _Reading(str(folder), folder)
    try:
        files = sorted(file for file in folder.iterdir() if file.name.upper().startswith(PREFIX))
    except OSError as error:
        return Layer(str(folder), problems=(f"{folder} {reason_of(error)}",))
    for file in files:
        path = tuple(file.name[len(PREFIX) :].lower().split("__"))
        near = nearest(path)
        secret = Password("credential", (str(file),))
        if (setting := setting_at(path)) and path[-1] == setting.secret:
            reading.take_password(path, file.name, secret)
        elif problem := secret.problem():
            reading.problems.append(problem)
        else:
            reading.take(path, file.name, secret(), variable(near) if near else "")
    return reading.layer()


def from_values(place: str, leaves: Mapping[Path_, Any], base: Path) -> Layer:
    """Make a layer of values that code gives, such as those of the command line."""
    reading = _Reading(place, base)
    for path, value in leaves.items():
        reading.take(path, key(path), value)
    return reading.layer()


def _flat(table: Mapping[str, Any], above: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    for name, value in table.items():
        path = (*above, name)
        # What is a setting by itself stays whole, even where somebody wrote a table for it.
        if isinstance(value, dict) and value and not setting_at(path):
            yield from _flat(value, path)
        else:
            yield path, value


def refuse_writable_by_others(file: Path) -> None:
    """Refuse settings that somebody else could have written: they name commands that are run."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("is not a file.")
    if status.st_uid not in {os.geteuid(), 0} or status.st_mode & stat.S_IWOTH:
        raise ValueError("can be changed by other users. Make it yours: `chown` it and `chmod go-w` it.")


def reason_of(error: Exception) -> str:
    """Say why a file could not be read, to be put after its name."""
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}. Check the path and its permissions."
    if isinstance(error, tomllib.TOMLDecodeError):
        return f"is not valid TOML: {error}."
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8 text. Save it as UTF-8."
    return str(error)


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect the line numbers that python-dotenv could not read; it only logs them."""
    found: list[str] = []
    logger = logging.getLogger("dotenv.main")

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.extend(str(each) for each in record.args or () if isinstance(each, int))

    handler, propagates, level = Collector(logging.WARNING), logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    # The command line silences libraries at the root; these lines are problems of the owner's and not to be lost with that.
    logger.setLevel(logging.WARNING)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagates
        logger.setLevel(level)
