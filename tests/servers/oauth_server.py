"""A log-in server for the tests, over HTTP or HTTPS: codes to type, a page to agree on, tokens that are renewed and rotate.

It holds its clients to the standards: PKCE and the way back are checked, a code is taken once, a rotated token never again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from dovecot_server import USER, _certify

ID = "the-client"
SECRET = "the-client's secret"

Reply = tuple[int, Any]


@dataclass
class OauthServer:
    """What it was asked, and what it is to do.

    `asked` holds (path, form). `polls` are the answers to questions with a code before it is agreed to, one each; `orders` are
    answers to the next questions for a token: a code of an error, a status, bytes, or "hang", "cut", "drip", "huge",
    "redirect". `rotates` says whether a refresh token is good once. `before` is called when a token was made, and not yet sent.
    """

    url: str = ""
    ca_file: Path | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    orders: list[Any] = field(default_factory=list)
    rotates: bool = True
    seconds: Any = 3600
    interval: Any = 1
    secret: str = SECRET
    scopes: frozenset[str] = frozenset()
    before: Callable[[], None] = lambda: None
    valid: set[str] = field(default_factory=set)
    """Access tokens that were handed out."""
    user: str = USER
    salt: str = "salt"
    """What is in all tokens."""
    refresh: str = ""
    """The one refresh token that is good."""
    when: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    _numbers: Iterator[int] = field(default_factory=count)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def times(self, path: str, **form: str) -> int:
        """How often a path was asked with these values."""
        return sum(1 for asked, given in self.asked if asked == path and form.items() <= given.items())

    def settings(self, name: str = "home", kind: str = "mail", *, device: bool = True, browser: bool = True) -> dict[str, str]:
        """The variables that set an account up with it."""
        prefix = f"BUTLER_{kind.upper()}__{name.upper()}__OAUTH__"
        given = {
            "PROVIDER": "custom",
            "CLIENT_ID": ID,
            "CLIENT_SECRET": self.secret,
            "TOKEN_URL": f"{self.url}/token",
            "SCOPES": "mail,offline_access",
            **({"DEVICE_URL": f"{self.url}/device"} if device else {}),
            **({"AUTHORIZE_URL": f"{self.url}/authorize"} if browser else {}),
            **({"CA_FILE": str(self.ca_file)} if self.ca_file else {}),
        }
        return {f"{prefix}{name}": value for name, value in given.items() if value}

    def agree(self, url: str) -> str:
        """Agree on the page, as somebody with a browser does; returns where the browser is sent to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == ID
        assert asked["code_challenge_method"] == "S256"
        assert urlsplit(asked["redirect_uri"]).hostname in {"127.0.0.1", "localhost"}
        assert len(asked["state"]) >= 32
        code = f"code-{next(self._numbers)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def grant(self, **more: Any) -> Reply:
        """Hand out new tokens."""
        number = next(self._numbers)
        access, before = f"access-{number}-{self.salt}", self.refresh
        self.valid.add(access)
        if self.rotates or not before:
            self.refresh = f"refresh-{number}-{self.salt}"
        fresh = {"refresh_token": self.refresh} if self.refresh != before else {}
        self.before()
        return 200, {"access_token": access, "token_type": "Bearer", "expires_in": self.seconds, **fresh, **more}

    def dovecot(self, folder: Path) -> str:
        """The settings of a Dovecot that takes the tokens of this server."""
        file = folder / "oauth2.conf.ext"
        file.write_text(f"tokeninfo_url = {self.url}/who?access_token=\nusername_attribute = email\n")
        file.chmod(0o644)
        passdb = ("passdb {", "driver = oauth2", "mechanisms = xoauth2", f"args = {file}", "}")
        return "\n".join(("auth_mechanisms = plain login xoauth2", *passdb))

    def answer(self, path: str, form: dict[str, str]) -> Reply:
        """Answer one question."""
        if path == "/device":
            if form.get("client_id") != ID:
                return 400, {"error": "invalid_client"}
            return 200, {
                "device_code": "device-code",
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{self.url}/agree",
                "expires_in": 600,
                "interval": self.interval,
            }
        if path != "/token":
            return 404, {}
        if (form.get("client_id"), form.get("client_secret", "")) != (ID, self.secret):
            return 401, {"error": "invalid_client", "error_description": "Who are you?"}
        return self._token(form)

    def _token(self, form: dict[str, str]) -> Reply:
        match form.get("grant_type"):
            case "urn:ietf:params:oauth:grant-type:device_code":
                if form.get("device_code") != "device-code":
                    return 400, {"error": "invalid_grant"}
                return (400, {"error": self.polls.pop(0)}) if self.polls else self.grant()
            case "authorization_code":
                return self._by_code(form)
            case "refresh_token":
                if form.get("refresh_token") != self.refresh:
                    return 400, {"error": "invalid_grant", "error_description": f"unknown: {form.get('refresh_token')}"}
                return self.grant()
        return 400, {"error": "unsupported_grant_type"}

    def _by_code(self, form: dict[str, str]) -> Reply:
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        return self.grant()

    def hear(self, path: str, form: dict[str, str]) -> Any:
        """Take a question: an order counts before all else."""
        with self._lock:
            self.asked.append((path, form))
            self.when.append(time.monotonic())
            order = self.orders.pop(0) if self.orders and path == "/token" else None
            if isinstance(order, str) and "_" in order:
                return 400, {"error": order}
            return order if order is not None else self.answer(path, form)


class _Handler(BaseHTTPRequestHandler):
    server: _Listening

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        told = self.server.oauth.hear(self.path, form)
        match told:
            case "hang":
                self.server.oauth.over.wait(60)
            case "cut":
                self.connection.close()
            case "drip":
                self._drip()
            case "huge":
                self._send(200, b'{"access_token": "' + b"x" * 3_000_000 + b'"}')
            case "redirect":
                self._send(302, b"{}", Location=f"{self.server.oauth.url}/elsewhere")
            case bytes():
                self._send(200, told)
            case int():
                self._send(told, b"{}")
            case (status, document):
                self._send(status, json.dumps(document).encode())

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def _drip(self) -> None:
        try:
            while not self.server.oauth.over.wait(0.05):
                self.wfile.write(b"H")
                self.wfile.flush()
        except OSError:
            pass

    def do_GET(self) -> None:
        oauth, parts = self.server.oauth, urlsplit(self.path)
        if parts.path == "/who":
            # A mail server asks whose a token is.
            token = parse_qs(parts.query).get("access_token", [""])[0]
            self._send(200, json.dumps({"email": oauth.user}).encode()) if token in oauth.valid else self._send(401, b"{}")
            return
        oauth.asked.append((self.path, {}))
        self._send(200, b"{}")

    def log_message(self, *_: object) -> None:
        """Keep silent."""


class _Listening(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, oauth: OauthServer, context: ssl.SSLContext | None) -> None:
        self.oauth = oauth
        super().__init__(("127.0.0.1", 0), _Handler)
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up is none of our business."""


@contextmanager
def running_oauth(folder: Path | None = None, **options: Any) -> Iterator[OauthServer]:
    """Run it for the length of a block; with TLS where a folder for its certificate is given."""
    oauth = OauthServer(**options)
    context = None
    if folder:
        _certify(folder, "DNS:localhost,IP:127.0.0.1", 30)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        oauth.ca_file = folder / "cert.pem"
    server = _Listening(oauth, context)
    oauth.url = f"{'https' if folder else 'http'}://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield oauth
    finally:
        oauth.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
