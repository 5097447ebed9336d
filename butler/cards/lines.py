"""An action as one JSON object in a list, pure; apart from the cards, for lists are asked for more often."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from butler.cards.saying import saying
from butler.core.actions import Kept
from butler.core.effects import Receipt
from butler.core.payloads import account_of


def as_line(kept: Kept) -> dict[str, Any]:
    """An action in a list."""
    return {
        "id": kept.id,
        "kind": kept.action.kind,
        "status": kept.status,
        "account": account_of(kept.action.payload),
        "what": saying(kept.action.payload),
        "warnings": sum(finding.warning for finding in kept.action.findings),
        "note": kept.note or None,
        "version": kept.version,
        "hash": kept.hash,
        "created": kept.created.isoformat(),
        "changed": kept.changed.isoformat(),
        "expires": moment_or_none(kept.action.expires),
        "group": kept.action.group or None,
    }


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """What came of an effect."""
    return {"sentence": receipt.sentence, "answer": receipt.answer, "place": receipt.place, "undo": receipt.undo is not None}


def moment_or_none(moment: datetime | None) -> str | None:
    """A time as ISO 8601, or None where there is none."""
    return moment.isoformat() if moment else None
