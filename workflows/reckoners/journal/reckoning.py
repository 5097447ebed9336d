"""A journal looked back at: what was written when, what comes back, what was asked and meant to be done. In its own words."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from butler.core.daynames import MONTHS, WEEKDAYS, positions
from butler.core.definitions import Definition, Material, Reckoned, ReckonedLine, Reckoner
from workflows.briefing import phrases
from workflows.briefing.words import day_name
from workflows.draft_reply.language import LANGUAGES, small_words
from workflows.reckoners.journal.pieces import Piece, pieces
from workflows.reckoners.reading import Sentence
from workflows.reckoners.showing import counted, line, quoted, row, section, sections_of, table, whole
from workflows.reckoners.sources import texts_of

DAYS = 7
RECURRING = 8
MOST = 12
_LEAST_LETTERS = 4
_WORD = re.compile(r"[#@]?[^\W\d_](?:[^\W_]|['’-](?=[^\W\d_]))+")
_LINKED = re.compile(r"\[\[([^\[\]|#]{2,60})")
_ASKS = re.compile(r"[?？][\"'”’»)]*$")
_MEANT = (
    r"i (?:want|need|have|ought|mean|hope|plan) to|i(?:'d| would) (?:like|love) to|i (?:should|must|shall|will)|i'll|let's|"
    r"ich (?:will|möchte|sollte|muss|werde|mag nicht mehr|nehme mir)|wir (?:wollen|sollten|müssen)|nimm dir|"
    r"je (?:veux|voudrais|dois|vais)|il faut que je|j'aimerais|quiero|quisiera|tengo que|debo|debería|voy a|"
    r"voglio|vorrei|devo|dovrei|ik (?:wil|moet|zou|ga)|chcę|muszę|powin(?:ienem|nam)|quero|gostaria de|preciso|devia"
)
_MEANING = re.compile(rf"(?i)(?<!\w)(?:{_MEANT})(?!\w)")
_EVERYDAY = (
    "today yesterday tomorrow morning evening night week time again still really very much more than then only into over "
    "after before went came made said took good long first last back home were with nothing something everything never always "
    "heute gestern morgen abend nacht woche wieder immer noch sehr mehr dann nach ohne gegen alles nichts etwas gut lang "
    "erst aujourd'hui hier demain soir matin encore toujours hoy ayer mañana noche siempre nunca oggi ieri domani sera mattina"
)

OPTIONS = {"days": f"how many days are looked back at ({DAYS})", "words": f"how many recurring words are shown ({RECURRING})"}


def reckon(material: Material, definition: Definition, day: dt.date) -> Reckoned:
    """Look back over the last days."""
    options = definition.options("journal")
    days = whole(options.get("days"), "days", DAYS, 366)
    most = whole(options.get("words"), "words", RECURRING, 50)
    found = pieces(texts_of(material), day - dt.timedelta(days - 1), day)
    sections = sections_of(
        table(f"Written, {_written(found, days)}", ["day", "words", "begins"], (_piece(one, day) for one in found)),
        section("Open questions", _shortened([*_questions(found, day)])),
        section("Meant to do", _shortened([*_intentions(found, day)])),
        section("Comes back", _recurring(found, day, most)),
    )
    return Reckoned(sections)


JOURNAL = Reckoner(reckon, OPTIONS, ("notes", "documents"))


def _written(found: Sequence[Piece], days: int) -> str:
    written = len({piece.day for piece in found})
    return f"{written} of {counted(days, 'day')}, {counted(sum(piece.words for piece in found), 'word')}"


def _piece(piece: Piece, day: dt.date) -> ReckonedLine:
    """A day: how much was written, and how it begins."""
    first = next((one for one in piece.sentences if not one.is_heading), piece.sentences[0])
    return row([day_name(piece.day, day), str(piece.words), quoted(first.text, 52)], [piece.place(first)])


def _questions(found: Sequence[Piece], day: dt.date) -> Iterator[ReckonedLine]:
    for piece in found:
        for one in piece.sentences:
            if _ASKS.search(one.text) and one.box not in {"x", "X"}:
                yield _said(piece, one, day)


def _intentions(found: Sequence[Piece], day: dt.date) -> Iterator[ReckonedLine]:
    """Open boxes, and sentences in which the owner wants, has or promises to do something."""
    for piece in found:
        for one in piece.sentences:
            if one.is_heading or _ASKS.search(one.text):
                continue
            if one.box == " " or (not one.box and (_MEANING.search(one.text) or phrases.holds("PROMISES", one.text))):
                yield _said(piece, one, day)


def _said(piece: Piece, one: Sentence, day: dt.date) -> ReckonedLine:
    return line(f"{day_name(piece.day, day)}: {quoted(one.text)}", [piece.place(one)])


def _shortened(lines: Sequence[ReckonedLine]) -> Iterator[ReckonedLine]:
    """The newest of some lines, and how many there are besides."""
    yield from lines[-MOST:]
    if len(lines) > MOST:
        yield line(f"and {len(lines) - MOST} earlier", [ref for one in lines[:3] for ref in one.refs])


def _recurring(found: Sequence[Piece], day: dt.date, most: int) -> Iterator[ReckonedLine]:
    """Words of several days: those of the most days first."""
    days: dict[str, dict[dt.date, str]] = {}
    spelled: dict[str, Counter[str]] = {}
    for piece in found:
        for one in piece.sentences:
            for word in _words(one.text):
                folded = word.casefold()
                days.setdefault(folded, {}).setdefault(piece.day, piece.place(one))
                spelled.setdefault(folded, Counter())[word] += 1
    often = {word: places for word, places in days.items() if len(places) > 1}
    ordered = sorted(often, key=lambda word: (-len(often[word]), -sum(spelled[word].values()), word))
    for word in ordered[:most]:
        places = often[word]
        name = max(sorted(spelled[word]), key=lambda each: spelled[word][each])
        said = ", ".join(day_name(each, day) for each in sorted(places))
        yield line(f"{name}: {counted(len(places), 'day')} ({said})", [places[each] for each in sorted(places)])


def _words(text: str) -> Iterator[str]:
    """The words that say something: links, tags, and longer words that are not among the small ones of any language."""
    links = _LINKED.findall(text)
    yield from links
    rest = _LINKED.sub(" ", text)
    for word in _WORD.findall(rest):
        plain = word.casefold().removesuffix("'s").removesuffix("’s")
        if word[0] in "#@" or (len(plain) >= _LEAST_LETTERS and plain not in _unsaid()):
            yield word.removesuffix("'s").removesuffix("’s")


@cache
def _unsaid() -> frozenset[str]:
    return frozenset(_EVERYDAY.split()).union(positions(MONTHS, WEEKDAYS), *map(small_words, LANGUAGES))
