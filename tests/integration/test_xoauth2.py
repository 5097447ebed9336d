"""Logging in by an access token: by IMAP, SMTP and CalDAV; refusals are told, and nothing is sent where it could be read."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.smtp import MISSING, AuthResult
from dovecot_server import USER, Dovecot, running_dovecot
from http_introspection import introspection
from mail_boxes import letter
from scripted_dav import CAL, Ask, Reply, calendar, multistatus, scripted, self_signed
from smtp_sink import Sink, running_sink

from butler.core.accounts import CalendarAccount, MailAccount, SmtpServer
from butler.core.effects import SendMail
from butler.core.errors import EffectError, LoginError, SourceError
from tools.calendar import TOOL as CALENDARS
from tools.mail import TOOL as MAIL
from tools.mail.xoauth2 import reason

Tls = Literal["implicit", "starttls", "none"]
TOKEN = "ya29.a0AfB_byC-0123456789"


@contextmanager
def tokens_taken(**options: Any) -> Iterator[Dovecot]:
    """Run a Dovecot that asks an authorization server of the tests about tokens."""
    with introspection({TOKEN: USER}) as port, tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
        settings.write(
            f"introspection_mode = auth\nintrospection_url = http://127.0.0.1:{port}/\nusername_attribute = email\n"
            "active_attribute = active\nactive_value = true\n"
        )
        settings.flush()
        Path(settings.name).chmod(0o644)
        passdb = f"passdb {{\n driver = oauth2\n mechanisms = xoauth2\n args = {settings.name}\n}}"
        with running_dovecot(settings=f"auth_mechanisms = plain login xoauth2\n{passdb}", **options) as server:
            yield server


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with tokens_taken() as server:
        yield server


def mail(server: Dovecot, token: str = TOKEN, **more: Any) -> MailAccount:
    at = MailAccount("home", "localhost", server.tls_port, USER, lambda: token, ca_file=server.ca_file, timeout=10.0)
    return replace(at, login="xoauth2", **more)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_mailbox_is_opened_by_an_access_token(dovecot: Dovecot, tls: Tls) -> None:
    port = dovecot.tls_port if tls == "implicit" else dovecot.port
    with closing(MAIL.open(mail(dovecot, tls=tls, port=port))) as source:
        assert "INBOX" in [each.name for each in source.collections()]
    assert "method=XOAUTH2" in dovecot.settled_log()


def test_a_token_that_is_not_taken_is_told_with_the_servers_reason(dovecot: Dovecot) -> None:
    with pytest.raises(LoginError) as caught:
        MAIL.open(mail(dovecot, "ya29.expired")).collections()
    assert caught.value.sentence == f"localhost does not accept the access token of {USER}: status 401."
    assert "butler login mail.home" in caught.value.advice
    assert caught.value.permanent


@pytest.mark.parametrize("capability", ["IMAP4rev1 LITERAL+", "IMAP4rev1 LITERAL+ SASL-IR"])
def test_it_takes_one_step_where_the_server_can_and_two_where_not(capability: str) -> None:
    with tokens_taken(capability=capability) as server:
        with closing(MAIL.open(mail(server))) as source:
            assert source.collections()
        with pytest.raises(LoginError, match="does not accept the access token"):
            MAIL.open(mail(server, "ya29.expired")).collections()


def test_a_server_that_knows_passwords_only_is_told_and_gets_no_token() -> None:
    with running_dovecot() as server:
        with pytest.raises(SourceError, match="does not offer to log in by an access token") as caught:
            MAIL.open(mail(server)).collections()
        log = server.settled_log()
    assert "auth failed" not in log
    assert "Login:" not in log
    assert caught.value.permanent


def test_no_token_goes_over_a_connection_that_others_can_read() -> None:
    plain = MailAccount("home", "localhost", 1, USER, lambda: TOKEN, "none", login="xoauth2")
    with pytest.raises(SourceError, match="in plain text"):
        MAIL.open(plain).collections()
    dates = CalendarAccount("work", "http://localhost:1/", USER, lambda: TOKEN, login="xoauth2")
    with pytest.raises(SourceError, match="unprotected"):
        CALENDARS.open(dates).collections()
    server = SmtpServer("localhost", 1, USER, lambda: TOKEN, "none", login="xoauth2")
    hands = MAIL.hands(MailAccount("home", smtp=server))
    with pytest.raises(EffectError, match="in plain text") as caught:
        hands.look(SendMail(account="home", letter=letter()))
    assert caught.value.held


class TokenSink(Sink):
    """Takes one token and refuses others as Gmail does: with a challenge first."""

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> Any:  # noqa: N802  # aiosmtpd's
        self.log_ins += 1
        said = base64.b64decode(args[1]).decode()
        if said == f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01":
            return AuthResult(success=True, auth_data=USER)
        said = json.dumps({"status": "400", "schemes": "Bearer", "scope": "https://mail.google.com/"})
        answer = await server.challenge_auth(said, encode_to_b64=True, log_client_response=True)
        assert answer in (b"", MISSING)
        return AuthResult(success=False, handled=False)


def sending(sink: Sink, tls: Tls, token: str) -> MailAccount:
    server = SmtpServer("localhost", sink.port, USER, lambda: token, tls, sink.ca_file, timeout=3.0, login="xoauth2")
    return MailAccount("home", smtp=server)


def send(at: MailAccount) -> str:
    effect = SendMail(account="home", letter=letter())
    with closing(MAIL.hands(at)) as hands:
        return hands.act(effect, hands.look(effect)).sentence


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_letter_is_sent_by_an_access_token(tmp_path: Path, tls: Tls) -> None:
    with running_sink(tmp_path, tls, kind=TokenSink) as sink:
        assert "sent" in send(sending(sink, tls, TOKEN))
        assert len(sink.letters) == 1
        with pytest.raises(EffectError) as caught:
            send(sending(sink, tls, "ya29.expired"))
    assert caught.value.sentence == f"localhost does not accept the access token of {USER}: status 400."
    assert "butler login mail.home" in caught.value.advice
    assert caught.value.held
    assert len(sink.letters) == 1


def test_a_sending_server_that_knows_passwords_only_is_told_and_gets_no_token(tmp_path: Path) -> None:
    with running_sink(tmp_path, "implicit") as sink:
        with pytest.raises(EffectError, match="does not offer to log in by an access token") as caught:
            send(sending(sink, "implicit", TOKEN))
        assert sink.log_ins == 0
    assert caught.value.held


def test_a_calendar_is_opened_by_an_access_token(tmp_path: Path) -> None:
    def only_with(ask: Ask) -> Reply:
        right = ask.headers.get("Authorization") == f"Bearer {TOKEN}"
        return multistatus(calendar()) if right else Reply(401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    with scripted(only_with, self_signed(tmp_path)) as (url, asked):
        at = CalendarAccount("work", url + CAL, USER, lambda: TOKEN, tmp_path / "cert.pem", timeout=10.0, login="xoauth2")
        with closing(CALENDARS.open(at)) as source:
            assert [each.name for each in source.collections()] == ["work"]
        assert all(ask.headers["Authorization"] == f"Bearer {TOKEN}" for ask in asked)
        count = len(asked)
        with pytest.raises(LoginError):
            CALENDARS.open(replace(at, password=lambda: "ya29.expired")).collections()
        assert {ask.headers["Authorization"] for ask in asked[count:]} == {"Bearer ya29.expired"}


@pytest.mark.parametrize(
    ("challenge", "words"),
    [
        (b'{"status":"400","schemes":"Bearer"}', "status 400"),
        (
            b'{"error":"invalid_request","error_description":"AADSTS700082: gone.\\r\\nTrace: 1"}',
            "AADSTS700082: gone. Trace: 1",
        ),
        (b"[1]", ""),
        (b"no json", ""),
        (b"[" * 100_000, ""),
        (b"", ""),
        (b'{"status":"' + b"x" * 5_000 + b'"}', None),
    ],
)
def test_what_a_server_has_against_a_token_is_told_in_one_short_line(challenge: bytes, words: str | None) -> None:
    found = reason(challenge)
    assert len(found) < 140
    assert words is None or found == words
