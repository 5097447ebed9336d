"""Logging in by an access token in place of a password: SASL XOAUTH2, as Gmail and Microsoft have it.

https://developers.google.com/workspace/gmail/imap/xoauth2-protocol: a refusal comes as a challenge with JSON in it, and
has to be answered with nothing before the server says NO.
"""

from __future__ import annotations

import base64
import json

from butler.core.text import one_line

_LARGEST = 10_000


class Bearer:
    """One log-in: gives what is sent, and keeps what the server said against it; for imaplib and smtplib alike."""

    def __init__(self, user: str, token: str) -> None:
        self.first = f"user={user}\x01auth=Bearer {token}\x01\x01"
        self.refused = ""
        self._sent = False

    def sent(self) -> str:
        """What is sent first; whatever comes after that is a refusal."""
        self._sent = True
        return self.first

    def __call__(self, challenge: bytes | None = None) -> str:
        """Answer a challenge (None: there is none yet)."""
        if not self._sent:
            return self.sent()
        self.refused = reason(challenge or b"") or self.refused
        return ""


def decoded(challenge: bytes) -> bytes:
    """What a challenge holds; nothing where it is none."""
    try:
        return base64.b64decode(challenge[:_LARGEST])
    except ValueError:
        return b""


def reason(challenge: bytes) -> str:
    """What a refusal says, as one line; empty where that cannot be read."""
    try:
        said = json.loads(challenge[:_LARGEST])
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    words = said.get("error_description") or said.get("error") or (f"status {said['status']}" if "status" in said else "")
    return one_line(str(words), 120).rstrip(".")
