"""Whom the settings name: every server with its port and what it is there for."""

from pathlib import Path
from typing import Literal

import pytest

from butler.core.accounts import CalendarAccount, MailAccount, ModelHost, NotesFolder, SmtpServer
from butler.core.endpoints import Encryption, Endpoint, of_account, of_all, of_model, of_notices, plain_host
from butler.settings import Places, read
from butler.settings.endpoints import endpoints


def test_a_mailbox_is_read_and_sent_from() -> None:
    account = MailAccount("home", "IMAP.example.org.", 143, smtp=SmtpServer("smtp.example.org", 587))
    assert of_account(account) == (
        Endpoint("imap.example.org", 143, "mail.home", "tls"),
        Endpoint("smtp.example.org", 587, "smtp.home", "tls"),
    )


def test_what_lies_in_a_folder_has_no_server() -> None:
    assert of_account(MailAccount("home", path=Path("/mail"))) == ()
    assert of_account(CalendarAccount("home", path=Path("/calendars"))) == ()
    assert of_account(NotesFolder("notes", Path("/notes"))) == ()


def test_a_maildir_may_send_by_a_server() -> None:
    account = MailAccount("home", path=Path("/mail"), smtp=SmtpServer("smtp.example.org"))
    assert of_account(account) == (Endpoint("smtp.example.org", 465, "smtp.home", "tls"),)


@pytest.mark.parametrize(("tls", "encryption"), [("implicit", "tls"), ("starttls", "tls"), ("none", "none")])
def test_what_the_settings_say_of_encryption_goes_with_it(
    tls: Literal["implicit", "starttls", "none"], encryption: str
) -> None:
    account = MailAccount("home", "localhost", 143, tls=tls, smtp=SmtpServer("localhost", 25, tls=tls))
    assert [each.encryption for each in of_account(account)] == [encryption] * 2
    # Whoever sends a notice does not tell how.
    assert {each.encryption for each in of_notices(["json://localhost", "jsons://localhost"], ["x.example"])} == {"unknown"}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://dav.example.org/anna/", ("dav.example.org", 443)),
        ("https://dav.example.org:8443/anna/", ("dav.example.org", 8443)),
        ("http://localhost/anna/", ("localhost", 80)),
        ("http://[::1]:5232/", ("::1", 5232)),
        ("HTTPS://DAV.Example.ORG", ("dav.example.org", 443)),
    ],
)
def test_an_address_names_a_host_and_a_port(url: str, place: tuple[str, int]) -> None:
    encryption: Encryption = "tls" if url.lower().startswith("https:") else "none"
    assert of_account(CalendarAccount("home", url)) == (Endpoint(*place, "calendar.home", encryption),)
    assert of_model(ModelHost(url)) == (Endpoint(*place, "model", encryption),)


def test_no_address_names_nobody() -> None:
    assert of_account(CalendarAccount("home", "")) == ()
    assert of_model(None) == ()


@pytest.mark.parametrize(
    ("url", "places"),
    [
        ("ntfys://ntfy.example/me", [("ntfy.example", 443)]),
        ("ntfy://ntfy.example:8080/me", [("ntfy.example", 8080)]),
        ("ntfy://topic", [("ntfy.sh", 443)]),
        ("json://127.0.0.1:8765/x", [("127.0.0.1", 8765)]),
        ("jsons://[fd00::7]/x", [("fd00::7", 443)]),
        ("mailtos://u:p@smtp.example.org", [("smtp.example.org", 587)]),
        ("mailto://u:p@smtp.example.org", [("smtp.example.org", 25)]),
        ("tgram://123:abc/4", [("api.telegram.org", 443)]),
        ("slack://A/B/C/#x", [("hooks.slack.com", 443), ("slack.com", 443)]),
        ("gotify://localhost/t", [("localhost", 80)]),
        ("gotify://host.example:99999/t", [("host.example", 80)]),
        ("dbus://", []),
        ("nonsense", []),
    ],
)
def test_notices_go_where_their_addresses_say(url: str, places: list[tuple[str, int]]) -> None:
    assert [(each.host, each.port) for each in of_notices([url])] == places
    assert {each.purpose for each in of_notices([url])} <= {"notices"}


def test_notices_go_also_by_hosts_that_are_set() -> None:
    assert of_notices(["mailto://u:p@gmail.example"], ["smtp.gmail.example:587", "api.example", "[fd00::8]:99"])[1:] == (
        Endpoint("smtp.gmail.example", 587, "notices"),
        Endpoint("api.example", 443, "notices"),
        Endpoint("fd00::8", 99, "notices"),
    )


def test_each_is_named_once() -> None:
    account = MailAccount("home", "mail.example.org", 993)
    assert of_all([account, account], None, [Endpoint("x.example", 1, "notices")] * 2) == (
        Endpoint("mail.example.org", 993, "mail.home", "tls"),
        Endpoint("x.example", 1, "notices"),
    )
    assert plain_host("[FD00::7]") == "fd00::7"


def test_the_settings_name_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "butler.toml").write_text(
        f"""
        state_dir = "{tmp_path}/state"
        [mail.home]
        host = "imap.example.org"
        user = "anna@example.org"
        password = "secret"
        [mail.home.smtp]
        host = "smtp.example.org"
        [mail.work]
        host = "outlook.example.org"
        user = "anna@work.example"
        [mail.work.oauth]
        provider = "microsoft"
        client_id = "abc"
        [calendar.family]
        url = "https://dav.example.org/x/"
        [model]
        url = "http://gpu.example.org:11434"
        name = "good"
        [notices]
        hosts = ["smtp.gmail.example:587"]
        """
    )
    loaded = read(Places(environ={}, overrides={}, config=tmp_path / "butler.toml", env_file=None, folder=tmp_path))
    assert loaded.problems == ()
    found = [(each.purpose, each.host, each.port) for each in endpoints(loaded.settings, ["ntfys://ntfy.example/me"])]
    assert found == [
        ("mail.home", "imap.example.org", 993),
        ("smtp.home", "smtp.example.org", 465),
        ("mail.work", "outlook.example.org", 993),
        ("calendar.family", "dav.example.org", 443),
        ("model", "gpu.example.org", 11434),
        ("login.work", "login.microsoftonline.com", 443),
        ("notices", "ntfy.example", 443),
        ("notices", "smtp.gmail.example", 587),
    ]


def test_a_host_for_notices_is_a_host(tmp_path: Path) -> None:
    (tmp_path / "butler.toml").write_text('[notices]\nhosts = ["https://x.example/y", "fine.example"]\n')
    loaded = read(Places(environ={}, overrides={}, config=tmp_path / "butler.toml", env_file=None, folder=tmp_path))
    (problem,) = loaded.problems
    assert "must be hosts such as api.example.org or smtp.example.org:587, not 'https://x.example/y'" in problem
