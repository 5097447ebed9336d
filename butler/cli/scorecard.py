"""The score card of an exam, as a terminal shows it: 80 columns, every share with its count and its interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from butler.cli import output
from butler.core.pins import is_pinned
from butler.core.scoring import DIMENSIONS, Key, Score, Tally, compared
from butler.core.text import one_line
from butler.exams.findings import Finding
from butler.store.exams import Exam

_BAR = 14
_WORST = 8
_TITLES: Mapping[Key, str] = {one.key: one.title for one in DIMENSIONS}


def lines(exam: Exam, rules: Exam | None, best: Exam | None, found: Sequence[Finding], *, verbose: bool) -> Iterator[str]:
    """The whole card; of what was wrong only the worst, unless all is wanted."""
    yield output.painted("1", heading(exam))
    yield from _totals(exam, rules, best)
    yield ""
    yield from _table(exam.score, rules.score if rules else None)
    yield ""
    yield from _languages(exam.score)
    yield from _speed(exam)
    yield from _wrong(found, own=exam.kind == "own", verbose=verbose)


def heading(exam: Exam) -> str:
    """Which exam it was, and who took it."""
    digest = one_line(exam.digest[:12]) if is_pinned(exam.digest) else "unpinned"
    who = f"{one_line(exam.model, 60)} ({digest})" if exam.digest else "the rules, without a model"
    what = "your own exam" if exam.kind == "own" else "the exam that ships"
    return f"{who}: {what}{', a third of it' if exam.quick else ''}"


def listed(exams: Sequence[Exam], version: str, zone: ZoneInfo) -> Iterator[str]:
    """Exams, a line each, by the owner's clock; `version` is that of an exam that would be taken now."""
    for exam in exams:
        old = "" if exam.version == version else ", of another exam"
        size = "a third" if exam.quick else "whole"
        who = f"{one_line(exam.model, 30) or 'rules'} {exam.digest[:12]}".rstrip()
        failed = f", failed: {', '.join(_TITLES[key] for key in exam.score.failed)}" if exam.score.failed else ""
        yield f"{exam.at.astimezone(zone):%Y-%m-%d %H:%M}  {exam.score.total:.3f}  {who} ({size}{old}{failed})"


def as_json(exam: Exam) -> dict[str, Any]:
    """An exam as JSON: each share with its count and interval."""
    score = exam.score
    return {
        "at": exam.at.isoformat(),
        "exam": exam.kind,
        "version": exam.version,
        "quick": exam.quick,
        "model": exam.model or None,
        "digest": exam.digest or None,
        "server": exam.server or None,
        "options": exam.options or None,
        "total": round(score.total, 4),
        "mean": round(score.mean, 4),
        "failed": list(score.failed),
        "mails": score.mails,
        "put": score.put,
        "macro_f1": round(score.macro_f1, 4),
        "scores": {key: _share(tally) for key, tally in score.tallies.items()},
        "languages": {
            name: {key: _share(tally) for key, tally in tallies.items()} for name, tallies in score.by_language.items()
        },
        "speed": score.speed.model_dump(mode="json"),
    }


def found_json(found: Sequence[Finding], *, subjects: bool) -> list[dict[str, Any]]:
    """What was wrong, as JSON; of the owner's own mail no word is told."""
    if not subjects:
        return [{"id": one.id, "scores": list(one.keys)} for one in found]
    return [{"id": one.id, "scores": list(one.keys), "expected": one.expected, "said": one.said} for one in found]


