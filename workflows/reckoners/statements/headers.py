"""What the columns of a statement are, by their names in eight languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from butler.core.daynames import unaccented
from workflows.reckoners.statements.numbers import currency_of

_NAMES: Mapping[str, str] = {
    "booked": "date|dateop|date op|booking date|post date|booked|transaction date|posting date|posted date|"
    "posted|completed date|date completed|"
    "buchungstag|buchungsdatum|buchung|datum|date operation|date de l operation|date d operation|date comptable|"
    "date de comptabilisation|date comptabilisation|date de transaction|fecha|fecha operacion|fecha de operacion|"
    "fecha contable|f operacion|data|data contabile|data operazione|data registrazione|data di registrazione|data transazione|"
    "boekdatum|boekingsdatum|transactiedatum|data lancamento|data do lancamento|data mov|data movimento|data operacao|"
    "data da operacao|data operacji|data ksiegowania|data transakcji|bookingdate|transactiondate|postingdate",
    "valued": "value date|dateval|date val|wertstellung|wertstellungsdatum|valuta|valutadatum|date valeur|"
    "date de valeur|fecha valor|"
    "fecha de valor|f valor|data valuta|rentedatum|data valor|data waluty|started date|date started|valuedate",
    "amount": "amount|betrag|umsatz|montant|importe|importo|bedrag|montante|kwota|kwota operacji|kwota transakcji|"
    "transaction amount|valor|buchungsbetrag|montant de l operation|importe operacion|importe de la operacion|"
    "transactiebedrag|net|netto|net amount",
    "debit": "debit|debits|debit amount|paid out|money out|withdrawal|withdrawals|withdrawal amount|amount out|out|soll|"
    "belastung|belastungen|ausgang|ausgaben|lastschrift|cargo|cargos|debe|gasto|gastos|addebito|addebiti|uscite|uscita|dare|"
    "af|uitgaven|debet|debito|debitos|obciazenie|obciazenia|wydatki|depense|depenses|sortie|money out amount",
    "credit": "credit|credits|credit amount|paid in|money in|deposit|deposits|deposit amount|amount in|in|haben|gutschrift|"
    "gutschriften|eingang|einnahmen|abono|abonos|haber|ingreso|ingresos|accredito|accrediti|entrate|entrata|avere|bij|"
    "inkomsten|credito|creditos|uznanie|uznania|wplywy|recette|recettes|entree|money in amount",
    "side": "debit credit|credit debit|soll haben|af bij|dr cr|cr dr|s h|sh|d c|dc|bij af|sens|debit credit indicator|"
    "credit debit indicator|debit or credit|type|transaction type|dare avere|cargo abono|debe haber|mutatiesoort|"
    "debito credito|umsatztyp|typ|tipo|sign|vorzeichen|debet credit",
    "currency": "currency|ccy|currency code|wahrung|waehrung|devise|monnaie|moneda|divisa|munt|muntsoort|valuta|moeda|waluta|"
    "wkz|whg|waluta operacji|waehrungscode|transaction currency|account currency|kontowahrung",
    "payee": "payee|name|counterparty|counterparty name|beneficiary|merchant|merchant name|empfanger|auftraggeber empfanger|"
    "empfanger auftraggeber|begunstigter zahlungspflichtiger|beguenstigter zahlungspflichtiger|name zahlungsbeteiligter|"
    "zahlungsempfanger|zahlungsempfanger in|begunstigter|partner|partner name|gegenpartei|beneficiaire|tiers|destinataire|"
    "nom du tiers|beneficiario|destinatario|comercio|nombre|nome|controparte|tegenpartij|naam tegenpartij|naam|"
    "naam omschrijving|begunstigde|kontrahent|nadawca odbiorca|odbiorca|dane kontrahenta|contrapartida|to|recipient|"
    "auftraggeber begunstigter|auftraggeber beguenstigter|commercant|esercente|creditor name",
    "payer": "payer|zahlungspflichtige r|zahlungspflichtiger|auftraggeber|debtor name|ordenante|ordinante|donneur d ordre|"
    "opdrachtgever|nadawca|from|sender",
    "purpose": "description|label|transaction description|memo|details|transaction details|reference|"
    "payment reference|narrative|"
    "particulars|verwendungszweck|buchungstext|text|beschreibung|buchungsdetails|libelle|libelle operation|"
    "libelle de l operation|nature|communication|concepto|descripcion|observaciones|detalle|movimiento|causale|descrizione|"
    "descrizione operazione|omschrijving|mededelingen|mededeling|descricao|historico|opis|opis operacji|tytul|tytulem|"
    "tytul operacji|notes|zweck|betreff",
    "account": "auftragskonto|iban auftragskonto|bezeichnung auftragskonto|rekening|own account|account name|account|konto|"
    "compte|cuenta|conto|conta",
    "state": "state|status|info|etat|statut|estado|stato|stan",
}
_WORDS: Mapping[str, str] = {
    "booked": "date datum fecha data buchungstag buchungsdatum boekdatum",
    "amount": "amount betrag montant importe importo bedrag montante kwota",
    "debit": "debit belastung ausgang debito addebiti obciazenia",
    "credit": "credit gutschrift eingang credito accrediti uznania",
    "payee": "payee counterparty beneficiary merchant empfanger begunstigter beneficiaire beneficiario tegenpartij",
    "purpose": "description verwendungszweck buchungstext libelle concepto descripcion causale descrizione omschrijving",
}
"""One of these words makes a column what it is, where no column has a name of the table above."""

_NOT = (
    "value valeur valor valuta wertstellung foreign original originally fremd ursprung ursprungsbetrag origine origen "
    "balance saldo solde fee gebuhr frais comision commissione kosten exchange rate kurs type account konto iban number nr "
    "waluty rachunku from to until von bis opening closing birth due count min max settlement equivalent"
)
_BRACKETED = re.compile(r"[(\[]\s*([^()\[\]]{1,5})\s*[)\]]\s*$|(?:\s+(?:in|en)\s+|[\s/]+)([^\W\d_]{3,5}|[€£$])\s*$")
_SIGNS = re.compile(r"[\W_]+")
_LONGEST_NAME = 48


def roles_of(cells: Sequence[str]) -> dict[str, int]:
    """Which column of a header is what; the first of a name counts. A row with numbers in it is no header."""
    if any(len(cell.strip()) > _LONGEST_NAME or re.search(r"[0-9]{2}", cell) for cell in cells if cell.strip()):
        return {}
    names = [named(cell) for cell in cells]
    found: dict[str, int] = {}
    for at, name in enumerate(names):
        for role in _roles().get(name, ()):
            found.setdefault(role, at)
    _settle_valor(found, names)
    for role, words in _WORDS.items():
        if role in found or (role == "amount" and {"debit", "credit"} & found.keys()):
            continue
        place = _by_word(names, frozenset(words.split()), frozenset(found.values()))
        if place is not None:
            found[role] = place
    return found


def is_header(roles: Mapping[str, int]) -> bool:
    """Whether columns are those of a statement: a day and an amount, or money that came and went."""
    return bool({"booked", "valued"} & roles.keys()) and bool({"amount", "debit", "credit"} & roles.keys())


def currency_in(name: str) -> str:
    """The currency that a column's name says, such as EUR of "Amount (EUR)" and "Betrag in €"."""
    found = _BRACKETED.search(name.strip())
    word = next((each for each in found.groups() if each), "") if found else ""
    return currency_of(word) if word.isupper() or not word.isalpha() or word.casefold() in {"euro", "euros"} else ""


def named(cell: str) -> str:
    """A column's name without accents, signs, and the currency behind it."""
    text = cell.strip()
    if currency_in(text):
        text = _BRACKETED.sub("", text)
    return _SIGNS.sub(" ", unaccented(text.casefold())).strip()


@cache
def _roles() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for role, names in _NAMES.items():
        for name in names.split("|"):
            found[name] = (*found.get(name, ()), role)
    return found


def _settle_valor(found: dict[str, int], names: Sequence[str]) -> None:
    """Portuguese banks call the amount "valor", Spanish ones the day on which it counts: beside an "importe" it is that day."""
    if "amount" in found and names[found["amount"]] == "valor" and "importe" in names:
        found |= {"amount": names.index("importe")}
        found.setdefault("valued", names.index("valor"))


def _by_word(names: Sequence[str], words: frozenset[str], taken: frozenset[int]) -> int | None:
    unwanted = frozenset(_NOT.split())
    for at, name in enumerate(names):
        parts = frozenset(name.split())
        if at not in taken and parts & words and not parts & unwanted:
            return at
    return None
