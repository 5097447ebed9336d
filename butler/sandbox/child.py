"""The worker process: loads one tool and parses what it is sent until the connection ends.

python -I -m butler.sandbox.child <kind> <module:attribute> <memory in bytes> <file descriptor>
"""

from __future__ import annotations

import math
import resource
import socket
import sys
import time
from typing import cast

from butler.core.sources import SourceKind, Tool
from butler.sandbox.wire import pack_answer, prepared_of, read_request, receive_frame, send_frame
from butler.toolbox import tool_at

READY = b"ready"


def main(arguments: list[str]) -> None:
    """Serve until the other side closes the connection."""
    kind, target, memory, descriptor = arguments
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    with socket.socket(fileno=int(descriptor)) as connection:
        tool = tool_at(target)
        send_frame(connection, READY)
        serve(connection, cast("SourceKind", kind), tool)


def serve(connection: socket.socket, kind: SourceKind, tool: Tool) -> None:
    """Answer each request with what its raws were parsed into; whatever goes wrong ends the process."""
    while (request := receive_frame(connection)) is not None:
        raws, frame, cpu = read_request(kind, request)
        allow_seconds(cpu)
        send_frame(connection, pack_answer(kind, prepared_of(kind, tool.parse(raws, frame))))


def allow_seconds(cpu: int) -> None:
    """Have the kernel end this process after so many more seconds of processor time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + cpu, hard))


if __name__ == "__main__":
    main(sys.argv[1:])
