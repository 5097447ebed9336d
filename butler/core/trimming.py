"""Leaves away what newsletters, shops and companies put around each mail, whatever it says. Pure.

These are links to unsubscribe, "view in your browser", pictures and counters, imprints. Whole lines are kept, in their order.
No line that asks is left away, nor one that names a day or an amount, nor one without a sign that a program wrote it: a
person may well write of a newsletter. The armour of a signed mail goes, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from butler.core.daynames import EVERYDAY, MONTH_OF, SHORT_MONTHS, WEEKDAY_OF, positions

_LONGEST = 400
_LAST = 25
"""So many lines at the end of a text may be an imprint."""
_EDGES = re.compile(r"^[\s|>*_•·–—<()\[\]-]+|[\s|>*_•·–—<()\[\]-]+$")
_LINK = re.compile(r"(?i)https?://\S+|www\.\S+|mailto:\S+")
_HERE = re.compile(
    r"\b(?:click|tap|klick\w{0,3}|klik|cliqu\w{1,4}|clic|here|hier|ici|aquí|qui|link|lien|enlace|button|schaltfläche)\b"
)
_LEAVING = re.compile(
    r"unsubscri|opt[ -]?out|(?:manage|update|change|edit) (?:your )?(?:e-?mail |newsletter |notification )?"
    r"(?:preferences|settings|subscriptions?)"
    r"|abmelde|abbestell|austragen|(?:benachrichtigungs|newsletter|e-?mail|profil)-?(?:einstellungen|präferenzen)"
    r"|désabonn|désinscri|(?:gérer|modifier) (?:vos|mes) (?:préférences|abonnements?)"
    r"|dar(?:se|te|me) de baja|cancelar (?:la |tu |su )?suscripción|(?:gestionar|cambiar) (?:tus|sus) preferencias"
    r"|disiscri|annulla(?:re)? (?:l['’])?iscrizione|cancella(?:ti|re) (?:dalla|l['’]iscrizione)|gestisci (?:le tue )?preferenze"
    r"|ne (?:plus|souhaitez plus|veux plus) recevoir|no (?:deseas?|quieres?) (?:seguir )?recib"
    r"|non (?:desideri|desidera|vuoi) più ricev|nicht (?:mehr|länger) (?:erhalten|bekommen)|no longer (?:wish|want) to receive"
    r"|(?:geen|niet langer|niet meer) .{0,40}ontvangen"
    r"|uitschrijven|afmelden|(?:voorkeuren|instellingen) (?:wijzigen|beheren)|wypisz|zrezygnuj|cancelar (?:a )?inscrição"
)
_BROWSER = re.compile(
    r"(?:view|read|open|see) (?:this|it|the|in)\b.{0,40}\b(?:browser|online)|trouble viewing|(?:im|in ihrem|in deinem) browser "
    r"(?:an(?:sehen|zeigen|schauen)|öffnen|lesen)|(?:online|web)-?version|(?:dans|sur) (?:votre|ton|le) navigateur"
    r"|version en ligne|ne s['’]affiche pas|no (?:ves|puedes ver)\b|non (?:visualizzi|riesci a (?:vedere|visualizzare))"
    r"|nicht (?:richtig|korrekt) (?:angezeigt|dargestellt)"
    r"|en (?:el|tu|su) navegador|versión (?:online|en línea|web)|nel (?:tuo |suo )?browser|versione (?:online|web)"
    r"|in (?:je|uw|de) browser|online versie|w przeglądarce|no (?:seu )?navegador"
)
_BECAUSE = re.compile(
    r"(?:you(?:'re| are) receiving|you received|this (?:e-?mail|message|newsletter) was sent to)\b.{0,80}"
    r"|(?:sie erhalten|du erhältst|sie bekommen|du bekommst) (?:diese[nr]?|den) .{0,40}(?:weil|da |e-?mail|newsletter)"
    r"|diese (?:e-?mail|nachricht) wurde an .{0,80} (?:gesendet|verschickt|geschickt)"
    r"|(?:vous recevez|tu reçois) (?:ce|cet|cette) .{0,40}(?:car|parce)|cet? (?:e-?mail|message) a été envoyé à"
    r"|(?:recibes?|ha recibido|has recibido) est[ea] .{0,40}porque|(?:ricevi|riceve) quest[oa] .{0,40}perché"
    r"|(?:je|u) ontvangt (?:deze|dit) .{0,40}(?:omdat|want)"
)
_MAIL = re.compile(r"e-?mail|mail|message|nachricht|newsletter|courriel|correo|mensaje|messaggio|bericht|nieuwsbrief|notif")
_PICTURE = re.compile(
    r"\[(?:image|bild|cid|logo|img|inline image|imagen|immagine|afbeelding)\b[^\]]{0,300}\]|<?cid:[^\s>]{1,200}>?"
)
_COUNTER = re.compile(
    r"(?:track(?:ing)?|click|clicks|open|pixel|beacon|list-manage|mandrill|sendgrid|mailgun|mailchimp|campaign|utm_|/wf/|/ls/|/e3t/)"
)
_COPYRIGHT = re.compile(r"^\W{0,6}(?:©|\(c\)|copyright\b).{0,80}\b(?:19|20)\d\d\b|^.{0,60}©\s?(?:19|20)\d\d\b")
_FOLLOW = re.compile(
    r"^(?:follow|like|find) us\b|^folge[nt]? (?:sie )?uns\b|^suivez[ -]nous\b|^síguenos\b|^seguici\b|^volg ons\b|^get the app\b"
)
_IMPRINT = re.compile(
    r"^(?:(?:geschäftsführ\w{1,6}|amtsgericht|registergericht|handelsregister|sitz der gesellschaft|"
    r"ust-?id\w{0,4}\.?(?:-nr\.?)?|umsatzsteuer-id\w{0,30}|steuer-?n(?:umme)?r\.?|vorstand|aufsichtsrat|impressum|"
    r"datenschutz\w{0,8}|registered (?:office|in)|"
    r"company (?:no|number|registration)\.?|vat (?:no|id|number|reg)\.?|privacy (?:policy|notice)|terms (?:of|and) \w{3,12}|"
    r"siège social|siret|siren|rcs|capital (?:social )?de|mentions légales|politique de confidentialité|registro mercantil|"
    r"domicilio social|cif|nif|aviso legal|política de privacidad|sede legale|partita iva|p\. ?iva|cod(?:ice|\.) fiscale|"
    r"capitale sociale|informativa (?:sulla )?privacy|kvk(?:-nummer)?|btw(?:-nummer|-nr)?|privacyverklaring|privacybeleid|"
    r"algemene voorwaarden)\b|hr[ab] ?\d{2,7})"
)
_LIST = re.compile(
    r"^\S.{0,60} mailing list(?: --|,|:)? ?\S+@\S+$|^to unsubscribe (?:from .{1,60} )?send an (?:e-?mail|message) to \S+@\S+$"
)
_ALONE = re.compile(
    r"(?:view|read|open) (?:this (?:e-?mail|message) |it )?(?:in (?:your |the )?browser|online)"
    r"|im browser (?:ansehen|öffnen|anzeigen)"
    r"|(?:voir|afficher|lire) (?:dans (?:le|votre) navigateur|en ligne)|ver en (?:el|tu|su) navegador"
    r"|(?:apri|visualizza) (?:nel|sul) browser"
    r"|(?:bekijk|lees) (?:online|in (?:je|uw|de) browser)"
)
_FOOT = re.compile(
    r"unsubscribe|(?:(?:manage|update) )?preferences|privacy(?: policy| notice)?|terms(?: of \w{3,8})?|abmelden|abbestellen"
    r"|impressum|datenschutz\w{0,10}|agb|se désabonner|se désinscrire|mentions légales|darse de baja"
    r"|aviso legal|privacidad|disiscriviti"
    r"|uitschrijven|afmelden|contact(?: us)?|kontakt"
)


def _names(spellings: Sequence[str]) -> str:
    return "|".join(re.escape(each) for each in sorted(spellings, key=len, reverse=True))


_MONTH = _names([*MONTH_OF, *positions(SHORT_MONTHS)])
_TELLS = re.compile(
    rf"\b\d{{1,2}}(?:\.|st|nd|rd|th|er|º)? ?(?:of |de |d['’])?(?:{_MONTH})\b|\b(?:{_MONTH})\.? \d{{1,2}}\b"
    rf"|\b(?:{_names([each for each in WEEKDAY_OF if each not in EVERYDAY])})\b"
    r"|\b\d{1,2}[./]\d{1,2}(?:[./]|\b)|\b\d{4}-\d\d-\d\d\b|[€$£¥]|\d ?(?:euros?|eur|usd|chf|gbp|zł|pln|kr)\b|\d ?%"
    r"|^\W{0,3}(?:how|wie|comment|cómo|come|hoe|kannst|können) "
    r"|\b(?:please|bitte|s['’]il (?:te|vous) plaît|merci de|por favor|per favore|per piacere|alstublieft|graag|proszę)\b"
)
"""What a program's line does not have, or what is worth its tokens: a day, an amount, a plea."""
_SIGNED, _ARMOUR, _ARMOURED = (
    "-----BEGIN PGP SIGNED MESSAGE-----",
    "-----BEGIN PGP SIGNATURE-----",
    "-----END PGP SIGNATURE-----",
)
_HASH = re.compile(r"Hash: [A-Z0-9, -]{3,40}")


