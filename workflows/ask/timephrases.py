"""How people name times in questions, as data in eight languages; every form is written without accents, in lower case."""

from __future__ import annotations

from collections.abc import Mapping

LAST = (
    "last|past|previous|letzte[nrsm]?|vergangene[nrsm]?|vorige[nrsm]?|derniere?s?|passee?s?|ultim[oaie]s?|pasad[oa]s?|"
    "scors[oaie]|passat[oaie]|afgelopen|vorige?|laatste|ostatni(?:ch|m|ego|a|e|ej)?|zeszl(?:ym|ego|ej|y|a)|ubiegl(?:ym|ego|ej)|"
    "passad[oa]s?"
)
NEXT = (
    "next|coming|following|upcoming|nachste[nrsm]?|kommende[nrsm]?|folgende[nrsm]?|prochaine?s?|proxim[oa]s?|que viene|"
    "prossim[oaie]|volgende|komende|aanstaande|najblizsz(?:ych|ym|ego|ej|y|a|e)|przyszl(?:ym|ego|ych|ej|y|a|e)|"
    "nastepn(?:ym|ego|ych|ej|y)|que vem|a venir|entrante"
)
THIS = (
    "this coming|this|current|diese[nrsm]?|laufende[nrsm]?|cet|cette|ces|ce|estas|estos|esta|este|quest[oaie]|deze|dit|tej|tym|"
    "tego|biezac(?:ym|ego)"
)
AGO_BEFORE = "vor|il y a|hace|ha"
AGO_AFTER = "ago|fa|geleden|temu|atras|earlier"
IN = "in|within|innerhalb von|binnen|dans|d'ici|dentro de|tra|fra|over|za|daqui a|em"
# Days, weeks, months, hours, working days come from `timewords.UNITS`; these are beside them.
YEARS = "years?|jahre?[ns]?|ans?|annees?|anos?|anno|anni|jaar|jaren|rok|roku|lata|lat"
MINUTES = "minutes?|minuten|minutos?|minuti|minuut|minut|minuty"
WEEKENDS = (
    "weekends?|wochenenden?|week-ends?|fins? de semana|fines de semana|finde|fine settimana|weekendu|weekendy|fim de semana|"
    "final de semana"
)
SOME: Mapping[str, int] = {"couple of": 2, "a couple of": 2, "paar": 3, "ein paar": 3, "few": 3, "a few": 3, "quelques": 3}
MORE_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("dniu", "dnia"), 0),
    **dict.fromkeys(("tygodniu", "tygodnia", "tygodniach"), 1),
    **dict.fromkeys(("miesiacu", "miesiaca", "miesiacach"), 2),
    "std": 3,
}
PLURALS = (
    "days tage tagen jours dias giorni dagen dni weeks wochen semaines semanas settimane weken tygodnie tygodni tygodniach "
    "months monate monaten meses mesi maanden miesiace miesiecy years jahre jahren annees anos anni jaren lat lata"
)
MORE_WEEKDAYS: Mapping[str, int] = {"thurs": 3, "tues": 1}
_POLISH = "styczniu lutym marcu kwietniu maju czerwcu lipcu sierpniu wrzesniu pazdzierniku listopadzie grudniu"
MORE_MONTHS: Mapping[str, int] = {name: number for number, name in enumerate(_POLISH.split(), 1)}
LEADS_MONTH = "in|im|of|en|a|w|em|since|seit|until|till|bis|de|del|di|dal|depuis|desde"
LEADS_YEAR = "in|im jahr|im jahre|en|nel|w|em|since|seit|depuis|desde|of|de|in the year"
MORE_DAYS: Mapping[str, int] = {"tomorow": 1, "tmrw": 1, "the day after tomorrow": 2, "overmorrow": 2}
PAST_DAYS: Mapping[str, int] = {
    **dict.fromkeys(("yesterday", "gestern", "hier", "ayer", "ieri", "gisteren", "wczoraj", "ontem"), -1),
    **dict.fromkeys(("the day before yesterday", "day before yesterday", "vorgestern", "avant-hier", "anteayer"), -2),
    **dict.fromkeys(("l'altro ieri", "eergisteren", "przedwczoraj", "anteontem"), -2),
}
COMPOUND_DAYS: Mapping[str, int] = {"gister": -1, "morgen": 1}
"""Beginnings of Dutch words of a day and a part of it: "gisteravond"."""

