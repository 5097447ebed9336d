"""Words that say nothing by themselves, in eight languages: little words, and those in which any request is put."""

from __future__ import annotations

from collections.abc import Mapping

LITTLE: Mapping[str, str] = {
    "en": "the a an and or but if of to in on at by for from with without about as is are was were be been being it its "
    "this that these those he she they them him her his their you your i me my we us our who whom whose which what "
    "when where why how not no yes so than then there here do does did has have had will would can could may might "
    "shall should must also any some all both each more most other another only just still yet already again before "
    "after until between into over under up down out off per via because since while whether one within",
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber wenn von vom zu zum zur in im an am auf "
    "bei bis für mit ohne über unter um als ist sind war waren sein es dies diese dieser dieses diesen er sie ihm ihn "
    "ihr ihre ihren ihrem du dein deine deinen deinem dich dir ich mich mir mein meine wir uns unser unsere wer was "
    "wann wo warum wie nicht kein keine nein ja so dann da hier hat haben hatte wird werden würde kann können könnte "
    "darf soll sollen muss müssen auch noch nur schon wieder vor nach zwischen aus per weil ob dass sich man doch mal "
    "bitte",
    "fr": "le la les l un une des du de d et ou mais si à au aux en dans sur sous par pour avec sans chez ce cet cette ces "
    "il elle ils elles lui leur leurs tu te toi ton ta tes vous votre vos je j me moi mon ma mes nous notre nos qui "
    "que qu quoi dont quand où pourquoi comment ne pas non oui est sont était être a ont avoir sera peut peux pouvez "
    "doit aussi encore déjà plus tout tous avant après jusqu entre car s y se son sa ses",
    "es": "el la los las un una unos unas de del y o pero si a al en con sin por para sobre este esta estos estas ese esa "
    "eso él ella ellos le les lo su sus tu tus te ti usted yo me mi mis nosotros nos nuestro nuestra quien que qué "
    "cuando cuándo donde dónde por qué cómo no sí es son era ser está están estar ha han haber hay puede puedes debe "
    "también más ya todo todos antes después hasta entre como se",
    "it": "il lo la i gli le un uno una di del dello della dei degli delle e o ma se a al alla ai in nel nella con senza "
    "per su sul da dal dalla questo questa questi queste quello quella lui lei loro gli tu ti te tuo tua tuoi tue suo "
    "sua io mi mio mia noi ci nostro nostra vi vostro chi che cosa quando dove perché come non no sì è sono era "
    "essere ha hanno avere può puoi deve anche ancora già più tutto tutti prima dopo fino tra fra si",
    "nl": "de het een en of maar als van te tot in op aan bij voor met zonder over onder om is zijn was waren dit dat deze "
    "die hij zij ze hem haar hun je jij jouw u uw ik mij me mijn wij we ons onze wie wat wanneer waar waarom hoe niet "
    "geen nee ja zo dan daar hier heeft hebben had wordt worden zou kan kun kunt kunnen mag moet moeten ook nog "
    "alleen al weer na tussen uit omdat er zich naar",
    "pl": "i a lub albo ale jeśli z ze w we na do od dla o po przy przez pod nad bez za to ten ta te tego tej tym on ona "
    "oni go jej jego ich im ty cię ci twój twoja twoje pan pani pana ja mnie mi mój moja my nas nam nasz kto co kiedy "
    "gdzie dlaczego jak nie tak jest są był była być ma mają może możesz musi też jeszcze już tylko przed aby żeby "
    "czy się który która które",
    "pt": "o a os as um uma de do da dos das e ou mas se ao à em no na nos nas com sem por pelo pela para sobre este esta "
    "isto esse essa isso ele ela eles lhe lhes tu te ti teu tua você seu sua eu me mim meu minha nós nosso nossa quem "
    "que o quê quando onde porquê como não sim é são era ser está estão estar há tem têm ter pode podes deve também "
    "mais já todo todos antes depois até entre",
}
SAYING: Mapping[str, str] = {
    "en": "ask asks asked asking want wants wanted need needs needed know let tell tells like please reply answer answers "
    "respond response confirm confirms confirmation decide decision question questions request requests remind "
    "reminds reminder invite invites invitation mail email message sender wait waits waiting expect expects hope "
    "hopes think wish wishes get give say says day date time possible soon find offer offers suggest suggests new "
    "yourself look see come available information details opinion feedback help",
    "de": "bittet bitte bitten fragt fragen frage möchte möchten will wollen braucht brauchen wünscht wissen erfahren "
    "antwort antworten rückmeldung bestätigung bestätigen erinnert erinnerung einladung lädt wartet erwartet hofft "
    "nachricht mail email termin meinung hilfe zeit sagen geben bescheid gern gerne herr frau",
    "fr": "demande demander demandent veut voudrait souhaite besoin savoir répondre réponse confirmer confirmation rappelle "
    "rappel invite invitation attend espère message mail courriel question dire avis aide prière merci faut",
    "es": "pide pedir pregunta preguntar quiere quisiera necesita desea saber responder respuesta confirmar confirmación "
    "recuerda recordatorio invita invitación espera mensaje correo decir opinión ayuda favor",
    "it": "chiede chiedere domanda vuole vorrebbe serve bisogno desidera sapere rispondere risposta conferma confermare "
    "ricorda promemoria invita invito aspetta attende spera messaggio mail dire opinione aiuto favore",
    "nl": "vraagt vragen vraag wil willen graag nodig weten antwoord antwoorden reactie bevestigen bevestiging herinnert "
    "herinnering nodigt uitnodiging wacht verwacht hoopt bericht mail zeggen mening hulp",
    "pl": "prosi prosić prośba pyta pytanie chce chciałby chciałaby potrzebuje wiedzieć odpowiedź odpowiedzi potwierdzenie "
    "potwierdzić przypomina przypomnienie zaprasza zaproszenie czeka oczekuje wiadomość mail powiedzieć opinia pomoc",
    "pt": "pede pedir pergunta perguntar quer gostaria precisa deseja saber responder resposta confirmar confirmação lembra "
    "lembrete convida convite espera aguarda mensagem mail dizer opinião ajuda favor",
}
