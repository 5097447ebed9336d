"""Opens who tells what is near in meaning, where there is an embedding model; without one nothing is loaded for that."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from butler.cli.seeking import Seeker
    from butler.settings import Settings


def seeking(settings: Settings, *, wanted: bool = True) -> AbstractContextManager[Seeker | None]:
    """Who tells it; None without an embedding model, without vectors, or where it is not `wanted`."""
    host = settings.embed_host() if wanted else None
    if host is None:
        return nullcontext()
    from butler.cli.seeking import seeker
    from butler.store.meaning import is_there

    return closing(seeker(settings, host)) if is_there(settings.state_dir) else nullcontext()
