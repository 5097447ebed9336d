"""A real SMTP server for the tests (aiosmtpd) that keeps what it is sent, and can be told to refuse."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from dovecot_server import PASSWORD, USER, _certify
from free_ports import free_port

HOST = "127.0.0.1"


@dataclass
class Taken:
    """A letter as it came."""

    sender: str
    recipients: list[str]
    content: bytes


@dataclass
class Sink:
    """What was sent; `refusals` are answers to a command (`RCPT`, `DATA` …) in place of the usual one."""

    refusals: dict[str, str] = field(default_factory=dict)
    letters: list[Taken] = field(default_factory=list)
    log_ins: int = 0
    port: int = 0
    ca_file: Path | None = None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.refusals.get("MAIL", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return self.refusals.get("RCPT", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        refusal = self.refusals.get("DATA")
        if refusal:
            return refusal
        self.letters.append(Taken(envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 2.0.0 Queued as 4711"

    def log_in(self, server: Any, session: Any, envelope: Any, mechanism: str, secret: Any) -> AuthResult:
        self.log_ins += 1
        right = (secret.login, secret.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


class _Encrypted(Controller):
    """A controller whose own check does not trip over a certificate that it cannot know."""

    def _trigger_server(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((HOST, self.port), 1.0) as plain, context.wrap_socket(plain) as probe:
            probe.recv(1024)


@contextmanager
def running_sink(
    folder: Path,
    tls: str = "none",
    *,
    size: int = 33_554_432,
    hosts: str = "DNS:localhost,IP:127.0.0.1",
    days: int = 30,
    kind: type[Sink] = Sink,
    **options: Any,
) -> Iterator[Sink]:
    """Run a server for the length of a block, on a free port; `tls` as in the settings, `hosts` and `days` as for Dovecot."""
    sink = kind(**options)
    context: ssl.SSLContext | None = None
    if tls != "none":
        _certify(folder, hosts, days)
        sink.ca_file = folder / "cert.pem"
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    sink.port = free_port()
    wanted: dict[str, Any] = {"ssl_context": context} if tls == "implicit" else {"tls_context": context}
    controller = (_Encrypted if tls == "implicit" else Controller)(
        sink,
        hostname=HOST,
        port=sink.port,
        data_size_limit=size,
        authenticator=sink.log_in,
        auth_require_tls=False,
        auth_required=False,
        server_hostname="localhost",
        # By itself it gives up after five seconds, which a busy machine may need.
        ready_timeout=60.0,
        **wanted,
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
