"""What the law, a company or a filter adds to every mail, in the languages known: it asks its reader for nothing (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_LONGEST = 6_000
_MOST = 40
_NEAR = 200

# All are searched in small letters: to ignore case takes them four times as long.

_MAIL = re.compile(
    r"\b(?:th(?:is|e) (?:e-?mails?|mail|message|transmission|communication|information|document)"
    r"|(?:contents? of )?the information contained"
    r"|diese[rns]? (?:e-?mails?|mails?|nachricht(?:en)?|mitteilung|informationen|dokument)|dieses schreiben|der inhalt"
    r"|(?:ce|présent) (?:message|courriel|mail|e-?mail|document)|cet (?:e-?mail|envoi)|cette (?:transmission|communication)"
    r"|(?:este|presente|el) (?:mensaje|correo|e-?mail|comunicado)|esta (?:comunicación|información)"
    r"|(?:quest[oa]|presente|il|la) (?:e-?mail|messaggio|mail|comunicazione|documento)"
    r"|(?:dit|deze|het) (?:bericht|e-?mail(?:bericht)?|mail|boodschap|informatie)"
    r"|(?:t[aeęą]j?|niniejsz\w{1,4}) (?:wiadomoś\w{1,4}|e-?mail\w{0,3}|korespondencj\w|przesyłk\w)"
    r"|(?:esta|presente|a) (?:mensagem|comunicação)|este (?:e-?mail|correio)|tato zpráva|tento e-?mail"
    r"|denne (?:e-?mail|mail|besked)"
    r"|det(?:ta|te) (?:e-?post\w{0,12}|meddelande\w{0,2}|mail))\b"
)
_IF = re.compile(
    r"\b(?:if (?:you|this|the reader)|should you|unless you|anyone (?:other|who)"
    r"|any(?: \w{1,15}){0,3} by (?:persons|anyone)|other than the"
    r"|falls|wenn|sollten|sofern|sind sie|wer diese|si vous|si (?:ce|cet|le) (?:message|courriel|mail|e-?mail|lecteur"
    r"|lectrice)|dans le cas"
    r"|au cas|toute (?:personne|utilisation)|s['’]il|si (?:usted|ud|ha|has|no|recib\w{1,4}|el lector)|en (?:el )?caso"
    r"|cualquier persona"
    r"|se (?:lei|ha|hai|non|avete|aveste|ricev\w{1,4}|siete|il lettore|você|vocês|recebeu|o (?:senhor|leitor)|não)"
    r"|qualora|nel caso|chiunque"
    r"|indien|als (?:u|je|jij|dit)|wanneer|mocht|jeśli|jeżeli|w (?:przypadku|razie)|gdyby|caso|pokud|jestliže|hvis"
    r"|om du|ifall)(?!\w)"
)
_ASTRAY = re.compile(
    r"\b(?:intended (?:recipient|addressee|reader)|not (?:the|an?) (?:(?:named|intended|correct|proper"
    r"|designated) )?(?:addressee|recipient)"
    r"|in error|by mistake|mistakenly|erroneously|inadvertently"
    r"|nicht der (?:\w{1,20} )?(?:adressat|empfänger)|(?:richtige|vorgesehene|beabsichtigte|berechtigte"
    r"|angegebene)[nr]? (?:adressat|empfänger)"
    r"|irrtümlich\w{0,4}|versehentlich|irrtum|fälschlich\w{0,6}|nicht für sie bestimmt|adressaten?|fehlgeleitet"
    r"|par erreur|erreur de (?:transmission|destinataire)|(?:le |la |les |un )?(?:bon |véritable )?destinataires?|pas destiné"
    r"|por error|destinatari[oa]s?|erróneamente|por equivocación|por equívoco"
    r"|per errore|destinatari|erroneamente|per sbaglio"
    r"|ten onrechte|geadresseerde|beoogde ontvanger|per abuis|abusievelijk|(?:per|bij) vergissing"
    r"|niet (?:de ontvanger|voor u bestemd)"
    r"|omyłkow\w{1,3}|pomyłkow\w{1,3}|przez pomyłkę|(?:jej |zamierzonym |właściwym )?adresat\w{1,3}|błędnie"
    r"|w wyniku (?:błędu|pomyłki)"
    r"|por engano|por erro|destinatári[oa]s?|indevidamente|omylem|adresát\w{1,3}|ved en fejl|rette modtager"
    r"|av misstag|avsedd mottagare)(?!\w)"
)
_SENDER = re.compile(
    r"\b(?:sender|absenders?|expéditeur|remitente|mittente|afzender|nadawc\w{1,3}|remetente|odesílatel\w{0,3}"
    r"|afsender\w{0,2}"
    r"|avsändar\w{0,3})(?!\w)"
)
_SECRET = re.compile(
    r"(?:confiden|vertraulich|vertrouwelijk|riservat|poufn|důvěrn|fortrolig|konfiden|privileged|geschützt"
    r"|privilegi|sigilos)"
)
_FORBIDDEN = re.compile(
    r"(?:unauthori[sz]ed|prohibited|strictly|intended (?:only|solely|exclusively)|sole use|solely for"
    r"|nicht gestattet|untersagt|unbefugt"
    r"|unerlaubt|ausschließlich für|interdit|à l'attention exclusive|exclusivement|exclusivamente|exclusiva d"
    r"|prohibid|esclusivamente|vietat"
    r"|uitsluitend (?:bestemd|voor)|niet toegestaan|verboden|wyłącznie (?:dla|do)|zabronion|proibid|výhradně"
    r"|udelukkende|enbart)"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_TREES = re.compile(
    r"\b(?:environment|trees?|planet|umwelt|bäume|papier|l['’]environnement|arbres?|(?:medio ?)?ambiente"
    r"|árbol(?:es)?|alberi|milieu"
    r"|środowisk\w{1,2}|drzew\w?|árvores?|životní\w{0,2} prostředí|miljøet|miljön)\b"
)
_PRINT = re.compile(
    r"\b(?:print\w{0,4}|(?:aus)?drucke\w{0,2}|ausgedruckt|(?:n['’]|d['’])?imprim\w{1,5}|stamp\w{3,4}"
    r"|afdruk\w{0,4}|(?:wy)?drukow\w{1,5}|wydruk\w{0,7}|vytisk\w{1,6}|udskriv\w{0,3}|skriver? ut)\b"
)
_THINK = re.compile(
    r"\b(?:consider|think|save|denken|schonen|schützen|pensez|préserv\w{1,4}|protég\w{1,4}|piens[ea]|cuid\w{1,4}"
    r"|protej\w{1,3}"
    r"|pensa(?:te)?|rispett\w{1,4}|denk|pomyśl\w{0,3}|pense|respeite|mysli|tænk|tänk)\b"
)
_OUTSIDE = re.compile(
    r"(?:\boutside (?:of )?(?:the |your |our )?(?:organi|compan|network|institut|universit)|from an? external"
    r"|\[?external (?:e-?mail|sender|message|source)"
    r"|externe[nrms]{0,2} (?:absender|e-?mail|mail|quelle|afzender|bron)|von außerhalb|expéditeur externe"
    r"|provient de l['’]ext|de l['’]extérieur d"
    r"|remitente externo|externo a la|fuera de (?:la|su) organi|mittente esterno|dall['’]esterno|van buiten de"
    r"|spoza organizacji|zewnętrzn\w{1,4} nadawc"
    r"|remetente externo|fora da (?:sua )?organi)"
)
_CLICK = re.compile(
    r"\b(?:click\w{0,3}|klick\w{0,3}|klik\w{0,4}|cliqu\w{1,4}|clic|haga clic|attachments?|links?|anhäng\w{1,3}"
    r"|pièces?|adjuntos?|enlaces?"
    r"|allegat[io]|bijlagen?|załącznik\w{1,3}|anexos?|caution|vorsicht|achtung|attention|atención|attenzione|uwaga|atenção)\b"
)
_SCANNED = re.compile(
    r"\bvirus-?free\b|\bvirenfrei\b|\bavast\b|checked (?:for viruses|by)|(?:scanned|checked|geprüft|analysé"
    r"|analizado|scansionat\w).{0,40}\bvirus"
)


def legal_lines(lines: Sequence[str]) -> set[int]:
    """The lines that a company, the law or a mail filter puts into mails."""
    lines = [line.lower() for line in lines]
    found: set[int] = set()
    for start, end in _paragraphs(lines):
        text = "\n".join(lines[start:end])
        if len(text) <= _LONGEST:
            found.update(_added(lines, start, end, text))
    return found


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for at in range(len(lines) + 1):
        if at == len(lines) or not lines[at].strip():
            if at > start:
                yield start, at
            start = at + 1


def _added(lines: Sequence[str], start: int, end: int, text: str) -> Iterator[int]:
    """Which lines of a paragraph were added: what stands right above or below them, without an empty line, is the author's."""
    places = range(start, end)
    if _SCANNED.search(text):
        yield from (at for at in places if _SCANNED.search(lines[at]))
    if _OUTSIDE.search(text) and _CLICK.search(text):
        yield from _between(lines, places, _OUTSIDE, _CLICK)
    if _TREES.search(text) and _PRINT.search(text) and (_THINK.search(text) or _MAIL.search(text)):
        printed = (at for at in places if _TREES.search(lines[at]) or (_PRINT.search(lines[at]) and _MAIL.search(lines[at])))
        yield from (at for at in printed if not _asks_beside(lines[at]))
    if not _may_be_legal(text):
        return
    first = _opening(lines, places)
    if first < end and _is_legal("\n".join(lines[first:end])):
        yield from range(first, end)


