"""What is pinned and where: hosts get it with them, copies are made of it, and its owner takes another one or goes back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from butler.core.accounts import ModelHost
from butler.core.errors import ButlerError, ModelError
from butler.core.models import ModelLook
from butler.core.pins import Copy, KeptPin, alias_of, short
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.staff import Staff
    from butler.store.pins import Pins

SECONDS = 10.0
"""How long all servers together may take to tell about themselves."""
_COPYING = 30.0
_AGAIN = timedelta(days=1)
"""How long a copy that could not be made is not tried again."""
_log = logging.getLogger("butler.models")


class Pinned:
    """Between the pins and the servers; those are asked by a process of their own."""

    def __init__(self, pins: Pins, staff: Callable[[], Staff], clock: Callable[[], datetime]) -> None:
        self._pins = pins
        self._staff = staff
        self._clock = clock

    def equip(self, host: ModelHost) -> ModelHost:
        """The same host with what is pinned on its servers, and of its models."""
        return replace(host, pins=self._pins.about(host))

    def look(self, host: ModelHost, *, by_name: bool = False) -> Sequence[ModelLook]:
        """Look at each model on each server; `by_name`: at what the name of the settings means now, also after going back."""
        wanted = replace(host, pins=()) if by_name else self.equip(host)
        found: list[ModelLook] = self._staff().looker.aside(wanted, "look", seconds=SECONDS, gives=list[ModelLook])
        return found

    def keep_copies(self, host: ModelHost | None, warn: Callable[[str], None] | None = None) -> None:
        """Have a copy made of each pin that has none; `warn` is told where that cannot be, which stops nothing."""
        if host is None or not host.alias:
            return
        urls = {server.url for server in host.servers() if server.api == "ollama"}
        for pin in self._pins.uncopied(host, urls, self._clock() - _AGAIN):
            alias = alias_of(pin.name, pin.identity.digest)
            try:
                self._staff().looker.aside(host, "copy", pin, alias, seconds=_COPYING, gives=type(None))
            except ButlerError as error:
                alias = ""
                (warn or _log.warning)(f"No copy of {pin.name} could be kept to go back to: {one_line(str(error), 300)}")
            self._pins.copied(pin, alias, self._clock())

    def noted(self, look: ModelLook) -> None:
        """Note what a look found of a model that is pinned: that it is another one, or that it is as pinned again."""
        self._pins.meet(look.url, look.name, look.identity, self._clock())

    def accept(self, look: ModelLook) -> KeptPin:
        """Pin what a look found."""
        return self._pins.accept(look.url, look.name, look.identity, self._clock())

    def go_back(self, host: ModelHost, copy: Copy) -> KeptPin:
        """Have a copy asked in the place of its name, once it is sure to be there; raises ModelError."""
        only = replace(host, name=copy.alias, write="", ask="", pins=())
        found: list[ModelLook] = self._staff().looker.aside(only, "look", seconds=SECONDS, gives=list[ModelLook])
        there = next((each for each in found if each.url == copy.url), None)
        if there is None or not there.present:
            told = one_line(there.problem, 300) if there else f"{copy.url} is no server of the settings."
            raise ModelError(f"The copy {copy.alias} cannot be used: {told}")
        if there.identity.digest != copy.identity.digest:
            sentence = f"The copy {copy.alias} is {short(there.identity.digest)} now, not {short(copy.identity.digest)}."
            raise ModelError(sentence, advice="Somebody changed it on the server; it is not used.")
        return self._pins.go_back(copy, there.identity, self._clock())

    def forget(self, look: ModelLook) -> None:
        """Forget what is pinned."""
        self._pins.forget(look.url, look.name, self._clock())

    def remove(self, host: ModelHost, copy: Copy) -> None:
        """Have a server forget a copy; raises ModelError."""
        self._staff().looker.aside(host, "remove", copy.url, copy.alias, seconds=_COPYING, gives=type(None))
        self._pins.removed(copy, self._clock())
