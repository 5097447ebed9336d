"""What runs in the workers that act: the hands of one account, as the executor asks for them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import Any

from butler.core.effects import Effect, Hands, Receipt, Seen
from butler.core.errors import EffectError
from butler.core.payloads import Payload
from butler.core.sources import ActingTool
from butler.sandbox.stations import Opened, Station


def hands(connection: socket.socket) -> None:
    """Serve the hands of an account."""
    Actor().serve(connection)


class Actor(Station):
    """Hands, and what says anew what they were asked for."""

    _made: tuple[ActingTool, Hands] | None = None

    def offers(self) -> Mapping[str, Callable[..., Any]]:
        """What hands do."""
        return {"open": self.open, "look": self.look, "act": self.act, "renewed": self.renewed, "close": self.close}

    def open(self, target: str, account: Opened) -> None:
        """Make the hands; connects to nothing. Raises EffectError where the tool only reads."""
        tool, account, dial = self.told(target, account)
        if not isinstance(tool, ActingTool):
            raise EffectError(f"The tool for {tool.kind} only reads.", permanent=True, held=True, advice="Reject the action.")
        self._made = tool, tool.hands(account, dial=dial)

    def look(self, effect: Effect) -> Seen:
        """Look whether an effect can be done."""
        return self._opened[1].look(effect)

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        """Do it once."""
        return self._opened[1].act(effect, seen)

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
        """Say what the owner asked for over what `seen` found changed."""
        return self._opened[0].renewed(payload, effect, seen)

    def close(self) -> None:
        """Hang up."""
        self._opened[1].close()

    @property
    def _opened(self) -> tuple[ActingTool, Hands]:
        if self._made is None:
            raise EffectError("It was not opened.")
        return self._made
