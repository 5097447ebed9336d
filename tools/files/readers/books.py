"""The text of EPUB files, chapter by chapter in the order in which they are read."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from urllib.parse import unquote

from lxml import etree

from butler.core.documents import LONGEST_TEXT
from tools.files.readers.pages import page_text
from tools.files.readers.reading import ENCRYPTED, Reading, UnreadableError, counted
from tools.files.readers.zips import Archive

_LARGEST_LIST = 5_000_000
_LARGEST_CHAPTER = 5_000_000
_MOST_CHAPTERS = 500
_TITLES = ("title", "creator")


def read_epub(archive: Archive) -> Reading:
    """Read a book: its title, who wrote it, and its chapters."""
    container = _tree(archive.part("META-INF/container.xml", _LARGEST_LIST))
    place = next((each.get("full-path") or "" for each in _named(container, "rootfile")), "")
    package = _tree(archive.part(place, _LARGEST_LIST))
    chapters = list(_chapters(package, place))
    if b"EncryptedData" in archive.part("META-INF/encryption.xml", _LARGEST_LIST) and "META-INF/rights.xml" in archive.names:
        raise UnreadableError(ENCRYPTED)
    head = [(each.text or "").strip() for name in _TITLES for each in _named(package, name)]
    texts, problems = ["\n".join(filter(None, head))[:1_000]], []
    size = read = 0
    for chapter in chapters[:_MOST_CHAPTERS]:
        if size > LONGEST_TEXT:
            break
        try:
            texts.append(page_text(archive.part(chapter, _LARGEST_CHAPTER)))
        except UnreadableError as error:
            problems.append(error.sentence)
            break
        size += len(texts[-1])
        read += 1
    if read < len(chapters):
        problems.append(f"{read} of its {counted(len(chapters), 'chapter', 'chapters')} were read.")
    return Reading("\n\n".join(filter(None, texts)), tuple(problems))


def _tree(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        raise UnreadableError("It is a book without a list of what is in it.")
    return root


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    yield from root.iterfind(f".//{{*}}{name}")


def _chapters(package: etree._Element, place: str) -> Iterator[str]:
    """The names of the parts in reading order; a name is only ever looked up in the archive."""
    hrefs = {each.get("id"): each.get("href") or "" for each in _named(package, "item")}
    for each in _named(package, "itemref"):
        if href := hrefs.get(each.get("idref")):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(href.partition("#")[0])))
