"""Describes the machine a benchmark ran on."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures depend on."""

    cpu: str
    cores: int
    memory_gb: float
    kernel: str
    python: str
    dovecot: str
    mbsync: str
    notmuch: str
    load: float

    def sentence(self) -> str:
        """Describe it in one paragraph."""
        tools = ", ".join(
            f"{name} {version or 'not installed'}"
            for name, version in (("Dovecot", self.dovecot), ("mbsync", self.mbsync), ("notmuch", self.notmuch))
        )
        return (
            f"{self.cpu}, {self.cores} cores, {self.memory_gb:.0f} GB, Linux {self.kernel}, Python {self.python}, {tools}; "
            f"load average at the start {self.load:.2f}."
        )


def describe() -> Machine:
    """Look at this machine."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory_gb=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9,
        kernel=platform.release(),
        python=platform.python_version(),
        dovecot=_version("dovecot", "--version"),
        mbsync=_version("mbsync", "--version"),
        notmuch=_version("notmuch", "--version"),
        load=os.getloadavg()[0],
    )


def found(program: str) -> str | None:
    """Where a program is, looking where Debian puts servers too."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def _version(program: str, option: str) -> str:
    path = found(program)
    if path is None:
        return ""
    answer = subprocess.run([path, option], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+(\.\d+)+", answer)
    return number[0] if number else ""


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
