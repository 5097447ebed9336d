"""What a document says: a summary that stands in it, and the deadline that it names; rules where no model answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from butler.core.context import Context
from butler.core.documents import Document
from butler.core.grounding import find_quote, unsupported
from butler.core.owner import Owner
from butler.core.text import one_line, visible
from workflows.briefing.dates import find_dues
from workflows.briefing.values import Due
from workflows.documents.steps import SummaryAnswer, summary
from workflows.draft_reply.language import language_of

READ = 16_000
FIRST_LINES = 3
NO_MODEL = "No model is configured."
UNGROUNDED = "What the model said does not stand in the document."


class Read(BaseModel):
    """What was read of a document, as the run's memory keeps it: `quotes` stand in it to the letter.

    `reason` says why no model had a say; `step` and `digest` name it where it had one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: str
    quotes: tuple[str, ...]
    kind: str = ""
    due: Due | None = None
    reason: str = ""
    step: str | None = None
    digest: str | None = None


def read(context: Context, document: Document) -> Read:
    """Summarise a document and find its deadline."""
    written = document.modified.astimezone(context.owner.zone).date()
    due = deadline(document.text, min(written, context.day), context.day, context.owner)
    model = context.model
    if model is None:
        return _first_lines(document, due, NO_MODEL)
    # Nothing depends on today, so that the same document is never asked about twice.
    facts = f"Name: {one_line(document.path.rpartition('/')[2], 120)}"
    said = model.ask(summary(), subject=document.ref, facts=facts, text=document.text[:READ])
    if said.answer is None:
        return _first_lines(document, due, said.reason)
    return checked(said.answer, document, due, said.digest, context.owner.language)


def checked(answer: SummaryAnswer, document: Document, due: Due | None, digest: str, fallback: str = "en") -> Read:
    """The model's summary if it has evidence in the document and holds nothing that is not there; else the first lines."""
    source = document.text[:READ]
    quotes = tuple(quote for claimed in answer.evidence if (quote := find_quote(claimed, source)))
    phrase = one_line(answer.summary, 240)
    language = language_of(source, fallback) or fallback
    if not quotes or not phrase or unsupported(phrase, source, (document.path,), language):
        return _first_lines(document, due, UNGROUNDED)
    return Read(summary=phrase, quotes=quotes, kind=answer.kind, due=due, step=summary().name, digest=digest)


def deadline(text: str, written: dt.date, day: dt.date, owner: Owner) -> Due | None:
    """The first day that is not over by which a document wants something."""
    dues = find_dues(text[:READ], written, owner.zone, (owner.language,))
    return min((due for due in dues if due.day >= day), key=lambda due: due.day, default=None)


def _first_lines(document: Document, due: Due | None, reason: str) -> Read:
    lines = _telling(document.text)
    return Read(summary=one_line(" ".join(lines), 240), quotes=tuple(lines), due=due, reason=reason)


def _telling(text: str) -> Sequence[str]:
    """The first lines that have words in them, without marks of Markdown and front matter."""
    body = text[:READ]
    if body.startswith("---\n") and "\n---\n" in body[4:]:
        body = body[4:].partition("\n---\n")[2]
    lines = [visible(line).strip().lstrip("#>*- \t") for line in body.split("\n")]
    return [line[:240] for line in lines if sum(c.isalpha() for c in line) >= 3][:FIRST_LINES]
