"""All hands: finds the tool and account that carry out an effect; opened when first needed, closed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from butler.core.accounts import Account
from butler.core.effects import Effect, Hands, Seen, tool_of
from butler.core.errors import EffectError
from butler.core.payloads import Payload
from butler.core.sources import ActingTool, SourceKind, Tool, kind_of


class AllHands:
    """The hands of every account; called with an effect it gives those that carry it out."""

    def __init__(self, tools: Mapping[SourceKind, Tool], accounts: Sequence[Account]) -> None:
        self._tools = tools
        self._accounts = {(kind_of(account), account.name): account for account in accounts}
        self._opened: dict[tuple[SourceKind, str], Hands] = {}

    def __call__(self, effect: Effect) -> Hands:
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
            self._opened[place] = self._acting(place[0]).hands(account)
        return self._opened[place]

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
        """What the owner asked for, over what a look found changed; None where that cannot be done."""
        return self._acting(tool_of(effect)).renewed(payload, effect, seen)

    def _acting(self, kind: SourceKind) -> ActingTool:
        tool = self._tools[kind]
        if not isinstance(tool, ActingTool):
            raise EffectError(f"The tool for {kind} only reads.", permanent=True, held=True, advice="Reject the action.")
        return tool

    def close(self) -> None:
        """Close all that were opened."""
        for hands in self._opened.values():
            hands.close()
        self._opened.clear()
