"""The monthly money review: sums checked by hand, months beside months, subscriptions, rules, what was not read."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from statement_files import OWNER, material, paper, told

from butler.core.definitions import Reckoned
from butler.sample.days import BERLIN
from butler.sample.records import write_records
from workflows.reckoners.money.reckoning import MONEY
from workflows.reckoners.money.recurring import recurring
from workflows.reckoners.money.rules import rules_of
from workflows.reckoners.statements.bookings import Booking

DAY = dt.date(2026, 11, 2)
HEADER = "Date,Payee,Amount,Currency\n"


def review(*rows: str, day: dt.date = DAY, **options: object) -> Reckoned:
    text = HEADER + "".join(f"{row}\n" for row in (*rows, "2026-06-25,settles,-0.01,XXX"))
    return MONEY(material(paper("Statements/a.csv", text)), told("money", **options), day)


def cells(found: Reckoned, heading: str) -> list[list[str]]:
    return [line.text.split("\t") for section in found.sections if section.heading == heading for line in section.lines]


def heads(found: Reckoned) -> list[str]:
    return [section.heading for section in found.sections]


def test_in_out_and_balance_stand_beside_the_month_before_and_the_average() -> None:
    found = review("2026-08-13,a,-10.00,EUR", "2026-09-13,b,100.00,EUR", "2026-10-13,c,-0.10,EUR", "2026-10-14,c,0.30,EUR")
    section = found.sections[0]
    assert section.columns == ("", "October 2026", "September 2026", "average of 3 months")
    assert cells(found, "In and out, EUR") == [
        ["in", "0.30", "100.00", "33.43"],
        ["out", "-0.10", "0.00", "-3.37"],
        ["balance", "0.20", "100.00", "30.07"],
    ]
    assert section.lines[0].refs == ("file:r/Statements/a.csv#L5",)


def test_currencies_are_never_added_up() -> None:
    found = review("2026-10-13,a,-10.00,EUR", "2026-10-13,a,-10.00,USD", "2026-10-14,b,-1.00,")
    assert [cells(found, f"In and out, {name}")[1][1] for name in ("EUR", "USD", "no currency named")] == [
        "-10.00",
        "-10.00",
        "-1.00",
    ]


def test_a_month_that_is_not_over_is_not_reviewed_and_an_older_one_is_named() -> None:
    found = review("2026-09-13,a,-10.00,EUR", "2026-11-01,b,-99.00,EUR")
    assert found.sections[0].columns[1] == "September 2026"
    assert "99.00" not in str(found)
    assert found.left_out == ("There are no bookings of October 2026: this is September 2026.",)


def test_payees_are_put_together_whatever_number_stands_behind_their_name() -> None:
    found = review("2026-10-01,SHOP 17 Mitte,-5.00,EUR", "2026-10-02,Shop 4711 mitte,-7.00,EUR", "2026-10-03,other,-1.00,EUR")
    assert cells(found, "By payee, EUR")[0] == ["SHOP 17 Mitte", "2", "-12.00"]


def test_payees_beyond_those_that_are_shown_are_summed() -> None:
    found = review(*(f"2026-10-{at:02},{name},-{at}.00,EUR" for at, name in enumerate("abcd", 1)), payees="2")
    assert cells(found, "By payee, EUR") == [["d", "1", "-4.00"], ["c", "1", "-3.00"], ["2 more payees", "2", "-3.00"]]


def test_categories_are_the_owners_words_the_first_one_counts() -> None:
    rows = (
        "2026-10-01,Bäckerei Ofen,-3.00,EUR",
        "2026-10-02,Busy bees,-5.00,EUR",
        "2026-10-03,Bus,-2.50,EUR",
        "2026-10-04,Gift,20,EUR",
    )
    found = review(*rows, categories={"Food": "backerei", "Travel": "bus, train", "Bees": "bee*"})
    assert [row[:2] for row in cells(found, "By category, EUR")] == [
        ["Bees", "-5.00"],
        ["Food", "-3.00"],
        ["Travel", "-2.50"],
        ["no category, in", "20.00"],
    ]


def test_what_is_left_out_is_in_no_sum_and_said() -> None:
    found = review("2026-10-01,To my savings,-500.00,EUR", "2026-10-03,Bus,-2.50,EUR", leave_out="savings")
    assert cells(found, "In and out, EUR")[1][1] == "-2.50"
    assert found.left_out[-1] == "1 booking that the option leave_out names, in no sum."


def test_subscriptions_that_are_dearer_new_and_gone_come_first() -> None:
    rows = [f"2026-{month:02}-05,Music,-{price},EUR" for month, price in ((7, "9.99"), (8, "9.99"), (9, "9.99"), (10, "11.99"))]
    rows += [f"2026-{month:02}-12,Gym,-30.00,EUR" for month in (7, 8, 9)]
    rows += [f"2026-{month:02}-20,Paper,-8.00,EUR" for month in (9, 10)]
    rows += [f"2026-{month:02}-01,Rent,-900.00,EUR" for month in (7, 8, 9, 10)]
    rows += ["2026-10-30,last,-1.00,EUR"]
    assert [(row[0], row[3], row[4]) for row in cells(review(*rows), "Subscriptions, EUR")] == [
        ("Music", "-11.99", "dearer: was -9.99"),
        ("Paper", "-8.00", "new since 2026-09-20"),
        ("Gym", "-30.00", "gone: none since"),
        ("Rent", "-900.00", "–"),
    ]


def booking(day: str, amount: str, payee: str = "a") -> Booking:
    return Booking(f"file:r/a.csv#L{day}", dt.date.fromisoformat(day), Decimal(amount), "EUR", payee)


def test_purchases_in_a_shop_are_no_subscription_but_one_among_them_is() -> None:
    october, days = dt.date(2026, 10, 1), (dt.date(2026, 7, 1), dt.date(2026, 10, 31))
    shop = [booking(f"2026-10-{day:02}", f"-{day}.10") for day in (2, 9, 14, 23)]
    assert recurring(shop, october, days) == []
    plan = [booking(f"2026-{month:02}-15", "-4.99") for month in (8, 9, 10)]
    assert [(one.every, len(one.bookings)) for one in recurring([*shop, *plan], october, days)] == [("month", 3)]
    yearly = [booking("2025-10-03", "-60.00", "tax"), booking("2026-10-04", "-66.00", "tax")]
    assert [(one.every, one.change) for one in recurring(yearly, october, days)] == [("year", "dearer")]


def test_what_ended_long_ago_is_not_told_again() -> None:
    gym = [booking(f"2026-{month:02}-05", "-30.00") for month in (4, 5, 6)]
    assert recurring(gym, dt.date(2026, 10, 1), (dt.date(2026, 4, 1), dt.date(2026, 10, 31))) == []


def test_what_might_still_come_is_not_gone() -> None:
    gym = [booking(f"2026-{month:02}-28", "-30.00") for month in (8, 9)]
    assert recurring(gym, dt.date(2026, 10, 1), (dt.date(2026, 8, 1), dt.date(2026, 10, 20))) == []


def test_rows_and_files_that_were_not_read_stand_on_the_page_with_their_place() -> None:
    papers = (
        paper("Statements/a.csv", "Date,Payee,Amount\n2026-10-13,a,-1.00\nsoon,b,-2.00\n"),
        paper("Statements/b.csv", "Datum;Name;Betrag\n03/10/2026;a;-1,00\n"),
        paper("Statements/notes.txt", "nothing\n"),
    )
    found = MONEY(material(*papers), told("money"), DAY)
    (section,) = (each for each in found.sections if each.heading == "Not read: 2 rows")
    assert [(line.text, line.refs) for line in section.lines] == [
        (
            "Statements/b.csv, 1 row: day and month cannot be told apart in its dates. The option dates can say it.",
            ("file:r/Statements/b.csv",),
        ),
        (
            "Statements/notes.txt: no line of it names a column of days and one of amounts.",
            ("file:r/Statements/notes.txt",),
        ),
        ("Statements/a.csv line 3: its day cannot be read: “soon,b,-2.00”", ("file:r/Statements/a.csv#L3",)),
    ]


def test_without_any_statement_there_is_nothing_to_tell() -> None:
    assert MONEY(material(), told("money"), DAY) == Reckoned((), (), ("There are no bookings of October 2026.",))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"payees": "many"}, "whole number"),
        ({"largest": "0"}, "from 1 to 100"),
        ({"categories": "Food"}, "its words"),
        ({"leave_out": {"a": "b"}}, "commas"),
    ],
)
def test_a_wrong_option_of_the_review_says_what_to_write(options: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        MONEY(material(), told("money", **options), DAY)


def test_rules_know_whole_words_stars_and_no_accents() -> None:
    rules = rules_of({"A": "zahnarzt*, dr. sommer", "B": "*hof"}, None)
    said = ["Zahnarztpraxis X", "Praxis Dr.  Sommer", "Werkzeughof", "Hofladen", "Zahn"]
    found = [rules.category(booking("2026-10-01", "-1", payee)) for payee in said]
    assert found == ["A", "A", "B", "no category, out", "no category, out"]


def test_the_sample_household_adds_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("records")
    account = write_records(folder, dt.date(2026, 11, 24))
    files = sorted((account.path / "Statements").iterdir())
    found = MONEY(
        material(*(paper(f"Statements/{one.name}", one.read_bytes()) for one in files)), told("money"), dt.date(2026, 11, 24)
    )
    # Added up by hand from the files: the newest export repeats two bookings of September, and two equal ones are two.
    assert cells(found, "In and out, EUR") == [
        ["in", "3,595.30", "3,573.30", "3,548.47"],
        ["out", "-1,895.03", "-1,932.28", "-2,247.60"],
        ["balance", "1,700.27", "1,641.02", "1,300.87"],
    ]
    assert cells(found, "In and out, USD")[2] == ["balance", "1,335.00", "1,185.00", "1,240.00"]
    assert [row[0] for row in cells(found, "Subscriptions, EUR") if row[4].startswith(("dearer", "new", "gone"))] == [
        "Stadtwerke Mitte",
        "Klangwolke Musik",
        "Sternwarte Post (monthly)",
        "Lesekreis Kanal",
    ]
    assert (OWNER.zone, len(cells(found, "Not read: 1 row"))) == (BERLIN, 1)


def test_what_has_no_bytes_is_not_read_in_parts_and_what_is_no_table_is_counted() -> None:
    large = replace(
        paper("Statements/a.csv", ""), text="Date | Payee | Amount\n2026-10-13 | a | -1.00", problem="It is too large."
    )
    found = MONEY(material(large, paper("Statements/a.pdf", "Date,Payee,Amount\n2026-10-13,a,-1.00\n")), told("money"), DAY)
    assert [line.text for section in found.sections for line in section.lines] == ["Statements/a.csv: It is too large."]
    assert found.left_out[-1] == "1 file beside the statements, of other kinds than .csv, .tsv, .tab, .txt."


def test_how_far_the_statements_go_and_what_stands_in_two_of_them_is_said() -> None:
    text = HEADER + "2026-10-13,a,-1.00,EUR\n2026-10-14,b,-2.00,EUR\n"
    found = MONEY(material(paper("Statements/a.csv", text), paper("Statements/b.csv", text)), told("money"), DAY)
    assert cells(found, "In and out, EUR")[1][1] == "-3.00"
    assert found.left_out == (
        "The newest booking is of 2026-10-14: what was booked later is in no statement.",
        "2 bookings that another export has, too, counted once.",
    )
