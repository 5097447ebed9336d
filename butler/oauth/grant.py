"""What a log-in server grants, and in which words it refuses: its answers read by oauthlib, checked, and made plain values."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from butler.core.dialing import Dial
from butler.core.text import one_line
from butler.oauth.provider import Client
from butler.oauth.wire import SECONDS, Answer, LostError, post

USUAL = 3600.0
"""Seconds for which an access token holds where the server does not say."""
_LONGEST = 86_400.0
_SECRET = frozenset({"client_secret", "refresh_token", "code", "code_verifier", "device_code"})
_CODE = re.compile("[a-z_]{1,40}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token, for how many seconds it holds, and what it is renewed by (empty: as before, or by nothing)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: float


class RefusedError(Exception):
    """A log-in server says no, by a code such as `invalid_grant`, and perhaps in words; both are the server's, as one line."""

    def __init__(self, host: str, code: str, words: str) -> None:
        super().__init__(code)
        self.host = host
        # From a browser it may be anything.
        self.code = code if _CODE.fullmatch(code) else "no reason"
        self.words = words


def ask_token(client: Client, form: str, dial: Dial | None, seconds: float = SECONDS) -> Grant:
    """Ask the server of a client for a token by a form of oauthlib's; raises RefusedError and SourceError."""
    from urllib.parse import parse_qsl

    wanted = dict(parse_qsl(form, keep_blank_values=True)) | {"client_id": client.id}
    if secret := client.secret():
        wanted["client_secret"] = secret
    try:
        return granted(post(client.provider.token, wanted, dial, client.ca_file, seconds))
    except RefusedError as error:
        # A server may repeat what it was sent, and its words are shown.
        if any(value in error.words for name, value in wanted.items() if name in _SECRET and value):
            error.words = ""
        raise


def renew(client: Client, refresh: str, dial: Dial | None) -> Grant:
    """Ask for a new access token; raises RefusedError and SourceError."""
    from oauthlib.oauth2 import WebApplicationClient

    return ask_token(client, WebApplicationClient(client.id).prepare_refresh_body(refresh_token=refresh), dial)


def granted(answer: Answer) -> Grant:
    """Read what was granted; raises RefusedError, and `LostError` where the answer is neither."""
    from oauthlib.oauth2 import OAuth2Error, WebApplicationClient

    refuse(answer)
    told = {name: answer.document.get(name) for name in ("access_token", "refresh_token", "token_type")}
    try:
        found = WebApplicationClient("").parse_request_body_response(
            json.dumps({name: each for name, each in told.items() if isinstance(each, str)})
        )
    except OAuth2Error as error:
        raise _nonsense(answer) from error
    access, refresh = found["access_token"], found.get("refresh_token", "")
    if not _TOKEN.fullmatch(access) or (refresh and not _TOKEN.fullmatch(refresh)):
        raise _nonsense(answer)
    if found.get("token_type", "bearer").lower() != "bearer":
        raise _nonsense(answer)
    return Grant(access, refresh, number(answer.document.get("expires_in"), USUAL, _LONGEST))


def refuse(answer: Answer) -> None:
    """Raise RefusedError where an answer is a refusal."""
    code = answer.document.get("error")
    if code is None and answer.status < 400:
        return
    words = answer.document.get("error_description")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise _nonsense(answer)
    raise RefusedError(answer.host, code, one_line(words, 160).rstrip(".") if isinstance(words, str) else "")


def number(value: Any, usual: float, most: float) -> float:
    """A number of seconds as a server tells it, which may be text, nonsense or far too large."""
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return usual
    return min(found, most) if found > 0 else usual


def _nonsense(answer: Answer) -> LostError:
    return LostError(f"{answer.host} does not answer as a log-in server does (status {answer.status}).")
