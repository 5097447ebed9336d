"""Where the history begins that a mail quotes: lines that say who wrote, headers of older mails, rulers above them (pure).

mail-parser-reply knows how mail programs introduce what they quote, in many languages; its patterns take quadratic time on
hostile text, so it is only asked about a few short lines at a time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "cs", "da", "sv")
_WINDOW_LIMIT = 320
_INTRODUCTIONS = 30

# What the library's patterns lack: Gmail's, Outlook's and Thunderbird's own wordings, and forwarded mail.
_VERBS = (
    r"\b(?:wrote|writes|schrieb|schreibt|a écrit|écrit|escribió|escribe|ha scritto|scrive|schreef|schrijft|geschreven"
    r"|geschrieben"
    r"|napisał(?:\(a\)|a)?|pisze|skrev|escreveu|napsal(?:\(a\)|a)?|píše)(?!\w)"
)
_VERB = re.compile(_VERBS, re.IGNORECASE)
_WROTE = re.compile(
    rf"(?:on|am|le|el|il|op|dnia|w dniu|den|em|dne)\b.{{4,250}}?{_VERBS}.{{0,120}}:\s*", re.IGNORECASE | re.DOTALL
)
_ADDRESS = re.compile(r"<[^<>\s]{1,100}@[^<>\s]{1,100}>|\[mailto:[^\s\]]{3,100}\]")
_NUMERIC = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}")
_DATED = re.compile(r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d).{0,100}<[^<>\s]+@[^<>\s]+>.{0,20}:\s*", re.DOTALL)
_SENTENCES = re.compile(r"(?:[^\W\d_]{4}|\d{4})[.!?]\s+[^\W\d_]")
_RULER = re.compile(r"\s*[-_=]{2,40}\s*([^\W\d_][^:_=]{3,60}?)\s*(?:\d[^_=]{0,30})?[-_=]{2,40}\s*|\s*_{32,}\s*")
_OLDER = re.compile(
    r"original|ursprüngliche|urspr\. nachricht|message d'origine|oorspronkelijk|oryginaln|původní|oprindelig|ursprungligt"
    r"|forwarded|weitergeleitet|transféré|réexpédié|reenviad|rispost|inoltrat|doorgestuurd|przekazan|przesłan"
    r"|encaminhad|reencaminhad"
    r"|přeposlan|videresendt|vidarebefordrat",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"message|nachricht|e-?mail|mensaje|correo|messaggio|bericht|wiadomo|mensagem|zpráva|meddelande|meddelelse|besked|courriel",
    re.IGNORECASE,
)
_FROM = (
    r"from|von|de|da|van|od|fra|från|mittente|remitente|expéditeur|afzender|nadawca|remetente"
    r"|от|від|发件人|寄件者|寄件人|差出人|보낸 ?사람|kimden|από|من|מאת|lähettäjä|feladó"
)
_TIME = (
    r"(?:sent|gesendet|envoyé|enviad[oa]|inviato|verzonden|verstuurd|wysłano|odesláno|sendt|skickat)(?: (?:le|el|em|am|on|il))?"
    r"|date|datum|data|fecha|dato"
    r"|отправлено|надіслано|дата|发送时间|发件时间|寄件日期|日期|送信日時|日時|보낸 ?날짜|날짜|gönderildi|gönderme tarihi|tarih"
    r"|στάλθηκε|ημερομηνία"
    r"|تاريخ الإرسال|تم الإرسال|تاريخ|נשלח|תאריך|lähetetty|päivämäärä|elküldve|dátum"
)
_SUBJECT = (
    r"subject|betreff|objet|sujet|asunto|oggetto|onderwerp|temat|assunto|předmět|emne|ämne"
    r"|тема|主题|主旨|件名|제목|konu|θέμα|الموضوع|נושא|aihe|tárgy"
)
_OTHERS = (
    r"to|an|à|pour|para|a|aan|do|komu|til|till|destinatario|destinataire|b?cc|kopie|copie|copia|cópia|dw|c\.c\.|cci|reply-to"
    r"|кому|копия|копія|收件人|抄送|收件者|副本|宛先|받는 ?사람|참조|kime|bilgi|προς|κοιν\.?"
    r"|إلى|نسخة إلى|אל|עותק|vastaanottaja|kopio|címzett|másolatot kap"
)


def _label(names: str) -> re.Pattern[str]:
    return re.compile(rf"[*\s]{{0,5}}(?:{names})\s?\*{{0,2}}\s?[:：]", re.IGNORECASE)


_FIELD = _label("|".join((_FROM, _TIME, _SUBJECT, _OTHERS)))
_SENDER = _label(_FROM)
_TELLING = _label(f"{_SUBJECT}|sent|gesendet|envoyé|enviad[oa]|inviato|verzonden|wysłano|odesláno")
_ANY_FIELD = re.compile(r"[*\s]{0,5}[^\W\d_][^\W\d_ .-]{0,11}(?:[ .-][^\W\d_]{1,11}){0,2}\s?\*{0,2}\s?:\s{0,6}\S")
_UNNAMED = re.compile(r"[\s\d.,:/-]*\d[\s\d.,:/-]*")
"""What is no name after "from": "Von: 12.12.2026" begins a form."""
_BEGINS = re.compile(
    r"\s*(?:begin|anfang|beginn|début|inicio|inizio|początek|início|start|začátek)\b[^:]{4,50}:\s*", re.IGNORECASE
)


@lru_cache(maxsize=1)
def _library() -> re.Pattern[str]:
    """The library's lines such as "On …, … wrote:"; its other patterns cut too much of what is new."""
    from mailparser_reply.constants import MAIL_LANGUAGES

    return re.compile("|".join(MAIL_LANGUAGES[name]["wrote_header"] for name in _LANGUAGES), re.MULTILINE | re.IGNORECASE)


