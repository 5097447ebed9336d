"""Says in one sentence why a change did not come into a calendar, and what that leaves: nothing, a question, or doubt."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from butler.core.errors import EffectError, SourceError
from tools.dav.faults import Answered, told

_LONGEST_WAIT = 86_400.0
_NOT_SENT = ("certificate", "could not be found", "unprotected", "another host", "in circles")
CHANGED = "The event was changed on the server meanwhile; nothing was overwritten."


def refused_write(error: Exception, host: str, account: str, *, now: datetime) -> EffectError:
    """Turn any failure of a PUT or DELETE into an EffectError; without an answer it is uncertain whether it was done."""
    web_page = isinstance(error, Answered) and error.web_page
    status = 0 if web_page else int(getattr(error, "status", None) or 0)
    match status:
        case 412:
            return EffectError(CHANGED, held=True)
        case 401:
            return EffectError(
                f"The calendar server {host} refused the user or password; nothing was changed.",
                permanent=True,
                held=True,
                advice=f"Check user and password of the calendar {account!r}, then approve it again.",
            )
        case 403:
            return EffectError(
                f"The calendar server {host} does not let this user write to the calendar; nothing was changed (HTTP 403).",
                permanent=True,
                held=True,
            )
        case 404 | 405 | 410:
            return EffectError(f"The calendar is no longer there on {host} (HTTP {status}).", permanent=True, held=True)
        case 409:
            return EffectError(
                f"The calendar server {host} says that the change collides with what is there (HTTP 409).", held=True
            )
        case 423:
            return EffectError(f"The calendar server {host} has the event locked by somebody else (HTTP 423).")
        case 429 | 503:
            wait = _wait(error, now)
            return EffectError(f"The calendar server {host} asks to be left alone for a while (HTTP {status}).", wait=wait)
        case 507:
            return EffectError(
                f"There is no space left on the calendar server {host} (HTTP 507).",
                held=True,
                advice="Make room there, then approve it again.",
            )
    if 300 <= status < 500:
        return EffectError(f"The calendar server {host} refused the change with HTTP {status}.", permanent=True, held=True)
    return unreached(told(error, host, account, "calendar"), uncertain=True)


def unreached(error: SourceError, *, uncertain: bool = False) -> EffectError:
    """Turn a failure to read into one of an effect; `uncertain` where a request that changes something may have arrived."""
    sent = not any(words in error.sentence for words in _NOT_SENT)
    doubt = uncertain and sent
    return EffectError(
        error.sentence,
        permanent=error.permanent and not doubt,
        uncertain=doubt,
        held=error.permanent and not doubt,
        advice=error.advice,
    )


def _wait(error: Exception, now: datetime) -> float | None:
    given = error.retry_after.strip() if isinstance(error, Answered) else ""
    if given.isdigit():
        return min(float(given), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(given) if given else None
    except ValueError:
        return None
    if until is None:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_WAIT)
