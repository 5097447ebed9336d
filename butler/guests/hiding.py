"""Hides secrets in what a server says: each stands there for three stars, also as it is written in addresses and headers."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

STARS = "***"


class Hiding:
    """Hides some secrets; without any, nothing is changed."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        # The longest first: one form may be a part of another one.
        self._forms = sorted((form.encode("utf-8", "replace") for form in forms), key=len, reverse=True)

    def text(self, text: str) -> str:
        """A text without them."""
        return self.bytes(text.encode("utf-8", "replace")).decode("utf-8", "replace") if self._forms else text

    def bytes(self, said: bytes) -> bytes:
        """Bytes without them."""
        for form in self._forms:
            said = said.replace(form, STARS.encode())
        return said


def _forms(secret: str) -> Iterator[str]:
    for each in filter(None, (secret, secret.strip())):
        raw = each.encode("utf-8", "replace")
        yield from (each, quote(raw), quote(raw, safe=""), quote_plus(raw), json.dumps(each)[1:-1])
        yield from (coded.decode().rstrip("=") for coded in (b64encode(raw), urlsafe_b64encode(raw)))
