"""What a worker gets at in the file system, as whoever orders it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """Files and folders that may be read, and be written as well, each with all beneath; `listed`: only the names in them.

    `run` may be read, and its programs started. `ports` are TCP ports, in digits, that may be connected to.
    """

    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()

    def __add__(self, other: Reach) -> Reach:
        return Reach(
            *(self.read + other.read, self.write + other.write, self.listed + other.listed),
            *(self.run + other.run, self.ports + other.ports),
        )
