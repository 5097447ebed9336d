"""What others promised the owner: their mails judged as the owner's own are, from the author's side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from butler.core.mail import Mail
from butler.core.owner import Owner
from tools.mail.message import split_new
from workflows.briefing import rules
from workflows.briefing.values import Promise
from workflows.briefing.view import View
from workflows.pages.topics import words_of

READ = 20_000


def open_promises_of_others(view: View) -> Iterator[tuple[Promise, Mail]]:
    """The promises in received mails that nothing has come of yet, oldest first.

    One counts as kept as soon as its author writes in that thread again, or about it elsewhere: to nag about what is done is
    worse than to miss one.
    """
    for mail in sorted(view.gathered.candidates, key=lambda one: (one.when, one.ref)):
        if mail.message.bulk or rules.is_machine(mail.message) or _is_followed(mail, view):
            continue
        for promise in promises_of_author(mail, view.owner):
            if not any(words_of(promise.quote) & words_of(other.message.subject) for other in _later(mail, view)):
                yield promise, mail


def promises_of_author(mail: Mail, owner: Owner) -> Sequence[Promise]:
    """What the author of a received mail promises in it."""
    author = mail.message.sender
    if author is None:
        return ()
    writer = Owner(author.name, frozenset({author.address.casefold()}), owner.zone, owner.language)
    return rules.judge_sent(mail, split_new(mail.message.text[:READ]).new, writer).promises


def _is_followed(mail: Mail, view: View) -> bool:
    """Whether somebody wrote in the thread after it: the author, or the owner, who then knows."""
    thread = view.gathered.threads.get(mail.thread, ())
    author = _author(mail)
    return any(other.when > mail.when and (other.sent or _author(other) == author) for other in thread)


def _later(mail: Mail, view: View) -> Iterator[Mail]:
    author = _author(mail)
    return (other for other in view.gathered.candidates if other.when > mail.when and _author(other) == author)


def _author(mail: Mail) -> str:
    return mail.message.sender.address.casefold() if mail.message.sender else ""
