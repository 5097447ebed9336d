"""What `butler doctor` says of search by meaning: whether a vector can be made, and how many are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from butler.checkup import Check
from butler.core.errors import ButlerError
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.settings import Settings

_NAME = "meaning"


def check_meaning(settings: Settings) -> Iterator[Check]:
    """Whether the embedding model answers, where there is one, and whether the vectors that are kept are its own."""
    host = settings.embed_host()
    if host is None:
        return
    from butler.cli.seeking import embedding
    from butler.store.meaning import is_there, numeric, open_meaning

    try:
        numeric()
        with embedding(settings, host, host.deadline) as embed:
            digest, _, _ = embed(["."])
        if not is_there(settings.state_dir):
            yield Check(
                _NAME, "warning", f"{host.name} answers, and there are no vectors yet.", "`butler do meaning` makes them."
            )
            return
        with closing(open_meaning(settings.state_dir)) as meaning:
            known, left, refused = meaning.digest, meaning.missing_count, meaning.refused_count
    except ButlerError as error:
        yield Check(_NAME, "warning", f"Only words are looked for: {one_line(error.sentence, 500)}", error.advice)
        return
    if known != digest:
        sentence = f"The vectors are of another model than {host.name} is now, so only words are looked for."
        yield Check(_NAME, "warning", sentence, "`butler do meaning` makes them anew.")
        return
    more = "".join((f", {left:,} passages have none yet" if left else "", f", of {refused:,} it makes none" if refused else ""))
    yield Check(_NAME, "ok", f"{host.name} ({digest[:12]}) answers with vectors{more}.")
