"""A butler's whole life, told all that it has to keep to itself: log-ins that work and that fail, runs, actions, the daemon."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bad_input import good_event, good_mail
from butler_process import PROGRAM, environment
from canaries import Canaries, open_to_others
from dav_servers import DavServer
from dav_servers import running as running_dav
from dovecot_server import Dovecot, running_dovecot
from free_ports import free_port
from http_sink import Sink, http_sink
from oauth_server import OauthServer, running_oauth
from plain_browser import PlainBrowser
from quiet_time import crowd
from scripted_ollama import ScriptedOllama
from smtp_sink import running_sink

from butler.store.truth import Truth

FORMS = ("variable", "dotenv", "toml", "file", "command", "credential")
"""The ways in which a password is told; each is that of a mail account of its name."""
NAMES = (*FORMS, "wrong", "smtp", "calendar", "notice", "hook", "passphrase", "client", "token", "session")
UNASKED = ("[jobs.often]", 'workflow = "sync"', "every = 10", "[jobs.brief]", 'workflow = "briefing"', "every = 11")


def _user(name: str) -> str:
    return f"{name}@berger.example"


@dataclass
class Life:
    """What there is, and all that was printed: (command line, what it printed)."""

    home: Path
    canaries: Canaries
    ollama: ScriptedOllama
    oauth: OauthServer
    sink: Sink
    printed: list[tuple[str, str]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)
    page: int = 0
    open: dict[str, str] = field(default_factory=dict)
    """What of the state others could use while the daemon ran."""

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.home / "state"

    @property
    def environ(self) -> dict[str, str]:
        """The environment of every command."""
        own = {
            "BUTLER_MAIL__VARIABLE__PASSWORD": self.canaries["variable"],
            "CREDENTIALS_DIRECTORY": str(self.home / "credentials"),
        }
        return environment(self.home, {**own, "EDITOR": f"sh {self.home}/editor"})

    def run(self, *arguments: str, given: str = "") -> str:
        """Run a command to its end, with a umask that forbids nothing; returns what it printed on standard output."""
        done = subprocess.run(
            [PROGRAM, "--config", "butler.toml", *arguments],
            cwd=self.home,
            env=self.environ,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            umask=0,
        )
        line = " ".join(arguments)
        self.printed += [(line, done.stdout), (line, done.stderr)]
        self.codes[line] = done.returncode
        return done.stdout

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        """The daemon, until the block is left."""
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen(
                [PROGRAM, "--config", "butler.toml", "-v", "run"],
                cwd=self.home,
                env=self.environ,
                stdout=log,
                stderr=log,
                umask=0,
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)
            self.printed.append(("run", (self.home / "log").read_text()))


def until(true: Callable[[], Any], within: float = 90.0) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + within * crowd()
    while not true():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


@contextmanager
def household(folder: Path) -> Iterator[Life]:
    """All servers and settings; nothing is done yet."""
    canaries = Canaries(*NAMES)
    with ExitStack() as opened:
        shared = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="butler-life-")))
        shared.chmod(0o755)
        oauth = opened.enter_context(running_oauth(secret=canaries["client"], salt=canaries["token"], user=_user("session")))
        users = "".join(f"{_user(name)}:{{PLAIN}}{canaries[name]}\n" for name in FORMS)
        (shared / "users").write_text(users)
        known = f"passdb {{\ndriver = passwd-file\nargs = {shared}/users\n}}"
        dovecot = opened.enter_context(running_dovecot(settings=f"{oauth.dovecot(shared)}\n{known}"))
        dav = opened.enter_context(running_dav("radicale", shared / "dav"))
        sink = opened.enter_context(http_sink())
        ollama = opened.enter_context(ScriptedOllama())
        smtp = opened.enter_context(running_sink(shared, "implicit"))
        life = Life(folder, canaries, ollama, oauth, sink, page=free_port())
        _write(life, dovecot, dav, f"port = {smtp.port}\nca_file = '{smtp.ca_file}'")
        now = dt.datetime.now(dt.UTC)
        for name in (*FORMS, "session"):
            dovecot.deliver(_user(name), good_mail(now, f"{name}@nordwind.example", f"Could you tell me of the {name}?"))
        yield life


def _write(life: Life, dovecot: Dovecot, dav: DavServer, smtp: str) -> None:
    canaries, home = life.canaries, life.home
    _private(home / "file-password", canaries["file"])
    _private(home / "told-password", canaries["command"])
    _private(home / "client-secret", canaries["client"])
    _private(home / "hook-token", canaries["hook"])
    _private(home / "credentials/butler_mail__credential__password", canaries["credential"])
    _private(home / ".env", f"BUTLER_MAIL__DOTENV__PASSWORD={canaries['dotenv']}\n")
    (home / "notes").mkdir()
    (home / "editor").write_text('echo nonsense > "$1"\n')
    (home / "scans").mkdir()
    (home / "scans/letter.txt").write_text("Please pay the invoice by Friday.\n")
    (home / "notes/Garden.md").write_text("- [ ] Water the roses\n")
    (home / "calendar/a").mkdir(parents=True)
    (home / "calendar/a/lunch.ics").write_bytes(good_event(dt.datetime.now(dt.UTC).date()))
    ways = {
        "toml": f'password = "{canaries["toml"]}"',
        "file": 'password_file = "file-password"',
        "command": f"password_command = \"cat '{home}/told-password'\"",
        "wrong": f'password = "{canaries["wrong"]}"',
    }
    server = f'host = "localhost"\nport = {dovecot.tls_port}\nca_file = "{dovecot.ca_file}"\nfolders = ["INBOX"]\n'
    mail = "".join(f'[mail.{each}]\nuser = "{_user(each)}"\n{server}{ways.get(each, "")}\n' for each in (*FORMS, "wrong"))
    oauth = life.oauth
    text = f"""