def _asks_beside(line: str) -> bool:
    """Whether a line asks something else than whether to print."""
    asked = (each for each in _SENTENCE.split(line[:_LONGEST]) if each.rstrip().endswith("?"))
    return any(not any(sign.search(each) for sign in (_TREES, _PRINT, _MAIL)) for each in asked)


def _between(lines: Sequence[str], places: range, first: re.Pattern[str], last: re.Pattern[str]) -> range:
    """From the first line with the one to the last with the other that asks nothing."""
    begins = next((at for at in places if first.search(lines[at])), places.stop)
    ends = [at for at in range(begins, places.stop) if last.search(lines[at]) and "?" not in lines[at]]
    return range(begins, ends[-1] + 1) if ends else range(0)


def _opening(lines: Sequence[str], places: range) -> int:
    """The first line with a sign of the law, below the last question."""
    asked = max((at for at in places if "?" in lines[at]), default=places.start - 1)
    signs = (_MAIL, _ASTRAY, _SECRET, _FORBIDDEN)
    return next((at for at in places if at > asked and any(sign.search(lines[at]) for sign in signs)), places.stop)


def _may_be_legal(text: str) -> bool:
    """Whether any end of it can be legal: most paragraphs are not, and are not to be searched line by line."""
    return _ASTRAY.search(text) is not None or all(sign.search(text) for sign in (_SECRET, _FORBIDDEN, _MAIL))


def _is_legal(text: str) -> bool:
    if _went_astray(text):
        return _MAIL.search(text) is not None or _SENDER.search(text) is not None
    return all(pattern.search(text) for pattern in (_MAIL, _SECRET, _FORBIDDEN))


def _went_astray(text: str) -> bool:
    """Whether it says what to do "if you are not the intended recipient"."""
    for count, found in enumerate(_ASTRAY.finditer(text)):
        if _IF.search(text, max(0, found.start() - _NEAR), found.end()):
            return True
        if count == _MOST:
            break
    return False
