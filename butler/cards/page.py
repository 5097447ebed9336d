"""A card for a terminal, pure: laid out to its width, nothing cut, and nothing in it can look like the card itself."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from butler.cards.card import Card
from butler.cards.contents import Part
from butler.core.payloads import account_of
from butler.core.text import one_line
from butler.terminal import width_of, wrap

_BOLD, _DIM, _YELLOW, _RED, _GREEN, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[31m", "\x1b[32m", "\x1b[0m"
_MARGINS = {"text": ("  | ", "  : "), "quoted": ("  > ", "  : "), "difference": ("  ", "    "), "list": ("  · ", "    ")}
_STATUS = {"failed": _RED, "uncertain": _RED, "held": _BOLD, "done": _GREEN, "approved": _GREEN}
_LEAST_WIDTH = 30
_LABEL = 11


def as_text(card: Card, *, width: int = 80, colour: bool = False, zone: ZoneInfo | None = None, hint: str = "butler ") -> str:
    """Lay a card out in lines of at most `width` cells; ids and hashes are never broken. `hint` begins what can be done."""
    page = _Page(card, max(width, _LEAST_WIDTH), colour, zone or ZoneInfo("UTC"))
    return "\n".join((*page.lines(), *(page.hint(hint) if hint else ()))).rstrip("\n") + "\n"


class _Page:
    def __init__(self, card: Card, width: int, colour: bool, zone: ZoneInfo) -> None:
        self._card = card
        self._width = width
        self._colour = colour
        self._zone = zone

    def lines(self) -> Iterator[str]:
        yield from self.head()
        yield from self.facts()
        for part in self._card.parts:
            yield ""
            yield from self._block(part.title, "", "  ", _DIM)
            yield from self._part(part)
        yield from self._closing()

    def head(self) -> Iterator[str]:
        card, kept = self._card, self._card.kept
        status = self._paint(_STATUS.get(kept.status, _DIM), kept.status)
        account = one_line(account_of(kept.action.payload), 60)
        parts = (f"#{kept.id}", kept.action.kind, status, *((account,) if account else ()))
        yield " · ".join(parts) + self._paint(_DIM, f" · version {kept.version} · {kept.hash[:12]}")
        yield from self._block(card.what, "", "  ", _BOLD)
        yield ""
        told = [*self._warned()]
        yield from (*told, "") if told else ()

    def _warned(self) -> Iterator[str]:
        card = self._card
        if card.kept.note:
            yield from self._block(one_line(card.kept.note, 2000), "  ! ", "    ", _YELLOW)
        for warning in card.warnings:
            yield from self._block(warning, "  ! ", "    ", _YELLOW)
        for link in card.links:
            yield from self._block(f"Leads to {link.url} [{link.domain}]", "  ! ", "    ", _YELLOW)
        for remark in card.remarks:
            yield from self._block(remark, "  · ", "    ")
        if card.origin:
            yield from self._block(f"Rests on what others wrote: {', '.join(card.origin)}", "  · ", "    ", _DIM)

    def facts(self) -> Iterator[str]:
        yield from self._labelled("Why", self._card.reason)
        for label, value in self._card.fields:
            yield from self._labelled(label, value)
        if self._card.kept.action.group and self._card.kept.status == "held":
            yield from self._labelled("Choice", "one of several answers; approving one sets the others aside")
        expires = self._card.kept.action.expires
        if expires:
            yield from self._labelled("Until", f"{expires.astimezone(self._zone):%Y-%m-%d %H:%M %Z}")
        if self._card.kept.action.replaces is not None:
            yield from self._labelled("Instead of", f"#{self._card.kept.action.replaces}")
        for change in self._card.changes:
            becomes = f"{change.before} -> {change.after or '(nothing)'}" if change.before else change.after
            yield from self._labelled(change.field, becomes)

    def _part(self, part: Part) -> Iterator[str]:
        margin, rest = _MARGINS[part.style]
        for line in part.lines:
            code = self._line_colour(part, line)
            for number, piece in enumerate(_pieces(line, self._width - len(margin)) or [""]):
                yield ((rest if number else margin) + self._paint(code, piece)).rstrip()

    def _line_colour(self, part: Part, line: str) -> str:
        if part.style == "difference":
            return {"+": _GREEN, "-": _RED, "@": _DIM}.get(line[:1], "")
        return _DIM if part.style == "quoted" else ""

    def _closing(self) -> Iterator[str]:
        kept = self._card.kept
        for receipt in kept.done:
            yield ""
            yield from self._labelled("Done", one_line(receipt.sentence, 1000))

    def hint(self, program: str) -> Iterator[str]:
        kept = self._card.kept
        if kept.status == "held":
            yield ""
            said = f"{program}approve {kept.id}@{kept.hash[:12]} · edit, respond, reject, why {kept.id}"
            yield from self._block(said, "", "  ", _DIM)

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        if width_of(label) >= _LABEL:
            yield from self._block(label, "", "  ", _DIM)
            yield from self._block(text, " " * _LABEL, " " * _LABEL)
            return
        margin = self._paint(_DIM, label) + " " * (_LABEL - width_of(label))
        for number, line in enumerate(wrap(text, self._width - _LABEL, self._width - _LABEL) or [""]):
            yield (" " * _LABEL if number else margin) + line

    def _block(self, text: str, indent: str, hang: str, code: str = "") -> Iterator[str]:
        for number, line in enumerate(wrap(text, self._width - len(indent), self._width - len(hang))):
            yield (hang if number else indent) + self._paint(code, line)

    def _paint(self, code: str, text: str) -> str:
        return f"{code}{text}{_RESET}" if self._colour and code and text else text


def _pieces(line: str, room: int) -> list[str]:
    """Break a line of a text where it must be broken, at a space where there is one; spaces inside are kept."""
    pieces: list[str] = []
    start = place = cells = 0
    space = -1
    while place < len(line):
        cells += width_of(line[place])
        if line[place] == " ":
            space = place
        if cells > room and place > start:
            end = space + 1 if space > start else place
            pieces.append(line[start:end].rstrip())
            start, space = end, -1
            cells = width_of(line[start : place + 1])
        place += 1
    return [*pieces, line[start:]] if line[start:] else pieces
