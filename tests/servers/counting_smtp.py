"""A small SMTP server that takes every mail and remembers the Message-ID of each, in the order in which it took them."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Session(socketserver.StreamRequestHandler):
    server: CountingSmtp

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._take()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 here" if verb in {b"EHLO", b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"} else "502 no")

    def _take(self) -> None:
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                found = re.search(rb"(?mi)^Message-ID:\s*<([^>]+)>", b"".join(lines))
                self.server.taken.append(found[1].decode() if found else "")
                self._say("250 taken")
                return
            lines.append(line)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class CountingSmtp(socketserver.ThreadingTCPServer):
    """Listens on a free loopback port; `taken` are the Message-IDs."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        self.taken: list[str] = []
        super().__init__(("127.0.0.1", 0), _Session)

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are killed are what this is for."""


@contextmanager
def counting_smtp() -> Iterator[CountingSmtp]:
    """Run one for the length of a block."""
    with CountingSmtp() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
