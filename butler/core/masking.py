"""Takes addresses, numbers and secrets out of texts that leave the state folder; the same thing becomes the same mask. Pure.

Names stay, for whoever is greeted is part of how somebody writes. A postal address is known only where a contact has it.
What is masked too much costs a word; what is masked too little is somebody's number, so a doubtful case is masked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
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
_AT = r"@|＠|&#0{0,3}64;|&#x0{0,2}40;|%40"
_MAIL = re.compile(
    rf"(?:\"[^\"\n@]{{1,64}}\"|(?<![^\s<>()\[\]\"',;:|@＠&%])[^\s<>()\[\]\"',;:|@＠&%]{{1,64}})"
    rf"(?:{_AT})[^\s<>()\[\]\"',;:|@＠&%]{{1,255}}|[^\s<>()\[\]\"',;:|@＠]{{1,64}}[@＠][^\s<>()\[\]\"',;:|@＠]{{1,255}}"
)
_AT_WORD = r"at|ät|arroba|chiocciola|apenstaart(?:je)?|małpa|arobase|a"
_DOT_WORD = r"dot|punkt|point|punto|punt|kropka|ponto"
_HIDDEN = re.compile(
    rf"(?i)(?<![\w.+-])[\w.+-]{{1,64}}(?:\s?[\[({{]\s?(?:{_AT_WORD}|@)\s?[\])}}]\s?|_at_|\s@\s)"
    rf"[\w-]{{1,63}}(?:\s?(?:\.|[\[({{]\s?(?:{_DOT_WORD}|\.)\s?[\])}}]|\s(?:{_DOT_WORD})\s)\s?[^\W\d_][\w-]{{1,62}}){{1,5}}(?!\w)|"
    rf"(?<![\w.+-])[\w.+-]{{1,64}}\s(?:{_AT_WORD.removesuffix('|a')})\s[\w-]{{1,63}}"
    rf"(?:\s(?:{_DOT_WORD})\s[^\W\d_][\w-]{{1,62}}){{1,5}}(?!\w)"
)
"""An address as people write it who do not want programs to find it: "eva (at) x (dot) example"."""
_SAID_AT = re.compile(rf"(?i)\s?[\[({{]\s?(?:{_AT_WORD}|@)\s?[\])}}]\s?|_at_|\s@\s|\s(?:{_AT_WORD})\s")
_SAID_DOT = re.compile(rf"(?i)\s?[\[({{]\s?(?:{_DOT_WORD}|\.)\s?[\])}}]\s?|\s(?:{_DOT_WORD})\s")
_KEY_BLOCK = re.compile(r"-----BEGIN [^-\n]{1,40}-----.{0,8000}?-----END [^-\n]{1,40}-----", re.DOTALL)
_VALUE = r"(\"[^\"\n]{3,100}\"|'[^'\n]{3,100}'|[„“][^“”\n]{3,100}[“”]|«[^»\n]{3,100}»|[^\s<>|]{3,200})"
_IS = r"is|was|ist|war|lautet|est|était|es|era|è|luidt|brzmi"
_WORDS = r"(?: [^\s:=\[\]|]{1,20}){0,5}"
_NAMED = re.compile(
    r"(?i)\b((?:passwor[dt]s?|passwd|kennwort|passphrase|passcode|zugangscode|geheimzahl|pin(?:[ -]?code)?|tan|mot de passe|"
    r"code (?:secret|d['’]accès)|contraseña|clave(?: secreta)?|codice(?: segreto)?|parola (?:d['’]ordine|chiave)|wachtwoord|"
    r"toegangscode|hasło|senha|(?:access |bearer )?token|api[ _-]?key|secret(?: key)?|client[ _-]secret)"
    rf"(?={_WORDS}\s{{0,3}}[:=]|\s{{0,3}}\b(?:{_IS})\b)|"
    rf"(?:\w{{0,20}}[ -]?schlüssel|\w{{0,20}}code|pass|pwd?)(?={_WORDS}\s{{0,3}}[:=]))"
    rf"((?:{_WORDS}\s{{0,3}}[:=]|\s{{0,3}}\b(?:{_IS})\b[:=]?)\s{{0,3}})(?!//){_VALUE}"
)
_BESIDE = re.compile(
    r"(?i)\b(passwor[dt]|passwd|kennwort|mot de passe|contraseña|wachtwoord|hasło|senha)"
    r"(\s{1,3})((?=[^\s<>|\d]{0,40}\d)[^\s<>|]{4,200})|"
    r"\b((?:pin|tan|cvc2?|cvv2?|otp|\w{0,20}code)\b(?: [^\s:=.\d\[\]|]{1,20}){0,6}(?:\s{0,3}[:=])?)"
    r"(\s{1,3})([#*]?\d{3,12}[#*]?)(?![\w-])"
)
"""A secret right beside its name; a word needs a figure in it to be one."""
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\s?\d\d(?:[\s.\u2011-]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?: ?\d){0,400}|(?i:[a-z]{2}\d{2}[a-z0-9]{11,30}))(?![A-Za-z0-9])"
)
_GAP = r" \u00a0\u2007\u2009\u202f"
_CARD = re.compile(r"(?<!\d)\d{4}(?:[.\s/-]{1,2}\d{4}){3}(?!\d)")
_LONG = re.compile(
    rf"(?<![\d+])\d(?:[{_GAP}-]?\d){{11,400}}(?!\d)|(?<![\w.,+/-])\d{{9,11}}(?![\w/]|[.,-]\d)|(?<![\w.,+/-])\d{{3}}-\d\d-\d{{4}}(?![\w-])|"
    rf"(?<![\d.,+/-])\d{{2,3}}(?:[{_GAP}]\d{{3}}){{2,3}}(?!\d|[.,]\d|[{_GAP}]?(?:[€$£]|[Ee]ur))"
)
_CALL = r"call|ring|phone|anrufen|anruf|ruf|rufen|appelle[rz]?|llám\w{0,4}|llama\w{0,4}|chiam\w{1,5}|bel|tel(?:efono?|éfono)?"
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+|\(0|\(\+|0|٠)(?:[{_GAP}./()–-]{{0,3}}\d){{6,16}}(?!\d)|(?<![\w+])\(?\d{{3}}\)?[{_GAP}.-]\d{{3}}[{_GAP}.-]\d{{4}}(?!\d)|"
    r"(?i:\b(?:tel|phone|mobile?|fon|fax|handy|cell|tél|telefono|móvil|telefoon))[.:]{0,2} ?\d(?:[ ./()–-]{0,2}\d){4,16}(?!\d)|"
    rf"(?i:\b(?:{_CALL})\b[^\d\n+\[]{{1,25}})\d(?:[{_GAP}/()–-]{{0,2}}\d){{5,14}}(?![\d:.,]?\d)"
)
_BEFORE_NUMBER = re.compile(r"[^\d+(]*")
_DATED = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})(?!\d)|\d{4}-\d\d-\d\d|\d{1,2}[.:]\d\d ?[-–] ?\d{1,2}[.:]\d\d$")
_TOKEN = re.compile(r"(?<![\w+/=-])[\w+/=-]{20,4000}(?:\.[\w+/=-]{10,4000}){0,4}", re.ASCII)
_HEX = re.compile(r"[0-9a-fA-F]{32,}")
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|glpat-|[sprk]k-|[sprk]k_(?:live|test)_|xox[abprs]-|AKIA|ASIA|AIza|hf_|dop_v1_|npm_|"
    r"pypi-)[A-Za-z0-9_-]{12,400}"
)
"""Keys by the marks that their makers put before them."""


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
        text = _HIDDEN.sub(self._hidden, text)
        text = _KEY_BLOCK.sub(lambda found: self._mask("secret", found[0]), text)
        text = _NAMED.sub(self._named, text)
        text = _BESIDE.sub(self._beside, text)
        text = _KEY.sub(lambda found: self._mask("secret", found[0]), text)
        text = "".join(self._accounts(text))
        text = _ACCOUNT.sub(lambda found: self._mask("account", found[0]), text)
        text = _CARD.sub(self._card, text)
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
        folded = (
            re.sub(r"\(0\)|[\s./()\u2011–-]", "", thing).casefold() if kind in ("phone", "account", "card", "number") else thing
        )
        mask = self._masks.get((kind, folded))
        if mask is None:
            self.counts[kind] += 1
            mask = write(self.counts[kind]) if write else f"[{kind} {self.counts[kind]}]"
            self._masks[kind, folded] = mask
        return mask

    def _address(self, found: re.Match[str]) -> str:
        whole = found[0].rstrip(".!?*_“”»…")
        rest = found[0][len(whole) :]
        folded = re.sub(_AT, "@", whole).casefold()
        if folded.endswith(f"@{HOST}"):
            return found[0]
        if folded in self._own:
            return f"owner@{HOST}{rest}"
        return self._mask("address", folded, lambda number: f"person{number}@{HOST}") + rest

    def _hidden(self, found: re.Match[str]) -> str:
        plain = _SAID_DOT.sub(".", _SAID_AT.sub("@", found[0], count=1))
        return _MAIL.sub(self._address, re.sub(r"\s", "", plain))

    def _accounts(self, text: str) -> Iterator[str]:
        """The text with its accounts masked, which their check digits tell, however they are parted."""
        at = 0
        while found := _IBAN.search(text, at):
            end = found.start() + _account_length(found[0])
            yield text[at : found.start()]
            # Another may begin within what is none.
            at = end if end > found.start() else found.start() + 2
            yield self._mask("account", text[found.start() : end]) if end > found.start() else text[found.start() : at]
        yield text[at:]

    def _card(self, found: re.Match[str]) -> str:
        return self._mask("card", found[0]) if _is_card(re.sub(r"\D", "", found[0])) else found[0]

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

    def _beside(self, found: re.Match[str]) -> str:
        word, gap, secret = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6])
        whole = secret.rstrip(".,;!?)")
        return word + gap + self._mask("secret", whole) + secret[len(whole) :]

    def _long(self, found: re.Match[str]) -> str:
        if re.search(r"\d{4}-\d\d-\d\d", found[0]):
            return found[0]
        digits = re.sub(r"\D", "", found[0])
        if digits.startswith("0"):
            return self._mask("phone", found[0])
        return self._mask("card" if 13 <= len(digits) <= 19 and _is_card(digits) else "number", found[0])

    def _phone(self, found: re.Match[str]) -> str:
        word = _BEFORE_NUMBER.match(found[0])
        before = word[0] if word else ""
        number = found[0][len(before) :]
        return found[0] if _DATED.match(number) else before + self._mask("phone", number)

    def _token(self, found: re.Match[str]) -> str:
        word = found[0]
        mixed = any(map(str.isdigit, word)) and any(map(str.isupper, word)) and any(map(str.islower, word))
        return self._mask("secret", word) if mixed or _HEX.search(word) else word


def _is_card(digits: str) -> bool:
    """Whether digits have the check digit of a payment card (Luhn, ISO/IEC 7812-1)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def _account_length(text: str) -> int:
    """How many characters of a text, from its start to the end of a word, are the longest IBAN that they can be; 0 for none."""
    ends = (at + 1 for at in range(len(text) - 1, 13, -1) if text[at].isalnum() and not text[at + 1 : at + 2].isalnum())
    return next((end for end in ends if _is_account(re.sub(r"[\W_]", "", text[:end]))), 0)


def _is_account(written: str) -> bool:
    """Whether letters and digits are an IBAN (ISO 13616): the remainder by 97 is 1."""
    if not (15 <= len(written) <= 34 and written.isascii()):
        return False
    return int("".join(str(int(letter, 36)) for letter in written[4:] + written[:4])) % 97 == 1
