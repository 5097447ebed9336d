"""In which language a text is written, by its small words: enough to answer in it, and to notice an answer in "
"another one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

READ = 4_000
_LEAST_SHARE = 0.08
"""Small words among all words below which a longer text is in none of the known languages."""

_LEAST_WORDS = 12
"""Words from which a text without any known small word counts as one in another language."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

SMALL_WORDS: Mapping[str, str] = {
    "en": "the and of to in is it you that for on with as are this be at have from or your we will would can could do "
    "does not "
    "i me my our what when where who how if but there they he she his her please thanks thank hello hi dear so just "
    "about by "
    "an was were has been which their them i'll i'm it's don't let us any some get yes no works suits fine sorry see send",
    "de": "der die das und ist nicht ich du sie wir ihr es den dem des ein eine einen einem einer zu mit auf für im "
    "am vom zum "
    "zur auch noch nur wie was wann wer wo ob oder aber wenn dass sich mir mich dir dich uns euch ihnen mein dein "
    "kannst können "
    "könnte könnten bitte danke vielen hallo liebe lieber haben hat hast sind wird werden bei nach aus um bis von an schon "
    "gerne gern passt schicke melde kommt komme morgen heute leider grüße",
    "fr": "le la les des du un une et est ne pas je tu il elle nous vous ils de en à au aux pour que qui quoi quand "
    "où comment si "
    "mais ou avec sur dans par ce cette ces mon ma mes ton votre vos notre nos sont être avoir ai as avez peux pouvez "
    "merci "
    "bonjour bonsoir très bien plus me te se lui leur c'est j'ai n'est d'accord oui non suis sera serait cela ça vers chez "
    "qu'il qu'elle l'adresse d'ici demain",
    "es": "el la los las un una y es no yo tú él ella nosotros de en a al del por para que qué quién cuándo dónde "
    "cómo si pero o "
    "con su sus mi mis tu tus me te se lo le les nos está están ser estar he has hay puede puedes podemos gracias "
    "hola buenos "
    "muy bien más también ya como este esta sí son sería saludo saludos usted ustedes mañana cuando hasta desde",
    "it": "il lo gli i un una e è non io tu lui lei noi voi di in a al del della dei per che chi cosa quando dove "
    "come se ma o con "
    "su mi ti si ci vi suo sua mio mia sono essere avere ho hai ha può puoi possiamo grazie ciao buongiorno molto bene più "
    "anche già questo questa sì sarebbe dal nel nella alla alle le la va saluti domani cordiali",
    "nl": "de het een en is niet ik jij je u wij we zij ze hij van in op te met voor aan bij dat die wat wanneer waar "
    "hoe wie of "
    "maar als om er mijn jouw uw ons onze mij me jullie hebben heb heeft zijn ben kan kun kunt kunnen zou graag "
    "bedankt dank "
    "hallo beste ook nog naar uit tot door dit deze zal zullen wordt worden geen wel goed groeten groet morgen",
    "pl": "i w na z do się nie to że jest są ja ty on ona my wy o od po za przez dla jak co kiedy gdzie kto czy ale "
    "lub albo mój "
    "moja twój pan pani państwo mnie ci cię ci mi nam was być mam ma masz może możesz możemy proszę dziękuję dzień "
    "dobry cześć "
    "bardzo dobrze też już ten ta te tego tej będzie tak pozdrawiam jutro",
    "pt": "o os as um uma e é não eu ele ela nós de em no na nos nas do da dos das por para que quem quando onde como "
    "se mas ou com "
    "seu sua meu minha me te lhe está estão ser estar tenho tem há pode podes podemos obrigado obrigada olá bom muito "
    "bem mais "
    "também já este esta isso sim são seria você vocês ao à até amanhã cumprimentos",
}
LANGUAGES = tuple(SMALL_WORDS)

NAMES: Mapping[str, str] = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
}


@cache
def small_words(language: str) -> frozenset[str]:
    """The small words of a language; those of an unknown one are none."""
    return frozenset(SMALL_WORDS.get(language, "").split())


def language_of(text: str, fallback: str = "") -> str | None:
    """Tell the language of a text (ISO 639-1); `fallback` where it says too little, None where it is none of those "
    "known."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(text[:READ])]
    if _is_foreign_script(words):
        return None
    scores = {language: sum(word in small_words(language) for word in words) for language in LANGUAGES}
    best = max(scores.values())
    if best < _LEAST_SHARE * len(words):
        return None if len(words) >= _LEAST_WORDS else fallback
    leaders = [language for language, score in scores.items() if score == best]
    if best == 0 or (len(leaders) > 1 and fallback not in leaders):
        return fallback
    return fallback if fallback in leaders else leaders[0]


def _is_foreign_script(words: list[str]) -> bool:
    """Whether most letters are not Latin ones."""
    letters = [letter for word in words for letter in word if letter.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return foreign * 2 > len(letters) > 0
