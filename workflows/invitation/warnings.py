"""What an owner should look at twice before they answer an invitation: whom the answer goes to, and who really wrote."""

from __future__ import annotations

import re

from butler.core.actions import Finding
from butler.core.calendar import Attendee
from butler.core.context import Context
from butler.core.text import one_line
from workflows.invitation.gather import Asked
from workflows.invitation.words import person

_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,255}")


def about_people(context: Context, asked: Asked, *, invited: bool = True) -> list[Finding]:
    """Warn of an organizer who is not the sender, not known, or looks like somebody else."""
    organizer = asked.invitation.organizer
    if organizer is None:
        return []
    found = []
    if organizer.address != asked.sender:
        sender = one_line(asked.sender, 80) or "nobody who says who they are"
        found.append(
            Finding("organizer", f"The mail is from {sender}, but the answer goes to the organizer, {person(organizer)}.")
        )
    found += _look_alike(organizer)
    if context.reads.exchanged([organizer.address]).get(organizer.address, (0, 0))[1] == 0:
        found.append(Finding("unknown", f"You have never written to {one_line(organizer.address, 80)}."))
    if not invited:
        found.append(Finding("attendee", "None of your addresses is among those invited."))
    if asked.invitation.problems:
        found += [Finding("invitation", one_line(sentence, 300)) for sentence in asked.invitation.problems[:3]]
    return found


def _look_alike(organizer: Attendee) -> list[Finding]:
    named = [each.lower() for each in _ADDRESS.findall(organizer.name)]
    if any(each != organizer.address for each in named):
        return [
            Finding("look-alike", f"The organizer calls themselves {one_line(organizer.name, 80)}, which is another address.")
        ]
    if not organizer.address.isascii() or "xn--" in organizer.address:
        return [Finding("look-alike", f"The address {one_line(organizer.address, 80)} may only look like one that you know.")]
    return []
