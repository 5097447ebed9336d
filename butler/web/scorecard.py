"""The score card of an exam as one page without anything from elsewhere: tables, and plots that are drawn here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from butler.core.scoring import DIMENSIONS, Key, Score, compared
from butler.store.exams import Exam
from butler.web.layout import templates
from butler.web.scoreplots import Dot, Row, Rows, rows, way

_MOST_MODELS = 8
_MOST_ON_THE_WAY = 40
_TITLES: Mapping[Key, str] = {one.key: one.title for one in DIMENSIONS}
_BY_LANGUAGE: Sequence[Key] = ("category", "recall", "deadlines", "injections", "invented")


class Found(Protocol):
    """Something of which something was wrong."""

    @property
    def id(self) -> str:
        """Its name in the material."""
        ...

    @property
    def keys(self) -> tuple[Key, ...]:
        """In which dimensions."""
        ...

    @property
    def expected(self) -> str:
        """What was expected."""
        ...

    @property
    def said(self) -> str:
        """What was said."""
        ...

    @property
    def subject(self) -> str:
        """Of a mail of the owner's, its subject."""
        ...


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows: the exam, that of the rules, the best of another model before, all like it, and what was wrong.

    `told` says that the words of what was wrong are shown as well, and not only where it was.
    """

    exam: Exam
    rules: Exam | None
    best: Exam | None
    before: Sequence[Exam]
    found: Sequence[Found]
    told: bool


def written(card: Card, zone: ZoneInfo) -> str:
    """Write the card as HTML."""
    exam = card.exam
    return (
        templates()
        .get_template("scorecard.html")
        .render(
            exam=exam,
            score=exam.score,
            own=exam.kind == "own",
            rules=card.rules is not None,
            best=card.best is not None,
            at=f"{exam.at.astimezone(zone):%Y-%m-%d %H:%M}",
            titles=_TITLES,
            floors=[(one, exam.score.tallies[one.key]) for one in DIMENSIONS if one.key in exam.score.failed],
            compares=list(_compares(card)),
            dimensions=list(_dimensions(card)),
            dimension_plot=_dimension_plot(card),
            languages=list(_languages(exam.score)),
            language_keys=[key for key in _BY_LANGUAGE if key in exam.score.tallies],
            language_plot=_language_plot(exam.score),
            way=_way(card, zone),
            times=list(_times(card, zone)),
            models=_models(card),
            token_plot=rows([Row(each["name"], each["tokens"], f"{each['tokens']:.0f}") for each in _models(card)]),
            second_plot=rows([Row(each["name"], each["seconds"], f"{each['seconds']:.2f} s") for each in _models(card)]),
            found=card.found,
            told=card.told,
        )
    )


def _compares(card: Card) -> Iterator[tuple[str, float, float]]:
    for name, other in (("The rules alone", card.rules), (f"Best before: {card.best.model if card.best else ''}", card.best)):
        if other is not None:
            mine, theirs = compared(card.exam.score, other.score)
            yield name, theirs, mine


def _dimensions(card: Card) -> Iterator[dict[str, Any]]:
    others = [other.score.tallies if other else {} for other in (card.rules, card.best)]
    for one in DIMENSIONS:
        tally = card.exam.score.tallies.get(one.key)
        if tally is not None:
            low, high = tally.interval
            beside = [f"{each[one.key].share * 100:.0f} %" if one.key in each else "–" for each in others]
            yield {"one": one, "tally": tally, "low": low, "high": high, "rules": beside[0], "best": beside[1]}


def _dimension_plot(card: Card) -> Rows:
    wanted = []
    for each in _dimensions(card):
        others = (other.score.tallies.get(each["one"].key) if other else None for other in (card.rules, card.best))
        marks = tuple(other.share if other else None for other in others)
        told = f"{each['tally'].right}/{each['tally'].count}"
        wanted.append(Row(each["one"].title, each["tally"].share, told, each["low"], each["high"], marks))
    return rows(wanted, 1.0)


def _languages(score: Score) -> Iterator[tuple[str, list[str]]]:
    shown = [key for key in _BY_LANGUAGE if key in score.tallies]
    for language, tallies in score.by_language.items():
        yield language, [f"{tallies[key].right}/{tallies[key].count}" if key in tallies else "–" for key in shown]


def _language_plot(score: Score) -> Rows:
    wanted = []
    for language, tallies in score.by_language.items():
        if "category" in tallies:
            tally = tallies["category"]
            low, high = tally.interval
            wanted.append(Row(language, tally.share, f"{tally.right}/{tally.count}", low, high))
    return rows(wanted, 1.0)


def _on_the_way(card: Card) -> list[Exam]:
    alike = [each for each in card.before if each.digest and each.id != card.exam.id]
    known = any((each.at, each.digest) == (card.exam.at, card.exam.digest) for each in alike)
    mine = [] if known or not card.exam.digest else [card.exam]
    return [*alike, *mine][-_MOST_ON_THE_WAY:]


def _way(card: Card, zone: ZoneInfo) -> Sequence[Dot]:
    return way(
        [
            (
                each.score.total,
                each.digest == card.exam.digest,
                f"{each.at.astimezone(zone):%Y-%m-%d} {each.model}: {each.score.total:.2f}",
            )
            for each in _on_the_way(card)
        ]
    )


def _times(card: Card, zone: ZoneInfo) -> Iterator[dict[str, str]]:
    for each in reversed(_on_the_way(card)):
        at = f"{each.at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield {
            "at": at,
            "model": each.model,
            "digest": each.digest[:12],
            "server": each.server,
            "total": f"{each.score.total:.3f}",
        }


def _models(card: Card) -> list[dict[str, Any]]:
    """The newest exam of each model, with what it took a mail."""
    newest = {each.digest: each for each in _on_the_way(card)}
    found = []
    for each in list(newest.values())[-_MOST_MODELS:]:
        speed, mails = each.score.speed, max(each.score.put, 1)
        found.append(
            {
                "name": f"{each.model[:16]} {each.digest[:6]}",
                "tokens": speed.tokens_in + speed.tokens_out,
                "tokens_in": f"{speed.tokens_in:.0f}",
                "tokens_out": f"{speed.tokens_out:.0f}",
                "seconds": speed.seconds / mails,
                "first": "–" if speed.first is None else f"{speed.first:.2f} s",
                "rate": "–" if speed.rate is None else f"{speed.rate:.0f}",
            }
        )
    return found
