"""Of what stands in the environment the process keeps what it needs; the rest is its owner's programs' alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.environment import scrub_environment
from butler.settings.secrets import Password

NEEDED = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "XDG_STATE_HOME",
    "STATE_DIRECTORY",
    "CREDENTIALS_DIRECTORY",
    "TERM",
    "COLUMNS",
)
OWNERS = ("DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK", "GNUPGHOME", "DISPLAY", "PASSWORD_STORE_DIR", "BW_SESSION", "PYTHONPATH")
NOBODYS = ("HTTPS_PROXY", "LANGSMITH_API_KEY", "OTEL_EXPORTER_OTLP_ENDPOINT", "OLLAMA_HOST", "SSLKEYLOGFILE")
CODE = """
import json, os, sys
sys.argv = ["butler", "--help"]
import butler.cli
from butler.settings.secrets import Password
with open(os.devnull, "w") as sys.stdout:
    butler.cli.main()
kept = dict(os.environ)
told = Password("command", (sys.executable, "-c", "import os, json; print(json.dumps(dict(os.environ)))"))()
sys.__stdout__.write(json.dumps([kept, json.loads(told)]))
"""


def seen() -> tuple[dict[str, str], dict[str, str]]:
    """What the process of a command keeps of an environment, and what a password command that it starts gets to see."""
    import json

    given = {name: f"of {name}" for name in (*NEEDED, *OWNERS[:-1], *NOBODYS, "BUTLER_MAIL__HOME__PASSWORD", "NOTIFY_SOCKET")}
    given |= {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", CODE], env=given, capture_output=True, text=True, check=True)
    kept, told = json.loads(done.stdout)
    return kept, told


def test_a_command_keeps_what_it_needs_and_its_owners_program_sees_what_they_set() -> None:
    kept, told = seen()
    assert set(NEEDED) < set(kept)
    assert set(kept) & {*OWNERS, *NOBODYS} == set()
    assert {*NEEDED, *OWNERS[:-1]} <= set(told)
    assert set(told) & {*NOBODYS, "BUTLER_MAIL__HOME__PASSWORD", "NOTIFY_SOCKET"} == set()


@given(st.dictionaries(st.sampled_from([*NEEDED, *OWNERS, *NOBODYS]) | st.text(max_size=12), st.text(max_size=3)))
def test_whatever_is_not_known_to_be_needed_goes(environ: dict[str, str]) -> None:
    before = dict(environ)
    removed = scrub_environment(environ)
    set_by_us = {"LANGGRAPH_STRICT_MSGPACK", "PYDANTIC_DISABLE_PLUGINS"}
    assert set(removed) | set(environ) == set(before) | set_by_us
    assert not set(environ) & {*OWNERS, *NOBODYS}
    assert set(before) & set(NEEDED) <= set(environ)


def test_what_leads_elsewhere_goes_whatever_it_is_called() -> None:
    environ = {
        "XDG_": "",
        "LC_X": "",
        "BUTLER_X": "",
        "LD_PRELOAD": "",
        "PYTHONSTARTUP": "",
        "SSL_CERT_FILE": "",
        "no_proxy": "",
    }
    assert scrub_environment(environ) == ("LD_PRELOAD", "PYTHONSTARTUP", "SSL_CERT_FILE", "no_proxy")


FORGETTING = """
import os, sys
from butler.environment import close_off, forget
close_off()
assert os.environ["BUTLER_MAIL__HOME__PASSWORD"] == "correct horse"
forget("BUTLER_")
assert not [name for name in os.environ if name.upper().startswith("BUTLER_")]
sys.stdout.buffer.write(open("/proc/self/environ", "rb").read())
"""


def test_settings_are_read_and_yet_the_kernel_shows_them_to_nobody() -> None:
    given = {"A": "1", "BUTLER_MAIL__HOME__PASSWORD": "correct horse", "butler_x": "staple", "BUTLER_": "", "Z": "the end"}
    done = subprocess.run([sys.executable, "-c", FORGETTING], env=given, capture_output=True, check=True)
    assert b"correct" not in done.stdout
    assert b"staple" not in done.stdout
    assert {b"A=1", b"Z=the end"} <= set(done.stdout.split(b"\0"))
    told = subprocess.run(
        [sys.executable, "-c", FORGETTING.replace("close_off()", "")], env=given, capture_output=True, check=True
    )
    assert b"correct horse" in told.stdout


CLOSED = """
import ctypes, os, resource, sys
from pathlib import Path
from butler.environment import close_off
file = os.memfd_create("x")
os.write(file, b"hello")
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
before = Path("/proc/self/environ").stat().st_uid
close_off()
after = Path("/proc/self/environ").stat().st_uid
me = os.geteuid()
assert (before, after) == (me, 0), (before, after)
assert ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) == 0
assert Path("/proc/self/comm").read_text().strip() == "butler"
assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
try:
    Path("/proc/self/environ").read_bytes()
except PermissionError:
    pass
else:
    raise AssertionError("it can be read")
assert Path(f"/proc/self/fd/{file}").read_bytes() == b"hello", "settings come to children this way"
"""


def test_of_a_process_that_is_closed_off_nobody_of_its_account_sees_the_environment(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CLOSED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_password_command_that_needs_its_owners_session_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus")
    monkeypatch.setenv("BUTLER_MAIL__HOME__PASSWORD", "correct horse")
    assert Password("command", ("sh", "-c", "echo $DBUS_SESSION_BUS_ADDRESS"))() == "unix:path=/run/bus"
    assert Password("command", ("sh", "-c", "echo x$BUTLER_MAIL__HOME__PASSWORD"))() == "x"