def is_marked(line: str) -> bool:
    """Whether a line is marked as quoted."""
    return line[:5].lstrip().startswith(">")


def introductions(lines: Sequence[str]) -> frozenset[int]:
    """The lines that say who wrote what is quoted next; such a sentence may be wrapped over three lines."""
    ends = [at for at, line in enumerate(lines) if line.endswith((":", ": ", ":\r")) and line[:1] != ">"][:_INTRODUCTIONS]
    found: set[int] = set()
    for end in ends:
        for start in range(end, max(-1, end - 3), -1):
            if not lines[start].strip() or is_marked(lines[start]):
                break
            opens = start == 0 or not lines[start - 1].strip() or is_marked(lines[start - 1])
            if _introduces("\n".join(lines[start : end + 1]).strip(), opens=opens):
                found.update(range(start, end + 1))
                break
    return frozenset(found)


def _introduces(window: str, *, opens: bool) -> bool:
    if len(window) > _WINDOW_LIMIT:
        return False
    if any(pattern.fullmatch(window) for pattern in (_WROTE, _DATED)) or _library().match(window):
        return True
    # Anybody's wording: at the start of a paragraph, one sentence with a day or an address that says that somebody wrote.
    named = _ADDRESS.search(window) or _NUMERIC.search(window)
    return opens and named is not None and _VERB.search(window) is not None and not _SENTENCES.search(window)


def history(lines: Sequence[str], introduced: frozenset[int]) -> int:
    """Where unmarked history begins: all from there on was written before."""
    for at, line in enumerate(lines):
        if is_marked(line):
            continue
        if at in introduced and at + 1 not in introduced and not _quotes_follow(lines, at + 1):
            start = min(start for start in range(at, -1, -1) if all(n in introduced for n in range(start, at + 1)))
            # "On Monday Paul wrote:" may introduce what the author cites; a day in figures or an address is a program's.
            if any(letter.isdigit() or letter == "@" for n in range(start, at + 1) for letter in lines[n]):
                return start
        if (
            (":" in line or "：" in line)
            and (found := _SENDER.match(line))
            and not _UNNAMED.fullmatch(line, found.end())
            and _header_follows(lines, at)
        ):
            return _header_start(lines, at)
        if line.lstrip()[:1] in {"-", "_", "="} and len(line) <= _WINDOW_LIMIT and _announces(lines, at):
            return at
    return len(lines)


def _quotes_follow(lines: Sequence[str], start: int) -> bool:
    following = next((line for line in lines[start:] if line.strip()), "")
    return is_marked(following) or not following


def _header_follows(lines: Sequence[str], start: int) -> bool:
    """Whether a block such as From, Sent, To, Subject stands here; "From: Berlin, To: Paris" is a journey."""
    block = [line for line in lines[start : start + 6] if len(line) <= _WINDOW_LIMIT]
    fields = [line for line in block if (found := _FIELD.match(line)) and line[found.end() :].strip(" \t*\r")]
    telling = any("@" in line or line.lstrip().startswith("*") or _TELLING.match(line) for line in fields)
    return len(fields) >= 3 and (telling or any(re.search(r"\d{4}", line) for line in fields))


def _header_start(lines: Sequence[str], sender: int) -> int:
    """The first line of a header that need not open with its author, or the one that announces it."""
    start = sender
    while start and _FIELD.match(lines[start - 1][:_WINDOW_LIMIT]):
        start -= 1
    above = next((at for at in range(start - 1, max(-1, start - 4), -1) if lines[at].strip()), start)
    return above if len(lines[above]) <= 60 and _BEGINS.fullmatch(lines[above]) else start


def _announces(lines: Sequence[str], at: int) -> bool:
    """Whether a ruler stands above history: it says so, or a header follows it."""
    ruler = _RULER.fullmatch(lines[at])
    if ruler is None:
        return False
    below = [line for line in lines[at + 1 : at + 9] if line.strip()][:6]
    if ruler[1] and _OLDER.search(ruler[1]):
        return _MAIL.search(ruler[1]) is not None or any(_SENDER.match(line) for line in below[:3])
    if ruler[1]:
        fields = sum(1 for line in below[:4] if len(line) <= _WINDOW_LIMIT and _ANY_FIELD.match(line))
        return fields >= 3 and any("@" in line for line in below[:4])
    return any(_SENDER.match(line) and _header_follows(below, n) for n, line in enumerate(below[:4]))
