"""Statements of all sorts of banks, and files that are none: what is read, what is not, and that it is said."""

import datetime as dt
from decimal import Decimal

import pytest

from workflows.reckoners.statements.bookings import (
    MANY_MARKS,
    MANY_ORDERS,
    NO_AMOUNTS,
    NO_DAYS,
    NO_TABLE,
    Manner,
    Statements,
    manner_of,
    read_statements,
)
from workflows.reckoners.statements.days import DAY_FIRST, MONTH_FIRST, dated
from workflows.reckoners.statements.joining import joined
from workflows.reckoners.statements.numbers import COMMA, POINT, written


def read(*files: str | bytes, manner: Manner | None = None) -> Statements:
    named = [(f"file:r/{at}.csv", file if isinstance(file, bytes) else file.encode()) for at, file in enumerate(files)]
    return read_statements(named, manner or Manner())


def amounts(statements: Statements) -> list[tuple[str, str]]:
    return [(one.day.isoformat(), str(one.amount)) for one in statements.bookings]


def reasons(statements: Statements) -> list[tuple[str, str]]:
    return [(one.ref, one.reason) for one in statements.unread]


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1,234.50", "1234.50", None),
        ("1.234,50", None, "1234.50"),
        ("1.234", "1.234", "1234"),
        ("-12,3", None, "-12.3"),
        ("12.345.678", None, "12345678"),
        ("(45.00)", "-45.00", None),
        ("45.00-", "-45.00", None),
        ("−7,5", None, "-7.5"),
        ("1 234,56", None, "1234.56"),
        ("1\u202f234,56 €", None, "1234.56"),
        ("1’234.05", "1234.05", None),
        ("€ -12.00", "-12.00", None),
        ("EUR 12", "12", "12"),
        ("12,34,567.00", "1234567.00", None),
        (".50", "0.50", None),
        ("0,500", None, "0.500"),
    ],
)
def test_a_number_is_read_in_every_way_in_which_it_may_be_meant(cell: str, point: str | None, comma: str | None) -> None:
    found = written(cell)
    assert found is not None
    assert found.values.get(POINT) == (Decimal(point) if point else None)
    assert found.values.get(COMMA) == (Decimal(comma) if comma else None)


@pytest.mark.parametrize(
    "cell", ["", "-", "12 34", "1,2,3", "--5", "5 EUR USD", "=1+1", "1e9", "1" * 19, "٣", "(5", "12,5 5", "NaN"]
)
def test_what_is_no_amount_is_not_taken_for_one(cell: str) -> None:
    found = written(cell)
    assert found is None or not found.values


def test_a_trailing_word_says_on_which_side_an_amount_is() -> None:
    sides = [written(cell) for cell in ("12.00 CR", "12.00 DR", "12,00 S", "12,00 H")]
    assert [one.side for one in sides if one] == [1, -1, -1, 1]


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("2026-10-03", {"2026-10-03"}),
        ("20261003", {"2026-10-03"}),
        ("03.10.2026 14:05", {"2026-10-03"}),
        ("03/10/26", {"2026-10-03", "2026-03-10", "2003-10-26"}),
        ("3 Oct 2026", {"2026-10-03"}),
        ("3. Oktober 2026", {"2026-10-03"}),
        ("3 de octubre de 2026", {"2026-10-03"}),
        ("Oct 3, 2026", {"2026-10-03"}),
        ("31/02/2026", set()),
        ("2026-13-40", set()),
        ("pending", set()),
        ("1/2", set()),
    ],
)
def test_a_date_is_read_in_every_order_in_which_it_is_one(cell: str, days: set[str]) -> None:
    assert {day.isoformat() for day in dated(cell).values()} == days


