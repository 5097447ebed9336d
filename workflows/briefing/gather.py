"""Collects the facts of the day from the mirror: code only, reads only, cheap whatever the mirror's size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from butler.core.calendar import Placed
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.refs import parse_ref
from butler.core.sources import SourceState
from workflows.briefing.values import Gathered

AHEAD_DAYS = 14
"""How far ahead events are compared with what the last briefing knew of them."""

_FAR_DAYS = 366
"""How far ahead an event is looked for that the last briefing knew and that is not on these days any more."""

_READING_HOURS = 24
"""How far back newsletters are counted when there was no briefing before."""

_AT_ONCE, _MOST_CARDS = 500, 1_000
"""How many addresses are looked for on cards at once, and how many cards may hold them."""

_READING_DAYS = 7
"""How far back they are counted at most, after a long silence."""


def gather(context: Context, sources: Sequence[SourceState], judged: Collection[str] | None = None) -> Gathered:
    """Gather the day; with `judged` only the mails that were gathered before, whatever has come since."""
    since = context.now - dt.timedelta(days=context.options.lookback_days)
    received = context.reads.received(since, context.now)
    candidates = [mail for mail in received if not _by_list(mail) and _wanted(mail, judged)]
    sent = [mail for mail in context.reads.sent(since, context.now) if _wanted(mail, judged)]
    before = context.memory.snapshot_before(context.day)
    today = dt.datetime.combine(context.day, dt.time(), context.owner.zone)
    return Gathered(
        now=context.now,
        day=context.day,
        sources=sources,
        events=context.reads.occurrences(today, _days_later(today, 2)),
        ahead=_ahead(context, today, before),
        tasks=context.reads.tasks(),
        candidates=candidates,
        sent=sent,
        bulk=_bulk(received, _last(before, context.now)),
        bounces=[mail for mail in received if mail.message.bounce],
        notes=context.reads.notes(since),
        threads=context.reads.threads(sorted({mail.thread for mail in (*candidates, *sent)})),
        exchanged=context.reads.exchanged(sorted(_correspondents(candidates))),
        celebrations=context.reads.celebrations(context.day, context.day + dt.timedelta(context.options.birthday_days)),
        contacts=on_cards(context, _correspondents(candidates)),
        before=before,
        remembered=context.remembered,
    )


def on_cards(context: Context, addresses: Collection[str]) -> frozenset[str]:
    """Which of some addresses (small letters) stand on a card of the address books."""
    asked = sorted(addresses)
    parts = [asked[start : start + _AT_ONCE] for start in range(0, len(asked), _AT_ONCE)]
    found = [placed for part in parts for placed in context.reads.people(part, _MOST_CARDS)]
    return frozenset(addresses) & {address for placed in found for address in placed.contact.addresses}


def _ahead(context: Context, today: dt.datetime, before: Mapping[str, Any] | None) -> Sequence[Placed]:
    """The occurrences of the next days, and where those lie now that the last briefing knew among them."""
    until = _days_later(today, AHEAD_DAYS)
    near = context.reads.occurrences(today, until)
    here = {placed.ref for placed in near} | {placed.occurrence.uid for placed in near}
    events = before.get("events") if before else None
    known = events if isinstance(events, Mapping) else {}
    starts = {ref: str(kept.get("start")) for ref, kept in known.items() if ref not in here and isinstance(kept, Mapping)}
    missing = [ref for ref, start in starts.items() if start[:10] >= context.day.isoformat()]
    uids = {parse_ref(ref).key for ref in missing} - here
    if not uids:
        return near
    far = context.reads.occurrences(until, _days_later(today, _FAR_DAYS))
    first = {placed.occurrence.uid: placed for placed in reversed(far) if placed.occurrence.uid in uids}
    return [*near, *first.values()]


def _by_list(mail: Mail) -> bool:
    return mail.message.bounce or bool(mail.message.list_id)


def _wanted(mail: Mail, judged: Collection[str] | None) -> bool:
    return judged is None or mail.ref in judged


def _bulk(received: Sequence[Mail], since: dt.datetime) -> list[Mail]:
    return [
        mail
        for mail in received
        if (mail.message.bulk or mail.message.list_id) and not mail.message.bounce and mail.when > since
    ]


def _correspondents(mails: Sequence[Mail]) -> set[str]:
    return {mail.message.sender.address.lower() for mail in mails if mail.message.sender is not None}


def _days_later(start: dt.datetime, days: int) -> dt.datetime:
    """The same wall clock time some days later, whatever the clocks do between."""
    return start + dt.timedelta(days=days)


def _last(before: Mapping[str, object] | None, now: dt.datetime) -> dt.datetime:
    """When the last briefing was made, within reason."""
    earliest = now - dt.timedelta(days=_READING_DAYS)
    stamp = (before or {}).get("generated_at")
    try:
        last = dt.datetime.fromisoformat(str(stamp)) if stamp else now - dt.timedelta(hours=_READING_HOURS)
    except ValueError:
        last = now - dt.timedelta(hours=_READING_HOURS)
    return max(last, earliest) if last.tzinfo else earliest
