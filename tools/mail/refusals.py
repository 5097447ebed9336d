"""What a mail server says when it refuses to change a mailbox, told as a sentence: for now, for good, or for the owner."""

from __future__ import annotations

import re

from butler.core.accounts import MailAccount
from butler.core.errors import EffectError
from tools.mail.box import kept_back

_LATER = re.compile(r"\[(?:UNAVAILABLE|INUSE|SERVERBUG|CONTACTADMIN|EXPUNGEISSUED)\]", re.IGNORECASE)
_FORBIDDEN = re.compile(r"\[(?:NOPERM|READ-ONLY|CANNOT)\]|read.only", re.IGNORECASE)
_FULL = re.compile(r"\[OVERQUOTA\]|quota", re.IGNORECASE)


def refusal(words: str, account: MailAccount) -> EffectError:
    """Tell by a server's words whether the mailbox is full, may not be changed, or cannot be at the moment."""
    if _FULL.search(words):
        return kept_back(
            f"The mailbox of {account.name} is full; {account.host} says: {words}.", "Make room there, then approve it again."
        )
    if _FORBIDDEN.search(words):
        return kept_back(
            f"{account.host} does not let {account.user} change this folder: {words}.",
            "Ask for the right to, then approve it again.",
        )
    if "[TRYCREATE]" in words.upper() or "[NONEXISTENT]" in words.upper():
        return kept_back(f"A folder that is needed is not there; {account.host} says: {words}.")
    if _LATER.search(words):
        return EffectError(f"{account.host} cannot do it at the moment: {words}.")
    return EffectError(f"{account.host} refuses it: {words}.", permanent=words[:3].upper() == "BAD")
