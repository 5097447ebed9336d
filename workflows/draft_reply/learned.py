"""What a draft teaches: the answer that its owner would have wanted of the model, in the words that they approved. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import ValidationError

from butler.core.mail import Address
from tools.mail.reply import split_new
from workflows.briefing.letter import without_closing, without_greeting
from workflows.draft_reply import wordings
from workflows.draft_reply.asking import unsigned
from workflows.draft_reply.steps import Answered, DraftAnswer, draft

_CLOCK = re.compile(r"\d{1,2}[:.]\d\d|\d ?(?:am|pm|Uhr|h)\b")
_BLANKS = re.compile(r"\n[ \t]*\n\s*")
STEP = draft().name
"""The step whose answers these are."""


def learned(answer: str, before: str, after: str, name: str) -> str | None:
    """The answer to learn, as the JSON that the step wants.

    `answer` is what the model said, `before` the letter's body as it was proposed, `after` as `name`, the owner, approved it.
    None where it cannot be an answer of this step: it says nothing, is longer than a draft may be, or has other free times
    in it than those that code offered.
    """
    try:
        said = DraftAnswer.model_validate_json(answer)
    except ValidationError:
        return None
    if unsigned(before).strip() == unsigned(after).strip():
        return said.model_dump_json()
    parts = [part for each in _BLANKS.split(_words(before, after, name)) if (part := _without_quotes(each))]
    offers = said.offers if any(wordings.is_offers(part) for part in parts) else ()
    own = [part for part in parts if not wordings.is_offers(part) and wordings.ROOM not in part]
    if said.offers and not offers and any(_CLOCK.search(part) for part in own):
        return None
    kept = tuple(each for each in said.answers if each.text.strip() in own)
    return _checked([part for part in own if part not in {each.text.strip() for each in kept}], kept, offers)


def _checked(own: Sequence[str], kept: tuple[Answered, ...], offers: tuple[int, ...]) -> str | None:
    """The answer with the owner's words as its opening; None where it breaks the step's own bounds."""
    if not (own or kept or offers):
        return None
    try:
        return DraftAnswer(body="\n\n".join(own), answers=kept, offers=offers, unsure=False).model_dump_json()
    except ValidationError:
        return None


def _words(before: str, after: str, name: str) -> str:
    """A letter's words without greeting, closing and signature, be they code's or what the owner put in their place."""
    frame, parts = (_BLANKS.split(unsigned(body).strip()) for body in (before, after))
    if len(parts) > 1 and parts[-1] == frame[-1]:
        parts.pop()
    if len(parts) > 1 and parts[0] == frame[0]:
        parts.pop(0)
    words = "\n\n".join(parts)
    return without_closing(without_greeting(split_new(words).new or words), Address(name, ""))


def _without_quotes(part: str) -> str:
    return "\n".join(line.rstrip() for line in part.split("\n") if not line.startswith(">")).strip()
