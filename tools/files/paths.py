"""What a file of a notes folder is, from its name and its bytes alone: pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BRIEFING = re.compile(r"---\r?\ndate: \d{4}-\d\d-\d\d\r?\ngenerated_at: .*\r?\ncomposed_by: (?:model|rules)\r?\n")
_AMID = re.compile(r"(?<=[^\W\d_])[³¹¿¯¥£](?=[^\W\d_])")
_ALL_HIGH = re.compile(r"(?<!\w)[À-ÿ]{3,}(?!\w)")
_ENOUGH_HIGH = 6
_UNKNOWN = "\ufffd"
BINARY = "This is no text: it has NUL bytes in it."


def is_hidden(name: str) -> bool:
    """Whether a file or folder is not for reading, as .git, .obsidian and .trash are not."""
    return name.startswith(".")


def is_lock(name: str) -> bool:
    """Whether a file only says that another one is open in an office program."""
    return name.startswith("~$")


def matches(path: str, patterns: Sequence[str]) -> bool:
    """Whether a relative path is wanted: a pattern with a slash is held against all of it, any other against its name."""
    lower, name = path.lower(), path.rpartition("/")[2].lower()
    return any(fnmatchcase(lower if "/" in pattern else name, pattern.lower()) for pattern in patterns)


def shown_path(path: str) -> tuple[str, tuple[str, ...]]:
    """Make a path valid Unicode; say so where its bytes are not."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), ("The file's name is not valid UTF-8.",)
    return path, ()


def is_unchanged(version: str, stamp: str) -> bool:
    """Whether a known version has the modification time and size of a stamp, so that its content need not be read.

    A version that ends in a colon is of a file that could not be read then.
    """
    return version.startswith(f"{stamp}:") and not version.endswith(":")


def is_briefing(text: str) -> bool:
    """Whether a note is a briefing of the butler's own, by its front matter: what it says is known already."""
    return bool(_BRIEFING.match(text))


def text_of(content: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a note: by its byte order mark, else UTF-8, else as Windows has it; problems say why there is no text."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, "replace").replace("\0", ""), ()
    if b"\0" in content:
        return "", (BINARY,)
    try:
        # Not final: the end of a file that is over the limit may be half a character.
        return codecs.getincrementaldecoder("utf-8")().decode(content), ()
    except UnicodeDecodeError:
        return windows_text(content), ()


def windows_text(content: bytes) -> str:
    """Decode what is no Unicode: letters with signs amid them tell of Central Europe, words without a plain one of Cyrillic."""
    text = content.decode("cp1252", "replace")
    if _AMID.search(text):
        return content.decode("cp1250", "replace")
    high = sum(map(len, _ALL_HIGH.findall(text)))
    if high >= _ENOUGH_HIGH and 2 * high > sum(c > "\x7f" for c in text):
        return content.decode("cp1251", "replace")
    return text if _UNKNOWN not in text else content.decode("latin-1")
