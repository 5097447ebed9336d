"""One mail as it is judged: what its author wrote now, what the rules say of it, and the dates found in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from butler.core.mail import ANSWERED, Mail, Message
from tools.mail.reply import split_new
from workflows.briefing import steps
from workflows.briefing.dates import find_dates
from workflows.briefing.values import Due, Judgement, SentJudgement

_BETWEEN = "\n\n\ue000\n\n"
"""Stands between subject and text, so that no quote can span both."""

R = TypeVar("R", Judgement, SentJudgement)


@dataclass(frozen=True)
class Case(Generic[R]):
    """One mail with what its author wrote now and what the rules say of it; `zone` is the owner's.

    Without `words` the text is taken from the mail when it is needed. `signs` are what `asking.signs` once found in it.
    """

    mail: Mail
    words: str | None
    rule: R
    zone: ZoneInfo
    signs: tuple[bool, bool] | None = None

    @cached_property
    def text(self) -> str:
        """What its author wrote now."""
        return split_new(self.mail.message.text).new if self.words is None else self.words

    @property
    def source(self) -> str:
        """The words that evidence must stand in: the subject and the new text, never the quoted history."""
        return f"{self.mail.message.subject}{_BETWEEN}{self.text}"

    @cached_property
    def dues(self) -> Sequence[Due]:
        """The dates found in it that the model may choose from, in their order."""
        written = self.mail.when.astimezone(self.zone).date()
        return [found.due for found in find_dates(self.source, written, self.zone)][: steps.MOST_DATES]


AnyCase = Case[Judgement] | Case[SentJudgement]


def is_followed(mail: Mail, threads: Mapping[int, Sequence[Mail]]) -> bool:
    """Whether the owner wrote in the thread after this mail: it is answered then, and a promise in it counts as kept."""
    return any(other.sent and other.when > mail.when for other in threads.get(mail.thread, ()))


def is_answered(mail: Mail, threads: Mapping[int, Sequence[Mail]]) -> bool:
    """Whether the owner has answered a received mail, by its flag or in its thread."""
    return ANSWERED in mail.message.flags or answer_to(mail, threads.get(mail.thread, ())) is not None


def answer_to(mail: Mail, thread: Sequence[Mail]) -> Mail | None:
    """The owner's first later mail in the thread; a mail by somebody else is answered only by one that reaches them."""
    message = mail.message
    authors = {each.address.casefold() for each in (message.sender, *message.reply_to) if each}
    later = (
        other
        for other in thread
        if other.sent
        and other.when > mail.when
        and (mail.sent or not authors or authors & _recipients(other) or _is_to_list(message, other))
    )
    return min(later, key=lambda other: (other.when, other.ref), default=None)


def _recipients(mail: Mail) -> set[str]:
    return {each.address.casefold() for each in (*mail.message.to, *mail.message.cc)}


def _is_to_list(message: Message, other: Mail) -> bool:
    """Whether an answer went to a list that the mail came over."""
    return bool(message.list_id) and bool({each.address.casefold() for each in (*message.to, *message.cc)} & _recipients(other))
