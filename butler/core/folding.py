"""Spellings that meet: what a search has to know of a text beside its words as they stand. Pure.

SQLite's tokenizer folds case and the accents of Latin letters. What it leaves apart is folded here, and written beside the
text: full width, ligatures, ß, ø, ł, ё, accents of Greek, vowel signs of Arabic and Hebrew, soft hyphens. Of scripts that put
no blanks between words, every two neighbouring letters are written there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_HIDDEN = "\u00ad\u200b-\u200d\u2060"
_PARTS = f"\\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670{_HIDDEN}"
# What SQLite's tokenizer does not fold as `folded` does; a test compares the two, letter by letter.
_ODD = (
    "\u00aa\u00b2\u00b3\u00b9\u00ba\u00bc-\u00be\u00c6\u00d0\u00d8\u00de\u00df\u00e6\u00f0\u00f8\u00fe\u0110\u0111\u0126\u0127\u0131-\u0133"
    "\u0138\u013f-\u0142\u0149-\u014b\u0152\u0153\u017f\u01c4-\u01cc\u01e0-\u01e3\u01f1-\u01f3\u01fc-\u01ff\u0386-\u0390\u03aa-\u03b0\u03c2\u03ca-\u03ce"
    "\u0400\u0401\u0403\u0407\u040c-\u040e\u0450\u0451\u0453\u0457\u045c-\u045e\u0476\u0477\u04d0-\u04f9\u0591-\u05c7\u0622-\u0626\u0640\u064b-\u065f\u0670"
    "\u06c0-\u06d3\u0958-\u095f\u09dc-\u09df\u0a33-\u0a5e\u0b5c\u0b5d\u1c90-\u1cbf\u1e9a\u1e9e\u1f00-\u1fff\u2070-\u209c\u2100-\u2189\u2460-\u249b\ufb00-\ufdff\ufe70-\ufefc\uff01-\uff5e\U0001d400-\U0001d7ff"
)
_RUN = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\u3005-\u3007\u3040-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_SPECIAL = re.compile(f"[{_ODD}{_HIDDEN}{_RUN}]")
_HIDDEN_LETTERS = re.compile(f"[{_HIDDEN}]+")
_PART = re.compile(f"(?:(?![{_RUN}])[{_PARTS}])*")
_UNSPACED = re.compile(f"[{_RUN}]+")
_LONGEST_PART = 40
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]"
)
_KEPT = re.compile("и\u0306")
_ALIKE = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ŋ": "n", "ĸ": "k", "ς": "σ"}
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060")
)
_GERMAN = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"))
_LEAST_GERMAN = 5
_OWNED = re.compile(r"(.{2,})['\u2019]s", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]")
_NUMBER = re.compile(r"([0-9]{1,3}(?:[.,'\u2019][0-9]{3})+|[0-9]{4,12})(?:[.,]([0-9]{1,2}))?")
_IBAN = re.compile(r"[a-z]{2}[0-9]{2}[a-z0-9]{11,30}")
_MONEY = "€$£¥ "


def folded(text: str) -> str:
    """The spelling in which all others of a text meet: in small letters, without accents and ligatures."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    bare = _MARKS.sub("", _KEPT.sub("й", plain))
    return unicodedata.normalize("NFC", bare).translate(_ALIKE)


def beside(text: str) -> str:
    """What a search has to know of a text beside the words in it; mostly nothing."""
    if text.isascii():
        return ""
    words: dict[str, None] = {}
    runs: list[str] = []
    end = 0
    for found in _SPECIAL.finditer(text):
        at = found.start()
        if at < end:
            continue
        if run := _UNSPACED.match(text, at):
            runs.append(_paired(text, run))
            end = run.end()
        elif (hidden := _HIDDEN_LETTERS.match(text, at)) and not _joins(text, hidden):
            end = hidden.end()
        else:
            start, end = _around(text, end, at)
            words[folded(text[start:end])] = None
    return " ".join((*words, *runs))


def _joins(text: str, hidden: re.Match[str]) -> bool:
    """Whether letters that are not seen stand within a word."""
    around = text[max(0, hidden.start() - 1) : hidden.start()], text[hidden.end() : hidden.end() + 1]
    return all(each.isalnum() or _MARKS.match(each) for each in around)


def _around(text: str, least: int, at: int) -> tuple[int, int]:
    """Where the word begins and ends that a letter is in."""
    before = _PART.match(text[max(least, at - _LONGEST_PART) : at][::-1])
    after = _PART.match(text, at, at + _LONGEST_PART)
    return at - (before.end() if before else 0), max(at + 1, after.end() if after else 0)


def _paired(text: str, run: re.Match[str]) -> str:
    """A run without blanks by its pairs, and the words that it is written to without one."""
    before = _PART.match(text[max(0, run.start() - _LONGEST_PART) : run.start()][::-1])
    after = _PART.match(text, run.end(), run.end() + _LONGEST_PART)
    words = [folded(part) for part in (before[0][::-1] if before else "", after[0] if after else "")]
    return " ".join((words[0], *pairs_of(run[0]), words[1]))


def with_beside(text: str) -> str:
    """A text and what a search has to know beside it."""
    more = beside(text)
    return f"{text}\n{more}" if more else text


def pairs_of(run: str) -> Iterator[str]:
    """Every two neighbouring letters of a run without blanks, and its last letter."""
    plain = unicodedata.normalize("NFKC", run)
    for at in range(len(plain)):
        yield plain[at : at + 2]


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Take apart what is written with blanks between words and what is not (True); what holds no word is left out."""
    end = 0
    for run in _UNSPACED.finditer(text):
        yield from _spaced(text[end : run.start()])
        yield run[0], True
        end = run.end()
    yield from _spaced(text[end:])


def spellings(text: str, *, is_phrase: bool) -> list[str]:
    """The spellings under which words are looked for; they are the same to who searches."""
    raw = unicodedata.normalize("NFC", text.lower())
    found = [text.lower(), raw, folded(raw), *_german(raw)]
    if not is_phrase:
        if owned := _OWNED.fullmatch(raw):
            found += [owned[1], folded(owned[1])]
        joined = folded(raw).replace("-", "")
        if joined.isalpha():
            found.append(joined)
        found += _grouped(raw.strip(_MONEY))
    return list(dict.fromkeys(each for each in found if _WORD.search(each)))


def _german(word: str) -> Iterator[str]:
    """Müller and Mueller are one name; accents are folded elsewhere."""
    there = back = word
    for letter, two in _GERMAN:
        there, back = there.replace(letter, two), back.replace(two, letter)
    if there != word:
        yield folded(there)
    if back != word and len(word) >= _LEAST_GERMAN:
        yield folded(back)


def _grouped(word: str) -> Iterator[str]:
    """A number with its thousands apart and together, and an account's number in fours."""
    if _IBAN.fullmatch(word):
        yield " ".join(word[at : at + 4] for at in range(0, len(word), 4))
    elif found := _NUMBER.fullmatch(word):
        digits = re.sub(r"\D", "", found[1])
        cents = f" {found[2]}" if found[2] else ""
        yield digits + cents
        yield f"{digits[: len(digits) % 3]} ".lstrip() + " ".join(re.findall("...", digits[len(digits) % 3 :])) + cents


def _spaced(text: str) -> Iterator[tuple[str, bool]]:
    if _WORD.search(text):
        yield text.strip(), False
