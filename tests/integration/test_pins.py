"""What a server's certificate is held against: its authority, or a pinned digest; by mail, letters and calendars alike."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dovecot_server import PASSWORD, USER, _certify, running_dovecot
from handed_lines import Handed
from mail_boxes import letter
from scripted_dav import CAL, calendar, multistatus, scripted
from smtp_sink import running_sink

from butler.core.accounts import CalendarAccount, MailAccount, SmtpServer
from butler.core.effects import SendMail
from butler.core.errors import ButlerError, EffectError, SourceError
from tools.calendar import TOOL as CALENDARS
from tools.lines import DIRECT, encryption, shown
from tools.mail import TOOL as MAIL

OTHER = "ab" * 32
GOOD, WRONG_HOST, EXPIRED = ("DNS:localhost,IP:127.0.0.1", 30), ("DNS:elsewhere.example", 30), ("DNS:localhost", -1)


def pin_of(certificate: Path) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()


class Case:
    """A server that speaks TLS: talks to it with pins and an authority, and says whether a credential came to it."""

    def __init__(self, certificate: Path, talk: Callable[[dict[str, Any]], None], came: Callable[[], bool]) -> None:
        self.ca_file = certificate
        self.pin = pin_of(certificate)
        self.talk = talk
        self.came = came


@contextmanager
def imap(folder: Path, hosts: str, days: int, tls: Any) -> Iterator[Case]:
    with running_dovecot(hosts=hosts, days=days) as server:
        port = server.tls_port if tls == "implicit" else server.port
        at = MailAccount("home", "localhost", port, USER, lambda: PASSWORD, tls, timeout=10.0)

        def talk(trust: dict[str, Any]) -> None:
            with closing(MAIL.open(replace(at, **trust))) as source:
                assert source.collections()

        yield Case(server.ca_file, talk, lambda: any(word in server.settled_log() for word in ("Login:", "auth failed")))


@contextmanager
def smtp(folder: Path, hosts: str, days: int, tls: Any) -> Iterator[Case]:
    with running_sink(folder, tls, hosts=hosts, days=days) as sink:
        at = SmtpServer("localhost", sink.port, USER, lambda: PASSWORD, tls, timeout=3.0)
        effect = SendMail(account="home", letter=letter())

        def talk(trust: dict[str, Any]) -> None:
            with closing(MAIL.hands(MailAccount("home", smtp=replace(at, **trust)))) as hands:
                hands.act(effect, hands.look(effect))

        assert sink.ca_file is not None
        yield Case(sink.ca_file, talk, lambda: sink.log_ins > 0)


@contextmanager
def caldav(folder: Path, hosts: str, days: int, tls: Any) -> Iterator[Case]:
    _certify(folder, hosts, days)
    with scripted(lambda _: multistatus(calendar()), folder) as (url, asked):
        at = CalendarAccount("work", url.replace("127.0.0.1", "localhost") + CAL, USER, lambda: PASSWORD, timeout=10.0)

        def talk(trust: dict[str, Any]) -> None:
            with closing(CALENDARS.open(replace(at, **trust))) as source:
                assert source.collections()

        yield Case(folder / "cert.pem", talk, lambda: bool(asked))


EVERY = [(imap, "implicit"), (imap, "starttls"), (smtp, "implicit"), (smtp, "starttls"), (caldav, "")]
every = pytest.mark.parametrize(("server", "tls"), EVERY, ids=[f"{make.__name__}-{tls}".strip("-") for make, tls in EVERY])


def refused(case: Case, **trust: Any) -> ButlerError:
    with pytest.raises((SourceError, EffectError)) as caught:
        case.talk(trust)
    error = caught.value
    assert isinstance(error, SourceError | EffectError)
    assert error.permanent
    assert not case.came()
    return error


@every
def test_a_pinned_certificate_is_enough_and_no_other_will_do(server: Any, tls: str, tmp_path: Path) -> None:
    with server(tmp_path, *GOOD, tls) as case:
        error = refused(case, pins=(OTHER,))
        assert f"its SHA-256 is {shown(case.pin)}" in error.sentence
        assert "openssl x509" in error.advice
        assert "pin of the " in error.advice
        refused(case)
        case.talk({"pins": (case.pin,)})
        assert case.came()


@every
def test_one_of_several_pins_is_enough_so_that_a_certificate_can_be_renewed(server: Any, tls: str, tmp_path: Path) -> None:
    with server(tmp_path, *GOOD, tls) as case:
        case.talk({"pins": (OTHER, case.pin)})
        assert case.came()


@every
def test_an_expired_certificate_for_another_name_is_taken_where_it_is_pinned(server: Any, tls: str, tmp_path: Path) -> None:
    with server(tmp_path, "DNS:elsewhere.example", -1, tls) as case:
        refused(case, ca_file=case.ca_file)
        case.talk({"pins": (case.pin,)})
        assert case.came()


@every
def test_without_a_pin_the_name_has_to_be_right(server: Any, tls: str, tmp_path: Path) -> None:
    with server(tmp_path, *WRONG_HOST, tls) as case:
        refused(case, ca_file=case.ca_file)


@every
def test_without_a_pin_the_authoritys_word_counts(server: Any, tls: str, tmp_path: Path) -> None:
    with server(tmp_path, *GOOD, tls) as case:
        case.talk({"ca_file": case.ca_file})
        assert case.came()


@every
def test_a_file_of_authorities_that_is_not_there_is_told(server: Any, tls: str, tmp_path: Path) -> None:
    with server(tmp_path, *GOOD, tls) as case:
        assert "cannot be read" in refused(case, ca_file=tmp_path / "none.pem").sentence


@contextmanager
def old_tls(folder: Path) -> Iterator[int]:
    """A server that speaks nothing newer than TLS 1.1, and says so to everybody who comes."""
    _certify(folder, *GOOD)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    plain, _ = server.accept()
                except OSError:
                    return
                with plain, suppress(OSError), context.wrap_socket(plain, server_side=True) as secure:
                    secure.sendall(b"* OK ready\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def greeting_over_old_tls(port: int) -> bytes:
    """What a client gets that takes anything: the server does speak."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", port), 5) as plain, context.wrap_socket(plain) as secure:
        return secure.recv(100)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("pinned", [False, True])
