"""Which system calls a guest may make: a program that is none of ours, and that may start others, but nothing beyond them."""

from __future__ import annotations

from collections.abc import Iterator

from butler.sandbox.bpf import ALLOW, REFUSE, UNKNOWN, Only, Ruling
from butler.sandbox.rulings import BAD_MODES, CLONE_NEW, PRCTLS, REFUSED, SOCK_TYPES, for_all

_AF_INET, _AF_INET6, _SOCK_STREAM = 2, 10, 1
_SET_DEATH_SIGNAL = 1
_PROGRAMS = frozenset({"execve", "fork", "vfork"})
"""What a guest may do of what no worker may: it is a program, and may start what it may read."""
_SIGNALS = frozenset({"kill", "tgkill", "tkill", "pidfd_open", "pidfd_send_signal", "rt_sigqueueinfo", "rt_tgsigqueueinfo"})
_CONNECTIONS = frozenset({"socket", "connect"})


def guest_rulings(*, connects: bool, signals: bool, prepares: bool = False) -> Iterator[Ruling]:
    """List what comes of each call of a guest.

    `connects`: it has a network of its own, in which it may connect. `signals`: it can reach nobody with one but its own.
    `prepares`: it is not the program yet, but what starts it, and puts the filter on anew without that.
    """
    own = _PROGRAMS | _SIGNALS | (_CONNECTIONS if connects else frozenset())
    if prepares:
        own |= {"seccomp"}
        yield Ruling("prctl", ALLOW, (Only(0, (*PRCTLS, _SET_DEATH_SIGNAL)),))
    for names in REFUSED.values():
        yield from (Ruling(name, REFUSE) for name in names.split() if name not in own)
    if connects:
        yield Ruling("socket", ALLOW, (Only(0, (_AF_INET, _AF_INET6)), Only(1, (_SOCK_STREAM,), SOCK_TYPES)))
    yield from (Ruling(name, ALLOW if signals else REFUSE) for name in sorted(_SIGNALS))
    yield Ruling("prlimit64", ALLOW, (Only(0, (0,)),))
    yield Ruling("clone", ALLOW, (Only(0, (0,), CLONE_NEW),))
    yield Ruling("openat2", UNKNOWN)
    yield Ruling("fchmod", ALLOW, (Only(1, (0,), BAD_MODES),))
    yield from for_all()
