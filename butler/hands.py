"""All hands: finds the account that an effect is for; opened when first needed, closed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from butler.core.accounts import Account
from butler.core.effects import Effect, EffectTool, Seen, tool_of
from butler.core.errors import EffectError
from butler.core.payloads import Payload
from butler.core.sources import kind_of
from butler.remote.hands import RemoteHands
from butler.remote.workers import Workers

if TYPE_CHECKING:
    from butler.guests.guests import Guests
    from butler.guests.hands import GuestHands


class AllHands:
    """The hands of every account; called with an effect it gives those that carry it out.

    `guests` are the servers of the owner's choice, which whoever made them closes.
    """

    def __init__(self, workers: Workers, accounts: Sequence[Account], guests: Callable[[], Guests] | None = None) -> None:
        self._workers = workers
        self._guests = guests
        self._accounts = {(kind_of(account), account.name): account for account in accounts}
        self._opened: dict[tuple[EffectTool, str], RemoteHands | GuestHands] = {}

    def __call__(self, effect: Effect) -> RemoteHands | GuestHands:
        """The hands for an effect; raises EffectError when its account is not in the settings any more."""
        place = (tool_of(effect), effect.account)
        if place[0] == "mcp" and self._guests is not None and place not in self._opened:
            from butler.guests.hands import GuestHands

            self._opened[place] = GuestHands(self._guests())
        if place not in self._opened:
            account = next((one for known, one in self._accounts.items() if known == place), None)
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
