"""Access tokens renewed at a real log-in server: once, kept before they are used, and never asked for in vain."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from oauth_case import NAME, access_token, asking, client_of, logged_in
from oauth_server import SECRET, OauthServer, running_oauth

from butler.core.accounts import MailAccount, SmtpServer
from butler.core.errors import LoginError, SourceError
from butler.oauth import grant, wire
from butler.oauth.access import of_login, renewed_by
from butler.oauth.tokens import Kept, Tokens


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OauthServer]:
    with running_oauth() as running:
        yield running


def kill_when_answered(server: OauthServer, state: Path) -> None:
    """Have a process ask for a new token and be killed as soon as one was made, however soon it asks."""
    found: queue.SimpleQueue[int] = queue.SimpleQueue()
    server.before = lambda: os.kill(found.get(timeout=60), signal.SIGKILL)
    child = asking(server, state)
    found.put(child.pid)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    server.before = lambda: None


def kept(state: Path) -> Kept:
    found = Tokens(state).read(NAME)
    assert found
    return found


def failure(server: OauthServer, state: Path) -> SourceError:
    with pytest.raises(SourceError) as raised:
        access_token(server, state)()
    assert not any(secret in str(raised.value) for secret in (SECRET, "refresh-", "access-"))
    return raised.value


def test_a_token_that_holds_is_taken_from_the_disk_alone(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path, left=5)
    assert access_token(server, tmp_path)() == "access-first"
    assert server.asked == []


def test_one_that_is_about_to_run_out_is_renewed_once_and_the_new_refresh_token_is_kept(
    server: OauthServer, tmp_path: Path
) -> None:
    logged_in(server, tmp_path)
    token = access_token(server, tmp_path)
    first = token()
    assert (token(), first in server.valid, first) == (first, True, kept(tmp_path).access)
    assert kept(tmp_path).refresh == server.refresh != "refresh-first"
    assert 3500 < kept(tmp_path).ends - time.time() <= 3600
    ((path, form),) = server.asked
    assert (path, form["grant_type"], form["refresh_token"], form["client_secret"]) == (
        *("/token", "refresh_token", "refresh-first"),
        SECRET,
    )


def test_a_server_that_hands_out_no_new_refresh_token_leaves_the_old_one_good(tmp_path: Path) -> None:
    with running_oauth(rotates=False) as server:
        logged_in(server, tmp_path)
        access_token(server, tmp_path)()
        assert kept(tmp_path).refresh == "refresh-first"


def test_it_is_renewed_where_the_clock_was_put_back(server: OauthServer, tmp_path: Path) -> None:
    before = logged_in(server, tmp_path, left=1000)
    Tokens(tmp_path).keep(NAME, replace(before, began=time.time() + 86_400, ends=time.time() + 90_000))
    assert access_token(server, tmp_path)() in server.valid


def test_over_tls_by_the_authority_that_is_set_and_by_no_other(tmp_path: Path) -> None:
    with running_oauth(tmp_path) as server:
        logged_in(server, tmp_path)
        server_without = replace(server, ca_file=None)
        error = failure(server_without, tmp_path)
        assert (error.permanent, "is not trusted" in str(error), server.asked) == (True, True, [])
        assert kept(tmp_path).asked == 0
        assert access_token(server, tmp_path)() in server.valid


def test_what_is_renewed_is_on_the_disk_before_it_is_used(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    seen: list[float] = []
    server.before = lambda: seen.append(kept(tmp_path).asked)
    (tmp_path / "tokens/mail.home.part").mkdir()
    error = failure(server, tmp_path)
    assert "cannot be written" in str(error)
    assert (server.asked, seen) == ([], [])


def test_an_answer_that_cannot_be_kept_is_not_used(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    server.before = (tmp_path / "tokens/mail.home.part").mkdir
    assert "cannot be written" in str(failure(server, tmp_path))
    assert kept(tmp_path).access == "access-first"


def test_eight_threads_and_four_processes_at_once_make_one_renewal(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    server.before = lambda: time.sleep(1.5)
    token, found = access_token(server, tmp_path), list[str]()
    threads = [threading.Thread(target=lambda: found.append(token())) for _ in range(8)]
    children = [asking(server, tmp_path) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
        found.append(out.strip())
    assert (len(found), len(set(found)), len(server.asked)) == (12, 1, 1)


def test_killed_after_the_server_rotated_the_state_says_what_came_of_it(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    kill_when_answered(server, tmp_path)
    # The lock went with the process, and the old log-in is whole; the server does not take it any more.
    began = time.monotonic()
    error = failure(server, tmp_path)
    assert time.monotonic() - began < 5
    assert isinstance(error, LoginError)
    assert "was cut short, so that what came of it was lost. Log in again with `butler login mail.home`." in str(error)


def test_killed_then_where_the_server_takes_the_old_one_again_all_is_well(tmp_path: Path) -> None:
    with running_oauth(rotates=False) as server:
        logged_in(server, tmp_path)
        kill_when_answered(server, tmp_path)
        assert access_token(server, tmp_path)() in server.valid
        assert (kept(tmp_path).asked, kept(tmp_path).refused) == (0, "")


@pytest.mark.parametrize("moment", range(0, 60, 6))
def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path, moment: int) -> None:
    with running_oauth(rotates=False) as server:
        logged_in(server, tmp_path)
        child = asking(server, tmp_path)
        time.sleep(0.1 + moment / 200)
        child.kill()
        child.communicate()
        assert access_token(server, tmp_path)() in server.valid


def test_a_refused_log_in_is_told_and_not_tried_again(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    server.refresh = "another"
    for _ in range(5):
        error = failure(server, tmp_path)
        assert isinstance(error, LoginError)
        assert error.permanent
        sentence = "localhost does not accept the log-in of mail.home any more."
        assert str(error) == f"{sentence} Log in again with `butler login mail.home`."
    assert len(server.asked) == 1


def test_nobody_logged_in_yet_is_told(server: OauthServer, tmp_path: Path) -> None:
    error = failure(server, tmp_path)
    assert isinstance(error, LoginError)
    assert str(error) == "Nobody is logged in to mail.home yet. Log in with `butler login mail.home`."
    assert server.asked == []


def test_a_log_in_of_another_client_is_not_used(server: OauthServer, tmp_path: Path) -> None:
    before = logged_in(server, tmp_path, left=1000)
    Tokens(tmp_path).keep(NAME, replace(before, client="another"))
    assert "Nobody is logged in" in str(failure(server, tmp_path))


def test_a_log_in_that_cannot_be_renewed_ends(server: OauthServer, tmp_path: Path) -> None:
    before = logged_in(server, tmp_path)
    Tokens(tmp_path).keep(NAME, replace(before, refresh=""))
    assert "has run out, and cannot be renewed. Log in again" in str(failure(server, tmp_path))
    assert server.asked == []


def test_a_client_that_is_not_known_is_told_and_tried_again_when_the_settings_are_mended(
    server: OauthServer, tmp_path: Path
) -> None:
    logged_in(server, tmp_path)
    error = failure(replace(server, secret="wrong"), tmp_path)
    assert isinstance(error, LoginError)
    assert "does not renew the log-in of mail.home (invalid_client): Who are you?." in str(error)
    assert "Check client_id and client_secret" in str(error)
    assert access_token(server, tmp_path)() in server.valid


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (500, "cannot log anybody in at the moment (it answers 500)"),
        (503, "it answers 503"),
        (429, "it answers 429"),
        ("temporarily_unavailable", "at the moment (temporarily_unavailable)"),
        (b"", "does not answer as a log-in server does"),
        (b"<html>Welcome to the hotel</html>", "does not answer as a log-in server does"),
        (b"[1, 2]", "does not answer as a log-in server does"),
        (b'{"access_token": 7}', "does not answer as a log-in server does"),
        (b'{"access_token": "a\\r\\nb"}', "does not answer as a log-in server does"),
        (b'{"access_token": "access-x", "token_type": "mac"}', "does not answer as a log-in server does"),
        (b'{"access_token": "access-x", "refresh_token": "\\u00e9"}', "does not answer as a log-in server does"),
        (b"[" * 100_000, "does not answer as a log-in server does"),
        ("huge", "answers with more than 128 KB"),
        ("cut", "ended the connection before it answered"),
        ("redirect", "sends us elsewhere, which is not followed"),
    ],
)
def test_what_a_server_says_otherwise_is_a_sentence_and_the_log_in_stays(
    server: OauthServer, tmp_path: Path, order: Any, words: str
) -> None:
    logged_in(server, tmp_path)
    server.orders.append(order)
    error = failure(server, tmp_path)
    assert words in str(error)
    assert not isinstance(error, LoginError)
    assert access_token(server, tmp_path)() in server.valid
    assert server.times("/elsewhere") == 0


@pytest.mark.parametrize("order", ["hang", "drip"])
def test_a_server_that_never_comes_to_an_end_is_left(
    server: OauthServer, tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(server, tmp_path)
    server.orders.append(order)
    with monkeypatch.context() as quick:
        # It gets a second to answer; one that is well has more of them, whatever else the machine does.
        quick.setattr(grant.ask_token, "__defaults__", (1.0,))
        began = time.monotonic()
        failure(server, tmp_path)
        assert time.monotonic() - began < 4
    assert access_token(server, tmp_path)() in server.valid


def test_what_a_server_repeats_of_our_secrets_is_not_shown(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    echo = {"error": "invalid_request", "error_description": f"Bad: client_secret={SECRET}"}
    server.orders.append((400, echo))
    assert "(invalid_request)." in str(failure(server, tmp_path))


@pytest.mark.parametrize("told", [None, "soon", -5, 0, 1e300, [], "3600", True])
def test_a_life_of_nonsense_is_taken_for_a_usual_or_the_longest_one(tmp_path: Path, told: Any) -> None:
    with running_oauth(seconds=told) as server:
        logged_in(server, tmp_path)
        access_token(server, tmp_path)()
        assert 0 < kept(tmp_path).ends - time.time() <= 86_400


def test_plain_text_goes_to_this_machine_alone(tmp_path: Path) -> None:
    with running_oauth() as server:
        logged_in(server, tmp_path)
        server.url = "http://login.example"
        assert "in plain text" in str(failure(server, tmp_path))


def test_a_proxy_in_the_environment_is_not_used(server: OauthServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    logged_in(server, tmp_path)
    assert access_token(server, tmp_path)() in server.valid


def test_a_host_that_is_not_there_is_told(tmp_path: Path) -> None:
    server = OauthServer(url="http://127.0.0.1:9")
    logged_in(server, tmp_path)
    assert "refuses connections" in str(failure(server, tmp_path))
    assert kept(tmp_path).asked == 0


class _Dial:
    """Dials, and knows whom."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, int]] = []
        self.seen: list[tuple[str, int, str, bool]] = []

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        self.dialled.append((host, port))
        return socket.create_connection((host, port), seconds)

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        self.seen.append((host, port, version[:4], len(certificate) > 100))


