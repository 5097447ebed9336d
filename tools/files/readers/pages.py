"""The text of HTML pages: what a reader would see, by the code that reads HTML mail."""

from __future__ import annotations

import re
from html import unescape

from tools.files.paths import text_of
from tools.files.readers.reading import Reading
from tools.mail.html import html_to_text

_LARGEST = 10_000_000
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,500})", re.IGNORECASE)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s{0,5}=\s{0,5}["']?\s{0,5}([\w-]{3,20})""", re.IGNORECASE)
_CHARSETS = frozenset(
    {"iso-8859-1", "iso-8859-2", "iso-8859-9", "iso-8859-15", "windows-1250", "windows-1251", "windows-1252", "windows-1254"}
    | {"koi8-r", "shift_jis", "euc-jp", "gb2312", "gbk", "gb18030", "big5", "euc-kr", "latin1"}
)
_HEAD = 4_096


def read_html(content: bytes) -> Reading:
    """Read a page, its title first."""
    problems = (f"Only the first {_LARGEST // 1_000_000} MB were read.",) if len(content) > _LARGEST else ()
    return Reading(page_text(content[:_LARGEST]), problems)


def page_text(content: bytes) -> str:
    """The title and the visible text of a page."""
    page = _decoded(content)
    title = _TITLE.search(page[:_HEAD])
    text = html_to_text(page.replace("\0", ""))
    named = " ".join(unescape(title[1]).split()) if title else ""
    return f"{named}\n\n{text}".strip() if named and not text.startswith(named) else text


def _decoded(content: bytes) -> str:
    named = _CHARSET.search(content[:_HEAD])
    charset = named[1].decode("ascii", "replace").lower() if named else ""
    if charset in _CHARSETS:
        return content.decode(charset, "replace")
    return text_of(content)[0]
