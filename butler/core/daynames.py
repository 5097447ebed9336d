"""Names of weekdays and months in eight languages: one table for finding dates and for checking what a model says."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

# Position is the meaning: seven weekdays from Monday, twelve months from January; "|" parts forms of one name, inflected ones
# included. Names shorter than four letters or that are everyday words ("may", "do") stand under the weak tables below.
WEEKDAYS: Mapping[str, str] = {
    "en": "monday tuesday wednesday thursday friday saturday sunday",
    "de": "montag|montags dienstag|dienstags mittwoch|mittwochs donnerstag|donnerstags freitag|freitags "
    "samstag|samstags|sonnabend sonntag|sonntags",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "pl": "poniedziałek|poniedziałku|poniedziałkiem wtorek|wtorku|wtorkiem środa|środy|środę|środą "
    "czwartek|czwartku|czwartkiem piątek|piątku|piątkiem sobota|soboty|sobotę|sobotą niedziela|niedzieli|niedzielę|niedzielą",
    "pt": "segunda-feira|segunda terça-feira|terça quarta-feira|quarta quinta-feira|quinta sexta-feira|sexta sábado domingo",
}
MONTHS: Mapping[str, str] = {
    "en": "january february march april may june july august september october november december",
    "de": "januar|jänner februar|feber märz april mai juni juli august september oktober november dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre|setiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "styczeń|stycznia luty|lutego marzec|marca kwiecień|kwietnia maj|maja czerwiec|czerwca lipiec|lipca "
    "sierpień|sierpnia wrzesień|września październik|października listopad|listopada grudzień|grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
SHORT_WEEKDAYS: Mapping[str, str] = {
    "en": "mon tue|tues wed thu|thur|thurs fri sat sun",
    "de": "mo di mi do fr sa so",
    "fr": "lun mar mer jeu ven sam dim",
    "es": "lun mar mié jue vie sáb dom",
    "it": "lun mar mer gio ven sab dom",
    "nl": "ma di wo do vr za zo",
    "pl": "pon|pn wt śr czw|czwart pt|pią sob|sb nd|niedz",
    "pt": "seg ter qua qui sex sáb dom",
}
SHORT_MONTHS: Mapping[str, str] = {
    "en": "jan feb mar apr may jun jul aug sep|sept oct nov dec",
    "de": "jan feb mär|mrz apr mai jun jul aug sep|sept okt nov dez",
    "fr": "janv févr|fév mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep|sept oct nov dic",
    "it": "gen feb mar apr mag giu lug ago set|sett ott nov dic",
    "nl": "jan feb mrt apr mei jun jul aug sep|sept okt nov dec",
    "pl": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
}
EVERYDAY = frozenset({"may", "march", "mars", "mai", "sexta", "quinta", "quarta", "segunda", "set", "out", "mar", "sun", "sat"})
"""Names that are also words of another meaning: a capital or a number beside them has to tell."""


def unaccented(text: str) -> str:
    """Drop accents, as people do who type `miercoles` or `piatku`."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain.replace("ł", "l")


def positions(*tables: Mapping[str, str]) -> dict[str, frozenset[int]]:
    """Map every name, with and without accents, to the positions (from 0) it may mean in any language."""
    found: dict[str, frozenset[int]] = {}
    for table in tables:
        for names in table.values():
            for spelling, place in _spelled(names):
                found[spelling] = found.get(spelling, frozenset()) | {place}
    return found


def _spelled(names: str) -> Iterator[tuple[str, int]]:
    """Every form of each name of a row, with and without accents, and its place there."""
    for place, forms in enumerate(names.split(" ")):
        for form in forms.split("|"):
            yield from ((form, place), (unaccented(form), place))


def spellings(tables: Iterable[Mapping[str, str]], language: str) -> list[str]:
    """List every spelling in one language, longest first, for a regular expression."""
    forms = {form for table in tables for names in table[language].split(" ") for form in names.split("|")}
    return sorted(forms | {unaccented(form) for form in forms}, key=lambda form: (-len(form), form))


WEEKDAY_OF = positions(WEEKDAYS)
MONTH_OF = positions(MONTHS)
ANY_WEEKDAY_OF = positions(WEEKDAYS, SHORT_WEEKDAYS)
ANY_MONTH_OF = positions(MONTHS, SHORT_MONTHS)
LANGUAGES = tuple(WEEKDAYS)
