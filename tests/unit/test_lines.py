"""Whom a connection trusts where nothing is set, and how a digest is shown."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from butler.core.errors import SourceError
from tools import lines
from tools.lines import DIRECT, encryption, shown


def test_a_digest_is_shown_as_openssl_prints_it() -> None:
    assert shown("00ff10" + "ab" * 29) == "00:FF:10" + ":AB" * 29


def test_without_anything_set_the_systems_authorities_are_asked() -> None:
    usual = ssl.create_default_context()
    made = encryption(DIRECT, "mail.example", 993)
    assert sorted(made.get_ca_certs(binary_form=True)) == sorted(usual.get_ca_certs(binary_form=True))
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_the_systems_bundle_is_found_where_openssl_knows_of_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = ssl.DefaultVerifyPaths("", "", "", "", "", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    bundle = tmp_path / "bundle.crt"
    bundle.write_text("".join(map(ssl.DER_cert_to_PEM_cert, ssl.create_default_context().get_ca_certs(binary_form=True)[:3])))
    monkeypatch.setattr(lines, "_BUNDLES", ("/nowhere/bundle.crt", str(bundle), "/etc/passwd"))
    assert lines._bundles() == [str(bundle)]
    encryption(DIRECT, "mail.example", 993)


def test_the_environment_has_no_say_in_whom_a_pin_trusts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    made = encryption(DIRECT, "mail.example", 993, pins=("ab" * 32,))
    assert not (tmp_path / "keys").exists()
    assert str(made.keylog_filename) == "None"
    assert made.get_ca_certs() == []


def test_an_authority_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(SourceError, match="cannot be read") as caught:
        encryption(DIRECT, "mail.example", 993, ca_file=tmp_path / "ca.pem")
    assert caught.value.permanent
