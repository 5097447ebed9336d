"""A browser without a script: asks over a port or a socket, as the page's own address, and keeps the cookie."""

from __future__ import annotations

import socket
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit


class PlainBrowser:
    """Asks as a browser does, over a port or a socket, and keeps the cookie."""

    def __init__(self, place: int | Path, host: str = "", scheme: str = "http") -> None:
        self.place = place
        self.host = host or f"127.0.0.1:{place}"
        self.origin = f"{scheme}://{self.host}"
        self.cookie = ""
        self.answer: HTTPResponse

    def ask(self, method: str, path: str, body: bytes = b"", **more: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.place if isinstance(self.place, int) else 1, timeout=20)
        if isinstance(self.place, Path):
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.connect(str(self.place))
        sent = {"Host": self.host, "Accept": "text/html", "Cookie": self.cookie, **more}
        try:
            connection.request(method, path, body, sent)
            self.answer = connection.getresponse()
            self.text = self.answer.read().decode()
        finally:
            connection.close()
        return self.answer.status

    def send(self, path: str, **form: str) -> int:
        more = {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        status = self.ask("POST", path, urlencode(form).encode(), **more)
        if cookie := self.answer.headers["set-cookie"]:
            self.cookie = cookie.partition(";")[0]
        return status

    def enter(self, link: str) -> int:
        return self.send("/login", key=urlsplit(link).query.removeprefix("key="))

    def is_in(self) -> bool:
        return self.ask("GET", "/access") == 200
