"""A tiny HTTP server that keeps what is posted to it; each path may be told to refuse, or to take its time."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Sink:
    """What came in, as (path, document); `orders` says by path which status to answer with, or "hang", which sets `hanging`."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, Any]]] = []
        self.orders: dict[str, int | str] = {}
        self.hanging = threading.Event()
        self.over = threading.Event()
        self.port = 0

    def url(self, path: str) -> str:
        """The address of a path, as apprise writes it."""
        return f"json://127.0.0.1:{self.port}{path}"

    def messages(self, path: str = "/") -> list[str]:
        """The texts that came to a path."""
        return [document["message"] for came, document in self.came if came == path]


@contextmanager
def http_sink() -> Iterator[Sink]:
    """Serve until left."""
    sink = Sink()

    class Posted(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            order = sink.orders.get(self.path, 200)
            if order == "hang":
                sink.hanging.set()
                sink.over.wait(30)
                return
            if order == 200:
                sink.came.append((self.path, json.loads(body)))
            self.send_response(int(order))
            if order == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            sink.came.append((self.path, {"message": "followed"}))

        def log_message(self, *_: object) -> None:
            """Keep silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Posted)
    server.daemon_threads = True
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
