"""Newsletters and list mails since the last briefing: counted and named, one line for each kind."""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.briefing import Evidence
from butler.core.mail import Mail
from butler.core.text import one_line
from workflows.briefing.view import MORE, Entry, View
from workflows.briefing.words import listed, person, say

NAMED = 6


def entries(view: View) -> list[Entry]:
    """A line for the newsletters and a line for the lists."""
    bulk = sorted(view.gathered.bulk, key=lambda mail: (mail.when, mail.ref), reverse=True)
    lists = [mail for mail in bulk if is_discussion(mail, view)]
    letters = [mail for mail in bulk if not is_discussion(mail, view)]
    return [*_line(letters, "newsletter", view), *_line(lists, "list", view)]


def is_discussion(mail: Mail, view: View) -> bool:
    """Whether a mail came over a list that people write to: it has a List-Id and is not addressed to the owner.

    In Cc are those whom the list's mail names, such as the people that a code host notifies.
    """
    return bool(mail.message.list_id) and not any(view.is_owner(address.address) for address in mail.message.to)


def _line(mails: Sequence[Mail], key: str, view: View) -> list[Entry]:
    if not mails:
        return []
    counts: dict[str, int] = {}
    for mail in mails:
        name = _family(mail, view)
        counts[name] = counts.get(name, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    names = listed([f"{name} ({count})" if count > 1 else name for name, count in ordered], NAMED)
    entry = Entry(
        text=say(key if len(mails) == 1 else f"{key}s", n=len(mails), names=names),
        evidence=tuple(Evidence(ref=mail.ref) for mail in mails[:MORE]),
        rule="sent to many" if key == "newsletter" else "mailing list",
        reason="They came since the last briefing and ask nothing of you in particular.",
    )
    return [entry]


def _family(mail: Mail, view: View) -> str:
    if is_discussion(mail, view):
        return one_line(mail.message.list_id, 30)
    return person(mail.message.sender, 30)
