"""Holds one model of one server to what its owner agreed to: looked at before and after each call, and told where it moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from butler.core.accounts import ModelHost
from butler.core.models import ModelIdentity, ModelPin
from butler.core.pins import ADVICE, another_one, changes, harmless, held, name_in_use, pin_of, pinned_elsewhere
from butler.core.text import one_line
from butler.model.failures import FailureKind, ServerError
from butler.model.port import ModelPort
from butler.model.report import ModelReport, is_refused
from butler.model.wire import Listed, Listing

Met = Callable[[str, str, ModelIdentity], ModelPin | None]
"""Tells whoever keeps the pins that at an address, under a name, this was seen; gives what is pinned there, if anything is."""

_MOMENT = 2.0
"""Seconds for which a look still counts for the first call after it, which may have waited for its turn."""


class Pinning:
    """What one model on one server is held to, for as long as one gateway asks it; its calls may overlap.

    `name` is that of the settings. Where the server tells no digest nothing is pinned, and nothing is held.
    """

    def __init__(self, host: ModelHost, url: str, name: str, met: Met) -> None:
        self._url = url
        self._name = name
        self._pin = pin_of(host.pins, url, name)
        self._pins = host.pins
        self._met = met
        self._began: ModelIdentity | None = None
        self._fresh_until = 0.0
        self.use = name_in_use(host.pins, url, name)

    @property
    def is_settled(self) -> bool:
        """Whether it was pinned, here or anywhere, what that name means when this gateway began."""
        return any(pin.name == self._name for pin in self._pins)

    def looked(self, report: ModelReport) -> None:
        """Hold what a batch begins with to the pin, or have it pinned where nothing is; raises ServerError.

        A call right after it needs no look of its own.
        """
        self.agreed(ModelIdentity(report.name, report.digest, report.template, report.kind))

    def agreed(self, seen: ModelIdentity) -> None:
        """The same with what was seen; raises ServerError."""
        seen = harmless(seen)
        self._hold(seen)
        self._began, self._fresh_until = seen, time.monotonic() + _MOMENT

    def stale(self) -> None:
        """Forget that it was looked at a moment ago."""
        self._fresh_until = 0.0

    async def before(self, client: ModelPort) -> None:
        """Look whether it is still what it was, so that nothing is sent to another one; raises ServerError."""
        is_fresh = time.monotonic() < self._fresh_until
        self.stale()
        if is_fresh or self._began is None or not self._began.digest:
            return
        # One after the other, over the connection that the question goes over next.
        listed = self._listed(await client.tags())
        self._same(listed, _server(await client.version()))

    async def after(self, client: ModelPort) -> None:
        """Look what answered: a name can be moved at any time, and what is in memory is what answered; raises ServerError."""
        if self._began is None or not self._began.digest:
            return
        loaded = (await client.loaded()).find(self._began.name)
        listed = loaded or self._listed(await client.tags())
        self._same(listed, self._began.server, "its answer was thrown away")

    def _listed(self, listing: Listing) -> Listed:
        began = self._began
        listed = listing.find(began.name) if began else None
        if listed is None:
            sentence = f"The model {self.use!r} is not on {self._url} any more."
            raise ServerError(FailureKind.MISSING, sentence, advice=f"Fetch it: `ollama pull {self.use}`.")
        if is_refused(listed):
            sentence = f"{self.use!r} runs elsewhere now, not on its own server."
            raise ServerError(FailureKind.REMOTE, sentence, advice="Use a model of your own machine.")
        return listed

    def _same(self, listed: Listed, server: str, thrown: str = "") -> None:
        """Raise ServerError unless that is what the batch began with."""
        began = self._began
        if began is None:
            return
        seen = harmless(replace(began, digest=listed.digest, template="", server=server))
        if (seen.digest, seen.server) == (began.digest, began.server):
            return
        self._hold(seen)
        # Nothing is pinned here, and yet one batch is one model's.
        what = f"its answer was thrown away. {' '.join(changes(began, seen))}" if thrown else " ".join(changes(began, seen))
        sentence = f"{began.name} is not the model any more that it was when this run began; {what}"
        raise ServerError(FailureKind.CHANGED, sentence, advice="Run again.")

    def _hold(self, seen: ModelIdentity) -> None:
        """Tell what was seen, and raise ServerError where it is not what is pinned."""
        if not seen.digest and self._pin is None:
            return
        if elsewhere := pinned_elsewhere(self._pins, self._url, self._name, seen.digest):
            # Which model that name means was settled at another server: here nothing is taken on trust any more.
            sentence = another_one(self._name, seen.digest, elsewhere)
            raise ServerError(FailureKind.CHANGED, sentence, advice=f"`butler model accept {self._name}` pins what is there.")
        pin = self._met(self._url, self._name, seen) or self._pin
        found = changes(pin.identity, seen) if pin else ()
        if found:
            raise ServerError(FailureKind.CHANGED, held(self._name, found), advice=ADVICE)


def _server(version: str) -> str:
    return f"ollama {one_line(version, 40)}"