state_dir = "state"
[owner]
name = "Anna"
addresses = ["anna@berger.example"]
timezone = "Europe/Berlin"
{mail}
[mail.file.smtp]
host = "localhost"
{smtp}
password = "{canaries["smtp"]}"
[mail.session]
user = "{_user("session")}"
{server}
[mail.session.oauth]
provider = "custom"
client_id = "the-client"
client_secret_file = "client-secret"
token_url = "{oauth.url}/token"
device_url = "{oauth.url}/device"
[calendar.away]
url = "{dav.url}{dav.home}"
user = "anna"
password = "{canaries["calendar"]}"
[calendar.here]
path = "calendar"
[notes.notes]
path = "notes"
[model]
name = "good:latest"
url = "{life.ollama.url}"
[notices]
urls = "json://butler:{canaries["notice"]}@127.0.0.1:{life.sink.port}/{canaries["notice"]}"
[watch.scans]
path = "scans"
[web]
port = {life.page}
[web.hooks.garden]
workflow = "sync"
token_file = "hook-token"
"""
    _private(home / "butler.toml", text + "\n".join(UNASKED) + "\n")


def _private(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)


def live(life: Life) -> None:
    """Live it: every command that may touch a secret, what fails, and the daemon for a while."""
    life.run("login", "session", "--device")
    life.run("sync", "-vv", "--json")
    life.run("brief")
    life.run("do", "triage", "--json")
    before = hashlib.sha256((life.home / "notes/Garden.md").read_bytes()).hexdigest()
    note = {"kind": "file.append", "root": "notes", "path": "Garden.md", "text": "- a rake\n", "before": before}
    for payload in (_letter("mail.draft"), _letter("mail.send"), note):
        proposed = json.loads(life.run("propose", "-", "--json", given=json.dumps(payload)))
        life.run("approve", str(proposed["id"]), "--json")
    life.run("execute")
    # What an editor leaves that is no action is kept for the next try.
    life.run("edit", "1")
    life.run("web", "--passphrase", given=f"{life.canaries['passphrase']}\n")
    with life.daemon() as daemon:
        _daily(life, daemon)
    life.oauth.refresh, life.oauth.seconds = "lost", 1
    tokens = life.state / "tokens/mail.session.json"
    tokens.write_text(json.dumps(json.loads(tokens.read_text()) | {"ends": 0}))
    life.run("sync")
    for command in ("doctor", "status", "runs", "schedule", "actions", "journal", "login --list", "search roses", "prove"):
        life.run(*command.split())
    life.run("journal", "--limit", "1000", "--json")
    life.run("runs", "show", _last_run(life))
    life.run("backup", "backup.tar.gz")
    life.run("do", "maintenance")


def _daily(life: Life, daemon: subprocess.Popen[bytes]) -> None:
    until(lambda: "ready" in (life.home / "log").read_text())
    browser = PlainBrowser(life.page)
    browser.send("/login", passphrase="wrong")
    browser.send("/login", passphrase=life.canaries["passphrase"])
    for path in ("/", "/health", "/journal", "/runs", "/schedule"):
        browser.ask("GET", path)
        life.printed.append((path, browser.text))
    browser.ask("POST", "/hooks/garden", b"{}", Authorization=f"Bearer {life.canaries['hook']}")
    life.printed.append(("hook", f"{browser.answer.status} {browser.text}"))
    life.run("status", "--json")
    os.kill(daemon.pid, signal.SIGHUP)
    until(lambda: "the settings were read anew" in (life.home / "log").read_text())
    before = _done(life)
    until(lambda: _done(life) >= before + 2)
    until(lambda: life.sink.came)
    assert (life.state / "butler.sock").is_socket()
    life.open = open_to_others(life.state)


def _done(life: Life) -> int:
    with closing(Truth.open(life.state / "butler.db")) as truth:
        return sum(run.state == "done" for run in truth.runs.recent(1000))


def _last_run(life: Life) -> str:
    told = json.loads(life.run("runs", "--limit", "50", "--json"))
    runs = told["runs"] if isinstance(told, dict) else told
    return str(next(run["id"] for run in runs if run["workflow"] == "briefing"))


def _letter(kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "letter": {
            "account": "file",
            "sender": {"address": _user("file")},
            "to": [{"address": "tom@nordwind.example"}],
            "subject": "The gate",
            "body": "It is green.\n",
            "message_id": f"{kind}@berger.example",
            "date": "2026-11-24T10:00:00+01:00",
        },
    }
