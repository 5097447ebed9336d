"""Whether words are borne out by their source: literal quotes found again, and phrases checked fact by fact.

A model may only repeat. A quote must stand in its source once case, white space, quote marks and dashes are folded; what comes
back is the source's own slice. In a phrase, every number, time, date, weekday, month, address, domain and name must be in the
source or among the words the caller knows to be true. When in doubt a word counts as unsupported: the caller then shows the
verbatim quote instead, so that a wrong alarm costs a nicer phrase and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from butler.core import claims, facts
from butler.core.daynames import unaccented
from butler.core.text import normalised

QUOTE_LIMIT = 1_000
_WRAPPING = " \t\n\"'“”„«»‘’…"
_MARKS = r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_CLUSTER = re.compile(rf"[\x21-\x7e]+(?!{_MARKS})|\s+(?!{_MARKS})|.{_MARKS}*", re.DOTALL)
_NAME = re.compile(r"(?<![\w@])[^\W\d_](?:[^\W_]|['’-](?=[^\W\d_]))*")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;…][\"'”’)]?\s+|[\"“„«(\[]|\n)\s*$")


def _stem(word: str) -> str:
    """Fold a name, without accents and without the ending that makes it a possessive."""
    folded = unaccented(unicodedata.normalize("NFKC", word).casefold().replace("’", "'"))
    return folded.removesuffix("'s").rstrip("'")


def _set(words: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in words.split())


_GERMAN_FORMULAS = _set(
    """
    antwort rückmeldung bitte frage fragen termin treffen bestätigung zusage absage unterlagen rechnung zahlung frist
    einladung herr herrn frau angebot vertrag teilnahme anfrage nachricht mail e-mail email datei dokument entscheidung
    hilfe information informationen meinung vorschlag vorschläge zeit uhr tag woche mittag abend freigabe unterschrift
    überweisung anmeldung erinnerung
    """
)
_OPENINGS = _set(
    """
    a an and any are ask at book bring but buy by call can check choose come confirm could decide did do does fill for
    forward from get give go has have he help her here his how if in invitation invite is it join let look make may meet
    meeting more need new no not note of on one open or our pay please possible prepare proposal propose provide put
    question read reminder remind reply request respond return review say see send set share she should show sign some
    start submit take tell that the their there they this to try two until update urgent use visit wait want we what when
    where whether which who whom whose why will wish with work would write yes you your
    """
)
_PLAIN = frozenset(
    {"i", "i'm", "i'd", "i'll", "i've", "ok", "okay", "pdf", "am", "pm", "asap", "eur", "usd", "gbp", "chf", "uhr"}
)


def find_quote(quote: str, source: str) -> str | None:
    """Find the source's own slice that a quote repeats, at word borders; None when it is not there or says next to nothing."""
    place = place_of_quote(quote, source)
    return None if place is None else source[slice(*place)]


def place_of_quote(quote: str, source: str) -> tuple[int, int] | None:
    """Find where in the source that slice begins and ends."""
    needle = normalised(quote[: QUOTE_LIMIT * 2].strip(_WRAPPING)).strip(_WRAPPING)
    if not needle or len(needle) > QUOTE_LIMIT or sum(c.isalnum() for c in needle) < 3:
        return None
    folded, places = _fold(source)
    at = _at_borders(needle, folded)
    return None if at is None else (places[at][0], places[at + len(needle) - 1][1])


def unsupported(summary: str, source: str, extra: Sequence[str] = (), language: str = "en") -> list[str]:
    """List the words of a phrase that neither its source nor `extra` (names and facts known to be true) bears out.

    Checked are numbers, times, dates, weekdays, months, addresses and domains by their value, and capitalised words inside a
    sentence as names. In German, where every noun is capitalised, a noun passes when a word of the source begins alike or when
    it is one of the nouns that requests are put in. In English the first word is a name unless it is a verb or formula.
    Relative days, spans, numbers in words and units must be said by the source too; and where it is in the phrase's language,
    so must every word that carries meaning.
    """
    known, summary = "\n".join((source, *extra)), unicodedata.normalize("NFKC", summary)
    wrong = facts.unborne(summary, known)
    rest = facts.without_facts(summary)
    names = _unknown_names(rest, known, language)
    said = [*names, *wrong]
    plain = [words for words in claims.unsaid(summary, known, language) if words and not any(words in one for one in said)]
    return list(dict.fromkeys([*wrong, *names, *plain]))


def _fold(source: str) -> tuple[str, list[tuple[int, int]]]:
    """Fold a source as `normalised` does, with the place each folded character came from."""
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(source):
        start, piece = cluster.start(), cluster.group()
        if piece.isspace():
            if folded and folded[-1] != " ":
                folded.append(" ")
                places.append((start, cluster.end()))
        elif piece.isascii():
            folded.extend(piece.lower())
            places.extend((start + offset, start + offset + 1) for offset in range(len(piece)))
        else:
            # A lone non-ASCII character may fold to several ("ß", "…") or to none.
            inner = normalised(f"x{piece}x")[1:-1]
            folded.extend(inner)
            places.extend([(start, cluster.end())] * len(inner))
    return "".join(folded), places


def _at_borders(needle: str, folded: str) -> int | None:
    """Where the needle stands with no word cut at either end; tries each word of the text at most once."""
    at = folded.find(needle)
    while at >= 0:
        end = at + len(needle)
        cut_before = at > 0 and folded[at - 1].isalnum() and needle[0].isalnum()
        cut_after = end < len(folded) and folded[end].isalnum() and needle[-1].isalnum()
        if not (cut_before or cut_after):
            return at
        step = at + 1
        while needle[0].isalnum() and step < len(folded) and folded[step].isalnum():
            step += 1
        at = folded.find(needle, step)
    return None


def _unknown_names(summary: str, known: str, language: str) -> list[str]:
    words = {_stem(word.group()) for word in _NAME.finditer(known)}
    starts = frozenset(word[:4] for word in words if len(word) >= 4) if language == "de" else frozenset()
    wrong = []
    for name in _NAME.finditer(summary):
        stem = _stem(name.group())
        german_noun = language == "de" and (stem in _GERMAN_FORMULAS or stem[:4] in starts)
        if _looks_like_a_name(name.group(), summary[: name.start()], language) and stem not in words and not german_noun:
            wrong.append(name.group())
    return wrong


def _looks_like_a_name(word: str, before: str, language: str) -> bool:
    """Whether a word is to be checked: a capital inside a sentence or word, or an English opening that is no formula."""
    if word.casefold().replace("’", "'") in _PLAIN or not any(c.isupper() for c in word):
        return False
    if any(c.isupper() for c in word[1:]) or not _SENTENCE_START.search(before[-8:]):
        return True
    return language == "en" and not word.endswith(("s", "ed", "ing")) and word.casefold() not in _OPENINGS