def trimmed(text: str, keep: Sequence[str] = ()) -> str:
    """The lines of a text that say something; all of it where none would be left. What holds a part of `keep` stays."""
    lines = _disarmed(text.split("\n"))
    if len(lines) == 1:
        return text
    last = max(0, len(lines) - _LAST)
    kept = [line for at, line in enumerate(lines) if not _is_added(line, at >= last) or _holds(line, keep)]
    found = "\n".join(kept)
    return found if found.strip() else text


def _disarmed(lines: Sequence[str]) -> Sequence[str]:
    """The lines of a signed mail (RFC 9580) without its signature and what announces it; any others as they are."""
    bare = [line.rstrip() for line in lines]
    if _SIGNED not in bare or _ARMOUR not in bare:
        return lines
    start, ends = bare.index(_SIGNED), [at for at, line in enumerate(bare) if line == _ARMOURED]
    armour = next((at for at in range(start, len(bare)) if bare[at] == _ARMOUR), len(bare))
    end = next((at for at in ends if at > armour), None)
    if end is None:
        return lines
    text = start + 1
    while text < armour and _HASH.fullmatch(bare[text]):
        text += 1
    return [*lines[:start], *lines[text:armour], *lines[end + 1 :]]


def _is_added(line: str, is_late: bool) -> bool:
    """Whether a program put a line there."""
    bare = _EDGES.sub("", line)
    if not bare or len(line) > _LONGEST:
        return False
    words = _LINK.sub(" ", line).lower()
    if "?" in words or "？" in words or line.rstrip().endswith(("?", "？")):
        return False
    is_linked = words.strip() != line.lower().strip() or _HERE.search(words) is not None
    if _PICTURE.sub("", line.lower()).strip(" \t\r|<>*") == "":
        return True
    if not re.search(r"\w", words):
        return _COUNTER.search(line.lower()) is not None
    return _is_boilerplate(words, bare.lower(), is_linked=is_linked, is_late=is_late) and not _TELLS.search(words)


def _is_boilerplate(words: str, start: str, *, is_linked: bool, is_late: bool) -> bool:
    if is_linked and (_LEAVING.search(words) or _BROWSER.search(words)):
        return True
    if (_BECAUSE.search(words) and _MAIL.search(words)) or _ALONE.fullmatch(start):
        return True
    if not is_late:
        return False
    pieces = re.split(r"\s*[|·•–]\s*", start)
    is_foot = len(pieces) > 1 and all(_FOOT.fullmatch(piece) for piece in pieces)
    stands = _COPYRIGHT.search(start) or _IMPRINT.match(start) or _LIST.match(start)
    return bool(is_foot or stands or (len(start) <= 120 and _FOLLOW.match(start)))


def _holds(line: str, keep: Sequence[str]) -> bool:
    """Whether a line holds a part of some passage, or is a part of it."""
    bare = line.strip()
    return any(bare in passage or passage in line for passage in keep if passage)
