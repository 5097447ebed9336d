"""Who hands out access tokens: where they are asked, for what, and in which of the two ways the owner can agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from butler.core.accounts import Secret, no_secret
from butler.core.endpoints import Encryption

Preset = Literal["google", "microsoft", "custom"]
Kind = Literal["mail", "calendar"]
_MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0"


@dataclass(frozen=True, slots=True)
class Provider:
    """The addresses of a log-in server; `device` is empty where the flow with a code is not to be had.

    `scopes` are what is asked for, by kind of account. `host` is how this machine is named where the browser is sent back
    to, and `more` what else the browser's question says.
    """

    name: str
    token: str
    authorize: str = ""
    device: str = ""
    scopes: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    host: Literal["127.0.0.1", "localhost"] = "127.0.0.1"
    more: Mapping[str, str] = field(default_factory=dict)

    def endpoints(self) -> Iterator[tuple[str, int, Encryption]]:
        """The hosts and ports that this program itself talks to, and how; the page of `authorize` is the browser's."""
        for url in (self.token, self.device):
            parts = urlsplit(url)
            if parts.hostname:
                is_https = parts.scheme == "https"
                yield parts.hostname, parts.port or (443 if is_https else 80), "tls" if is_https else "none"


PROVIDERS: Mapping[Preset, Provider] = {
    # https://developers.google.com/identity/protocols/oauth2/native-app
    # https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
    # Its flow with a code takes few scopes, and none for mail or calendars, so there is no `device`:
    # https://developers.google.com/identity/protocols/oauth2/limited-input-device#allowedscopes
    "google": Provider(
        name="Google",
        token="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        authorize="https://accounts.google.com/o/oauth2/v2/auth",
        scopes={"mail": ("https://mail.google.com/",), "calendar": ("https://www.googleapis.com/auth/calendar",)},
        more={"access_type": "offline", "prompt": "consent"},
    ),
    # https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code
    # https://learn.microsoft.com/en-us/exchange/client-developer/legacy-protocols/
    #   how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth
    # Only `localhost` may have any port there: https://learn.microsoft.com/en-us/entra/identity-platform/reply-url
    "microsoft": Provider(
        name="Microsoft",
        token=f"{_MICROSOFT}/token",
        authorize=f"{_MICROSOFT}/authorize",
        device=f"{_MICROSOFT}/devicecode",
        scopes={
            "mail": (
                "https://outlook.office.com/IMAP.AccessAsUser.All",
                "https://outlook.office.com/SMTP.Send",
                "offline_access",
            )
        },
        host="localhost",
    ),
}


@dataclass(frozen=True, slots=True)
class Client:
    """This program as a log-in server knows it, for one account: its id, the secret that goes with it, what it asks for."""

    provider: Provider
    id: str
    scopes: tuple[str, ...] = ()
    secret: Secret = field(default=no_secret, repr=False)
    ca_file: Path | None = None
