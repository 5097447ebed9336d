"""A card as one JSON object with stable keys, pure: the exact payload stands in it as it will be carried out."""

from __future__ import annotations

from typing import Any

from butler.cards.card import Card
from butler.cards.contents import letter_of
from butler.cards.lines import as_line, moment_or_none, receipt_json


def as_json(card: Card) -> dict[str, Any]:
    """An action as a whole."""
    kept, action = card.kept, card.kept.action
    return {
        **as_line(kept),
        "warnings": list(card.warnings),
        "remarks": list(card.remarks),
        "reason": action.reason,
        "sources": list(action.sources),
        "origin": [{"ref": each.ref, "by": each.by, "foreign": each.foreign} for each in action.taint],
        "findings": [{"check": each.check, "sentence": each.sentence, "warning": each.warning} for each in action.findings],
        "recipients": _recipients(card),
        "new_recipients": list(card.strangers),
        "links": [{"url": each.url, "domain": each.domain} for each in card.links],
        "changes": [{"field": each.field, "before": each.before or None, "after": each.after or None} for each in card.changes],
        "parts": [{"title": each.title, "style": each.style, "text": "\n".join(each.lines)} for each in card.parts],
        "rule": action.rule or None,
        "step": action.step,
        "digest": action.digest,
        "workflow": action.workflow or None,
        "run": action.run or None,
        "replaces": action.replaces,
        "attempts": kept.attempts,
        "not_before": moment_or_none(kept.not_before),
        "done": [receipt_json(each) for each in kept.done],
        "payload": action.payload.model_dump(mode="json"),
    }


def _recipients(card: Card) -> list[dict[str, str]]:
    letter = letter_of(card.kept.action.payload)
    if letter is None:
        return []
    groups = (("to", letter.to), ("cc", letter.cc), ("bcc", letter.bcc))
    return [{"field": name, "name": each.name, "address": each.address} for name, people in groups for each in people]