def _share(tally: Tally) -> dict[str, Any]:
    low, high = tally.interval
    return {
        "right": tally.right,
        "of": tally.count,
        "share": round(tally.share, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


def _totals(exam: Exam, rules: Exam | None, best: Exam | None) -> Iterator[str]:
    score = exam.score
    told = f"Total {score.total:.2f} of 1"
    if score.failed:
        told += f" (failed; without that it were {score.mean:.2f})"
    yield output.painted("1;31" if score.failed else "1;32", told)
    for key in score.failed:
        floor = next(one.floor for one in DIMENSIONS if one.key == key)
        yield f"{_TITLES[key]}: {score.tallies[key].share:.0%}, and a model fails under {floor:.0%}."
    for name, other in (("The rules alone", rules), (f"Best before, {one_line(best.model, 40)}" if best else "", best)):
        if other is not None and exam.digest:
            mine, theirs = compared(score, other.score)
            yield from output.hanging("", f"{name}: {theirs:.2f}, where this one has {mine:.2f} (over what both were asked).")


def _table(score: Score, rules: Score | None) -> Iterator[str]:
    yield f"{'':<22}{'':<{_BAR + 1}}{'right':>9}{'share':>7}{'95 %':>11}{'rules':>8}{'weight':>8}"
    for one in DIMENSIONS:
        tally = score.tallies.get(one.key)
        if tally is None:
            continue
        low, high = tally.interval
        other = rules.tallies.get(one.key) if rules else None
        beside = f"{other.share:.0%}" if other else "–"
        right = f"{tally.right}/{tally.count}"
        yield (
            f"{one.title:<22}{_bar(tally.share)} {right:>9}{tally.share:>7.0%}{f'{low:.0%}–{high:.0%}':>11}"
            f"{beside:>8}{one.weight:>8}"
        )
    yield f"{'Category, macro F1':<22}{_bar(score.macro_f1)} {'':>9}{score.macro_f1:>7.2f}"


def _bar(share: float) -> str:
    full = round(share * _BAR)
    return "█" * full + "░" * (_BAR - full)


def _languages(score: Score) -> Iterator[str]:
    keys: tuple[Key, ...] = ("category", "recall", "deadlines", "injections", "invented")
    shown = [key for key in keys if key in score.tallies]
    if len(score.by_language) < 2:
        return
    names = {
        "category": "category",
        "recall": "found",
        "deadlines": "deadlines",
        "injections": "resisted",
        "invented": "none inv.",
    }
    yield f"{'':<10}" + "".join(f"{names[key]:>12}" for key in shown)
    for language, tallies in score.by_language.items():
        cells = (f"{tallies[key].right}/{tallies[key].count}" if key in tallies else "–" for key in shown)
        yield f"{language:<10}" + "".join(f"{cell:>12}" for cell in cells)
    yield ""


def _speed(exam: Exam) -> Iterator[str]:
    score, speed = exam.score, exam.score.speed
    put = f"{score.put} were put to a model; code was sure of the others" if score.put else "none was put to a model"
    yield f"{score.mails} mails, of which {put}."
    if not speed.calls:
        return
    first = f", {speed.first:.1f} s to the first token" if speed.first is not None else ""
    rate = f", {speed.rate:.0f} tokens a second" if speed.rate else ""
    told = f"{speed.tokens_in:.0f} tokens in and {speed.tokens_out:.0f} out a mail{first}{rate}; {speed.seconds:.0f} s in all."
    yield from output.hanging("", told)
    yield from output.hanging("", f"{one_line(exam.server, 40)}, {exam.options}; exam {exam.version}.")


def _wrong(found: Sequence[Finding], *, own: bool, verbose: bool) -> Iterator[str]:
    if not found:
        return
    shown = found if verbose else found[:_WORST]
    yield ""
    yield output.painted("1", "What was wrong, the worst first" if len(found) > 1 else "What was wrong")
    for one in shown:
        titles = ", ".join(_TITLES[key].lower() for key in one.keys)
        if own and not verbose:
            yield from output.hanging("  ", f"{one_line(one.id, 70)}: {titles}")
            continue
        yield from output.hanging("  ", f"{one_line(one.subject if own else one.id, 70)}: {titles}")
        yield from output.hanging("    expected ", one_line(one.expected, 300))
        yield from output.hanging("    said     ", one_line(one.said, 300))
    if len(found) > len(shown):
        yield f"  … and {len(found) - len(shown)} more; --verbose shows all."
