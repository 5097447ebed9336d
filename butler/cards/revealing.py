"""What hides in text from the world, made visible, pure: controls, direction tricks, look-alike letters, padding."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from butler.core.text import visible

_MOST_SPACES, _MOST_EMPTY, _MOST_MARKS, _MOST_NAMED = 40, 5, 4, 6
_PADDING = re.compile(f"[ ]{{{_MOST_SPACES},}}")
_WORD = re.compile(r"[^\W\d_]{2,}")
_LOOKALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "MATHEMATICAL", "FULLWIDTH"})
_PLAIN_TEXT = re.compile(r"[\x20-\x7e]*")
_HIDDEN = "Hidden characters in the {} are made visible"
_MIXED = "Words in the {} mix letters of several scripts that look alike"
_DOMAINS = "Domains in the {} have letters that may look like others"
_EMOJI_JOINTS = "\u200d\ufe0e\ufe0f"
_BLANKS = "\u2800\u3164\u115f\u1160\uffa0"


class Reveal:
    """Makes texts harmless and remembers what was found in them, by place, for the warnings of a card."""

    def __init__(self) -> None:
        self._examples: dict[tuple[str, str], dict[str, None]] = {}
        self._sentences: dict[str, None] = {}

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found, one sentence each."""
        examples = (f"{what.format(place)}: {some(list(found))}." for (what, place), found in self._examples.items())
        return (*examples, *self._sentences)

    def line(self, text: str, place: str) -> str:
        """One line: its line breaks become visible too."""
        return self._line(text.strip("\r\n").expandtabs(1), place).strip()

    def lines(self, text: str, place: str) -> tuple[str, ...]:
        """All lines of a text; long runs of empty ones become one that counts them."""
        split = text.replace("\r\n", "\n").expandtabs(4).split("\n")
        return tuple(self._close_up([self._line(line, place).rstrip() for line in split], place))

    def address(self, address: str, place: str) -> str:
        """An address or a domain: what is not plain in the domain is shown as a computer reads it."""
        local, at, domain = address.rpartition("@")
        shown = self.line(domain, place) if domain.isascii() else as_read(domain)
        if not domain.isascii():
            self._example(_DOMAINS, place, shown)
        return self.line(local, place) + at + shown

    def note(self, sentence: str) -> None:
        """Remember something else that was found."""
        self._sentences[sentence] = None

    def _example(self, what: str, place: str, example: str) -> None:
        self._examples.setdefault((what, place), {})[example] = None

    def _line(self, text: str, place: str) -> str:
        if not _PLAIN_TEXT.fullmatch(text):
            text = "".join(self._characters(text, place))
            text = _WORD.sub(lambda word: self._word(word.group(), place), text)
        padded = _PADDING.sub(lambda run: f" ⟨{len(run.group())} spaces⟩ ", text.rstrip())
        if padded != text.rstrip():
            self._sentences[f"There is a wide gap in a line of the {place}; it is shown as a number of spaces."] = None
        return visible(padded)

    def _characters(self, text: str, place: str) -> Iterator[str]:
        before, marks = "", 0
        for character in text:
            marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
            if marks > _MOST_MARKS:
                if marks == _MOST_MARKS + 1:
                    self._sentences[f"Letters of the {place} carry heaps of marks; most of them are left out."] = None
                continue
            yield self._character(character, before, place)
            before = character

    def _character(self, character: str, before: str, place: str) -> str:
        category = unicodedata.category(character)
        if category == "Zs" and character not in _BLANKS:
            return " "
        if character in _EMOJI_JOINTS and before and unicodedata.category(before) in {"So", "Sk", "Mn", "Po", "Nd"}:
            return ""
        if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or character in _BLANKS or not visible(character):
            self._example(_HIDDEN, place, _name(character))
            return _mark(character)
        return character

    def _word(self, word: str, place: str) -> str:
        if word.isascii():
            return word
        scripts = [_script(letter) for letter in word]
        found = dict.fromkeys(script for script in scripts if script in _LOOKALIKE)
        if len(found) < 2:
            return word
        main = "LATIN" if "LATIN" in found else max(found, key=scripts.count)
        marked = zip(word, scripts, strict=True)
        shown = "".join(f"{each}{_mark(each)}" if script in found and script != main else each for each, script in marked)
        self._example(_MIXED, place, shown)
        return shown

    def _close_up(self, lines: list[str], place: str) -> Iterator[str]:
        empty = 0
        for line in (*lines, None):
            if line == "":
                empty += 1
                continue
            if line is not None and empty >= _MOST_EMPTY:
                self._sentences[f"There is a long gap in the {place}; it is shown as a number of lines."] = None
                yield f"⟨{empty} empty lines⟩"
            elif line is not None:
                yield from [""] * empty
            empty = 0
            if line is not None:
                yield line


def some(found: Sequence[str]) -> str:
    """Name the first of some things, and count the rest."""
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return f"{', '.join(found[:_MOST_NAMED])}{more}"


def _mark(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def _name(character: str) -> str:
    name = unicodedata.name(character, "CONTROL" if unicodedata.category(character) == "Cc" else "")
    return f"U+{ord(character):04X} {name}".strip()


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def as_read(address: str) -> str:
    """An address or domain as computers read it, followed by how it looks where that differs."""
    local, at, domain = visible(address).rpartition("@")
    if domain.isascii():
        return visible(address)
    labels = [
        label if label.isascii() else "xn--" + label.lower().encode("punycode").decode("ascii") for label in domain.split(".")
    ]
    return f"{local}{at}{'.'.join(labels)} ⟨{domain}⟩"
