"""Small words that say little about what is looked for, in the eight languages of `timewords`: as data."""

from __future__ import annotations

from collections.abc import Mapping

from butler.core.folding import folded

FUNCTION_WORDS: Mapping[str, str] = {
    "en": "a about an and any are as at be been but by can could did do does for from had has have how i if in into is it its "
    "me my of on or our shall should so than that the their them there these they this those to us was we were what what's "
    "when when's where where's which who who's whom whose why will with would you your",
    "de": "aber alle als am an auch auf aus bei beim bin bis da das dass dem den denn der des die du ein eine einem einen "
    "einer er es euch euer für gibt hab habe haben hat hatte ich ihm ihn ihr im in ist ja kann können mein meine meinem meinen "
    "meiner mich mir mit muss nach nicht noch nur ob oder seit sein seine sich sie sind so soll über um und uns unser unsere "
    "vom von vor wann war waren was welche welchem welchen welcher welches wem wen wer wessen wie wieder wieso wird wo wohin "
    "zu zum zur",
    "fr": "a à ai au aux avec avons avez c'est ce ces cet cette comment dans de des du elle elles en est est-ce et être il ils "
    "j'ai je l la le les leur lui ma mes moi mon ne nous on ont ou où par pas pour pourquoi qu'est-ce quand que quel quelle "
    "quelles quels qui sa sais se ses son sont sur ta te tes toi ton tu un une votre vous y",
    "es": "a al como cómo con cual cuál cuáles cuando cuándo de del dónde donde el él ella ellos en es esta está estas este "
    "esto estos fue ha han hay la las le les lo los me mi mis nos o para pero por porque qué que quién quien quiénes se ser si "
    "sin sobre son su sus te tengo tiene tu tus un una y yo",
    "it": "a ai al alla alle che chi ci come con cosa da dal dalla dei del della delle di dove è e ha ho i il in io l la le lo "
    "mi mia mio ne nei nel nella noi non o per perché qual quale quali quando quanto si sono su sua suo sul ti tu tua tuo un "
    "una uno",
    "nl": "aan al als bij dat de den der die dit een en er haar had heb hebben heeft het hij hoe ik in is kan me met mijn moet "
    "na naar niet nog of om ons onze ook op over te tot u uit van voor waar waarom wanneer was wat we welk welke wie wij wordt "
    "zal ze zich zij zijn",
    "pl": "a ale co czy dla do gdzie i ich ja jak jaka jaki jakie jakim jego jej jest już kiedy komu kto która które który mam "
    "mi mnie mój moja moje na nie o od po przez są się ta tak te tego tej ten to u w we z za ze że",
    "pt": "a à ao as com como da das de do dos e é ela ele em essa esse esta está este eu foi há isso isto me meu minha na nas "
    "no nos o onde os ou para pela pelo por porque quais qual quando que quem se são seu sua te tem tenho um uma você",
}

_FOLDED = frozenset(folded(word).replace("\u2019", "'") for words in FUNCTION_WORDS.values() for word in words.split())


def is_function_word(word: str) -> bool:
    """Whether a word is a small one in any of the languages."""
    return folded(word).replace("\u2019", "'") in _FOLDED