# A part of a day, as the hours that it holds; "noon" begins at twelve, for that is what is meant by it.
HOURS: Mapping[str, tuple[int, int]] = {"morning": (5, 12), "noon": (12, 14), "afternoon": (12, 18), "evening": (17, 24)}
PARTS: Mapping[str, str] = {
    "noon": "noon|midday|lunchtime|lunch time|mittags?|midi|al mediodia|mediodia|a mezzogiorno|mezzogiorno|poludnie|meio-dia",
    "afternoon": "afternoon|nachmittags?|apres-midi|por la tarde|de la tarde|a la tarde|nel pomeriggio|di pomeriggio|"
    "pomeriggio|'?s middags|middag|po poludniu|popoludniu|a tarde|da tarde|de tarde",
    "evening": "evening|night|abends?|nachts?|soir|soiree|nuit|por la noche|de la noche|di sera|sera|notte|'?s avonds|avond|"
    "wieczorem|w nocy|a noite|da noite|de noite",
    "morning": "morning|forenoon|vormittags?|morgens?|fruh|matin|matinee|por la manana|de la manana|di mattina|mattina|mattino|"
    "'?s ochtends|ochtend|rano|przed poludniem|de manha|da manha|pela manha",
}
THIS_PART: Mapping[str, str] = {
    "morning": "this morning|ce matin|esta manana|stamattina|questa mattina|vanmorgen|vanochtend|esta manha",
    "afternoon": "this afternoon|cet apres-midi|esta tarde|questo pomeriggio|vanmiddag",
    "evening": "this evening|tonight|ce soir|cette nuit|esta noche|stasera|stanotte|vanavond|vannacht|esta noite",
}
LAST_NIGHT = "last night|letzte nacht|gestern nacht|cette nuit|anoche|ieri sera|ieri notte|zeszlej nocy|ontem a noite"
NOW = "right now|now|jetzt|maintenant|en ce moment|ahora|adesso|op dit moment|teraz|agora"
AT = "at|around|about|um|gegen|vers|a las|a la|a|alle ore|alle|ore|om|rond|o godz\\.?|o|as|pelas"
CLOCK = "a\\.?m\\.?|p\\.?m\\.?|uhr|h|heures?|uur|o'clock|horas?|hrs?"
MIDNIGHT = "midnight|mitternacht|minuit|medianoche|mezzanotte|middernacht|polnoc|meia-noite"
LATE_NUMBERS: Mapping[str, str] = {
    "en": "eleven twelve",
    "de": "elf zwolf",
    "fr": "onze douze",
    "es": "once doce",
    "it": "undici dodici",
    "nl": "elf twaalf",
    "pl": "jedenascie dwanascie",
    "pt": "onze doze",
}
SINCE: Mapping[str, str] = {
    "en": "since",
    "de": "seit(?: dem| der)?",
    "fr": "depuis(?: le| la)?",
    "es": "desde(?: el| la)?",
    "it": "da|dal|dalla",
    "nl": "sinds|vanaf",
    "pl": "od",
    "pt": "desde(?: o| a)?",
}
UNTIL: Mapping[str, str] = {
    "en": "until|till|up to|by",
    "de": "bis(?: zum| zur)?",
    "fr": "jusqu'(?:au|a)|d'ici(?: au| a)?",
    "es": "hasta(?: el| la)?",
    "it": "fino a(?:l|lla)?|entro(?: il| la)?",
    "nl": "tot(?: en met)?|uiterlijk",
    "pl": "do",
    "pt": "ate(?: ao| a| o)?",
}
BEFORE: Mapping[str, str] = {
    "en": "before",
    "de": "vor(?: dem| der)?",
    "fr": "avant(?: le| la)?",
    "es": "antes de(?:l| la| las)?",
    "it": "prima di|prima del(?:la|le)?",
    "nl": "voor",
    "pl": "przed",
    "pt": "antes d[eoa]s?",
}
AFTER: Mapping[str, str] = {
    "en": "after|from|starting",
    "de": "nach(?: dem| der)?|ab(?: dem)?",
    "fr": "apres(?: le)?|a partir d[eu]",
    "es": "despues de(?:l| la| las)?|a partir de(?:l| la| las)?",
    "it": "dopo(?: il| la| le)?|a partire da(?:l|lle)?",
    "nl": "na",
    "pl": "po",
    "pt": "depois d[eoa]s?|a partir d[eoa]s?",
}
FROM_IT = "from|starting|ab|a partir|a partire"
"""After which of these words the day itself counts, too."""
BETWEEN: Mapping[str, str] = {
    "en": "between|from",
    "de": "zwischen(?: dem)?|von|vom",
    "fr": "entre(?: le)?|du|de",
    "es": "entre(?: el| las)?|del?(?: las)?|desde el",
    "it": "tra(?: il| le)?|fra(?: il| le)?|dal?|dalle",
    "nl": "tussen|van",
    "pl": "miedzy|od",
    "pt": "entre(?: as)?|da|das|de",
}
AND: Mapping[str, str] = {
    "en": "and|to|until|till|through",
    "de": "und(?: dem)?|bis(?: zum)?",
    "fr": "et(?: le)?|au|a",
    "es": "y(?: el| las)?|al?(?: las)?|hasta el",
    "it": "e(?: il| le)?|al?|alle",
    "nl": "en|tot",
    "pl": "a|do|i",
    "pt": "e(?: as)?|a|as|ate",
}
TO = "to|until|till|through|bis(?: zum)?|au|al|hasta el|tot|do|ate|[-–]"
"""What joins two days to a span also without a word before them."""
EVERYWHERE = ("since", "seit", "depuis", "desde", "sinds")
FILLERS = "on|the|of|in|at|am|an|im|um|der|des|den|le|la|du|de|del|el|il|op|w|we|na|no|em|por|per|dnia|dia|nel|alle|zum|a|o|as"
HALF: Mapping[str, int] = {"half past": 30, "quarter past": 15, "quarter to": -15, "viertel nach": 15, "viertel vor": -15}
HALF_BEFORE = "halb|half"
"""Before an hour these mean half an hour earlier."""

