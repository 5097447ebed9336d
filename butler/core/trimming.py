"""Leaves away what newsletters, shops and companies put around each mail, whatever it says. Pure.

These are links to unsubscribe, "view in your browser", pictures and counters, imprints. Whole lines are kept, in their order.
No line that asks is left away, nor one without a sign that a program wrote it: a person may well write of a newsletter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    r"|uitschrijven|afmelden|(?:voorkeuren|instellingen) (?:wijzigen|beheren)|wypisz|zrezygnuj|cancelar (?:a )?inscrição"
)
_BROWSER = re.compile(
    r"(?:view|read|open|see) (?:this|it|the|in)\b.{0,40}\b(?:browser|online)|trouble viewing|(?:im|in ihrem|in deinem) browser "
    r"(?:an(?:sehen|zeigen|schauen)|öffnen|lesen)|(?:online|web)-?version|(?:dans|sur) (?:votre|ton|le) navigateur"
    r"|version en ligne"
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


def trimmed(text: str, keep: Sequence[str] = ()) -> str:
    """The lines of a text that say something; all of it where none would be left. What holds a part of `keep` stays."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    last = max(0, len(lines) - _LAST)
    kept = [line for at, line in enumerate(lines) if not _is_added(line, at >= last) or _holds(line, keep)]
    found = "\n".join(kept)
    return found if found.strip() else text


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
    if is_linked and (_LEAVING.search(words) or _BROWSER.search(words)):
        return True
    if _BECAUSE.search(words) and _MAIL.search(words):
        return True
    start = bare.lower()
    return is_late and bool(_COPYRIGHT.search(start) or _IMPRINT.match(start) or (len(bare) <= 120 and _FOLLOW.match(start)))


def _holds(line: str, keep: Sequence[str]) -> bool:
    """Whether a line holds a part of some passage, or is a part of it."""
    bare = line.strip()
    return any(bare in passage or passage in line for passage in keep if passage)
