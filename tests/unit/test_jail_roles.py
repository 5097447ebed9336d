"""What roles may read, what a kernel's version is asked for, and what happens where it has too little."""

import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from butler.core.errors import StateError
from butler.sandbox import profiles
from butler.sandbox.jail import Support, confine, enforced, unsupported
from butler.sandbox.landlock import file_rights, landlock_abi, ruleset
from butler.sandbox.profiles import PROFILES, authorities, code, reach_of
from butler.sandbox.reach import Reach
from butler.sandbox.seccomp import has_filters
from butler.sandbox.syscalls import MACHINES

ROOT = Path(__file__).resolve().parents[2]


def is_reached(reach: Reach, path: str) -> bool:
    found = str(Path(path).resolve())
    places = [str(Path(each).resolve()) for each in reach.read]
    return any(found == place or found.startswith(place.rstrip("/") + "/") for place in places)


def test_the_roles_are_these_and_those_without_connections_are_held_by_the_shorter_list() -> None:
    assert {name: profile.calls for name, profile in PROFILES.items()} == {
        "parser": "allow-list",
        "files": "allow-list",
        "reader": "deny-list",
        "hands": "deny-list",
        "thinker": "deny-list",
        "notice": "deny-list",
        "mcp": "allow-list",
    }
    assert all(name == profile.role for name, profile in PROFILES.items())


def test_code_and_time_zones_are_read_by_every_role_and_nothing_of_the_owners() -> None:
    for profile in PROFILES.values():
        reach = reach_of(profile)
        assert reach.write == ()
        needed = [profiles.__file__, struct.__file__, pytest.__file__, "/etc/localtime"]
        assert [path for path in needed if not is_reached(reach, path)] == []
        private = [
            "/",
            "/etc/passwd",
            "/etc/shadow",
            "/etc/ssl/private",
            "/proc/self/environ",
            "/home",
            "/root/.ssh",
            "/var/lib",
        ]
        assert [path for path in private if is_reached(reach, path)] == []


def test_what_lies_beside_code_that_is_used_in_place_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("package/__init__.py", "package/deep/part.py", "single.py", ".env", "butler.toml", "letters/anna.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path), "relative"])
    reach = code()
    assert is_reached(reach, f"{tmp_path}/package/deep/part.py")
    assert is_reached(reach, f"{tmp_path}/single.py")
    assert [name for name in (".env", "butler.toml", "letters/anna.txt") if is_reached(reach, f"{tmp_path}/{name}")] == []
    assert str(tmp_path) in reach.listed
    assert "relative" not in reach.listed


def test_only_roles_that_use_connections_read_the_certificates_of_authorities() -> None:
    found = set(authorities().read)
    assert "/etc/ssl/certs" in found
    assert not [path for path in found if path in {"/etc/ssl", "/etc", "/etc/ssl/private"}]
    with_them = {name for name, profile in PROFILES.items() if found <= set(reach_of(profile).read)}
    assert with_them == {"reader", "hands", "thinker", "notice"}


@pytest.mark.parametrize(
    ("abi", "size", "rights", "tcp", "scopes"),
    [
        (1, 8, 0x1FFF, 0, 0),
        (2, 8, 0x3FFF, 0, 0),
        (3, 8, 0x7FFF, 0, 0),
        (4, 16, 0x7FFF, 3, 0),
        (5, 16, 0xFFFF, 3, 0),
        (6, 24, 0xFFFF, 3, 3),
        (7, 24, 0xFFFF, 3, 3),
    ],
)
def test_a_version_is_asked_for_all_that_it_knows_and_no_more(abi: int, size: int, rights: int, tcp: int, scopes: int) -> None:
    asked = ruleset(abi)
    assert len(asked) == size
    assert struct.unpack("=QQQ", asked.ljust(24, b"\0")) == (rights, tcp, scopes)
    assert file_rights(abi) == rights


def kernel(abi: int, machine: str) -> Support:
    """A kernel that filters calls on machines of which the numbers are known."""
    return Support(abi, machine in MACHINES, machine)


@pytest.mark.parametrize(
    ("abi", "machine", "held"),
    [
        (7, "x86_64", ["files", "tcp", "signals", "allow-list"]),
        (4, "aarch64", ["files", "tcp", "allow-list"]),
        (2, "x86_64", ["files", "allow-list"]),
        (0, "x86_64", ["allow-list"]),
        (7, "riscv64", ["files", "tcp", "signals", "none"]),
    ],
)
def test_what_is_enforced_follows_from_what_the_kernel_has(abi: int, machine: str, held: list[str]) -> None:
    found = enforced(PROFILES["parser"], kernel(abi, machine))
    assert [name for name in ("files", "tcp", "signals") if getattr(found, name)] + [found.seccomp] == held
    assert found.abi == abi
    assert kernel(abi, machine).suffices == (abi > 0 and machine != "riscv64")


@pytest.mark.parametrize("known", [kernel(0, "x86_64"), kernel(7, "riscv64"), kernel(0, "riscv64")])
def test_no_worker_starts_unconfined_where_the_kernel_has_too_little(known: Support) -> None:
    with pytest.raises(StateError) as caught:
        confine(PROFILES["parser"], Reach(), known=known)
    assert caught.value.sentence == unsupported(known).sentence
    assert 'set sandbox to "degraded"' in caught.value.advice
    # And this process is what it was.
    socket.socket().close()


def test_this_machine_can_confine() -> None:
    assert landlock_abi() >= 1
    assert has_filters()


IN_A_PROCESS = """
import sys, threading
from butler.core.errors import StateError
from butler.sandbox import jail, profiles
profile = profiles.PROFILES["parser"]
if sys.argv[1] == "threads":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    try:
        jail.confine(profile, jail.Reach())
    except StateError as error:
        print(error.sentence)
else:
    kernel = jail.Support(0, False, "riscv64")
    print(jail.confine(profile, jail.Reach(), degraded=True, known=kernel))
    print(open("/proc/self/status").read().split("NoNewPrivs:")[1].split()[0])
"""


def in_a_process(what: str) -> str:
    command = [sys.executable, "-c", IN_A_PROCESS, what]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_a_process_with_threads_is_not_confined_for_one_of_them_would_escape() -> None:
    assert in_a_process("threads") == "A worker had threads before it was confined.\n"


def test_a_degraded_jail_applies_what_there_is() -> None:
    assert in_a_process("degraded") == "Not confined: files and system calls\n1\n"


@pytest.mark.parametrize(
    ("abi", "machine", "told"),
    [
        (0, "x86_64", "Confined: system calls by a list of those that are allowed; not confined: files"),
        (2, "riscv64", "Confined: files; not confined: system calls"),
        (2, "x86_64", "Confined: files, system calls by a list of those that are allowed"),
    ],
)
def test_what_a_kernel_lacks_is_said_as_such(abi: int, machine: str, told: str) -> None:
    assert str(enforced(PROFILES["parser"], kernel(abi, machine))) == told


def test_the_page_on_security_shows_the_roles_as_they_are() -> None:
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    _, _, rest = page.partition("| role | what runs there |")
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in rest.split("\n\n")[0].splitlines()[2:]]
    assert {row[0].strip("`"): row[5] for row in table} == {name: profile.calls for name, profile in PROFILES.items()}
    with_certificates = {row[0].strip("`") for row in table if "certificates" in row[2] or row[0] == "`hands`"}
    assert with_certificates == {name for name, profile in PROFILES.items() if profile.authorities}
