"""Takes addresses, numbers and secrets out of texts that leave the state folder; the same thing becomes the same mask. Pure.

Names stay, for whoever is greeted is part of how somebody writes. A postal address is known only where a contact has it.
What is masked too much costs a word; what is masked too little is somebody's number, so a doubtful case is masked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Literal

Kind = Literal["address", "phone", "account", "card", "number", "secret", "place", "link"]
KINDS: dict[Kind, str] = {
    "address": "mail addresses",
    "phone": "telephone numbers",
    "account": "bank accounts (IBAN)",
    "card": "card numbers",
    "number": "long numbers",
    "secret": "passwords, keys and tokens",
    "place": "postal addresses of your contacts",
    "link": "links, of which only the host stays",
}
HOST = "masked.example"
_LEAST_KNOWN = 6
_LINK = re.compile(r"(?i)\b(https?|ftp)://([^\s/?#<>\"|]{1,300})([^\s<>\"|]{0,4000})")
_MAIL = re.compile(r"[^\s<>()\[\]\"',;:|@＠]{1,64}[@＠][^\s<>()\[\]\"',;:|@＠]{1,255}")
_KEY_BLOCK = re.compile(r"-----BEGIN [^-\n]{1,40}-----.{0,8000}?-----END [^-\n]{1,40}-----", re.DOTALL)
_NAMED = re.compile(
    r"(?i)\b(passwor[dt]s?|passwd|kennwort|passphrase|passcode|zugangscode|geheimzahl|pin(?:[ -]?code)?|tan|mot de passe|"
    r"code (?:secret|d['’]accès)|contraseña|clave(?: secreta)?|codice(?: segreto)?|parola d['’]ordine|wachtwoord|"
    r"toegangscode|hasło|senha|"
    r"(?:access |bearer )?token|api[ _-]?key|secret(?: key)?|client[ _-]secret)"
    r"(\s{0,3}(?:[:=]|\b(?:is|ist|lautet|est|es|è|luidt)\b)\s{0,3})([^\s<>|]{3,200})"
)
_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?: ?\d){0,400}|(?i:[a-z]{2}\d{2}[a-z0-9]{11,30}))(?![A-Za-z0-9])"
)
_LONG = re.compile(r"(?<![\d+])\d(?:[ \u00a0-]?\d){11,400}(?!\d)")
_PHONE = re.compile(
    r"(?<![\w+])(?:\+|\(0|\(\+|0)(?:[ \u00a0./()–-]{0,3}\d){6,16}(?!\d)|(?<![\w+])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)|"
    r"(?i:\b(?:tel|phone|mobile?|fon|fax|handy|cell|tél|telefono|móvil|telefoon))[.:]{0,2} ?\d(?:[ ./()–-]{0,2}\d){4,16}(?!\d)"
)
_BEFORE_NUMBER = re.compile(r"[^\d+(]*")
_DATED = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{4}-\d\d-\d\d|\d{1,2}[.:]\d\d ?[-–] ?\d{1,2}[.:]\d\d$")
_TOKEN = re.compile(r"(?<![\w+/=-])[\w+/=-]{20,4000}(?:\.[\w+/=-]{10,4000}){0,4}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{32,}")


class Masks:
    """Masks one text after the other, each thing by the same mask in all of them; `counts` says how many things of each kind.

    `own` are the addresses of the owner, `secrets` what their settings hide, `phones` and `places` what their contacts have.
    """

    def __init__(
        self, own: Iterable[str] = (), secrets: Iterable[str] = (), phones: Iterable[str] = (), places: Iterable[str] = ()
    ) -> None:
        self._own = {address.casefold() for address in own}
        self._masks: dict[tuple[Kind, str], str] = {}
        self.counts: Counter[Kind] = Counter()
        known: list[tuple[Kind, str]] = [
            *(("secret", each) for each in secrets),
            *(("place", each) for each in places),
            *(("phone", each) for each in phones),
        ]
        self._known = sorted({each for each in known if len(each[1].strip()) >= _LEAST_KNOWN}, key=lambda each: -len(each[1]))

    def __call__(self, text: str) -> str:
        """The text without what is masked."""
        for kind, known in self._known:
            text = text.replace(known, self._mask(kind, known)) if known in text else text
        text = _LINK.sub(self._link, text)
        text = _MAIL.sub(self._address, text)
        text = _KEY_BLOCK.sub(lambda found: self._mask("secret", found[0]), text)
        text = _NAMED.sub(self._named, text)
        text = _ACCOUNT.sub(lambda found: self._mask("account", found[0]), text)
        text = _LONG.sub(self._long, text)
        text = _PHONE.sub(self._phone, text)
        return _TOKEN.sub(self._token, text)

    def each(self, value: Any) -> Any:
        """A JSON value with all texts in it masked."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {name: self.each(one) for name, one in value.items()}
        return [self.each(one) for one in value] if isinstance(value, list) else value

    def _mask(self, kind: Kind, thing: str, write: Callable[[int], str] | None = None) -> str:
        folded = re.sub(r"\(0\)|[\s./()–-]", "", thing).casefold() if kind in ("phone", "account", "card", "number") else thing
        mask = self._masks.get((kind, folded))
        if mask is None:
            self.counts[kind] += 1
            mask = write(self.counts[kind]) if write else f"[{kind} {self.counts[kind]}]"
            self._masks[kind, folded] = mask
        return mask

    def _address(self, found: re.Match[str]) -> str:
        whole = found[0].rstrip(".!?*_“”»…")
        rest = found[0][len(whole) :]
        folded = whole.replace("＠", "@").casefold()
        if folded.endswith(f"@{HOST}"):
            return found[0]
        if folded in self._own:
            return f"owner@{HOST}{rest}"
        return self._mask("address", folded, lambda number: f"person{number}@{HOST}") + rest

    def _link(self, found: re.Match[str]) -> str:
        scheme, host, rest = found[1], found[2].rpartition("@")[2], found[3]
        short = f"{scheme}://{host}{'/…' if len(rest) > 1 else rest}"
        if short != found[0] and not found[0].endswith("/…"):
            self._masks.setdefault(("link", found[0]), short)
            self.counts["link"] = sum(kind == "link" for kind, _ in self._masks)
        return short

    def _named(self, found: re.Match[str]) -> str:
        whole = found[3].rstrip(".,;!?)")
        if whole.startswith("[") or not whole:
            return found[0]
        return found[1] + found[2] + self._mask("secret", whole) + found[3][len(whole) :]

    def _long(self, found: re.Match[str]) -> str:
        if re.search(r"\d{4}-\d\d-\d\d", found[0]):
            return found[0]
        digits = re.sub(r"\D", "", found[0])
        if digits.startswith("0"):
            return self._mask("phone", found[0])
        return self._mask("card" if 13 <= len(digits) <= 19 and _is_card(digits) else "number", found[0])

    def _phone(self, found: re.Match[str]) -> str:
        word, number = _BEFORE_NUMBER.match(found[0]), found[0]
        if _DATED.match(number):
            return number
        before = word[0] if word else ""
        return before + self._mask("phone", number[len(before) :])

    def _token(self, found: re.Match[str]) -> str:
        word = found[0]
        mixed = any(map(str.isdigit, word)) and any(map(str.isupper, word)) and any(map(str.islower, word))
        return self._mask("secret", word) if mixed or _HEX.search(word) else word


def _is_card(digits: str) -> bool:
    """Whether digits have the check digit of a payment card (Luhn, ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
