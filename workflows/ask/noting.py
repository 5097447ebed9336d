"""What is noted of each thing that was found: words of it to the letter, by the model or by rule, each thing by itself."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from butler.core.context import Context
from butler.core.grounding import find_quote
from butler.core.localtime import day_start
from butler.core.text import one_line
from workflows.ask import steps
from workflows.ask.asked import Asked, held
from workflows.ask.dayhits import fold
from workflows.ask.says import language_for
from workflows.ask.things import Thing, around, best_piece, sentences_of, shown
from workflows.ask.windows import find_windows
from workflows.draft_reply.language import NAMES, language_of

LONGEST = 240
_MOST_DATES = 3
_LEAST_WORDS = 4
_SHORT = 3
_GREETS = re.compile(
    r"(?i)(?:(?:dear|hi|hello|hey|liebe[rs]?|hallo|sehr geehrte[rs]?|chère?|cher|bonjour|hola|querid[oa]|estimad[oa]|"
    r"ciao|car[oa]|gentile|beste|drog[ia]|prezad[oa])\b[^.?!:]{0,60}[,!]?|"
    r"(?:herzlich\w*|(?:viele|liebe|beste|schöne) grüße|(?:best|kind|warm) (?:regards|wishes)|regards|best|cheers|love|"
    r"cordialement|amicalement|saludos|(?:un )?abrazos?|saluti|groet(?:en|jes)?|pozdrawiam|abraços?|cumprimentos)\b,?"
    r"(?:\s+[^\W\d_]+){0,4})"
    r"\s*$"
)
"""A line that only greets or takes leave."""


class Fact(BaseModel):
    """One thing that is known: where it stands, in which words (`quote`), or what code says of it (`line`).

    `dates` are the days that the words name, reckoned by code from when they were written; `stranger` is as of a thing. `near`
    says that no word of the question led to it, but its meaning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ref: str
    kind: str
    title: str
    who: str = ""
    when: str = ""
    quote: str = ""
    line: str = ""
    dates: tuple[str, ...] = ()
    own: bool = False
    stranger: bool = False
    near: bool = False

    @property
    def words(self) -> str:
        """All that it says."""
        return "\n".join((self.who, self.title, self.quote, self.line))


class Noted(BaseModel):
    """What was noted of one thing; `dropped` counts quotes that it does not hold, `failure` is why the model did not answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: tuple[Fact, ...] = ()
    dropped: int = 0
    failure: str = ""
    asked: bool = False


def note(context: Context, asked: Asked, one: Thing, words: Sequence[str], *, near: bool = False) -> Noted:
    """Note what helps of a thing; `words` are those that it was searched by.

    `near` says that it was found by its meaning: it need not hold a word of the question, if the model says that it helps.
    """
    words = [word for word in words if word not in asked.people and word not in asked.words]
    if one.line:
        shared = 2 * len(held(one.about, asked.distinct)) > len(asked.distinct)
        if context.model is None and asked.people and not held(one.about, asked.people):
            return Noted()
        helps = not asked.distinct or shared or held(one.about, words) or _is_in_window(context, asked, one)
        is_meant = near and not helps and context.model is not None
        return Noted(facts=(fact(context, one, near=is_meant),)) if helps or is_meant else Noted()
    if context.model is None or not one.text.strip():
        return Noted(facts=tuple(by_rule(context, asked, one)))
    said = context.model.ask(steps.note(), subject=one.ref, facts=_facts(asked), text=_text(one, (*asked.words, *words)))
    if said.answer is None:
        failure = said.reason or "The model gave no reason."
        return Noted(facts=tuple(by_rule(context, asked, one)), failure=failure, asked=True)
    quotes = said.answer.quotes if said.answer.helps else ()
    literal = [find_quote(quote, one.source) for quote in quotes]
    kept = [quote for quote in dict.fromkeys(literal) if quote and is_relevant(asked, one, quote, words, near=near)]
    found = tuple(fact(context, one, quote, near=near and not is_relevant(asked, one, quote, words)) for quote in kept)
    return Noted(facts=found, dropped=len(quotes) - len(kept), asked=True)


def _is_in_window(context: Context, asked: Asked, one: Thing) -> bool:
    """Whether an event or task falls into a time that the question names, and a model is there to tell whether it matters."""
    if one.when is None or context.model is None:
        return False
    moment = one.when if isinstance(one.when, dt.datetime) else day_start(one.when, context.owner.zone)
    return any(window.start <= moment < window.stop for window in asked.windows)


def by_rule(context: Context, asked: Asked, one: Thing) -> list[Fact]:
    """The passage of a thing that has most of the question's words, where it has enough of them and could be an answer."""
    wanted = asked.distinct or asked.words
    if not wanted:
        return []
    if asked.people and not asked.distinct:
        return _told_by(context, asked, one)
    piece = best_piece(one.text, wanted, asked.said, asked.is_answered_by)
    if not piece or not _has_enough(asked, one, piece, wanted):
        is_about = 2 * len(held(fold(one.title), wanted)) > len(wanted)
        return _told_by(context, asked, one) if asked.people and is_about else []
    if asked.people and not any(person in fold(f"{one.who} {one.title} {piece}") for person in asked.people):
        return []
    if asked.people and asked.wants_words and one.kind == "mail" and not _is_by(asked, one):
        return []
    quote = find_quote(piece[:LONGEST].rpartition(" ")[0] if len(piece) > LONGEST else piece, one.source)
    return [fact(context, one, quote)] if quote else []


