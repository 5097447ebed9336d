"""Words of time and number in eight languages, as data: for finding dates, and for checking what a model says."""

from __future__ import annotations

from collections.abc import Mapping

# Days from the day of writing.
RELATIVE: Mapping[str, str] = {
    "en": "today|tonight:0 tomorrow:1 day_after_tomorrow:2",
    "de": "heute:0 morgen:1 übermorgen:2",
    "fr": "aujourd'hui|ce_soir:0 demain:1 après-demain:2",
    "es": "hoy:0 mañana:1 pasado_mañana:2",
    "it": "oggi|stasera:0 domani:1 dopodomani:2",
    "nl": "vandaag|vanavond:0 morgen:1 overmorgen:2",
    "pl": "dziś|dzisiaj:0 jutra|jutro:1 pojutrze|pojutrza:2",
    "pt": "hoje:0 amanhã:1 depois_de_amanhã:2",
}
# Ends of the day, week, month and year of writing, and of the next week and month.
ENDS: Mapping[str, str] = {
    "day": "end of day|end of the day|eod|end of business|close of business|cob|end of play|feierabend|heute abend|"
    "fin de journée|"
    "fine giornata",
    "week": "this week|diese woche|dieser woche|cette semaine|esta semana|questa settimana|deze week|tym tygodniu|"
    "end of the week|end of this week|end of week|eow|ende der woche|ende dieser woche|wochenende|fin de semaine|"
    "fin de la semaine|la fin de la semaine|final de semana|fin de esta semana|finales de semana|fine settimana|"
    "fine della settimana|eind van de week|einde van de week|eind deze week|koniec tygodnia|końca tygodnia|fim da semana|"
    "final da semana",
    "next": "next week|early next week|the start of next week|nächste woche|nächster woche|anfang nächster woche|"
    "kommende woche|"
    "semaine prochaine|la semaine prochaine|próxima semana|la próxima semana|semana que viene|la semana que viene|"
    "settimana prossima|prossima settimana|volgende week|begin volgende week|przyszłym tygodniu|przyszłego tygodnia|"
    "semana que vem",
    "week+1": "end of next week|ende nächster woche|ende der nächsten woche|fin de la semaine prochaine|"
    "la fin de la semaine prochaine|finales de la próxima semana|fine della prossima settimana|eind volgende week|"
    "końca przyszłego tygodnia|fim da próxima semana",
    "month": "end of the month|end of this month|end of month|eom|month end|month's end|monatsende|ende des monats|"
    "ende dieses monats|fin du mois|la fin du mois|fin de mes|final de mes|fin del mes|fine mese|fine del mese|"
    "eind van de maand|einde van de maand|eind deze maand|końca miesiąca|koniec miesiąca|fim do mês|final do mês",
    "month+1": "end of next month|ende nächsten monats|ende des nächsten monats|fin du mois prochain|"
    "finales del próximo mes|fine del prossimo mese|eind volgende maand|końca przyszłego miesiąca|fim do próximo mês",
    "year": "end of the year|end of this year|end of year|eoy|year end|jahresende|ende des jahres|ende dieses jahres|"
    "fin de l'année|la fin de l'année|fin de año|final de año|fine anno|fine dell'anno|eind van het jaar|"
    "einde van het jaar|eind dit jaar|końca roku|koniec roku|fim do ano|final do ano",
}
# Position is the meaning: day, week, month, hour, working day.
UNITS: Mapping[str, str] = {
    "en": "day|days week|weeks month|months hour|hours working_day|working_days|business_day|business_days",
    "de": "tag|tage|tagen woche|wochen monat|monate|monaten|monats stunde|stunden werktag|werktage|werktagen|arbeitstag|"
    "arbeitstage|arbeitstagen",
    "fr": "jour|jours semaine|semaines mois heure|heures jour_ouvré|jours_ouvrés|jours_ouvrables",
    "es": "día|días semana|semanas mes|meses hora|horas día_hábil|días_hábiles|días_laborables",
    "it": "giorno|giorni settimana|settimane mese|mesi ora|ore giorno_lavorativo|giorni_lavorativi",
    "nl": "dag|dagen week|weken maand|maanden uur werkdag|werkdagen",
    "pl": "dzień|dni tydzień|tygodnie|tygodni miesiąc|miesiące|miesięcy godzina|godzin|godziny dzień_roboczy|dni_roboczych|"
    "dni_robocze",
    "pt": "dia|dias semana|semanas mês|meses hora|horas dia_útil|dias_úteis",
}
# Position is the meaning: one to ten.
NUMBERS: Mapping[str, str] = {
    "en": "one|a two three four five six seven eight nine ten",
    "de": "eine|einem|einer|eines|ein zwei drei vier fünf sechs sieben acht neun zehn",
    "fr": "un|une deux trois quatre cinq six sept huit neuf dix",
    "es": "un|una|uno dos tres cuatro cinco seis siete ocho nueve diez",
    "it": "un|una|uno due tre quattro cinque sei sette otto nove dieci",
    "nl": "een|één twee drie vier vijf zes zeven acht negen tien",
    "pl": "jeden|jedną dwa|dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    "pt": "um|uma dois|duas três quatro cinco seis sete oito nove dez",
}
# Words that only larger numbers have in them.
LARGE = (
    r"eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|million|"
    r"zwölf|\w*zehn|\w{2,}(?:zig|ßig)|\w*(?:hundert|tausend)|millionen?|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|"
    r"cinquante|soixante|cents?|mille|once|doce|trece|catorce|quince|veinte|treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|"
    r"noventa|cien|ciento|\w+cientos|quinientos|mil|undici|dodici|tredici|quattordici|quindici|venti|trenta|quaranta|cinquanta|"
    r"sessanta|settanta|ottanta|novanta|\w*cento|\w*mila|twaalf|(?:der|veer|vijf|zes|zeven|acht|negen)tien|(?:twin|der|veer|vijf|zes|zeven|tach|negen)tig|\w*(?:honderd|duizend)|\w+naście|\w+dzieścia|"
    r"\w+dziesiąt|sto|dwieście|trzysta|czterysta|tysiąc|tysiące|tysięcy|doze|treze|quinze|vinte|trinta|quarenta|cinquenta|sessenta|"
    r"oitenta|cem|\w+centos|quinhentos"
)
NOON = "noon|midday|mittags?|midi|mediodía|mezzogiorno|middag|południe|południa|meio-dia"
MIDNIGHT = "midnight|mitternacht|minuit|medianoche|mezzanotte|middernacht|północ|północy|meia-noite"
