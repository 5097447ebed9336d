"""What exams say about the model in use: that it took none, that the rules alone are better, or that another model is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from butler.core.accounts import ModelHost
from butler.core.errors import ButlerError, StateError
from butler.core.pins import is_pinned, short
from butler.core.scoring import DIMENSIONS, compared
from butler.core.text import one_line
from butler.store.exams import Exam

if TYPE_CHECKING:
    from butler.model import ModelReport


class Advice(NamedTuple):
    """Something to know: how serious it is, a sentence, and what to do about it (empty: nothing)."""

    level: Literal["ok", "warning"]
    sentence: str
    advice: str = ""


BETTER = 0.02
"""A total that is higher by less than this is none that anybody could tell."""


def advice_of(path: Path, host: ModelHost | None, inspect: Callable[[ModelHost], ModelReport]) -> Iterator[Advice]:
    """What the newest exams say of the judging model as it is pinned; nothing where none is set or no state is there."""
    from butler.sample.exam.version import exam_version
    from butler.store.truth import Truth

    if host is None or not host.name or not path.exists():
        return
    try:
        with closing(Truth.open(path)) as truth:
            pins = [pin for pin in truth.pins.of(host) if pin.name == host.name and is_pinned(pin.identity.digest)]
            exams = truth.exams.newest("shipped", exam_version("shipped"))
    except StateError:
        # What is wrong with it is told by a check of its own.
        return
    by_digest = {exam.digest: exam for exam in exams}
    name = one_line(host.name, 60)
    digests = dict.fromkeys(pin.identity.digest for pin in pins)
    if not digests:
        if not any(exam.model == host.name for exam in exams):
            yield _suggested(name)
        return
    for digest in digests:
        exam = by_digest.get(digest)
        if exam is None:
            yield _suggested(f"{name} ({short(digest)})")
        else:
            yield from _judged(exam, exams, host, inspect)


def _suggested(name: str) -> Advice:
    advice = "`butler model exam` tells how good it is, beside the rules alone; --quick asks a third."
    return Advice("ok", f"{name} has taken no exam of this version yet.", advice)


def _judged(
    exam: Exam, exams: Sequence[Exam], host: ModelHost, inspect: Callable[[ModelHost], ModelReport]
) -> Iterator[Advice]:
    """How a model did, in itself, beside the rules and beside others that are there."""
    name, score = one_line(host.name, 60), exam.score
    mend = "Choose another model, or set model.enabled to false and let the rules judge."
    if score.failed:
        titles = ", ".join(one.title for one in DIMENSIONS if one.key in score.failed)
        yield Advice("warning", f"{name} failed its exam of {exam.at:%Y-%m-%d}: {titles}.", mend)
        return
    rules = next((each for each in exams if not each.digest and each.quick == exam.quick), None)
    mine, theirs = compared(score, rules.score) if rules else (score.total, 0.0)
    if rules and mine < theirs:
        sentence = f"{name} has {mine:.2f} in its exam of {exam.at:%Y-%m-%d}, and the rules alone have {theirs:.2f}."
        yield Advice("warning", sentence, mend)
        return
    told = f"{name} has {score.total:.2f} of 1 in its exam of {exam.at:%Y-%m-%d}."
    better = _better(exam, exams, host, inspect)
    if better is None:
        yield Advice("ok", told)
    else:
        other = one_line(better.model, 60)
        sentence = f"{told} {other}, which is on your server too, has {better.score.total:.2f}."
        yield Advice("ok", sentence, f"`butler model try {other}` shows what would differ; model.name chooses it.")


def _better(exam: Exam, exams: Sequence[Exam], host: ModelHost, inspect: Callable[[ModelHost], ModelReport]) -> Exam | None:
    """The best model that did better and is installed."""
    others = [each for each in exams if each.digest not in ("", exam.digest) and each.quick == exam.quick]
    others = [each for each in others if compared(each.score, exam.score)[0] >= compared(each.score, exam.score)[1] + BETTER]
    if not others:
        return None
    try:
        there = set(inspect(host).available)
    except ButlerError:
        return None
    here = [each for each in others if {each.model, f"{each.model}:latest"} & there]
    return max(here, key=lambda each: each.score.total, default=None)
