"""Puts an answer together: sentences in the question's language, each with the numbers of what it rests on."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Literal

from butler.core.asking import Answer, Citation, ReadDone, Sentence
from butler.core.calendar import Placed, PlacedTask
from butler.core.context import Context
from butler.core.mail import Mail
from butler.core.text import one_line, visible
from tools.mail.message import split_new
from workflows.ask import says

MOST_LINES = 20
"""So many things are listed in one answer; the rest is counted."""

_READ = 20_000
_LONGEST_QUOTE = 160
_GREETING = 60
_SENTENCES = re.compile(r".{20,}[.!?…](?=\s)", re.DOTALL)


class Wording:
    """Collects the sentences of one answer and what they cite."""

    def __init__(self, context: Context, language: str) -> None:
        self._context = context
        self._citations: list[Citation] = []
        self._sentences: list[Sentence] = []
        self.language = language
        self.zone = context.owner.zone
        self.today = context.now.astimezone(self.zone).date()

    def say(self, key: str, cites: Sequence[int] = (), **values: object) -> None:
        """Add one of the kept sentences."""
        self.add(says.say(self.language, key, **values), cites)

    def add(self, text: str, cites: Sequence[int] = ()) -> None:
        """Add a sentence as it is."""
        self._sentences.append(Sentence(text=text, cites=tuple(dict.fromkeys(cites))))

    def mail(self, mail: Mail, quote: str = "") -> int:
        """Cite a mail; its number."""
        return self.cite(mail.ref, one_line(mail.message.subject, 200), mail.when, quote)

    def event(self, placed: Placed) -> int:
        """Cite an event; its number."""
        return self.cite(placed.ref, one_line(placed.occurrence.summary, 200), placed.occurrence.start)

    def task(self, placed: PlacedTask) -> int:
        """Cite a task; its number."""
        return self.cite(placed.ref, one_line(placed.task.summary, 200), placed.task.due)

    def cite(self, ref: str, title: str, when: dt.datetime | dt.date | None, quote: str = "") -> int:
        """Cite something; its number, which it keeps."""
        moment = when.astimezone(self.zone) if isinstance(when, dt.datetime) else when
        one = Citation(ref=ref, title=title, when=moment.isoformat() if moment else "", quote=quote)
        if one not in self._citations:
            self._citations.append(one)
        return self._citations.index(one) + 1

    def when(self, moment: dt.datetime | dt.date) -> str:
        """A moment or day in words."""
        return says.moment(self.language, moment, self.today, self.zone)

    def answer(
        self,
        by: Literal["code", "model", "rules"] = "code",
        *,
        unknown: bool = False,
        reads: Sequence[ReadDone] = (),
        reason: str = "",
        dropped: int = 0,
        proposed: Sequence[int] = (),
    ) -> Answer:
        """The answer as far as it was put together."""
        return Answer(
            sentences=tuple(self._sentences),
            citations=tuple(self._citations),
            reads=tuple(reads),
            unknown=unknown,
            by=by,
            language=self.language,
            reason=reason,
            dropped=dropped,
            proposed=tuple(proposed),
        )


def first_words(mail: Mail) -> str:
    """How a mail begins, to the letter, without the line that greets; empty where it has no text."""
    text = visible(split_new(mail.message.text[:_READ]).new).strip()
    first, _, rest = text.partition("\n")
    if rest.strip() and len(first) <= _GREETING and first.rstrip().endswith((",", ":", "!")):
        text = rest.strip()
    return cut(text.partition("\n\n")[0], _LONGEST_QUOTE)


def cut(text: str, limit: int) -> str:
    """Words on one line, cut after a sentence or between two words, and nothing put in their place."""
    flat = one_line(text, limit * 4)
    if len(flat) <= limit:
        return flat
    whole = _SENTENCES.match(flat[: limit + 1])
    return whole[0].rstrip() if whole else flat[: limit + 1].rpartition(" ")[0]
