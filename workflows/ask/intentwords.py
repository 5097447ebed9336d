"""How people ask what code can answer, as data in eight languages: patterns over questions without accents and times.

WHO stands for a person's name, WHAT for words of an event's title; a pattern has at most one of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MAIL = (
    r"(?:e-?mails?|mails?|messages?|nachrichten?|letters?|courriels?|courriers?|correos?|mensajes?|messaggi[o]?|berichten?|"
    r"wiadomosci?|wiadomosc|maili|mensagens?|mensagem)"
)
CLASH = (
    r"(?:conflicts?|clash(?:es)?|overlaps?|double[- ]bookings?|(?:scheduling|calendar|schedule) (?:conflicts?|clash(?:es)?)|"
    r"(?:termin)?(?:konflikte?|uberschneidung(?:en)?|kollision(?:en)?)|doppelbuchung(?:en)?|"
    r"conflits?(?: d'agenda| d'horaires?)?|chevauchements?|conflictos?(?: de (?:agenda|horario))?|"
    r"solapamientos?|coincidencias|conflitt[oi]|sovrapposizion[ei]|"
    r"conflicten|overlap(?:pingen)?|dubbele afspraken|konflikt(?:y|ow)?|kolizj[eai]|conflitos?|sobreposic(?:ao|oes))"
)

PATTERNS: Mapping[str, Sequence[str]] = {
    "free": (
        r"(?:when |what time |what times )?(?:am|are|could|will) i (?:be )?(?:still )?(?:free|available)"
        r"(?: for (?:a |an )?(?:meeting|call|lunch|coffee|chat))?",
        r"(?:when )?do i (?:still )?have (?:any |some )?(?:free )?(?:time|slots?|an hour)|have i (?:got )?(?:any |"
        r"some )?(?:free )?time",
        r"(?:what are |which are |show )?(?:me )?my free (?:times?|slots?|hours)|is there (?:any |some )?free time",
        r"(?:wann )?(?:bin|ware) ich (?:da |dann |denn |noch )*(?:frei|verfugbar)|(?:wann )?hab(?:e)? ich (?:da |"
        r"dann |denn |noch |etwas )*(?:zeit|frei|luft)(?: fur (?:ein |eine )?(?:treffen|termin|besprechung|kaffee))?",
        r"(?:quand )?(?:est-ce que )?(?:suis-je|je suis) (?:encore )?(?:libre|disponible)|"
        r"(?:quand )?(?:est-ce que )?(?:ai-je|j'ai) (?:encore )?(?:du|le) temps",
        r"(?:cuando )?estoy (?:libre|disponible)|(?:cuando )?tengo (?:algo de )?(?:tiempo|un hueco|hueco)(?: libre)?",
        r"(?:quando )?(?:sono|saro) (?:liber[oa]|disponibile)|(?:quando )?ho (?:del |un po' di )?tempo(?: libero)?",
        r"(?:wanneer )?ben ik (?:dan |nog )*(?:vrij|beschikbaar)|(?:wanneer )?heb ik (?:dan |nog )*(?:tijd|vrij)",
        r"(?:kiedy |czy )?(?:jestem|bede) (?:woln[aey]|dostepn[aey])|(?:kiedy |czy )?mam (?:wolny )?czas|(?:kiedy |"
        r"czy )?mam wolne",
        r"(?:quando )?estou (?:livre|disponivel)|(?:quando )?tenho (?:algum )?tempo(?: livre)?",
    ),
    "free_then": (
        r"is (?:it )?(?:still )?free|ist (?:noch )?frei|est (?:encore )?libre|esta libre|e liber[oa]|"
        r"is (?:nog )?vrij|jest wolny|esta livre",
    ),
    "next": (
        r"(?:what(?:'s| is) |when is |where is )?my next (?:appointment|meeting|event)(?: with WHO)?|what(?:'s| is|"
        r" comes| do i have) next",
        r"(?:what(?:'s| is) |when is )?the next (?:appointment|meeting|event)(?: with WHO)?|"
        r"when do i (?:next )?(?:meet|see) WHO(?: next| again)?",
        r"was (?:kommt|ist|steht|habe ich) als nachstes(?: an)?|(?:was|wann|wo) ist (?:mein|"
        r"der) nachster? termin(?: mit WHO)?",
        r"(?:mein |der )?nachster? termin(?: mit WHO)?|wann (?:treffe|sehe) ich WHO(?: wieder| das nachste mal)?",
        r"(?:quel |quand |ou )?(?:c'est quoi )?(?:est )?mon prochain (?:rendez-vous|evenement)(?: avec WHO)?|"
        r"qu'est-ce que j'ai ensuite",
        r"quand (?:est-ce que )?(?:je vois|je rencontre|vois-je|rencontre-je) WHO",
        r"(?:cual |cuando |donde )?(?:es )?mi proxim[ao] (?:cita|reunion|evento)(?: con WHO)?|que (?:tengo|"
        r"viene) (?:despues|a continuacion)",
        r"(?:qual |quando |dov)'?e? ?(?:il )?mio prossimo (?:appuntamento|impegno|evento)(?: con WHO)?|"
        r"(?:che )?cosa (?:ho|viene) dopo",
        r"(?:wat |wanneer |waar )?(?:is )?mijn volgende (?:afspraak|vergadering)(?: met WHO)?|wat (?:is|komt|"
        r"heb ik) (?:hierna|daarna|als volgende)",
        r"(?:jakie |kiedy |gdzie )?(?:jest |mam )?(?:moje )?nastepne spotkanie(?: z WHO)?|co (?:mam )?dalej",
        r"(?:qual |quando |onde )?(?:e )?(?:o )?(?:meu )?proximo (?:compromisso|encontro|evento)(?: com WHO)?|"
        r"o que vem a seguir",
    ),
    "agenda": (
        r"what(?:'s| is)(?: (?:going )?on)?(?: in my calendar)?|what(?:'s| is) (?:planned|scheduled|(?:in|"
        r"on) my (?:calendar|agenda|diary|schedule))",
        r"what (?:do i have|have i got|have i)(?: going)?(?: on| planned| scheduled)?|what am i doing|what(?:'s|"
        r" is) (?:happening|there)",
        r"do i have (?:anything|something|any (?:appointments|meetings|events|plans)|plans)(?: on| planned)?|"
        r"am i (?:already )?(?:busy|booked)|any (?:appointments|meetings|events)",
        r"(?:what|which) (?:appointments|meetings|events) (?:do i have|are there|have i got)|"
        r"(?:show (?:me )?)?my (?:agenda|calendar|schedule|appointments|meetings)|what(?:'s| is) my (?:schedule|"
        r"agenda|day|plan)|what does my (?:day|week|weekend|calendar|schedule)? ?look like",
        r"was (?:steht|liegt)(?: (?:da|bei mir|bei uns))?(?: alles)? an|was ist(?: (?:da|bei mir|bei uns))?(?: los|"
        r" geplant)?|was habe ich(?: (?:da|dann))?(?: vor| geplant)?",
        r"habe ich (?:(?:da|dann) )?(?:etwas|was|termine|einen termin)(?: vor)?|welche termine (?:habe ich|stehen an|"
        r"gibt es|sind)|(?:meine )?termine|was steht (?:in meinem|im) kalender",
        r"qu'est-ce (?:que j'ai|qu'il y a|qui est prevu)(?: de prevu)?|qu'(?:ai-je|y a-t-il)(?: de prevu)?|"
        r"(?:quels sont )?mes rendez-vous|quels rendez-vous (?:ai-je|j'ai)|ai-je (?:quelque chose|"
        r"des rendez-vous)(?: de prevu)?",
        r"que (?:tengo|hay)(?: (?:planeado|previsto|programado|en (?:mi |la )?agenda))?|(?:que|"
        r"cuales son mis) (?:citas|reuniones)(?: (?:tengo|hay))?|tengo (?:algo|alguna cita|citas)",
        r"(?:che )?cosa (?:ho|c'e)(?: in (?:programma|agenda))?|che (?:impegni|appuntamenti) ho|"
        r"i miei (?:appuntamenti|impegni)|ho (?:qualcosa|impegni|appuntamenti)(?: in programma)?",
        r"wat (?:heb ik|staat er|is er)(?: (?:op (?:de|mijn) (?:agenda|planning)|gepland|te doen))?|"
        r"welke afspraken (?:heb ik|zijn er)|mijn (?:afspraken|agenda)|heb ik (?:iets|afspraken)(?: gepland)?",
        r"co mam(?: zaplanowane| w kalendarzu)?|jakie mam (?:spotkania|plany|terminy)|moje spotkania|"
        r"co jest(?: zaplanowane)?",
        r"(?:o )?que (?:tenho|ha|tem)(?: (?:marcado|planeado|na agenda))?|que (?:compromissos|reunioes) tenho|"
        r"tenho (?:algo|alguma coisa|compromissos)(?: marcado)?",
    ),
    "birthdays": (
        r"who has (?:a |their )?birthday|whose birthday is it|(?:are there |any |which )?birthdays|who was born",
        r"wer hat geburtstag|(?:gibt es |welche )?geburtstage|qui a (?:son )?anniversaire|(?:quels )?anniversaires",
        r"quien cumple anos|cumpleanos|chi compie gli anni|compleanni|wie is (?:er )?jarig|verjaardagen|"
        r"kto ma urodziny|quem faz anos",
    ),
    "exchange": (
        r"(?:did|have) i (?:already |ever )?(?:answer(?:ed)?|repl(?:y|ied)(?: to)?|(?:write|written|"
        r"wrote)(?: back)? to) WHO(?: yet| already)?",
        r"habe ich (?:an )?WHO (?:schon |bereits )?(?:geantwortet|zuruckgeschrieben)|"
        r"ai-je (?:deja )?repondu a WHO|he (?:respondido|contestado) a WHO",
        r"ho (?:gia )?risposto a WHO|heb ik WHO (?:al )?(?:geantwoord|teruggeschreven)|(?:ja )?respondi (?:ao|a) WHO",
    ),
    "last_to": (
        r"when did i last (?:write|email|mail|answer|reply)(?: to)? WHO|when did i (?:write|email|"
        r"mail)(?: to)? WHO last|when was the last time i (?:wrote|emailed|mailed)(?: to)? WHO",
        r"(?:what (?:is|was) )?my (?:last|latest) MAIL to WHO|what did i last write to WHO|what did i write to WHO last",
        r"wann habe ich (?:zuletzt |das letzte mal )?(?:an )?WHO (?:zuletzt |das letzte mal )?geschrieben|"
        r"(?:was war )?meine letzte MAIL an WHO",
        r"quand (?:est-ce que )?(?:ai-je|j'ai) ecrit (?:pour la derniere fois )?a WHO(?: pour la derniere fois)?|"
        r"mon dernier MAIL a WHO",
        r"cuando (?:le )?(?:escribi|he escrito) (?:por ultima vez )?a WHO(?: por ultima vez)?|mi ultimo MAIL a WHO",
        r"quando ho scritto (?:(?:per )?l'ultima volta )?a WHO(?: (?:per )?l'ultima volta)?|la mia ultima MAIL a WHO",
        r"wanneer heb ik (?:aan )?WHO (?:voor het laatst|het laatst|laatst) geschreven|mijn laatste MAIL aan WHO",
        r"kiedy ostatnio (?:na)?pisal[ae]m do WHO|moja ostatnia MAIL do WHO",
        r"quando (?:e que )?escrevi (?:pela ultima vez )?(?:ao|a|para) WHO(?: pela ultima vez)?|"
        r"a minha ultima MAIL para WHO",
    ),
    "answered": (
        r"(?:did|has|have) WHO (?:already |ever |yet )?(?:answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?|(?:write|written|"
        r"wrote) back|g[eo]t back to me)(?: yet| already| to me| me)*",
        r"hat (?:mir )?WHO (?:mir )?(?:schon |bereits |inzwischen |denn )*(?:geantwortet|zuruckgeschrieben|reagiert)",
        r"(?:est-ce que |est-ce qu')?WHO (?:m')?a(?:-t-(?:il|elle))? (?:deja )?repondu",
        r"(?:me )?(?:ya )?(?:ha|han) (?:ya )?(?:respondido|contestado) WHO|(?:ya )?(?:me )?(?:respondio|contesto) WHO|"
        r"WHO (?:ya )?(?:me )?(?:ha respondido|ha contestado|respondio|contesto)",
        r"(?:mi )?ha (?:gia )?risposto WHO|WHO (?:mi )?ha (?:gia )?risposto",
        r"heeft WHO (?:al |mij |me )*(?:geantwoord|gereageerd|teruggeschreven)",
        r"czy WHO (?:juz )?(?:mi )?(?:odpowiedzial[ao]?|odpisal[ao]?)",
        r"(?:ja )?(?:me )?respondeu WHO|WHO (?:ja )?(?:me )?respondeu",
    ),
    "latest_from": (
        r"what did WHO (?:write|say|email|send)(?: to)?(?: me)?|(?:has|did) WHO (?:write|written|"
        r"emailed)(?: to)?(?: me)?(?: yet)?|"
        r"when did i (?:last )?hear from WHO",
        r"was hat (?:mir )?WHO (?:mir )?geschrieben|hat (?:mir )?WHO (?:mir )?(?:schon )?geschrieben|"
        r"was schreibt WHO|que m'a ecrit WHO",
        r"(?:what(?:'s| is| was) |show (?:me )?)?(?:the )?(?:latest|last|newest|most recent) MAIL (?:i got |"
        r"that i got )?(?:from|by) WHO|(?:the )?(?:latest|last news|news) from WHO",
        r"(?:what|when) did WHO (?:last|most recently) (?:write|say|send|email)(?: to)?(?: me)?|(?:what|"
        r"when) did WHO (?:write|email)(?: to)?(?: me)? (?:last|most recently)|when did i last hear from WHO",
        r"(?:was (?:ist|war|steht in) |zeig(?:e)? mir )?(?:die|der)? ?(?:letzten?|neuesten?|jungsten?) MAIL von WHO|"
        r"(?:was|wann) hat (?:mir )?WHO (?:mir )?(?:zuletzt|als letztes) geschrieben",
        r"(?:quel est )?(?:le )?dernier MAIL (?:de |d')WHO|(?:quand )?(?:est-ce que )?WHO m'a ecrit (?:en dernier|"
        r"pour la derniere fois)",
        r"(?:cual es )?(?:el )?ultimo MAIL de WHO|(?:cuando|que) (?:me )?(?:escribio|ha escrito) WHO por ultima vez",
        r"(?:qual e )?(?:l'|il )?ultim[ao] MAIL (?:di|da) WHO|(?:quando|"
        r"cosa) (?:mi )?ha scritto WHO (?:per )?l'ultima volta",
        r"(?:wat is )?(?:de|het)? ?laatste MAIL van WHO|(?:wanneer|wat) heeft WHO (?:mij |me )?(?:voor het laatst|"
        r"het laatst) geschreven",
        r"ostatni[a]? MAIL od WHO|kiedy (?:do mnie )?ostatnio (?:na)?pisal[ao]? WHO",
        r"(?:qual e )?(?:o |a )?ultim[ao] MAIL d[aeo] WHO|quando (?:e que )?(?:me )?escreveu WHO pela ultima vez",
    ),
    "count_to": (
        r"how many MAIL (?:did i (?:send|write)|have i (?:sent|written))(?: to)? WHO",
        r"wie ?viele MAIL habe ich (?:an )?WHO (?:geschickt|geschrieben|gesendet)",
        r"combien de MAIL (?:ai-je|j'ai) (?:envoyes?|ecrits?) a WHO",
        r"cuant[oa]s MAIL (?:he enviado|envie|he escrito|escribi) a WHO",
        r"quant[ei] MAIL ho (?:mandato|inviato|scritto) a WHO",
        r"hoeveel MAIL heb ik (?:aan|naar) WHO (?:gestuurd|geschreven)",
        r"ile MAIL (?:wyslal[ae]m|napisal[ae]m) do WHO",
        r"quant[ao]s MAIL (?:enviei|escrevi) (?:ao|a|para) WHO",
    ),
    "count_from": (
        r"how many MAIL (?:did i get |have i got |do i have |have i |are there |came )?(?:in )?(?:from|by) WHO|"
        r"how many MAIL did WHO (?:send|write)(?: to)?(?: me)?|how many MAIL has WHO (?:sent|written)(?: to)?(?: me)?",
        r"wie ?viele MAIL (?:habe ich |hab ich |kamen |sind |gibt es )?von WHO(?: (?:bekommen|erhalten|gekommen|da))?|"
        r"wie ?viele MAIL hat (?:mir )?WHO (?:mir )?(?:geschickt|geschrieben|gesendet)",
        r"combien de MAIL (?:(?:ai-je|j'ai) (?:recus? )?)?(?:de |d')WHO|combien de MAIL m'a (?:envoyes?|ecrits?) WHO",
        r"cuant[oa]s MAIL (?:he recibido |tengo |hay |recibi )?de WHO|cuant[oa]s MAIL me ha (?:enviado|escrito) WHO",
        r"quant[ei] MAIL (?:ho ricevuto |ho )?da WHO|quant[ei] MAIL mi ha (?:mandato|scritto) WHO",
        r"hoeveel MAIL (?:heb ik |zijn er |kwamen )?van WHO(?: (?:gekregen|ontvangen|gekomen))?|"
        r"hoeveel MAIL heeft WHO (?:mij |me )?(?:gestuurd|geschreven)",
        r"ile MAIL (?:dostal[ae]m |mam |przyszlo )?od WHO",
        r"quant[ao]s MAIL (?:recebi |tenho |ha )?d[aeo] WHO",
    ),
    "count_all": (
        r"how many (?:new )?MAIL (?:did i get|have i got|have i received|did i receive|came|arrived|are there)(?: in)?",
        r"wie ?viele (?:neuen? )?MAIL (?:habe ich (?:bekommen|erhalten)|kamen|sind gekommen)",
        r"combien de MAIL (?:(?:ai-je|j'ai) recus?|sont arrives)",
        r"cuant[oa]s MAIL (?:he recibido|recibi|han llegado|llegaron)",
        r"quant[ei] MAIL (?:ho ricevuto|sono arrivat[ei])",
        r"hoeveel MAIL (?:heb ik (?:gekregen|ontvangen)|kwamen er)",
        r"ile MAIL (?:dostal[ae]m|przyszlo)",
        r"quant[ao]s MAIL (?:recebi|chegaram)",
    ),
    "wrote_last": (
        r"who (?:has |have )?(?:wrote|written|emailed|mailed)(?: to)?(?: me)? (?:last|most recently)|who (?:last|"
        r"most recently) (?:wrote|emailed|mailed)(?: to)?(?: me)?|who was the last (?:person |one )?to (?:write|email|"
        r"mail)(?: to)?(?: me)?",
        r"(?:what(?:'s| is) |show (?:me )?)?(?:the |my )?(?:latest|last|newest|most recent) MAIL",
        r"wer hat (?:mir )?(?:zuletzt|als letzter?s?) (?:mir )?geschrieben|wer schrieb (?:mir )?zuletzt|(?:die |"
        r"meine )?(?:letzte|neueste) MAIL",
        r"qui m'a ecrit (?:en dernier|pour la derniere fois)|qui a ecrit en dernier|(?:le |mon )?dernier MAIL",
        r"quien (?:me )?(?:ha escrito|escribio) (?:el ultimo|por ultimo|por ultima vez|ultimo)|(?:el )?ultimo MAIL",
        r"chi (?:mi )?ha scritto (?:per ultimo|(?:per )?l'ultima volta)|(?:l'|il )?ultim[ao] MAIL",
        r"wie (?:heeft (?:mij |me )?(?:het laatst|als laatste|laatst) geschreven|schreef (?:mij |me )?(?:het laatst|"
        r"als laatste))|(?:de |het )?laatste MAIL",
        r"kto (?:do mnie )?ostatnio (?:do mnie )?(?:na)?pisal|ostatni[a]? MAIL",
        r"quem (?:me )?escreveu (?:por ultimo|pela ultima vez)|(?:o |a )?ultim[ao] MAIL",
    ),
    "wrote": (
        r"who (?:has |have )?(?:wrote|written|emailed|mailed)(?: to)?(?: me)?|who sent (?:me )?(?:a )?MAIL|"
        r"did any(?:one|body) (?:write|email|mail)(?: to)?(?: me)?|any (?:new )?MAIL|(?:what|"
        r"which) (?:new )?MAIL (?:did i get|have i got|came|arrived|have come)(?: in)?",
        r"wer hat (?:mir )?(?:alles )?geschrieben|wer schrieb (?:mir)?|welche MAIL (?:sind gekommen|kamen|"
        r"habe ich (?:bekommen|erhalten))",
        r"qui (?:m')?a ecrit|quels MAIL (?:ai-je|j'ai) recus",
        r"quien (?:me )?(?:ha escrito|escribio)|que MAIL (?:he recibido|recibi)",
        r"chi (?:mi )?ha scritto|(?:che|quali) MAIL ho ricevuto",
        r"wie (?:heeft (?:mij |me )?geschreven|schreef(?: mij| me)?)|welke MAIL heb ik (?:gekregen|ontvangen)",
        r"kto (?:do mnie )?(?:na)?pisal(?: do mnie)?",
        r"quem (?:me )?escreveu|que MAIL recebi",
    ),
    "overdue": (
        r"what(?:'s| is) overdue|(?:what|which|any) (?:tasks|to-?dos)(?: are)? overdue|(?:my )?overdue (?:tasks|to-?dos)",
        r"was ist uberfallig|(?:welche|die|meine) (?:uberfalligen )?aufgaben(?: sind)? uberfallig|"
        r"qu'est-ce qui est en retard|taches en retard",
        r"que (?:tareas )?(?:esta|estan) (?:atrasadas?|vencidas?)|cosa e in ritardo|welke taken zijn te laat|"
        r"wat is te laat|o que esta atrasado",
    ),
    "due": (
        r"what(?:'s| is) (?:still |over)?due|what(?:'s| is) overdue|what(?:'s| is) on my (?:to-?do|task) list|(?:what|"
        r"which) (?:open |due |overdue )?(?:tasks|to-?dos)(?: (?:are|do i have|are there))?(?: (?:still )?(?:open|due|"
        r"overdue|left))?",
        r"(?:show (?:me )?)?(?:my )?(?:open |due |overdue )?(?:tasks|to-?dos)|what do i (?:still )?(?:have|"
        r"need) to do|what must i (?:still )?do",
        r"was ist (?:noch |alles )?(?:fallig|uberfallig|zu tun|zu erledigen|offen)|(?:welche|"
        r"was fur) (?:offenen )?aufgaben (?:sind|habe ich|stehen|gibt es)(?: (?:noch )?(?:offen|fallig|an))?|"
        r"(?:meine )?(?:offenen )?aufgaben|was muss ich (?:noch )?(?:tun|erledigen|machen)",
        r"(?:quelles sont )?(?:mes |les )?taches(?: (?:ouvertes|en cours|a faire))?|quelles taches (?:ai-je|j'ai|"
        r"sont a faire|sont ouvertes)?(?: a faire)?|(?:qu'est-ce que je|que) dois(?:-je)? (?:encore )?faire|"
        r"qu'ai-je a faire",
        r"(?:que|cuales son (?:mis|las)) tareas(?: (?:tengo|hay|vencen))?(?: (?:pendientes|abiertas))?|"
        r"mis tareas(?: pendientes)?|que (?:tengo que|debo) hacer|que vence",
        r"(?:quali|che) (?:compiti|attivita)(?: (?:ho|sono|scadono))?(?: (?:apert[ie]|in scadenza))?|"
        r"(?:le mie attivita|i miei compiti)|(?:che )?cosa (?:devo fare|scade)",
        r"welke taken (?:heb ik|zijn er|staan)(?: (?:nog )?open)?|mijn (?:open )?taken|wat moet ik (?:nog )?doen|"
        r"openstaande taken",
        r"jakie (?:mam )?(?:otwarte )?zadania(?: mam)?|moje zadania|co (?:mam|musze) (?:jeszcze )?(?:do zrobienia|"
        r"zrobic)",
        r"(?:que|quais sao as minhas) tarefas(?: tenho)?(?: (?:em aberto|pendentes))?|as minhas tarefas|"
        r"minhas tarefas|(?:o )?que (?:tenho de|tenho que|devo) fazer",
    ),
    "phone": (
        r"(?:what(?:'s| is) )?(?:the )?(?:phone|telephone|mobile|cell)(?: number)? of WHO|what(?:'s|"
        r" is) WHO's (?:phone|telephone|mobile|cell)(?: number)?",
        r"(?:wie (?:ist|lautet) |was ist )?(?:die )?(?:telefonnummer|handynummer|telefon) von WHO",
        r"(?:quel est )?(?:le )?(?:numero|telephone|numero de telephone) (?:de |d')WHO",
        r"(?:cual es )?(?:el )?(?:numero de telefono|telefono|numero) de WHO",
        r"(?:qual e )?(?:il )?(?:numero di telefono|telefono|numero) di WHO",
        r"(?:wat is )?(?:het )?(?:telefoonnummer|nummer) van WHO",
        r"(?:jaki jest )?numer telefonu WHO",
        r"(?:qual e )?(?:o )?(?:numero de telefone|telefone) d[aeo] WHO",
    ),
    "mailbox": (
        r"(?:what(?:'s| is) )?(?:the )?(?:e-?mail|mail)(?: address)? of WHO|what(?:'s| is) WHO's (?:e-?mail|mail) address",
        r"(?:wie (?:ist|lautet) |was ist )?(?:die )?(?:e-?mail-?adresse|mail-?adresse) von WHO",
        r"(?:quelle est )?(?:l')?adresse (?:e-?mail|mail) de WHO|(?:cual es )?(?:el correo|la direccion de correo) de WHO",
        r"(?:qual e )?(?:l')?(?:indirizzo )?e-?mail di WHO|(?:wat is )?(?:het )?(?:e-?mailadres|mailadres) van WHO",
    ),
    "birthday": (
        r"when(?:'s| is) (?:the )?birthday of WHO|when(?:'s| is) WHO's birthday|when was WHO born",
        r"wann hat WHO geburtstag|wann ist (?:der )?geburtstag von WHO|wann (?:ist|wurde) WHO geboren",
        r"(?:quand|quel jour) est l'anniversaire de WHO|cuando es el cumpleanos de WHO|quando e il compleanno di WHO",
        r"wanneer is WHO jarig|kiedy (?:ma )?urodziny(?: ma)? WHO|quando e o aniversario d[aeo] WHO",
    ),
    "where": (
        r"where (?:is|are|does|will) WHAT(?: (?:take place|taking place|held|be))?",
        r"wo (?:ist|sind|findet) WHAT(?: statt)?",
        r"ou (?:est|a lieu|sont) WHAT",
        r"donde (?:es|son|sera) WHAT",
        r"dov'?e? ?(?:e|si tiene|sono)? WHAT",
        r"waar (?:is|zijn) WHAT",
        r"gdzie (?:jest|sa|odbywa sie) WHAT",
        r"onde (?:e|sera|sao) WHAT",
    ),
    "when": (
        r"when's WHAT|(?:when|(?:at )?what time|(?:on )?(?:what|which) day|when exactly) (?:is|are|does|do|will|was|"
        r"were) WHAT(?: (?:start|starting|begin|take place|taking place|happen|be|again))?",
        r"(?:wann|um wie ?viel uhr|an welchem tag) (?:ist|sind|beginnt|beginnen|fangt|findet|finden|war|waren|"
        r"geht) WHAT(?: (?:an|statt|los|wieder))?",
        r"(?:quand|a quelle heure|quel jour) (?:est|sont|a lieu|commence|commencent|tombe|etait) WHAT",
        r"(?:cuando|a que hora|que dia) (?:es|son|empieza|empiezan|comienza|sera|cae|fue) WHAT",
        r"(?:quando|a che ora|che giorno) (?:e|sono|inizia|comincia|si tiene|cade|era) WHAT|quand'e WHAT",
        r"(?:wanneer|hoe laat|op welke dag) (?:is|zijn|begint|beginnen|was) WHAT",
        r"(?:kiedy|o ktorej|ktorego dnia) (?:jest|sa|zaczyna sie|odbywa sie|byl[ao]?|mam) WHAT",
        r"(?:quando|a que horas|que dia) (?:e|sao|comeca|comecam|sera|tem lugar|foi) WHAT",
    ),
}
"""By what is asked, the surer ones first."""

AHEAD = frozenset({"free", "free_then", "next", "due", "overdue", "birthdays", "age"})
"""What is only ever asked about what comes."""

NEEDS_TIME = frozenset({"agenda", "wrote", "count_all", "free_then", "met"})
"""What is asked only beside a time: "what is on" is, "what is" is not."""

POLITE = (
    "please bitte butler hey hi hello tell show give me you mir sag sage zeig denn eigentlich svp s'il plait dis- "
    "moi dime por favor dimmi prosze exactly genau again wieder still noch ever there then da dann so ok okay now "
    "mal alles all any got going on for um am an at in zu to the this und and y et e en i o also auch calendar "
    "kalender agenda diary"
)
"""Words that may stand beside a pattern and change nothing."""
