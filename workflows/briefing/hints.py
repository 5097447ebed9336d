"""Words that may hide a request or a promise which no rule saw, in eight languages: they make a mail worth a question.

A word here decides nothing; one too many costs a question to the model, one too few costs what only the model would have seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from workflows.briefing.sentences import questions

READ = 20_000

WANTS: Mapping[str, str] = {
    "en": r"need(?:s|ed)?|please|pls|wonder\w*|hop(?:e|ing)|appreciate\w*|grateful|missing|remind\w*|let's|let me know|"
    r"if you|whether|await\w*|waiting|(?:would|could|might) be|would (?:like|love)|should|must|"
    r"you (?:could|can|might|may|have to|will)|help\w*|favou?r|asap|urgent\w*|confirm\w*|sign|repl(?:y|ies)|"
    r"respond\w*|answer|rsvp|up to you|your (?:opinion|view|feedback|input|thoughts|decision|turn|call)|owe\w*|"
    r"overdue|outstanding|forgot\w*|forget|expect\w*|send (?:me|us|it|them)|tell (?:me|us)|bring|"
    r"call (?:me|us|back)|come (?:over|by|and)|think about|consider",
    "de": r"bitte\w*|brauch\w*|benötig\w*|fehl(?:t|en)|wär\w*|würd\w*|hoff\w*|wart\w*|ob|soll\w*|müss\w*|musst?|könn\w*|"
    r"kannst|möcht\w*|wünsch\w*|meld\w*|schick\w*|send(?:e|et|en)|sag\w*|gib|gebt|geben|denk\w*|vergiss|vergesst|"
    r"vergess\w*|erinner\w*|dringend|eilig|bescheid|antwort\w*|rückmeldung|meinung|willst|wollt|überleg\w*|"
    r"entscheid\w*|hilf\w*|helft|ausstehend\w*|offen|bring\w*|komm|kommt vorbei|ruf|lass\w*|schau\w*|trag\w*|"
    r"unterschr\w*|am liebsten",
    "fr": r"besoin|merci de|svp|stp|s'il (?:te|vous)|il (?:faut|faudrait|manque)|manqu\w+|pourr\w+|pouv\w+|peux|"
    r"serai(?:t|s)|aimer\w*|voudr\w*|souhait\w*|espér\w*|espoir|attend\w*|attente|rappel\w*|oubli\w*|"
    r"si (?:tu|vous)|dis|dites|envo\w+|répon\w+|réponse|confirm\w*|urgent\w*|aide\w*|avis|do(?:is|it|ivent)|devez|"
    r"devri\w+|\w+ez-\w+|\w+-(?:moi|nous)|transmet\w*|donne\w*|prie|ser(?:ait|iez)",
    "es": r"necesit\w*|falta\w*|favor|podr\w+|pued\w+|ser[ií]a\w*|gustar[ií]a\w*|quisi\w+|quer[ré]\w+|esper\w+|"
    r"record\w+|recuerd\w+|olvid\w+|si (?:puedes|quieres|te|le|os|puede)|dime|dígame|dinos|avis\w+|av[ií]sa\w*|"
    r"manda\w*|mánda\w+|env[ií]\w+|respond\w+|respuesta|confirm\w+|urgente\w*|ayud\w+|opini[oó]n|"
    r"deb(?:es|e|éis|en|ería\w*)|hay que|tienes que|tiene que|pendiente\w*|cu[eé]nta\w*|pás[ae]\w*|trae\w*|"
    r"ll[aá]ma\w*|conf[ií]rma\w*",
    "it": r"serv\w+|bisogn\w+|manca\w*|potr\w+|puoi|può|sarebbe\w*|vorr\w+|piacerebbe\w*|sper\w+|aspett\w+|attes[ao]|"
    r"attend\w+|ricord\w+|dimentic\w+|se (?:puoi|vuoi|ti|può)|dimmi|dicci|fammi|facci|mand\w+|invi\w+|rispond\w+|"
    r"risposta|conferm\w+|urgente\w*|aiut\w+|parere|dev[ei]\w*|dovr\w+|favore|cortesia|chiam\w+|porta\w*",
    "nl": r"nodig|graag|alstublieft|alsjeblieft|aub|svp|zou\w*|kun\w*|kan je|kan u|moet\w*|wil\w*|hoop|hopen|wacht\w*|"
    r"ontbre\w+|missen?|vergeet|herinner\w*|laat|laten|stuur\w*|reag\w+|reactie|antwoord\w*|bevestig\w*|dringend|"
    r"hulp|help\w*|mening|of (?:je|jij|u|jullie)|als (?:je|u)|geef|breng|bel",
    "pl": r"prosz\w+|prosi\w+|prośb\w+|potrzeb\w+|brakuj\w+|brak\w*|móg\w+|mogł\w+|moż\w+|chciał\w+|chętnie|czek\w+|"
    r"przypom\w+|pamięt\w+|zapomn\w+|czy|daj\w*|wyślij\w*|przyślij\w*|prześlij\w*|odpow\w+|odpisz\w*|potwier\w+|"
    r"piln\w+|pomó\w+|pomoc\w*|trzeba|należy|musi\w*|powin\w+|liczę|zadzwoń\w*|przynieś\w*",
    "pt": r"precis\w+|falta\w*|favor|pod(?:e|es|em|ia|ias|eri\w+)|seria\w*|gostar\w+|queri\w+|esper\w+|aguard\w+|"
    r"lembr\w+|esque\w+|se (?:puder\w*|quiser\w*)|diz|diga\w*|avis\w+|mand\w+|envi\w+|respond\w+|resposta|"
    r"confirm\w+|urgente\w*|ajud\w+|opini[aã]o|dev(?:e|es|em|ia\w*|eri\w+)|ten?s (?:de|que)|tem (?:de|que)|"
    r"pendente\w*|traz\w*|liga\w*",
}

COMMITS: Mapping[str, str] = {
    "en": r"(?:i|we)(?:'ll|'d| will| shall| can| could| plan| intend| promise| owe| hope to| need to| must| have to)|"
    r"(?:i'm|we're) (?:going|on)|let me|leave (?:it|that|this) (?:to|with)|will (?:do|be)|on it|my turn|"
    r"consider it|you(?:'ll| will) (?:get|have|hear)|promised?",
    "de": r"ich (?!hab|bin\b|war|hatt|wurd|fand|fan|ging|sah)\w+e|"
    r"(?!habe\b|hatte\b|wurde\b|keine\b|eine\b|meine\b|seine\b|ohne\b|viele\b|wie\b|die\b)\w+e(?:'s)? (?:ich|mich)|"
    r"mach ich|ich kann|ich (?:komm|hol|bring|schick|meld|mach)|"
    r"wir (?:schick|send|meld|bring|mach|klär|prüf|liefer|kümmer|werd|könn)\w+|"
    r"(?:schick|send|meld|bring|mach|klär|prüf|liefer|werd|könn)en wir|bekommst|bekommt ihr|kriegst|folgt|"
    r"reiche nach|übernehme\w*|versprochen|versprech\w*|wird erledigt|geht klar|(?:kümmere|melde) mich|nachher|"
    r"demnächst",
    "fr": r"(?:je|nous) (?:vais|peux|pourr\w+|dois|promets|m'en \w+|te|vous|t'\w+|l'\w+|le|la|les|lui|leur|allons|pouvons)|"
    r"(?:je |j'|nous |on )\w+(?:rai|rons|ra)|promis\w*|compte sur|ce sera|tu auras|vous aurez",
    "es": r"\w+(?:aré|eré|iré|dré|aremos|eremos|iremos|dremos)|voy a|vamos a|puedo|prometo|prometido|me encargo|"
    r"me ocupo|(?:te|le|os|se) (?:lo|la|los|las)|lo hago|cuenta con|tendrás|tendrá",
    "it": r"\w+(?:erò|irò|arò|rrò|drò|eremo|iremo)|farò|sarò|ci penso|penso io|posso|prometto|promesso|vado a|lo faccio|"
    r"me ne|(?:te|glie|ve)(?: )?l[oaie]|avrai|conta su",
    "nl": r"ik (?!heb\b|ben\b|was\b|had\b)\w+|(?:zal|stuur|bel|kom|breng|maak|regel|laat|ga|kijk) ik|beloofd|beloof|"
    r"komt goed|je krijgt|u krijgt",
    "pl": r"(?!się\b|cię\b|proszę\b|dziękuję\b)\w{2,}ę|\w+(?:emy|imy|ymy)|obiec\w+|dostaniesz|będzie gotow\w+",
    "pt": r"\w+(?:arei|erei|irei|aremos|eremos|iremos)|vou|vamos|posso|prometo|prometido|fico de|trato|encarrego-me|"
    r"(?:eu|já) (?:te|lhe)|terás|terá|farei|conta comigo",
}


def may_ask(text: str) -> bool:
    """Whether a received text may hide a request: it has a word of one, or any question mark."""
    return _pattern("WANTS").search(text, 0, READ) is not None or next(questions(text[:READ], 1), None) is not None


def may_promise(text: str) -> bool:
    """Whether a text of the owner's may hide a promise."""
    return _pattern("COMMITS").search(text, 0, READ) is not None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """The compiled words of one table here, by its name."""
    table: Mapping[str, str] = globals()[name]
    return re.compile(rf"(?<!\w)(?:{'|'.join(table.values())})(?!\w)", re.IGNORECASE)
