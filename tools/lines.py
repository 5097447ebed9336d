"""The lines that tools have to servers: dialled directly where nobody else dials for them, and how each is encrypted.

TLS is 1.2 or newer. The certificate is checked for the host's name against the authority of a file, else against the system's
authorities; or, where certificates are pinned, it has to be one of those, and then nothing else of it counts: neither who
signed it, nor for which name, nor until when. That is for servers at home that sign for themselves.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from butler.core.dialing import Dial
from butler.core.errors import SourceError

_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
"""Where systems keep the authorities that they trust, for a Python whose OpenSSL was built to look elsewhere."""


class Direct:
    """Looks up names and connects by itself, for tools that are used without anybody who watches over them."""

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        """Connect as the operating system does."""
        return socket.create_connection((host, port), seconds)

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        """Nobody wants to know."""


DIRECT: Dial = Direct()


class Line(socket.socket):
    """A connection that ends for the server, too, when it is closed: whoever dialled may hold it to count what goes over it."""

    def _real_close(self, *arguments: Any, **more: Any) -> None:
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)
        super()._real_close(*arguments, **more)  # type: ignore[misc]  # what `socket.socket.close` calls


class SecureLine(ssl.SSLSocket):
    """The same, encrypted."""

    def _real_close(self, *arguments: Any, **more: Any) -> None:
        with suppress(OSError):
            socket.socket.shutdown(self, socket.SHUT_RDWR)
        super()._real_close(*arguments, **more)  # type: ignore[misc]  # what `socket.socket.close` calls


def dialled(dial: Dial, host: str, port: int, seconds: float) -> socket.socket:
    """A connection on which nothing takes longer than so many seconds, whoever made it."""
    connection = dial(host, port, seconds)
    line = Line(connection.family, connection.type, connection.proto, fileno=connection.detach())
    line.settimeout(seconds)
    return line


def shown(digest: str) -> str:
    """A digest as openssl prints it: pairs of capital letters and figures between colons."""
    return ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)).upper()


def _wrong_pin(host: str, seen: str, setting: str) -> SourceError:
    return SourceError(
        f"The certificate of {host} is not the one that is pinned: its SHA-256 is {shown(seen)}.",
        permanent=True,
        advice="Nothing was sent to it. If `openssl x509 -noout -fingerprint -sha256 -in CERTIFICATE` says the same on the "
        f"server itself, set {setting} to it.",
    )


class Encryption(ssl.SSLContext):
    """What makes connections to one server secure, whichever library asks for it; made by `encryption`.

    A certificate that is not pinned ends the connection before anything is sent over it; whoever dialled learns the rest.
    """

    sslsocket_class = SecureLine
    _dial: Dial
    _host: str
    _port: int
    _pins: frozenset[str]
    _setting: str

    def wrap_socket(self, sock: socket.socket, *arguments: Any, **more: Any) -> ssl.SSLSocket:
        """Shake hands, then hold the certificate against the pins."""
        try:
            secure = super().wrap_socket(sock, *arguments, **more)
        except BaseException:
            sock.close()
            raise
        try:
            self._look_at(secure)
        except BaseException:
            secure.close()
            raise
        return secure

    def load_default_certs(self, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH) -> None:
        """Nothing: whom it trusts was decided when it was made, and libraries do not add to that."""

    def _look_at(self, secure: ssl.SSLSocket) -> None:
        certificate = secure.getpeercert(binary_form=True) or b""
        digest = hashlib.sha256(certificate).hexdigest()
        if self._pins and digest not in self._pins:
            raise _wrong_pin(self._host, digest, self._setting)
        self._dial.secured(self._host, self._port, secure.version() or "", certificate)


def encryption(
    dial: Dial, host: str, port: int, *, ca_file: Path | None = None, pins: Sequence[str] = (), setting: str = "pin"
) -> Encryption:
    """What encrypts connections to a server; `pins` are SHA-256 digests in small hex, `setting` is where they are set.

    Raises SourceError where the authority's file cannot be read.
    """
    context = Encryption(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context._dial, context._host, context._port = dial, host, port
    context._pins, context._setting = frozenset(pins), setting
    if pins:
        # The pin is compared right after the handshake, which proves that the server has the certificate's key.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        _trust(context, ca_file)
    return context


def _trust(context: Encryption, ca_file: Path | None) -> None:
    if ca_file is None:
        ssl.SSLContext.load_default_certs(context)
        for bundle in _bundles():
            context.load_verify_locations(bundle)
        return
    try:
        context.load_verify_locations(ca_file)
    except OSError as error:
        raise SourceError(
            f"The certificate file {ca_file} cannot be read: {error.strerror or error}.",
            permanent=True,
            advice="Set ca_file to a PEM file that you may read.",
        ) from error


def _bundles() -> list[str]:
    """The system's bundle where OpenSSL knows of none by itself."""
    found = ssl.get_default_verify_paths()
    if found.cafile or found.capath:
        return []
    return [bundle for bundle in _BUNDLES if Path(bundle).is_file()][:1]
