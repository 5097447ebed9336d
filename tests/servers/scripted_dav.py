"""A CalDAV server that answers what a test tells it to: what real servers do only on their bad days."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CAL = "/anna/work/"


@dataclass(frozen=True)
class Ask:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Reply:
    """What to answer; XML unless the headers say otherwise."""

    status: int = 207
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Callable[[Ask], Reply]


def multistatus(*responses: str, token: str = "") -> Reply:
    """Wrap responses."""
    tail = f"<d:sync-token>{token}</d:sync-token>" if token else ""
    names = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/"'
    return Reply(body=f'<?xml version="1.0"?><d:multistatus {names}>{"".join(responses)}{tail}</d:multistatus>')


def response(path: str, properties: str = "", status: str = "") -> str:
    """Describe one resource."""
    prop = f"<d:propstat><d:prop>{properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>" if properties else ""
    state = f"<d:status>HTTP/1.1 {status}</d:status>" if status else ""
    return f"<d:response><d:href>{path}</d:href>{state}{prop}</d:response>"


def calendar(path: str = CAL, properties: str = "", title: str = "Work") -> str:
    """Describe a calendar."""
    kind = "<d:resourcetype><d:collection/><c:calendar/></d:resourcetype>"
    return response(path, f"{kind}<d:displayname>{title}</d:displayname>{properties}")


@contextmanager
def scripted(script: Script, certificate: Path | None = None) -> Iterator[tuple[str, list[Ask]]]:
    """Run a server and yield its URL and the requests that it got; with a certificate it speaks TLS."""
    asked: list[Ask] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            ask = Ask(self.command, self.path, dict(self.headers), body)
            asked.append(ask)
            reply = script(ask)
            content = reply.body.encode("utf-8", "surrogateescape")
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/xml", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_PROPFIND = do_REPORT = do_GET = do_OPTIONS = do_PUT = do_DELETE = answer  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def self_signed(folder: Path, hosts: str = "IP:127.0.0.1") -> Path:
    """Make a certificate that only its own file vouches for, and hand back its folder."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"]
    out = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "30"]
    subprocess.run(
        ["openssl", "req", "-x509", *key, *out, "-addext", f"subjectAltName={hosts}"], check=True, capture_output=True
    )
    return folder
