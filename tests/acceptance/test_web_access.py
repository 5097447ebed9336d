"""`butler web` and the page as real processes: links, the passphrase, sessions over a restart, the socket, where it listens."""

import io
import os
import re
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from grp import getgrgid
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from butler_process import PROGRAM, butler, called, document, environment
from daemon_process import DaemonProcess, until, write_settings
from free_ports import free_port
from page_client import IDLE
from plain_browser import PlainBrowser
from quiet_time import crowd

PASSPHRASE = "correct horse battery staple"


def configured(folder: Path, more: str) -> None:
    write_settings(folder, f"[web]\n{more}\n")


@contextmanager
def served(folder: Path, more: str = "") -> Iterator[tuple[DaemonProcess, int]]:
    port = free_port()
    configured(folder, f"port = {port}\n{more}")
    with DaemonProcess(folder) as daemon:
        daemon.ready()
        yield daemon, port


def web(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return called(folder, "--config", "butler.toml", "web", *arguments, **environ)


def link(folder: Path) -> str:
    return str(document(web(folder, "--json"))["url"])


def set_passphrase(folder: Path, monkeypatch: pytest.MonkeyPatch, words: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{words}\n"))
    return web(folder, "--passphrase")


def test_what_is_missing_for_a_link_is_told_with_what_to_do(tmp_path: Path) -> None:
    write_settings(tmp_path, "")
    off = web(tmp_path)
    assert (off.returncode, off.stdout) == (2, "")
    assert "The page is off. Set web.port, such as `port = 8642` below `[web]`" in off.stderr
    configured(tmp_path, f"port = {free_port()}")
    alone = web(tmp_path)
    assert alone.returncode == 1
    assert "No daemon runs, so nobody serves the page. `butler --config butler.toml run` starts one" in alone.stderr
    with served(tmp_path) as (daemon, _):
        assert IDLE.keys() <= daemon.status().keys()
        configured(tmp_path, f"port = {free_port()}")
        assert "The daemon does not serve the page yet: it runs with other settings." in web(tmp_path).stderr
    configured(tmp_path, 'socket = "page.sock"')
    assert "Set web.url to the address that your proxy serves." in web(tmp_path).stderr


def test_a_link_lets_a_browser_in_and_its_session_outlives_the_daemon(tmp_path: Path) -> None:
    with served(tmp_path) as (daemon, port):
        told = web(tmp_path)
        assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/login\?key=[\w-]{{43}}\n", told.stdout)
        assert re.search(r"It lets one browser in, until \d\d:\d\d\.", told.stderr)
        browser, late = PlainBrowser(port), PlainBrowser(port)
        assert not browser.is_in()
        assert (browser.enter(told.stdout.strip()), late.enter(told.stdout.strip())) == (303, 403)
        assert browser.is_in()
        assert not late.is_in()
        daemon.end(signal.SIGKILL)
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        assert browser.is_in()
        listed: list[dict[str, Any]] = document(web(tmp_path, "--sessions", "--json"))["sessions"]
        assert [(each["way"], each["browser"]) for each in listed] == [("link", "Some browser")]
        assert "Some browser, by link, since " in web(tmp_path, "--sessions").stdout
        spare = link(tmp_path)
        assert document(web(tmp_path, "--log-out", "--json")) == {"ended": 1}
        assert not browser.is_in()
        assert browser.enter(spare) == 403
        assert "Nobody is logged in." in web(tmp_path, "--sessions").stdout
        assert told.stdout.partition("key=")[2].strip() not in daemon.logged()


def test_wrong_passphrases_are_slowed_down_over_a_restart_and_a_link_still_lets_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as (daemon, port):
        assert "at least 12 characters" in set_passphrase(tmp_path, monkeypatch, "short").stderr
        assert set_passphrase(tmp_path, monkeypatch).returncode == 0
        browser = PlainBrowser(port)
        assert browser.send("/login", passphrase=PASSPHRASE) == 303
        assert browser.is_in()
        stranger = PlainBrowser(port)
        assert [stranger.send("/login", passphrase=f"guess {number}") for number in range(5)] == [403] * 5
        assert stranger.send("/login", passphrase=PASSPHRASE) == 429
        daemon.end(signal.SIGKILL)
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        assert stranger.send("/login", passphrase=PASSPHRASE) == 429
        assert 0 < int(stranger.answer.headers["retry-after"]) <= 30
        assert "There were too many wrong tries. Wait" in stranger.text
        assert browser.is_in()
        assert stranger.enter(link(tmp_path)) == 303
        assert "1 session that came in by the old one ended." in web(tmp_path, "--no-passphrase").stderr
        assert (browser.is_in(), stranger.is_in()) == (False, True)
        assert stranger.ask("GET", "/login") == 303
        journal = called(tmp_path, "--config", "butler.toml", "journal", "--json").stdout
        assert journal.count('"log-in refused"') == 5
        assert PASSPHRASE not in journal + daemon.logged()
        assert "guess" not in journal + daemon.logged()


def test_a_passphrase_is_asked_for_twice_at_a_terminal_without_being_shown(tmp_path: Path) -> None:
    write_settings(tmp_path, "")
    assert typed(tmp_path, PASSPHRASE, "something else") == (2, "These were not the same. Try again.")
    code, shown = typed(tmp_path, PASSPHRASE, PASSPHRASE)
    assert (code, "The passphrase is set." in shown, PASSPHRASE in shown) == (0, True, False)


def typed(folder: Path, *answers: str) -> tuple[int, str]:
    """What `butler web --passphrase` says at a terminal of its own, after what was asked, and how it ends."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(PROGRAM, [str(PROGRAM), "--config", "butler.toml", "web", "--passphrase"], environment(folder))
    shown = b""
    for question, answer in zip((b"New passphrase: ", b"Once more: "), answers, strict=True):
        while not shown.endswith(question):
            shown += os.read(terminal, 4096)
        os.write(terminal, f"{answer}\n".encode())
    shown = b""
    try:
        while more := os.read(terminal, 4096):
            shown += more
    except OSError:
        pass
    os.close(terminal)
    text = shown.decode().strip().removeprefix("butler: ")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text


def test_a_browser_is_opened_with_the_link_where_that_is_wanted(tmp_path: Path) -> None:
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    script.chmod(0o755)

    def opened(browser: str) -> subprocess.CompletedProcess[str]:
        return butler(tmp_path, "--config", "butler.toml", "web", "--open", BROWSER=browser)

    with served(tmp_path):
        told = opened(f"{script} %s")
        assert until(lambda: (tmp_path / "opened").exists() and (tmp_path / "opened").read_text()) == told.stdout
        assert "Open the link yourself." in opened("/nowhere %s").stderr


def test_a_proxy_reaches_the_page_by_a_socket_that_is_its_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "page.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(place))
    configured(tmp_path, 'socket = "page.sock"\nurl = "https://butler.example/"')
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert PlainBrowser(place, "localhost").ask("GET", "/healthz") == 200
        browser = PlainBrowser(place, "butler.example", "https")
        told = link(tmp_path)
        assert told.startswith("https://butler.example/login?key=")
        assert browser.enter(told) == 303
        assert browser.cookie.startswith("__Host-butler=")
        assert browser.ask("GET", "/healthz", Host="evil.example") == 400
        assert browser.is_in()
        token = re.findall(r'name="csrf" value="(\w+)"', browser.text)[0]
        forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "Origin": "https://butler.example"}
        body = urlencode({"csrf": token}).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert browser.ask("POST", "/logout", body, **forwarded, **kind) == 303
        journal = called(tmp_path, "--config", "butler.toml", "journal", "--json").stdout
        assert "You logged out, by web 198.51.100.7, session 1, Some browser." in journal
        daemon.end()
    assert not place.exists()


def test_a_group_may_use_the_socket_where_that_is_wanted(tmp_path: Path) -> None:
    group = getgrgid(os.getegid()).gr_name
    configured(tmp_path, f'socket = "page.sock"\nsocket_group = "{group}"')
    with DaemonProcess(tmp_path) as daemon:
        daemon.ready()
        assert stat.S_IMODE((tmp_path / "page.sock").stat().st_mode) == 0o660
    configured(tmp_path, 'socket = "page.sock"\nsocket_group = "nosuchgroup"')
    with DaemonProcess(tmp_path) as daemon:
        assert daemon.process.wait(20 * crowd()) == 1
        assert "There is no group nosuchgroup. Set web.socket_group to one that there is" in daemon.logged()
    configured(tmp_path, 'socket = "nowhere/page.sock"')
    with DaemonProcess(tmp_path) as daemon:
        assert daemon.process.wait(20 * crowd()) == 1
        assert "page.sock cannot be made: No such file or directory. Set web.socket to another" in daemon.logged()


def test_others_reach_the_page_only_where_it_has_a_name_for_them_and_are_warned_of(tmp_path: Path) -> None:
    with served(tmp_path, 'listen = "0.0.0.0"\nhosts = ["butler.lan"]') as (daemon, port):
        assert "The page is served on 0.0.0.0 without TLS" in daemon.logged()
        told = web(tmp_path)
        assert told.stdout.startswith(f"http://butler.lan:{port}/login?key=")
        assert "Nothing says that a proxy speaks TLS before the page" in told.stderr
        browser = PlainBrowser(port, f"butler.lan:{port}")
        assert browser.enter(told.stdout.strip()) == 303
        assert browser.is_in()
        assert PlainBrowser(port, "other.lan").ask("GET", "/healthz") == 400


def test_the_page_moves_with_the_settings_and_everybody_stays_logged_in(tmp_path: Path) -> None:
    with served(tmp_path) as (daemon, port):
        browser = PlainBrowser(port)
        assert browser.enter(link(tmp_path)) == 303
        other = free_port()
        configured(tmp_path, f'port = {other}\nlisten = "::1"\nidle_days = 1')
        daemon.process.send_signal(signal.SIGHUP)
        moved = until(lambda: web(tmp_path, "--json").stdout)
        assert f"http://[::1]:{other}/login" in moved
        with socket.create_connection(("::1", other), 10) as there:
            cookie = browser.cookie.partition("=")[2]
            there.sendall(
                f"GET /access HTTP/1.1\r\nHost: [::1]:{other}\r\nCookie: butler-{other}={cookie}\r\n"
                "Accept: text/html\r\nConnection: close\r\n\r\n".encode()
            )
            assert there.recv(1000).startswith(b"HTTP/1.1 200")
        with pytest.raises(ConnectionRefusedError):
            browser.is_in()