def test_what_is_older_than_tls_1_2_is_refused_even_where_it_is_pinned(pinned: bool, tmp_path: Path) -> None:
    with old_tls(tmp_path) as port:
        file = tmp_path / "cert.pem"
        assert greeting_over_old_tls(port) == b"* OK ready\r\n"
        trust: dict[str, Any] = {"pins": (pin_of(file),)} if pinned else {"ca_file": file}
        mail = MailAccount("home", "localhost", port, USER, lambda: PASSWORD, timeout=10.0)
        sent = SmtpServer("localhost", port, USER, lambda: PASSWORD, timeout=3.0)
        dates = CalendarAccount("work", f"https://localhost:{port}/", USER, lambda: PASSWORD, timeout=10.0)
        with pytest.raises(SourceError, match=r"does not speak TLS|closed the connection"):
            MAIL.open(replace(mail, **trust)).collections()
        effect = SendMail(account="home", letter=letter())
        hands = MAIL.hands(MailAccount("home", smtp=replace(sent, **trust)))
        with pytest.raises(EffectError, match=r"does not speak TLS|closed the connection"):
            hands.act(effect, hands.look(effect))
        with pytest.raises(SourceError, match=r"cannot be trusted|could not be reached"):
            CALENDARS.open(replace(dates, **trust)).collections()


def test_libraries_cannot_widen_whom_a_context_trusts(tmp_path: Path) -> None:
    _certify(tmp_path, *GOOD)
    context = encryption(DIRECT, "localhost", 993, ca_file=tmp_path / "cert.pem")
    before = context.get_ca_certs(), context.cert_store_stats()
    context.load_default_certs()
    assert (context.get_ca_certs(), context.cert_store_stats()) == before
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_whoever_dialled_learns_what_a_pinned_connection_was_encrypted_with(tmp_path: Path) -> None:
    dial = Handed()
    with running_dovecot() as server:
        pin = pin_of(server.ca_file)
        at = MailAccount("home", "localhost", server.tls_port, USER, lambda: PASSWORD, timeout=10.0, pins=(pin,))
        with closing(MAIL.open(at, dial=dial)) as source:
            source.collections()
        with pytest.raises(SourceError):
            MAIL.open(replace(at, pins=(OTHER,)), dial=dial).collections()
    ((host, port, version, certificate),) = dial.certificates
    assert (host, port, version) == ("localhost", server.tls_port, "TLSv1.3")
    assert hashlib.sha256(certificate).hexdigest() == pin
