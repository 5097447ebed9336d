"""A comparison of two models as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from butler.core.comparing import Draft, OneDay

if TYPE_CHECKING:
    from butler.shadow.shadow import Compared


def as_json(found: Compared, told: str) -> dict[str, Any]:
    """All of it."""
    days = found.days
    return {
        "present": _side(found, 0),
        "other": _side(found, 1),
        "from": days[0].day.isoformat() if days else None,
        "to": days[-1].day.isoformat() if days else None,
        "mails": sum(day.mails for day in days),
        "differs": found.differs,
        "days": [_day_json(day, found) for day in days],
        "told": told or None,
        "ended": found.ended or None,
    }


def _side(found: Compared, at: int) -> dict[str, Any]:
    side, cost = (found.present, found.other)[at], found.costs[at]
    roles = {role: side.host.named(role) for role in ("judge", "write")}
    rate = round(cost.rate, 2) if cost.rate is not None else None
    return {
        "name": side.name,
        "models": roles,
        "digests": side.digests(),
        "found": asdict(found.tallies[at]),
        "cost": {**asdict(cost), "seconds": round(cost.seconds, 3), "tokens_a_second": rate},
    }


def _day_json(day: OneDay, found: Compared) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "mails": day.mails,
        "briefed": _iso(day.briefed),
        "triage": [
            {
                **_mail_json(one.ref, found),
                "differs": list(one.aspects),
                "present": asdict(one.present),
                "other": asdict(one.other),
            }
            for one in day.judgements
        ],
        "unusable": [
            {**_mail_json(one.ref, found), "present": one.present or None, "other": one.other or None} for one in day.unusable
        ],
        "drafts": [
            {**_mail_json(one.ref, found), "present": _draft_json(one.present), "other": _draft_json(one.other)}
            for one in day.drafts
        ],
        "briefing": [asdict(section) for section in day.sections],
    }


def _draft_json(draft: Draft) -> dict[str, Any]:
    return {**asdict(draft), "body": draft.body or None, "reason": draft.reason or None}


def _mail_json(ref: str, found: Compared) -> Mapping[str, Any]:
    mail = found.mails.get(ref)
    sender = mail.message.sender if mail else None
    return {
        "ref": ref,
        "subject": mail.message.subject if mail else None,
        "from": sender.address if sender else None,
        "when": _iso(mail.when) if mail else None,
        "sent": mail.sent if mail else None,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
