"""What the models in use have shown in an exam, for rules that want a score: pure, and in doubt too little."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from butler.core.text import one_line

Kind = Literal["shipped", "own"]
"""Which exam: the one that ships, or the owner's own. It stands here, where no exam's values have to be loaded for it."""
KINDS: tuple[Kind, ...] = get_args(Kind)

_NAMES: Mapping[Kind, str] = {"shipped": "exam", "own": "own exam"}


@dataclass(frozen=True, slots=True)
class Pinned:
    """A model in use as it is pinned; `digest` is empty where it is not, `changed` says that it is another one now."""

    name: str
    digest: str = ""
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Merits:
    """The models in use, and the totals of whole exams as they would be taken now, by kind and digest."""

    models: tuple[Pinned, ...] = ()
    totals: Mapping[Kind, Mapping[str, float]] = field(default_factory=dict)

    def shortfall(self, kind: Kind, least: float, digest: str) -> str:
        """Why a score is not reached, as the end of a sentence; empty where every model in use reaches it.

        `digest` is that of the model that made an action, where one did.
        """
        if not self.models:
            return "no model is in use whose score is known"
        for model in self.models:
            if told := self._missing(model, kind, least):
                return told
        if digest and digest not in {model.digest for model in self.models}:
            return "it was made with a model that is not pinned"
        return ""

    def _missing(self, model: Pinned, kind: Kind, least: float) -> str:
        name = one_line(model.name, 60)
        if not model.digest:
            return f"{name} is not pinned"
        if model.changed:
            return f"{name} is not what was pinned"
        total = self.totals.get(kind, {}).get(model.digest)
        if total is None:
            return f"{name} ({model.digest[:12]}) has taken no {_NAMES[kind]} of this version"
        return f"{name} has {total:.4g} in its {_NAMES[kind]} and {least:g} is wanted" if total < least else ""
