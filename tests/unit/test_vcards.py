"""vCards of all versions and programs: what is made of them, and what of those that want to be something else."""

from __future__ import annotations

import pytest
from contact_cards import card, cards, only

from butler.core.contacts import Home, Phone, Relation, YearDay

RACHEL = b"""BEGIN:VCARD\r
VERSION:3.0\r
UID:rachel/1\r
FN:Rachel Ford\r
N:Ford;Rachel;;;\r
NICKNAME:Rae,Ray\r
EMAIL;TYPE=INTERNET,WORK:Rachel@Ford-Harbour.example\r
item1.EMAIL;type=pref:rae@home.example\r
TEL;TYPE=CELL,VOICE:+1 212 555 0100\r
BDAY;X-APPLE-OMIT-YEAR=1604:1604-11-26\r
item2.X-ABRELATEDNAMES:Tom\r
item2.X-ABLabel:_$!<Spouse>!$_\r
item3.X-ABDATE:2010-06-05\r
item3.X-ABLabel:_$!<Anniversary>!$_\r
PHOTO;ENCODING=b;TYPE=JPEG:AAAA\r
 FN:not this one\r
NOTE:Likes figs\\, not\\nroses\\; and a very long line that is\r
  folded\r
ORG:Ford Harbour;Gardens\r
CATEGORIES:friends,work\r
END:VCARD\r
"""


def test_a_card_of_version_3_is_read_whole() -> None:
    found = only(RACHEL)
    assert (found.uid, found.name, found.given, found.nicknames) == ("rachel/1", "Rachel Ford", "Rachel", ("Rae", "Ray"))
    assert found.addresses == ("rae@home.example", "rachel@ford-harbour.example")
    assert found.phones == (Phone("+1 212 555 0100", "mobile"),)
    assert (found.birthday, found.anniversary) == (YearDay(11, 26), YearDay(6, 5, 2010))
    assert found.relations == (Relation("spouse", "Tom"),)
    assert found.note == "Likes figs, not\nroses; and a very long line that is folded"
    assert (found.organisation, found.categories) == ("Ford Harbour, Gardens", ("friends", "work"))
    assert found.text.splitlines()[:3] == [
        "Nickname: Rae, Ray",
        "Organisation: Ford Harbour, Gardens",
        "Mail: rae@home.example",
    ]
    assert "Birthday: 26 November" in found.text


def test_a_card_of_version_2_1_has_charsets_and_quoted_printable() -> None:
    found = only(
        b"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\n"
        b"FN;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:J=F6rg =\nM=FCller\nTEL;HOME;VOICE:030 123\n"
        b"NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0Atwo\nPHOTO;BASE64;JPEG:\n AAAA\n\nBDAY:19840412\nEND:VCARD\n"
    )
    assert (found.name, found.given, found.phones) == ("Jörg Müller", "Jörg", (Phone("030 123", "home"),))
    assert (found.birthday, found.note) == (YearDay(4, 12, 1984), "one\ntwo")


def test_a_card_of_version_4_has_relations_kinds_and_uris() -> None:
    told = (
        'TEL;VALUE=uri;TYPE="voice,home":tel:+49-30-555;ext=12',
        "RELATED;TYPE=child;VALUE=text:Mila",
        "RELATED;TYPE=spouse:urn:uuid:12",
        "ANNIVERSARY:20100605",
        "BDAY:--0412",
    )
    found = only(card("Eva Roth", *told, version="4.0"))
    assert found.phones == (Phone("+49-30-555 ext. 12", "home"),)
    assert found.relations == (Relation("child", "Mila"), Relation("spouse", "urn:uuid:12"))
    assert (found.birthday, found.anniversary) == (YearDay(4, 12), YearDay(6, 5, 2010))
    group = only(card("Bees", "KIND:group", "MEMBER:urn:uuid:12", version="4.0"))
    assert (group.is_group, group.members) == (True, ("urn:uuid:12",))
    assert only(card("Bees", "X-ADDRESSBOOKSERVER-KIND:group")).is_group


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1984-04-12", YearDay(4, 12, 1984)),
        ("1984-04-12T23:00:00-06:00", YearDay(4, 12, 1984)),
        ("--04-12", YearDay(4, 12)),
        ("--0229", YearDay(2, 29)),
        ("0000-04-12", YearDay(4, 12)),
        ("2001-02-29", None),
        ("--0230", None),
        ("---12", None),
        ("1984", None),
        ("circa 1800", None),
        ("9999-01-01", None),
    ],
)
def test_a_birthday_is_a_day_or_words(text: str, day: YearDay | None) -> None:
    found = only(card("Eva", f"BDAY:{text}"))
    assert found.birthday == day
    assert found.birthday_text == ("" if day else text)


