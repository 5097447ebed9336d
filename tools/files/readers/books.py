"""The text of EPUB files, chapter by chapter in the order in which they are read."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from butler.core.documents import LONGEST_TEXT
from tools.files.readers.markup import DamagedError, tree
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
    # Fonts are often encrypted, which hides no words.
    encrypted = unquote(archive.part("META-INF/encryption.xml", _LARGEST_LIST).decode("utf-8", "replace"))
    if encrypted and any(f'"{chapter}"' in encrypted for chapter in chapters[:_MOST_CHAPTERS]):
        raise UnreadableError(ENCRYPTED)
    head = [(each.text or "").strip() for name in _TITLES for each in _named(package, name)]
    texts, problems = ["\n".join(filter(None, head))[:1_000]], []
    size = read = 0
    there = frozenset(archive.names)
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
    if missing := sum(chapter not in there for chapter in chapters[:read]):
        problems.append(f"{missing} of its {counted(len(chapters), 'chapter', 'chapters')} are not in the file.")
    if read < len(chapters):
        problems.append(f"{read} of its {counted(len(chapters), 'chapter', 'chapters')} were read.")
    return Reading("\n\n".join(filter(None, texts)), tuple(problems))


def _tree(content: bytes) -> Any:
    try:
        return tree(content)
    except DamagedError as error:
        raise UnreadableError("It is a book without a list of what is in it.") from error


def _named(root: Any, name: str) -> Iterator[Any]:
    yield from root.iterfind(f".//{{*}}{name}")


def _chapters(package: Any, place: str) -> Iterator[str]:
    """The names of the parts in reading order; a name is only ever looked up in the archive."""
    hrefs = {each.get("id"): each.get("href") or "" for each in _named(package, "item")}
    for each in _named(package, "itemref"):
        if href := hrefs.get(each.get("idref")):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(place), unquote(href.partition("#")[0])))
