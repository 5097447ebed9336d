"""Further ways to ask what code can answer, written as in `intentwords`: duties, the day itself, who comes, what cards say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_LAST = r"(?:last|latest|newest|most recent)"

FIRST: Mapping[str, Sequence[str]] = {
    "remembered": (
        r"what (?:do|did|have|should|are) you (?:to )?remember(?:ed)?(?: (?:about|of) WHO)?|"
        r"what have i told you(?: about WHO)?|"
        r"what (?:did|have) i (?:tell|told|ask|asked) you to remember(?: (?:about|of) WHO)?|what(?:'s| is) in your memory",
        r"was hast du dir (?:uber WHO )?gemerkt|was merkst du dir|woran erinnerst du dich|woran sollst du dich erinnern",
        r"de quoi (?:te souviens-tu|tu te souviens)|que retiens-tu(?: de WHO)?|qu'as-tu retenu",
        r"que recuerdas(?: de WHO)?|(?:che )?cosa (?:ti )?ricordi(?: di WHO)?|wat (?:onthoud je|heb je onthouden)",
        r"co pamietasz(?: o WHO)?|de que te lembras",
    ),
    "day": (
        r"(?:what(?:'s| is) )?(?:the )?(?:'s )?(?:date|day)(?: is it)?|(?:what|which) (?:date|day)(?: of the week)? (?:is|"
        r"was)(?: it| that)?|what(?:'s| is) the date(?: of)?|what time is it",
        r"(?:welche[rs]? (?:tag|datum)|der wievielte|welcher wochentag) (?:ist|war)(?: es)?|welchen (?:tag|"
        r"wievielten) haben wir|was fur ein (?:tag|datum) ist(?: es)?|wie (?:spat|viel uhr) ist es|wieviel uhr ist es",
        r"quel jour (?:est-ce|sommes-nous|on est|est-on)|on est quel jour|quelle (?:est la )?date(?: est-ce)?|"
        r"quelle heure est-il",
        r"(?:que|cual es la) (?:dia|fecha)(?: es| sera)?|a que (?:dia )?estamos|que hora es",
        r"che (?:giorno|data) (?:e|sara)|che ore sono|che ora e",
        r"(?:welke|wat voor) (?:dag|datum) is(?: het)?|hoe laat is het",
        r"(?:jaki|ktory) (?:jest )?(?:dzien|dzis)|jaka (?:jest )?data|ktora (?:jest )?godzina",
        r"que dia e|(?:qual e )?a data(?: de)?|que horas sao",
    ),
    "met": (
        r"(?:who(?:m)?|with whom) (?:am i|are we|do i|do we|will i|did i) (?:going to )?(?:meet|meeting|see|seeing)(?: with)?|"
        r"(?:who(?:m)?|with whom) (?:do|did) i have (?:a |an |my )?(?:meetings?|appointments?)(?: with)?",
        r"(?:mit wem|wen) (?:treffe|traf|sehe) ich(?: mich)?|mit wem (?:habe ich|hab ich) (?:(?:einen |ein |eine )?(?:termine?|"
        r"treffen|verabredung|besprechung)|mich getroffen)|mit wem bin ich verabredet",
        r"(?:qui|avec qui) (?:est-ce que )?(?:je (?:vois|rencontre)|vois-je|rencontre-je)|avec qui (?:ai-je|est-ce que j'ai|"
        r"j'ai) (?:un )?(?:rendez-vous|reunion)|a quien (?:veo|vere)|con quien (?:me reuno|quedo|he quedado|tengo (?:una )?"
        r"(?:cita|reunion))",
        r"chi (?:vedo|incontro|devo (?:vedere|incontrare))|con chi (?:mi (?:vedo|incontro)|ho (?:un )?(?:appuntamento|"
        r"riunione))|(?:wie|met wie) (?:ontmoet|zie|spreek) ik|met wie heb ik (?:een )?(?:afspraak|vergadering)",
        r"(?:z kim|kogo) (?:sie )?(?:spotykam|widze)(?: sie)?|z kim mam spotkanie|(?:quem|com quem) (?:vejo|encontro|me "
        r"encontro)|com quem tenho (?:uma )?reuniao",
    ),
    "attendees": (
        r"who(?:'s| is| will be| was| else is)? (?:coming|going|invited|attending|attends|joining|joins|comes|goes|"
        r"at|in(?= (?:the|my|our)\b))(?: to| at)? WHAT",
        r"who are the (?:attendees|participants|guests) (?:of|at|in) WHAT|who (?:takes|is taking) part in WHAT",
        r"wer (?:kommt|ist|nimmt|geht) (?:alles )?(?:zu[mr]?|am|an|bei|beim|in(?= (?:der|den|meiner)\b)|im|auf) WHAT"
        r"(?: teil| eingeladen| dabei)?|"
        r"wer ist (?:zu[mr]?) WHAT eingeladen",
        r"qui (?:vient|participe|assiste|est invite|sera) (?:a|au|aux|a la) WHAT",
        r"quien(?:es)? (?:viene|asiste|participa|va|vienen|van|esta invitado) (?:a|al|en) WHAT",
        r"chi (?:viene|partecipa|e invitato) (?:a|al|alla) WHAT|wie (?:komt|komen|gaat) (?:er )?naar WHAT",
        r"kto (?:przychodzi|idzie|bedzie) na WHAT|quem (?:vem|vai|participa) (?:a|ao|na|no) WHAT",
        r"(?:with whom|who(?:m)?) (?:is|am i at|do i have|is at|was) (?:my |the )?WHAT with|"
        r"with whom (?:is|was|do i have) WHAT|"
        r"who (?:came|was invited|went)(?: to)? WHAT|who else is (?:at|in(?= (?:the|my|our)\b)|on) WHAT|"
        r"(?:attendees|participants|guests) (?:of|at|in|for) WHAT",
        r"mit wem (?:ist|war|findet|habe ich|hab ich|beginnt|geht) WHAT(?: statt)?|"
        r"wer (?:ist|sind|war|kam|kommt|nimmt) (?:noch |alles |denn )*"
        r"(?:bei|beim|in(?= (?:der|den|meiner)\b)|im|am|an|zu[mr]?|auf) WHAT(?: dabei| mit dabei| teil| eingeladen)?|"
        r"wer ist dabei (?:bei|beim|in(?= (?:der|den|meiner)\b)|im|am|zu[mr]?) WHAT|"
        r"wer sind die (?:teilnehmer|gaste) (?:bei|beim|von|der|des|am|im) WHAT",
        r"avec qui (?:est|ai-je|est-ce que j'ai|a lieu|etait) WHAT|qui (?:sera|est|vient|participe|assiste|y a-t-il|etait)"
        r"(?: present| la| invite)? (?:a|au|aux|pour|dans) WHAT",
        r"con quien (?:es|tengo|sera|fue) WHAT|quien(?:es)? (?:esta|estan|estara|estaran|estuvo|hay)"
        r"(?: invitados?)? (?:a|al|en|para) WHAT",
        r"con chi (?:e|ho|sara|era) WHAT|chi (?:c'e|e|sara|ci sara|era)(?: invitato)? (?:a|al|alla|all|alle|ai|in) ?'?WHAT",
        r"met wie (?:is|heb ik|was) WHAT|"
        r"wie (?:is|zijn|was|waren|komt|komen|doet|doen|gaat|gaan) (?:er )?(?:mee )?(?:allemaal )?"
        r"(?:bij|op|aan|naar|voor) WHAT(?: mee| uitgenodigd| aanwezig)?",
        r"z kim (?:jest|mam|bylo) WHAT|kto (?:jest|bierze udzial|uczestniczy) (?:na|w) WHAT|com quem (?:e|tenho|sera|foi) WHAT|"
        r"quem (?:esta|estara|e convidado) (?:a|ao|na|no|para) WHAT",
    ),
    "conflicts": (
        r"(?:do|did|will) i (?:still )?have (?:any |a )?CLASH(?: in (?:my|the) calendar)?|(?:are|is) there (?:any |a )?CLASH"
        r"(?: in (?:my|the) calendar)?|(?:(?:show|list) (?:me )?)?(?:all |any |my )*CLASH(?: in (?:my|the) calendar)?|"
        r"what (?:are )?(?:my |the )?CLASH(?: do i have| are there)?|"
        r"(?:what|does anything|do any (?:appointments|meetings|events)|"
        r"do my (?:appointments|meetings|events)) (?:clash|clashes|conflicts?|overlaps?)(?: in my calendar)?|"
        r"am i double[- ]booked|have i (?:got )?(?:any )?CLASH|is (?:anything|something) (?:overlapping|clashing|conflicting)",
        r"(?:habe ich|hab ich|gibt es|bestehen|sind)(?: da)? (?:\w+ )?CLASH(?: (?:im|in meinem) kalender)?|(?:welche |"
        r"meine |alle )?CLASH(?: (?:habe ich|gibt es))?(?: (?:im|in meinem) kalender)?|"
        r"(?:uber(?:schneiden|lappen)|kollidieren|uber(?:schneidet|lappt)|kollidiert) (?:sich )?(?:da |bei mir )?(?:meine |"
        r"irgendwelche |die )?(?:termine|etwas|was)?(?: sich)?|"
        r"(?:was|welche termine) (?:uber(?:schneiden|lappen|schneidet|lappt)|"
        r"kollidier(?:en|t))(?: sich)?|bin ich doppelt (?:gebucht|verplant)",
        r"(?:ai-je|est-ce que j'ai|j'ai|y a-t-il|est-ce qu'il y a|il y a) (?:des |un |quelques )?CLASH(?: dans mon agenda)?|"
        r"(?:quels? |mes )?CLASH(?: ai-je)?|(?:qu'est-ce qui|mes rendez-vous) se chevauchent?(?:-ils)?|"
        r"(?:est-ce que )?mes rendez-vous se chevauchent",
        r"(?:tengo|hay|existe) (?:algun(?:os)? )?CLASH(?: en mi (?:agenda|calendario))?|que CLASH (?:tengo|hay)|mis CLASH|"
        r"(?:se (?:solapan|superponen)|coinciden) (?:mis |algunas )?(?:citas|reuniones)|que se (?:solapa|superpone)",
        r"(?:ho|ci sono|c'e) (?:dei |un |qualche |delle )?CLASH(?: in agenda)?|(?:quali|che) CLASH (?:ho|ci sono)|"
        r"si (?:sovrappongono|accavallano) (?:i miei )?(?:appuntamenti|impegni)|(?:che )?cosa si sovrappone",
        r"(?:heb ik|zijn er|is er) (?:een )?CLASH(?: in mijn agenda)?|(?:welke |mijn )CLASH(?: heb ik)?|"
        r"(?:overlappen|botsen) (?:mijn |er )?(?:afspraken)?|(?:wat|welke afspraken) (?:overlapt|overlappen|botst|botsen)|"
        r"ben ik dubbel geboekt",
        r"(?:czy )?(?:mam|sa) (?:jakies )?CLASH(?: w kalendarzu)?|(?:czy )?(?:cos|moje spotkania) (?:sie )?(?:naklada(?:ja)?|"
        r"koliduj[ae]|pokrywa(?:ja)?)(?: sie)?|(?:tenho|ha) (?:algum |alguns )?CLASH(?: na agenda)?|que CLASH tenho",
    ),
    "asks_me": (
        r"who (?:is|are)(?: still)? waiting (?:for|on) (?:me|(?:an? |my )?(?:answer|reply|response)(?: from me)?)|"
        r"who(?:m)? (?:do i (?:still )?(?:owe (?:an? )?(?:answer|reply)|(?:have|need) to (?:answer|reply to|write back to)))",
        r"(?:which|what) MAIL (?:have i not (?:yet )?(?:answered|replied to)|haven't i (?:answered|replied to)|do i (?:still )?"
        r"(?:have|need) to (?:answer|reply to)|need (?:an? |my )?(?:answer|reply)|(?:are|is) (?:still )?(?:unanswered|"
        r"waiting for (?:an? |my )?(?:answer|reply)))|(?:my )?unanswered MAIL|do i (?:still )?(?:have|"
        r"need) to (?:answer|reply to) (?:anyone|anybody|someone|any MAIL)|what needs (?:an?|my) (?:answer|reply)|"
        r"(?:what|which) MAIL (?:still )?needs? (?:an?|my) (?:answer|reply)",
        r"wer wartet (?:noch )?auf (?:mich|(?:eine )?antwort(?: von mir)?|meine antwort)|wem (?:muss|soll) ich (?:noch )?"
        r"(?:antworten|zuruckschreiben)|(?:welche|auf welche) MAIL (?:muss ich (?:noch )?(?:be)?antworten|"
        r"habe ich (?:noch )?nicht (?:be)?antwortet|sind (?:noch )?(?:unbeantwortet|offen))",
        r"qui attend (?:encore )?(?:ma|une) reponse(?: de moi| de ma part)?|a qui dois-je (?:encore )?repondre|"
        r"a quels MAIL (?:dois-je|je dois) (?:encore )?repondre",
        r"quien espera (?:mi|una) respuesta(?: mia)?|a quien (?:debo|tengo que) (?:responder|contestar)|"
        r"que MAIL (?:me faltan|tengo que) (?:por )?(?:contestar|responder)",
        r"chi aspetta (?:una|la mia) risposta(?: da me)?|a chi devo (?:ancora )?rispondere|wie wacht (?:er )?op (?:mijn|een) "
        r"antwoord(?: van mij)?|wie moet ik (?:nog )?antwoorden",
        r"kto czeka na (?:moja )?odpowiedz|komu musze odpisac|quem espera (?:a minha|uma) resposta|"
        r"a quem (?:tenho de|devo) responder",
    ),
    "waiting_for": (
        r"who (?:has not|hasn't|did not|didn't|has yet to)(?: yet)? (?:answer(?:ed)?|repl(?:y|ied))(?: to)?(?: me)?(?: yet)?|"
        r"who(?:m)? am i (?:still )?waiting (?:for|on)|what am i (?:still )?waiting for|who owes me (?:an? )?(?:answer|reply)|"
        r"what does WHO (?:still )?owe me|what am i (?:still )?waiting for from WHO|was schuldet mir WHO(?: noch)?",
        r"wer hat (?:mir )?(?:noch )?nicht (?:geantwortet|zuruckgeschrieben)|auf wen warte ich(?: noch)?|"
        r"worauf warte ich(?: noch)?|wer schuldet mir (?:noch )?eine antwort",
        r"qui (?:ne )?m'a pas (?:encore )?repondu|quien no me ha (?:contestado|respondido)(?: todavia| aun)?|"
        r"chi non mi ha (?:ancora )?risposto",
        r"wie heeft (?:mij |me )?(?:nog )?niet geantwoord|kto mi (?:jeszcze )?nie odpisal|quem (?:ainda )?nao me respondeu",
    ),
    "promised": (
        r"what (?:did i|have i)(?: ever)? promised?(?: to)?(?: anyone| people)?|what (?:did|have) i promised? (?:to )?WHO|"
        r"(?:my )?(?:open )?promises|which promises (?:did i make|are open|have i made)",
        r"was habe ich (?:noch )?(?:alles )?(?:versprochen|zugesagt)|was habe ich WHO (?:versprochen|zugesagt)|"
        r"qu'(?:ai-je|est-ce que j'ai) promis(?: a WHO)?|que (?:he prometido|prometi)(?: a WHO)?",
        r"(?:che )?cosa ho promesso(?: a WHO)?|wat heb ik (?:WHO )?beloofd|co obiecal[ae]m(?: WHO)?|"
        r"o que (?:e que )?prometi(?: (?:ao|a) WHO)?",
    ),
    "sent": (
        r"(?:who|whom) did i (?:last )?(?:write|mail|email)(?: to)?(?: last)?|to whom did i (?:last )?write(?: last)?|"
        r"what (?:MAIL )?did i (?:last )?(?:send|write)(?: last)?|"
        r"what(?:'s| is| was) (?:the|my) last MAIL (?:that )?i (?:sent|wrote)",
        r"wem habe ich (?:zuletzt )?geschrieben|was habe ich (?:zuletzt )?(?:geschickt|verschickt|geschrieben)|"
        r"a qui ai-je ecrit(?: en dernier)?|a quien (?:escribi|he escrito)(?: por ultima vez)?|"
        r"a chi ho scritto(?: per ultimo)?",
    ),
    "reach": (
        r"how (?:do|can) i (?:reach|contact|get hold of|get in touch with) WHO|(?:what are )?(?:the )?contact details (?:of|"
        r"for) WHO|what are WHO's contact details|wie (?:erreiche|kontaktiere) ich WHO|wie kann ich WHO erreichen",
        r"comment (?:joindre|contacter) WHO|como (?:puedo contactar|contacto|localizo) (?:a |con )?WHO|"
        r"come (?:contatto|raggiungo|posso contattare) WHO|hoe (?:bereik|kan) ik WHO(?: bereiken)?|"
        r"como (?:posso contactar|contacto) (?:o |a )?WHO",
    ),
    "home": (
        r"where does WHO live|(?:what(?:'s| is) )?(?:the )?(?:postal |home |street )?address of WHO|"
        r"(?:what(?:'s| is) )?(?:the )?WHO's (?:postal |home |street )?address|wo wohnt WHO|"
        r"(?:wie (?:ist|lautet) )?(?:die )?(?:adresse|anschrift) von WHO",
        r"ou (?:habite|vit) WHO|(?:quelle est )?l'adresse (?:de |d')WHO|donde vive WHO|(?:cual es )?la direccion de WHO|"
        r"dove (?:abita|vive) WHO|waar woont WHO|gdzie mieszka WHO|onde (?:mora|vive) WHO",
    ),
    "age": (
        r"how old (?:is|will|does) WHO(?: (?:be|turn|get|now))*|(?:what(?:'s| is) )?the age of WHO|wie alt (?:ist|wird) WHO",
        r"quel age a WHO|cuantos anos (?:tiene|cumple) WHO|quanti anni (?:ha|compie) WHO|hoe oud (?:is|wordt) WHO|"
        r"ile lat ma WHO|quantos anos (?:tem|faz) WHO",
    ),
}
"""What is looked at before the others."""

MORE: Mapping[str, Sequence[str]] = {
    "agenda": (
        r"how many (?:appointments|meetings|events) (?:do i have|are there|have i)(?: got)?|"
        r"(?:when|what)(?:'s| is) my (?:first|last) (?:appointment|meeting|event)|"
        r"wie ?viele termine (?:habe ich|gibt es|stehen an)",
        r"what (?:happened|did i do|was on|did i have(?: on)?)|was (?:war(?: los)?|hatte ich(?: vor)?|habe ich gemacht)|"
        r"qu'(?:ai-je|est-ce que j'ai) fait|que hice|cosa ho fatto|wat heb ik gedaan|co robil[ae]m|o que fiz",
        r"have i (?:got )?(?:anything|something|any (?:appointments|meetings|events|plans)|plans)(?: on| planned)?|"
        r"(?:is there )?anything(?: on| planned| scheduled| happening)?",
        r"(?:ist|gibt es|liegt|steht) (?:da |bei mir )?(?:etwas|was)(?: (?:geplant|an|los))?|"
        r"was hab ich(?: (?:da|dann))?(?: vor)?",
        r"(?:est-ce qu'il )?y a-t-il quelque chose(?: de prevu)?|j'ai quelque chose(?: de prevu)?|hay algo|c'e qualcosa|"
        r"is er iets|mam cos|ha alguma coisa",
    ),
    "free": (
        r"(?:which|what) days (?:are|am i) free|on (?:which|what) days am i free|"
        r"an welchen tagen (?:bin ich|habe ich) (?:frei|zeit)",
        r"(?:find|show|give|suggest)(?: me)? (?:a |an |some |any )?(?:free|open) (?:hour|hours|slot|slots|time|times)",
        r"(?:is|are) there (?:a|an|any|some) (?:free |open )?(?:slots?|gaps?|free hours?)|(?:any|a) free (?:slots?|hours?)",
        r"(?:can|could) i (?:take|have|accept|make|fit in|schedule|do) (?:a |an |another )(?:meeting|call|appointment|"
        r"coffee|lunch)|when can (?:i|we) (?:meet|see|call|have (?:a )?(?:meeting|call|coffee|lunch))(?: with)?(?: WHO)?",
        r"when(?:'s| is) my next free (?:time|slot|hour)|wann kann ich (?:mich )?(?:mit )?WHO treffen|"
        r"(?:gibt es|finde) (?:eine |einen )?(?:freie stunde|freien termin|luecke|lucke)",
        r"(?:ai-je|y a-t-il) (?:encore )?un creneau(?: libre)?|(?:hay|tengo) (?:algun|un) hueco(?: libre)?",
        r"quand (?:puis-je|est-ce que je peux) (?:voir|rencontrer) WHO|cuando puedo (?:ver|quedar con) (?:a )?WHO|"
        r"quando posso (?:vedere|incontrare|ver|encontrar) (?:o |a )?WHO|wanneer kan ik WHO (?:zien|ontmoeten)",
    ),
    "birthdays": (
        r"whose birthday (?:is|comes)(?: up)? next|(?:when|what|who)(?:'s| is| has) the next birthday|(?:the )?next birthdays?|"
        r"wer hat als nachstes geburtstag|(?:wann|wer|was) (?:ist|hat) (?:der|den) nachste[nr]? geburtstag",
    ),
    "birthday": (
        r"when does WHO have (?:a |their )?birthday|when(?:'s| is) WHO'? birthday",
        r"when(?:'s| is) WHO's birthday|(?!when|whose|who|what|any|next)WHO(?:'s?)? birthday",
    ),
    "answered": (
        r"have i heard (?:back )?from WHO(?: yet)?|hat sich WHO (?:schon |bereits )?(?:bei mir )?gemeldet",
        r"(?:did|has|have) WHO (?:already |yet )?(?:answer(?:ed)?|repl(?:y|ied)|respond(?:ed)?)(?: to)? (?:my|our|the)(?: last|"
        r" latest)? MAIL(?: yet| already)?",
    ),
    "wrote": (r"what (?:came|arrived)(?: in)?|was (?:kam|ist gekommen)",),
    "wrote_last": (
        r"(?:do i have|have i got|is there|are there) (?:any )?(?:new )?MAIL|(?:gibt es|habe ich) neue MAIL|"
        r"ai-je de nouveaux MAIL|tengo MAIL nuevos|ho nuovi MAIL|heb ik nieuwe MAIL",
        r"who (?:wrote|has written|emailed|mailed)(?: to)?(?: me)?|wer hat (?:mir )?geschrieben",
        rf"who sent (?:me )?(?:the |my )?{_LAST} MAIL|(?:who|whom) (?:is|was) (?:the |my )?{_LAST} MAIL from|"
        rf"(?:from whom|who) (?:is|was) (?:the |my )?{_LAST} MAIL|from whom is (?:the |my )?{_LAST} MAIL",
        r"von wem (?:ist|war|kam|stammt) (?:die |meine )?(?:letzte|neueste) MAIL|wer hat (?:mir )?(?:die )?(?:letzte|"
        r"neueste) MAIL (?:geschickt|geschrieben|gesendet)",
        r"qui m'a envoye le dernier MAIL|de qui (?:est|vient) (?:le |mon )?dernier MAIL|"
        r"quien (?:me )?(?:ha enviado|envio|ha mandado|mando) (?:el )?ultimo MAIL|de quien es (?:el )?ultimo MAIL",
        r"chi (?:mi )?ha (?:mandato|inviato) (?:l'|il )?ultim[ao] MAIL|"
        r"wie heeft (?:mij |me )?(?:de |het )?laatste MAIL gestuurd|"
        r"van wie is (?:de |het )?laatste MAIL|od kogo (?:jest )?ostatni[a]? MAIL",
        r"quem (?:me )?(?:enviou|mandou) (?:o |a )?ultim[ao] MAIL|de quem e (?:o |a )?ultim[ao] MAIL",
    ),
    "latest_from": (
        r"(?:qu'a ecrit|que dit) WHO|qu'est-ce que WHO (?:m')?a ecrit|que (?:me )?(?:escribio|ha escrito) WHO|"
        r"(?:che )?cosa (?:mi )?ha scritto WHO|wat (?:schreef|schrijft) WHO|wat heeft WHO geschreven|"
        r"co (?:mi )?(?:na)?pisal[ao]? WHO|o que (?:me )?escreveu (?:o |a )?WHO",
        r"(?:was|wann) hat (?:mir )?WHO (?:mir )?(?:zuletzt|als letztes) geschrieben",
        rf"(?:what(?:'s| is| was| does) )?(?:the )?WHO's {_LAST} MAIL(?: (?:about|say))?|"
        rf"what (?:does|did) (?:the )?{_LAST} MAIL (?:from|by) WHO say",
    ),
    "due": (
        r"how many (?:open )?(?:tasks|to-?dos)(?: (?:are open|do i have|are there|are due))?|"
        r"wie ?viele (?:offene )?aufgaben (?:habe ich|gibt es|sind offen)",
        r"(?:what(?:'s| is| are) )?(?:the |my |any )?(?:next |upcoming |open )?(?:deadlines?|due dates?)(?: (?:are there|"
        r"coming up))?|(?:what|which) (?:deadlines|due dates) (?:do i have|are there|are coming up|have i)(?: got| to meet)?",
        r"do i have (?:any )?(?:deadlines|tasks|to-?dos|anything (?:due|to do))|what (?:should|shall) i do|"
        r"(?:is )?(?:anything|something) (?:due|urgent|overdue)|what(?:'s| is) (?:urgent|pending|outstanding)",
        r"(?:was sind )?(?:welche |meine |die |die nachsten |nachste )?(?:fristen|deadlines|abgabetermine)(?: (?:habe ich|"
        r"gibt es|laufen|stehen an|enden|sind))?(?: ab)?|habe ich (?:aufgaben|fristen|deadlines)|was (?:soll|sollte) ich (?:"
        r"tun|erledigen|machen)|was (?:lauft ab|eilt)",
        r"(?:quelles sont )?(?:mes |les )?(?:prochaines )?(?:echeances|dates limites)|quelles echeances (?:ai-je|j'ai)|"
        r"(?:cuales son )?(?:mis |los )?plazos|que plazos (?:tengo|hay|vencen)",
        r"(?:quali sono )?(?:le mie )?scadenze|(?:quali|che) scadenze (?:ho|ci sono)|welke deadlines (?:heb ik|zijn er)|"
        r"mijn deadlines|(?:quais sao )?(?:os )?meus prazos|que prazos tenho",
    ),
    "phone": (
        r"(?:what(?:'s| is) )?(?:the )?WHO(?:'s)? (?:phone|telephone|mobile|cell)(?:(?<=phone) number|(?<=mobile) number|"
        r"(?<=cell) number)?|(?:wie (?:ist|lautet) )?WHO (?:telefonnummer|handynummer|nummer)",
        r"(?:phone|telephone|mobile) number (?:for|of) WHO",
    ),
    "mailbox": (r"(?:what(?:'s| is) )?(?:the )?WHO's e-?mail(?: address)?|(?:e-?mail|mail) address (?:of|for) WHO",),
    "when": (
        r"(?:when|(?:at )?what time|which day) (?:does|do|will|is|did) WHAT (?:leave|leaving|depart|departing|end|finish|"
        r"stop|over)",
        r"(?:wann|um wie ?viel uhr) (?:fahrt|fliegt|endet|geht) WHAT(?: (?:ab|los|zu ende))?",
        r"(?:quand|a quelle heure) (?:part|finit|se termine) WHAT|(?:cuando|a que hora) (?:sale|termina|acaba) WHAT",
        r"(?:quando|a che ora|a que horas) (?:parte|finisce|sai|termina|acaba) WHAT|"
        r"(?:wanneer|hoe laat) (?:vertrekt|eindigt) WHAT",
    ),
}
"""What is added to the patterns of `intentwords`."""

LAST: Mapping[str, Sequence[str]] = {
    "card": (
        r"who(?:'s| is) WHO|(?:what do (?:i|you) know|tell me) about WHO|"
        r"(?:was wei(?:ss|ß)t du|was wissen wir|erzahl mir) (?:uber|von) WHO|(?:que sais-tu|parle-moi) (?:de |d')WHO|"
        r"(?:que sabes|hablame) de WHO|(?:che )?cosa sai di WHO|wat weet je (?:over|van) WHO|"
        r"wer ist WHO|qui est WHO|quien es WHO|chi e WHO",
        r"wie is WHO|kto to (?:jest )?WHO|kim jest WHO|quem e WHO",
    ),
}
"""What is looked at after all others."""
