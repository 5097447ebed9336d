"""The secret of an account that is logged in to by OAuth: an access token, renewed when it is about to run out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from butler.core.accounts import Account, CalendarAccount, MailAccount
from butler.core.dialing import Dial
from butler.core.endpoints import Endpoint, plain_host
from butler.core.errors import LoginError, SourceError, StateError
from butler.core.text import one_line
from butler.oauth.provider import Client
from butler.oauth.tokens import Kept, Tokens

# A token that still holds is looked up every few minutes, by a process that is not to load what only a renewal needs.
if TYPE_CHECKING:
    from butler.oauth.grant import Grant, RefusedError

_PATIENCE = 45.0
"""Seconds to wait for another process that renews the same log-in."""
_OVER = frozenset({"invalid_grant", "interaction_required", "login_required", "consent_required"})
"""Refusals after which only the owner can help. https://www.rfc-editor.org/rfc/rfc6749#section-5.2"""
_LATER = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Called, it gives an access token of an account such as `mail.home`; `dial` connects to the log-in server, if it is set.

    To be called where secrets may be, never in a worker.
    """

    name: str
    client: Client
    state: Path
    dial: Dial | None = None

    def __call__(self) -> str:
        """The access token, good for a minute more.

        Raises LoginError where only a new log-in helps, SourceError where a later try may, StateError when the new token
        cannot be kept.
        """
        tokens = Tokens(self.state)
        try:
            return self._of(tokens)
        except StateError as error:
            raise SourceError(error.sentence, permanent=True, advice=error.advice) from error

    def endpoints(self) -> Iterator[Endpoint]:
        """Whom it talks to, for the purpose `login.home`."""
        purpose = f"login.{self.name.partition('.')[2]}"
        for host, port, encryption in self.client.provider.endpoints():
            yield Endpoint(plain_host(host), port, purpose, encryption)

    def _of(self, tokens: Tokens) -> str:
        kept = self._good(tokens.read(self.name))
        if kept.holds(time.time()):
            return kept.access
        with tokens.held(self.name, _PATIENCE):
            # Another process may have renewed it meanwhile, or been refused.
            kept = self._good(tokens.read(self.name))
            return kept.access if kept.holds(time.time()) else self._renewed(tokens, kept)

    def _good(self, kept: Kept | None) -> Kept:
        if kept is None or kept.client != self.client.id:
            raise LoginError(f"Nobody is logged in to {self.name} yet.", permanent=True, advice=self._advice("Log in"))
        if kept.refused:
            raise LoginError(kept.refused, permanent=True, advice=self._advice("Log in again"))
        return kept

    def _renewed(self, tokens: Tokens, kept: Kept) -> str:
        """Renew the log-in; what the server grants is on the disk before it is used."""
        from butler.oauth.grant import RefusedError, renew
        from butler.oauth.wire import LostError

        if not kept.refresh:
            raise self._over(tokens, kept, f"The log-in of {self.name} has run out, and cannot be renewed.")
        begun = replace(kept, asked=kept.asked or time.time())
        tokens.keep(self.name, begun)
        try:
            grant = renew(self.client, kept.refresh, self.dial)
        except LostError:
            raise
        except SourceError:
            # It was not even asked.
            tokens.keep(self.name, kept)
            raise
        except RefusedError as error:
            raise self._refused(tokens, kept, error) from error
        tokens.keep(self.name, kept_of(grant, self.client, kept.refresh))
        return grant.access

    def _refused(self, tokens: Tokens, kept: Kept, error: RefusedError) -> SourceError:
        if error.code in _OVER:
            cut = f"{datetime.fromtimestamp(kept.asked, UTC):%Y-%m-%d %H:%M} UTC" if kept.asked else ""
            lost = f" A renewal of {cut} was cut short, so that what came of it was lost." if cut else ""
            return self._over(tokens, kept, f"{error.host} does not accept the log-in of {self.name} any more.{lost}")
        tokens.keep(self.name, replace(kept, asked=0.0))
        if error.code in _LATER:
            return SourceError(f"{error.host} cannot log anybody in at the moment ({error.code}).")
        words = f": {one_line(error.words, 120)}" if error.words else ""
        return LoginError(
            f"{error.host} does not renew the log-in of {self.name} ({error.code}){words}.",
            permanent=True,
            advice=f"Check client_id and client_secret in the settings of {self.name}.",
        )

    def _over(self, tokens: Tokens, kept: Kept, sentence: str) -> LoginError:
        tokens.keep(self.name, replace(kept, refused=sentence, asked=0.0))
        return LoginError(sentence, permanent=True, advice=self._advice("Log in again"))

    def _advice(self, what: str) -> str:
        return f"{what} with `butler login {self.name}`."


def of_login(account: Account) -> tuple[Endpoint, ...]:
    """Where the log-in of an account is renewed; nowhere where it has a password. No worker is to connect there."""
    token = _token_of(account)
    return tuple(dict.fromkeys(token.endpoints())) if token else ()


def renewed_by(account: Account, dial: Dial) -> Account:
    """The same account, whose log-in is renewed over the connections of a certain dialer's."""
    token = _token_of(account)
    if token is None or not isinstance(account, MailAccount | CalendarAccount):
        return account
    dialled = replace(token, dial=dial)
    if isinstance(account, MailAccount) and account.smtp and isinstance(account.smtp.password, AccessToken):
        return replace(account, password=dialled, smtp=replace(account.smtp, password=dialled))
    return replace(account, password=dialled)


def _token_of(account: Account) -> AccessToken | None:
    secret = account.password if isinstance(account, MailAccount | CalendarAccount) else None
    return secret if isinstance(secret, AccessToken) else None


def kept_of(grant: Grant, client: Client, before: str = "") -> Kept:
    """A grant as it is kept; one without a new refresh token goes on with the one before."""
    now = time.time()
    return Kept(client.id, grant.access, grant.refresh or before, now, now + grant.seconds)
