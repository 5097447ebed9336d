"""The words around dates in eight languages, as data: what marks a deadline, and how days are named from a mail's own."""

from __future__ import annotations

from collections.abc import Mapping

from butler.core import timewords

# A cue stands right before the date ("by Friday"). Strong ones need nothing else.
STRONG: Mapping[str, str] = {
    "en": "by|due|due by|due on|due date|deadline|deadline is|no later than|not later than|at the latest by|before|"
    "on or before|prior to|payable by|expires on|expires|rsvp by|closes on|at the latest on|due in|within",
    "de": "spätestens|bis spätestens|spätestens am|spätestens bis|fällig am|fällig|fällig bis|fällig zum|zahlbar bis|frist|"
    "frist ist|stichtag|vor dem|abgabe|abgabe bis|einsendeschluss|deadline|fälligkeit|fälligkeitsdatum|zahlungsziel|"
    "bis zum|vor|bis längstens|innerhalb von|innerhalb|läuft ab am|anmeldeschluss",
    "fr": "avant|avant le|d'ici|d'ici au|d'ici le|d'ici à|au plus tard|au plus tard le|échéance|date limite|échéance le|"
    "date limite est le|dernier délai|délai|à régler avant le|sous|dans un délai de|payable avant le|exigible le",
    "es": "antes de|antes del|a más tardar|a más tardar el|vence|vence el|fecha límite|plazo|vencimiento|como muy tarde|"
    "como muy tarde el|antes de este|plazo hasta el|fecha límite es el",
    "it": "entro|entro il|entro e non oltre|entro e non oltre il|entro le ore|scadenza|scade|scade il|prima di|prima del|"
    "al più tardi|il termine|termine ultimo|non oltre il|da pagare entro il|entro la|entro l'",
    "nl": "vóór|uiterlijk|uiterlijk op|deadline|vervaldatum|vervalt op|te betalen voor|te betalen vóór|binnen|"
    "uiterste datum|uiterlijk voor",
    "pl": "termin płatności|termin do|najpóźniej|najpóźniej do|najpóźniej w|przed|w terminie do|płatne do|nie później niż|"
    "termin mija|upływa|termin zapłaty",
    "pt": "antes de|antes do|o mais tardar|vence|vence em|vence a|prazo|data limite|vencimento|no máximo até|prazo até|"
    "até ao dia|até o dia|o mais tardar até",
}
# Weak ones also say how long something lasts ("away until Friday") or see you then ("bis Freitag!").
WEAK: Mapping[str, str] = {
    "en": "until|till|til|ends on|end on",
    "de": "bis",
    "fr": "jusqu'au|jusqu'à|pour|pour le",
    "es": "hasta|hasta el|para|para el",
    "it": "fino al|fino a|per",
    "nl": "tot|tot en met|t/m|voor",
    "pl": "do|na",
    "pt": "até|até ao|até à|até o|para",
}
# Nouns that make a date in the same sentence a deadline wherever it stands ("the deadline for the forms is 30 November").
NOUNS = (
    "deadline|due date|due|payable|frist|anmeldefrist|abgabefrist|zahlungsfrist|bewerbungsfrist|einreichungsfrist|"
    "rückmeldefrist|kündigungsfrist|widerspruchsfrist|stichtag|einsendeschluss|anmeldeschluss|abgabetermin|fällig|zahlbar|échéance|"
    "date limite|fecha límite|plazo|vencimiento|scadenza|vervaldatum|uiterste datum|termin płatności|termin zapłaty|"
    "ostateczny termin|prazo|data limite|data de vencimento"
)
FILLERS = (
    "the|this|coming|end of|on|at|is|of|day|date|latest|ist|am|zum|den|der|dem|diesen|kommenden|nächsten|einschließlich|le|"
    "la|les|ce|cette|au|à|est|est le|fin|el|este|día|es|es el|il|l'|lo|questo|giorno|è il|op|de|het|aanstaande|komende|dit|"
    "is op|o|a|dia|é|este|esta|próxima|próximo|dnia|najbliższy|ten|tego|w|we"
)
AFTER = (
    "at the latest|latest|deadline|is the deadline|is due|fällig|spätestens|zahlbar|au plus tard|dernier délai|"
    "a más tardar|como muy tarde|al più tardi|al massimo|uiterlijk|op zijn laatst|najpóźniej|o mais tardar|no máximo|"
    "is the last day"
)
# A date right after one of these is a mere fact of a paper, whatever its next line says.
LABELS = (
    "rechnungsdatum|belegdatum|bestelldatum|lieferdatum|leistungsdatum|ausstellungsdatum|auftragsdatum|rechnung vom|"
    "ausgestellt|ausgestellt am|geboren|geburtsdatum|invoice date|date of invoice|issue date|date of issue|issued|issued on|"
    "order date|ordered on|delivery date|statement date|dated|born|date de facture|date de la facture|date d'émission|"
    "facture du|émise le|date de commande|fecha de factura|fecha de emisión|factura del|data fattura|"
    "data di emissione|fattura del|factuurdatum|orderdatum|data wystawienia|data sprzedaży|data faktury|data da fatura|"
    "data de emissão|fatura de"
)
# Words that say that a stretch of time is meant, not a limit for the owner.
LASTING = (
    "away|vacation|holiday|holidays|leave|out of office|open|closed|valid|on sale|discount|travelling|traveling|available|"
    "urlaub|abwesend|verreist|geöffnet|geschlossen|gültig|unterwegs|außer haus|nicht da|krank|rabatt|congés|vacances|"
    "absent|absente|ouvert|ouverte|fermé|fermée|valable|absence|vacaciones|abierto|abierta|cerrado|cerrada|ausente|válido|"
    "válida|descuento|vacanza|ferie|aperto|aperta|chiuso|chiusa|assente|valido|vakantie|afwezig|geopend|gesloten|geldig|"
    "ouverts|ouvertes|fermés|fermées|en déplacement|abiertos|abiertas|cerrados|cerradas|estoy fuera|de viaje|de baja|aperti|"
    "aperte|chiusi|chiuse|sono fuori|fora|dienstreise|elternzeit|nicht im büro|parental leave|cita|reserva|rendez-vous|rdv|"
    "réservation|appuntamento|prenotazione|wurde|wurden|offer|sale|promotion|aktion|"
    "korting|urlopie|urlop|nieobecny|nieobecna|czynne|ważny|ważna|ważne|férias|aberto|aberta|fechado|fechada|rabat"
)
# The same where they stand in the day's own clause: somebody is somewhere, something runs, costs less or was.
BEING = (
    "is off|am off|are off|i was|we were|was in|was at|was here|were in|gilt|gelten|läuft|laufen|dauert|runs|lasts|rain|regnen|"
    "regnet|war|waren|étions|était|j'étais|estuve|estuvimos|estaba|byłem|byłam|estive|estava|duurt|loopt|trwa|dura|dure|sparen|"
    "rabatte|promoción|promoção|soldes|i'm in|i am in|i'm at|i am at|we're in|we are in|we're at|we are at|stays|staying|"
    "with me|with us|ich bin|wir sind|bleibe|bleibt|arbeite|je suis|nous sommes|estoy en|estamos en|sono a|sono in|siamo|"
    "ik ben|wij zijn|we zijn|jestem|jesteśmy|estou em|estou no|estou na|kommt bis|kommen bis|fährt bis|fahren bis"
)
# Days from the mail's own day.
RELATIVE = timewords.RELATIVE
# Ends of the mail's own day, week (Friday), month and year, and of the next week and month. "Next week" alone begins on Monday
# where it is a limit ("by next week") and ends on Friday where it is not ("I'll send it next week").
ENDS = timewords.ENDS
END_OF = "end of|the end of|ende|fin|fin de|finales de|fine|fine di|eind|einde|koniec|końca|fim de|final de"
NEXT_WEEK = (
    "next week|of next week|in der nächsten woche|in der kommenden woche|nächster woche|nächste woche|kommender woche|"
    "der nächsten woche|la semaine prochaine|prochaine semaine|"
    "de la próxima semana|la próxima semana|la semana que viene|della prossima settimana|la prossima settimana|"
    "volgende week|w przyszłym tygodniu|przyszłego tygodnia|da próxima semana|na próxima semana|da semana que vem"
)
COMING = (
    "next|coming|this|this coming|kommenden|kommender|nächsten|nächster|diesen|dieser|am kommenden|ce|cet|este|próximo|"
    "próxima|questo|prossimo|prossima|aanstaande|komende|volgende|deze|najbliższy|najbliższego|przyszły|w|we|esta|"
    "na próxima|no próximo"
)
# Position is the meaning: day, week, month, hour, working day.
UNITS = timewords.UNITS
# Position is the meaning: one to ten.
NUMBERS = timewords.NUMBERS
# What may follow a bare day of a month; any other word is what the number counts.
AFTER_DAY = (
    "please|pls|at|by|and|or|so|but|if|latest|then|for|in|of this|of the|of next|to|with|as|we|i|you|because|when|since|thanks|"
    "thank|which|via|on|the latest|otherwise|is|are|will|would|should|must|can|could|it|he|she|they|not|noon|midday|that|this|"
    "s'il|svp|stp|merci|et|ou|au|à|pour|si|car|mais|afin|par|sinon|du|avec|del|por|y|o|para|gracias|porque|a|e|per|se|grazie|"
    "perché|con|om|als|want|alstublieft|alsjeblieft|graag|en|met|i|lub|jeśli|bo|proszę|na|z|às|obrigado|obrigada|com|de este|"
    "deste|de ce|di questo"
)
# In German a capital after "am 10." begins a sentence, or else is the noun that is counted.
AFTER_GERMAN_DAY = (
    "bitte|danke|viele|liebe|beste|schöne|herzliche|mit|ich|wir|du|sie|ihr|er|es|das|die|der|dann|wenn|falls|sonst|kannst|"
    "können|könntest|könnten|bist|hast|haben|ist|gib|geben|melde|schick|passt|vielen|gruß|grüße|lg|vg|mfg|danach|und|oder|"
    "aber|nur|hallo|wie|was|wo|wann|um|bei|auch|im|am|zur|zum|für|dein|deine|ihre|ihren"
)
# What a number with a point may measure, so that it is no day and month.
MEASURES = (
    "uhr|eur|euro|euros|chf|usd|gbp|pln|zł|h|kg|km|m|mb|gb|tb|percent|per cent|prozent|pour cent|por ciento|per cento|procent|"
    "million|millions|millionen|mio|mrd|billion|milliarden|bn|points|punkte|punkten|times|dollars?|pounds?|stunden|hours|x"
)
IN = "in|within|innerhalb|innerhalb von|binnen|dans|sous|d'ici|en|dentro de|tra|fra|entro|over|za|w ciągu|em|daqui a|dentro de"
