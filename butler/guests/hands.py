"""The hands that call tools of servers: once, and only where the server still tells of a tool as it did when that was shown."""

from __future__ import annotations

from butler.core.effects import CallTool, Effect, Receipt, Seen
from butler.core.errors import EffectError, SourceError, UsageError
from butler.core.payloads import Payload
from butler.core.text import one_line
from butler.guests.guests import Guests

_LONGEST_ANSWER = 5_000


class GuestHands:
    """Hands over all servers; whoever made `guests` closes them."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def look(self, effect: Effect) -> Seen:
        """Look whether the tool is there, and still what it was."""
        call = _call(effect)
        try:
            listed = self._guests.listed(call.account)
        except UsageError as error:
            raise EffectError(error.sentence, permanent=True, held=True, advice="Put it back, or reject the action.") from error
        except SourceError as error:
            raise EffectError(error.sentence, permanent=error.permanent, held=error.permanent, advice=error.advice) from error
        found = listed.tool(call.tool)
        if found is None:
            return Seen(state="gone", sentence=f"The server mcp.{call.account} has no tool {one_line(call.tool, 60)} any more.")
        if found.digest != call.digest or found.name in listed.changed:
            sentence = f"The server mcp.{call.account} tells something else of {found.name} than when it was proposed."
            return Seen(state="changed", sentence=sentence)
        return Seen(state="open")

    def act(self, effect: Effect, seen: Seen) -> Receipt:  # noqa: ARG002 - what was seen is looked at once more below
        """Call it; when no answer comes, it may have been done all the same."""
        call = _call(effect)
        try:
            failed, text = self._guests.call(call.account, call.tool, call.arguments, call.digest)
        except SourceError as error:
            raise EffectError(error.sentence, permanent=True, uncertain=not error.permanent, held=error.permanent) from error
        if failed:
            raise EffectError(f"The tool says that it failed: {one_line(text, 500)}", permanent=True)
        sentence = f"{call.tool} was called, and answered: {one_line(text, 300) or 'nothing'}"
        return Receipt(sentence=sentence, answer=text[:_LONGEST_ANSWER], place=f"mcp:{call.account}/{call.tool}")

    def renewed(self, _payload: Payload, _effect: Effect, _seen: Seen) -> Payload | None:
        """A tool that is told of differently is another one: what was asked for cannot be said over it."""
        return None

    def close(self) -> None:
        """Nothing is opened here."""


def _call(effect: Effect) -> CallTool:
    if not isinstance(effect, CallTool):
        raise EffectError("It is no call of a tool.", permanent=True)
    return effect
