"""What a worker is ordered to be, and how an order crosses to the process that forks it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from butler.sandbox.hints import fitted
from butler.sandbox.reach import Reach

if TYPE_CHECKING:
    from butler.sandbox.profiles import Role

LONGEST_ORDER = 65_536
GUEST = "guest"
"""The role of what starts a program that is none of ours."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may use; 0 is no limit.

    `cpu` are seconds of processor time for one thing to parse, `memory` bytes of address space above what is there when it
    is forked: Python's own code and the modules that were loaded beforehand.
    """

    cpu: int = 10
    memory: int = 512 << 20


UNLIMITED = Limits(0, 0)


@dataclass(frozen=True, slots=True)
class Order:
    """A worker: its role, the function `module:name` that is called with its connection, and what it may touch.

    `preload` names modules that are loaded before the fork, once, and shared by all workers that follow. `degraded` has it
    start although the kernel cannot confine it wholly.
    """

    role: Role
    main: str
    preload: tuple[str, ...] = ()
    reach: Reach = field(default_factory=Reach)
    limits: Limits = UNLIMITED
    degraded: bool = False

    def text(self) -> bytes:
        """The order as it crosses."""
        return json.dumps(asdict(self)).encode()


def read_order(text: bytes) -> Order:
    """Read an order; raises ValueError, TypeError or KeyError when it is none."""
    try:
        found = fitted(json.loads(text), dict[str, Any])
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    reach = fitted(found.pop("reach"), dict[str, list[str]])
    limits = fitted(found.pop("limits"), dict[str, int])
    preload = fitted(found.pop("preload"), list[str])
    kept = Reach(**{name: tuple(paths) for name, paths in reach.items()})
    return Order(reach=kept, limits=Limits(**limits), preload=tuple(preload), **found)
