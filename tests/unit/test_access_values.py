"""Who is let in, purely: how long a session lasts, how tries are slowed down, what headers tell of where a request is from."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.access import Entrance, Session, Tries, browser_of, split_host
from butler.web.origin import address_of, is_from_here, is_local, is_ours, is_secure

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
PLAIN = Entrance(frozenset({"butler.lan"}))
PROXIED = Entrance(frozenset({"butler.example"}), "https://butler.example")
HERE = "127.0.0.1:8026"


def test_a_session_ends_when_it_was_idle_or_is_old() -> None:
    entrance = Entrance(idle=3 * DAY, longest=10 * DAY)
    session = Session(1, NOW - 9 * DAY, NOW - 2 * DAY, "link", "Firefox")
    assert not session.is_over(NOW, entrance)
    assert session.is_over(NOW + DAY, entrance)
    assert Session(1, NOW - 10 * DAY, NOW, "link", "Firefox").is_over(NOW, entrance)


def test_the_first_tries_are_free_and_each_further_one_waits_twice_as_long_up_to_an_hour() -> None:
    tries, waits = Tries(), []
    for _ in range(14):
        waits.append(int(tries.wait(NOW).total_seconds()))
        tries = tries.another(NOW)
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert Tries(5, NOW).wait(NOW + dt.timedelta(seconds=20)) == dt.timedelta(seconds=10)
    assert not Tries(5, NOW).wait(NOW + dt.timedelta(seconds=30))


@given(st.integers(0, 10_000_000), st.integers(0, 200_000))
def test_no_wait_is_longer_than_an_hour(wrong: int, seconds: int) -> None:
    assert dt.timedelta() <= Tries(wrong, NOW).wait(NOW + dt.timedelta(seconds=seconds)) <= dt.timedelta(hours=1)


def test_tries_are_forgotten_after_a_day_and_a_clock_set_back_keeps_nobody_out() -> None:
    assert Tries(9, NOW).another(NOW + DAY) == Tries(1, NOW + DAY)
    assert Tries(9, NOW).another(NOW + DAY / 2) == Tries(10, NOW + DAY / 2)
    assert Tries(9, NOW).wait(NOW - 400 * DAY) == dt.timedelta()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("<script>alert(1)</script>", "Some browser"),
        ("", "Some browser"),
    ],
)
def test_a_browser_is_named_in_short_and_never_in_its_own_words(agent: str, name: str) -> None:
    assert browser_of(agent) == name


@pytest.mark.parametrize(
    ("host", "split"),
    [
        ("127.0.0.1:8026", ("127.0.0.1", "8026")),
        ("LOCALHOST.", ("localhost", "")),
        ("[::1]:8026", ("::1", "8026")),
        ("butler.example", ("butler.example", "")),
        ("user@localhost", ("", "")),
        ("localhost/evil", ("", "")),
        ("localhost:80:80", ("", "")),
        ("localhost:123456", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_host_is_split_into_name_and_port_or_is_none(host: str, split: tuple[str, str]) -> None:
    assert split_host(host) == split


def test_only_our_own_names_are_answered_to() -> None:
    assert all(is_ours(host, PLAIN) for host in (HERE, "localhost:1", "[::1]:8026", "butler.lan:8026", "Butler.LAN"))
    strange = ("evil.example", "butler.lan.evil.example", "127.0.0.1.nip.example", "127.0.0.2", "", "localhost@evil.example")
    assert not any(is_ours(host, PLAIN) for host in strange)


@pytest.mark.parametrize(
    ("headers", "believed"),
    [
        ({"origin": f"http://{HERE}"}, True),
        ({"origin": f"http://{HERE}", "sec-fetch-site": "same-origin"}, True),
        ({"referer": f"http://{HERE}/review?page=2"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://127.0.0.1:8027"}, False),
        ({"origin": "http://127.0.0.1"}, False),
        ({"origin": f"http://{HERE}.evil.example"}, False),
        ({"origin": f"http://user@{HERE}"}, False),
        ({"origin": f"file://{HERE}"}, False),
        ({"origin": "http://localhost:8026"}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": f"http://{HERE}", "sec-fetch-site": "cross-site"}, False),
        ({"origin": f"http://{HERE}", "sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"referer": "http://evil.example/?http://127.0.0.1:8026"}, False),
        ({"origin": "http://evil.example", "referer": f"http://{HERE}/"}, False),
    ],
)
def test_a_change_is_believed_only_from_our_own_scheme_name_and_port(headers: dict[str, str], believed: bool) -> None:
    assert is_from_here({"host": HERE, **headers}, Entrance()) is believed


def test_where_the_address_is_https_a_form_from_plain_http_is_not_believed() -> None:
    host = {"host": "butler.example"}
    assert is_from_here({**host, "origin": "https://butler.example"}, PROXIED)
    assert is_from_here({**host, "origin": "https://butler.example:443"}, PROXIED)
    assert not is_from_here({**host, "origin": "http://butler.example"}, PROXIED)
    assert is_from_here({"host": "butler.lan", "origin": "https://butler.lan"}, PLAIN)
    assert is_from_here({"host": HERE, "origin": f"http://{HERE}"}, PROXIED)


def test_cookies_are_secure_where_the_public_address_is_https_and_not_on_this_machine() -> None:
    assert is_secure("butler.example", PROXIED)
    assert not is_secure(HERE, PROXIED)
    assert not is_secure("butler.lan", PLAIN)


def test_local_is_what_comes_from_this_machine_under_a_name_of_it() -> None:
    assert all(is_local(host, client) for host in (HERE, "localhost", "[::1]:1") for client in ("127.0.0.1", "::1", ""))
    assert not is_local("butler.lan", "127.0.0.1")
    assert not is_local(HERE, "192.168.1.7")
    assert not is_local(HERE, "not an address")


def test_a_proxys_word_for_an_address_counts_on_the_socket_alone() -> None:
    assert address_of("192.168.1.7", "10.0.0.1") == "192.168.1.7"
    assert address_of("", "10.0.0.1, 192.168.1.9") == "192.168.1.9"
    assert address_of("", "<b>me</b>") == address_of("", "") == "socket"