# Fixed days as month and day; those that hang on Easter as days from it.
HOLIDAYS: Mapping[tuple[int, int], str] = {
    (
        12,
        24,
    ): "christmas eve|heiligabend|heilig abend|weihnachtsabend|reveillon de noel|nochebuena|vigilia di natale|"
    "kerstavond|wigilia|wigilie|vespera de natal",
    (12, 25): "christmas day|christmas|xmas|weihnachten|noel|navidad|natale|kerstmis|kerst|boze narodzenie|bozym narodzeniem|"
    "swietami|natal",
    (12, 31): "new year's eve|silvester|saint-sylvestre|nochevieja|san silvestro|oudejaarsavond|sylwestra?|reveillon",
    (
        1,
        1,
    ): "new year's day|new year's|new year|neujahr|nouvel an|jour de l'an|ano nuevo|capodanno|nieuwjaar|nowy rok|"
    "nowym rokiem|ano novo",
    (1, 6): "epiphany|dreikonigstag|epiphanie|reyes|epifania|driekoningen|trzech kroli",
}
EASTER: Mapping[int, str] = {
    -2: "good friday|karfreitag|vendredi saint|viernes santo|venerdi santo|goede vrijdag|wielki piatek|sexta-feira santa",
    0: "easter sunday|easter|ostersonntag|ostern|paques|pascua|pasqua|pasen|wielkanoc|wielkanoca|pascoa",
    1: "easter monday|ostermontag|lundi de paques|lunes de pascua|pasquetta|paasmaandag|poniedzialek wielkanocny",
    39: "ascension day|christi himmelfahrt|himmelfahrt|ascension|hemelvaart",
    49: "pentecost|whitsun|pfingsten|pentecote|pentecostes|pentecoste|pinksteren",
}
ENDS: Mapping[str, str] = {
    "week": "(?:the )?end of (?:the|this) week|ende (?:der|dieser) woche|(?:la )?fin de (?:la|cette) semaine|"
    "fine della settimana|(?:het )?einde? van de week|konca tygodnia",
    "month": "(?:the )?end of (?:the|this) month|month end|monatsende|ende des monats|(?:la )?fin du mois|fin(?:al)? de mes|"
    "fine (?:del )?mese|(?:het )?einde? van de maand|konca miesiaca|fi(?:m|nal) do mes",
    "year": "(?:the )?end of (?:the|this) year|year end|jahresende|ende des jahres|(?:la )?fin de l'annee|fin(?:al)? de ano|"
    "fine (?:dell')?anno|(?:het )?einde? van het jaar|konca roku|fi(?:m|nal) do ano",
}
PAST = (
    r"did|was|were|had|wrote|sent|received|answered|replied|happened|(?:have|has|who's) \w+ (?:\w+ )?(?:written|sent|"
    r"received|answered|replied|been|said)|war|waren|hatte|hatten|schrieb\w*|bekam\w*|kam\w*|(?:hat|habe|haben|ist|bin)\b.*\b(?:"
    r"ge\w{3,}(?:t|en)|beantwortet|bekommen|erhalten)|etai[st]|avai[st]|ecrite?|recue?s?|envoyee?s?|repondu|fue|fueron|era|eran|"
    r"escribio|escribieron|escribi|recibi|envie|hubo|tuve|escrito|recibido|enviado|scritto|ricevuto|risposto|mandato|schreef|"
    r"stuurde|geschreven|gestuurd|ontvangen|geantwoord|byl[aoy]?|napisal[aoi]?|pisal[aoi]?|przyslal[aoi]?|dostal[ae]?m|"
    r"odpowiedzial[aoi]?|foi|foram|escreveu|escreveram|recebi|enviou|enviei|respondeu|tive"
)
"""Words that say that a question is about what has been."""

