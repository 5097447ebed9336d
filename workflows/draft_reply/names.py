"""Names in a draft that nobody gave: capitalised words that stand in none of its sources.

In German, where every noun is capitalised, a noun passes when it follows an article, ends like a noun, or is an everyday one.
At the start of a sentence a word counts as a name when a verb for one person follows it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from butler.core.daynames import unaccented
from butler.core.facts import without_facts
from workflows.draft_reply.language import small_words

_NAME = re.compile(r"(?<![\w@])[^\W\d_](?:[^\W_]|['’-](?=[^\W\d_]))*")
_WORDS = re.compile(r"[^\W\d_]+")
_START = re.compile(r"(?:^|[.!?:;…][\"'”’)]?\s+|[\"“„«(\[¿¡]|\n[-*• ]*)\s*$")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLAIN = _set(
    """
    i i'm i'd i'll i've ok okay pdf am pm asap eur usd gbp chf uhr faq tv
    """
)
_ACTS = re.compile(
    r"[ \t]+(?:will|would|can|could|is|was|has|had|says|said|comes|sends|wants|wird|kann|hat|ist|war|kommt|"
    r"schickt|möchte|meint|sagt|va|est|peut|vient|viendra|dit|es|está|ha|puede|viene|dice|è|può|heeft|komt|zegt|wil|zal|jest|może|przyjdzie|"
    r"mówi|é|tem|pode|vem|vai|diz)(?!\w)"
)
_NOBODY = _set(
    """
    everything nothing everybody nobody somebody anything something that this there it what who all one another either
    alles nichts jemand niemand tout rien cela ceci personne todo nada eso esto tutto niente questo questa alles niets
    iemand wszystko nic tudo isso aquilo each
    """
)
_POLITE = _set(
    """
    sie ihnen ihr ihre ihren ihrem ihrer ihres du dich dir dein deine deinen euch euer eure lei vous u
    """
)
_ARTICLES = _set(
    """
    der die das den dem des ein eine einen einem einer eines kein keine keinen mein meine meinen meinem meiner dein deine
    deinen deinem deiner sein seine seinen ihr ihre ihren ihrem ihrer unser unsere unseren unserem euer eure euren dieser
    diese dieses diesen diesem jeder jede jedes jeden alle allen viel viele vielen wenig am im zum zur beim vom ins ans
    fürs etwas mehr
    """
)
_ADJECTIVES = _set(
    """
    gute guten gutes guter schöne schönen schönes liebe lieben herzliche herzlichen beste besten nächste nächsten nächster
    nächstes letzte letzten ganze ganzen kurze kurzen genaue genauen neue neuen weitere weiteren große großen
    """
)
_NOUNS = _set(
    """
    antwort rückmeldung bitte frage fragen termin termine treffen bestätigung zusage absage unterlagen rechnung frist
    einladung angebot vertrag anfrage nachricht mail e-mail datei dokument hilfe meinung vorschlag zeit uhr tag tage woche
    wochen abend mittag morgen vormittag nachmittag nacht bescheid dank grüße gruß freude glück lust ordnung fall moment
    ende anfang monat jahr stunde stunden minuten freunde familie kinder eltern haus schule arbeit geld euro brot kuchen
    wasser tee kaffee essen wetter weg seite punkt punkte teil plan pläne zahlen liste wunsch idee ideen leute wochenende
    verspätung geduld verständnis interesse überblick sinn spaß bedarf rücksprache absprache hinweis gespräch besuch gäste
    urlaub erfolg problem probleme mühe sache dinge platz stelle telefon anruf herr herrn frau dr
    """
)
_NOUN_ENDS = re.compile(
    r"(?:ung|ungen|heit|keit|schaft|tion|tionen|tät|nis|nisse|chen|lein|tum|ismus|erei|zeit|tag|tage|abend)$"
)
_TITLE = re.compile(r"(?:herrn?|frau|dr\.?|prof\.?|firma)\s+$", re.IGNORECASE)


def unknown_names(text: str, known: str, language: str) -> list[str]:
    """List the names of a text that stand nowhere in what is known."""
    words = {_stem(word.group()) for word in _NAME.finditer(known)}
    return list(dict.fromkeys(name for name in _names(text, language) if _stem(name) not in words))


def _names(text: str, language: str) -> Iterator[str]:
    # What is around a name is read in the text itself: a fact may end its sentence.
    for found in _NAME.finditer(without_facts(text)):
        word, folded = found.group(), found.group().casefold().replace("’", "'")
        if not word[:1].isupper() or folded in _PLAIN or (language == "de" and folded in _POLITE):
            continue
        before, after = text[max(0, found.start() - 40) : found.start()], text[found.end() : found.end() + 20]
        if _START.search(before):
            named = _ACTS.match(after) is not None and folded not in _NOBODY | small_words(language)
            named = named and not (language == "de" and _is_noun(folded, ""))
        else:
            named = not (language == "de" and _is_noun(folded, before)) and folded not in _POLITE
        if named:
            yield word


def _is_noun(folded: str, before: str) -> bool:
    """Whether a German word is more likely a noun than a name."""
    if _TITLE.search(before):
        return False
    last = (_WORDS.findall(before) or [""])[-1].casefold()
    return folded in _NOUNS or last in _ARTICLES | _ADJECTIVES or _NOUN_ENDS.search(folded) is not None


def _stem(word: str) -> str:
    """Fold a name, without accents and without the ending that makes it a possessive."""
    folded = unaccented(unicodedata.normalize("NFKC", word).casefold().replace("’", "'"))
    return folded.removesuffix("'s").rstrip("'").removesuffix("s")
