"""A question as the loop works with it: its words that carry meaning, whom it names, its times, what answer it wants."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from butler.core import timewords
from butler.core.daynames import positions, unaccented
from butler.core.everyday import SAYING
from butler.core.facts import Fact, facts
from workflows.ask.clockhits import clock_hits
from workflows.ask.daycounts import Frame
from workflows.ask.dayhits import day_hits, fold
from workflows.ask.followups import PRONOUNS, Meant
from workflows.ask.intents import content_words, without_windows
from workflows.ask.windows import Window

_STEM = 4
_FEW = 2
"""With fewer words than this a question goes on with the one before it."""
_LONG = 7
_READ = 4_000
_ANY = Frame(dt.date(2024, 1, 1), past=False)
"""From where times are counted of which only matters that there are any."""
_WORD = re.compile(r"[^\W_]+")
_SPELLED = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_WHEN = re.compile(
    r"^\W*(?:when|(?:at )?what time|(?:on )?(?:what|which) (?:day|date)|(?:until|since) when|(?:bis |seit )?wann|"
    r"um wie ?viel uhr|"
    r"(?:jusqu'a )?quand|a quelle heure|(?:hasta )?cuando|a que horas?|quando|a che ora|wanneer|hoe laat|kiedy|o ktorej)\b"
)
_AMOUNT = re.compile(
    r"^\W*(?:how much|how many|wie ?viele?|was kostet|combien|cuant[oa]s?|quant[oaie]s?|hoeveel|wat kost|ile)\b"
)
_MAILS = re.compile(
    r"\bwho (?:has )?(?:wrote|written|mailed|emailed)\b|\bany(?:one|body) (?:write|mail|email|wrote|written)|"
    r"\b(?:which|what|any|welche|quels?|que|quali|welke) "
    r"(?:e-?mails?|mails?|messages?|nachrichten?|correos?|messaggi|berichten)\b|"
    r"\bwer (?:hat .*geschrieben|schrieb)|\bqui (?:m')?a ecrit|\bquien (?:me )?(?:ha escrito|escribio)|\bchi (?:mi )?ha scritto"
)
_PRICE = re.compile(
    r"\b(?:costs?|prices?|kostet|kosten|preise?|coute(?:nt)?|prix|cuestan?|precios?|costano|costa|prezz[oi]|prijs|koszt\w*|cena|"
    r"custam?|preco|owed?|pay|paid|schulden?)\b"
)
_MONEY = re.compile(r"€|\$|£|\d[.,]\d\d\b|\b(?:euros?|eur|dollars?|usd|pounds?|gbp|chf|franken|francs?|zl|zloty\w*|cents?)\b")
_PHONE = re.compile(r"\b(?:phone|telephone|telefon\w*|telefoon\w*|telefono|handynummer|mobile) ?(?:number|nummer|numero)?\b")
_LONG_NUMBER = re.compile(r"\d(?:[\s/()-]{0,2}\d){5,}")
_CODE = re.compile(
    r"\b(?:password|passcode|passwort|kennwort|wachtwoord|haslo|mot de passe|contrasena|clave|senha|pin|code|codigo|codice|kod|"
    r"iban|account number|kontonummer|numero de (?:compte|cuenta|conta)|numero di conto|rekeningnummer)\b"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ADDRESS = re.compile(
    r"\b(?:e-?mail|mail) ?(?:address|adresse|adres)\b|\bindirizzo\b|\bdireccion de correo\b|\badresse (?:e-?mail|mail)\b"
)
_NUMBERS = frozenset(unaccented(name) for name, places in positions(timewords.NUMBERS).items() if 0 not in places)
_SAYING = frozenset(unaccented(word) for row in SAYING.values() for word in row.split(" "))
_ASKED_WITH = (
    "dice dicen dit disent zegt mowi diz dizem sagt sagen schreibt escribe scrive schrijft pisze wants wanted quiere "
    "vuole veut come comes coming came go goes going went get gets getting take takes took make makes made give gives "
    "gave put kommt kommen kam geht gehen ging gibt macht machen nimmt nehmen vient viennent vont fait viene vienen hace "
    "fanno komt komen gaat vem vai faz said new neue neuer neues neuen nouveau nouvelle nuevo nueva nuovo nuova nieuwe "
    "nowy nowa novo nova hora horas heure heures uhr uhrzeit ora ore godzinie time tijd uur cost costs costing kostet "
    "kosten coute coutent cuesta cuestan costa costano kost koszt kosztuje custa custam high hoch what who when where "
    "which whose why how much many long often know tell find show about mean means happened please was wer wann wo "
    "welche welcher welches wieviel viele warum wissen combien quel quelle quels quelles quand pourquoi quien cuando "
    "donde cual cuales cuanto cuantos cuantas chi cosa quale quali quando dove perche quanto quanti wie waar welk "
    "hoeveel waarom kto co kiedy gdzie jaki jaka jakie ile dlaczego quem qual quais onde quantos else wrote write say "
    "says written mention mentioned schrieb geschrieben sagte gesagt steht ecrit escribio dijo scritto detto geschreven "
    "owe owes owed pay pays paid schulde schulden zahlen zahle bezahlen bezahle payer pagar pagare betalen wollte "
    "wollten mochte "
    "anyone anybody someone somebody nobody everybody everyone jemand irgendjemand quelqu'un alguien qualcuno iemand alguem "
    "mentions happened mail mails email emails viel lang lange longtemps noch due deadline deadlines fallig "
    "frist plazo echeance scadenza prazo "
    "task tasks aufgabe aufgaben tache tarea compito taak qu'est-ce demande "
    "thanks thank thx danke merci gracias grazie bedankt dank hello hallo today heute anything something etwas"
)
_WRITING_WORDS = (
    "say says said write writes wrote written sagt sagte gesagt schreibt schrieb geschrieben dit ecrit dice dijo escribio "
    "detto scritto zegt schreef geschreven disse escreveu"
)
_WRITING = frozenset(_WRITING_WORDS.split(" "))
_ASKING = frozenset(_ASKED_WITH.split(" "))


@dataclass(frozen=True)
class Asked:
    """A question: what is meant, its times, and the words in it that name people."""

    meant: Meant
    windows: tuple[Window, ...] = ()
    people: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The question with what it leaves to be understood put in."""
        return self.meant.text

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words that carry meaning, folded; those of the question before where it hardly has any."""
        own = self._words_of(self.text)
        before = self.meant.before
        if before and (len(own) < _FEW or self._points_back):
            own = list(dict.fromkeys((*own, *self._words_of(before.question))))
        return tuple(own)

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The words that tell one thing from another: without names of people and without words of asking."""
        return tuple(word for word in self.words if word not in self.people and word not in _SAYING)

    @cached_property
    def said(self) -> tuple[str, ...]:
        """All its words but the little ones: those of asking tell which sentence of a text is meant."""
        bare = without_windows(self.text, self.windows)
        return tuple(word for each in content_words(bare) if (word := plain_word(each)) not in self.people)

    @cached_property
    def _spellings(self) -> dict[str, str]:
        before = self.meant.before.question if self.meant.before else ""
        found = _SPELLED.findall(f"{before} {self.text}")
        return {plain_word(fold(word)): re.sub(r"['’]s?$", "", word) for word in found}

    def spelled(self, words: Iterable[str]) -> list[str]:
        """Folded words as the owner spelled them."""
        return [self._spellings.get(word, word) for word in words]

    @property
    def wants_more(self) -> bool:
        """Whether it wants a certain kind of answer, so that not every text will do."""
        return not self.is_answered_by("")

    @property
    def whole(self) -> str:
        """The question as it is put to the model, with the one before it where it points back."""
        before = self.meant.before
        if before is None or not (self._points_back or len(self._words_of(self.text)) < _FEW):
            return self.text
        return f"{self.text} (asked after: {before.question})"

    @property
    def _points_back(self) -> bool:
        return any(word in PRONOUNS for word in _WORD.findall(fold(self.text)))

    @property
    def wants_mail(self) -> bool:
        """Whether it asks which mail, or who wrote: nothing else is an answer."""
        return _MAILS.search(fold(self.text)) is not None

    @property
    def wants_words(self) -> bool:
        """Whether it asks what somebody wrote or said."""
        return any(word in _WRITING for word in _WORD.findall(fold(self.text)))

    def _words_of(self, text: str) -> list[str]:
        windows = self.windows if text == self.text else ()
        bare = without_windows(text, windows)
        cleaned = (plain_word(word) for word in content_words(bare, self.meant.language))
        return [word for word in cleaned if word not in _ASKING and word not in PRONOUNS and (len(word) > 2 or word.isdigit())]

    def is_answered_by(self, text: str) -> bool:
        """Whether a text holds what this kind of question wants: a time, an amount, a number, an address."""
        asked, said = fold(self.text), fold(text)
        if _PHONE.search(asked):
            return _LONG_NUMBER.search(said) is not None
        if _CODE.search(asked):
            return any(_is_code(one) for one in facts(text))
        if _ADDRESS.search(asked):
            return "@" in said
        if _AMOUNT.search(asked) and _PRICE.search(asked):
            return _MONEY.search(said) is not None
        if _AMOUNT.search(asked):
            return any(sign.isdigit() for sign in said) or any(word in _NUMBERS for word in _WORD.findall(said))
        return not _WHEN.search(asked) or names_time(said)


