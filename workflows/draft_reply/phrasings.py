"""How people ask for a meeting, speak of an attachment, of paying and of secrets, as data in eight languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

READ = 20_000

MEETING: Mapping[str, str] = {
    "en": r"(?:can|could|shall|should|may|let(?:'s| us)|want to|like to|time to|when (?:can|could|do|are)) (?:we|you|"
    r"us|i|both)?\s?"
    r"(?:all )?(?:meet|talk|speak|call|catch up|get together|have a (?:call|chat|meeting))|meet(?:ing)? (?:up|on|at|"
    r"next|this|for)|"
    r"(?:an|one|half an) hour|(?:when|what time|which day)\b.{0,30}\b(?:suit|work|good|free|available)|"
    r"are you (?:free|available)|"
    r"(?:have|find) time|your availability|set up a (?:call|meeting)|schedule a (?:call|meeting)",
    "de": r"(?:können|könnten|wollen|sollen|wollten|lass(?:t|en sie)?) (?:wir )?uns\b.{0,60}\b(?:treffen|sehen|"
    r"sprechen|zusammensetzen)|"
    r"treffen wir uns|termin (?:vereinbaren|finden|ausmachen|vorschlagen)|telefonieren|wann (?:passt|hast du|"
    r"haben sie|hättest|hätten)|"
    r"passt (?:es )?(?:dir|ihnen|euch)\b|hast du .{0,30}\bzeit|haben sie .{0,30}\bzeit|besprechung|auf einen kaffee|"
    r"terminvorschl\w+|wann können wir",
    "fr": r"(?:pouvons|pourrions|peut|pourrait)[- ](?:nous|on) (?:nous |se )?(?:voir|rencontrer|parler|appeler)|"
    r"on se (?:voit|retrouve)|"
    r"(?:prendre|fixer|convenir d['’]) ?(?:un )?rendez-vous|rendez-vous|(?:êtes-vous|es-tu|seriez-vous|"
    r"serais-tu) (?:libre|disponible)|"
    r"vos disponibilités|tes disponibilités|quand (?:es-tu|êtes-vous|peux-tu|pouvez-vous)|une réunion",
    "es": r"(?:podemos|podríamos|podamos) (?:vernos|reunirnos|quedar|hablar)|nos vemos|quedamos|quedar (?:el|a|para)|"
    r"una reunión|una cita|"
    r"cuándo (?:puedes|podéis|puede|podemos|te viene|le viene)|tienes (?:un rato|tiempo)|tiene (?:un rato|tiempo)|"
    r"estás (?:libre|disponible)|disponibilidad",
    "it": r"(?:possiamo|potremmo) (?:vederci|incontrarci|sentirci|parlare)|ci (?:vediamo|sentiamo)|un appuntamento|"
    r"una riunione|"
    r"quando (?:puoi|può|sei libero|sei libera|è libero)|hai tempo|ha tempo|disponibilità",
    "nl": r"(?:kunnen|zullen|zouden) we .{0,40}\b(?:afspreken|praten|bellen|zien|ontmoeten)|een afspraak|afspreken|"
    r"wanneer (?:kun|kan|kunt|past|"
    r"schikt|heb)|heb je tijd|heeft u tijd|een overleg|beschikbaar",
    "pl": r"(?:możemy|moglibyśmy|czy) się (?:spotkać|zobaczyć)|spotkajmy się|spotkanie|spotkać się|kiedy (?:możesz|"
    r"możemy|masz czas|ma pan|"
    r"ma pani|pasuje)|masz czas|pasuje ci",
    "pt": r"(?:podemos|poderíamos) (?:encontrar-nos|reunir|falar|ver-nos|marcar)|encontramo-nos|uma reunião|"
    r"marcar (?:uma|um)|"
    r"quando (?:podes|pode|podemos|te dá jeito|lhe dá jeito)|tens tempo|tem tempo|disponibilidade",
}
"""That somebody wants to meet or to talk at a time to be agreed on."""

ATTACHED: Mapping[str, str] = {
    "en": r"attach(?:ed|ing|ment|ments)?|enclosed?|find (?:it )?below the file|i(?:'ve| have)? (?:added|"
    r"included) the (?:file|document|pdf)",
    "de": r"im anhang|in der anlage|angehängt|anhang|anhänge|anbei|beigefügt|beiliegend|hänge .{0,40}\ban",
    "fr": r"ci-joint\w*|en pièces? jointes?|pièces? jointes?|(?:je )?joins?|en annexe",
    "es": r"adjunt[oa]s?|adjunt(?:amos|ando|é)|en el adjunto|archivo adjunto",
    "it": r"in allegato|allegat[oaie]|allego|alleghiamo",
    "nl": r"bijgevoegd\w*|in de bijlage|bijlagen?|als bijlage|bijgaand\w*",
    "pl": r"w załączniku|załącznik\w*|załącza?m|w załączeniu|dołącza?m",
    "pt": r"em anexo|anexo|anexad[oa]s?|anexei|segue(?:m)? (?:em )?anexo",
}
"""That something is attached: a draft has no attachments."""

PAYING: Mapping[str, str] = {
    "en": r"(?:i|we)(?:'ll| will| have| am going to| can| shall| just)? (?:pay|paid|transfer(?:red)?|wire[d]?|remit)\w*|"
    r"payment (?:is|will be|has been) (?:made|sent|on)|wire transfer",
    "de": r"überweis\w*|überwies\w*|zahle\b|bezahle\b|werde .{0,60}\b(?:zahlen|bezahlen)|begleiche\w*|anweise\w*",
    "fr": r"(?:je|nous) (?:vais|allons|vous|te)? ?(?:pay\w+|vir\w+|règl\w+)|virement|paierai|payerai|réglerai",
    "es": r"transferir\w*|transferencia|pagaré|pagaremos|voy a pagar|hago el pago",
    "it": r"bonifico|pagherò|effettuo il pagamento|verserò|pagheremo",
    "nl": r"(?:ik|wij|we) (?:betaal|betalen|zal|maak)\b.{0,40}\b(?:over|betalen)|overmak\w*|overschrijv\w*|betaal ik",
    "pl": r"przelej\w*|przele[wję]\w*|zapłacę|zapłacimy|przelew",
    "pt": r"transferirei|transferência|pagarei|vou pagar|pagaremos",
}
"""That the owner will pay: never a model's to promise."""

