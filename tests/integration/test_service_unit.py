"""The shipped unit and those of the documents: systemd accepts them, they confine, and the butler works confined."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from butler_process import PROGRAM, butler, environment

from butler.cli.arguments import make_parser
from butler.install import Call, Plan, hosts_of_notices, name_servers, resolved, system_plan, user_plan, version_of
from butler.settings import Places, Settings, read

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "butler.service").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
MOST_EXPOSED = 15
"""Tenths on systemd's scale of ten."""
WANTED = {
    *("DynamicUser=yes", "StateDirectory=butler", "Environment=PYTHONSAFEPATH=1", "ProtectSystem=strict", "ProtectHome=yes"),
    *("PrivateTmp=yes", "PrivateDevices=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "MemoryDenyWriteExecute=yes"),
    *("LimitCORE=0", "UMask=0077", "SystemCallFilter=@system-service", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"),
    *("Type=notify", "WatchdogSec=60", "Restart=on-failure", "RestartSec=15", "StartLimitIntervalSec=0", "TimeoutStopSec=15"),
    *("IPAddressDeny=any", "IPAddressAllow=localhost", "MemoryMax=2G", "RestartPreventExitStatus=2 78"),
}
_MEMORY_DENY_WRITE_EXECUTE = 65
"""PR_SET_MDWE: what MemoryDenyWriteExecute forbids, forbidden by the kernel itself (Linux 6.3)."""

systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")


SETTINGS = """
[owner]
addresses = ["anna@berger.example"]
[mail.home]
host = "imap.berger.example"
user = "anna"
password_file = "{secret}"
smtp.host = "smtp.berger.example"
smtp.password_command = "pass smtp"
[calendar.family]
url = "https://dav.berger.example/anna/"
user = "anna"
password_file = "{secret}"
[model]
url = "http://gpu.berger.example:11434"
name = "small:1b"
[notices]
urls_file = "{secret}"
"""
ADDRESSES = {
    "imap.berger.example": ["192.0.2.143", "2001:db8::143"],
    "dav.berger.example": ["192.0.2.7"],
    "gpu.berger.example": ["192.0.2.143"],
    "ntfy.example": ["192.0.2.9"],
}


def placed(folder: Path, name: str, text: str) -> Path:
    """A unit in a folder, calling the butler that is being tested."""
    file = folder / name
    file.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={PROGRAM}", text, flags=re.MULTILINE), encoding="utf-8")
    return file


def analyze(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning", **more}
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, check=False, env=environ)


def test_the_unit_confines_the_butler() -> None:
    assert WANTED - set(UNIT.splitlines()) == set()


@systemd
def test_systemd_accepts_the_unit_without_a_word(tmp_path: Path) -> None:
    done = analyze("verify", placed(tmp_path, "butler.service", UNIT))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def settings_of(folder: Path) -> Settings:
    """Settings with secrets of every form."""
    secret = folder / "secret"
    secret.write_text("json://ntfy.example/token")
    secret.chmod(0o600)
    config = folder / "butler.toml"
    config.write_text(SETTINGS.format(secret=secret))
    loaded = read(Places({"HOME": str(folder)}, config=config, folder=folder))
    assert loaded.problems == ()
    return loaded.settings


def plan_of(folder: Path) -> Plan:
    """What is written for the machine, into a folder."""
    return system_plan(
        settings_of(folder),
        Call(PROGRAM),
        lambda host: ADDRESSES.get(host, []),
        ["192.0.2.53"],
        ["ntfy.example"],
        folder / "system",
    )


def written(plan: Plan) -> list[Path]:
    for path, text in plan.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(plan.files)


def test_the_drop_in_names_the_hosts_of_the_settings_and_hands_over_their_secrets(tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    unit, drop_in = plan.files.values()
    assert f"ExecStart={PROGRAM} run\n" in unit
    secret = tmp_path / "secret"
    assert drop_in.splitlines()[2:] == [
        *(f"IPAddressAllow={address}" for address in ("192.0.2.143", "192.0.2.53", "192.0.2.7", "192.0.2.9", "2001:db8::143")),
        f"LoadCredential=butler_calendar__family__password:{secret}",
        f"LoadCredential=butler_mail__home__password:{secret}",
        f"LoadCredential=butler_notices__urls:{secret}",
    ]
    assert "token" not in drop_in
    assert any(remark.startswith("smtp.berger.example has no address now.") for remark in plan.remarks)
    assert any(remark.startswith("mail.home.smtp.password runs a command") for remark in plan.remarks)


@systemd
def test_systemd_accepts_what_is_installed_for_the_machine_without_a_word(tmp_path: Path) -> None:
    unit, _ = written(plan_of(tmp_path))
    done = analyze("verify", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@systemd
def test_systemd_accepts_the_unit_of_a_user_without_a_word(tmp_path: Path) -> None:
    (unit,) = written(user_plan(Call(PROGRAM), tmp_path))
    (tmp_path / "run").mkdir(mode=0o700)
    done = analyze("verify", "--user", unit, XDG_RUNTIME_DIR=str(tmp_path / "run"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = unit.read_text()
    assert "WantedBy=default.target" in text
    for name in ("DynamicUser", "StateDirectory", "IPAddressDeny", "ProtectHome", "PrivateUsers", "CapabilityBoundingSet"):
        assert name not in text


def test_what_is_installed_is_printed_or_written_by_the_command(tmp_path: Path) -> None:
    settings_of(tmp_path)
    base = ("--config", tmp_path / "butler.toml")
    shown = butler(tmp_path, *base, "install-service", "--print")
    assert shown.returncode == 0
    assert "# /etc/systemd/system/butler.service.d/10-installed.conf\n" in shown.stdout
    assert "Once that is written, run:\n    systemctl daemon-reload\n    systemctl enable --now butler.service" in shown.stderr
    done = butler(tmp_path, "install-service", "--user")
    assert (done.returncode, "Now run:\n    systemctl --user daemon-reload" in done.stderr) == (0, True)
    unit = tmp_path / ".config/systemd/user/butler.service"
    assert f"ExecStart={PROGRAM} run\n" in unit.read_text()
    done = butler(tmp_path, "--config", "butler.toml", "--state-dir", "my state", "install-service", "--user")
    assert done.returncode == 0
    named = f'--config {tmp_path}/butler.toml --state-dir "{tmp_path}/my state"'
    assert f"ExecStart={PROGRAM} {named} run\n" in unit.read_text()
    elsewhere = tmp_path / "my config"
    assert butler(tmp_path, "install-service", "--user", XDG_CONFIG_HOME=str(elsewhere)).returncode == 0
    assert f"ExecStart={PROGRAM} run\n" in (elsewhere / "systemd/user/butler.service").read_text()
    if shutil.which("systemd-analyze"):
        checked = analyze("verify", "--user", unit, XDG_RUNTIME_DIR=str(tmp_path))
        assert (checked.returncode, checked.stderr) == (0, "")


def test_what_is_named_stands_in_the_unit_as_systemd_reads_it(tmp_path: Path) -> None:
    (unit,) = user_plan(Call(Path("/opt/my butler/butler"), ("--config", '/srv/100%/a"$b.toml')), tmp_path).files.values()
    assert 'ExecStart="/opt/my butler/butler" --config "/srv/100%%/a\\"$$b.toml" run\n' in unit


@pytest.mark.parametrize(
    ("told", "is_known"), [("systemd 252 (252.39-1)\n+PAM", False), ("systemd 257 (257.8)", True), ("", False)]
)
def test_pauses_get_longer_where_systemd_knows_how(tmp_path: Path, told: str, is_known: bool) -> None:
    call = Call(PROGRAM, systemd=version_of(told))
    own, of_machine = user_plan(call, tmp_path), system_plan(settings_of(tmp_path), call, lambda _: [], [])
    for plan in (own, of_machine):
        unit = next(iter(plan.files.values()))
        assert ("RestartSec=15\nRestartSteps=6\nRestartMaxDelaySec=10min\n" in unit) == is_known


def test_a_page_for_others_is_told_to_need_their_addresses(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert not any("The page" in remark for remark in plan_of(tmp_path).remarks)
    web = settings.web.model_copy(update={"port": 8642, "listen": "192.0.2.10"})
    plan = system_plan(settings.model_copy(update={"web": web}), Call(PROGRAM), lambda _: [], [])
    assert any(
        remark.startswith("The page listens on 192.0.2.10, but the service answers this machine alone.")
        for remark in plan.remarks
    )


def test_name_servers_and_hosts_are_found_where_they_stand() -> None:
    text = "# nameserver 192.0.2.1\nsearch example\nnameserver 192.0.2.53\nnameserver  2001:db8::53%eth0\n"
    assert name_servers(text) == ["192.0.2.53", "2001:db8::53"]
    urls = ["ntfys://ntfy.example/me", "tgram://123:abc/4", "dbus://", "json://u:p@localhost:8/x", "json://[fd00::7]:8/x"]
    assert hosts_of_notices(urls) == ("ntfy.example", "localhost", "fd00::7")
    assert resolved("localhost")
    assert resolved("no.such.host.invalid") == []


@systemd
def test_the_unit_is_little_exposed(tmp_path: Path) -> None:
    file = placed(tmp_path, "butler.service", UNIT)
    done = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", file)
    assert done.returncode == 0, done.stdout.splitlines()[-1]
    (score,) = re.findall(r"exposure level for butler.service: (\d+\.\d)", done.stdout)
    assert f"exposure {score} of 10" in OPERATIONS


def test_the_command_of_the_unit_can_be_read() -> None:
    (line,) = re.findall(r"^ExecStart=\S+/butler (.*)$", UNIT, re.MULTILINE)
    assert make_parser().parse_args(line.split()).command == "run"


def test_the_credential_of_the_examples_is_a_password_setting(tmp_path: Path) -> None:
    names = set(re.findall(r"^#?LoadCredential=(\w+):", UNIT + OPERATIONS, re.MULTILINE))
    assert names == {"butler_mail__home__password"}
    for name in names:
        (tmp_path / name).write_text("secret")
        (tmp_path / name).chmod(0o600)
    config = tmp_path / "butler.toml"
    config.write_text('[mail.home]\nhost = "imap.berger.example"\nuser = "anna@berger.example"\n')
    loaded = read(
        Places(environ={"HOME": str(tmp_path), "CREDENTIALS_DIRECTORY": str(tmp_path)}, config=config, folder=tmp_path)
    )
    assert loaded.problems == ()
    assert loaded.settings.mail["home"].password() == "secret"


CONFINE = f"""
import ctypes, os, sys
if ctypes.CDLL(None).prctl({_MEMORY_DENY_WRITE_EXECUTE}, 1, 0, 0, 0):
    sys.exit("unknown")
os.execv(sys.argv[1], sys.argv[1:])
"""


def confined(*command: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command, and what it starts, without memory that can be written and executed."""
    done = subprocess.run(
        [sys.executable, "-c", CONFINE, *map(str, command)],
        cwd=home,
        env=environment(home),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.stderr == "unknown\n":
        pytest.skip("this kernel cannot forbid memory to be written and executed (Linux 6.3 and newer can)")
    return done


JAILED = """
from butler.core.mail import RawMail
from butler.core.sources import Frame
from butler.sandbox.parser import Parser
from butler.sandbox.worker import Forkserver
with Forkserver() as forkserver, Parser(forkserver) as parser:
    parsed = parser.parse("mail", [RawMail("1", frozenset(), 0, 20, whole=b"Subject: Hello\\n\\nHi")], Frame())
print(parsed[0] is not None)
"""


def test_the_butler_and_its_worker_need_no_memory_to_write_and_execute(tmp_path: Path) -> None:
    refused = confined(sys.executable, "-c", "import mmap; mmap.mmap(-1, 4096, prot=7)", home=tmp_path)
    assert "PermissionError" in refused.stderr
    demo = confined(PROGRAM, "demo", "--quiet", "--date", "2026-11-24", "--folder", tmp_path / "demo", home=tmp_path)
    assert (demo.returncode, demo.stderr) == (0, "")
    worker = confined(sys.executable, "-c", JAILED, home=tmp_path)
    assert (worker.stdout, worker.stderr) == ("True\n", "")
