"""Passphrases: their hash by Argon2id, and the comparison, one at a time. The only importer of argon2."""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from butler.core.access import LEAST_PASSPHRASE, MOST_PASSPHRASE
from butler.core.errors import UsageError

_HASHER = PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
"""What OWASP names as the least, and one pass more: 19 MiB and 50 ms of a PC, some ten times that of a small board."""
_ONE_AT_A_TIME = threading.Lock()


def hash_of(passphrase: str) -> str:
    """Hash a passphrase; raises UsageError when it is too short or too long."""
    text = _normal(passphrase)
    if not LEAST_PASSPHRASE <= len(text) <= MOST_PASSPHRASE:
        raise UsageError(f"A passphrase has at least {LEAST_PASSPHRASE} characters, and at most {MOST_PASSPHRASE}.")
    return _HASHER.hash(text)


def is_right(hashed: str, passphrase: str) -> bool:
    """Whether a passphrase is the one that was hashed; takes long, so not to be called in a loop's thread."""
    text = _normal(passphrase)
    if len(text) > MOST_PASSPHRASE:
        return False
    with _ONE_AT_A_TIME:
        try:
            return _HASHER.verify(hashed, text)
        except (VerificationError, InvalidHashError):
            return False


def _normal(text: str) -> str:
    """The same for the same characters, whatever keyboard they were typed on."""
    return unicodedata.normalize("NFC", text)
