"""How the owner tells the butler to do something, as data in eight languages: patterns over a folded text.

`what` stands for the words of the thing itself, `who` for a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PATTERNS: Mapping[str, Sequence[str]] = {
    "event": (
        r"(?:put|add|enter|place)\s+(?P<what>.+?)\s+(?:in|into|to|on|onto)\s+(?:my |the )?(?:calendar|agenda|"
        r"diary)\b(?P<rest>.*)",
        r"(?:schedule|new (?:event|appointment):?|add an? (?:event|appointment):?)\s+(?P<what>.+)",
        r"trage?\s+(?:mir\s+)?(?P<what>.+?)\s+(?:in (?:den|meinen) kalender\s+)?ein\b(?P<rest>.*)",
        r"(?:setze?|schreibe?|packe?)\s+(?:mir\s+)?(?P<what>.+?)\s+in (?:den|meinen) kalender\b(?P<rest>.*)",
        r"neuer termin:?\s+(?P<what>.+)",
        r"(?:mets|ajoute|inscris)\s+(?P<what>.+?)\s+(?:dans|a)\s+(?:mon\s+|l')agenda\b(?P<rest>.*)",
        r"(?:pon|anade|agrega|apunta)\s+(?P<what>.+?)\s+en\s+(?:mi|la|el)\s+(?:agenda|calendario)\b(?P<rest>.*)",
        r"(?:metti|aggiungi|segna)\s+(?P<what>.+?)\s+(?:in|nel|nella|sul|al|all')\s*(?:mio |mia )?(?:agenda|"
        r"calendario)\b(?P<rest>.*)",
        r"(?:zet|plaats)\s+(?P<what>.+?)\s+in\s+(?:mijn|de)\s+(?:agenda|kalender)\b(?P<rest>.*)",
        r"(?:wpisz|dodaj)\s+(?P<what>.+?)\s+do\s+(?:mojego )?kalendarza\b(?P<rest>.*)",
        r"(?:poe|adiciona|marca)\s+(?P<what>.+?)\s+n[ao]\s+(?:minha |meu )?(?:agenda|calendario)\b(?P<rest>.*)",
    ),
    "task": (
        r"(?:remind me|please remind me)\s+(?P<lead>.*?)\b(?:to|about|of|that)\s+(?P<what>.+)",
        r"(?:remember|don't forget|do not forget)\s+to\s+(?P<what>.+)",
        r"(?:add|create|make)\s+(?:a\s+)?(?:new\s+)?(?:task|to-?do)(?:\s+to|:)?\s+(?P<what>.+)|(?:new )?(?:task|"
        r"to-?do):\s*(?P<what2>.+)",
        r"erinner[e]?\s+mich\s+(?P<lead>.*?)(?:\bdaran,?|\ban)\s+(?P<what>.+)|(?:neue )?aufgabe:\s*(?P<what2>.+)",
        r"lege?\s+eine aufgabe an:?\s+(?P<what>.+)",
        r"rappelle[- ]moi\s+(?P<lead>.*?)(?:\bde\s+|\bd')(?P<what>.+)|(?:nouvelle )?tache\s?:\s*(?P<what2>.+)",
        r"recuerdame\s+(?P<what>.+)|(?:nueva )?tarea:\s*(?P<what2>.+)",
        r"ricordami\s+(?P<lead>.*?)\bdi\s+(?P<what>.+)|(?:nuova )?attivita:\s*(?P<what2>.+)",
        r"herinner me\s+(?P<lead>.*?)\b(?:eraan|er aan|aan)\s+(?:om\s+)?(?P<what>.+)|(?:nieuwe )?taak:\s*(?P<what2>.+)",
        r"przypomnij mi,?\s+(?:o\s+|zeby\s+|ze\s+)?(?P<what>.+)|(?:nowe )?zadanie:\s*(?P<what2>.+)",
        r"lembra-me\s+(?P<lead>.*?)\bde\s+(?P<what>.+)|(?:nova )?tarefa:\s*(?P<what2>.+)",
    ),
    "draft": (
        r"(?:draft|write|prepare)\s+(?:me\s+)?(?:a|an)\s+(?:reply|answer|response)\s+to\s+(?P<who>[^:,]+?)"
        r"(?:(?:\s*[:,]\s*|\s+)(?:saying|that says|telling (?:him|her|them))\s*:?\s*(?:that\s+)?(?P<what>.+)|"
        r"\s*:\s*(?P<what2>.+))?",
        r"(?:entwirf|schreibe?|verfasse?)\s+(?:mir\s+)?(?:eine|"
        r"die) antwort an\s+(?P<who>[^:,]+?)(?:\s*[:,]\s*(?:dass\s+)?(?P<what>.+))?",
        r"(?:redige|ecris|prepare)\s+une reponse a\s+(?P<who>[^:,]+?)(?:(?:\s*[:,]\s*|\s+)(?:disant que\s+)?(?P<what>.+))?",
        r"(?:redacta|escribe|prepara)\s+una respuesta a\s+(?P<who>[^:,]+?)(?:\s*[:,]\s*(?:diciendo que\s+)?(?P<what>.+))?",
        r"(?:scrivi|prepara)\s+una risposta a\s+(?P<who>[^:,]+?)(?:\s*[:,]\s*(?:dicendo che\s+)?(?P<what>.+))?",
        r"(?:schrijf|maak)\s+een antwoord aan\s+(?P<who>[^:,]+?)(?:\s*[:,]\s*(?:dat\s+)?(?P<what>.+))?",
        r"(?:napisz|przygotuj)\s+odpowiedz do\s+(?P<who>[^:,]+?)(?:\s*[:,]\s*(?:ze\s+)?(?P<what>.+))?",
        r"(?:escreve|prepara)\s+uma resposta (?:a|ao|para)\s+(?P<who>[^:,]+?)(?:\s*[:,]\s*(?:dizendo que\s+)?(?P<what>.+))?",
    ),
    "memory": (
        r"remember[:,]?\s+that\s+(?P<what>.+)|remember:\s*(?P<what2>.+)",
        r"(?:(?:don't|do not|never) forget|(?:keep|bear) in mind|(?:make a )?note|memori[sz]e)"
        r"(?:[:,]?\s+that\s+|:\s*)(?P<what>.+)",
        r"remember\s+(?P<what>(?:i|i'm|we|my|our|[a-z]+(?:'s)? is|"
        r"[a-z]+ (?:has|likes|hates|prefers|lives|eats|needs|wants|works))\s[^?]+)",
        r"(?:merke?|notiere?) dir(?: bitte)?[,:]?\s+(?:dass\s+)?(?P<what>.+)",
        r"(?:vergiss nicht|denke? dr?an|behalte im kopf)[,:]?\s+dass\s+(?P<what>.+)",
        r"(?:retiens|souviens-toi|n'oublie pas|note|rappelle-toi) qu(?:e\s+|')(?P<what>.+)",
        r"(?:recuerda|no olvides|acuerdate(?: de)?|apunta) que\s+(?P<what>.+)",
        r"(?:ricorda(?:ti)?|non dimenticare) che\s+(?P<what>.+)",
        r"(?:onthoud(?: dat|:)|vergeet niet dat)\s+(?P<what>.+)",
        r"zapamietaj,?\s+(?:ze\s+)?(?P<what>.+)",
        r"(?:lembra-te|nao te esquecas) (?:de )?que\s+(?P<what>.+)",
    ),
}
"""By what is to be done; a text is one of these from its first word to its last, or it is none."""

POLITE = (
    r"(?:(?:please|bitte|s'il te plait|por favor|per favore|alsjeblieft|prosze|can you|could you|kannst du|"
    r"i(?: want|'d like| would like) you to|hey butler|"
    r"butler)[,!]?\s+)*"
)
"""What may stand before it."""
