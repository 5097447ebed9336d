"""The two ways to log in, against a real log-in server: a code that is typed elsewhere, and a browser that comes back."""

from __future__ import annotations

import http.client
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from oauth_case import client_of
from oauth_server import SECRET, OauthServer, running_oauth

from butler.core.errors import LoginError, SourceError, StateError
from butler.oauth import device, loopback
from butler.oauth.grant import Grant


@pytest.fixture
def server() -> Iterator[OauthServer]:
    with running_oauth() as running:
        yield running


class Clock:
    """A clock that goes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def typed(server: OauthServer, clock: Clock | None = None) -> Grant:
    """Log in by a code."""
    clock = clock or Clock()
    client = client_of(server)
    return device.wait(client, device.begin(client, None), None, clock.sleep, lambda: clock.now)


def test_a_code_is_waited_for_as_often_as_the_server_likes_and_slower_when_it_says_so(server: OauthServer) -> None:
    server.polls = ["authorization_pending", "slow_down", "authorization_pending", "slow_down"]
    server.interval = 2
    clock = Clock()
    granted = typed(server, clock)
    assert clock.slept == [2, 2, 7, 7, 12]
    assert granted.access in server.valid
    assert granted.refresh == server.refresh
    form = server.asked[-1][1]
    assert (form["device_code"], form["client_secret"]) == ("device-code", SECRET)
    assert server.asked[0] == ("/device", {"client_id": "the-client", "scope": "mail"})


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("access_denied", "The log-in was declined in the browser."),
        ("expired_token", "The code has run out before anybody agreed."),
        ("invalid_grant", "localhost does not log us in (invalid_grant)"),
    ],
)
def test_a_refusal_is_a_sentence(server: OauthServer, refusal: str, words: str) -> None:
    server.polls = ["authorization_pending", refusal]
    with pytest.raises(LoginError) as raised:
        typed(server)
    assert words in str(raised.value)
    assert len(server.asked) == 3


def test_nobody_waits_longer_than_the_code_is_good_for(server: OauthServer) -> None:
    server.polls = ["authorization_pending"] * 1000
    clock = Clock()
    with pytest.raises(LoginError, match="has run out"):
        typed(server, clock)
    assert 590 <= sum(clock.slept) <= 600


def test_a_server_that_is_down_meanwhile_is_asked_less_and_less_often(server: OauthServer) -> None:
    server.orders = [500, "cut", b"<html>"]
    clock = Clock()
    assert typed(server, clock).access in server.valid
    assert clock.slept == [1, 2, 4, 8]


@pytest.mark.parametrize(
    "told",
    [
        {"verification_uri": "http://evil.example/agree"},
        {"verification_uri": "javascript:alert(1)"},
        {"verification_uri": "https://a.example/\x1b[2J"},
        {"verification_uri": "https://a.example/ or https://evil.example"},
        {"verification_uri": "https://[a"},
        {"verification_uri": ""},
        {"user_code": "A\nB"},
        {"user_code": "\u202eABCD"},
        {"user_code": 7},
        {"device_code": ""},
        {"device_code": "x" * 100_000},
    ],
)
def test_a_page_or_code_that_cannot_be_shown_is_refused(server: OauthServer, told: dict[str, Any]) -> None:
    plain = server.answer

    def lying(path: str, form: dict[str, str]) -> tuple[int, Any]:
        status, document = plain(path, form)
        return status, {**document, **told}

    server.answer = lying  # type: ignore[method-assign]
    with pytest.raises(SourceError, match="does not answer as a log-in server does"):
        typed(server)


def test_google_calls_the_page_otherwise(server: OauthServer) -> None:
    plain = server.answer

    def other(path: str, form: dict[str, str]) -> tuple[int, Any]:
        status, document = plain(path, form)
        return status, {**document, "verification_url": document.pop("verification_uri", None)}

    server.answer = other  # type: ignore[method-assign]
    assert device.begin(client_of(server), None).page == f"{server.url}/agree"


def test_a_client_that_is_not_known_is_told(server: OauthServer) -> None:
    with pytest.raises(LoginError, match=r"does not log us in \(invalid_client\).*Check what is set"):
        device.begin(replace(client_of(server), id="another"), None)


def fetch(port: int, target: str, method: str = "GET") -> tuple[int, str, dict[str, str]]:
    """What a browser gets there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, target)
    response = connection.getresponse()
    found = response.status, response.read().decode(), dict(response.getheaders())
    connection.close()
    return found


