"""What the commands of `butler model` have in common: the models of the settings, looked at, with what is pinned of each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from butler.cli import opening, output
from butler.core.accounts import ModelHost
from butler.core.errors import UsageError
from butler.core.models import ModelLook, ModelPin, Role
from butler.core.pins import Copy, KeptPin, State, is_pinned, short, state_of
from butler.core.text import one_line
from butler.pinned import Pinned

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from butler.store.pins import Pins

NONE = "No model is set."
_CHATS: tuple[Role, ...] = ("judge", "write", "ask")
_EMBEDS: tuple[Role, ...] = ("embed",)
_ASKED = ("well", "unpinned", "not pinned yet")


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the settings on one server: the roles that it has, what a look found, and what is kept of it.

    `pins` is what is pinned anywhere, and `first` the digest at the first server that may be asked for it.
    """

    roles: tuple[Role, ...]
    look: ModelLook
    kept: KeptPin | None
    copies: Sequence[Copy]
    pins: Sequence[ModelPin] = ()
    first: str | None = None

    @property
    def state(self) -> tuple[State, str]:
        """How it stands, and a sentence about that."""
        state, sentence = state_of(self.look, self.kept, chats=self.roles != _EMBEDS, pins=self.pins)
        if state in _ASKED and self.look.server and self.first not in (None, self.look.identity.digest):
            what = short(self.first) if self.first else "unpinned"
            return "another one", f"It is {what} at the first server that has it, so it takes no part here."
        return state, sentence

    @property
    def where(self) -> str:
        """Its server as it is told."""
        return f"{self.look.server} ({self.look.url})" if self.look.server else self.look.url


@dataclass(frozen=True, slots=True)
class Room:
    """Where the models of some settings are looked at and pinned: those that chat, and the one that makes vectors."""

    zone: ZoneInfo
    chat: ModelHost | None
    embed: ModelHost | None
    pins: Pins
    pinned: Pinned

    def models(self, *, by_name: bool = False) -> list[Model]:
        """Look at every model on every server; `by_name`: also after going back at what a name means now.

        What was noted of a model that is as it was pinned is over by that.
        """
        found = [
            self._model(look, tuple(role for role in roles if host.named(role) == look.name), by_name=by_name)
            for host, roles in ((self.chat, _CHATS), (self.embed, _EMBEDS))
            if host is not None
            for look in self.pinned.look(host, by_name=by_name)
        ]
        firsts = {each.look.name: each.look.identity.digest for each in reversed(found) if each.state[0] in _ASKED}
        return [replace(each, first=firsts.get(each.look.name)) for each in found]

    def host_of(self, model: Model) -> ModelHost:
        """The servers and models among which one is."""
        host = self.embed if model.roles == _EMBEDS else self.chat
        if host is None:
            raise AssertionError("it was looked at there")
        return host

    def _model(self, look: ModelLook, roles: tuple[Role, ...], *, by_name: bool) -> Model:
        kept = self.pins.get(look.url, look.name)
        if kept and look.present and not (by_name and kept.went_back):
            self.pinned.noted(look)
        pins = [each.pin for each in self.pins.all()]
        return Model(roles, look, self.pins.get(look.url, look.name), self.pins.copies(look.url, look.name), pins)


@contextmanager
def room(options: argparse.Namespace) -> Iterator[Room]:
    """Open what is needed to look at the models of the settings."""
    from butler.house import wall_clock
    from butler.staff import Staff

    settings = opening.settings(options)
    chat, embed = settings.model_host(), settings.embed_host()
    deeds = opening.deeds(settings)
    staff = Staff(deeds.state, deeds.found, wall_clock, deeds.sandbox, deeds.forkserver)
    with closing(staff), opening.truth(settings) as truth:
        yield Room(settings.person().zone, chat, embed, truth.pins, Pinned(truth.pins, lambda: staff, wall_clock))


def named(models: Sequence[Model], name: str | None) -> list[Model]:
    """The models of a name, or all; raises UsageError where the settings have none, or none of that name."""
    if not models:
        raise UsageError(NONE, advice="Set model.name, such as qwen3.5:9b, and fetch it with `ollama pull`.")
    found = [model for model in models if name in (None, model.look.name)]
    if not found:
        known = ", ".join(dict.fromkeys(model.look.name for model in models))
        raise UsageError(f"No model of the settings is called {one_line(name or '', 80)!r}.", advice=f"There are: {known}.")
    return found


def agreed(options: argparse.Namespace, question: str) -> bool:
    """Whether the owner means it; raises UsageError where nobody can be asked."""
    if options.yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(f"Nobody can be asked here: {question}", advice="Say --yes.")
    output.ask(f"{question} [y/N] ")
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def as_json(model: Model) -> dict[str, Any]:
    """A model as `butler model list --json` has it."""
    look, kept = model.look, model.kept
    state, sentence = model.state
    pinned = None
    if kept:
        pinned = {
            "digest": kept.pin.identity.digest,
            "server": kept.pin.identity.server,
            "since": kept.since.isoformat(),
            "by": kept.by,
            "copy": kept.copy or None,
            "asked_by": kept.pin.use or kept.pin.name,
            "before": kept.before or None,
        }
    return {
        "name": look.name,
        "roles": list(model.roles),
        "server": look.server or None,
        "url": look.url,
        "api": look.api,
        "state": state,
        "sentence": sentence or None,
        "digest": look.identity.digest if is_pinned(look.identity.digest) else None,
        "version": look.identity.server or None,
        "context": look.context or None,
        "loaded": look.loaded,
        "pinned": pinned,
        "copies": [copy.alias for copy in model.copies],
    }


def told(model: Model) -> str:
    """A model's name with the beginning of what is pinned of it, or that nothing can be."""
    digest = model.look.identity.digest
    return f"{model.look.name} ({short(digest) if is_pinned(digest) else 'unpinned'})"
