"""Statements as banks of many countries export them: what was booked, in which currency, and with whom."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from statement_files import material, paper, told

from workflows.reckoners.money.reckoning import MONEY
from workflows.reckoners.statements.bookings import Manner, read_statements
from workflows.reckoners.statements.joining import joined

DAY = "2026-10-31"


def read(text: str, encoding: str = "utf-8") -> list[tuple[str, str, str, str]]:
    found = read_statements([("file:r/a.csv", text.encode(encoding))], Manner())
    return [(one.day.isoformat(), str(one.amount), one.currency, one.payee) for one in found.bookings]


@pytest.mark.parametrize(
    ("header", "row", "found"),
    [
        (
            "Buchung;Valuta;Auftraggeber/Empfänger;Saldo;Währung;Betrag;Währung",
            "31.10.2026;31.10.2026;A;1,00;CHF;-2,50;EUR",
            "EUR A",
        ),
        ("Details,Posting Date,Description,Amount,Type", "DEBIT,10/31/2026,A,-2.50,ACH_DEBIT", " A"),
        ("Date,Counter Party,Reference,Amount (GBP)", "31/10/2026,A,x,-2.50", "GBP A"),
        ("Date,Type,Description,Value,Balance", "31 Oct 2026,D/D,A,-2.50,9.00", " A"),
        ("Date,Amount,Account,Counterparty,Name", "2026-10-31,-2.50,NL1,NL2,A", " A"),
        ("Boekingsdatum;Rekening tegenpartij;Naam tegenpartij bevat;Bedrag;Devies", "31/10/2026;BE1;A;-2,50;EUR", "EUR A"),
        ("IBAN;Booked At;Text;Credit/Debit Amount;Valuta Date", "C;2026-10-31 00:00:00.0;A;-2.50;2026-10-31 00:00:00.0", " A"),
        ("Buchungsdatum;Partnername;Betrag;Währung", "31.10.2026;A;-2,50;EUR", "EUR A"),
        ("data;lançamento;valor (R$)", "31/10/2026;A;-2,50", "BRL A"),
        ("Date,Payee,Outflow,Inflow", "10/31/2026,A,$2.50,$0.00", "$ A"),
        ("Date,Description,Amount", "10/31/2026,A,-US$2.50", "USD A"),
        ("Date,Description,Amount", '2026-10-31,="A",="-2.50"', " A"),
        ("Bokföringsdag;Belopp;Rubrik;Valuta", "2026/10/31;-2,50;A;SEK", "SEK A"),
        ("Bokförd;Valutadatum;Text;Insättningar;Uttag", "2026-10-31;2026-10-31;A;;-2,50", " A"),
        ("Dato;Tekst;Beløb;Saldo", "31.10.2026;A;-2,50;9,00", " A"),
        ("Dato;Forklaring;Ut fra konto;Inn på konto", "31.10.2026;A;2,50;", " A"),
        ("Kirjauspäivä;Määrä EUROA;Saaja/Maksaja", "2026-10-31;-2,50;A", "EUR A"),
        ("Datum;Objem;Měna;Název protiúčtu", "31.10.2026;-2,50;CZK;A", "CZK A"),
        ("Könyvelés dátuma;Összeg;Pénznem;Partner neve", "2026.10.31;-2,50;HUF;A", "HUF A"),
        ("Tarih;Valör;Açıklama;Tutar", "31.10.2026;31.10.2026;A;-2,50", " A"),
        ("Дата операции;Сумма операции;Валюта операции;Описание", "31.10.2026 10:00:00;-2,50;RUB;A", "RUB A"),
        (
            "Datum des Beginns,Datum des Abschlusses,Beschreibung,Betrag",
            "2026-10-30 09:12:11,2026-10-31 10:00:00,A,-2.50",
            " A",
        ),
        (
            "Direction,Created on,Finished on,Source amount (after fees),Source currency,Reference",
            "OUT,2026-10-30 10:00:00,2026-10-31 10:00:00,2.50,EUR,A",
            "EUR A",
        ),
        ("Datum;Betrag;Währung;Originalbetrag;Originalwährung;Händler", "31.10.2026;-2,50;EUR;-3,00;USD;A", "EUR A"),
        ("Date,Description,Amount,Type", "2026-10-31,A,2.50,Expense", " A"),
        ("Buchungstag;Buchungstext;Verwendungszweck;Betrag", "31.10.26;FOLGELASTSCHRIFT;A;-2,50", " A"),
    ],
)
def test_columns_are_what_each_bank_means_by_their_names(header: str, row: str, found: str) -> None:
    assert read(f"{header}\n{row}\n") == [(DAY, "-2.50", *found.split(" "))]


@pytest.mark.parametrize(
    ("text", "encoding", "payee"),
    [
        ("#Data operacji;#Opis operacji;#Kwota\n2026-10-31;Opłata ŻABKA;-2,50 PLN\n", "cp1250", "Opłata ŻABKA"),
        ("Datum;částka;měna;popis\n31.10.2026;-2,50;CZK;nákup u řeky\n", "cp1250", "nákup u řeky"),
        ("Дата;Сумма;Валюта;Описание\n31.10.2026;-2,50;RUB;Пятёрочка\n", "cp1251", "Пятёрочка"),
        ("Datum;Text;Betrag\n31.10.2026;Bäckerei für 3 m³ Übermut;-2,50\n", "cp1252", "Bäckerei für 3 m³ Übermut"),
    ],
)
def test_old_encodings_of_each_country_are_told_apart(text: str, encoding: str, payee: str) -> None:
    assert [row[3] for row in read(text, encoding)] == [payee]


def test_days_at_the_end_are_no_years() -> None:
    rows = "".join(f"{day:02}/10/26,A,-{day}\n" for day in range(1, 13))
    assert [row[0] for row in read(f"Date,Narration,Amount\n{rows}31/10/26,A,-31\n")][-1] == DAY
    # What may be meant in two ways is still left out.
    assert read("Date,Narration,Amount\n05/10/26,A,-5\n") == []


def test_a_card_with_a_payment_among_its_charges_is_pointed_out() -> None:
    rows = "".join(f"2026-10-{day:02},A,{day}.00\n" for day in range(1, 12))
    card = ("file:r/card.csv", f"Date,Description,Amount\n{rows}2026-10-20,PAYMENT,-50.00\n".encode())
    assert read_statements([card], Manner()).unsigned == ("file:r/card.csv",)
    assert read_statements([card], Manner(charges=("card.csv",))).unsigned == ()
    plain = ("file:r/a.csv", b"Date,Description,Amount\n2026-10-01,A,-1.00\n2026-10-02,B,2.00\n2026-10-03,C,3.00\n")
    assert read_statements([plain], Manner()).unsigned == ()


REVOLVING = "Completed Date,Description,Amount,Fee,Currency,Balance\n"


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        (["2026-10-01,A,-5.00,0.00,EUR,100.00", "2026-10-02,Cash,-50.00,1.00,EUR,49.00"], "-51.00"),
        (["2026-10-02,Cash,-50.00,1.00,EUR,49.00", "2026-10-01,A,-5.00,0.00,EUR,100.00"], "-51.00"),
        (["2026-10-01,A,-5.00,0.00,EUR,100.00", "2026-10-02,Cash,-50.00,1.00,EUR,50.00"], "-50.00"),
        (["2026-10-01,A,-5.00,0.00,EUR,100.00", "2026-10-02,Cash,-50.00,1.00,EUR,"], "-50.00"),
    ],
)
def test_a_fee_counts_where_balances_show_that_it_went_on_top(rows: list[str], amount: str) -> None:
    assert [row[1] for row in read(REVOLVING + "\n".join(rows)) if row[3] == "Cash"] == [amount]


def test_the_page_points_out_money_moved_between_accounts_and_statements_without_names() -> None:
    giro = paper("Statements/giro.csv", "Date;Payee;Amount\n2026-10-11;Savings;-200.00\n2026-10-12;A;-3.00\n")
    savings = paper("Statements/savings.csv", "Date;Payee;Amount\n2026-10-12;From giro;200.00\n2026-10-20;B;-1.00\n")
    bare = paper("Statements/bare.csv", "11/10/2026;CARTE;-1,00\n")
    found = MONEY(material(giro, savings, bare), told("money"), dt.date(2026, 11, 2))
    assert found.left_out[-1].startswith("1 amount that went from one file and came in another within days")
    (section,) = (each for each in found.sections if each.heading == "Not read, or in doubt")
    assert section.lines[0].text.endswith("give it a first line such as Date;Payee;Amount.")


def test_thousands_of_bookings_of_one_day_and_amount_are_joined_in_no_time() -> None:
    one = "Date,Payee,Amount\n" + "".join(f"2026-10-31,A{at},-2.50\n" for at in range(1_500))
    other = "Date,Payee,Amount,Currency\n" + "".join(f"2026-10-31,B{at},-2.50,\n" for at in range(1_500))
    found = read_statements([("file:r/a.csv", one.encode()), ("file:r/b.csv", other.encode())], Manner())
    began = time.process_time()
    assert len(joined(found.bookings)) == 3_000
    assert time.process_time() - began < 2


def test_equal_bookings_in_two_roots_are_two_unless_both_name_one_account() -> None:
    plain = b"Date,Payee,Amount\n2026-10-31,Shop,-5.00\n"
    of_one = b"Date,Payee,Amount,Account\n2026-10-31,Shop,-5.00,DE1\n"

    def counted(*files: tuple[str, bytes]) -> int:
        return len(joined(read_statements(files, Manner()).bookings))

    assert counted(("file:anna/a.csv", plain), ("file:tom/a.csv", plain)) == 2
    assert counted(("file:anna/a.csv", plain), ("file:anna/b.csv", plain)) == 1
    assert counted(("file:anna/a.csv", of_one), ("file:tom/a.csv", of_one)) == 1
