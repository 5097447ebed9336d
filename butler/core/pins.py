"""What is pinned of a model and what is seen of it: which of them is asked for, and in what they differ. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from butler.core.models import UNPINNED, ModelIdentity, ModelLook, ModelPin
from butler.core.text import one_line

By = Literal["first use", "accepted", "gone back"]
"""How a pin came to be: nothing was pinned and this was there, the owner took it, or the owner went back to it."""

Meeting = Callable[[str, str, ModelIdentity, datetime], ModelPin | None]
"""See butler.core.steps.CallBook.met."""

SHORT = 12
"""Digits of a digest that are shown, and that name a copy."""
LONGEST_NAME = 200
_LONGEST_DIGEST = 128
_LONGEST_SERVER = 60
COPIES = "butler/"
"""What the names of the butler's own copies begin with."""
_LONGEST_TAIL = 60


@dataclass(frozen=True, slots=True)
class Change:
    """What was seen in the place of what is pinned, and since when."""

    seen: ModelIdentity
    since: datetime


@dataclass(frozen=True, slots=True)
class KeptPin:
    """A pin as it is kept: `copy` is the name of the butler's own copy of it (empty: none), `before` what was pinned before it.

    `change` is there for as long as something else is seen.
    """

    pin: ModelPin
    since: datetime
    by: By
    copy: str = ""
    before: str = ""
    change: Change | None = None

    @property
    def went_back(self) -> bool:
        """Whether its copy is asked in the place of its name."""
        return self.pin.use not in ("", self.pin.name)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that the butler made of a model on its server, under a name of its own."""

    url: str
    name: str
    identity: ModelIdentity
    alias: str
    made: datetime


def pin_of(pins: Iterable[ModelPin], url: str, name: str) -> ModelPin | None:
    """The pin of a model on a server; None where nothing is pinned."""
    return next((pin for pin in pins if (pin.url, pin.name) == (url, name)), None)


def name_in_use(pins: Iterable[ModelPin], url: str, name: str) -> str:
    """The name that a server is asked for when the settings say `name`: the same, or that of a copy that was gone back to."""
    pin = pin_of(pins, url, name)
    return (pin.use if pin else "") or name


def pinned_elsewhere(pins: Iterable[ModelPin], url: str, name: str, digest: str) -> ModelPin | None:
    """The pin of that name at another address, where nothing is pinned here and this is not what is pinned anywhere."""
    named = [pin for pin in pins if pin.name == name]
    if not digest or any(pin.url == url or pin.identity.digest == digest for pin in named):
        return None
    return next(iter(named), None)


def another_one(name: str, digest: str, elsewhere: ModelPin) -> str:
    """Say that a model is not asked here, for what its name means was settled at another address."""
    known = f"{short(elsewhere.identity.digest)} is pinned at {one_line(elsewhere.url, LONGEST_NAME)}"
    return f"{one_line(name, LONGEST_NAME)} is another one here ({short(digest)}; {known}), so it is not asked."


def is_pinned(digest: str) -> bool:
    """Whether a digest is one: servers that know none have something that stands in for it."""
    return bool(digest) and not digest.startswith(UNPINNED)


def template_hash(template: str) -> str:
    """The SHA-256 (hex) of a template, of an empty one too."""
    return hashlib.sha256(template.encode("utf-8", "replace")).hexdigest()


def harmless(seen: ModelIdentity) -> ModelIdentity:
    """What a server told, in harmless words of bounded length."""
    return ModelIdentity(
        name=one_line(seen.name, LONGEST_NAME),
        digest=one_line(seen.digest, _LONGEST_DIGEST),
        template=one_line(seen.template, _LONGEST_DIGEST),
        server=one_line(seen.server, _LONGEST_SERVER),
    )


def changes(pinned: ModelIdentity, seen: ModelIdentity) -> tuple[str, ...]:
    """A sentence for each part that is not as it was pinned; a template or server that was not looked at counts as the same."""
    found = []
    if pinned.digest != seen.digest:
        now = f"is {short(seen.digest)} now" if seen.digest else "is not told any more"
        found.append(f"Its digest {now}; {short(pinned.digest)} is pinned.")
    if pinned.template and seen.template and pinned.template != seen.template:
        found.append("Its template is another one.")
    if pinned.server and seen.server and pinned.server != seen.server:
        found.append(f"Its server is {seen.server} now; it was {pinned.server}.")
    return tuple(found)


def held(name: str, found: Iterable[str]) -> str:
    """Say that nothing is asked of a model that is not what was pinned, and why."""
    return f"{one_line(name, LONGEST_NAME)} is not what was pinned, so nothing is asked of it. {' '.join(found)}"


ADVICE = (
    "`butler model` shows it. `butler model accept` takes it as it is now, `butler model back` goes back to what was pinned, "
    "`butler model try NAME` compares the two."
)


def short(digest: str) -> str:
    """A digest as it is shown; what stands in for one is called what it is."""
    return "unpinned" if digest.startswith(UNPINNED) else digest.removeprefix("sha256:")[:SHORT]


def alias_of(name: str, digest: str) -> str:
    """The name of the butler's own copy of a model: a name that an Ollama server takes, and the beginning of the digest."""
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.casefold().removesuffix(":latest")).strip("-._")[:_LONGEST_TAIL]
    return f"{COPIES}{plain or 'model'}:{short(digest)}"