def test_the_order_of_dates_is_decided_over_the_column() -> None:
    day_first = read("Date,Payee,Amount\n03/10/2026,a,-1.00\n25/10/2026,b,-2.00\n")
    month_first = read("Date,Payee,Amount\n03/10/2026,a,-1.00\n10/25/2026,b,-2.00\n")
    assert amounts(day_first) == [("2026-10-03", "-1.00"), ("2026-10-25", "-2.00")]
    assert amounts(month_first) == [("2026-03-10", "-1.00"), ("2026-10-25", "-2.00")]


def test_a_file_whose_dates_have_two_meanings_is_left_out_and_named() -> None:
    found = read("Date,Payee,Amount\n03/10/2026,a,-1.00\n04/11/2026,b,-2.00\n")
    assert found.bookings == ()
    assert reasons(found) == [("file:r/0.csv", MANY_ORDERS)]
    assert found.unread[0].rows == 2
    assert len(read("Date,Payee,Amount\n03/10/2026,a,-1.00\n", manner=Manner(order=DAY_FIRST)).bookings) == 1


def test_a_file_that_mixes_orders_is_left_out() -> None:
    found = read("Date,Payee,Amount\n25/10/2026,a,-1.00\n10/26/2026,b,-2.00\n")
    assert (found.bookings, reasons(found)) == ((), [("file:r/0.csv", MANY_ORDERS)])


def test_what_one_file_of_a_bank_leaves_open_another_one_with_the_same_columns_tells() -> None:
    found = read("Date,Payee,Amount\n03/10/2026,a,-1.234\n", "Date,Payee,Amount\n25/10/2026,b,-2.50\n")
    assert amounts(found) == [("2026-10-03", "-1.234"), ("2026-10-25", "-2.50")]


def test_a_value_day_tells_the_order_of_the_booking_day() -> None:
    found = read("Buchungstag;Wertstellung;Name;Betrag\n03/10/2026;13/10/2026;a;-1,00\n")
    assert amounts(found) == [("2026-10-03", "-1.00")]


def test_amounts_that_may_be_thousands_or_decimals_are_left_out_and_named() -> None:
    found = read("Date,Payee,Amount\n2026-10-03,a,-1.234\n2026-10-04,b,2.500\n2026-10-04,c,7\n")
    assert (found.bookings, reasons(found)) == ((), [("file:r/0.csv", MANY_MARKS)])
    said = read("Date,Payee,Amount\n2026-10-03,a,-1.234\n", manner=Manner(mark=COMMA))
    assert amounts(said) == [("2026-10-03", "-1234")]


def test_a_single_wrong_row_among_many_is_left_out_alone() -> None:
    rows = "".join(f"{day:02}.10.2026;a;-{day},50\n" for day in range(1, 28))
    found = read(f"Datum;Name;Betrag\n{rows}28.10.2026;b;-3.75\n")
    assert len(found.bookings) == 27
    assert reasons(found) == [("file:r/0.csv#L29", "its amount cannot be read")]


@pytest.mark.parametrize(
    ("header", "row", "amount"),
    [
        ("Date,Description,Debit,Credit", "2026-10-13,a,12.50,", "-12.50"),
        ("Date,Description,Debit,Credit", "2026-10-13,a,,12.50", "12.50"),
        ("Date,Description,Debit,Credit", "2026-10-13,a,0.00,12.50", "12.50"),
        ("Date,Description,Debit,Credit", "2026-10-13,a,-12.50,", "-12.50"),
        ("Buchungstag;Text;Soll;Haben", "13.10.2026;a;12,50;", "-12.50"),
        ("Date;Libellé;Débit euros;Crédit euros", "13/10/2026;a;12,50;", "-12.50"),
        ("Fecha;Concepto;Cargo;Abono", "13/10/2026;a;;12,50", "12.50"),
        ("Data;Descrizione;Dare;Avere", "13/10/2026;a;12,50;", "-12.50"),
        ("Datum;Naam;Af Bij;Bedrag", "20261013;a;Af;12,50", "-12.50"),
        ("Buchung;Name;Betrag;Soll/Haben", "13.10.2026;a;12,50;H", "12.50"),
        ("Data operacji;Opis operacji;Kwota", "2026-10-13;a;-12,50 PLN", "-12.50"),
        ("Data mov.;Descrição;Valor", "13-10-2026;a;-12,50", "-12.50"),
        ("Fecha;Valor;Concepto;Importe", "13/10/2026;14/10/2026;a;-12,50", "-12.50"),
    ],
)
def test_what_went_and_what_came_in_the_manners_of_many_banks(header: str, row: str, amount: str) -> None:
    assert amounts(read(f"{header}\n{row}\n")) == [("2026-10-13", amount)]


