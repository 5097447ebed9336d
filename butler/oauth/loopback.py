"""The flow by a browser of this machine (RFC 8252): it comes back to a port of ours, with a code that PKCE makes ours."""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from butler.core.dialing import Dial
from butler.core.errors import LoginError, StateError
from butler.oauth.device import refused
from butler.oauth.grant import Grant, RefusedError, ask_token
from butler.oauth.provider import Client

_CODE_SECONDS = 10.0
_LONGEST = 8192
_VERIFIER = 96
_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Butler</title>"
    "<body style='font:1.1rem system-ui;margin:4rem auto;max-width:32rem'><p>{}</p></body></html>"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
}
_DONE = "The butler has its answer. You can close this page; what came of it stands in the terminal."
_NOT_OURS = "This is no answer to what the butler asked."


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser asks, and what makes its answer ours: the address to open, the state, PKCE's secret, the way back."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    back: str = ""


class Answered:
    """A port of this machine, on loopback alone, until the browser came back or the time is over; to be entered."""

    def __init__(self, client: Client, port: int = 0) -> None:
        self._client = client
        self._over = threading.Event()
        self._query = ""
        self._lock = threading.Lock()
        try:
            self._server = _server(self, port)
        except OSError as error:
            words = f"Port {port} of this machine cannot be used: {error.strerror}."
            raise StateError(words, advice="Name another with --port.") from error
        self.port = int(self._server.server_address[1])
        self.question = _question(client, f"http://{client.provider.host}:{self.port}/")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def heard(self, target: str) -> bool:
        """Take what a browser came back with, if it is the answer to our question; the first one counts."""
        query = urlsplit(target).query
        states = parse_qs(query).get("state", [])
        if len(states) != 1 or not hmac.compare_digest(states[0].encode(), self.question.state.encode()):
            return False
        with self._lock:
            self._query = self._query or query
        return True

    def has_told(self) -> None:
        """End the waiting: the browser has its page, which whoever waits would else take away by ending."""
        self._over.set()

    def wait(self, seconds: float) -> str:
        """The query that the browser came back with; raises LoginError when it does not come."""
        if not self._over.wait(seconds):
            raise LoginError("Nobody agreed in the browser in time.", advice="Begin again.")
        return self._query


def grant(client: Client, question: Question, query: str, dial: Dial | None) -> Grant:
    """Turn the browser's answer into tokens; raises LoginError and SourceError."""
    from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

    asking = WebApplicationClient(client.id)
    try:
        # oauthlib wants to see https, which a loopback address cannot have and does not need.
        told = asking.parse_request_uri_response(f"https://{client.provider.host}/?{query}", state=question.state)
        form = asking.prepare_request_body(code=told["code"], redirect_uri=question.back, code_verifier=question.verifier)
        return ask_token(client, form, dial)
    except OAuth2Error as error:
        host = urlsplit(client.provider.authorize).hostname or ""
        raise refused(RefusedError(host, str(error.error or "no code"), ""), client) from error
    except RefusedError as error:
        raise refused(error, client) from error


def _question(client: Client, back: str) -> Question:
    from oauthlib.oauth2 import WebApplicationClient

    asking = WebApplicationClient(client.id)
    verifier = asking.create_code_verifier(_VERIFIER)
    state = secrets.token_urlsafe(32)
    scheme, _, rest = client.provider.authorize.partition("://")
    # oauthlib wants to see https; the settings let plain text go to this machine alone.
    url = asking.prepare_request_uri(
        f"https://{rest}",
        redirect_uri=back,
        scope=list(client.scopes),
        state=state,
        code_challenge=asking.create_code_challenge(verifier, "S256"),
        code_challenge_method="S256",
        **client.provider.more,
    )
    return Question(f"{scheme}{url.removeprefix('https')}", state, verifier, back)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 8

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of who hangs up."""


def _server(answered: Answered, port: int) -> _Server:
    class Back(BaseHTTPRequestHandler):
        """Where the browser comes back to."""

        timeout = _CODE_SECONDS
        protocol_version = "HTTP/1.1"

        def version_string(self) -> str:
            """Tell nothing of the program."""
            return "butler"

        def take_answer(self) -> None:
            """Take what the browser was sent here with."""
            known = len(self.path) <= _LONGEST and urlsplit(self.path).path == "/" and answered.heard(self.path)
            page = _PAGE.format(_DONE if known else _NOT_OURS).encode()
            self.close_connection = True
            try:
                self.send_response(200 if known else 400)
                for name, value in {**_HEADERS, "Content-Length": str(len(page))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page)
            finally:
                if known:
                    answered.has_told()

        do_GET = take_answer  # noqa: N815 - the name by which the server calls it

        def log_message(self, *_: object) -> None:
            """Write nothing: what comes holds a code."""

    return _Server(("127.0.0.1", port), Back)
