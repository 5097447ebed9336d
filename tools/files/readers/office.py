"""The text of DOCX and ODT files: what their reader sees, paragraph by paragraph; nothing outside the file is ever looked at.

Their XML is read as a stream and without entities: the libraries for these formats unpack and build all of it at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from butler.core.documents import LONGEST_TEXT
from tools.files.readers.markup import DamagedError, stream
from tools.files.readers.reading import BROKEN_OFF, ENCRYPTED, Reading, UnreadableError, counted
from tools.files.readers.zips import Archive

MOST_ELEMENTS = 500_000
_WORD_PARTS = re.compile(r"word/(?:footnotes|endnotes|header\d*|footer\d*|comments)\.xml")
_MAIN = re.compile(rb'Target="/?(word/[\w.-]{1,100}\.xml)"')
_SKIPPED: Final = frozenset(
    {"del", "moveFrom", "instrText", "delText", "Fallback", "tracked-changes", "hidden-text", "hidden-paragraph", "annotation"}
)
"""What was deleted or hidden, codes of fields, and what is there a second time for older programs."""
_PICTURES: Final = frozenset({"drawing", "pict", "image", "object"})
_SIGNS: Final = {"noBreakHyphen": "-", "ptab": "\t", "note-body": " "}
_BREAKS: Final = frozenset({"br", "cr", "line-break"})
_ROWS: Final = frozenset({"tr", "table-row"})
_CELLS: Final = frozenset({"tc", "table-cell"})
_PARAGRAPHS: Final = frozenset({"p", "h"})
_TRAILING = re.compile(r"(?<! ) ++\n")
_SPACES = re.compile(r"\s+")
_MOST_SPACES = 100


def read_docx(archive: Archive) -> Reading:
    """Read a Word document with its notes, headers, footers and comments."""
    named = _MAIN.search(archive.part("_rels/.rels", 1_000_000))
    main = named[1].decode() if named else "word/document.xml"
    # What stands in a run counts, and of white space outside of it nothing.
    return _read(archive, [main, *sorted(filter(_WORD_PARTS.fullmatch, archive.names))], _Page(frozenset({"t"}), "r"))


def read_odt(archive: Archive) -> Reading:
    """Read an OpenDocument text."""
    if b"encryption-data" in archive.part("META-INF/manifest.xml", 1_000_000):
        raise UnreadableError(ENCRYPTED)
    # Headers and footers stand among the styles, as the only paragraphs there.
    return _read(archive, ["content.xml", "styles.xml"], _Page(_PARAGRAPHS, ""))


def _read(archive: Archive, names: list[str], page: _Page) -> Reading:
    problems = []
    for name in names:
        try:
            stream(archive.part(name), page)
        except _FullError as error:
            problems += [error.sentence] if error.sentence else []
            break
        except DamagedError:
            problems.append(BROKEN_OFF)
        except UnreadableError as error:
            # The others are worth reading all the same.
            if not page.pieces:
                raise
            problems.append(error.sentence)
        page.begin()
    if page.pictures:
        were = "was" if page.pictures == 1 else "were"
        problems.append(f"{counted(page.pictures, 'picture', 'pictures')} in it {were} left out.")
    if page.comments:
        problems.append(f"{counted(page.comments, 'comment', 'comments')} left out.")
    if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in archive.names):
        problems.append("Its macros were left out.")
    return Reading(_TRAILING.sub("\n", "".join(page.pieces)).strip(), tuple(dict.fromkeys(problems)))


class _FullError(Exception):
    """There is no room for more; the sentence is empty where that is said elsewhere."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Page:
    """Takes in elements as the parser meets them: `takes` are those in which text counts, `run` what its tabs stand in."""

    def __init__(self, takes: frozenset[str], run: str) -> None:
        self.pieces: list[str] = []
        self.pictures = self.comments = 0
        self._takes, self._run = takes, run
        self._size = self._elements = 0
        self.begin()

    def begin(self) -> None:
        """Begin another part."""
        self._skipped = self._taking = self._cells = self._runs = 0
        self._first_cell = True
        self._hidden, self._run_began = False, 0
        self._line()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        name = tag.rpartition("}")[2]
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise _FullError(f"It has more than {MOST_ELEMENTS:,} elements; only what stands in these was read.")
        if self._skipped or name in _SKIPPED:
            self._skipped += 1
            self.comments += name == "annotation"
            return
        if name in _PICTURES:
            self.pictures += 1
        if name in self._takes:
            self._taking += 1
        self._placed(name, attributes)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
            return
        name = tag.rpartition("}")[2]
        if name in self._takes:
            self._taking -= 1
        if name in _PARAGRAPHS:
            self._put(" ") if self._cells else self._line()
        elif name in _CELLS:
            self._cells -= 1
        elif name in _ROWS:
            self._line()
        elif name == self._run:
            self._runs -= 1
            if self._hidden:
                del self.pieces[self._run_began :]
                self._hidden = False

    def text(self, text: str) -> None:
        """Text between two tags."""
        if self._taking and not self._skipped:
            self._put(text if self._run else _SPACES.sub(" ", text))

    def doctype(self, name: str, *_where: str | None) -> None:
        """A document type: no office program writes one."""
        raise _FullError(f"It defines entities ({name[:40]}), which no such file does; what stands behind that was not read.")

    def _placed(self, name: str, attributes: Mapping[str, str]) -> None:
        inside = self._runs > 0 if self._run else self._taking > 0
        if name == self._run:
            self._runs += 1
            self._run_began = len(self.pieces)
        elif name in _ROWS:
            self._first_cell = True
        elif name in _CELLS:
            self._cells += 1
            self._put("" if self._first_cell else "| ")
            self._first_cell = False
        elif name == "vanish" and inside:
            self._hidden = not {"0", "false", "off"}.intersection(attributes.values())
        elif name in _BREAKS and inside:
            self._put(" ") if self._cells else self._line()
        elif name == "tab" and inside:
            self._put("\t")
        elif name in _SIGNS and inside:
            self._put(_SIGNS[name])
        elif name == "s" and inside:
            self._put(" " * _number(attributes))

    def _line(self) -> None:
        self.pieces.append("\n")

    def _put(self, text: str) -> None:
        self.pieces.append(text)
        self._size += len(text)
        if self._size > LONGEST_TEXT:
            raise _FullError


def _number(attributes: Mapping[str, str]) -> int:
    """How many spaces an element of ODT stands for."""
    for name, value in attributes.items():
        if name.endswith("}c") and value.isascii() and value.isdigit():
            return min(int(value[:6]), _MOST_SPACES)
    return 1