AFTER_NEXT_WEEK = "(?:the )?week after next|ubernachste[nr]? woche|semaine d'apres|over twee weken"
JOINS = r"(?:to|until|till|through|and|bis(?: zum)?|und|au|et le|al?|y el|hasta el|tot|en|do|e|ate|[-–])"
"""What stands between two days of a month."""
OPENS = "du|from|vom|von|del?|dal?|van|od|between|zwischen(?: dem)?"
WEEK_NUMBER = (
    r"(?:kw|kalenderwoche|calendar week|week|semaine|semana|settimana|tydzien)\s+(?:nr\.?\s*|no\.?\s*)?(\d{1,2})(?![\w:.])"
)
ORDINAL = (
    r"(?:(?:the|on)\s+)?(?P<nth>\d{1,2})(?:st|nd|rd|th)"
    r"(?!\s+(?!(?:at|in|on|and|or|to|until|till|from|between|after|before|around|of|is|are|am|i|we|do|free|with|for|about|morning|"
    r"afternoon|evening|noon|night)\b)[a-z])",
    r"(?:am|dem|den|zum|vom|bis)\s+(?P<german>\d{1,2})\.(?!\d)",
    r"(?:le|el|il|dia|el dia|o dia|no dia|ao dia|del|dal|al|du|au)\s+(?P<bare>\d{1,2})(?![\w:.,/-]|\s*(?:h\b|heures|euro|%))",
    r"(?:op\s+)?(?:de|den)\s+(?P<dutchnth>\d{1,2})(?:e|ste|de)",
    r"(?P<polish>\d{1,2})-?(?:go|ego)",
)
"""A day of a month that is not named; each is followed by no more of the word."""
