"""HTML mail to text by lxml: what a reader would see, nothing hidden, nothing loaded (pure).

inscriptis gives prettier tables but takes forty times as long, and keeps what a style sheet hides.
"""

from __future__ import annotations

import re

from lxml import etree

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_SPACED = frozenset(["blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "table", "ul", "ol"])
_CELLS = frozenset({"td", "th"})
_DROPPED = frozenset(
    [
        "applet",
        "audio",
        "canvas",
        "datalist",
        "embed",
        "frame",
        "frameset",
        "head",
        "iframe",
        "link",
        "math",
        "meta",
        "noembed",
        "noframes",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "title",
        "video",
    ]
)
# What senders use to hide words from the reader but not from a machine.
_HIDING = (
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|(?:font-size|max-height|opacity)\s*:\s*0+(?:\.0+)?(?:px|pt|em|rem|%)?\s*(?:!|;|\}|$)"
    r"|(?:left|top|text-indent)\s*:\s*-\d{3,}|color\s*:\s*transparent"
)
_HIDDEN_STYLE = re.compile(_HIDING, re.IGNORECASE)
_MEDIA = re.compile(r"@[^{};]*\{(?:[^{}]*\{[^{}]*\})*+[^{}]*\}?")
_RULE = re.compile(r"([^{}]{1,500})\{([^{}]*)\}")
_SELECTOR = re.compile(r"\s*[A-Za-z0-9]*([.#][\w-]+)\s*")
_SOFT_HYPHEN = re.compile(r"(?<=[^\W_])\xad(?=[^\W_])")
"""Where a word may be parted at the end of a line; between letters it parts none."""
_SPACES = re.compile(r"[ \t\r\n\f\v\xa0\u200b\u200c\u200d\u034f\ufeff\xad]+")
_TRAILING = re.compile(r" ++(?=\n)")
_RUNS = re.compile(r" {2,}+")
# libxml2 compares each attribute of a tag with all before it: 0.9 MB of them in one tag take it a minute.
_TAG = re.compile(
    r"""<[A-Za-z][^\s/>]*+(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)*+"""
)
_LONGEST_TAG = 8_000
_HARMLESS = 30_000
_SHEET_LIMIT = 100_000
_DEEPEST_QUOTE = 20


def html_to_text(html: str) -> str:
    """The visible text of an HTML document, block by block; quoted blocks get the usual `> `."""
    root = _parse(_without_long_tags(html) if len(html) > _HARMLESS else html)
    if root is None:
        return ""
    page = _Page()
    _walk(root, _hidden_names(root), page)
    return _TRAILING.sub("", _RUNS.sub(" ", "".join(page.pieces))).strip()


def _without_long_tags(html: str) -> str:
    """Cut the attributes of tags that have more of them than any page needs; pictures written out in a tag are not shown."""
    return _TAG.sub(lambda tag: tag[0] if len(tag[0]) <= _LONGEST_TAG else tag[0].split(maxsplit=1)[0][:20], html)


def _parse(html: str) -> etree._Element | None:
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, default_doctype=False
    )
    try:
        return etree.fromstring(html.encode("utf-8", "ignore"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _hidden_names(root: etree._Element) -> frozenset[str]:
    """The classes (`.x`) and ids (`#x`) that a style sheet of the document hides on every screen."""
    sheet = "\n".join(style.text or "" for style in root.iter("style"))[:_SHEET_LIMIT]
    if not _HIDDEN_STYLE.search(sheet):
        return frozenset()
    rules = [(names, body) for names, body in _RULE.findall(_MEDIA.sub("", sheet)) if _HIDDEN_STYLE.search(body)]
    selectors = [_SELECTOR.fullmatch(name) for names, _ in rules for name in names.split(",")]
    return frozenset(found[1] for found in selectors if found)


def _is_hidden(element: etree._Element, names: frozenset[str]) -> bool:
    if not element.attrib:
        return False
    style = element.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    if element.get("hidden") is not None:
        return True
    if not names:
        return False
    return f"#{element.get('id')}" in names or any(f".{name}" in names for name in (element.get("class") or "").split())


class _Page:
    """Text as it piles up: breaks wait until text follows, so that empty blocks leave no gaps."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.depth = 0
        self._breaks = 0

    def block(self, breaks: int) -> None:
        """Start a line (1), or a paragraph (2)."""
        self._breaks = max(self._breaks, breaks)

    def line_break(self) -> None:
        """A forced new line; two of them leave a line empty."""
        self._breaks = min(self._breaks + 1, 2)

    def quote(self, change: int) -> None:
        """Go one quotation deeper, or up."""
        self.depth += change
        self._breaks = 2

    def text(self, text: str) -> None:
        """Add text whose spaces are single already."""
        if not self.pieces or self._breaks:
            text = text.lstrip(" ")
            if not text:
                return
            start = "\n" * self._breaks if self.pieces else ""
            self.pieces.append(start + self._mark())
            self._breaks = 0
        self.pieces.append(text)

    def preformatted(self, text: str) -> None:
        """Add text whose lines are kept."""
        for line in text.strip("\n").split("\n"):
            self.text(line)
            self.line_break()

    def _mark(self) -> str:
        return ">" * min(self.depth, _DEEPEST_QUOTE) + " " if self.depth else ""


def _walk(root: etree._Element, names: frozenset[str], page: _Page) -> None:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if event == "end":
            _leave(tag, page)
            if element.tail:
                page.text(_spaced(element.tail))
        elif tag in _DROPPED or _is_hidden(element, names):
            walk.skip_subtree()
        else:
            _enter(tag, page)
            if element.text:
                page.preformatted(element.text) if tag == "pre" else page.text(_spaced(element.text))


def _spaced(text: str) -> str:
    """Text as it is shown: white space and what nobody sees are one space, but a soft hyphen parts no word."""
    return _SPACES.sub(" ", _SOFT_HYPHEN.sub("", text) if "\xad" in text else text)


def _enter(tag: str, page: _Page) -> None:
    if tag == "br":
        page.line_break()
    elif tag in _BLOCKS:
        page.block(2 if tag in _SPACED else 1)
        if tag == "blockquote":
            page.quote(1)
        elif tag == "li":
            page.text("- ")


def _leave(tag: str, page: _Page) -> None:
    if tag == "blockquote":
        page.quote(-1)
    elif tag in _CELLS:
        page.text(" ")
    elif tag in _BLOCKS and tag != "br":
        page.block(2 if tag in _SPACED else 1)
