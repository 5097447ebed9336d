"""Bytes to Unicode for mails and cards: declared charsets that lie, that nobody knows or that are no charsets at all."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
# Text codecs of Python that are no charsets of anybody; some take quadratic time, some run escapes.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_ALIASES = {
    "ansi_x3.110-1983": "cp1252",
    "cp-850": "cp850",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "unicode-1-1-utf-7": "utf-7",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "x-unknown": "utf-8",
    "unknown-8bit": "utf-8",
    "utf8mb4": "utf-8",
    "x-sjis": "shift_jis",
    "windows-31j": "cp932",
}


@lru_cache(maxsize=256)
def _codec(charset: str) -> str:
    """Python's name for a charset, or an empty string when it is none."""
    name = charset.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    if not _NAME.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name)
        # No bytes at all are never decoded, so that only some bring to light what is no text codec, such as rot13.
        b"a".decode(found.name, "replace")
    except (LookupError, UnicodeError, ValueError):
        return ""
    return "" if found.name.replace("-", "_") in _NO_CHARSETS else found.name


def decode(content: bytes, charset: str, *, cut: bool = False) -> tuple[str, bool]:
    """Decode by the declared charset, else UTF-8, else Windows-1252; the flag is False when none of them fits.

    `cut` says that the end of the content is missing, so that half a character there is no error.
    """
    for codec in dict.fromkeys(name for name in (_codec(charset), "utf-8") if name):
        try:
            return clean(codecs.getincrementaldecoder(codec)().decode(content) if cut else content.decode(codec)), True
        except (UnicodeError, ValueError):
            continue
    text = content.decode("cp1252", "replace")
    return clean(text), "\ufffd" not in text


def clean(text: str) -> str:
    """Drop NUL and lone surrogates, which neither UTF-8 nor a database can hold."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "ignore").decode()
    return text
