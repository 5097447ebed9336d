"""Every setting by its path, found in the model itself: what layers, messages, `.env.example` and the docs agree on."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from butler.settings import PREFIX
from butler.settings.secrets import FORMS, Password
from butler.settings.values import Settings

Path_ = tuple[str, ...]
"""Where a setting stands: ("mail", "home", "host"); "*" for the account's name in a pattern."""

ANY = "*"
ACCOUNT = re.compile(r"[a-z0-9_-]+")
_SECRET_HELP = {
    "_file": "file that holds the {}, readable by you alone",
    "_command": "command that prints the {}, run without a shell",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its pattern, default (None where there is none), line of help, and whether it names a file or folder.

    `secret` is the name of the secret that it gives.
    """

    pattern: Path_
    default: Any
    help: str
    is_path: bool
    secret: str = ""

    def matches(self, path: Path_) -> bool:
        """Whether a path is this setting's, for any account."""
        return len(path) == len(self.pattern) and self.begins(path)

    def begins(self, path: Path_) -> bool:
        """Whether path and pattern agree as far as both go."""
        pairs = zip(self.pattern, path, strict=False)
        return all(part == name or (part == ANY and ACCOUNT.fullmatch(name)) for part, name in pairs)

    @property
    def shown(self) -> str:
        """The default as it is written in `butler.toml`; empty where there is none."""
        if self.default in (None, "", ()):
            return ""
        return json.dumps(list(self.default) if isinstance(self.default, tuple) else self.default)

    @property
    def is_secret(self) -> bool:
        """Whether it gives a secret."""
        return bool(self.secret)


@cache
def all_settings() -> tuple[Setting, ...]:
    """List every setting in the order in which the model declares them."""
    return tuple(_below((), Settings.model_fields))


def _below(above: Path_, fields: Mapping[str, FieldInfo]) -> Iterator[Setting]:
    for name, field in fields.items():
        inner = _model(field.annotation)
        if inner is not None:
            within = (ANY,) if get_origin(field.annotation) is dict else ()
            yield from _below((*above, name, *within), inner.model_fields)
        elif field.annotation is Password:
            for ending, form in FORMS.items():
                told = _SECRET_HELP.get(ending, _help(field)).format(name)
                yield Setting((*above, name + ending), None, told, form == "file", name)
        else:
            default = None if field.default is PydanticUndefined else field.default
            yield Setting((*above, name), default, _help(field), _is_path(field.annotation))


def _is_path(annotation: Any) -> bool:
    return annotation is Path or any(_is_path(part) for part in get_args(annotation))


def _help(field: FieldInfo) -> str:
    return field.description or ""


def _model(annotation: Any) -> type[BaseModel] | None:
    candidates = get_args(annotation)[-1:] if get_origin(annotation) is dict else (annotation,)
    return next((each for each in candidates if isinstance(each, type) and issubclass(each, BaseModel)), None)


def setting_at(path: Path_) -> Setting | None:
    """Find the setting that a path names."""
    return next((setting for setting in all_settings() if setting.matches(path)), None)


def is_group(path: Path_) -> bool:
    """Whether a path names a group of settings or an account."""
    return any(len(setting.pattern) > len(path) and setting.begins(path) for setting in all_settings())


def nearest(path: Path_) -> Path_ | None:
    """Find the setting whose path looks most like a wrong one, with the wrong one's account name."""
    names = {".".join(near): near for near in _with_account(path)}
    found = difflib.get_close_matches(".".join(path), names, 1, 0.75)
    return names[found[0]] if found else None


def _with_account(path: Path_) -> Iterator[Path_]:
    account = path[1] if len(path) > 2 and ACCOUNT.fullmatch(path[1]) else "name"
    for setting in all_settings():
        yield tuple(account if part == ANY else part for part in setting.pattern)


def variable(path: Iterable[object]) -> str:
    """Name the environment variable of a setting: BUTLER_MAIL__HOME__HOST."""
    return PREFIX + "__".join(str(part).upper() for part in path)


def key(path: Iterable[object]) -> str:
    """Name a setting as in butler.toml: mail.home.host."""
    return ".".join(str(part) for part in path)
