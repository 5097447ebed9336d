"""`butler login` as a program: by a code and by a browser, at a log-in server over TLS; a mail server takes its tokens."""

from __future__ import annotations

import json
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from butler_process import PROGRAM, butler, document, environment
from daemon_process import DaemonProcess, until
from dovecot_server import USER, Dovecot, running_dovecot
from free_ports import free_port
from oauth_server import SECRET, OauthServer, running_oauth

from butler.oauth.tokens import Tokens

BROWSER = """
import json, os, sys
open({told!r}, "w").write(json.dumps([sys.argv[1], dict(os.environ)]))
"""


@dataclass
class Home:
    """An account that is to be logged in to, and what the butler is told of it."""

    folder: Path
    server: OauthServer
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> Path:
        return self.folder / ".local/state/butler"

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return butler(self.folder, *arguments, **self.environ, **more)

    @contextmanager
    def begun(self, *arguments: str, **more: str) -> Iterator[subprocess.Popen[str]]:
        """A command that is under way; it is killed when the block is left."""
        process = subprocess.Popen(
            [PROGRAM, *arguments],
            cwd=self.folder,
            env=environment(self.folder, {**self.environ, **more}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    folder = tmp_path / "home"
    folder.mkdir()
    with running_oauth(tmp_path) as server:
        environ = {
            "BUTLER_OWNER__ADDRESSES": USER,
            "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
            "BUTLER_MAIL__HOME__HOST": "imap.berger.example",
            "BUTLER_MAIL__HOME__USER": USER,
            **server.settings(),
        }
        yield Home(folder, server, environ)


def test_by_a_code_it_says_what_to_do_waits_and_keeps_the_log_in_in_private(home: Home) -> None:
    home.server.polls = ["authorization_pending", "authorization_pending"]
    done = home.run("login", "home", "--device")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    first, waits, last = done.stderr.splitlines()
    assert first == f"Open {home.server.url}/agree in a browser, on any device, and enter the code WDJB-MJHT"
    assert re.fullmatch(r"This waits until \d\d:\d\d; Ctrl-C gives up\.", waits)
    assert last == "mail.home is logged in to, by your log-in server."
    found = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (home.state / "tokens").iterdir()}
    assert found == {"mail.home.json": 0o600, "mail.home.lock": 0o600}
    kept = Tokens(home.state).read("mail.home")
    assert kept
    assert (kept.access in home.server.valid, kept.refresh) == (True, home.server.refresh)


def test_by_a_browser_elsewhere_it_prints_the_address(home: Home) -> None:
    with home.begun("login", "mail.home", "--browser", "--no-open", "--json") as process:
        assert process.stderr
        line = process.stderr.readline()
        url = line.removeprefix("Agree in a browser of this machine: ").strip()
        assert url.startswith(f"{home.server.url}/authorize?response_type=code")
        assert "ssh -L" in process.stderr.readline()
        with urllib.request.urlopen(home.server.agree(url)) as page:
            assert b"You can close this page" in page.read()
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    told = json.loads(out)
    assert told.keys() == {"account", "provider", "state", "expires", "renews"}
    assert (told["account"], told["state"], told["renews"]) == ("mail.home", "ok", True)


def test_the_browser_that_is_opened_sees_the_owners_environment_and_none_of_our_secrets(home: Home, tmp_path: Path) -> None:
    told = tmp_path / "told"
    script = tmp_path / "browser.py"
    script.write_text(BROWSER.format(told=str(told)))
    more = {"BROWSER": f"{sys.executable} {script} %s", "DISPLAY": ":7", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
    with home.begun("login", "home", "--browser", "--port", str(free_port()), **more) as process:
        until(told.exists)
        until(lambda: told.read_text().endswith("]"))
        url, seen = json.loads(told.read_text())
        with urllib.request.urlopen(home.server.agree(url)):
            pass
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert (seen["DISPLAY"], seen["DBUS_SESSION_BUS_ADDRESS"]) == (":7", "unix:path=/nowhere")
    assert not any(name.startswith("BUTLER_") or SECRET in value for name, value in seen.items())


@pytest.mark.parametrize(("refusal", "words"), [("access_denied", "declined"), ("expired_token", "has run out")])
def test_a_refusal_is_one_sentence(home: Home, refusal: str, words: str) -> None:
    home.server.polls = [refusal]
    done = home.run("login", "home", "--device", "--quiet")
    assert (done.returncode, words in done.stderr.splitlines()[-1]) == (69, True)
    assert not (home.state / "tokens/mail.home.json").exists()


def test_ctrl_c_ends_the_waiting_and_keeps_nothing(home: Home) -> None:
    home.server.polls = ["authorization_pending"] * 100
    with home.begun("login", "home", "--device") as process:
        until(lambda: home.server.times("/token") >= 1)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, "Traceback" in err) == (130, "", False)
    assert not (home.state / "tokens/mail.home.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("login",), "Name the account to log in to. There are: mail.home."),
        (("login", "work"), "No account 'work' is logged in to by OAuth. Log-ins by OAuth are set for: mail.home."),
        (("login", "home", "--device", "--browser"), "not allowed with"),
        (("login", "home", "--port", "0"), "is not a port"),
    ],
)
def test_what_is_asked_wrong_is_told(home: Home, arguments: tuple[str, ...], words: str) -> None:
    done = home.run(*arguments)
    assert (done.returncode, words in done.stderr) == (2, True), done.stderr