def named_in(text: str, words: Sequence[str]) -> list[str]:
    """Which of the folded words of a question may be names: those with a capital, or all where there is none but the first."""
    capitals = {fold(word) for word in re.findall(r"(?<!^)\b[^\W\d_a-zà-ÿ][^\W\d_]*", text)}
    return [word for word in words if word in capitals] if capitals else list(words)


def _is_code(one: Fact) -> bool:
    """Whether a fact is a code or a longer number, and no day or time."""
    kinds = {kind for kind, _ in one.readings}
    digits = sum(sign.isdigit() for sign in one.words)
    return kinds <= {"code", "number"} and len(one.words) > 2 and digits > 2 and not _YEAR.fullmatch(one.words)


def plain_word(word: str) -> str:
    """A folded word without the ending of a possessive."""
    return re.sub(r"'s?$", "", word)


def names_time(folded: str) -> bool:
    """Whether a folded text names a day or a time."""
    read = folded[:_READ]
    return any(True for _ in day_hits(read, _ANY)) or any(True for _ in clock_hits(read, "en"))


def holds(folded: str, word: str) -> bool:
    """Whether a folded text has a word like this one: it begins alike, or holds it in a longer one."""
    stem = stem_of(word)
    return any(token.startswith(stem) or (len(word) > _STEM and word in token) for token in _WORD.findall(folded))


def held(folded: str, words: Iterable[str]) -> list[str]:
    """Which of some words a folded text has."""
    tokens = frozenset(_WORD.findall(folded))
    return [word for word in words if any(_is_like(token, word) for token in tokens)]


def _is_like(token: str, word: str) -> bool:
    if len(word) < _STEM and len(token) > len(word) + 2:
        return False
    return token.startswith(stem_of(word)) or (len(word) > _STEM and word in token)


def stem_of(word: str) -> str:
    """The beginning of a word that its forms share."""
    return word if len(word) <= _STEM else word[: len(word) - (1 if len(word) < _LONG else 2)]


def share(folded: str, words: Sequence[str]) -> float:
    """Which share of some words a folded text has; all of none."""
    return len(held(folded, words)) / len(words) if words else 1.0
