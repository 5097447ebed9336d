"""The one importer of caldav and niquests: a client that talks to one host and to nobody else on the way."""

from __future__ import annotations

import contextlib
import socket
import warnings
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import niquests
from caldav.davclient import DAVClient
from caldav.lib.error import DAVError
from lxml.etree import XMLSyntaxError
from niquests.adapters import HTTPAdapter
from niquests.packages.urllib3.contrib.resolver import BaseResolver, ProtocolResolver
from niquests.packages.urllib3.exceptions import InsecureRequestWarning

from butler.core.accounts import DavAccount
from butler.core.dialing import Dial
from tools.dav.faults import Answered
from tools.lines import Encryption, dialled, encryption

_TIMEOUT = 30.0
_PATIENCE = 3
_SLOWEST = 2_000
_LARGEST = 100_000_000
_PIECE = 65_536

FAILURES: tuple[type[Exception], ...] = (niquests.RequestException, DAVError, XMLSyntaxError, OSError)
"""What a request may raise beside Answered."""


class _Session(niquests.Session):
    """Hands over only what the client is to parse: success, and the refusals by which log-in methods are found."""

    def request(self, *args: Any, **kwargs: Any) -> Any:
        answer = super().request(*args, **{**kwargs, "allow_redirects": False, "stream": True})
        _take(answer, float(kwargs.get("timeout") or _TIMEOUT))
        status = int(answer.status_code or 0)
        if 300 <= status < 400:
            raise Answered(status, answer.headers.get("Location", ""))
        if status >= 400 and status != 401:
            raise Answered(status, retry_after=answer.headers.get("Retry-After", ""))
        if status < 300 and "html" in answer.headers.get("Content-Type", ""):
            raise Answered(status, web_page=True)
        return answer


def _take(answer: Any, timeout: float) -> None:
    """Read the body, which may be so large and take so long; a timeout alone starts anew with every byte."""
    began, size, pieces = monotonic(), 0, []
    try:
        for piece in answer.iter_content(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > _LARGEST or monotonic() - began > timeout * _PATIENCE + size / _SLOWEST:
                raise niquests.ReadTimeout("timed out, or too long to be read")
    except BaseException:
        answer.close()
        raise
    answer._content = b"".join(pieces)


class _Dialled(BaseResolver):  # type: ignore[misc]  # what niquests brings along is not typed
    """Where niquests gets its connections from; it looks up no name and makes no socket."""

    protocol = ProtocolResolver.CUSTOM
    implementation = "dialled"

    def __init__(self, dial: Dial, seconds: float) -> None:
        super().__init__(None)
        self._dial = dial
        self._seconds = seconds

    def create_connection(self, address: tuple[str, int], timeout: Any = None, *_: Any, **__: Any) -> socket.socket:
        """Have somebody else dial; nothing about TLS or addresses is asked of the name service."""
        seconds = float(timeout) if isinstance(timeout, int | float) else self._seconds
        connection = dialled(self._dial, address[0].strip("[]"), address[1], seconds)
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def getaddrinfo(self, *_: Any, **__: Any) -> Any:
        """Refuse: whoever dials knows where."""
        raise socket.gaierror(socket.EAI_NONAME, "names are not looked up here")

    def close(self) -> None:
        """There is nothing to close."""

    def is_available(self) -> bool:
        """Always."""
        return True


class _Adapter(HTTPAdapter):
    """Makes connections that are encrypted as we say, whatever a request says."""

    def __init__(self, encrypted: Encryption | None, **wishes: Any) -> None:
        self._encrypted = encrypted
        super().__init__(**wishes)

    def init_poolmanager(self, *arguments: Any, **wishes: Any) -> None:
        """Hand our TLS to the pool."""
        super().init_poolmanager(*arguments, **wishes, ssl_context=self._encrypted)

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing: niquests would read authorities of its own."""


def client(account: DavAccount, url: str, dial: Dial, noun: str) -> Any:
    """Make a client: no DNS discovery, proxies, .netrc, redirects, HTTP/3, or questions to certificate authorities."""
    made: Any = DAVClient(
        url=url,
        username=account.user or None,
        password=account.password() or None,
        # Else it asks without any, and then for a password's way.
        auth_type="bearer" if account.login == "xoauth2" else None,
        enable_rfc6764=False,
    )
    made.timeout = account.timeout
    made.session.close()
    made.session = _session(account, url, dial, noun)
    return made


def _session(account: DavAccount, url: str, dial: Dial, noun: str) -> _Session:
    wishes: dict[str, Any] = {
        "disable_http3": True,
        "revocation_configuration": None,
        "happy_eyeballs": False,
        "resolver": _Dialled(dial, account.timeout),
    }
    session = _Session(**wishes)
    session.trust_env = False
    session.mount("http://", _Adapter(None, **wishes))
    if url.startswith("https:"):
        session.mount("https://", _Adapter(_encryption(account, url, dial, noun), **wishes))
    return session


def _encryption(account: DavAccount, url: str, dial: Dial, noun: str) -> Encryption:
    parts = urlsplit(url)
    setting = f"pin of the {noun} {account.name}"
    if account.pins:
        # What is pinned was verified by us; urllib3 knows of authorities only.
        warnings.simplefilter("ignore", InsecureRequestWarning)
    return encryption(
        dial, parts.hostname or "", parts.port or 443, ca_file=account.ca_file, pins=account.pins, setting=setting
    )
