"""What a mail's author wrote now, apart from their signature and the quoted history (pure).

Lines decide, so that any text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from butler.core.mail import NewText
from tools.mail.footers import legal_lines
from tools.mail.history import history, introductions, is_marked

_SIGNATURE_LINES = 12
_SIGNATURE_WIDTH = 90

_SENT_FROM = re.compile(
    r"(?:sent (?:from (?:my|yahoo|outlook|gmail|mail for|samsung|aol|proton)|with \[?proton|via)"
    r"|get outlook for|outlook für \w+ beziehen|gesendet (?:von|mit)|von meinem"
    r"|diese nachricht wurde von"
    r"|envoyé (?:de(?:puis)? mon|à partir de)|télécharger outlook|enviado (?:desde|do|a partir do) m[ie]u?"
    r"|obtener outlook|obter o outlook"
    r"|inviato da|scarica outlook|verzonden vanaf mijn|outlook voor \w+ downloaden|wysłan[eo] z|pobierz (?:aplikację )?outlook"
    r"|skickat från min|sendt fra min|odesláno z|отправлено (?:с|из)|надіслано з|lähetetty .{3,20}sta)\b.{0,60}"
    r"|[发發]自我的.{0,30}|.{1,20}から送信|나의 .{1,20}에서 보냄|.{1,20}['’]?(?:u?mdan|i?mden) gönderildi",
    re.IGNORECASE,
)
_REGARDS = re.compile(
    r"(?:(?:best|kind|warm|many|kindest|warmest)? ?(?:regards|wishes)|all the best|best|cheers|sincerely"
    r"|yours (?:sincerely|truly|faithfully)"
    r"|many thanks|thanks|thank you"
    r"|(?:mit )?(?:freundlichen|besten|herzlichen|lieben|vielen|schönen) gr(?:ü|ue)(?:ß|ss)en|mit freundlichem gru(?:ß|ss)"
    r"|(?:(?:beste|liebe|viele|herzliche|schöne|freundliche|sonnige) )?gr(?:ü|ue)(?:ß|ss)e|(?:lieben "
    r"|schönen )?gru(?:ß|ss)|mfg|lg|vg"
    r"|(?:bien )?(?:cordialement|amicalement)|(?:meilleures |sincères )?salutations|bien à (?:vous|toi)|bises|à bientôt"
    r"|(?:(?:un|muchos|cordiales) )?saludos?(?: cordiales)?|un (?:fuerte )?abrazo|atentamente|cordiali saluti"
    r"|distinti saluti|(?:tanti |cari )?saluti"
    r"|un abbraccio|(?:met )?(?:vriendelijke|hartelijke) groet(?:en)?|groet(?:en|jes)?|pozdrawiam(?: serdecznie)?"
    r"|pozdrowienia|z poważaniem"
    r"|(?:(?:melhores|com os melhores|atenciosos) )?cumprimentos|atenciosamente|(?:um )?abraços?|s pozdravem"
    r"|med venlig hilsen|vänliga hälsningar)"
    r"(?: (?:aus|from|van|de|uit) \w{1,30})?[,.!]?",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(
    r"[*_\s]{0,4}(?:(?:[pP]\.? ?){1,3}-?[sS]\d?(?:\.? ?[:.,;)–—-]|(?=\s))|P\. ?D\.|P\.? ?D\.? ?:|N\.? ?B\.? ?[:.]"
    r"|(?i:post[- ]?scriptum|postscript|pos(?:t|)data|nachtrag|addendum)\b)"
)
"""Opens what the author adds below their name; not "PD Dr. Weber"."""
_PROSE_END = re.compile(r"[.!?…](?:[\s\"'”’)*_]|[:;]-?[)(DP]|[\U0001f300-\U0001faff☺☻❤])*$")
_CONTACT = re.compile(r"[@|•·]|https?:|\bwww\.|\d[\d /().-]{6,}")


def split_new(text: str) -> NewText:
    """Take a text apart; each part is made of whole lines of it, in their order.

    Quoted are lines with `>`, with the line that introduces them, and all that follows the header of a mail that was
    answered above it. Answers between quotes are new, and so is a postscript below the signature. What the law or a
    company adds to every mail counts as signature.
    """
    lines = text.split("\n")
    introduced = introductions(lines)
    end = history(lines, introduced)
    own: list[str] = []
    quoted: list[str] = []
    for index, line in enumerate(lines[:end]):
        (quoted if is_marked(line) or index in introduced else own).append(line)
    legal = legal_lines(own)
    signed = _signed([line if at not in legal else "" for at, line in enumerate(own)]) | legal
    new = [line for at, line in enumerate(own) if at not in signed]
    return NewText(_joined(new), _joined([own[at] for at in sorted(signed)]), _joined([*quoted, *lines[end:]]))


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n \t\r")


def _signed(lines: Sequence[str]) -> set[int]:
    """The lines of the signature; a postscript below it is none, and may be signed again."""
    first = _signature(lines)
    below = _postscript(lines, first)
    again = _signature(lines[below:]) + below
    return {*range(first, below), *range(again, len(lines))}


def _signature(lines: Sequence[str]) -> int:
    """The index at which the signature begins."""
    for at, line in enumerate(lines):
        if line in {"-- ", "-- \r"} or (line.rstrip() == "--" and _may_be_ruled(lines[at:])):
            return at
    tail = [at for at, line in enumerate(lines) if line.strip()][-_SIGNATURE_LINES:]
    for at in tail:
        line = lines[at].strip()
        if len(line) > _SIGNATURE_WIDTH or at == tail[0] == 0:
            continue
        if _SENT_FROM.fullmatch(line):
            return at
        if _REGARDS.fullmatch(line) and _may_be_signed(lines, at):
            return at
    return len(lines)


def _may_be_ruled(lines: Sequence[str]) -> bool:
    """Whether what stands below two dashes is a signature: some lines that ask nothing."""
    return len(lines) <= _SIGNATURE_LINES and not any("?" in line for line in lines)


def _may_be_signed(lines: Sequence[str], regards: int) -> bool:
    """Whether what stands between a farewell and a postscript can be a name and an address."""
    between = lines[regards + 1 : _postscript(lines, regards)]
    return all(len(line) <= _SIGNATURE_WIDTH and "?" not in line for line in between)


def _postscript(lines: Sequence[str], signature: int) -> int:
    """The index at which a postscript below a signature begins: one named so, or prose right below the name alone."""
    for at in range(signature + 1, len(lines)):
        if _POSTSCRIPT.match(lines[at]) and not _CONTACT.search(lines[at][:40]):
            return at
    below = [at for at in range(signature + 1, len(lines)) if lines[at].strip()]
    if signature >= len(lines) or not _REGARDS.fullmatch(lines[signature].strip()):
        return len(lines)
    named = below[1:] if below and _is_name(lines[below[0]]) else below
    if named and _is_prose(lines, named[0]):
        return named[0]
    return len(lines)


def _is_name(line: str) -> bool:
    words = line.split()
    return 0 < len(words) <= 4 and not any(letter.isdigit() for letter in line) and not line.rstrip().endswith(("!", "?"))


def _is_prose(lines: Sequence[str], start: int) -> bool:
    """Whether the paragraph there is made of sentences, and not of names, numbers and addresses."""
    paragraph: list[str] = []
    for line in lines[start : start + _SIGNATURE_LINES]:
        if not line.strip():
            break
        paragraph.append(line.strip())
    text = " ".join(paragraph)
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    small = sum(word[:1].islower() for word in words)
    return len(words) >= 4 and 2 * small >= len(words) and bool(_PROSE_END.search(text[-40:])) and not _CONTACT.search(text)
