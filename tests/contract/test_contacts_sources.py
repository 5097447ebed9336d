"""What every source of contacts keeps: CardDAV on Radicale and on Xandikos, a folder of .vcf files, and one file of many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from contact_cards import card
from dav_servers import DavServer, dav_server
from source_contract import SourceContract, only, read

from butler.core.accounts import ContactsAccount
from butler.core.contacts import Cards
from butler.core.errors import SettingsError, SourceError
from butler.core.sources import Frame, Raw, Source
from tools.contacts import TOOL

__all__ = ["dav_server"]

_books = count(1)


@dataclass
class Shelf:
    """An address book that tests write to: at a server, or in a folder."""

    account: ContactsAccount
    write: Callable[[str, str], None]
    take: Callable[[str], None]
    source: Source[Raw] = field(init=False)

    def __post_init__(self) -> None:
        self.source = TOOL.open(self.account)

    def put(self, name: str, text: str) -> None:
        self.write(self.key(name), card(name, f"NOTE:{text}"))

    def remove(self, name: str) -> None:
        self.take(self.key(name))

    def key(self, name: str) -> str:
        return f"{name}.vcf"

    def contacts(self) -> dict[str, str]:
        """The names and notes of everybody in it."""
        parsed = TOOL.parse(read(self.source, {}, None)[0], Frame())
        return {each.name: each.note for one in parsed if isinstance(one, Cards) for each in one.contacts}


def on_server(server: DavServer, path: str) -> ContactsAccount:
    return ContactsAccount("friends", url=server.url + path, user=server.user, password=lambda: server.password)


def shelf_at(server: DavServer) -> Shelf:
    path = server.make_address_book(f"book{next(_books)}")
    return Shelf(
        on_server(server, path),
        lambda key, text: server.put(path + key, text, "text/vcard"),
        lambda key: server.delete(path + key),
    )


def shelf_in(folder: Path) -> Shelf:
    def write(key: str, text: str) -> None:
        (folder / key).write_text(text)

    folder.mkdir()
    return Shelf(ContactsAccount("friends", path=folder), write, lambda key: (folder / key).unlink())


@pytest.fixture(params=["radicale", "xandikos", "folder"])
def world(request: pytest.FixtureRequest, dav_server: Callable[[str], DavServer], tmp_path: Path) -> Iterator[Shelf]:
    made = shelf_in(tmp_path / "book") if request.param == "folder" else shelf_at(dav_server(request.param))
    yield made
    made.source.close()


class TestContacts(SourceContract):
    """The suite of all sources."""

    def test_what_is_handed_over_is_parsed_into_contacts(self, filled: Shelf) -> None:
        found = filled.contacts()
        assert sorted(found) == ["five", "four", "one", "three", "two"]
        assert found["two"] == "This is two."


@pytest.mark.parametrize("software", ["radicale", "xandikos"])
def test_books_are_found_from_their_home_the_principal_and_the_root(
    software: str, dav_server: Callable[[str], DavServer]
) -> None:
    server = dav_server(software)
    name = f"found{next(_books)}"
    server.make_address_book(name)
    server.make_calendar(f"calendar-of-{name}")
    for path in dict.fromkeys((server.contacts, "/anna/", "/")):
        source = TOOL.open(on_server(server, path))
        names = {each.name for each in source.collections()}
        source.close()
        assert f"friends.{name}" in names
        assert not any("calendar-of" in each for each in names)


@pytest.mark.parametrize("software", ["radicale", "xandikos"])
def test_only_the_books_that_were_named_are_read(software: str, dav_server: Callable[[str], DavServer]) -> None:
    server = dav_server(software)
    first, other = f"one{next(_books)}", f"other{next(_books)}"
    server.make_address_book(first)
    server.make_address_book(other)
    account = on_server(server, server.contacts)
    source = TOOL.open(ContactsAccount("friends", account.url, account.user, account.password, collections=(first,)))
    assert [each.name for each in source.collections()] == [f"friends.{first}"]
    source.close()


def test_a_wrong_password_is_told_in_a_sentence_of_address_books(dav_server: Callable[[str], DavServer]) -> None:
    server = dav_server("radicale")
    source = TOOL.open(ContactsAccount("friends", server.url + server.contacts, server.user, lambda: "wrong"))
    with pytest.raises(SourceError, match=r"address book server .* refused the user or password") as told:
        source.collections()
    assert told.value.permanent


def test_a_url_of_calendars_alone_is_no_address_book(dav_server: Callable[[str], DavServer]) -> None:
    server = dav_server("radicale")
    path = server.make_calendar(f"alone{next(_books)}")
    source = TOOL.open(on_server(server, path))
    with pytest.raises(SourceError, match="There is no address book at"):
        source.collections()
    source.close()


def test_one_file_of_many_cards_is_a_book(tmp_path: Path) -> None:
    file = tmp_path / "all.vcf"
    file.write_text(card("Eva") + card("Tom"))
    source = TOOL.open(ContactsAccount("friends", path=file))
    known: dict[str, str] = {}
    (raw,), cursor = read(source, known, None)
    (parsed,) = TOOL.parse([raw], Frame())
    assert isinstance(parsed, Cards)
    assert [each.name for each in parsed.contacts] == ["Eva", "Tom"]
    assert read(source, known, cursor)[0] == []
    file.write_text(card("Eva") + card("Tom", "NOTE:new"))
    assert len(read(source, known, cursor)[0]) == 1
    file.unlink()
    with pytest.raises(SourceError, match="does not exist"):
        only(source)


def test_a_folder_of_folders_holds_a_book_each(tmp_path: Path) -> None:
    for name in ("friends", "work"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.vcf").write_text(card("Eva"))
    source = TOOL.open(ContactsAccount("own", path=tmp_path))
    assert [each.name for each in source.collections()] == ["own.friends", "own.work"]


def test_an_account_without_a_place_is_refused() -> None:
    with pytest.raises(SettingsError, match="needs a path or a url"):
        TOOL.open(ContactsAccount("friends"))