def test_a_reversal_in_a_column_of_debits_is_money_that_came_back() -> None:
    found = read("Date,Payee,Debit,Credit\n2026-10-01,a,10.00,\n2026-10-02,a,10.00,\n2026-10-03,a,-10.00,\n")
    assert [str(one.amount) for one in found.bookings] == ["-10.00", "-10.00", "10.00"]


def test_the_currency_is_that_of_the_row_the_column_or_the_lines_before() -> None:
    texts = [
        "Date,Payee,Amount,Currency\n2026-10-13,a,-1.00,chf\n",
        "Date;Name;Betrag (EUR)\n2026-10-13;a;-1,00\n",
        "Date;Name;Betrag in €\n2026-10-13;a;-1,00\n",
        "Konto;123\nWährung:;USD\n\nDatum;Name;Betrag\n2026-10-13;a;-1,00\n",
        "Date,Payee,Amount\n2026-10-13,a,-£1.00\n",
        "Date,Payee,Amount\n2026-10-13,a,-1.00\n",
    ]
    assert [read(text).bookings[0].currency for text in texts] == ["CHF", "EUR", "EUR", "USD", "GBP", ""]
    assert read(texts[-1], manner=Manner(currency="EUR")).bookings[0].currency == "EUR"


def test_encodings_lines_before_the_header_and_quoted_line_ends() -> None:
    text = (
        'Umsätze\n\nKonto;"DE00 9999 9999 0000 1187 00"\nDatum;Empfänger;Verwendungszweck;Betrag\n'
        '13.10.2026;Bäcker;"zwei\n""Brote"";\nheute";-3,20\n14.10.2026;Müller;x;-1,00\n'
    )
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        found = read(text.encode(encoding))
        assert [(one.ref, one.payee) for one in found.bookings] == [
            ("file:r/0.csv#L5", "Bäcker"),
            ("file:r/0.csv#L8", "Müller"),
        ]
        assert found.bookings[0].purpose == 'zwei "Brote"; heute'
        assert found.bookings[0].account == "DE00999999990000118700"


def test_rows_that_cannot_be_read_are_named_with_their_lines_and_words() -> None:
    found = read(
        "Date,Payee,Amount,State\n2026-10-13,a,-1.00,COMPLETED\nsoon,b,-2.00,\n2026-10-14,c,lots,\n2026-10-15,d,,\n"
        "2026-10-16,Smith, Sons,-4.00,\n2026-10-17,e,-5.00,PENDING\nTotal,,-12.00,\n"
    )
    assert amounts(found) == [("2026-10-13", "-1.00")]
    assert reasons(found) == [
        ("file:r/0.csv#L3", "its day cannot be read"),
        ("file:r/0.csv#L4", "its amount cannot be read"),
        ("file:r/0.csv#L5", "it has no amount"),
        ("file:r/0.csv#L6", "it has more cells than the table has columns"),
        ("file:r/0.csv#L7", "it is not booked (pending)"),
        ("file:r/0.csv#L8", "its day cannot be read"),
    ]
    assert found.unread[0].words == "soon,b,-2.00,"


def test_a_quote_that_is_never_closed_costs_one_row_and_not_the_rest() -> None:
    rows = "".join(f"2026-10-{day:02},a,-{day}.00\n" for day in range(2, 29))
    found = read(f'Date,Payee,Amount\n2026-10-01,"open,-1.00\n{rows}')
    assert len(found.bookings) == 27
    assert reasons(found) == [("file:r/0.csv#L2", "a quote in it is never closed")]


