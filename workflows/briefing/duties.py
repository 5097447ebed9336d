"""Whose a limit is: the owner's to keep, or the author's, somebody else's, a thing of the past or of a shop."""

from __future__ import annotations

import re
from functools import cache

from butler.core.mail import Message
from workflows.briefing import phrases
from workflows.briefing.sentences import clause
from workflows.briefing.values import Due

# Verbs after which "I must" and its like still want something of the reader: "I have to know by Friday".
_LEARN = (
    "know|hear|have your|get your|receive|ask|wissen|erfahren|erhalten|bekommen|savoir|avoir|recevoir|vous demander|"
    "te demander|"
    "saber|recibir|pedir|sapere|ricevere|chieder\\w*|weten|krijgen|ontvangen|wiedzieć|dostać|otrzymać|receber"
)
_NOT_NEEDED = (
    r"(?:don't|do not|doesn't|does not|won't|will not) (?:need|have) to|needn't|no need|not necessary|nothing to do|no rush|"
    r"(?:brauchst|brauchen|brauchtest?|musst|müssen|müsst)\b[^.,;]{0,30}\bnichts?\b|nicht nötig|keine eile|pas besoin|"
    r"inutile de|rien à faire|no hace falta|no es necesario|no tiene[sn]? que|non serve|non occorre|non è necessario|non devi|"
    r"niet nodig|hoef\w*\b[^.,;]{0,20}\bniets?\b|nie musisz|nie trzeba|não precisa\w*|não é (?:preciso|necessário)"
)
_AUTHORS = (
    r"(?:my|mein\w*|mijn|mój|mon|mi|il mio|la mia|o meu) (?:own )?"
    r"(?:deadline|frist|abgabe\w*|délai|plazo|scadenza|termin|prazo)|"
    rf"i(?:'ve got| have| need)? (?:to|must) (?!(?:{_LEARN})\b)|sorry (?:that )?(?:i|we)|"
    r"(?:i'm|i am|we're|we are) (?!hoping|waiting|expecting|looking|asking|counting|requesting|needing)\w+ing|i can|"
    r"(?:i|we) (?!needed|wanted|expected|asked|required)(?:\w+ed|got|had|did|went|made|left|saw|sent|paid)|"
    rf"(?:i|we) (?:hope|plan|expect|aim|intend|want) to (?!(?:{_LEARN})\b)|"
    rf"(?:ich muss|ik moet)\b(?![^.]*\b(?:{_LEARN})\b)|"
    rf"(?:je dois|tengo que|devo|muszę|tenho (?:de|que)) (?!(?:{_LEARN})\b)"
)
_TO_READER = (
    r"you|your|dir|dich|dein\w*|ihre\w?|ihnen|euch|eure\w?|vous|votre|vos|toi|ton|tes|usted|tus?|su|tuo|tua|vostr\w+|jouw|jullie|"
    r"uw|twoj\w+|twój|pan\w*|seu|sua|você"
)
_TO_GET = (
    r"you(?:'ll| will) (?:have|get|receive|hear)|(?:be|get) (?:back )?(?:with|to) you|tu (?:l')?auras|vous (?:l')?aurez|"
    r"vous recevrez|tu recevras|tendrás|recibirás?|avrai|riceverai|riceverà|(?:je|u) (?:krijgt|ontvangt)|dostaniesz|"
    r"otrzymasz|vais receber|receberás?|terás"
)
_THIRD = (
    r"(?:he|she|they)(?:'ll| will| has to| have to| must| needs? to| wants? to| said| asked| promised)|"
    r"(?-i:(?!Everyone|Everybody|Someone|Somebody|Each|Anyone|Who|It|This|That|One)[A-Z][a-z]+) (?:has|needs) to "
    rf"(?!be\b|reach|arrive|come|get|go\b|happen|clear|(?:{_LEARN})\b)|"
    r"we(?:'ll| will| should) (?:know|hear|see)|nothing will|too early|our \w+ (?:is|will|has to|wants to)|"
    r"unsere?r? \w+ (?:ist|wird|macht|kommt)|(?-i:[Ee]r|sie) (?:will|kann|sagte?|schickt|bringt|kommt)|"
    r"i (?:asked|told) (?!you|for|that)|(?:il|elle) (?:a dit|doit|va)|dijo|ha detto|powiedział\w*|ele disse|ela disse|"
    r"you (?:asked|wrote)|weather|wetter"
)
_PAST = (
    r"(?:(?:was|were|(?:has|have|had) been)\s+(?:\w+ly\s+)?"
    r"(?!due|expected|supposed|asked|needed|required|requested|wanted|meant|told|set|extended|moved|postponed|changed)"
    r"\w+(?:ed|en|t|ne|ld|de|wn)(?:\s\w+){0,3}\s+(?:by|before|until)|wurden?\b(?![^.]*ver(?:länger|schob|leg))[^.]{0,60}(?:vor|bis))\s*$"
)
_RECALLED = (
    r"you (?:asked|wrote|said)|i asked (?!you|for|that)|du (?:hast|hattest) (?:gefragt|geschrieben)|"
    r"vous (?:m'avez|aviez) demandé|tu m'as demandé|me preguntaste|mi hai chiesto|je vroeg|perguntaste"
)
_HEARD = r"(?:hear|heard) (?:back )?from you|von (?:dir|ihnen) hör\w*|your (?:answer|reply|response)|nouvelles de (?:toi|votre)"


def recalls(quote: str) -> bool:
    """Whether a sentence only repeats what was asked before: "You asked: …"."""
    return _search("_RECALLED", quote[:40])


def is_owners(due: Due, message: Message, *, machine: bool) -> bool:
    """Whether a limit is the owner's: of what programs send, only what is to be paid or given back."""
    if machine:
        said = f"{message.subject}\n{due.quote}"
        return phrases.holds("PAYMENT", said) and not phrases.holds("ADVERTISING", said)
    if recalls(due.quote):
        return False
    if phrases.holds("REQUESTS", due.quote) or _search("_HEARD", due.quote):
        return True
    if phrases.holds("PROMISES", due.quote) or phrases.holds("DELIVERIES", due.quote):
        return False
    return not _is_anothers(due)


def _is_anothers(due: Due) -> bool:
    quote, start = due.quote.replace("’", "'"), max(0, due.quote.find(due.words))
    if quote.endswith("?"):
        return False
    own = clause(quote, 0, start, start + len(due.words), len(quote))
    authors = _search("_AUTHORS", own) and not _search("_TO_READER", quote)
    others = any(_search(name, own) for name in ("_NOT_NEEDED", "_TO_GET", "_THIRD"))
    return authors or others or _search("_PAST", quote[:start])


def _search(name: str, text: str) -> bool:
    return _pattern(name).search(text) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """The compiled expression of one table here, by its name."""
    words: str = globals()[name]
    return re.compile(rf"(?<!\w)(?:{words})" + ("" if name == "_PAST" else r"(?:(?<=\s)|(?!\w))"), re.IGNORECASE)
