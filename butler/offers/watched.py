"""Keeps an error that does not cross to the thinker, for who waits for the run: its own, or one of this side."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType

from pydantic import ValidationError

from butler.core.errors import ButlerError
from butler.offers.checks import BreachError, breach


class Watched:
    """Tells `keep` what went wrong inside, where that is more than an answer; `what` names what was asked for."""

    def __init__(self, keep: Callable[[Exception], None], what: str) -> None:
        self._keep = keep
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, (BreachError, ValidationError)):
            self._keep(breach(f"{self._what}: {error}"))
        elif isinstance(error, Exception) and not isinstance(error, (ButlerError, OSError)):
            self._keep(error)