def test_two_tables_in_one_file_are_both_read() -> None:
    found = read("Account A\nDate,Payee,Amount\n2026-10-01,a,-1.00\n\nAccount B\nDate,Amount,Payee\n2026-10-02,-2.00,b\n")
    assert amounts(found) == [("2026-10-01", "-1.00"), ("2026-10-02", "-2.00")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", NO_TABLE),
        (b"\x00\xff\xfe\x00\x01" * 300, NO_TABLE),
        (b"a,b,c\n1,2,3\n", NO_TABLE),
        (b"Date,Payee,Amount\nnever,a,1.00\n", NO_DAYS),
        (b"Date,Payee,Amount\n2026-10-01,a,much\n", NO_AMOUNTS),
        (b'"' * 5000, NO_TABLE),
        (b"=cmd|'/c calc'!A1,Date,Amount\n", NO_TABLE),
    ],
)
def test_what_is_no_statement_is_said_to_be_none(content: bytes, reason: str) -> None:
    found = read(content)
    assert found.bookings == ()
    assert [one.reason for one in found.unread] in ([reason], [])


def test_a_header_without_rows_is_an_empty_statement() -> None:
    assert read("Date,Payee,Amount\n") == Statements((), ())


def test_a_card_that_shows_charges_without_a_minus_is_pointed_out_until_it_is_said() -> None:
    card = "Date,Description,Amount\n2026-10-13,a,1.00\n2026-10-14,b,2.00\n"
    assert read(card).unsigned == ("file:r/0.csv",)
    said = read(card, manner=Manner(charges=("0*.csv",)))
    assert (said.unsigned, amounts(said)) == ((), [("2026-10-13", "-1.00"), ("2026-10-14", "-2.00")])


def test_what_two_exports_both_have_counts_once_and_what_one_has_twice_counts_twice() -> None:
    first = "Date,Payee,Amount\n2026-10-13,Bread,-3.20\n2026-10-13,Bread,-3.20\n2026-10-14,Tea,-4.00\n"
    second = (
        "Datum;Empfänger;Verwendungszweck;Betrag\n13.10.2026;BREAD;;-3,20\n14.10.2026;Tea;loose;-4,00\n15.10.2026;Tea;;-4,00\n"
    )
    found = joined(read(first, second).bookings)
    assert [(one.day.day, str(one.amount)) for one in found] == [(13, "-3.20"), (13, "-3.20"), (14, "-4.00"), (15, "-4.00")]
    assert joined(read(first, first, first).bookings) == joined(read(first).bookings)


def test_what_another_export_has_once_more_counts_once_more() -> None:
    row = "2026-10-13,Bread,-3.20\n"
    once, twice = f"Date,Payee,Amount\n{row}", f"Date,Payee,Amount\n{row}{row}"
    assert [len(joined(read(*files).bookings)) for files in ((once, twice), (twice, once), (twice, twice))] == [2, 2, 2]
    described = twice.replace("Payee", "Description").replace("Bread", "Card Bread")
    assert len(joined(read(once, described).bookings)) == 2


def test_words_that_hold_others_are_the_same_only_in_another_manner() -> None:
    one, more = "Date,Payee,Amount\n2026-10-13,Shop,-5.00\n", "Date,Payee,Amount\n2026-10-13,Shop Berlin,-5.00\n"
    assert len(joined(read(one, more).bookings)) == 2
    assert len(joined(read(one, more.replace("Payee", "Description")).bookings)) == 1


