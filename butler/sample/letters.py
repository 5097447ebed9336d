"""The sample's mails as they are written down: loaded from the content folder, dated from a day."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from butler.sample.days import BERLIN, Days

CONTENT = files("butler.sample").joinpath("content")
FILES = ("harbour", "trees", "tiles", "home", "lists", "odd")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """An attachment of the sample: its bytes are made up, `size` of them."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail as its author means it; `quote` is the language of the attribution line above the quoted parent.

    `charset` is how it is encoded and `wrong_charset` what it claims to be; `invite` names an event of the calendars.
    """

    id: str
    when: dt.datetime
    sender: str
    to: tuple[str, ...]
    subject: str
    body: str = ""
    folder: str = "INBOX"
    cc: tuple[str, ...] = ()
    parent: str = ""
    quote: str = ""
    charset: str = "utf-8"
    wrong_charset: str = ""
    cte: str = ""
    flowed: bool = False
    html: str = ""
    html_only: bool = False
    attach: tuple[Enclosure, ...] = ()
    invite: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawLetter:
    """A mail whose exact text matters; `nested` multiparts deep when that is not zero."""

    id: str
    when: dt.datetime
    text: str
    nested: int = 0
    folder: str = "INBOX"


@cache
def table(name: str) -> Mapping[str, Any]:
    """Read a table of the content folder, such as `mail/harbour.toml`."""
    return tomllib.loads(CONTENT.joinpath(name).read_text(encoding="utf-8"))


@cache
def people() -> Mapping[str, str]:
    """Everybody in the sample by their short name, as `Name <address>`."""
    return {key: value for key, value in table("people.toml").items() if isinstance(value, str)}


def _zone(sender: str) -> ZoneInfo:
    zone = table("people.toml")["zones"].get(sender)
    return ZoneInfo(zone) if zone else BERLIN


def _letter(row: Mapping[str, Any], days: Days) -> Letter:
    values = {key: value for key, value in row.items() if key != "from"}
    sender = row["from"]
    by_anna = sender.startswith("anna")
    written: dict[str, Any] = {key: _filled(values[key], days) for key in ("subject", "body", "html") if key in values}
    fields: dict[str, Any] = {
        "folder": "Sent" if by_anna else "INBOX",
        **values,
        **written,
        "when": days.moment(row["when"]).astimezone(_zone(sender)),
        "sender": _person(sender),
        "to": tuple(_person(name) for name in row["to"]),
        "cc": tuple(_person(name) for name in row.get("cc", ())),
        "attach": tuple(Enclosure(**one) for one in row.get("attach", ())),
    }
    return Letter(**fields)


def _filled(text: str, days: Days) -> str:
    """Put the dates in, and the space that belongs behind a signature's dashes."""
    return text.format(d=days).lstrip("\n").replace("\n--\n", "\n-- \n")


def _person(name: str) -> str:
    return people().get(name, name)


def letters(days: Days) -> Iterator[Letter]:
    """All written mails of the sample."""
    for name in FILES:
        for row in table(f"mail/{name}.toml").get("mail", ()):
            yield _letter(row, days)


def raw_letters(days: Days) -> Iterator[RawLetter]:
    """All mails that are given byte for byte; their placeholders are filled when they are built."""
    for row in table("mail/odd.toml")["raw"]:
        yield RawLetter(id=row["id"], when=days.moment(row["when"]), text=row["text"].lstrip("\n"), nested=row.get("nested", 0))
