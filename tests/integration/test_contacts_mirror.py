"""Contacts in the mirror: synced by workers of the jail, found by name, address and day, searched, shown, forgotten."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from contact_cards import card
from dav_servers import DavServer, dav_server

from butler.cli.showing import as_json, as_text
from butler.core.accounts import Account, ContactsAccount
from butler.core.contacts import PlacedContact
from butler.core.errors import UnknownRefError
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import SourceState
from butler.house import Deeds, House
from butler.web import sources

__all__ = ["dav_server"]

BERLIN = ZoneInfo("Europe/Berlin")
CARDS = {
    "eva.vcf": card(
        "Eva Müller",
        "N:Müller;Eva;;;",
        "NICKNAME:Evi",
        "EMAIL:eva@mueller.example",
        "BDAY:1980-02-28",
        "TEL;TYPE=CELL:+49 170 1",
    ),
    "lea.vcf": card("Lea", "EMAIL:lea@roth.example", "EMAIL:lea@work.example", "BDAY:--0229", uid="urn:uuid:lea"),
    "tom.vcf": card("Tom Roth", "EMAIL:tom@roth.example", "RELATED;TYPE=sister:urn:uuid:lea", "ANNIVERSARY:2010-03-01"),
    "group.vcf": card("Eva's friends", "KIND:group", "EMAIL:friends@list.example", "BDAY:--0228", version="4.0"),
    "broken.vcf": "BEGIN:VCARD\nFN:Half",
}


def house(state: Path, *accounts: Account) -> House:
    return House(Deeds(Owner("Anna", frozenset({"anna@berger.example"}), BERLIN), accounts, BriefingOptions(), state))


def names(found: list[PlacedContact]) -> list[str]:
    return [each.contact.name for each in found]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, Path, list[SourceState]]]:
    folder = tmp_path_factory.mktemp("contacts")
    (folder / "cards").mkdir()
    for name, text in CARDS.items():
        (folder / "cards" / name).write_text(text)
    with house(folder / "state", ContactsAccount("friends", path=folder / "cards")) as opened:
        yield opened, folder / "cards", opened.sync()


def test_a_sync_keeps_everybody_and_says_what_could_not_be_read(synced: tuple[House, Path, list[SourceState]]) -> None:
    opened, _, states = synced
    assert [(each.kind, each.name, each.state) for each in states] == [("contacts", "friends", "fresh")]
    assert names([*opened.mirror.reads.contacts()]) == ["Eva Müller", "Eva's friends", "Half", "Lea", "Tom Roth"]
    (problem,) = opened.mirror.problems()
    assert (problem.kind, problem.key, problem.sentence) == ("contacts", "broken.vcf", "The card of Half is broken off.")


def test_people_are_found_by_whole_words_of_their_names_and_by_addresses(synced: tuple[House, Path, list[SourceState]]) -> None:
    reads = synced[0].mirror.reads
    for asked in ("eva", "EVI", "mueller eva", "Eva Müller", "eva@mueller.example", "EVA@Mueller.example"):
        assert names([*reads.people([asked], 5)]) == ["Eva Müller"], asked
    for asked in ("ev", "eva roth", "roth.example", "friends@list.example", '"', "", "* OR eva"):
        assert names([*reads.people([asked], 5)]) == [], asked
    assert reads.addresses_of("lea") == ["lea@roth.example", "lea@work.example"]
    assert len(reads.people(["eva", "lea", "tom"], 2)) == 2


def test_the_sister_on_another_card_of_the_book_is_told_by_name(synced: tuple[House, Path, list[SourceState]]) -> None:
    (tom,) = synced[0].mirror.reads.people(["tom"], 5)
    assert [(each.kind, each.who) for each in tom.contact.relations] == [("sister", "Lea")]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ((2026, 2, 27), (2026, 2, 28), ["Eva Müller", "Lea"]),
        ((2028, 2, 28), (2028, 2, 28), ["Eva Müller"]),
        ((2028, 2, 29), (2028, 3, 1), ["Lea", "Tom Roth"]),
        ((2025, 12, 20), (2026, 2, 27), []),
        ((2020, 1, 1), (2030, 1, 1), ["Eva Müller", "Lea", "Tom Roth"]),
    ],
)
def test_celebrations_are_found_by_day_and_groups_have_none(
    synced: tuple[House, Path, list[SourceState]], first: tuple[int, int, int], last: tuple[int, int, int], found: list[str]
) -> None:
    assert names([*synced[0].mirror.reads.celebrations(dt.date(*first), dt.date(*last))]) == found


def test_a_search_finds_contacts_among_all_else(synced: tuple[House, Path, list[SourceState]]) -> None:
    opened = synced[0]
    found = opened.search("evi february")[0]
    assert (found.ref, found.kind, found.title) == ("contact:friends/eva-müller", "contact", "Eva Müller")
    assert "Birthday: 28 February 1980" in found.excerpt
    assert [each.title for each in opened.search("kind:contact in:friends evi")] == ["Eva Müller"]
    assert opened.search("kind:contact after:2020 evi") == []
    assert opened.search("kind:mail evi") == []


def test_a_contact_is_shown_as_text_json_and_evidence(synced: tuple[House, Path, list[SourceState]]) -> None:
    found = synced[0].show("contact:friends/tom-roth")
    assert as_text(found, BERLIN) == (
        "Contact:     Tom Roth\nAddress book: friends\nMail:        tom@roth.example\n"
        "Anniversary: 1 March 2010\nSister:      Lea\n"
    )
    told = json.loads(json.dumps(as_json(found)))
    assert (told["kind"], told["anniversary"], told["relations"]) == (
        "contact",
        "2010-03-01",
        [{"kind": "sister", "who": "Lea"}],
    )
    assert as_json(synced[0].show("contact:friends/urn:uuid:lea"))["birthday"] == "--02-29"
    assert sources.title_of(found) == "Tom Roth"
    assert sources.words(sources.text_of(found), "Anniversary: 1 March 2010") is not None
    with pytest.raises(UnknownRefError):
        synced[0].show("contact:friends/nobody")


def test_what_changes_and_goes_is_followed_and_a_forgotten_source_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "all.vcf"
    file.write_text(card("Eva", "BDAY:--0101") + card("Tom"))
    account = ContactsAccount("own", path=file)
    with house(tmp_path / "state", account) as opened:
        opened.sync()
        assert names([*opened.mirror.reads.contacts()]) == ["Eva", "Tom"]
        file.write_text(card("Tim") + card("Tom", "EMAIL:tom@roth.example"))
        opened.sync()
        assert names([*opened.mirror.reads.contacts()]) == ["Tim", "Tom"]
        assert opened.search("eva") == []
        assert names([*opened.mirror.reads.people(["tom@roth.example"], 5)]) == ["Tom"]
        file.unlink()
        assert [each.state for each in opened.sync()] == ["stale"]
        assert len(opened.mirror.reads.contacts()) == 2
    with house(tmp_path / "state") as opened:
        opened.sync()
        assert opened.mirror.reads.contacts() == []
        assert opened.search("tom") == []


@pytest.mark.parametrize("software", ["radicale", "xandikos"])
def test_a_server_is_read_through_the_jail(software: str, dav_server: Callable[[str], DavServer], tmp_path: Path) -> None:
    server = dav_server(software)
    path = server.make_address_book("jailed")
    for name, text in CARDS.items():
        if name != "broken.vcf":
            server.put(path + name, text, "text/vcard")
    account = ContactsAccount("cloud", url=server.url + path, user=server.user, password=lambda: server.password)
    with house(tmp_path / "state", account) as opened:
        (state,) = opened.sync()
        assert (state.state, state.error) == ("fresh", None)
        assert names([*opened.mirror.reads.people(["lea", "tom"], 5)]) == ["Lea", "Tom Roth"]
        server.delete(path + "lea.vcf")
        opened.sync()
        assert names([*opened.mirror.reads.people(["lea", "tom"], 5)]) == ["Tom Roth"]