def test_equal_bookings_of_different_accounts_and_of_other_words_are_two() -> None:
    one = "IBAN DE00 9999 9999 0000 1187 00\nDate,Payee,Amount\n2026-10-13,Bread,-3.20\n"
    other = "IBAN DE00 9999 9999 0000 1187 11\nDate,Payee,Amount\n2026-10-13,Bread,-3.20\n"
    assert len(joined(read(one, other).bookings)) == 2
    assert (
        len(joined(read("Date,Payee,Amount\n2026-10-13,Bread,-3.20\n", "Date,Payee,Amount\n2026-10-13,Milk,-3.20\n").bookings))
        == 2
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"dates": "DMY"}, "day first"), ({"decimals": ","}, "point or comma"), ({"currency": "euro cents"}, "such as EUR")],
)
def test_a_wrong_option_says_what_to_write(options: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        manner_of(options)


def test_options_say_how_statements_are_written() -> None:
    manner = manner_of({"dates": "month first", "decimals": "comma", "currency": "eur", "charges": "card*.csv, old/*.csv"})
    assert manner == Manner(MONTH_FIRST, COMMA, "EUR", ("card*.csv", "old/*.csv"))
    assert dt.date(2026, 3, 10) in dated("03/10/2026").values()


def test_a_broken_byte_does_not_turn_the_accents_of_a_file_into_others() -> None:
    found = read("Datum;Empfänger;Betrag\n13.10.2026;Müller;-1,50\n14.10.2026;Bäcker;-2,50\n".encode() + b"\xff;;\n")
    assert [one.payee for one in found.bookings] == ["Müller", "Bäcker"]


@pytest.mark.parametrize(
    ("header", "rows", "found"),
    [
        # A column of kinds beside amounts with signs: a payment to a card is no charge.
        ("Date,Description,Type,Amount", "2026-10-13,a,Debit,5.00\n2026-10-14,b,Credit,-2.00", ["5.00", "-2.00"]),
        (
            '"Buchungstag";"Info";"Name";"Betrag"',
            '"13.10.26";"Umsatz gebucht";"a";"-1,00"\n"14.10.26";"Umsatz vorgemerkt";"a";"-1,00"',
            ["-1.00"],
        ),
        ("dateOp;dateVal;label;amount", "2026-10-13;2026-10-14;a;-1 234,50", ["-1234.50"]),
        ("Data_Operazione;Data_Valuta;Entrate;Uscite;Descrizione", "13/10/2026;13/10/2026;;-12,50;a", ["-12.50"]),
        (
            "Datum;Buchungstext;Belastung CHF;Gutschrift CHF;Valuta;Saldo CHF",
            "13.10.2026;a;1'234.50;;13.10.2026;5.00",
            ["-1234.50"],
        ),
        ("#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;", "2026-10-13;a;x;y;-1 234,50 PLN;", ["-1234.50"]),
        ("sep=;\nBuchung;Name;Saldo;Währung;Betrag;Währung", "13.10.2026;a;1.000,00;EUR;-5,25;EUR", ["-5.25"]),
    ],
)
def test_peculiarities_of_real_exports(header: str, rows: str, found: list[str]) -> None:
    assert [amount for _, amount in amounts(read(f"{header}\n{rows}\n"))] == found


def test_quotes_that_are_open_in_two_rows_do_not_make_one_booking_of_them() -> None:
    found = read(
        'Date,Payee,Amount\n2026-10-13,"a,-1.00\n2026-10-14,"b,-2.00\n2026-10-15,c,-3.00\n2026-10-16,say "d" e,-4.00\n'
    )
    assert [(one.payee, str(one.amount)) for one in found.bookings] == [("c", "-3.00"), ('say "d" e', "-4.00")]
    assert reasons(found) == [(f"file:r/0.csv#L{line}", "a quote in it is never closed") for line in (2, 3)]


def test_what_the_owner_says_counts_only_where_a_column_does_not_tell() -> None:
    manner = Manner(order=DAY_FIRST, mark=COMMA)
    found = read("Date,Payee,Amount\n03/10/2026,a,-1.00\n10/25/2026,b,-2.50\n", manner=manner)
    assert amounts(found) == [("2026-03-10", "-1.00"), ("2026-10-25", "-2.50")]
