"""What runs in the worker that parses: one tool's `parse`, and what makes its values ready for the mirror."""

from __future__ import annotations

import math
import resource
import socket
import time
from collections.abc import Sequence
from typing import Any

from butler.core.errors import LoadError, StateError
from butler.core.prepared import prepared_of
from butler.core.sources import Frame, Raw, SourceKind, Tool
from butler.core.text import one_line
from butler.sandbox.kinds import spread
from butler.sandbox.seam import Side
from butler.toolbox import tool_at


def main(connection: socket.socket) -> None:
    """Serve until the other side closes the connection."""
    parsing = Parsing()
    Side(connection, {"load": parsing.load, "parse": parsing.parse}).serve()


class Parsing:
    """One tool at work; whatever goes wrong in it ends the process."""

    def __init__(self) -> None:
        self._tool: Tool | None = None

    def load(self, target: str) -> None:
        """Import the tool at a place; raises LoadError when it is not there."""
        try:
            self._tool = tool_at(target)
        except (ImportError, AttributeError) as error:
            raise LoadError(
                f"The process that parses does not start: there is no tool {target} ({one_line(str(error))}).",
                advice="`butler doctor` checks the installation.",
            ) from error

    def parse(self, kind: SourceKind, raws: list[Raw], frame: Frame, cpu: int) -> Sequence[Any]:
        """Parse, one for one and in order, within so many seconds of processor time."""
        if self._tool is None:
            raise StateError("No tool was loaded.")
        allow_seconds(cpu)
        prepared = prepared_of(kind, self._tool.parse(raws, frame))
        return [spread(each) if isinstance(each, tuple) else each for each in prepared]


def allow_seconds(cpu: int) -> None:
    """Have the kernel end this process after so many more seconds of processor time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + cpu, hard))
