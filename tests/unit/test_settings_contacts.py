"""The settings of address books: what makes one, what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from butler.core.accounts import ContactsAccount
from butler.core.endpoints import Endpoint, of_account
from butler.core.sources import kind_of
from butler.settings import Loaded, Places, read


def look(folder: Path, toml: str, environ: Mapping[str, str] | None = None) -> Loaded:
    file = folder / "butler.toml"
    file.write_text(toml)
    return read(Places(environ={"HOME": str(folder), **(environ or {})}, config=file, folder=folder))


def test_a_server_and_a_folder_are_accounts_between_calendars_and_notes(tmp_path: Path) -> None:
    loaded = look(
        tmp_path,
        '[notes.vault]\npath = "n"\n[contacts.friends]\nurl = "https://dav.example/anna/"\nuser = "anna"\npassword = "x"\n'
        'collections = ["Friends"]\ntimeout = 5\n[contacts.own]\npath = "all.vcf"\n[calendar.family]\npath = "c"\n',
    )
    assert loaded.problems == ()
    accounts = loaded.settings.accounts()
    assert [kind_of(each) for each in accounts] == ["calendar", "contacts", "contacts", "notes"]
    friends, own = accounts[1:3]
    assert isinstance(friends, ContactsAccount)
    assert (friends.url, friends.user, friends.password(), friends.collections, friends.timeout) == (
        *("https://dav.example/anna/", "anna", "x"),
        *(("Friends",), 5.0),
    )
    assert own.path == tmp_path / "all.vcf"
    assert of_account(friends) == (Endpoint("dav.example", 443, "contacts.friends", "tls"),)
    assert of_account(own) == ()
    assert {"contacts.friends", "contacts.own"} <= loaded.settings.sources()


def test_an_address_book_comes_from_variables_and_its_password_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("correct-horse\n")
    secret.chmod(0o600)
    loaded = look(
        tmp_path,
        "",
        {
            "BUTLER_CONTACTS__FRIENDS__URL": "https://dav.example/",
            "BUTLER_CONTACTS__FRIENDS__USER": "anna",
            "BUTLER_CONTACTS__FRIENDS__PASSWORD_FILE": str(secret),
        },
    )
    assert loaded.problems == ()
    (account,) = loaded.settings.accounts()
    assert isinstance(account, ContactsAccount)
    assert account.password() == "correct-horse"
    assert "correct-horse" not in repr(account)


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("", "It has no place. Set url for a CardDAV server, or path for a folder of .vcf files or one such file."),
        ('url = "https://a.example/"\npath = "x"', "It has both url and path. Keep one"),
        ('url = "http://a.example/"', "Plain http would send your password in the clear. Use https."),
        ('url = "https://anna:x@a.example/"', "url holds a user or password"),
        ('url = "https://a.example/"\npassword = "x"', "It has a password but no user."),
        ('url = "https://a.example/"\nca_file = "x"\npin = "00"', "SHA-256"),
        ('url = "https://a.example/"\nhost = "x"', "is no setting"),
        ('path = "x"\nread_only = true', "is no setting"),
    ],
)
def test_what_does_not_fit_together_is_told_with_what_to_do(tmp_path: Path, toml: str, told: str) -> None:
    (problem,) = look(tmp_path, f"[contacts.friends]\n{toml}\n").problems
    assert told in problem
    assert "contacts.friends" in problem


def test_how_far_ahead_birthdays_are_named_can_be_set(tmp_path: Path) -> None:
    assert look(tmp_path, "[briefing]\nbirthday_days = 0\n").settings.briefing.options().birthday_days == 0
    assert look(tmp_path, "").settings.briefing.options().birthday_days == 7
    assert "birthday_days" in look(tmp_path, "[briefing]\nbirthday_days = 366\n").problems[0]