def test_the_connections_are_the_dialers_who_learns_of_the_encryption(tmp_path: Path) -> None:
    with running_oauth(tmp_path) as server:
        logged_in(server, tmp_path)
        dial, secret = _Dial(), access_token(server, tmp_path)
        smtp = SmtpServer("smtp.example", password=secret, login="xoauth2")
        account = MailAccount("home", "imap.example", password=secret, smtp=smtp, login="xoauth2")
        dialled = renewed_by(account, dial)
        assert isinstance(dialled, MailAccount)
        assert dialled.smtp
        assert dialled.smtp.password() == dialled.password()
        (there,) = of_login(account)
        assert dial.dialled == [(there.host, there.port)]
        assert dial.seen == [(there.host, there.port, "TLSv", True)]
        assert (there.purpose, of_login(MailAccount("home"))) == ("login.home", ())


def test_the_time_of_one_question_is_bounded_whatever_its_form(server: OauthServer) -> None:
    server.orders.append("drip")
    began = time.monotonic()
    with pytest.raises(wire.LostError):
        wire.post(f"{server.url}/token", {"a": "b"}, None, None, 0.5)
    assert time.monotonic() - began < 2


def test_what_is_kept_is_plain_to_see(server: OauthServer, tmp_path: Path) -> None:
    logged_in(server, tmp_path)
    document = json.loads((tmp_path / "tokens/mail.home.json").read_text())
    assert document.keys() == {"client", "access", "refresh", "began", "ends", "asked", "refused"}
    assert client_of(server).scopes == ("mail",)
