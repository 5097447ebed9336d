"""The mirror as it would have been read at an earlier moment: what came later is not seen, nor that it was answered since."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from butler.core.mail import ANSWERED, Mail
from butler.store.reads import MirrorReads

_MORE = 4
"""So many times as many letters are looked at where only those before a moment are wanted."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is seen: mails up to `until`. With `since`, only mails from then on are found by their time, each as on its arrival:
    what the owner wrote from then on is not seen in a thread.
    """

    until: datetime
    since: datetime | None = None


class AsOf(MirrorReads):
    """Reads a mirror with the eyes of an earlier moment; events, tasks, notes and contacts are as they are now."""

    def __init__(self, reads: MirrorReads, span: Span) -> None:
        super().__init__(reads._database, reads._zone, lambda: span.until)
        self.span = span

    def received(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Find mails by others in a window, newest first."""
        return self._unanswered(super().received(max(since, self.span.since or since), min(until, self.span.until)))

    def sent(self, since: datetime, until: datetime) -> Sequence[Mail]:
        """Find mails by the owner in a window, newest first."""
        return super().sent(max(since, self.span.since or since), min(until, self.span.until))

    def mail(self, ref: str) -> Mail:
        """Find one mail; raises UnknownRefError."""
        return next(iter(self._unanswered([super().mail(ref)])))

    def threads(self, threads: Sequence[int]) -> Mapping[int, Sequence[Mail]]:
        """Find the mails of each thread up to then, oldest first."""
        found = super().threads(threads)
        return {thread: self._unanswered([mail for mail in mails if self._is_seen(mail)]) for thread, mails in found.items()}

    def letters_to(self, addresses: Sequence[str], limit: int) -> Sequence[Mail]:
        """Find the owner's latest mails to any of some addresses up to then, newest first."""
        found = super().letters_to(addresses, limit * _MORE)
        return [mail for mail in found if self._is_seen(mail)][:limit]

    def letters_from(self, address: str, limit: int) -> Sequence[Mail]:
        """Find the latest mails from an address up to then, newest first."""
        found = super().letters_from(address, limit * _MORE)
        return [mail for mail in found if self._is_seen(mail)][:limit]

    def _is_seen(self, mail: Mail) -> bool:
        if mail.when >= self.span.until:
            return False
        return self.span.since is None or not mail.sent or mail.when < self.span.since

    def _unanswered(self, mails: Sequence[Mail]) -> list[Mail]:
        """The mails, without the flag that says that they were answered where that was later."""
        flagged = [mail for mail in mails if ANSWERED in mail.message.flags and not mail.sent]
        whole = super().threads(sorted({mail.thread for mail in flagged}))
        later = {mail.ref for mail in flagged if self._was_later(mail, whole.get(mail.thread, ()))}
        return [_without_answer(mail) if mail.ref in later else mail for mail in mails]

    def _was_later(self, mail: Mail, thread: Sequence[Mail]) -> bool:
        """Whether it was answered after the moment: an answer of later is there, and none of earlier."""
        answers = [other for other in thread if other.sent and other.when > mail.when]
        if self.span.since is not None and mail.when >= self.span.since:
            return True
        return bool(answers) and not any(self._is_seen(other) for other in answers)


def _without_answer(mail: Mail) -> Mail:
    return dataclasses.replace(mail, message=dataclasses.replace(mail.message, flags=mail.message.flags - {ANSWERED}))
