"""A mail as the model reads it: what a reader does not need is left away, and every larger gap is marked.

Only what is shown gets shorter. Evidence is held against the mail's own words: a quote across a gap is in no mail, and one with
a shortened address is looked up with the whole address.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from butler.core.mail import Address
from butler.core.text import UNSEEN, one_line
from butler.core.trimming import trimmed
from workflows.briefing import hints
from workflows.briefing.cases import AnyCase
from workflows.briefing.values import Judgement, SentJudgement

BUDGET = 1_500
"""Bytes of a mail's text from which only its beginning, its end and what stands around dates, questions and hints is shown."""

_PIECE = 400
_LONG_URL = 40
_LONG_FOOTER = 120
_LAST_LINES = 4
_SHORT = 60
_URL = re.compile(r"(?i)(?<!\w)(?:https?://|www\.)[^\s<>\"“”«»]+")
_HOST = re.compile(r"(?i)(?:https?://(?:[^/?#]*@)?|(?=www\.))([^/?#:]+)")
_BLANK = re.compile(r"\n[ \t\r]*\n\s*")
_SENTENCE = re.compile(rf"(?<=[.!?…]){UNSEEN}\s+|\n")
_GREETINGS = (
    r"hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|sehr geehrte[rs]?|guten (?:tag|morgen|abend)|moin|"
    r"servus|bonjour|bonsoir|salut|ch[eè]re?s?|hola|querid[oa]s?|estimad[oa]s?|buen[oa]s (?:días|tardes)|ciao|car[oaie]|"
    r"gentile|buongiorno|salve|beste|geachte|hoi|goede(?:morgen|middag|navond)|cześć|dzień dobry|drog[ia]|szanown[aiy]|witam|"
    r"olá|oi|prezad[oa]|bom dia|boa tarde"
)
_CLOSINGS = (
    r"(?:many |best |kind )?(?:thanks|thank you|regards|wishes)|cheers|best|love|yours|see you|(?:vielen |herzlichen )?danke?|"
    r"herzlich(?:st)?|(?:liebe|viele|beste|herzliche|schöne) grüße|alles (?:gute|liebe)|lg|vg|bis (?:bald|dann)|merci|bises|"
    r"amicalement|(?:bien )?cordialement|(?:un )?(?:abrazo|saludos?|beso)|gracias|grazie|saluti|un abbraccio|cordiali saluti|"
    r"a presto|bedankt|groet(?:en|jes)?|liefs|pozdrawiam|dziękuję|abraços?|obrigad[oa]|cumprimentos"
)
_SECRECY = "confidential|vertraulich|confidentiel|confidencial|riservat|vertrouwelijk|poufn|intended (?:only )?for"
_GREETING = re.compile(rf"(?i)(?:{_GREETINGS})(?!\w)")
_GREETED = (
    "frau|herr|herrn|familie|dr|team|all|both|there|everyone|everybody|alles|zusammen|ihr|beide|beiden|und|and|y|et|e|"
    "señor|señora|madame|monsieur|signor|signora|signore|tutti|todos|todas|tous|toutes|mevrouw|meneer|heer|allemaal|"
    "pan|pani|panie|państwo|wszyscy|du|you|to|lieber|liebe|alle|en|i"
)
"""Small words of a greeting beside the names."""
_CLOSING = re.compile(rf"(?i)(?:{_CLOSINGS})[,.!]?")
_FOOTER = re.compile(
    rf"(?is)(?=.{{0,300}}(?:{_SECRECY}))"
    r".{0,40}\b(?:this|diese|ce|cet|este|esta|questa|questo|deze|dit|ta|niniejsza|the (?:information|contents?))\b.{0,20}"
    r"\b(?:e-?mail|message|nachricht|courriel|correo|mensaje|messaggio|bericht|wiadomość|mensagem|information|contents?)"
)

Links = tuple[tuple[str, str], ...]
"""Shortened addresses, each with what it stands for."""


class Letter(NamedTuple):
    """What the model is shown of a mail, and the shortened addresses in it with what they stand for."""

    text: str
    links: Links


def letter(case: AnyCase) -> Letter:
    """Write a mail as the model reads it; all of it is the author's, also the name. Nothing in it depends on today."""
    message = case.mail.message
    people = (*message.to, *message.cc)
    own = isinstance(case.rule, SentJudgement)
    head = [f"Subject: {one_line(message.subject)}", ""]
    if not own and len(people) > 1:
        head.insert(0, f"To: {one_line(', '.join(map(_person, people[:5])), 200)}")
    if not own:
        head.insert(0, f"From: {_person(message.sender) if message.sender else 'unknown'}")
    # A greeting tells who is spoken to where that is not only one.
    greeted = own or len(people) < 2
    text = without_closing(without_greeting(case.text) if greeted else case.text, message.sender)
    marked = _marked(case)
    text, links = _short_links(_shown(trimmed(text, marked), marked))
    return Letter("\n".join((*head, _BLANK.sub("\n\n", text))).rstrip(), links)


def _person(address: Address) -> str:
    return one_line(f"{address.name} <{address.address}>".strip(), 120)


def without_greeting(text: str) -> str:
    """A text without its first line when that only greets, and something follows."""
    first, _, rest = text.lstrip().partition("\n")
    return rest.lstrip() if rest.strip() and len(first) <= _SHORT and greets(first) else text


