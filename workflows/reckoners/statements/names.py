"""The names that columns of statements have, in the languages of their banks, by what they are."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "booked": "date|dateop|date op|booking date|post date|booked|transaction date|posting date|posted date|"
    "posted|completed date|date completed|"
    "buchungstag|buchungsdatum|buchung|datum|date operation|date de l operation|date d operation|date comptable|"
    "date de comptabilisation|date comptabilisation|date de transaction|fecha|fecha operacion|fecha de operacion|"
    "fecha contable|f operacion|data|data contabile|data operazione|data registrazione|data di registrazione|data transazione|"
    "boekdatum|boekingsdatum|transactiedatum|data lancamento|data do lancamento|data mov|data movimento|data operacao|"
    "data da operacao|data operacji|data ksiegowania|data transakcji|bookingdate|transactiondate|postingdate"
    "|booked at|date of booking|txn date|tran date|trans date|created on|datum des abschlusses|date de fin|"
    "fecha de finalizacion|data di completamento|bokföringsdag|bokföringsdatum|bokförd|transaktionsdag|"
    "transaktionsdatum|dato|bokføringsdato|bogføringsdato|bokført dato|bogført|utført dato|bogført dato|kirjauspäivä|"
    "päivämäärä|päivä|maksupäivä|datum zaúčtování|datum provedení|datum transakce|dátum|dátum zaúčtovania|"
    "könyvelés dátuma|könyvelési dátum|tranzakció dátuma|tarih|işlem tarihi|дата операции|дата|дата проводки|"
    "дата транзакции|дата операції|data tranzactiei|data tranzactie"
    "|voucher date|finished on|buchungszeitpunkt",
    "valued": "value date|dateval|date val|wertstellung|wertstellungsdatum|valuta|valutadatum|date valeur|"
    "date de valeur|fecha valor|"
    "fecha de valor|f valor|data valuta|rentedatum|data valor|data waluty|started date|date started|valuedate"
    "|value dat|valuta date|datum des beginns|date de debut|fecha de inicio|data di inizio|valutadag|rentedato|"
    "valørdato|valuteringsdato|arvopäivä|datum valuty|értéknap|дата платежа|дата валютирования",
    "amount": "amount|betrag|umsatz|montant|importe|importo|bedrag|montante|kwota|kwota operacji|kwota transakcji|"
    "transaction amount|valor|buchungsbetrag|montant de l operation|importe operacion|importe de la operacion|"
    "transactiebedrag|net|netto|net amount"
    "|credit debit amount|debit credit amount|amt|belopp|beløb|beløp|määrä|summa|částka|objem|čiastka|suma|összeg|"
    "tranzakció összege|tutar|işlem tutarı|сумма|сумма операции|сумма в валюте счета|сума|valoare"
    "|source amount after fees",
    "debit": "debit|debits|debit amount|paid out|money out|withdrawal|withdrawals|withdrawal amount|amount out|out|soll|"
    "belastung|belastungen|ausgang|ausgaben|lastschrift|cargo|cargos|debe|gasto|gastos|addebito|addebiti|uscite|uscita|dare|"
    "af|uitgaven|debet|debito|debitos|obciazenie|obciazenia|wydatki|depense|depenses|sortie|money out amount"
    "|outflow|spent|uttag|ut fra konto|ut|ud|borç|расход|списание|výdaje|výdaj|terhelés",
    "credit": "credit|credits|credit amount|paid in|money in|deposit|deposits|deposit amount|amount in|in|haben|gutschrift|"
    "gutschriften|eingang|einnahmen|abono|abonos|haber|ingreso|ingresos|accredito|accrediti|entrate|entrata|avere|bij|"
    "inkomsten|credito|creditos|uznanie|uznania|wplywy|recette|recettes|entree|money in amount"
    "|inflow|received|insättningar|insättning|inn på konto|inn|ind|alacak|приход|зачисление|поступление|příjmy|příjem|"
    "jóváírás",
    "side": "debit credit|credit debit|soll haben|af bij|dr cr|cr dr|s h|sh|d c|dc|bij af|sens|debit credit indicator|"
    "credit debit indicator|debit or credit|type|transaction type|dare avere|cargo abono|debe haber|mutatiesoort|"
    "debito credito|umsatztyp|typ|tipo|sign|vorzeichen|debet credit"
    "|direction|richtung|riktning|transaktionstyp|income expense|flow",
    "currency": "currency|ccy|currency code|wahrung|waehrung|devise|monnaie|moneda|divisa|munt|muntsoort|valuta|moeda|waluta|"
    "wkz|whg|waluta operacji|waehrungscode|transaction currency|account currency|kontowahrung"
    "|devies|měna|mena|pénznem|devizanem|para birimi|döviz|валюта|валюта операции|валюта операції|valiuta"
    "|source currency",
    "payee": "payee|name|counterparty|counterparty name|beneficiary|merchant|merchant name|empfanger|auftraggeber empfanger|"
    "empfanger auftraggeber|begunstigter zahlungspflichtiger|beguenstigter zahlungspflichtiger|name zahlungsbeteiligter|"
    "zahlungsempfanger|zahlungsempfanger in|begunstigter|partner|partner name|gegenpartei|beneficiaire|tiers|destinataire|"
    "nom du tiers|beneficiario|destinatario|comercio|nombre|nome|controparte|tegenpartij|naam tegenpartij|naam|"
    "naam omschrijving|begunstigde|kontrahent|nadawca odbiorca|odbiorca|dane kontrahenta|contrapartida|to|recipient|"
    "auftraggeber begunstigter|auftraggeber beguenstigter|commercant|esercente|creditor name"
    "|counter party|partnername|transaction partner|mottagare|namn|navn|mottaker|modtager|saaja maksaja|saaja|nimi|"
    "název protiúčtu|název protistrany|protistrana|příjemce|názov protiúčtu|partner neve|контрагент|получатель"
    "|händler|haendler|bezeichnung|vendor|shop|store|esercente|marchand",
    "payer": "payer|zahlungspflichtige r|zahlungspflichtiger|auftraggeber|debtor name|ordenante|ordinante|donneur d ordre|"
    "opdrachtgever|nadawca|from|sender",
    "purpose": "description|label|transaction description|memo|details|transaction details|reference|"
    "payment reference|narrative|"
    "particulars|verwendungszweck|buchungstext|text|beschreibung|buchungsdetails|libelle|libelle operation|"
    "libelle de l operation|nature|communication|concepto|descripcion|observaciones|detalle|movimiento|causale|descrizione|"
    "descrizione operazione|omschrijving|mededelingen|mededeling|descricao|historico|opis|opis operacji|tytul|tytulem|"
    "tytul operacji|notes|zweck|betreff"
    "|avisierungstext|narration|transaction remarks|remarks|rubrik|beskrivning|meddelande|tekst|forklaring|beskrivelse|"
    "melding|selitys|viesti|zpráva pro příjemce|popis|poznámka|közlemény|megjegyzés|açıklama|описание|"
    "назначение платежа|операция|опис операції|lancamento|title|descriere"
    "|reason for payment|händlername",
    "account": "auftragskonto|iban auftragskonto|bezeichnung auftragskonto|rekening|own account|account name|account|konto|"
    "compte|cuenta|conto|conta",
    "fee": "fee|fees|gebühr|gebühren|frais|comisión|commissione|kosten|opłata|taxa",
    "balance": "balance|running balance|kontostand|saldo|solde|saldo contable|saldo na mutatie",
    "state": "state|status|info|etat|statut|estado|stato|stan",
}

WEAK = frozenset(
    {"details", "counterparty", "reference", "payment reference", "memo", "notes", "buchungstext", "nature", "text"}
    | {"communication", "referens", "valuta", "bezeichnung", "created on", "source currency"}
)
"""Names that count only where no other column is the same: with them banks also call kinds of booking, and accounts."""

UNBOOKED = frozenset(
    {"pending", "declined", "reverted", "failed", "cancelled", "canceled", "rejected", "vorgemerkt", "offen"}
    | {"storniert", "abgelehnt", "umsatz vorgemerkt", "en attente", "annule", "refuse", "pendiente", "rechazado"}
    | {"cancelado", "in attesa", "annullato", "denied", "refused", "processing", "unbooked", "authorized", "authorised"}
    | {"ausstehend", "in bearbeitung", "ruckgangig gemacht", "fehlgeschlagen", "en cours", "rejete", "echoue"}
    | {"in behandeling", "geweigerd", "geannuleerd", "pendente", "oczekujaca", "odrzucona", "anulowana", "reserverad"}
    | {"reserveret"}
)
"""What a column of states says of rows that are no bookings, or none yet."""
