"""A real Dovecot for the tests: its own configuration in a temporary folder, on free loopback ports, as root or not."""

from __future__ import annotations

import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port

_numbers = itertools.count()

USER = "anna@berger.example"
PASSWORD = "correct-horse"

_CONFIGURATION = """
protocols = imap
listen = {address}
base_dir = {base}/run
state_dir = {base}/state
instance_name = butler-test-{port}
log_path = {base}/dovecot.log
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
first_valid_uid = 1
mail_home = {base}/home/%u
mail_location = {store}
mail_uid = {uid}
mail_gid = {gid}
mailbox_list_index = yes
auth_failure_delay = 0 s
auth_mechanisms = plain login
disable_plaintext_auth = no
mail_max_userip_connections = 100
mail_fsync = never
{extra}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  mailbox {drafts} {{
    {special}special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    {special}special_use = \\Sent
    auto = subscribe
  }}
  mailbox Archive {{
    {special}special_use = \\Archive
    auto = subscribe
  }}
  mailbox Junk {{
    {special}special_use = \\Junk
    auto = subscribe
  }}
}}
{tls}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = {address}
    port = {port}
  }}
  inet_listener imaps {{
    address = {address}
    port = {tls_port}
  {imaps}
  }}
}}
# Without these two, a good log-in after a bad one waits for seconds.
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap {{
  process_limit = 64
}}
"""


def _certify(folder: Path, hosts: str, days: int) -> None:
    """Make a key and its own certificate; with negative `days` one that has expired."""
    key, request, names = (str(folder / name) for name in ("key.pem", "request.pem", "names"))
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    Path(names).write_text(f"subjectAltName={hosts}\n")
    made = ["openssl", "req", "-new", *ec, "-keyout", key, "-out", request]
    signed = ["openssl", "x509", "-req", "-in", request, "-signkey", key, "-days", str(days), "-extfile", names]
    for command in (made, [*signed, "-out", str(folder / "cert.pem")]):
        subprocess.run(command, check=True, capture_output=True)


