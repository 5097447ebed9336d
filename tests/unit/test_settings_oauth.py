"""How log-ins by OAuth are set: presets, addresses of one's own, and what does not fit together."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from butler.core.accounts import CalendarAccount, MailAccount
from butler.core.endpoints import Endpoint
from butler.oauth.access import AccessToken, of_login
from butler.oauth.provider import PROVIDERS
from butler.settings import Loaded, Places, read
from butler.settings.secrets import written_out

MAIL = {
    "BUTLER_OWNER__ADDRESSES": "anna@berger.example",
    "BUTLER_MAIL__HOME__HOST": "imap.berger.example",
    "BUTLER_MAIL__HOME__USER": "anna@berger.example",
    "BUTLER_MAIL__HOME__SMTP__HOST": "smtp.berger.example",
}
CALENDAR = {"BUTLER_CALENDAR__HOME__URL": "https://dav.example/", "BUTLER_CALENDAR__HOME__USER": "anna"}
CUSTOM = {
    "PROVIDER": "custom",
    "CLIENT_ID": "id",
    "TOKEN_URL": "https://login.example/token",
    "DEVICE_URL": "https://l.example/d",
}


def loaded(folder: Path, base: dict[str, str], prefix: str = "BUTLER_MAIL__HOME__OAUTH__", **oauth: str) -> Loaded:
    """Settings with a log-in by OAuth."""
    given = {f"{prefix}{name}": value for name, value in oauth.items()}
    return read(Places(environ={"HOME": str(folder), **base, **given}, folder=folder))


def mail(folder: Path, **oauth: str) -> MailAccount:
    """The mail account of such settings."""
    found = loaded(folder, MAIL, **oauth)
    assert found.problems == ()
    (account,) = found.settings.accounts()
    assert isinstance(account, MailAccount)
    return account


def test_a_preset_needs_an_id_alone(tmp_path: Path) -> None:
    account = mail(tmp_path, PROVIDER="microsoft", CLIENT_ID="id")
    token = account.password
    assert isinstance(token, AccessToken)
    assert (account.login, token.name, token.client.id, token.client.secret()) == ("xoauth2", "mail.home", "id", "")
    assert token.client.provider == PROVIDERS["microsoft"]
    assert "offline_access" in token.client.scopes
    assert token.state == tmp_path / ".local/state/butler"
    assert of_login(account) == (Endpoint("login.microsoftonline.com", 443, "login.home", "tls"),)


def test_google_is_agreed_to_in_a_browser_alone_and_asked_for_mail_or_calendars(tmp_path: Path) -> None:
    token = mail(tmp_path, PROVIDER="google", CLIENT_ID="id", CLIENT_SECRET="s").password
    assert isinstance(token, AccessToken)
    assert (token.client.provider.device, token.client.scopes) == ("", ("https://mail.google.com/",))
    (account,) = loaded(
        tmp_path, CALENDAR, "BUTLER_CALENDAR__HOME__OAUTH__", PROVIDER="google", CLIENT_ID="id"
    ).settings.accounts()
    assert isinstance(account, CalendarAccount)
    assert isinstance(account.password, AccessToken)
    assert (account.login, account.password.name) == ("xoauth2", "calendar.home")
    assert account.password.client.scopes == ("https://www.googleapis.com/auth/calendar",)


def test_addresses_of_ones_own_come_before_those_of_a_preset(tmp_path: Path) -> None:
    token = mail(tmp_path, PROVIDER="microsoft", CLIENT_ID="id", TOKEN_URL="https://login.example/t", SCOPES="a, b").password
    assert isinstance(token, AccessToken)
    assert (token.client.provider.token, token.client.scopes) == ("https://login.example/t", ("a", "b"))
    assert token.client.provider.device == PROVIDERS["microsoft"].device


def test_sending_goes_by_the_same_log_in_unless_it_has_a_password_of_its_own(tmp_path: Path) -> None:
    account = mail(tmp_path, **CUSTOM)
    assert account.smtp
    assert (account.smtp.login, account.smtp.password) == ("xoauth2", account.password)
    own = loaded(tmp_path, MAIL | {"BUTLER_MAIL__HOME__SMTP__PASSWORD": "p"}, **CUSTOM).settings.accounts()[0]
    assert isinstance(own, MailAccount)
    assert own.smtp
    assert (own.login, own.smtp.login, own.smtp.password()) == ("xoauth2", "password", "p")


def test_a_password_is_a_password(tmp_path: Path) -> None:
    (account,) = loaded(tmp_path, MAIL | {"BUTLER_MAIL__HOME__PASSWORD": "p"}).settings.accounts()
    assert isinstance(account, MailAccount)
    assert account.smtp
    assert (account.login, account.smtp.login, of_login(account)) == ("password", "password", ())


@pytest.mark.parametrize(
    ("oauth", "words"),
    [
        ({"PROVIDER": "google"}, "oauth has no client_id."),
        ({"CLIENT_ID": "id"}, "oauth has no provider."),
        ({"PROVIDER": "hotmail", "CLIENT_ID": "id"}, "must be"),
        ({"PROVIDER": "custom", "CLIENT_ID": "id", "DEVICE_URL": "https://a.example/"}, "oauth has no token_url."),
        ({"PROVIDER": "custom", "CLIENT_ID": "id", "TOKEN_URL": "https://a.example/"}, "neither authorize_url nor device_url"),
        ({**CUSTOM, "TOKEN_URL": "http://login.example/token"}, "oauth.token_url is not an https address."),
        ({**CUSTOM, "DEVICE_URL": "login.example"}, "oauth.device_url is not an https address."),
        ({**CUSTOM, "TOKEN_URL": "https://anna:pw@login.example/"}, "oauth.token_url is not an https address."),
        ({**CUSTOM, "CLIENT_ID": "a b"}, "must match"),
        ({**CUSTOM, "CLIENT_SECRET_COMMAND": ""}, ""),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, oauth: dict[str, str], words: str) -> None:
    problems = " ".join(loaded(tmp_path, MAIL, **oauth).problems)
    assert words in problems
    assert bool(problems) is bool(words)
    assert "pw" not in problems


def test_a_password_beside_it_is_one_too_many(tmp_path: Path) -> None:
    (problem,) = loaded(tmp_path, MAIL | {"BUTLER_MAIL__HOME__PASSWORD": "p"}, **CUSTOM).problems
    assert problem.endswith("It has both a password and oauth.provider. Keep one.")


def test_plain_text_is_for_a_server_on_this_machine(tmp_path: Path) -> None:
    urls = {"TOKEN_URL": "http://127.0.0.1:8080/token", "DEVICE_URL": "http://localhost:8080/device"}
    assert list(mail(tmp_path, **(CUSTOM | urls)).password.endpoints()) == [  # type: ignore[attr-defined]
        Endpoint("127.0.0.1", 8080, "login.home", "none"),
        Endpoint("localhost", 8080, "login.home", "none"),
    ]


def test_its_secret_takes_every_form_and_is_left_out_of_logs_and_of_what_is_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("correct horse\n")
    (tmp_path / "secret").chmod(0o600)
    ways = {"CLIENT_SECRET": "correct horse", "CLIENT_SECRET_FILE": "secret", "CLIENT_SECRET_COMMAND": "echo correct horse"}
    for name, value in ways.items():
        account = mail(tmp_path, **CUSTOM, **{name: value})
        assert isinstance(account.password, AccessToken)
        assert account.password.client.secret() == "correct horse"
        assert "correct" not in repr(account)
        assert pickle.loads(pickle.dumps(account)) == account
    settings = loaded(tmp_path, MAIL, **CUSTOM, CLIENT_SECRET="correct horse").settings
    assert "correct horse" in set(written_out(settings))
