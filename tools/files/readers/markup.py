"""XML of documents, read by lxml: within its limits, without entities, and without looking at anything outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lxml import etree

_PIECE = 65_536


class DamagedError(Exception):
    """It is no XML from some place on."""


class Listener(Protocol):
    """Who hears of what is met, in order; what it raises ends the reading."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        ...

    def end(self, tag: str) -> None:
        """An element ends."""
        ...

    def text(self, text: str) -> None:
        """Text between two tags."""
        ...

    def doctype(self, name: str, *where: str | None) -> None:
        """A document type, by which XML has entities."""
        ...


def stream(content: bytes, listener: Listener) -> None:
    """Read XML piece by piece, keeping nothing; raises DamagedError, and what the listener raises."""
    if not content:
        return
    parser = etree.XMLParser(target=_Target(listener), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        for start in range(0, len(content), _PIECE):
            parser.feed(content[start : start + _PIECE])
        parser.close()
    except etree.LxmlError as error:
        raise DamagedError from error


def tree(content: bytes) -> etree._Element:
    """Read XML whole, and what can be read of broken one; raises DamagedError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError) as error:
        raise DamagedError from error
    if root is None:
        raise DamagedError
    return root


class _Target:
    """A listener as the library calls it."""

    def __init__(self, listener: Listener) -> None:
        self.start, self.end, self.data, self.doctype = listener.start, listener.end, listener.text, listener.doctype

    def close(self) -> None:
        """The end."""