@dataclass
class Dovecot:
    """One running server: anybody may log in with `PASSWORD`; `ca_file` is what vouches for its certificate.

    `capability` replaces what it says it can do; `special_use` is whether it marks folders; `drafts` is the name of the folder
    for drafts; `settings` are more of its own; `address` is where it listens; `hosts` and `days` are the certificate's.
    """

    base: Path
    tls: bool = True
    special_use: bool = True
    capability: str = ""
    hosts: str = "DNS:localhost,IP:127.0.0.1"
    days: int = 30
    store: str = "maildir:~/mail"
    separator: str = "/"
    drafts: str = "Drafts"
    settings: str = ""
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def maildir(self) -> Path:
        """The Maildir of `USER`."""
        return self.maildir_of(USER)

    def maildir_of(self, user: str) -> Path:
        """The Maildir of a user."""
        return self.base / "home" / user / "mail"

    def deliver(self, user: str, *mails: bytes) -> None:
        """Put mails into a user's inbox, the way a delivery agent does."""
        for folder in ("tmp", "new", "cur"):
            (self.maildir_of(user) / folder).mkdir(parents=True, exist_ok=True)
        for mail in mails:
            name = f"{int(time.time())}.M{next(_numbers):06d}.test"
            (self.maildir_of(user) / "tmp" / name).write_bytes(mail)
            (self.maildir_of(user) / "tmp" / name).rename(self.maildir_of(user) / "new" / name)
        self._give_away(self.base / "home" / user)

    def _give_away(self, place: Path) -> None:
        uid, gid, *_ = self._owner()
        if os.getuid() == 0:
            for path in (place, *place.rglob("*")):
                # A mail that its processes move just now, and an index that they write anew, are theirs already.
                with suppress(FileNotFoundError):
                    os.chown(path, uid, gid)

    @property
    def ca_file(self) -> Path:
        """The self-signed certificate, which is its own authority."""
        return self.base / "cert.pem"

    def _owner(self) -> tuple[int, int, str, str, str]:
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            return nobody.pw_uid, nobody.pw_gid, "dovecot", "dovecot", "dovenull"
        name = pwd.getpwuid(os.getuid()).pw_name
        return os.getuid(), os.getgid(), name, grp.getgrgid(os.getgid()).gr_name, name

    def _write(self) -> None:
        uid, gid, internal_user, internal_group, login_user = self._owner()
        for folder in ("home", "run", "state"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            os.chown(self.base / "home", uid, gid)
            for parent in [self.base, *self.base.parents]:
                if parent.is_relative_to(tempfile.gettempdir()) and str(parent) != tempfile.gettempdir():
                    parent.chmod(parent.stat().st_mode | 0o711)
        if self.tls and not self.ca_file.exists():
            _certify(self.base, self.hosts, self.days)
        tls = f"ssl = yes\nssl_cert = <{self.base}/cert.pem\nssl_key = <{self.base}/key.pem\nssl_min_protocol = TLSv1.2"
        text = _CONFIGURATION.format(
            base=self.base,
            password=PASSWORD,
            port=self.port,
            tls_port=self.tls_port if self.tls else 0,
            address=self.address,
            tls=tls if self.tls else "ssl = no",
            imaps="ssl = yes" if self.tls else "",
            special="" if self.special_use else "#",
            extra=f"{self.settings}\n" + (f"imap_capability = {self.capability}" if self.capability else ""),
            drafts=f'"{self.drafts}"',
            store=self.store,
            separator=self.separator,
            uid=uid,
            gid=gid,
            internal_user=internal_user,
            internal_group=internal_group,
            login_user=login_user,
        )
        (self.base / "dovecot.conf").write_text(text)

    def start(self) -> Dovecot:
        """Start it and wait until it greets; raises RuntimeError with its log when it does not."""
        self._write()
        command = [_program(), "-F", "-c", str(self.base / "dovecot.conf")]
        with (self.base / "dovecot.out").open("wb") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._process.poll() is None:
            if _greets(self.port):
                return self
            time.sleep(0.02)
        raise RuntimeError(self.log())

    def log(self) -> str:
        """What it wrote, for a failing test to show."""
        names = ("dovecot.out", "dovecot.log")
        return "\n".join((self.base / n).read_text(errors="replace") for n in names if (self.base / n).exists())

    def settled_log(self) -> str:
        """What it wrote, once all is written of what came to it before this: its processes write through another one."""
        # Who comes from an address of its own is found in the log.
        address = f"127.9.0.{next(_numbers) % 250 + 1}"
        before, deadline = self.log().count(address), time.monotonic() + 30
        with socket.create_connection(("127.0.0.1", self.port), 10.0, (address, 0)) as probe:
            probe.settimeout(10)
            probe.sendall(b"a LOGOUT\r\n")
            while probe.recv(4096):
                pass
        while self.log().count(address) == before:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)
        return self.log()

    def stop(self) -> None:
        """Stop it and its children."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would, and wait until its children are dead, too: they listen for as long as they live."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            # Its children end when they come to it, and listen until then: the next one would not start.
            deadline = time.monotonic() + 60
            while _is_alive(self._process.pid) and time.monotonic() < deadline:
                time.sleep(0.005)
            self._process = None
            deadline = time.monotonic() + 60
            while _listens(self.address, self.port):
                assert time.monotonic() < deadline, "somebody listens on its port still"
                time.sleep(0.002)


def _listens(address: str, port: int) -> bool:
    """Whether a port is taken by one that listens; that somebody was connected there counts for nothing."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.removeprefix("*"), port))
        except OSError:
            return True
    return False


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0) as probe:
            probe.settimeout(5)
            return probe.recv(512).startswith(b"* OK")
    except OSError:
        return False


def _is_alive(group: int) -> bool:
    """Whether any process of a group goes on; what is dead and was not waited for does not."""
    for each in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, number, *_ = each.read_text(errors="replace").rpartition(")")[2].split()
            if int(number) == group and state not in {"Z", "X"}:
                return True
    return False


def _program() -> str:
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or ""


def require_dovecot() -> None:
    """Skip the test where Dovecot is not installed, but fail it where `CI` is set."""
    if _program():
        return
    reason = "Dovecot is not installed; on Debian: apt-get install --no-install-recommends dovecot-imapd"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def running_dovecot(**options: Any) -> Iterator[Dovecot]:
    """Run a Dovecot for the length of a block; options are the fields of `Dovecot`.

    It lives in a folder of its own: pytest closes its temporary folders to other users, such as Dovecot's mail processes.
    """
    require_dovecot()
    with tempfile.TemporaryDirectory(prefix="butler-dovecot-", ignore_cleanup_errors=True) as base:
        server = Dovecot(Path(base), **options)
        try:
            yield server.start()
        finally:
            # Nobody needs what it does at a gentle end, for which it takes a second.
            server.kill()


@pytest.fixture(scope="session")
def dovecot_session() -> Iterator[Dovecot]:
    """One server for all tests of a run whose users differ."""
    with running_dovecot() as server:
        yield server


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """A server of the test's own."""
    with running_dovecot() as server:
        yield server
