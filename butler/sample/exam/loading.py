"""Loads the exam that ships from its tables; what is wrong in them is told with its file and entry."""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from butler.core.errors import ButlerError
from butler.core.exam import ExamMail, Material, World
from butler.core.owner import Owner
from butler.sample.days import BERLIN
from butler.sample.household import ADDRESSES
from butler.sample.letters import people

NOW = dt.datetime(2026, 3, 27, 20, tzinfo=BERLIN)
"""When the exam is taken: after its last mail, and not later than its first one is looked back to."""

OWNER = Owner("Anna Berger", ADDRESSES, BERLIN, "en")
"""For whom the mails of the exam are."""

_FOLDER = files("butler.sample.exam")
_B = TypeVar("_B", bound=BaseModel)


class ExamMaterialError(ButlerError):
    """A table of the exam cannot be used: which one, which entry, and why."""

    def __init__(self, file: str, entry: str, why: str) -> None:
        place = f"{file}, {entry}" if entry else file
        super().__init__(f"The exam's material is wrong ({place}): {why}", advice="Install butler again.")


@cache
def load() -> Material:
    """Load all of it; raises ExamMaterialError."""
    return load_from(_FOLDER)


def load_from(folder: Traversable) -> Material:
    """Load the tables of a folder: `mails-de.toml` and its like, and `worlds.toml`."""
    tables = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name)
    if not tables:
        raise ExamMaterialError("no table", "", "there is none.")
    digest = hashlib.sha256()
    mails: list[ExamMail] = []
    worlds: list[World] = []
    for table in tables:
        content = table.read_bytes()
        digest.update(content)
        rows = _rows(table.name, content)
        mails.extend(_mails(table.name, rows.get("mail", ())))
        worlds.extend(_each(table.name, World, [_world(row) for row in rows.get("world", ())]))
    _unique([*(mail.id for mail in mails), *(world.id for world in worlds)])
    return Material(version=digest.hexdigest()[:12], now=NOW, mails=tuple(mails), worlds=tuple(worlds))


def _rows(name: str, content: bytes) -> Mapping[str, Any]:
    try:
        rows = tomllib.loads(content.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ExamMaterialError(name, "", str(error)) from error
    if strange := set(rows) - {"mail", "world"}:
        raise ExamMaterialError(name, "", f"it has {', '.join(sorted(strange))}.")
    return rows


def _mails(name: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[ExamMail]:
    """The mails of a table; the language is its name's: mails-de.toml."""
    language = name.removesuffix(".toml").rpartition("-")[2]
    yield from _each(name, ExamMail, [_mail(row, language) for row in rows])


def _mail(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A row as a mail takes it: people by their full names, texts without the line break that opens them."""
    named: dict[str, Any] = {("sender" if key == "from" else key): value for key, value in row.items()}
    for key in ("to", "cc"):
        named[key] = tuple(_person(one) for one in named.get(key, ()))
    for key in ("body", "html", "calendar"):
        named[key] = _text(named.get(key, ""))
    return {"language": language, **named, "sender": _person(named.get("sender", ""))}


def _world(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as a small calendar takes it: people by their full names."""
    events = [{**event, "people": tuple(map(_person, event.get("people", ())))} for event in row.get("events", ())]
    return {**row, "events": events}


def _person(name: str) -> str:
    return people().get(name, name)


def _text(text: str) -> str:
    """A text with the space that belongs behind a signature's dashes."""
    return text.lstrip("\n").replace("\n--\n", "\n-- \n")


def _each(name: str, kind: type[_B], rows: Sequence[Mapping[str, Any]]) -> Iterator[_B]:
    for number, row in enumerate(rows, 1):
        try:
            yield kind.model_validate(row)
        except ValidationError as error:
            raise ExamMaterialError(name, str(row.get("id", f"entry {number}")), _said(error)) from error


def _said(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, one['loc']))} {one['msg']}".strip() for one in error.errors())


def _unique(ids: Sequence[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise ExamMaterialError("all tables", twice[0], "this id is there twice.")
