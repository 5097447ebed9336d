"""All hands: finds the account that an effect is for; opened when first needed, closed together."""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.accounts import Account
from butler.core.effects import Effect, Seen, tool_of
from butler.core.errors import EffectError
from butler.core.payloads import Payload
from butler.core.sources import SourceKind, kind_of
from butler.remote.hands import RemoteHands
from butler.remote.workers import Workers


class AllHands:
    """The hands of every account; called with an effect it gives those that carry it out."""

    def __init__(self, workers: Workers, accounts: Sequence[Account]) -> None:
        self._workers = workers
        self._accounts = {(kind_of(account), account.name): account for account in accounts}
        self._opened: dict[tuple[SourceKind, str], RemoteHands] = {}

    def __call__(self, effect: Effect) -> RemoteHands:
        """The hands for an effect; raises EffectError when its account is not in the settings any more."""
        place = (tool_of(effect), effect.account)
        if place not in self._opened:
            account = self._accounts.get(place)
            if account is None:
                raise EffectError(
                    f"There is no {place[0]} account {effect.account} in the settings any more.",
                    permanent=True,
                    held=True,
                    advice="Put it back, or reject the action.",
                )
            self._opened[place] = RemoteHands(self._workers, account)
        return self._opened[place]

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
        """What the owner asked for, over what a look found changed; None where that cannot be done."""
        return self(effect).renewed(payload, effect, seen)

    def close(self) -> None:
        """Close all that were opened."""
        for hands in self._opened.values():
            hands.close()
        self._opened.clear()
