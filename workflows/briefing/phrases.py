"""How people ask, promise, and say that no answer is needed, as data: a space is any white space, "…" a few words between."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from butler.core.daynames import unaccented
from workflows.briefing.datespans import pattern

REQUESTS: Mapping[str, str] = {
    "en": "could you|can you|would you|will you|can we|could we|shall we|do you mind|would you mind|are you able to|"
    "please let me know|let me know|please reply|please respond|please confirm|please send|please check|please review|"
    "please sign|please call|please provide|please fill|please complete|please return|please share|please forward|"
    "please advise|please have a look|please take a look|please get back|please submit|please bring|please tell|"
    "please choose|please approve|please let us know|let us know|get back to me|looking forward to your reply|"
    "looking forward to hearing from you|i look forward to your|i need you to|we need you to|need your|we need your|"
    "waiting for your|awaiting your|waiting to hear|what do you think|your thoughts|any news on|any update on|"
    "any updates on|would appreciate|i would be grateful|rsvp|i am asking you|may i ask you|remember to send|"
    "don't forget to|kindly|kindly asked|kindly requested|require your|i was wondering|i'm wondering|wondering if|"
    "wondering whether|do you know|would be great if you|"
    "would love to know|would love to hear|would like to know|need this|need these|can i|could i|may i|any chance you|"
    "would it be possible|is it possible|have you had a chance|call me|give me a call|send me|email me|tell me|remind me|"
    "i need the … by|i need the … before|we need the … by|i need it by|i need them by|i need those|is needed|gentle reminder|"
    "friendly reminder|kind reminder|still outstanding|following up on|hoping to hear from you|hope to hear from you|"
    "still hoping to hear",
    "de": "könntest du|kannst du|könnten sie|können sie|könntet ihr|könnt ihr|würdest du|würden sie|magst du|mögen sie|"
    "hast du|haben sie|bitte um|ich bitte|wir bitten|bitte sende|bitte senden|bitte schick|bitte schicke|bitte schicken|"
    "bitte melde|bitte melden|bitte gib mir|bitte gib uns|bitte geben sie mir|bitte geben sie uns|bitte prüfe|"
    "bitte prüfen|bitte bestätige|bitte bestätigen|"
    "bitte antworte|bitte antworten|bitte unterschreib|bitte unterschreibe|bitte teile|bitte teilen|bitte lass|"
    "bitte lassen|bitte … bescheid|gib mir bescheid|gib bescheid|geben sie mir|sag mir bescheid|"
    "sag bescheid|melde dich|melden sie sich|lass mich wissen|lassen sie mich wissen|lasst mich wissen|um rückmeldung|"
    "um antwort|freue mich auf deine|freue mich auf ihre|was meinst du|was meinen sie|was hältst du|wie sieht es|passt dir|"
    "passt es dir|passt ihnen|wärst du|wären sie|brauche von dir|benötigen wir|brauchen wir von|warte auf deine|"
    "warten auf ihre|warte noch auf deine|warten noch auf ihre|ich brauche|wir brauchen|ich benötige|kann ich|darf ich|"
    "könnte ich|dürfte ich|ruf mich|rufen sie mich|"
    "hätte gern|hätte gerne|hätten gern|hätten gerne|wollte fragen|wollte nachfragen|wollten fragen|würde gerne wissen|"
    "erbeten|u.a.w.g|u. a. w. g|kommst du|bist du|schickst du|bringst du|machst du|gehst du|nimmst du|weißt du|brauchst du|"
    "willst du|"
    "möchtest du|wann bist du|wann kommst du|wann hast du|wann können wir|wann kann ich|schick mir|schick uns|schickt mir|"
    "schickt uns|schicken sie mir|schicken sie uns|sende mir|senden sie mir|senden sie uns|meld dich|meldet euch|gib mir|"
    "gebt mir|sag mir|sagt mir|sagen sie mir|zeig mir|hilf mir|bring mir|bringt mir|ruf mal|denk an|denk bitte|vergiss nicht|"
    "vergessen sie nicht|erinnere mich|ich bräuchte|wir bräuchten|bräuchte ich|bräuchten wir|baldige antwort|"
    "baldige rückmeldung|auf deine antwort|auf ihre antwort|über eine … antwort|über eine … rückmeldung|"
    "freundliche erinnerung|kleine erinnerung|steht noch aus|stehen noch aus|fehlt uns noch|fehlen uns noch|fehlt mir noch",
    "fr": "pourriez-vous|pourrais-tu|pouvez-vous|peux-tu|tu peux|vous pouvez|est-ce que tu|est-ce que vous|merci de|"
    "merci de me|merci de bien vouloir|veuillez|je vous prie de|je te prie de|dites-moi|dis-moi|faites-moi|fais-moi|"
    "tiens-moi au courant|tenez-moi au courant|confirmez|confirme-moi|envoyez-moi|envoie-moi|répondez|réponds-moi|"
    "dans l'attente de votre|dans l'attente de ta|j'attends votre|j'attends ta|qu'en penses-tu|qu'en pensez-vous|"
    "auriez-vous|aurais-tu|serait-il possible|j'aurais besoin|nous avons besoin de votre|souhaitez-vous|voulez-vous|"
    "veux-tu|n'oublie pas|n'oubliez pas|tu pourrais|vous pourriez|pourrais tu|pourriez vous|peux tu|pouvez vous|"
    "est-ce que je peux|est ce que je peux|est-ce que je pourrais|est ce que tu|est ce que vous|puis-je|pourrais-je|"
    "seriez-vous|serais-tu|s'il vous plaît|s'il te plaît|svp|stp|vous remercie de bien vouloir|"
    "vous remercions de bien vouloir|te remercie de bien vouloir|"
    "vous remercie par avance de|rappelle-moi|rappelez-moi|préviens-moi|prévenez-moi|je voudrais savoir|je voulais savoir|"
    "j'aimerais savoir|prière de",
    "es": "podrías|podría usted|podría|podríais|podrían|puedes|puede usted|me puedes|me podrías|por favor|dime|dígame|"
    "avísame|avíseme|confírmame|confírmeme|envíame|envíeme|mándame|mándeme|respóndeme|quedo a la espera|a la espera de tu|"
    "a la espera de su|espero tu respuesta|espero su respuesta|qué te parece|qué opinas|necesito que|necesitamos que|"
    "te agradecería|le agradecería|te importaría|no olvides|te pido|le pido|te pedimos|le pedimos|le rogamos|rogamos|"
    "quería saber|quisiera saber|"
    "querría saber|me gustaría saber|quería preguntar|quedo pendiente|pendiente de tu|pendiente de su|"
    "pendientes de tu|pendientes de su|porfa|contéstame|contésteme|llámame|llámeme|tráeme|dinos|se ruega|hazme saber|"
    "háganos saber",
    "it": "potresti|potrebbe|potreste|puoi|può|mi puoi|mi potresti|per favore|per cortesia|fammi sapere|mi faccia sapere|"
    "fateci sapere|mandami|mi mandi|inviami|mi invii|confermami|mi confermi|resto in attesa|in attesa di un|"
    "in attesa della tua|in attesa di una|aspetto tue|attendo tue|attendo una|cosa ne pensi|che ne pensi|che ne dici|"
    "ti chiedo di|le chiedo di|le chiediamo di|vi chiediamo|la preghiamo|si prega di|ti dispiacerebbe|avrei bisogno|"
    "ho bisogno che|"
    "non dimenticare|vorrei sapere|volevo sapere|volevo chiederti|volevo chiederle|mi chiami|chiamami|rispondimi|scrivimi|"
    "mi dica|dimmi|sarebbe possibile",
    "nl": "kun je|kan je|kunt u|zou je|zou u|zou jij|wil je|wilt u|kunnen jullie|graag … reageren|graag … antwoord|"
    "graag … reactie|graag … bevestigen|graag hoor ik|graag ontvangen|ik hoor graag|we horen graag|laat me weten|"
    "laat het me weten|laat maar weten|laat even weten|stuur me|stuur mij|bevestig|alstublieft|alsjeblieft|wat vind je|"
    "wat denk je|ik verzoek u|wij verzoeken u|vergeet niet|heb je|heeft u|ben je beschikbaar|gelieve|bel me|ik vroeg me af|"
    "zou graag weten|mag ik|kan ik",
    "pl": "czy możesz|czy mógłbyś|czy mogłabyś|czy może pan|czy może pani|czy mógłby pan|czy mogłaby pani|mógłbyś|mogłabyś|"
    "możesz|proszę o|proszę wysłać|proszę przesłać|proszę potwierdzić|proszę odpowiedzieć|proszę dać|prosimy o|prosiłbym o|"
    "prosiłabym o|daj znać|daj mi znać|dajcie znać|odpisz|odezwij się|wyślij mi|prześlij mi|potwierdź|czekam na odpowiedź|"
    "czekam na twoją|co myślisz|co sądzisz|co o tym|byłbym wdzięczny|byłabym wdzięczna|nie zapomnij|będę wdzięczny|"
    "będę wdzięczna|chciałbym wiedzieć|chciałabym wiedzieć|zadzwoń|czy mogę|proszę zadzwonić|proszę podać|"
    "przyślij mi|podeślij mi|napisz mi|przyślij proszę|prześlij proszę",
    "pt": "poderia|poderias|podia|podes|pode|você pode|podem|por favor|diz-me|diga-me|me diga|avisa-me|me avise|me avisa|"
    "confirma-me|confirme|envia-me|envie-me|me envia|me envie|manda-me|me manda|me mande|fico à espera|fico no aguardo|"
    "aguardo a tua|aguardo a sua|aguardo resposta|aguardo retorno|aguardamos|o que achas|o que acha|agradecia que|"
    "agradeço que|gostaria que|importas-te de|não te esqueças|peço que|preciso que|gostava de saber|"
    "gostaria de saber|liga-me|me liga",
}
# These ask in a question only ("vous pouvez vous garer ici" tells), or else where they open their sentence ("hast du es").
ASKED_ONLY = (
    "tu peux|vous pouvez|tu pourrais|vous pourriez|puedes|podría|podrían|podríais|può|puoi|potrebbe|pode|podem|podes|podia|"
    "poderia|możesz"
)
OPENING = (
    "haben sie|hast du|können sie|kannst du|könnt ihr|mögen sie|magst du|kann ich|darf ich|könnte ich|dürfte ich|"
    "kun je|kan je|kunt u|heb je|heeft u|wil je|wilt u|mag ik|kan ik|can i|could i|may i|can you|will you|can we|could we|"
    "kindly|send me|call me|email me|tell me|remind me|give me a call|do you know|zadzwoń|bel me|ruf mich|tu pourrais|"
    "vous pourriez|kommst du|bist du|schickst du|"
    "bringst du|machst du|gehst du|nimmst du|weißt du|brauchst du|willst du|möchtest du|wann bist du|wann kommst du|"
    "wann hast du|wann können wir|wann kann ich"
)
# These only close a mail: a question before them says more of what is wanted.
CLOSING = (
    "let me know|please let me know|let us know|please let us know|please reply|please respond|please confirm|get back to me|"
    "looking forward to your reply|looking forward to hearing from you|i look forward to your|waiting for your|awaiting your|"
    "waiting to hear|um rückmeldung|um antwort|bitte um|gib mir bescheid|gib bescheid|sag bescheid|sag mir bescheid|"
    "melde dich|melden sie sich|bitte melde|bitte melden|freue mich auf deine|freue mich auf ihre|"
    "hoping to hear from you|hope to hear from you|baldige antwort|baldige rückmeldung|auf deine antwort|"
    "auf ihre antwort|meld dich|svp|stp|répondez|"
    "réponds-moi|dis-moi|dites-moi|s'il vous plaît|s'il te plaît|dans l'attente de votre|dans l'attente de ta|j'attends votre|"
    "j'attends ta|dime|dígame|avísame|avíseme|contéstame|contésteme|quedo a la espera|quedo pendiente|pendiente de tu|"
    "pendiente de su|espero tu respuesta|espero su respuesta|porfa|por favor|fammi sapere|mi faccia sapere|resto in attesa|"
    "in attesa di un|in attesa della tua|in attesa di una|aspetto tue|attendo tue|attendo una|rispondimi|laat me weten|"
    "laat het me weten|laat maar weten|ik hoor graag|graag hoor ik|daj znać|daj mi znać|odpisz|czekam na odpowiedź|"
    "fico à espera|fico no aguardo|aguardo resposta|aguardo retorno|diz-me|me diga|me avise|me avisa|avisa-me"
)
# These say that something is missing: a request beside them says more of what is wanted.
REMINDERS = (
    "gentle reminder|friendly reminder|kind reminder|still outstanding|following up on|is needed|freundliche erinnerung|"
    "kleine erinnerung|steht noch aus|stehen noch aus|fehlt uns noch|fehlen uns noch|fehlt mir noch"
)
# Offers to ask back, which ask nothing.
OFFERS = (
    "if you have any questions|if you have questions|if you have any other questions|if you have further questions|"
    "if you have any concerns|if you need anything|if anything is unclear|should you have|any questions|feel free|"
    "don't hesitate|do not hesitate|if you want to cancel|to unsubscribe|bei fragen|bei rückfragen|bei weiteren fragen|"
    "wenn du fragen hast|falls du fragen hast|wenn sie fragen haben|falls sie fragen haben|sollten sie fragen|"
    "solltest du fragen|n'hésitez pas|n'hésite pas|pour toute question|si vous avez des questions|si tu as des questions|"
    "no dude|no dudes|si tiene alguna|si tienes alguna|para cualquier duda|cualquier consulta|per qualsiasi|"
    "non esitare|non esiti|se hai domande|se ha domande|bij vragen|als je vragen hebt|als u vragen|w razie pytań|"
    "jeśli masz pytania|em caso de dúvida|em caso de dúvidas|qualquer dúvida|se tiver dúvidas"
)
# A plain "please" asks as well, but for what only tells or is polite; and "merci de" thanks where these follow.
NOT_ASKED = (
    "find|note|see|be|feel|do|don't|ignore|disregard|accept|visit|click|excuse|forgive|contact|subscribe|enjoy|refer|keep|"
    "beachten|beachte|finden|finde|entnehmen|entschuldigen|entschuldige|verzeihen|verzeih|wundern|nicht|schön|gern|gerne|"
    "sehr|haben|besuchen|klicken|und|oder|ignorieren|lesen|and|or|no"
)
NOT_REQUESTED = (
    "votre|vos|ton|ta|tes|m'avoir|nous avoir|avoir|cette|ce|tout|believe|imagine|keine|kein|nicht|keinen|mehr zeit|"
    "to say|to inform you|to tell you"
)
NO_REPLY: Mapping[str, str] = {
    "en": "no reply needed|no reply necessary|no need to reply|no need to respond|no response needed|no response required|"
    "no response necessary|no answer needed|no action needed|no action required|no action is required|do not reply|"
    "please do not reply|don't reply to this|for your information only|fyi only|just fyi|nothing to do for you|"
    "no need to answer",
    "de": "keine antwort nötig|keine antwort notwendig|keine antwort erforderlich|keine rückmeldung nötig|"
    "brauchst nicht zu antworten|brauchst nicht antworten|nur zur info|nur zur information|nur zur kenntnis|"
    "zu deiner kenntnis|zu ihrer kenntnis|bitte nicht antworten|bitte antworten sie nicht|bitte nicht auf diese|"
    "musst nicht antworten|automatisch erstellt|automatisch generiert",
    "fr": "pas besoin de répondre|inutile de répondre|aucune réponse|ne pas répondre|merci de ne pas répondre|"
    "ne répondez pas|pour information seulement|pour info seulement|simple information",
    "es": "no hace falta responder|no hace falta que respondas|no es necesario responder|no responda|no respondas|"
    "por favor no responda|solo para tu información|solo para su información|no es necesario que",
    "it": "non serve rispondere|non è necessario rispondere|non occorre rispondere|non rispondere|"
    "si prega di non rispondere|solo per conoscenza|per tua informazione",
    "nl": "geen antwoord nodig|je hoeft niet te antwoorden|u hoeft niet te antwoorden|niet beantwoorden|ter info|"
    "ter informatie|je hoeft niet te reageren|reageren is niet nodig|hoef je niet te reageren",
    "pl": "nie musisz odpowiadać|nie trzeba odpowiadać|prosimy nie odpowiadać|proszę nie odpowiadać|odpowiedź nie jest|"
    "tylko informacyjnie|do wiadomości",
    "pt": "não é preciso responder|não precisa responder|não precisas de responder|não responda|não é necessário responder|"
    "apenas para informação|só para informar",
}
RHETORICAL = (
    "how are you|how are things|how is it going|how's it going|how have you been|hope you are well|what's up|did you know|"
    "who knew|isn't it|isn't that|can you believe|can you imagine|who would have thought|wer hätte das gedacht|"
    "was soll ich sagen|"
    "right|any questions|questions|have questions|need help|still have questions|you know what|"
    "guess what|why not|really|remember me|got questions|problems viewing|can't see|having trouble|what's new|wie geht|"
    "wie geht's|na, wie|alles klar|alles gut|noch fragen|fragen|haben sie fragen|hast du fragen|wussten sie|wusstest du|"
    "oder|ça va|comment vas-tu|comment allez-vous|comment ça va|des questions|une question|le saviez-vous|qué tal|"
    "cómo estás|cómo está|todo bien|alguna pregunta|tienes preguntas|tiene preguntas|sabías que|come stai|come sta|come va|"
    "tutto bene|domande|hai domande|lo sapevi|hoe gaat het|alles goed|alles duidelijk|vragen|heb je vragen|heeft u vragen|"
    "wist je|"
    "jak się masz|co słychać|co u ciebie|masz pytania|pytania|czy wiesz|como estás|como está|como vai|tudo bem|dúvidas|"
    "tem dúvidas|sabia que"
)
ABSENT = (
    "out of office|out of the office|automatic reply|auto-reply|autoreply|auto reply|abwesenheitsnotiz|abwesend|"
    "automatische antwort|réponse automatique|absence du bureau|absent du bureau|respuesta automática|fuera de la oficina|"
    "risposta automatica|fuori ufficio|afwezigheidsbericht|automatisch antwoord|niet aanwezig|autoodpowiedź|"
    "automatyczna odpowiedź|poza biurem|resposta automática|fora do escritório"
)
PAYMENT = (
    "payment|please pay|pay by|bitte zahlen|zahlen sie|zahlung|zahlungserinnerung|mahnung|begleichen|régler|paiement|payer|"
    "pago|pague|pagar|pagamento|pagare|paghi|betaling|betaal|betalen|zapłać|zapłaty|wpłaty|wpłatę|zapłata|"
    "invoice|amount due|payment due|payable|rechnung|betrag|zahlbar|überweisen|facture|montant|factura|importe|fattura|"
    "importo|factuur|bedrag|faktura|kwota|płatności|fatura|valor a pagar|due date|fällig|échéance|vencimiento|scadenza|"
    "vervaldatum|vencimento|library|bücherei|leihfrist|bibliothek|bibliothèque|biblioteca|ausleihfrist|rückgabe|return by|renew"
)
# Mails about orders and parcels, which nobody waits for an answer to; and what somebody else will do by a date.
ORDERS = (
    "order confirmation|your order|order number|has been shipped|has shipped|out for delivery|your parcel|your package|"
    "your delivery|your receipt|your booking|booking confirmation|your ticket|ihre bestellung|bestellbestätigung|"
    "auftragsbestätigung|versandbestätigung|ihr paket|ihre sendung|ihre buchung|buchungsbestätigung|votre commande|"
    "confirmation de commande|votre colis|votre billet|votre réservation|your reservation|ihre reservierung|tu pedido|"
    "su pedido|confirmación de pedido|"
    "tu paquete|su paquete|su reserva|tu reserva|il tuo ordine|conferma ordine|conferma d'ordine|il tuo pacco|"
    "je bestelling|uw bestelling|orderbevestiging|je pakket|uw pakket|twoje zamówienie|potwierdzenie zamówienia|"
    "twoja paczka|o seu pedido|seu pedido|a sua encomenda|confirmação de pedido"
)
# What a shop writes to sell, and what is taken from an account without anybody's doing.
ADVERTISING = (
    "kauf auf rechnung|auf rechnung|sparen|sparst|rabatt|rabatte|gutschein|gutscheine|angebot|angebote|black week|black friday|"
    "cyber monday|jetzt sichern|versandkostenfrei|aktion|sale|discount|deal|deals|save|coupon|voucher|free shipping|shop now|"
    "your style|special offer|promo|promotion|soldes|réduction|remise|offre|offres|descuento|oferta|ofertas|rebajas|sconto|"
    "sconti|offerta|offerte|saldi|korting|aanbieding|aanbiedingen|uitverkoop|promocja|promocje|wyprzedaż|zniżka|desconto|"
    "promoção|saldos|will be debited|will be charged|wird abgebucht|abgebucht|eingezogen|lastschrift|prélevé|prélèvement|"
    "sera débité|domiciliación|addebitato|addebito|automatische incasso|afgeschreven|débito automático|débito direto"
)
DELIVERIES = (
    "will be delivered|will arrive|expected delivery|estimated delivery|delivery by|arrives by|arriving by|will be shipped|"
    "lieferung bis|wird geliefert|zustellung|liefertermin|livraison prévue|sera livré|sera livrée|entrega prevista|llegará|"
    "consegna prevista|sarà consegnato|wordt bezorgd|wordt geleverd|przewidywana dostawa|previsão de entrega|will be ready|"
    "will be back|will be available|will be done"
)
# First words of a commitment, and what may not follow ("I will be", "werde ich nicht").
PROMISES: Mapping[str, str] = {
    "en": "i'll|i will|i'm going to|i am going to|i shall|we'll|we will|i promise|let me get back to you|i can send you|"
    "i plan to|will do|i'll be sending|i'll be bringing|i'll be paying|let me check and|"
    "let me look into|i owe you|you'll get it|"
    "you'll get the|you'll have it|you'll have the|you'll have my|you'll get my|i can bring|i can do that|i can do it|"
    "happy to send|happy to bring|happy to do|glad to send|count on me|consider it done|leave it with me",
    "de": "ich schicke|ich sende|ich melde|ich werde|ich gebe dir|ich gebe ihnen|ich gebe euch|ich sage dir|ich rufe|"
    "ich bringe|ich kümmere|ich überweise|ich prüfe|ich erledige|ich mache|ich bereite|ich leite|ich reiche|ich besorge|"
    "ich kläre|ich schaue|ich schreibe|ich buche|ich bestelle|ich teile|ich liefere|ich unterschreibe|schicke ich|"
    "sende ich|melde ich mich|werde ich|gebe ich|rufe ich|bringe ich|überweise ich|prüfe ich|erledige ich|mache ich|"
    "reiche ich|kläre ich|schaue ich|schreibe ich|buche ich|kümmere ich|bekommst du|bekommen sie|wir schicken|wir senden|"
    "wir melden|wir werden|du bekommst|sie erhalten|ich komme am|ich komme um|ich komme vorbei|"
    "ich komme morgen|ich komme dann|komme ich|mach ich|mach ich's|kümmere mich|kümmer mich|schicke dir|schick dir|"
    "schicke ihnen|schicke euch|schick euch|sende dir|sende ihnen|bringe dir|gebe dir bescheid|gebe ihnen bescheid|"
    "sage dir bescheid|sag dir bescheid|melde mich|meld mich|rufe dich|ruf dich|ich kann dir|ich kann ihnen|ich kann euch|"
    "ich kann das|kann ich dir|kann ich ihnen|ich werd's|ich werd dir|ich schick|ich schick's|ich meld mich|ich bring|"
    "ich mach|ich mach's|ich geb dir|ich sag dir|ich ruf|ich übernehme|übernehme ich|ich erstelle|wird erledigt|du kriegst",
    "fr": "je vous envoie|je t'envoie|je te l'envoie|je vous l'envoie|je vous enverrai|je t'enverrai|je vais|"
    "je te rappelle|je vous rappelle|je te rappellerai|je vous rappellerai|je te tiens|je vous tiens|je te tiendrai|"
    "je vous tiendrai|je m'en occupe|je m'en charge|je reviens vers|je reviendrai|je te confirme|je vous confirme|"
    "je vous confirmerai|je te dirai|je vous dirai|je vous transmets|je vous transmettrai|je te ferai|je vous ferai|"
    "je ferai|j'enverrai|j'apporterai|j'apporte|nous vous enverrons|nous allons|je prépare|je préparerai|je vous prépare|"
    "je peux vous envoyer|je peux t'envoyer|compte sur moi|comptez sur moi|je t'appelle|je vous appelle|je l'envoie",
    "es": "te mando|le mando|te envío|le envío|os envío|te lo mando|te lo envío|se lo envío|se lo mando|te mandaré|"
    "te enviaré|le enviaré|le mandaré|os mandaré|te lo enviaré|voy a|te llamo|le llamo|te llamaré|le llamaré|te aviso|"
    "le aviso|te avisaré|le avisaré|te confirmo|le confirmo|te confirmaré|me encargo|me ocupo|lo haré|haré|te digo|te diré|"
    "te paso|te pasaré|llevaré|prepararé|enviaré|mandaré|vamos a enviar|te lo paso|cuenta conmigo|puedo enviarte|"
    "puedo mandarte|te puedo enviar|yo me encargo",
    "it": "ti mando|le mando|vi mando|ti invio|le invio|vi invio|te lo mando|te lo invio|glielo mando|ti manderò|"
    "le manderò|ti invierò|le invierò|vi invierò|ti chiamo|la chiamo|ti chiamerò|la chiamerò|ti faccio sapere|"
    "le faccio sapere|ti farò sapere|le farò sapere|ti confermo|le confermo|me ne occupo|ci penso io|lo farò|porterò|"
    "preparerò|ti dirò|manderò|invierò|farò|ti aggiorno|vi aggiorno|"
    "posso mandarti|posso inviarti|conta su di me|ti porto|lo faccio",
    "nl": "ik stuur|ik zal|ik bel|ik ga|ik laat je|ik laat u|ik laat het|ik kom erop terug|ik kom hierop terug|ik regel|"
    "ik neem|ik breng|ik maak|ik bevestig|ik zorg|ik kijk|stuur ik|zal ik|bel ik|laat ik|regel ik|breng ik|maak ik|kom ik|"
    "wij sturen|we sturen|we zullen|wij zullen|je krijgt|doe ik|komt in orde|ik kan je|ik kan u|je hoort van me|u hoort van",
    "pl": "wyślę|prześlę|przyślę|zadzwonię|odezwę się|dam znać|dam ci znać|dam panu znać|dam pani znać|odpiszę|przygotuję|"
    "sprawdzę|zrobię|potwierdzę|przyniosę|zajmę się|zapłacę|przeleję|oddzwonię|podeślę|wrócę z|postaram się|umówię|"
    "załatwię|napiszę",
    "pt": "envio-te|envio-lhe|mando-te|te mando|te envio|lhe envio|vou|vou-te|enviarei|mandarei|te aviso|aviso-te|ligo-te|"
    "te ligo|ligo-lhe|te ligarei|confirmo-te|te confirmo|trato disso|fico de|farei|levo|levarei|digo-te|te digo|"
    "vamos enviar|prepararei|vou te|posso enviar-te|posso enviar-lhe|posso te enviar|conta comigo|pode deixar|deixa comigo",
}
# These commit where they open their sentence only ("the blue one will do").
OPENING_PROMISES = "will do|doe ik"
NOT_PROMISED = (
    "be|not|never|see you|have to|miss|love|wait|always|probably not|see how|think|know|let you go|try not|sein|nicht|nie|"
    "leider nicht|dasselbe|être|pas|bien|estar|ser|ver si|essere|zijn|niet|er niet|ser|ficar bem|bem|estar|ir de|"
    "hier krank|im urlaub|in urlaub|auf|meinerseits|40|30"
)


_WORD = re.compile(r"[^\W_]+")


def _listed(name: str) -> frozenset[str]:
    table: Mapping[str, str] | str = globals()[name]
    rows = [table] if isinstance(table, str) else table.values()
    return frozenset(phrase for row in rows for phrase in row.split("|"))


@cache
def _matcher(name: str) -> re.Pattern[str]:
    """The compiled expression of one table here, by its name."""
    phrases = pattern(_listed(name)).replace("…", r"[^.?!\n]{0,40}?").replace(r"\-", r"[-\s]")
    unlike = {"PROMISES": NOT_PROMISED, "REQUESTS": NOT_REQUESTED}.get(name)
    tail = rf"(?!\s+(?:{pattern(unlike.split('|'))})(?!\w))" if unlike else ""
    polite = rf"|(?:please|bitte),?\s+(?!(?:{pattern(NOT_ASKED.split('|'))})(?!\w))[^\W\d_]{{2,}}" if name == "REQUESTS" else ""
    return re.compile(rf"(?:{phrases})(?!\w){tail}{polite}", re.IGNORECASE)


@cache
def _triggers(name: str) -> frozenset[str]:
    """The folded first words of one table's phrases: only where one of them stands can a phrase begin."""
    firsts = [found.group().casefold() for phrase in _listed(name) if (found := _WORD.match(phrase))]
    return frozenset((*firsts, *(unaccented(first) for first in firsts)))


@lru_cache(maxsize=4)
def _words(text: str) -> tuple[tuple[str, int], ...]:
    """The folded words of a text and where they stand; kept for the few tables that are looked up one after the other."""
    return tuple((word.group().casefold(), word.start()) for word in _WORD.finditer(text))


def found(name: str, text: str) -> Iterator[re.Match[str]]:
    """Yield where the phrases of one table stand in a text, quickly: most words begin none."""
    triggers, matcher = _triggers(name), _matcher(name)
    for word, start in _words(text):
        if word in triggers:
            match = matcher.match(text, start)
            if match:
                yield match


def holds(name: str, text: str) -> bool:
    """Whether a text holds any phrase of one table."""
    return next(found(name, text), None) is not None


def is_one(name: str, words: str) -> bool:
    """Whether words are one phrase of a table, no more and no less."""
    return any(match.group() == words for match in found(name, words))