def test_a_way_that_is_not_to_be_had_is_told(home: Home) -> None:
    home.environ = {name: value for name, value in home.environ.items() if "__OAUTH__" not in name}
    home.environ |= {"BUTLER_MAIL__HOME__OAUTH__PROVIDER": "google", "BUTLER_MAIL__HOME__OAUTH__CLIENT_ID": "id"}
    done = home.run("login", "home", "--device")
    assert (done.returncode, "Google gives no codes to type for this." in done.stderr) == (2, True)


def test_log_ins_are_listed_and_forgotten(home: Home) -> None:
    not_yet = "mail.home: your log-in server, not logged in to; `butler login mail.home` does it\n"
    assert home.run("login", "--list").stdout == not_yet
    assert home.run("login", "home", "--device").returncode == 0
    assert home.run("login", "--list").stdout == "mail.home: your log-in server, logged in to\n"
    ((one,),) = document(home.run("login", "--list", "--json")).values()
    assert (one["account"], one["state"], one["renews"]) == ("mail.home", "ok", True)
    assert home.run("login", "home", "--forget").returncode == 0
    assert document(home.run("login", "home", "--forget", "--json")) == {"account": "mail.home", "forgotten": False}
    assert home.run("login", "--list").stdout == not_yet


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dovecot, OauthServer]]:
    """A mail server that asks a log-in server whose a token is."""
    with running_oauth() as oauth, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with running_dovecot(settings=oauth.dovecot(Path(folder))) as dovecot:
            yield dovecot, oauth


@pytest.fixture
def real(mail: tuple[Dovecot, OauthServer], tmp_path: Path) -> Home:
    dovecot, oauth = mail
    oauth.asked, oauth.refresh, oauth.seconds = [], "", 3600
    environ = {
        "BUTLER_OWNER__ADDRESSES": USER,
        "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
        "BUTLER_MAIL__HOME__HOST": "localhost",
        "BUTLER_MAIL__HOME__PORT": str(dovecot.tls_port),
        "BUTLER_MAIL__HOME__USER": USER,
        "BUTLER_MAIL__HOME__CA_FILE": str(dovecot.ca_file),
        "BUTLER_MAIL__HOME__FOLDERS": "INBOX",
        **oauth.settings(),
    }
    return Home(tmp_path, oauth, environ)


def synced(home: Home, *more: str) -> Any:
    """How a sync of the one account went."""
    (source,) = document(home.run("sync", "--json", *more))["sources"]
    return source


def test_a_mailbox_is_read_with_tokens_that_are_renewed_as_they_run_out(real: Home) -> None:
    before = synced(real)
    assert (before["state"], "Log in with `butler login mail.home`." in before["error"]) == ("failed", True)
    real.server.seconds = 61
    assert real.run("login", "home", "--device").returncode == 0
    assert synced(real)["state"] == "fresh"
    time.sleep(1.5)
    first = real.server.times("/token", grant_type="refresh_token")
    assert synced(real)["state"] == "fresh"
    assert real.server.times("/token", grant_type="refresh_token") == first + 1


def test_a_refused_log_in_is_told_once_not_hammered_and_over_with_a_new_one(real: Home) -> None:
    real.server.seconds = 1
    assert real.run("login", "home", "--device").returncode == 0
    real.server.refresh = "another"
    told = [synced(real, "--unasked") for _ in range(4)]
    assert {each["state"] for each in told} == {"failed"}
    assert all("Log in again with `butler login mail.home`." in each["error"] for each in told)
    assert real.server.times("/token", grant_type="refresh_token") == 1
    assert "It was refused 2 times" in told[-1]["error"]
    real.server.seconds, real.server.refresh = 3600, ""
    assert real.run("login", "home", "--device").returncode == 0
    assert synced(real, "--unasked")["state"] == "fresh"


def test_a_log_in_server_that_is_down_is_no_refusal(real: Home) -> None:
    real.server.seconds = 1
    assert real.run("login", "home", "--device").returncode == 0
    real.server.orders = [500, 503, 500, 503]
    told = [synced(real, "--unasked") for _ in range(4)]
    assert all("at the moment" in each["error"] for each in told)
    assert synced(real, "--unasked")["state"] == "fresh"


def test_each_renewal_is_in_the_journal_as_a_connection_of_the_log_in(real: Home) -> None:
    real.server.seconds = 61
    assert real.run("login", "home", "--device").returncode == 0
    time.sleep(1.5)
    assert synced(real)["state"] == "fresh"
    port = int(real.server.url.rpartition(":")[2])
    lines = [each["facts"] for each in document(real.run("journal", "--json", "--limit", "50"))["lines"]]
    found = [each["port"] for each in lines if each.get("purpose") == "login.home"]
    assert found == [port] * len(real.server.asked)
    assert real.server.times("/token", grant_type="refresh_token") >= 1


def test_a_daemon_that_left_the_account_alone_watches_it_again_after_the_log_in(real: Home) -> None:
    real.state.mkdir(parents=True)
    with DaemonProcess(real.folder, (str(PROGRAM), "-v", "run"), environ=real.environ) as daemon:
        daemon.ready()
        until(lambda: "Nobody is logged in to mail.home yet." in str(document(real.run("status", "--json"))))
        assert real.run("login", "home", "--device").returncode == 0
        until(lambda: "the settings were read anew" in daemon.logged())
        until(lambda: "Nobody is logged in" not in str(document(real.run("status", "--json"))))
        assert daemon.end() < 6
    assert SECRET not in daemon.logged()
