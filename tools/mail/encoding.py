"""Transfer encodings of mail parts, read forgivingly (pure)."""

from __future__ import annotations

import binascii
import quopri
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")


def transfer_decode(content: bytes, encoding: str) -> tuple[bytes, bool]:
    """Undo base64 or quoted-printable; the flag is False when the content is not what its encoding says."""
    kind = encoding.strip().lower()
    if kind == "quoted-printable":
        return quopri.decodestring(content), True
    if kind == "base64":
        return _base64(content)
    return content, True


def _base64(content: bytes) -> tuple[bytes, bool]:
    try:
        return binascii.a2b_base64(content), True
    except binascii.Error:
        letters = _NOT_BASE64.sub(b"", content)
        return binascii.a2b_base64(letters[: len(letters) // 4 * 4]), False
