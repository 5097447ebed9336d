"""Whether a line's end is also a sentence's: lines of lists and short lines are told from those that were only wrapped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_SHORT = 40
_WIDEST = 100
_ROOM = 20
"""A line with room for so much more than its successor's first word was not wrapped."""

_FEW = 5
_LABEL = re.compile(r"\s*[^\W\d_][^:?!\n]{0,30}:(?=\s)")
_GREETING = re.compile(
    r"(?i)(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|hallöchen|moin|servus|liebe[rs]?|guten (?:tag"
    r"|morgen|abend)"
    r"|sehr geehrte[rs]?|bonjour|bonsoir|salut|coucou|ch[eè]re?s?|hola|querid[oa]s?|buen[oa]s (?:días|tardes)|ciao"
    r"|car[oaie]|buongiorno|salve"
    r"|hoi|dag|beste|goede(?:morgen|middag)|cześć|hej|dzień dobry|witam|olá|oi|bom dia"
    r"|boa tarde)(?:[ ,!](?:\s*[^\W\d_]+){0,3})?[,!.]?"
)
_GOODBYE = re.compile(
    r"(?i)(?:thanks?|thank you|thx|cheers|best|love|danke|dank|lg|vg|mfg|(?:(?:liebe|viele|beste) )?grüße|gruß|merci"
    r"|bises|gracias|saludos"
    r"|abrazos?|grazie|saluti|bedankt|groet(?:jes|en)?|dzięki|dziękuję|pozdrawiam|obrigad[oa]|abraços?)"
    r"(?:[ ,](?:\s*[^\W\d_]+){0,3})?[,!.]*"
)
_DATE = re.compile(
    r"(?i)\d{1,2}(?:\.|st|nd|rd|th|er|º)?\s+(?:de\s+)?(?:jan|feb|fév|fev|mar|mär|mrt|apr|avr|abr|kwi|ma[yijg]|mei|ene"
    r"|gen|sty|lut|jun|jui|giu|cze"
    r"|jul|lip|lug|aug|aoû|ago|sie|sep|set|wrz|oct|okt|ott|out|paź|nov|lis|d[eéi][cz]|gru)"
    r"|\d{1,2}[./-]\d{1,2}(?:[./-]|\b)|\d{4}-\d\d-\d\d"
)
# No sentence ends in one of these, so its line was broken.
_OPEN = (
    "a an the of to by on at from for with and or but if which your our my their these before until till than about "
    "into will would "
    "could should i we they he she "
    "der die den dem des eine einen einem einer eines und oder aber dass ob wenn weil bis zum zur am im von vom für "
    "gegen ohne seit "
    "mein meine meinen dein deine deinen unser unsere ihre ihren seine seinen diese diesen dieser dieses spätestens "
    "kein keine mir dir ich "
    "du wir ihr er "
    "le la les un une des du de à au aux en et ou mais que qui pour par avec sans sur avant jusqu'au ton ta tes votre "
    "vos mon ma mes je tu "
    "ce cette ces "
    "el los las una unos unas del al y o pero para por con sin antes hasta tu tus su sus mis este esta "
    "il gli uno dei delle della dello di da nel nella al alla e ma che per entro prima tuo tua suo sua mio mia "
    "het een van voor tot met naar bij of maar dat uw jouw mijn onze je jij ik we wij "
    "w we z ze do na od przed za i lub ale że dla "
    "os as um uma uns dos das nos nas em ao ou mas até seu sua meu minha"
)
"""Words only that no verb ends with: "Ich komme an", "log in" are whole."""


@cache
def _open_words() -> frozenset[str]:
    return frozenset(_OPEN.split())


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of a stretch of text are set: the widest of them, and whether sentences begin with capitals there."""

    widest: int
    capitals: bool

    @classmethod
    def of(cls, stretch: str) -> Layout:
        """Look at a stretch of text."""
        lines = [line.strip() for line in stretch.split("\n")]
        return cls(max(map(len, lines)), any(line[:1].isupper() for line in lines))

    def ends_sentence(self, text: str, at: int) -> bool:
        """Whether the line end at `at` ends a sentence, too."""
        start = max(text.rfind("\n", 0, at) + 1, at - 2 * _WIDEST)
        stop = text.find("\n", at + 1, at + 1 + 2 * _WIDEST)
        line, after = text[start:at].strip(), text[at + 1 : stop if stop >= 0 else at + 1 + 2 * _WIDEST].strip()
        if not line or not after or _stands_alone(line, after):
            return True
        if after[0].islower() and self.capitals:
            return False
        if _is_open(line) or (_DATE.match(after) and not line[0].isdigit()):
            return False
        if len(line) < _SHORT:
            return True
        # In a text without wrapped lines each line's end was meant.
        return len(line) + 1 + len(after.split(maxsplit=1)[0]) + _ROOM <= self.widest


def _stands_alone(line: str, after: str) -> bool:
    """Whether one of two lines is a greeting, a goodbye or an entry of a table."""
    if _LABEL.match(after) and (_LABEL.match(line) or len(line) < _SHORT):
        return True
    if line.endswith(","):
        return len(line) < _SHORT and len(line.split()) <= _FEW
    return (len(line) < _SHORT and _GREETING.fullmatch(line) is not None) or _GOODBYE.fullmatch(after[:_SHORT]) is not None


def _is_open(line: str) -> bool:
    last = line.rsplit(maxsplit=1)[-1].casefold()
    return last in _open_words() or last.endswith(("-", "/", "(", "&", "+"))
