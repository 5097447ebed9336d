"""The flow with a code (RFC 8628): the owner types a short code on a page, on whatever device, while this waits."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from butler.core.dialing import Dial
from butler.core.errors import LoginError, SourceError
from butler.oauth.grant import Grant, RefusedError, ask_token, number, refuse
from butler.oauth.provider import Client
from butler.oauth.wire import LostError, post

_INTERVAL, _LONGEST_INTERVAL = 5.0, 300.0
_LIFE, _LONGEST_LIFE = 600.0, 3600.0
_SLOWER = 5.0
"""Seconds by which a server that is asked too often is asked less often. https://www.rfc-editor.org/rfc/rfc8628#section-3.5"""
_USER_CODE = re.compile(r"[\x20-\x7e]{1,64}")
_DEVICE_CODE = re.compile(r"[\x21-\x7e]{1,16384}")


@dataclass(frozen=True, slots=True)
class Code:
    """What the owner types (`user`) and on which page; `seconds` for which that works, `interval` between two questions."""

    page: str
    user: str
    device: str = field(repr=False)
    seconds: float
    interval: float


def begin(client: Client, dial: Dial | None) -> Code:
    """Ask for a code; raises LoginError and SourceError."""
    form = {"client_id": client.id, "scope": " ".join(client.scopes)}
    answer = post(client.provider.device, form, dial, client.ca_file)
    try:
        refuse(answer)
    except RefusedError as error:
        raise refused(error, client) from error
    told = answer.document
    # Google calls it otherwise than the standard does.
    page, user, device = (
        told.get("verification_uri") or told.get("verification_url"),
        told.get("user_code"),
        told.get("device_code"),
    )
    if not (_is_page(page) and _fits(_USER_CODE, user) and _fits(_DEVICE_CODE, device)):
        raise SourceError(f"{answer.host} does not answer as a log-in server does.")
    seconds = number(told.get("expires_in"), _LIFE, _LONGEST_LIFE)
    return Code(str(page), str(user), str(device), seconds, number(told.get("interval"), _INTERVAL, _LONGEST_INTERVAL))


def wait(
    client: Client,
    code: Code,
    dial: Dial | None,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Grant:
    """Ask, no more often than the server likes, until the owner has agreed; raises LoginError when that does not come."""
    from oauthlib.oauth2 import DeviceClient

    form = DeviceClient(client.id).prepare_request_body(code.device, include_client_id=True)
    until, pause = clock() + code.seconds, code.interval
    while clock() + pause < until:
        sleep(pause)
        try:
            return ask_token(client, form, dial)
        except RefusedError as error:
            if error.code == "slow_down":
                pause += _SLOWER
            elif error.code != "authorization_pending":
                raise refused(error, client) from error
        except LostError:
            # One that is down is asked less and less often.
            pause = min(pause * 2, _LONGEST_INTERVAL)
    raise LoginError("The code has run out before anybody agreed.", advice="Begin again.")


def refused(error: RefusedError, client: Client) -> SourceError:
    """Tell why a log-in did not come about."""
    if error.code == "access_denied":
        return LoginError("The log-in was declined in the browser.", permanent=True, advice="Begin again to agree to it.")
    if error.code == "expired_token":
        return LoginError("The code has run out before anybody agreed.", advice="Begin again.")
    words = f": {error.words}" if error.words else ""
    return LoginError(
        f"{error.host} does not log us in ({error.code}){words}.",
        permanent=True,
        advice=f"Check what is set and registered for the client {client.id}; docs/configuration.md shows how.",
    )


def _is_page(page: object) -> bool:
    """Whether it is an address that a browser may be sent to: encrypted, or this machine."""
    if not isinstance(page, str) or len(page) > 2000 or not page.isprintable() or not page.isascii() or " " in page:
        return False
    try:
        parts = urlsplit(page)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})


def _fits(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
