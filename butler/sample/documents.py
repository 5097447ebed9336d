"""The documents of the sample household: what is in a letter, a contract, a book, a picture, made from texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial

from butler.sample.days import BERLIN, Days
from butler.sample.letters import CONTENT
from butler.sample.making import docx, epub, html, jpeg, odt, pdf
from butler.sample.texts import texts

_CAMERA = ("Sommer", "Sommer Reise 4")
_LISBON = (38.70750, -9.13650)


def documents(days: Days) -> Mapping[str, bytes]:
    """Every document by its path; each is written as a text with the name of what is made of it."""
    made: dict[str, bytes] = {}
    for name, text in sorted(texts(CONTENT.joinpath("documents"), "")):
        path = name.removesuffix(".txt")
        made[path] = _makers(days)[path.rpartition(".")[2]](text.format(d=days).strip())
    return made


def _makers(days: Days) -> Mapping[str, Callable[[str], bytes]]:
    taken = dt.datetime.combine(days.plus(-34), dt.time(16, 3, 22), BERLIN)
    return {
        "pdf": pdf,
        "docx": docx,
        "odt": odt,
        "epub": epub,
        "html": html,
        "jpg": partial(jpeg, taken=taken, camera=_CAMERA, place=_LISBON),
        # As the spreadsheet of a bank or a nursery writes it.
        "csv": lambda text: text.encode("cp1252"),
    }
