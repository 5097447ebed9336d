"""A digest of newsletters: what they say in their own words, where their links lead, and nothing that is not known."""

import datetime as dt

import pytest
from statement_files import NOW, OWNER, told

from butler.core.definitions import Material, Reckoned
from butler.core.mail import Address, Mail, Message
from workflows.reckoners.newsletters.letters import Link, domain_of, first_sentence, links, minutes
from workflows.reckoners.newsletters.reckoning import NEWSLETTERS

DAY = dt.date(2026, 11, 24)
ANNA = Address("Anna", "anna@berger.example")


def letter(
    number: int, text: str, subject: str = "News", list_id: str = "a.example", name: str = "List A", **more: object
) -> Mail:
    fields: dict[str, object] = {"list_id": list_id, "bulk": True, "to": (ANNA,), **more}
    message = Message(
        str(number),
        frozenset(),
        0,
        1,
        str(number),
        None,
        subject,
        Address(name, f"news@{list_id or 'x.example'}"),
        text=text,
        **fields,  # type: ignore[arg-type]
    )
    return Mail(
        f"mail:home/{number}",
        "home",
        "INBOX",
        number,
        NOW - dt.timedelta(hours=number),
        sent=False,
        content_hash="",
        message=message,
    )


def digest(*mails: Mail, **options: object) -> Reckoned:
    return NEWSLETTERS(Material(OWNER, NOW, mails=mails), told("newsletters", **options), DAY)


def message(text: str) -> Message:
    return letter(1, text).message


def test_letters_are_grouped_by_list_and_quoted() -> None:
    found = digest(
        letter(1, "Dear readers,\n\nthe frost came early this year. More soon.\n", "First frost"),
        letter(2, "Older words of this list are here.", "Older"),
        letter(3, "Other words of that list are here.", "Other", "b.example", "List B"),
    )
    assert [section.heading for section in found.sections] == ["In all", "List A, 2 letters, 1 min", "List B, 1 letter, 1 min"]
    assert found.sections[0].lines[0].text == "3 letters of 2 lists, 1 min to read at 238 words a minute"
    assert [(line.text, line.refs) for line in found.sections[1].lines] == [
        ("Tue 24 Nov: “First frost” “the frost came early this year.”", ("mail:home/1",)),
        ("Tue 24 Nov: “Older” “Older words of this list are here.”", ("mail:home/2",)),
    ]


def test_mails_of_people_lists_to_write_to_and_own_mails_are_none() -> None:
    people = letter(1, "Hi", bulk=False)
    discussion = letter(2, "Who has a ladder?", to=(Address("", "all@a.example"),))
    bounce = letter(3, "failed", bounce=True)
    assert digest(people, discussion, bounce).sections == ()


def test_links_show_their_words_and_where_they_really_lead() -> None:
    text = (
        "Read on: https://garden.example/112?u=1. Sign up (https://bank.example@evil.example/x) now\n"
        "Unsubscribe here: https://garden.example/leave\nhttps://пример.example/a http://[broken\n"
    )
    assert links(message(text)) == [
        Link("Read on", "garden.example"),
        Link("Sign up", "evil.example"),
        Link("", "xn--e1afmkfd.example"),
    ]
    assert (domain_of("https://"), domain_of("http://[::1")) == ("", "")


def test_greetings_and_housekeeping_are_not_what_a_letter_says() -> None:
    text = "View this mail in your browser\n\nLiebe Leserinnen und Leser,\n\nkönnen Bäume die Stadt kühlen? Drei Grad.\n"
    assert first_sentence(message(text)) == "können Bäume die Stadt kühlen?"
    assert first_sentence(message("Hi,\n\nok\nhttps://a.example/only")) == ""


def test_reading_takes_as_long_as_the_words_are_many() -> None:
    assert minutes(message("word " * 476 + "https://not.example/counted")) == pytest.approx(2)


def test_long_letters_fit_their_line_whole_quote_by_whole_quote() -> None:
    long = " ".join(f"sentence{number}" for number in range(80)) + "."
    found = digest(letter(1, f"{long}\nhttps://{'a' * 60}.example/x\n", "subject " * 40))
    (line,) = found.sections[1].lines
    assert len(line.text) <= 240
    assert line.text.count("“") == line.text.count("”")


def test_lists_beyond_those_shown_are_named_and_letters_beyond_are_counted() -> None:
    mails = [
        letter(10 * at + n, f"words of list {at} and more words", "s", f"{at}.example", f"List {at}")
        for at in range(3)
        for n in range(3)
    ]
    found = digest(*mails, lists="2", letters="1")
    assert [section.heading.partition(",")[0] for section in found.sections] == ["In all", "List 0", "List 1", "More"]
    assert found.sections[1].lines[1].text == "and 2 earlier letters"
    assert found.sections[3].lines[0].text == "1 more list: List 2"