def target_of(url: str) -> str:
    """The path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_browser_comes_back_with_a_code_that_is_ours_alone(server: OauthServer) -> None:
    client = client_of(server)
    with loopback.Answered(client) as answered:
        status, page, headers = fetch(answered.port, target_of(server.agree(answered.question.url)))
        query = answered.wait(5)
    assert (status, "You can close this page" in page) == (200, True)
    assert headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    granted = loopback.grant(client, answered.question, query, None)
    assert granted.access in server.valid
    form = server.asked[-1][1]
    assert form["redirect_uri"] == f"http://127.0.0.1:{answered.port}/"
    assert 43 <= len(form["code_verifier"]) <= 128
    assert form["code_verifier"] not in answered.question.url


def test_it_listens_on_this_machine_alone_and_not_when_it_is_over(server: OauthServer) -> None:
    with loopback.Answered(client_of(server)) as answered:
        assert answered._server.server_address[0] == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", answered.port), 1)


def test_the_secret_of_another_question_does_not_turn_a_code_into_tokens(server: OauthServer) -> None:
    client = client_of(server)
    with loopback.Answered(client) as answered, loopback.Answered(client) as other:
        fetch(answered.port, target_of(server.agree(answered.question.url)))
        stolen = replace(other.question, state=answered.question.state)
        with pytest.raises(LoginError, match="invalid_grant"):
            loopback.grant(client, stolen, answered.wait(5), None)


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/?code=abc",
        "/?code=abc&state=wrong",
        "/?code=abc&state=",
        "/?code=abc&state={state}&state={state}",
        "/elsewhere?code=abc&state={state}",
        "/?state={state}&code=" + "x" * 20_000,
        "/?error=access_denied&state=%C3%A9%ff",
    ],
)
def test_what_is_no_answer_to_our_question_ends_nothing(server: OauthServer, target: str) -> None:
    client = client_of(server)
    with loopback.Answered(client) as answered:
        status, page, _ = fetch(answered.port, target.format(state=answered.question.state))
        assert (status, "no answer to what the butler asked" in page) == (400, True)
        fetch(answered.port, target_of(server.agree(answered.question.url)))
        assert loopback.grant(client, answered.question, answered.wait(5), None).access in server.valid


def test_the_first_answer_counts(server: OauthServer) -> None:
    with loopback.Answered(client_of(server)) as answered:
        state = answered.question.state
        fetch(answered.port, f"/?code=first&state={state}")
        fetch(answered.port, f"/?code=second&state={state}")
        assert answered.wait(5) == f"code=first&state={state}"


class SlowPage(str):
    """A page that takes a moment to be written."""

    __slots__ = ()

    def format(self, *words: object, **more: object) -> str:
        time.sleep(0.2)
        return super().format(*words, **more)


def test_who_waits_hears_of_an_answer_when_the_browser_has_its_page(
    server: OauthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "_PAGE", SlowPage(loopback._PAGE))
    tell, page = loopback.Answered.has_told, bytearray()

    def has_told(answered: loopback.Answered) -> None:
        # Nothing more is done here for the page to come; how soon it does is the system's business.
        while not page.endswith(b"</html>"):
            more = browser.recv(65_536)
            assert more
            page.extend(more)
        tell(answered)

    monkeypatch.setattr(loopback.Answered, "has_told", has_told)
    with (
        loopback.Answered(client_of(server)) as answered,
        socket.create_connection(("127.0.0.1", answered.port), 10) as browser,
    ):
        browser.sendall(f"GET /?code=a&state={answered.question.state} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        assert answered.wait(20)
        assert b"You can close this page" in page


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "DELETE"])
def test_nothing_but_a_page_is_fetched(server: OauthServer, method: str) -> None:
    with loopback.Answered(client_of(server)) as answered:
        assert fetch(answered.port, f"/?code=a&state={answered.question.state}", method)[0] == 501
        with pytest.raises(LoginError):
            answered.wait(0.05)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("error=access_denied", "was declined in the browser"),
        ("error=server_error&error_description=Oops", "does not log us in (server_error)"),
        ("error=%0A%1b[2J", "does not log us in"),
        ("", "does not log us in"),
    ],
)
def test_a_browser_that_brings_a_refusal_is_believed(server: OauthServer, answer: str, words: str) -> None:
    client = client_of(server)
    with loopback.Answered(client) as answered:
        fetch(answered.port, f"/?{answer}&state={answered.question.state}")
        query = answered.wait(5)
    with pytest.raises(LoginError) as raised:
        loopback.grant(client, answered.question, query, None)
    assert words in str(raised.value)
    assert str(raised.value).isprintable()
    assert server.asked == []


def test_nobody_waits_for_ever_for_a_browser(server: OauthServer) -> None:
    with loopback.Answered(client_of(server)) as answered, pytest.raises(LoginError, match="in time"):
        answered.wait(0.05)


def test_whoever_connects_and_says_nothing_holds_nobody_up(server: OauthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loopback, "_CODE_SECONDS", 600.0)
    client = client_of(server)
    with loopback.Answered(client) as answered, ExitStack() as opened:
        idle = [opened.enter_context(socket.create_connection(("127.0.0.1", answered.port))) for _ in range(20)]
        fetch(answered.port, target_of(server.agree(answered.question.url)))
        assert answered.wait(5)
        # All of them are still waited for.
        assert select.select(idle, [], [], 0)[0] == []


def test_a_port_that_is_taken_is_told(server: OauthServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StateError, match="cannot be used"):
        loopback.Answered(client_of(server), taken.getsockname()[1])


def test_two_questions_are_never_the_same(server: OauthServer) -> None:
    client = client_of(server)
    questions = []
    for _ in range(5):
        with loopback.Answered(client) as answered:
            questions.append(answered.question)
    assert len({each.state for each in questions} | {each.verifier for each in questions}) == 10
    assert not any(each.verifier in repr(each) or each.state in repr(each).replace(each.url, "") for each in questions)


def test_threads_end_with_the_question(server: OauthServer) -> None:
    before = set(threading.enumerate())
    with loopback.Answered(client_of(server)):
        own = set(threading.enumerate()) - before
        assert own
    for each in own:
        each.join(10)
        assert not each.is_alive()
