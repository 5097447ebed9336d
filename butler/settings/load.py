"""Puts the layers together, first wins, and checks the whole; everything that is wrong is told at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from butler.core.errors import SettingsError
from butler.settings.fields import Path_, key
from butler.settings.layers import Layer, from_credentials, from_env_file, from_toml, from_values, from_variables
from butler.settings.sentences import sentences
from butler.settings.values import Settings


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look: `overrides` is what the command line says; a file that is named must be there."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    overrides: Mapping[Path_, Any] = field(default_factory=dict)
    config: Path | None = None
    env_file: Path | None = None
    folder: Path = field(default_factory=Path.cwd)

    @property
    def home(self) -> Path:
        """The owner's home folder."""
        return Path(self.environ.get("HOME") or Path.home())


_FOLDERS = ("documents", "notes", "watch")
"""Accounts that are folders, of which one may not be the other."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings as far as they can be used, all problems, and the files that were read."""

    settings: Settings
    problems: tuple[str, ...]
    files: tuple[Path, ...]


def load(places: Places | None = None) -> Settings:
    """Read the settings; raises SettingsError with every problem."""
    loaded = read(places)
    if loaded.problems:
        raise SettingsError(loaded.problems)
    return loaded.settings


def read(places: Places | None = None) -> Loaded:
    """Read the settings, leaving out what is wrong, for whoever wants to go on with the rest."""
    layers = _layers(places or Places())
    problems = [problem for layer in layers for problem in layer.problems]
    files = tuple(layer.file for layer in layers if layer.file)
    left_out: set[Path_] = set()
    while True:
        tables = merged(layers, left_out)
        try:
            return Loaded(Settings(**tables), tuple(dict.fromkeys(problems)), files)
        except ValidationError as error:
            problems += sentences(error, layers, left_out)
            left_out |= {_part(each["loc"], each["msg"], tables, left_out) for each in error.errors()}


def merged(layers: Iterable[Layer], left_out: Iterable[Path_] = ()) -> dict[str, Any]:
    """Put layers together into nested tables: the first that has a leaf wins, and nothing below a path left out is taken."""
    leaves: dict[Path_, Any] = {}
    for layer in layers:
        for path, value in layer.leaves.items():
            if not any(path[: len(out)] == out for out in left_out):
                leaves.setdefault(path, value)
    tables: dict[str, Any] = {}
    for path, value in leaves.items():
        table = tables
        for name in path[:-1]:
            table = table.setdefault(name, {})
        if value == {}:
            table.setdefault(path[-1], {})
        else:
            table[path[-1]] = value
    return tables


def _part(loc: Sequence[object], message: str, tables: Mapping[str, Any], left_out: Iterable[Path_]) -> Path_:
    """The part that an error is about and that is still there: a leaf, an account, or all accounts of a kind."""
    path: Path_ = ()
    found: Any = tables
    for name in loc:
        if not isinstance(found, Mapping) or name not in found:
            break
        path, found = (*path, str(name)), found[str(name)]
    if path and path not in set(left_out):
        return path
    # Only the whole can be wrong now: folders that do not fit together, which the sentence names, or else the owner's own
    # mail cannot be told apart, so no mail is read.
    return next(((group,) for group in _FOLDERS if group in tables and f"{group}." in message), ("mail",))


def _layers(places: Places) -> list[Layer]:
    environ = places.environ
    layers = [
        from_values("the command line", places.overrides, places.folder),
        from_variables("the environment", environ, places.home),
    ]
    env_file = places.env_file or places.folder / ".env"
    if places.env_file or env_file.is_file():
        layers.append(from_env_file(env_file))
    if environ.get("CREDENTIALS_DIRECTORY"):
        layers.append(from_credentials(Path(environ["CREDENTIALS_DIRECTORY"])))
    toml = places.config or next((file for file in _usual(places) if file.is_file()), None)
    if toml:
        layers.append(from_toml(toml))
    return [*layers, _machine(places, layers, (toml or _usual(places)[0]).absolute().parent)]


def _usual(places: Places) -> tuple[Path, Path]:
    own = Path(places.environ.get("XDG_CONFIG_HOME") or places.home / ".config")
    return own / "butler" / "butler.toml", Path("/etc/butler/butler.toml")


def _machine(places: Places, layers: Sequence[Layer], folder: Path) -> Layer:
    """The defaults that depend on the machine; its time zone is looked up only when it is needed."""
    values: dict[Path_, Any] = {
        ("state_dir",): str(state_dir(places)),
        ("drafting", "policy"): str(folder / "policy.toml"),
        ("workflows", "folder"): str(folder / "workflows"),
        ("workflows", "plugins"): str(folder / "plugins"),
    }
    zone = ("owner", "timezone")
    if not any(zone in layer.leaves for layer in layers):
        values[zone] = _local_zone()
    return Layer("the defaults", values, {path: key(path) for path in values})


def state_dir(places: Places) -> Path:
    """The state folder when none is set: systemd's, else the XDG state folder."""
    given = places.environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    return Path(places.environ.get("XDG_STATE_HOME") or places.home / ".local" / "state") / "butler"


def _local_zone() -> str:
    from zoneinfo import ZoneInfoNotFoundError

    from tzlocal import get_localzone_name

    try:
        return get_localzone_name() or "UTC"
    except (ZoneInfoNotFoundError, OSError, ValueError):
        return "UTC"
