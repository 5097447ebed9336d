"""Text from the world, made harmless to show: the one place for terminals, JSON, Markdown, pages, notices, logs and prompts.

docs/security.md says which way out goes through which function, and a test holds every one of them to it.
"""

from __future__ import annotations

import json
import re
import unicodedata

# C0 and C1 controls, bidirectional overrides and isolates, zero-width and invisible format characters, tag characters.
_UNSEEN = (
    "\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\ud800-\udfff"
)
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_STYLED = re.compile(f"(\x1b\\[[0-9;]{{1,8}}m)|[{_UNSEEN}]")
# In JSON these stand for themselves unless they are escaped; the controls below them never do.
_PRINTED = re.compile(f"[{_UNSEEN}]".replace("\u0000-\u0008\u000b-\u001f", ""))
# What ends a line to Unicode, but no line of ours: the words at its two sides must not run into one.
_BREAKS = re.compile("[\u000b\u000c\u001c-\u001e\u0085\u2028\u2029]")
_JOINING = "\u200c\u200d\ufe0e\ufe0f"
_ALIKE = str.maketrans("“”„«»’‘–—", '"""""\'\'--')
_SPACES = re.compile(r"\s+")
# Where % meets one of its own it begins a comment of Obsidian, and beside < or > a template that some plugin runs.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!~$=^]|%(?=[%>])|(?<=[%<])%)")
_TEMPLATE = re.compile("<(?=%)|(?<=%)>")
_BACKTICKS = re.compile("`+")
_URL_SCHEME = re.compile(r"(?i)(mailto|javascript|data|file|obsidian|tel):(?=\S)|:(?=//)")
_BARE_WWW = re.compile(r"(?i)(www)\.(?=\S)")
_HOST_DOT = re.compile(r"(?<=\w)\.(?=\w)(?!\d+\b(?!\.))|(?<=\d)\.(?=\d+\.)")
_DEFUSED = {ord("@"): " at ", ord("<"): "‹", ord(">"): "›", ord("`"): "'", ord("["): "(", ord("]"): ")"}
_BLOCK_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")

UNSEEN = f"[{_UNSEEN}]*"
"""A pattern for what cannot be seen, such as may stand between a full stop and its blank."""

LONGEST_TROUBLE = 600
"""Characters that a sentence about a source has, together with what to do about it."""


def visible(text: str) -> str:
    """Drop controls, ANSI escapes' introducers, bidirectional tricks and zero-width characters; keep newlines and tabs.

    What ends a line otherwise, such as U+2028, becomes a blank.
    """
    return _INVISIBLE.sub("", _BREAKS.sub(" ", text))


def typed(text: str) -> str:
    """As `visible`, for what its owner types: with the signs that join and choose others, for emoji and scripts need them."""
    return _INVISIBLE.sub(lambda found: found[0] if found[0] in _JOINING else "", text)


def styled(text: str) -> str:
    """As `visible`, for a whole page that is printed: with the colours and styles that our own code put there."""
    return _STYLED.sub(lambda found: found[1] or "", text)


def in_json(text: str) -> str:
    """A JSON document with each invisible character escaped, so that it says the same and does nothing to a terminal."""
    return _PRINTED.sub(lambda found: json.dumps(found[0])[1:-1], text)


def one_line(text: str, limit: int = 300) -> str:
    """Make text from the world one visible line of at most `limit` characters, marked with … when cut."""
    flat = _SPACES.sub(" ", visible(text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def defused(text: str, limit: int = 300) -> str:
    """Make text from the world one line of which no program that shows it makes a link, an address or a mention."""
    flat = one_line(text.translate(_DEFUSED), limit)
    flat = _URL_SCHEME.sub(lambda m: f"{m[1] or ''} ", flat)
    return _HOST_DOT.sub("[.]", flat)


def markdown(text: str) -> str:
    """Neutralise text for a Markdown file: no link, image, autolink, HTML, wiki-link, tag, maths or block can come of it."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, 2000))
    escaped = _URL_SCHEME.sub(lambda m: f"{m[1] or ''}\\:", escaped)
    escaped = _BARE_WWW.sub(r"\1\\.", escaped)
    return _BLOCK_START.sub(r"\1\\\2", escaped.replace("@", "\\@"))


def code_span(text: str, limit: int = 1000) -> str:
    """A code span of Markdown that the text in it cannot leave, and in which no plugin finds a template to run."""
    flat = _TEMPLATE.sub(lambda found: "‹" if found[0] == "<" else "›", one_line(text, limit))
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(flat)), default=0))
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def normalised(text: str) -> str:
    """Fold what differs between a quote and its source without changing its words: NFKC, case, spaces, quote marks, dashes."""
    folded = unicodedata.normalize("NFKC", visible(text)).casefold()
    return _SPACES.sub(" ", folded.translate(_ALIKE)).strip()
