"""One question to a log-in server: a form by POST over TLS, no redirect followed, the answer bounded in size and time."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from butler.core.dialing import Dial
from butler.core.errors import SourceError
from butler.core.text import one_line

SECONDS = 20.0
"""Within so many a question is answered, however slowly its bytes come."""
_MOST = 131_072
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TOO_MANY = 429
_TLS_FAILED = "{} does not speak TLS as it should."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a log-in server said: the status, and the JSON object."""

    host: str
    status: int
    document: Mapping[str, Any]


class LostError(SourceError):
    """No answer came, or none that can be read; whether the question arrived is not known."""


def post(url: str, form: Mapping[str, str], dial: Dial | None, ca_file: Path | None, seconds: float = SECONDS) -> Answer:
    """Ask, and return an answer that is a JSON object; raises SourceError for all else, `LostError` where nothing is known."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme != "https" and host not in _LOOPBACK:
        raise SourceError(f"{host} would be asked for a log-in in plain text.", permanent=True, advice="Use an https address.")
    try:
        with _connected(host, port, dial, parts.scheme, ca_file, seconds) as connection:
            return _asked(connection, host, parts.netloc, parts.path or "/", form)
    except (OSError, http.client.HTTPException) as error:
        raise _explained(error, host) from error


@contextmanager
def _connected(
    host: str, port: int, dial: Dial | None, scheme: str, ca_file: Path | None, seconds: float
) -> Iterator[socket.socket]:
    """A connection that is cut off when the time is over, so that no server can drip."""
    plain = dial(host, port, seconds) if dial else socket.create_connection((host, port), seconds)
    # A descriptor of its own: it can be cut off whatever the encryption is about to do with the other.
    rope = plain.dup()
    timer = threading.Timer(seconds, _cut, (rope,))
    timer.daemon = True
    timer.start()
    try:
        with closing(plain if scheme == "http" else _encrypted(plain, host, port, dial, ca_file)) as line:
            yield line
    finally:
        timer.cancel()
        timer.join()
        rope.close()


def _cut(rope: socket.socket) -> None:
    with suppress(OSError):
        rope.shutdown(socket.SHUT_RDWR)


def _encrypted(plain: socket.socket, host: str, port: int, dial: Dial | None, ca_file: Path | None) -> ssl.SSLSocket:
    try:
        try:
            context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        except OSError as error:
            words = f"The certificate file {ca_file} cannot be read: {error.strerror or error}."
            raise SourceError(words, permanent=True, advice="Set oauth.ca_file to a PEM file that you may read.") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        line = context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
    if dial:
        dial.secured(host, port, line.version() or "", line.getpeercert(binary_form=True) or b"")
    return line


def _asked(line: socket.socket, host: str, name: str, path: str, form: Mapping[str, str]) -> Answer:
    client = http.client.HTTPConnection(host)
    client.sock = line
    headers = {
        "Host": name.rpartition("@")[2],
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/x-www-form-urlencoded",
        "Connection": "close",
    }
    client.request("POST", path, urlencode(form), headers)
    with closing(client.getresponse()) as response:
        content = response.read(_MOST + 1)
        if response.length and len(content) <= _MOST:
            raise http.client.IncompleteRead(content)
    return Answer(host, response.status, _document(host, response.status, content))


def _document(host: str, status: int, content: bytes) -> Mapping[str, Any]:
    if 300 <= status < 400:
        raise SourceError(f"{host} sends us elsewhere, which is not followed.", advice="Check the addresses of the log-in.")
    if status >= 500 or status == _TOO_MANY:
        raise LostError(f"{host} cannot log anybody in at the moment (it answers {status}).")
    if len(content) > _MOST:
        raise LostError(f"{host} answers with more than {_MOST // 1024} KB, which no log-in needs.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LostError(f"{host} does not answer as a log-in server does (status {status}).")
    return found


def _explained(error: Exception, host: str) -> SourceError:
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = "If it is your own authority's, set oauth.ca_file to its PEM file. Nothing was sent to it."
        return SourceError(f"The certificate of {host} is not trusted, or not for it.", permanent=True, advice=advice)
    if isinstance(error, ssl.SSLError):
        return LostError(_TLS_FAILED.format(host))
    if isinstance(error, socket.gaierror | UnicodeError):
        return SourceError(f"The log-in server {host} cannot be found.", advice="Check its name, and that there is a network.")
    if isinstance(error, ConnectionRefusedError):
        return SourceError(f"The log-in server {host} refuses connections.", advice="Check its address, and that it runs.")
    if isinstance(error, TimeoutError):
        return LostError(f"The log-in server {host} does not answer in time.")
    if isinstance(error, OSError) and not isinstance(error, ConnectionError):
        return LostError(f"The connection to {host} broke: {one_line(error.strerror or str(error), 120)}.")
    return LostError(f"{host} ended the connection before it answered.")
