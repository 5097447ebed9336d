"""The properties of one card by their names, and its addresses and numbers. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from urllib.parse import unquote

from butler.core.contacts import Home, Phone
from butler.core.text import one_line
from tools.contacts.lines import Property

_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\\\"＠]{1,100}@[^\s@<>()\[\],;:\\\"＠]{1,250}")
_LABEL = re.compile(r"_\$!<(.*)>!\$_", re.DOTALL)
_SAY_NOTHING = {"voice", "pref", "internet", "text", "msg", "x400", "other", "uri", "phone-number"}
_MOST = 500
_LONGEST_NUMBER = 60
_LONGEST_LABEL = 40
_LONGEST_HOME = 200


class Reading:
    """The properties of one card."""

    def __init__(self, properties: Sequence[Property]) -> None:
        self._named: dict[str, list[Property]] = {}
        self._labels: dict[str, str] = {}
        for each in properties:
            self._named.setdefault(each.name, []).append(each)
            if each.name == "X-ABLABEL" and each.group:
                self._labels.setdefault(each.group, _bare(each.text))

    def all(self, *names: str) -> list[Property]:
        """All properties of some names."""
        return [each for name in names for each in self._named.get(name, ())]

    def first(self, name: str) -> Property | None:
        """The first property of a name."""
        return next(iter(self._named.get(name, ())), None)

    def text(self, name: str) -> str:
        """The text of the first property of a name, or nothing."""
        found = self.first(name)
        return found.text if found else ""

    def parts(self, name: str, sign: str) -> list[str]:
        """The parts of the first property of a name."""
        found = self.first(name)
        return found.parts(sign) if found else []

    def several(self, name: str, sign: str) -> list[str]:
        """The parts of all properties of a name."""
        return list(islice((part for each in self.all(name) for part in each.parts(sign)), _MOST))

    def label(self, found: Property) -> str:
        """What a property is said to be for: a label of the owner's own, else its types that say something."""
        own = self._labels.get(found.group, "") if found.group else ""
        types = [each for each in found.types if each not in _SAY_NOTHING]
        word = own or ", ".join("mobile" if each in {"cell", "mobile"} else each for each in dict.fromkeys(types))
        return one_line(word, _LONGEST_LABEL)


def addresses(reading: Reading) -> list[str]:
    """Its mail addresses in small letters, the preferred one first; what is none is left out."""
    found = sorted(reading.all("EMAIL"), key=lambda each: not _is_preferred(each))
    bare = (each.text.strip().removeprefix("mailto:").lower() for each in found)
    return list(dict.fromkeys(each for each in bare if _ADDRESS.fullmatch(each) and each.isprintable()))


def phones(reading: Reading) -> list[Phone]:
    """Its numbers as they are written, each with what it is for."""
    found = []
    for each in reading.all("TEL"):
        number = each.text.strip()
        if number.lower().startswith("tel:"):
            number = unquote(number[4:]).replace(";ext=", " ext. ").partition(";")[0]
        if number := one_line(number, _LONGEST_NUMBER):
            found.append(Phone(number, reading.label(each)))
    return list(dict.fromkeys(found))


def homes(reading: Reading) -> list[Home]:
    """Its postal addresses, each on one line and with what it is for."""
    found = []
    for each in reading.all("ADR"):
        box, more, street, town, region, code, country, *_ = [*each.parts(";"), *[""] * 7]
        parts = (street, more, box, f"{code} {town}", region, country)
        told = one_line(", ".join(part.strip() for part in parts if part.strip()), _LONGEST_HOME)
        if told:
            found.append(Home(told, reading.label(each)))
    return list(dict.fromkeys(found))


def _is_preferred(found: Property) -> bool:
    return "pref" in found.types or "PREF" in found.parameters


def _bare(label: str) -> str:
    """A label without the signs that Apple puts around its own."""
    inner = _LABEL.fullmatch(label.strip())
    return (inner[1] if inner else label.strip()).lower()
