"""Pinned certificates in the settings: how they are written, what is refused, and what comes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from butler.core.accounts import CalendarAccount, MailAccount
from butler.core.errors import SettingsError
from butler.settings import Places, Settings
from butler.settings.load import load

DIGEST = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4
SHOWN = ":".join(DIGEST[at : at + 2] for at in range(0, 64, 2)).upper()
MAIL = '[mail.home]\nhost = "imap.example"\nuser = "anna@berger.example"\npassword = "x"\n'
CALENDAR = '[calendar.family]\nurl = "https://dav.example/"\nuser = "anna"\npassword = "x"\n'


def settings(folder: Path, toml: str, **environ: str) -> Settings:
    (folder / "butler.toml").write_text(toml)
    (folder / "butler.toml").chmod(0o600)
    given = {"HOME": str(folder), "BUTLER_OWNER__ADDRESSES": "anna@berger.example", **environ}
    return load(Places(environ=given, overrides={}, config=folder / "butler.toml", folder=folder))


def mail(loaded: Settings) -> MailAccount:
    return loaded.mail["home"].account("home")


def refusal(folder: Path, toml: str) -> str:
    with pytest.raises(SettingsError) as caught:
        settings(folder, toml)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "pins"),
    [
        (f'"{DIGEST}"', (DIGEST,)),
        (f'"{DIGEST.upper()}"', (DIGEST,)),
        (f'"{SHOWN}"', (DIGEST,)),
        (f'["{SHOWN}", "{OTHER}"]', (DIGEST, OTHER)),
        (f'"{SHOWN}, {OTHER}"', (DIGEST, OTHER)),
        ("[]", ()),
    ],
)
def test_a_pin_is_written_with_or_without_colons_alone_or_several(tmp_path: Path, written: str, pins: tuple[str, ...]) -> None:
    assert mail(settings(tmp_path, f"{MAIL}pin = {written}\n")).pins == pins


def test_a_pin_stands_in_the_environment_too(tmp_path: Path) -> None:
    assert mail(settings(tmp_path, MAIL, BUTLER_MAIL__HOME__PIN=f"{SHOWN},{OTHER}")).pins == (DIGEST, OTHER)


def test_each_server_has_pins_of_its_own(tmp_path: Path) -> None:
    toml = f'{MAIL}pin = "{DIGEST}"\n[mail.home.smtp]\nhost = "smtp.example"\npin = "{OTHER}"\n{CALENDAR}pin = "{SHOWN}"\n'
    loaded = settings(tmp_path, toml)
    at = mail(loaded)
    dates = loaded.calendar["family"].account("family")
    assert at.smtp is not None
    assert (at.pins, at.smtp.pins) == ((DIGEST,), (OTHER,))
    assert isinstance(dates, CalendarAccount)
    assert dates.pins == (DIGEST,)


def test_without_a_pin_there_is_none(tmp_path: Path) -> None:
    toml = f'{MAIL}[mail.home.smtp]\nhost = "smtp.example"\n{CALENDAR}'
    loaded = settings(tmp_path, toml)
    at = mail(loaded)
    assert at.smtp is not None
    assert at.pins == at.smtp.pins == loaded.calendar["family"].account("family").pins == ()


@pytest.mark.parametrize("wrong", ["abc", DIGEST[:40], DIGEST + "00", DIGEST[:-1] + "g", f"sha256:{DIGEST}"])
def test_what_is_no_digest_is_refused_with_a_sentence(tmp_path: Path, wrong: str) -> None:
    told = refusal(tmp_path, f'{MAIL}pin = "{wrong}"\n')
    assert "mail.home.pin" in told
    assert "must be the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons" in told


@pytest.mark.parametrize("table", [MAIL, f'{MAIL}[mail.home.smtp]\nhost = "smtp.example"\n', CALENDAR])
def test_a_pin_and_an_authority_are_one_too_many(tmp_path: Path, table: str) -> None:
    told = refusal(tmp_path, f'{table}pin = "{DIGEST}"\nca_file = "/etc/ca.pem"\n')
    assert "It has both pin and ca_file. Keep one" in told
