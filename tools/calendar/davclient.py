"""The one importer of caldav and niquests: a client that talks to one host and to nobody else on the way."""

from __future__ import annotations

from time import monotonic
from typing import Any

import niquests
from caldav.davclient import DAVClient
from caldav.lib.error import DAVError
from lxml.etree import XMLSyntaxError

from butler.core.accounts import CalendarAccount
from butler.core.dialing import Dial
from tools.calendar.davfaults import Answered

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


def client(account: CalendarAccount, url: str, dial: Dial) -> Any:  # noqa: ARG001
    """Make a client: no DNS discovery, proxies, .netrc, redirects, HTTP/3, or questions to certificate authorities."""
    made: Any = DAVClient(
        url=url,
        username=account.user or None,
        password=account.password() or None,
        ssl_verify_cert=str(account.ca_file) if account.ca_file else True,
        enable_rfc6764=False,
    )
    made.timeout = account.timeout
    made.session.close()
    session = _Session(disable_http3=True, revocation_configuration=None, happy_eyeballs=False)
    session.trust_env = False
    made.session = session
    return made