SECRETS: Mapping[str, str] = {
    "en": r"password|passcode|pin(?: code| number)?|iban|account number|credit card|security code|social security|"
    r"access code",
    "de": r"passwort|kennwort|pin|tan|iban|kontonummer|kreditkarte\w*|zugangscode|geheimzahl",
    "fr": r"mot de passe|code (?:pin|secret|d['’]accès)|iban|numéro de compte|carte bancaire",
    "es": r"contraseña|clave|pin|iban|número de cuenta|tarjeta de crédito",
    "it": r"password|codice (?:pin|segreto|di accesso)|iban|numero di conto|carta di credito",
    "nl": r"wachtwoord|pincode|iban|rekeningnummer|creditcard",
    "pl": r"hasło|hasła|pin|iban|numer konta|karta kredytowa",
    "pt": r"palavra-passe|senha|pin|iban|número de conta|cartão de crédito",
}
"""That a text speaks of secrets or accounts: a draft with them wants a second look."""


def found(table: str, text: str) -> str:
    """The first words of one of the tables here that stand in a text; empty when none do."""
    match = _pattern(table).search(text.replace("’", "'"), 0, READ)
    return match.group() if match else ""


@cache
def _pattern(name: str) -> re.Pattern[str]:
    table: Mapping[str, str] = globals()[name]
    return re.compile(rf"(?<!\w)(?:{'|'.join(table.values())})(?!\w)", re.IGNORECASE)