def greets(line: str) -> bool:
    """Whether a line is a greeting and names, and not a word more: "Hi Anna, call me!" says something."""
    found = _GREETING.match(line)
    if found is None:
        return False
    words = line[found.end() :].rstrip(",!:. \t\r").split()
    names = all(word[:1].isupper() or word.casefold() in _GREETED.split("|") for word in words)
    return names and len(words) <= 5 and not any(word.endswith((",", "!", "?", ":")) for word in words)


def without_closing(text: str, author: Address | None) -> str:
    """A text without the short last lines that only say goodbye and who wrote."""
    names = {word.casefold() for word in author.name.split()} if author else set()
    for _ in range(_LAST_LINES):
        rest, line, last = text.rstrip().rpartition("\n")
        words = [word.strip(".,") for word in last.casefold().split()]
        signed = bool(words) and all(word in names or any(name[:1] == word for name in names) for word in words)
        if not line or not rest.strip() or not (signed or (len(last) <= 40 and _CLOSING.fullmatch(last.strip()))):
            break
        text = rest
    return text.rstrip()


def _marked(case: AnyCase) -> list[str]:
    """The passages that must be shown: what the rules quoted, and every date."""
    rule = case.rule
    quotes = [rule.quote] if isinstance(rule, Judgement) else [promise.quote for promise in rule.promises]
    return [quote for quote in (*quotes, *(due.quote for due in case.dues)) if quote]


def _shown(text: str, marked: Sequence[str]) -> str:
    """The whole text, or of a long one its beginning, its end and what stands around its cues."""
    pieces = list(_pieces(text))
    last = "".join(pieces[-1:])
    if len(pieces) > 1 and len(last) >= _LONG_FOOTER and not any(quote in last for quote in marked) and _FOOTER.match(last):
        chosen = set(range(len(pieces) - 1))
    else:
        chosen = set(range(len(pieces)))
    if sum(_size(pieces[at]) for at in chosen) > BUDGET:
        chosen = _chosen([pieces[at] for at in sorted(chosen)], marked)
    return _joined(pieces, chosen)


def _pieces(text: str) -> Iterator[str]:
    """A text in paragraphs, long ones in sentences or lines, longer ones at spaces; joined they are the text again."""
    for paragraph in _split(_BLANK, text):
        if len(paragraph) <= _PIECE:
            yield paragraph
            continue
        for sentence in _split(_SENTENCE, paragraph):
            yield from _sliced(sentence)


def _split(border: re.Pattern[str], text: str) -> Iterator[str]:
    start = 0
    for found in border.finditer(text):
        yield text[start : found.end()]
        start = found.end()
    if start < len(text):
        yield text[start:]


def _sliced(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _PIECE:
        space = text.rfind(" ", start, start + _PIECE)
        end = space + 1 if space >= start else start + _PIECE
        yield text[start:end]
        start = end
    yield text[start:]


def _chosen(pieces: Sequence[str], marked: Sequence[str]) -> set[int]:
    """Which pieces fit the budget: those with marked passages first, then both ends, those with hints, and their neighbours."""
    quoted = _holding(pieces, marked)
    hinted = [at for at, piece in _within_reach(pieces) if hints.may_ask(piece) or hints.may_promise(piece)]
    beside = [near for at in (*quoted, *hinted) for near in (at - 1, at + 1) if 0 <= near < len(pieces)]
    chosen: set[int] = set()
    left = BUDGET
    for at in (*quoted, *_ends(pieces), *hinted, *beside):
        size = _size(pieces[at])
        if at not in chosen and size <= left:
            chosen.add(at)
            left -= size
    return chosen


def _ends(pieces: Sequence[str]) -> Iterator[int]:
    """The first pieces and the last ones, some `_PIECE` characters of each."""
    for places in (range(len(pieces)), reversed(range(len(pieces)))):
        length = 0
        for at in places:
            length += len(pieces[at])
            if length > _PIECE and at not in (0, len(pieces) - 1):
                break
            yield at


def _within_reach(pieces: Sequence[str]) -> Iterator[tuple[int, str]]:
    """The pieces of the part that rules read too."""
    read = 0
    for at, piece in enumerate(pieces):
        read += len(piece)
        if read > hints.READ:
            return
        yield at, piece


def _holding(pieces: Sequence[str], quotes: Sequence[str]) -> list[int]:
    """The pieces that hold a part of a quote, quote after quote."""
    whole = "".join(pieces)
    ends = list(accumulate(len(piece) for piece in pieces))
    places = ((at, at + len(quote)) for quote in quotes if (at := whole.find(quote)) >= 0)
    return [at for start, end in places for at in range(bisect_right(ends, start), bisect_left(ends, end) + 1)]


def _joined(pieces: Sequence[str], chosen: Collection[int]) -> str:
    """The chosen pieces in their order, each gap between them counted."""
    shown: list[str] = []
    gap = 0
    for at, piece in enumerate(pieces):
        if at not in chosen:
            gap += len(piece)
            continue
        shown.extend((_marker(gap), piece) if gap else (piece,))
        gap = 0
    return "".join((*shown, _marker(gap) if gap else ""))


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))


def _marker(gap: int) -> str:
    return f"\n[… {gap} characters left out]\n"


def _short_links(text: str) -> tuple[str, Links]:
    """A text whose long addresses are shortened to their host, and what each stands for."""
    links: list[tuple[str, str]] = []

    def shorten(found: re.Match[str]) -> str:
        whole = found.group().rstrip(".,;:!?)'")
        host = _HOST.match(whole)
        if len(whole) < _LONG_URL or host is None:
            return found.group()
        short = f"{host[1]}/…"
        links.append((short, whole))
        return short + found.group()[len(whole) :]

    return _URL.sub(shorten, text), tuple(links)