def test_who_is_dead_has_no_birthday_to_be_told_of_but_the_day_is_known() -> None:
    found = only(card("Ada", "BDAY:1815-12-10", "DEATHDATE:1852-11-27", version="4.0"))
    assert (found.birthday, found.birthday_text) == (None, "1815-12-10")


def test_a_file_in_utf_16_or_in_an_old_code_page_is_read() -> None:
    assert only(card("Jörg Müller").encode("utf-16")).name == "Jörg Müller"
    assert only(b"\xef\xbb\xbf" + card("Jörg").encode()).name == "Jörg"
    assert only(card("Jörg Müller").encode("latin-1")).name == "Jörg Müller"


@pytest.mark.parametrize(
    "line",
    ["X-SPOUSE:Tom", "X-EVOLUTION-SPOUSE:Tom", "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Tom;14;;;;"],
)
def test_programs_write_relations_in_ways_of_their_own(line: str) -> None:
    assert only(card("Eva", line)).relations == (Relation("spouse", "Tom"),)


def test_many_cards_of_one_file_are_told_apart() -> None:
    found = cards(card("Eva") + card("Tom") + card("Tom") + card("Tim", uid="tom"))
    assert [each.name for each in found.contacts] == ["Eva", "Tom"]
    assert found.problems == ("Two of its cards have the UID tom; the first one is kept.",)
    (one,) = cards("BEGIN:VCARD\nFN:No uid\nEND:VCARD\n").contacts
    assert one.uid.startswith("no-uid-")


@pytest.mark.parametrize(
    "name", ["boss@corp.example", "The Boss <boss@corp.example>", "boss＠corp.example", "boss @ corp.example"]
)
def test_a_name_that_is_the_address_of_somebody_else_is_none(name: str) -> None:
    found = cards(card(name, "EMAIL:mallory@evil.example", uid="m"))
    assert found.contacts[0].name == "mallory@evil.example"
    assert "no address of its own" in found.problems[0]
    assert only(card("eva@roth.example", "EMAIL:Eva@Roth.example")).name == "eva@roth.example"
    assert only(card("Tom @ Nordwind", uid="t")).name == "Tom @ Nordwind"
    assert only(card("Eva", "NICKNAME:boss@corp.example,Evi")).nicknames == ("Evi",)


def test_what_is_no_address_is_left_out_and_names_are_one_visible_line() -> None:
    found = only(
        card("Eva\\n\u202eRoth\u200b", "EMAIL:a b@c.example", "EMAIL:<x@y.example>", "EMAIL:eva@roth.example", uid="e\\nf")
    )
    assert (found.name, found.uid, found.addresses) == ("Eva Roth", "e f", ("eva@roth.example",))


@pytest.mark.parametrize(
    ("content", "names", "problem"),
    [
        (b"", [], "It is broken off or not a vCard."),
        (b"\xff\xfe\x00garbage", [], "It is broken off or not a vCard."),
        (b"BEGIN:VCARD\nFN:Half\nNOTE:cut", ["Half"], "The card of Half is broken off."),
        (b"BEGIN:VCARD\nFN:Out\nAGENT:\nBEGIN:VCARD\nFN:In\nEND:VCARD\nEND:VCARD\n", ["Out"], ""),
        (b"BEGIN:VCARD\nFN;CHARSET=../../etc:Eva\nEMAIL;CHARSET=punycode:e@r.example\nEND:VCARD\n", ["Eva"], ""),
    ],
)
def test_what_is_broken_is_read_as_far_as_it_can_be(content: bytes, names: list[str], problem: str) -> None:
    found = cards(content)
    assert [each.name for each in found.contacts] == names
    assert found.problems == ((problem,) if problem else ())


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ADR;TYPE=HOME:;;Weg 1\\, Hof\\n2. OG;Ulm;;89073;DE", "Address (home): Weg 1, Hof 2. OG, 89073 Ulm, DE"),
        ("ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=53=74=72=2E=20=31;;;;", "Address (home): Str. 1"),
        ("item1.URL;type=pref:https://zoe.example", "Page: https://zoe.example"),
        ("BDAY;X-APPLE-OMIT-YEAR=1900:1900-05-01", "Birthday: 1 May"),
        ("X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Zo;1;;;;", "Nickname: Zo"),
    ],
)
def test_what_phones_and_providers_export_is_a_line_of_the_card(line: str, told: str) -> None:
    assert told in only(card("Zoë", line)).text.splitlines()


def test_an_address_of_nothing_is_none_and_a_name_of_two_characters_begins_with_the_family() -> None:
    assert only(card("A", "ADR:;;;;;;")).homes == ()
    assert only(card("A", "ADR;TYPE=WORK:;;A 1;B;;;")).homes == (Home("A 1, B", "work"),)
    assert only("BEGIN:VCARD\nVERSION:3.0\nN:山田;太郎;;;\nFN:\nEND:VCARD\n".encode()).name == "山田太郎"
