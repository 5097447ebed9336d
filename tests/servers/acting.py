"""What could act in an output that holds words from the world: found by looking at the output alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from markdown_it import MarkdownIt

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SEEN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that are seen all the same: signs around numbers."""
_OUR_STYLES = re.compile(r"\x1b\[[0-9;]{1,8}m")
_CODE = re.compile(r"(?<![`\\])(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_RAW = (
    ("wiki link", re.compile(r"\[\[|\]\]")),
    ("link or image", re.compile(r"\]\s*[(\[]")),
    ("HTML", re.compile(r"<[a-zA-Z/!?]")),
    ("address", re.compile(r"(?i)\b(?:[a-z][a-z0-9+.-]*://|www\.\S|(?:mailto|javascript|data|file|obsidian|tel):\S)")),
    ("mail address", re.compile(r"[\w.+-]@[\w-]")),
    ("tag", re.compile(r"(?:^|\s)#[^\s#]")),
    ("maths", re.compile(r"\$[^\s$].*\$")),
    ("comment", re.compile(r"%%")),
    ("highlight or strike", re.compile(r"==\S|~~\S")),
)
_LIVE = {"link_open", "image", "html_inline", "html_block", "fence", "code_block", "table_open"}


def in_text(text: str, lines: bool = True) -> list[str]:
    """Characters that nobody sees and programs obey: controls, escapes, direction tricks, invisible ones."""
    kept = "\n\t" if lines else ""
    return [f"U+{ord(each):04X}" for each in text if each not in kept and _is_hidden(each)]


def in_terminal(text: str) -> list[str]:
    """What could move a cursor or play with directions; colours and styles of ours may stand in it."""
    return in_text(_OUR_STYLES.sub("", text))


def in_markdown(text: str) -> list[str]:
    """What a reader of Markdown, Obsidian's kind included, could make more of than words; code spans are words."""
    body = text.split("---\n", 2)[2] if text.startswith("---\n") else text
    return [*in_text(text), *_templates(text), *_parsed(body), *(found for line in body.split("\n") for found in _raw(line))]


def _is_hidden(character: str) -> bool:
    if character in _SEEN:
        return False
    return unicodedata.category(character) in _HIDDEN or "\U000e0000" <= character <= "\U000e0fff"


def _templates(text: str) -> Iterator[str]:
    # A plugin that fills templates in looks at the bytes of a file, whatever is code in it.
    yield from (each for each in ("<%", "%>") if each in text)


def _parsed(body: str) -> Iterator[str]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)
    every = [each for token in tokens for each in (token, *(token.children or ()))]
    yield from (token.type for token in every if token.type in _LIVE)


def _raw(line: str) -> Iterator[str]:
    words = _ESCAPED.sub("·", re.sub(r"\[\^\d+\]:?", "", _CODE.sub("", line)))
    heading = re.match(r"#{1,2} ", words)
    words = words[heading.end() :] if heading else words
    yield from (f"{name}: {line[:120]}" for name, pattern in _RAW if pattern.search(words))
