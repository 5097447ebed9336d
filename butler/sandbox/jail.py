"""Confines a process for good: no new rights, few limits, Landlock for files and ports, seccomp for all other calls."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from butler.core.errors import StateError
from butler.sandbox.landlock import FILES_ABI, KNOWN_ABI, SCOPES_ABI, TCP_ABI, TRUNCATING_ABI, landlock_abi, restrict
from butler.sandbox.profiles import PROFILES, Profile, reach_of
from butler.sandbox.reach import Reach
from butler.sandbox.rulings import Kind
from butler.sandbox.seccomp import filter_calls, has_filters
from butler.sandbox.syscalls import call, this_machine

__all__ = ["Enforced", "Reach", "Support", "confine", "prepare", "support"]

_SET_DUMPABLE, _SET_NO_NEW_PRIVILEGES = 4, 38
_CAPABILITIES_VERSION = 0x20080522
_DAC_OVERRIDE = 1 << 1


@dataclass(frozen=True, slots=True)
class Support:
    """What this machine's kernel has: the version of Landlock (0 for none), filters for calls, and the kind of machine."""

    abi: int
    seccomp: bool
    machine: str

    @property
    def suffices(self) -> bool:
        """Whether workers can be confined as they should."""
        return self.abi >= FILES_ABI and self.seccomp


@dataclass(frozen=True, slots=True)
class Enforced:
    """What holds for a process from now on: by which version of Landlock files, TCP ports and signals, and which filter."""

    abi: int
    files: bool
    tcp: bool
    signals: bool
    seccomp: Kind | Literal["none"]

    def __str__(self) -> str:
        """Tell it in words; what Landlock is too old for, the filter stops as well, for no role has sockets of its own."""
        kernel = {"files": self.files, "TCP ports": self.tcp, "signals and abstract sockets": self.signals}
        held = [name for name, is_held in kernel.items() if is_held]
        if self.seccomp != "none":
            held.append(f"system calls by {_LISTS[self.seccomp]}")
        lacks = [
            name for name, is_lacking in (("files", not self.files), ("system calls", self.seccomp == "none")) if is_lacking
        ]
        if not held:
            return f"Not confined: {' and '.join(lacks)}"
        return f"Confined: {', '.join(held)}" + (f"; not confined: {' and '.join(lacks)}" if lacks else "")


_LISTS = {"allow-list": "a list of those that are allowed", "deny-list": "a list of those that are refused"}


def support() -> Support:
    """Ask the kernel what it has."""
    machine = this_machine()
    return Support(min(landlock_abi(), KNOWN_ABI), has_filters(), machine.name if machine else os.uname().machine)


def prepare() -> Support:
    """Find out beforehand what `confine` needs to know: a process that does so and then forks makes its children fast."""
    for profile in PROFILES.values():
        reach_of(profile)
    return support()


def confine(profile: Profile, reach: Reach, *, degraded: bool = False, known: Support | None = None) -> Enforced:
    """Confine this process, which must have no second thread yet; what a role always reads is added to `reach`.

    Raises StateError where the kernel cannot, unless `degraded`: then what there is gets applied. `known` tells what the
    kernel has, where that was asked already.
    """
    kernel = known or support()
    if not (kernel.suffices or degraded):
        raise unsupported(kernel)
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise StateError("A worker had threads before it was confined.", advice="This is a mistake in the butler; report it.")
    give_up_rights(profile.descriptors, reach)
    if kernel.abi:
        restrict(reach_of(profile) + reach, kernel.abi)
    if kernel.seccomp:
        beneath = profile.beneath and kernel.abi >= TRUNCATING_ABI
        filter_calls(profile.calls, os.getpid(), keeps=bool(reach.write), beneath=beneath)
    return enforced(profile, kernel)


def enforced(profile: Profile, kernel: Support) -> Enforced:
    """Tell what such a kernel enforces for a role."""
    abi = kernel.abi
    calls: Kind | Literal["none"] = profile.calls if kernel.seccomp else "none"
    return Enforced(abi, abi >= FILES_ABI, abi >= TCP_ABI, abi >= SCOPES_ABI, calls)


def unsupported(kernel: Support) -> StateError:
    """Say what is missing, and what to do."""
    missing = "Landlock (Linux 5.13 or newer, switched on)" if kernel.abi < FILES_ABI else ""
    filters = "" if kernel.seccomp else f"filters for system calls on {kernel.machine}"
    lacks = " and ".join(filter(None, (missing, filters)))
    return StateError(
        f"This kernel cannot confine the programs that read what others wrote: it has no {lacks}.",
        advice='Use another kernel (many have Landlock with `lsm=landlock,…` at boot), or set sandbox to "degraded".',
    )


def give_up_rights(descriptors: int, reach: Reach) -> None:
    """Give up what no worker needs: new rights by other programs, cores, capabilities, many descriptors, large files."""
    _control(_SET_NO_NEW_PRIVILEGES, 1)
    _control(_SET_DUMPABLE, 0)
    # A butler that runs as root may be given folders of other users: of all that root may, only this is left, for these.
    keep_capabilities(_DAC_OVERRIDE if reach.read or reach.write else 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, descriptors)
    if not reach.write:
        # Not even memory files can be written then: what a worker has to tell goes over its connection.
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _lower(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (limit, limit))


def _control(option: int, value: int) -> None:
    call("prctl", option, value, 0, 0, 0)


def keep_capabilities(kept: int) -> None:
    """Give up what root may beyond others, but for `kept`; harmless for everybody else."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITIES_VERSION, 0), 8)
    sets = ctypes.create_string_buffer(24)
    call("capget", header, sets)
    _, permitted, inheritable, *higher = struct.unpack("=6I", sets.raw)
    if permitted & ~kept or inheritable or any(higher):
        kept &= permitted
        call("capset", header, ctypes.create_string_buffer(struct.pack("=6I", kept, kept, 0, 0, 0, 0), 24))
