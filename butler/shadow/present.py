"""The two sides of a comparison, from what the settings, the pins and a look at the servers say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.core.models import ModelLook, ModelPin, Role
from butler.core.pins import KeptPin, pin_of
from butler.shadow.sides import Side

ROLES: tuple[Role, ...] = ("judge", "write")
"""The roles in which a model can be tried."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom the present side may ask, with what is to be said of that (empty: nothing)."""

    host: ModelHost
    told: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """What looks at the models of the settings found: under their names, and under those of the butler's own copies."""

    names: Sequence[ModelLook]
    copies: Sequence[ModelLook] = ()


def names_of(host: ModelHost) -> tuple[str, ...]:
    """The models of the roles in which one is tried."""
    return tuple(dict.fromkeys(host.named(role) for role in ROLES))


def title(host: ModelHost) -> str:
    """What a side is called."""
    return ", ".join(names_of(host))


def standing(host: ModelHost, kept: Sequence[KeptPin], looks: Looks, *, only_recorded: bool) -> Standing:
    """The present side: the models as they were pinned, by their copies where their names lead elsewhere now.

    Where one of them can be asked by neither, only what it answered before counts. Raises ModelError where that cannot even be
    known.
    """
    pins: list[ModelPin] = []
    told: list[str] = []
    recorded: list[str] = []
    urls = {server.url for server in host.servers()}
    for name in names_of(host):
        ours = [each for each in kept if each.pin.name == name and each.pin.url in urls]
        seen = [look for look in looks.names if look.name == name and look.present and not look.problem]
        same = [replace(_loose(each), use="") for each in ours if _is_there(each, looks.names)]
        gone = [each for each in ours if not _is_there(each, looks.names)]
        copies = [replace(_loose(each), use=each.copy or each.pin.use) for each in gone if _is_there(each, looks.copies)]
        unheld = bool(seen) and not ours
        if only_recorded or not (same or copies or unheld):
            recorded.append(name)
            pins.append(_known(host, name, [each.pin for each in ours], looks.names))
            why = "" if only_recorded else _why(name, looks.names)
            told.append(f"{why}Only what {name} answered before is compared.")
        elif not same and not unheld and not all(each.went_back for each in ours):
            told.append(f"{name} is not what was pinned: the butler's copy of what was pinned stands for it.")
        pins += [] if name in recorded else [*same, *copies]
    return Standing(replace(host, pins=tuple(pins), only_recorded=tuple(recorded)), " ".join(told))


def tried(looks: Iterable[ModelLook], name: str) -> ModelLook:
    """What a look found of the model that is tried; raises ModelError, with what to do, where it is nowhere to be used."""
    found = [look for look in looks if look.name == name]
    good = next((look for look in found if look.present and not look.problem), None)
    if good is not None:
        return good
    first = next((look for look in found if look.present), None) or next(iter(found), None)
    if first is None:
        raise ModelError(f"Nobody could be asked about {name}.", permanent=True)
    raise ModelError(first.problem or f"{name} cannot be used.", permanent=True, advice=_advice(first))


def told_apart(present: Side, other: Side) -> None:
    """Have two sides of one name called differently."""
    if present.name == other.name:
        present.name, other.name = f"{present.name} (pinned)", f"{other.name} (now)"


def _is_there(kept: KeptPin, looks: Iterable[ModelLook]) -> bool:
    """Whether what was pinned is what a look found."""
    wanted = (kept.pin.url, kept.pin.name, kept.pin.identity.digest)
    seen = (look for look in looks if look.present and not look.problem)
    return any((look.url, look.name, look.identity.digest) == wanted for look in seen)


def _loose(kept: KeptPin) -> ModelPin:
    """A pin that its digest alone is held to: another server or template is no reason not to compare."""
    return replace(kept.pin, identity=replace(kept.pin.identity, server="", template=""))


def _known(host: ModelHost, name: str, pins: Sequence[ModelPin], looks: Sequence[ModelLook]) -> ModelPin:
    """A pin at the first server that says under which digest the answers of a model were recorded."""
    pin = pin_of(pins, host.url, name) or next(iter(pins), None)
    look = next((each for each in looks if each.name == name and each.present), None)
    if pin is not None:
        return replace(pin, url=host.url)
    if look is not None:
        return ModelPin(host.url, name, look.identity)
    sentence = f"{name} cannot be asked, and was never pinned, so that nothing is known of what it answered."
    raise ModelError(sentence, permanent=True, advice=_why(name, looks).strip())


def _why(name: str, looks: Iterable[ModelLook]) -> str:
    """Why a model is not asked."""
    problem = next((look.problem for look in looks if look.name == name and look.problem), "")
    return f"{problem} " if problem else f"{name} is not what was pinned. "


def _advice(look: ModelLook) -> str:
    """What to do, without what is about the settings: they stay as they are."""
    fetch, _, rest = look.advice.partition("Set model.name to ")
    return fetch.strip() or (f"Name {rest}" if rest else look.advice)
