"""A real systemd as PID 1 of a throw-away container over this machine's own files, which stay as they are.

The root is an overlay in memory, and so the butler of this checkout is there at its own path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_TARGET = "[Unit]\nRequires=basic.target butler.service\nAfter=basic.target butler.service\n"
_LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
"""What containers of some versions do not let through, while machines do."""
_HIERARCHIES = ("unified", "systemd")
_CGROUPS = Path("/sys/fs/cgroup")


def why_not() -> tuple[str, bool]:
    """Why no systemd can be booted here (empty where it can), and whether that is for want of a package alone."""
    if os.geteuid() != 0:
        return "only root can boot a systemd", False
    missing = [name for name in ("systemd-nspawn", "nsenter", "systemctl") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} is not installed (apt-get install systemd-container)", True
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, text=True, check=False)
        if tried.returncode:
            return f"nothing can be mounted here: {tried.stderr.strip()}", False
        subprocess.run(["umount", folder], check=True)
    return "", False


class Booted:
    """Boots with `files` (by absolute path, private to root) in place, and shuts down at the end."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._place = Path(tempfile.mkdtemp(prefix="booted-"))
        self._root = self._place / "root"
        self._group = f"butlertest{os.getpid()}"
        self._spawned: subprocess.Popen[bytes] | None = None
        self.pid = 0

    def __enter__(self) -> Booted:
        try:
            self._mount()
            self._boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.pid:
            # SIGRTMIN+4: power off.
            subprocess.run(["kill", "-RTMIN+4", str(self.pid)], check=False)
        if self._spawned:
            try:
                self._spawned.wait(8)
            except subprocess.TimeoutExpired:
                # With the first process in there all others end, and then nspawn: none is left in the groups.
                subprocess.run(["kill", "-KILL", str(self.pid or self._spawned.pid)], check=False)
                self._spawned.wait()
        for place in (self._root, self._place):
            subprocess.run(["umount", "-l", str(place)], check=False, capture_output=True)
        shutil.rmtree(self._place, ignore_errors=True)
        for group in self._groups():
            for folder in sorted((each for each in group.rglob("*") if each.is_dir()), reverse=True):
                folder.rmdir()
            group.rmdir()

    def run(self, *command: str, check: bool = True, within: float = 60) -> str:
        """Run a command in there; returns what it printed."""
        inside = ("nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "-C", "-r", "-w", *command)
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=within)
        assert not check or done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def shows(self, name: str) -> str:
        """A property of the butler's unit; nothing as long as systemd does not answer."""
        return self.run("systemctl", "show", "butler", "-p", name, "--value", check=False)

    def told(self) -> str:
        """What the boot and the journal said, for whoever looks why something failed."""
        return (self._place / "boot.log").read_text(errors="replace")[-3000:] + self.run(
            "journalctl", "--no-pager", "-n", "60", "-u", "butler", check=False
        )

    def _groups(self) -> list[Path]:
        return [_CGROUPS / name / self._group for name in _HIERARCHIES if (_CGROUPS / name / self._group).is_dir()]

    def _mount(self) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(self._place)], check=True)
        for name in ("upper", "work", "root"):
            (self._place / name).mkdir()
        layers = f"lowerdir=/,upperdir={self._place}/upper,workdir={self._place}/work"
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(self._root)], check=True)
        (self._root / "etc/machine-id").write_text("")
        for path, text in {"/etc/systemd/system/butler-test.target": _TARGET, **self._files}.items():
            file = self._root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
            file.chmod(0o600 if path.startswith("/etc/butler/secret") else 0o644)

    def _boot(self) -> None:
        for name in _HIERARCHIES:
            if (_CGROUPS / name).is_dir():
                (_CGROUPS / name / self._group).mkdir(exist_ok=True)
        move = "".join(f"echo $$ > {group}/cgroup.procs; " for group in self._groups())
        spawn = (
            f"exec systemd-nspawn --quiet -D {self._root} --machine={self._group} --boot --register=no --keep-unit"
            f" --private-network --link-journal=no --console=pipe --system-call-filter='{_LANDLOCK}'{_shown()}"
            " -- --unit=butler-test.target"
        )
        with (self._place / "boot.log").open("wb") as log:
            self._spawned = subprocess.Popen(
                ["sh", "-c", move + spawn],
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while not (found := self._first()):
            assert self._spawned.poll() is None, (self._place / "boot.log").read_text()
            assert time.monotonic() < deadline, "systemd was not booted in time"
            time.sleep(0.1)
        self.pid = found

    def _first(self) -> int:
        """The process that is systemd in there."""
        assert self._spawned is not None
        pid = self._spawned.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            # It has others at first, which make ready what that one finds and end.
            with suppress(FileNotFoundError, ProcessLookupError):
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return int(child)
        return 0


def _below(*tops: str) -> list[str]:
    """Where the program and its Python lie, if that is below one of some folders."""
    return [str(place) for place in (Path(sys.base_prefix), ROOT) if place.parts[1] in tops]


def _shown() -> str:
    """The container has a /tmp of its own, which would hide a checkout that lies there."""
    return "".join(f" --bind-ro={place}" for place in _below("tmp"))


def drop_in() -> str:
    """What makes the unit fit this checkout and the patience of a test."""
    # It says that it is well after half of that: as long may a busy machine keep it from doing so.
    lines = ["[Service]", "WatchdogSec=6", "RestartSec=1"]
    if _below("root", "home"):
        # ProtectHome would hide the program itself, PrivateTmp a checkout below /tmp.
        lines.append("ProtectHome=tmpfs")
    lines += [f"BindReadOnlyPaths={place}" for place in _below("root", "home", "tmp")]
    return "\n".join(lines) + "\n"
