"""Text from the world, made harmless to show: the one place used by terminal, Markdown, logs and prompts."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls, bidirectional overrides and isolates, zero-width and invisible format characters, tag characters.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_JOINING = "\u200c\u200d\ufe0e\ufe0f"
_ALIKE = str.maketrans("“”„«»’‘–—", '"""""\'\'--')
_SPACES = re.compile(r"\s+")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!~$=^])")
_URL_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,15}):(?=//)|\b(mailto|javascript|data|file|obsidian|tel):(?=\S)")
_BARE_WWW = re.compile(r"(?i)\b(www)\.(?=\S)")
_HOST_DOT = re.compile(r"(?<=\w)\.(?=\w)(?!\d+\b(?!\.))|(?<=\d)\.(?=\d+\.)")
_DEFUSED = {ord("@"): " at ", ord("<"): "‹", ord(">"): "›", ord("`"): "'", ord("["): "(", ord("]"): ")"}
_BLOCK_START = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s)")


def visible(text: str) -> str:
    """Drop controls, ANSI escapes' introducers, bidirectional tricks and zero-width characters; keep newlines and tabs."""
    return _INVISIBLE.sub("", text)


def typed(text: str) -> str:
    """As `visible`, for what its owner types: with the signs that join and choose others, for emoji and scripts need them."""
    return _INVISIBLE.sub(lambda found: found[0] if found[0] in _JOINING else "", text)


def one_line(text: str, limit: int = 300) -> str:
    """Make text from the world one visible line of at most `limit` characters, marked with … when cut."""
    flat = _SPACES.sub(" ", visible(text)).strip()
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def defused(text: str, limit: int = 300) -> str:
    """Make text from the world one line of which no program that shows it makes a link, an address or a mention."""
    flat = one_line(text.translate(_DEFUSED), limit)
    flat = _URL_SCHEME.sub(lambda m: f"{m.group(1) or m.group(2)} ", flat)
    return _HOST_DOT.sub("[.]", flat)


def markdown(text: str) -> str:
    """Neutralise text for a Markdown file: no link, image, autolink, HTML, wiki-link, tag, maths or block can come of it."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, 2000))
    escaped = _URL_SCHEME.sub(lambda m: f"{m.group(1) or m.group(2)}\\:", escaped)
    escaped = _BARE_WWW.sub(r"\1\\.", escaped)
    return _BLOCK_START.sub(r"\1\\\2", escaped.replace("@", "\\@"))


def normalised(text: str) -> str:
    """Fold what differs between a quote and its source without changing its words: NFKC, case, spaces, quote marks, dashes."""
    folded = unicodedata.normalize("NFKC", visible(text)).casefold()
    return _SPACES.sub(" ", folded.translate(_ALIKE)).strip()