def _told_by(context: Context, asked: Asked, one: Thing) -> list[Fact]:
    """What somebody wrote, where nothing more is asked: what they ask, else how it begins."""
    if one.kind != "mail" or not _is_by(asked, one):
        return []
    sentences = [piece.strip() for piece in sentences_of(one.text) if _is_told(piece) and asked.is_answered_by(piece)]
    asks = (piece for piece in sentences if piece.endswith("?"))
    piece = next(asks, next(iter(sentences), ""))
    quote = find_quote(piece[:LONGEST], one.source) if piece else None
    return [fact(context, one, quote)] if quote else []


def _is_by(asked: Asked, one: Thing) -> bool:
    """Whether somebody whom the question names wrote it."""
    return any(person in fold(one.who) for person in asked.people)


def _is_told(piece: str) -> bool:
    """Whether a line says something, and does not only greet."""
    return len(piece.split()) >= _LEAST_WORDS and not piece.rstrip().endswith((",", ":"))


def _has_enough(asked: Asked, one: Thing, piece: str, wanted: Sequence[str]) -> bool:
    """Whether a passage and its title have most words of a question, or all of it has them and this what is wanted."""
    if 2 * len(held(fold(f"{piece} {one.title}"), wanted)) > len(wanted):
        return True
    return (
        asked.wants_more
        and len(held(one.about, wanted)) == len(wanted)
        and bool(held(fold(piece), [word for word in asked.said if len(word) > _SHORT]))
    )


def is_relevant(asked: Asked, one: Thing, quote: str, words: Sequence[str], *, near: bool = False) -> bool:
    """Whether a quote can belong to the question: near it, or in its thing's title, stands a word of the question.

    Where the thing is in another language than the question, a name or a word that it was searched by anywhere in it will do.
    What was found by its meaning (`near`) needs none of the words, but has to name whom the question names.
    """
    beside = f"{around(one.source, quote)} {fold(one.title)}"
    if _GREETS.match(quote.strip()):
        return False
    if not asked.distinct:
        return True
    if held(beside, asked.distinct):
        return True
    if near and (not asked.people or held(one.about, asked.people)):
        return True
    written = language_of(one.text[:2_000], "")
    if one.kind == "contact" or written in ("", asked.meant.language):
        return False
    return bool(held(one.about, (*asked.words, *words)))


def fact(context: Context, one: Thing, quote: str = "", *, near: bool = False) -> Fact:
    """A fact of a thing, with the days that its words name."""
    return Fact(
        ref=one.ref,
        kind=one.kind,
        title=one.title,
        who=one.who,
        when=_when(one, context),
        quote=one_line(quote, LONGEST * 2),
        line=one.line,
        dates=tuple(_dates(context, one, quote)),
        own=one.own,
        stranger=one.stranger,
        near=near,
    )


def _when(one: Thing, context: Context) -> str:
    moment = one.when.astimezone(context.owner.zone) if isinstance(one.when, dt.datetime) else one.when
    return moment.isoformat() if moment else ""


def _dates(context: Context, one: Thing, quote: str) -> list[str]:
    """The days that a quote names, by when it was written: "today" in yesterday's mail is yesterday."""
    if not quote or not isinstance(one.when, dt.datetime) or one.kind != "mail":
        return []
    zone = context.owner.zone
    found = find_windows(quote, one.when, zone, language_for(quote, context.owner.language), past=False)
    days = [(window.words, window.start.astimezone(zone)) for window in found if window.day or window.moment]
    return [f"{one_line(words, 40)} = {start:%A %Y-%m-%d}" for words, start in days][:_MOST_DATES]


def _facts(asked: Asked) -> str:
    return f"Question: {one_line(asked.whole, 600)}\nLanguage of the question: {NAMES[asked.meant.language]}"


def _text(one: Thing, words: Sequence[str]) -> str:
    head = [f"From: {one.who}"] if one.who else []
    return "\n".join((*head, f"Title: {one.title}", *one.files, "", shown(one.text, words)))
