"""How an account is logged in to without a password: who hands out its access tokens, and as whom they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from butler.core.accounts import Login
from butler.oauth.access import AccessToken
from butler.oauth.provider import PROVIDERS, Client, Kind, Provider
from butler.settings.checks import is_loopback, url_problems
from butler.settings.parts import Part, Place, Secret, Words, refuse
from butler.settings.secrets import Password


class OauthPart(Part):
    """The log-in by OAuth of one account; `butler login` does it."""

    provider: Literal["", "google", "microsoft", "custom"] = Field(
        default="", description="log in by OAuth instead of a password: google, microsoft or custom; then run butler login"
    )
    client_id: str = Field(default="", pattern=r"^[\x21-\x7e]*$", description="id of the client that you registered there")
    client_secret: Secret = Field(default=Password(), description="secret of that client; left out where it has none")
    scopes: Words = Field(default=(), description="what is asked for; left out: what the provider needs for this")
    token_url: str = Field(default="", description="where tokens are asked for, with custom")
    authorize_url: str = Field(default="", description="page on which you agree in a browser, with custom")
    device_url: str = Field(default="", description="where a code is asked for that you type elsewhere, with custom")
    ca_file: Place | None = Field(
        default=None, description="certificate authority to trust there, a PEM file; left out: the system's"
    )

    @model_validator(mode="after")
    def _check(self) -> OauthPart:
        refuse(list(self._problems()))
        return self

    @property
    def is_on(self) -> bool:
        """Whether the account is logged in to this way."""
        return bool(self.provider)

    @property
    def login(self) -> Login:
        """How the account is logged in to."""
        return "xoauth2" if self.is_on else "password"

    def token(self, kind: Kind, name: str, state: Path | None) -> AccessToken:
        """The secret of an account, which is kept in a state folder."""
        if state is None:
            raise ValueError("where tokens are kept is needed")
        return AccessToken(f"{kind}.{name}", self._client(kind), state)

    def _client(self, kind: Kind) -> Client:
        provider = self._provider()
        scopes = self.scopes or provider.scopes.get(kind, ())
        return Client(provider, self.client_id, tuple(scopes), self.client_secret, self.ca_file)

    def _provider(self) -> Provider:
        known = PROVIDERS.get(self.provider) if self.provider else None
        known = known or Provider("your log-in server", "")
        return replace(
            known,
            token=self.token_url or known.token,
            authorize=self.authorize_url or known.authorize,
            device=self.device_url or known.device,
        )

    def _problems(self) -> Iterator[str]:
        urls = {"token_url": self.token_url, "authorize_url": self.authorize_url, "device_url": self.device_url}
        if not self.provider:
            if self.client_id or self.client_secret.form != "none" or any(urls.values()):
                yield "oauth has no provider. Set oauth.provider to google, microsoft or custom."
            return
        if not self.client_id:
            yield "oauth has no client_id. Register a client as docs/configuration.md shows, and set its id."
        if self.provider == "custom":
            if not self.token_url:
                yield "oauth has no token_url. Set the address at which tokens are asked for."
            if not self.authorize_url and not self.device_url:
                yield "oauth has neither authorize_url nor device_url. Set one of them, or both."
        for name, url in urls.items():
            if url and (url_problems(url) or (not url.startswith("https:") and not _is_here(url))):
                yield f"oauth.{name} is not an https address. Write it like https://login.example.org/token."


def _is_here(url: str) -> bool:
    return is_loopback(urlsplit(url).hostname or "")
