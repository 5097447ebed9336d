"""What each asking of an exam cost, and what of its raw answer was meant for the owner's eyes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from butler.core.examined import CallSaid
from butler.core.steps import ModelCall
from butler.store.book import Book

_LOOKED_AT = 200


def calls_of(book: Book, run: str) -> list[ModelCall]:
    """The calls of a run; in place of one that was answered from before stands the one that asked."""
    return [_original(book, call) for call in book.of_run(run)]


def said(call: ModelCall, name: str) -> CallSaid:
    """One asking, about a thing of the material with this name."""
    return CallSaid(
        id=name,
        step=call.step,
        outcome=call.outcome,
        tokens_in=call.tokens_in,
        tokens_out=call.tokens_out,
        seconds=call.seconds,
        first=call.first,
        shown="\n".join(_shown(call)),
    )


def _original(book: Book, call: ModelCall) -> ModelCall:
    if not call.cached:
        return call
    about = book.about(call.subject, _LOOKED_AT)
    return next((each for each in about if each.key == call.key and not each.cached), call)


def _shown(call: ModelCall) -> Iterator[str]:
    """The words of a raw answer that are to be shown; a mail that is said to want nothing is not shown."""
    try:
        answer = json.loads(call.answer)
    except (ValueError, RecursionError):
        # What is no answer is nothing that anybody is shown.
        return
    if not isinstance(answer, dict):
        return
    if call.step == "received" and answer.get("label") != "none":
        yield str(answer.get("summary", ""))
    if call.step == "draft":
        yield str(answer.get("body", ""))
        parts = answer.get("answers", ())
        yield from (str(part.get("text", "")) for part in parts if isinstance(part, dict))