def is_ours(alias: str) -> bool:
    """Whether a name is one that the butler gives to its copies, so that it may be removed."""
    return re.fullmatch(rf"{COPIES}[a-z0-9._-]{{1,{_LONGEST_TAIL}}}:[0-9a-f]{{{SHORT}}}", alias) is not None


State = Literal["well", "changed", "another one", "unpinned", "not pinned yet", "not there", "not reached", "refused"]
"""How a model stands: as pinned, changed (so that it is held), another one than at other servers, on a server without
digests, never used so far, not on its server, on one that does not answer, or one that may not be asked."""


def state_of(look: ModelLook, kept: KeptPin | None, *, chats: bool = True, pins: Iterable[ModelPin] = ()) -> tuple[State, str]:
    """How a model stands by a look at it, and a sentence about that; one that only makes vectors need not chat.

    `pins` is what is pinned anywhere.
    """
    if look.refused or not look.present:
        is_reached = bool(look.identity.server)
        return ("refused" if look.refused else "not there" if is_reached else "not reached"), look.problem
    found = changes(kept.pin.identity, look.identity) if kept else ()
    if found:
        return "changed", " ".join(found)
    if look.problem and chats and not is_unpinned(look):
        return "refused", look.problem
    if is_unpinned(look):
        return "unpinned", "Its server knows no digests, so that nobody can tell whether it is still the same."
    if elsewhere := pinned_elsewhere(pins, look.url, look.name, look.identity.digest):
        return "another one", another_one(look.name, look.identity.digest, elsewhere)
    return ("well", "") if kept else ("not pinned yet", "It is pinned when it is used first.")


def is_unpinned(look: ModelLook) -> bool:
    """Whether a model is there and its server knows no digests."""
    return look.present and not is_pinned(look.identity.digest)


def way_back(kept: KeptPin, copies: Iterable[Copy]) -> Copy | None:
    """The copy to go back to, if any: of what is pinned where something else is seen, else of what was pinned before."""
    digest, change = kept.pin.identity.digest, kept.change
    if change and change.seen.digest == digest:
        # Its server or template is what changed: a copy of the same model would not change that back.
        return None
    wanted = digest if change and not kept.went_back else kept.before
    return next((copy for copy in copies if wanted and copy.identity.digest == wanted), None)


def old_copies(kept: KeptPin | None, copies: Iterable[Copy]) -> list[Copy]:
    """The copies that nobody can go back to any more: neither of what is pinned nor of what was pinned before."""
    wanted = {kept.pin.identity.digest, kept.before} if kept else set()
    return [copy for copy in copies if copy.identity.digest not in wanted]
