"""A mail as it came to a mail as it is read: header fields, text, attachments, problems (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from butler.core.mail import Message, RawMail, RawPart
from tools.charset import clean, decode
from tools.mail import headers
from tools.mail.encoding import transfer_decode
from tools.mail.html import html_to_text
from tools.mail.mime import dissect
from tools.mail.reply import split_new

__all__ = ["parse", "split_new"]

_CALENDAR_LIMIT = 262_144
_ENCODED_AS = 4
"""So many times as long as a text its transfer encoding may be, line ends and all."""


def parse(raw: RawMail, text_limit: int = 1_000_000) -> Message:
    """Parse one mail; what cannot be read is named in the message's problems."""
    if raw.whole is not None:
        raw = dissect(raw)
    named = headers.fields(raw.header)
    problems = list(raw.problems)
    if not named:
        problems.append("It has no headers.")
    if headers.is_cut(raw.header, named):
        problems.append("It has more recipients or longer headers than are kept; what is beyond is not shown.")
    text, html_only, calendar = _texts(raw.parts, text_limit, problems)
    return _message(raw, named, problems, text=text, html_only=html_only, calendar=calendar)


def _message(
    raw: RawMail, named: Mapping[str, str], problems: Sequence[str], *, text: str, html_only: bool, calendar: str
) -> Message:
    senders = headers.addresses(named.get("from", "")) or headers.addresses(named.get("sender", ""))
    replies = headers.message_ids(named.get("in-reply-to", ""))
    return Message(
        key=raw.key,
        flags=raw.flags,
        received=raw.received,
        size=raw.size,
        message_id=headers.message_id(named.get("message-id", "")),
        date=headers.date(named["date"], raw.received) if "date" in named else None,
        subject=headers.subject(named.get("subject", "")),
        sender=senders[0] if senders else None,
        reply_to=headers.addresses(named.get("reply-to", "")),
        to=headers.addresses(named.get("to", "")),
        cc=headers.addresses(named.get("cc", "")),
        in_reply_to=replies[0] if replies else "",
        references=headers.message_ids(named.get("references", "")),
        list_id=headers.list_id(named["list-id"]) if "list-id" in named else "",
        bulk=headers.is_bulk(named),
        bounce=headers.is_bounce(named),
        text=text,
        html_only=html_only,
        calendar=calendar,
        attachments=raw.attachments,
        problems=tuple(problems),
        followup_to=headers.addresses(named.get("mail-followup-to", "")),
    )


def _texts(parts: Sequence[RawPart], limit: int, problems: list[str]) -> tuple[str, bool, str]:
    """The mail's text, whether all of it was HTML, and its first calendar part."""
    texts: list[str] = []
    calendar = ""
    plain = html = False
    for part in parts:
        if part.media_type == "text/calendar":
            calendar = calendar or _decoded(part, _CALENDAR_LIMIT, problems)
            continue
        text = _decoded(part, limit, problems)
        if part.media_type == "text/html":
            html, text = True, html_to_text(text)
        else:
            plain = plain or bool(text.strip())
        texts.append(text)
    joined = texts[0] if len(texts) == 1 else "\n\n".join(text for text in texts if text.strip())
    return joined[:limit], html and not plain, calendar


def _decoded(part: RawPart, limit: int, problems: list[str]) -> str:
    cut = part.truncated or len(part.content) > _ENCODED_AS * limit
    content, whole = transfer_decode(part.content[: _ENCODED_AS * limit], part.encoding)
    if not whole and not cut:
        problems.append(f"Its {clean(part.media_type)} part is not encoded as declared.")
    cut = cut or len(content) > limit
    if cut:
        problems.append("Its text is longer than the limit and was cut.")
    text, fits = decode(content[:limit], part.charset, cut=cut)
    if not fits:
        problems.append(f"Its {clean(part.media_type)} part is in no charset that is known.")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
