"""`butler model exam`: an exam of a model, its score card, and those that were taken before."""

from __future__ import annotations

import argparse
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from butler.cli import opening, output, scorecard
from butler.core.errors import ModelError, UsageError
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.core.accounts import ModelHost
    from butler.core.merits import Kind
    from butler.exams.own import OwnMaterial
    from butler.exams.taking import Room, Sitting
    from butler.house import Deeds
    from butler.settings import Settings
    from butler.store.exams import Exam, Exams
    from butler.store.truth import Truth


def run(options: argparse.Namespace) -> int:
    """Take an exam and show its card, or list those that were taken."""
    _check(options)
    with opening.forks(options):
        settings = opening.settings(options)
        with opening.truth(settings) as truth, ExitStack() as opened:
            if options.list:
                return _list(options, truth.exams, settings.person().zone)
            return _take(options, settings, truth, _own(settings, truth, opened) if options.own else None)


def _check(options: argparse.Namespace) -> None:
    """Refuse what does not fit together; raises UsageError."""
    taking = [
        *(["a model"] if options.name else []),
        *(f"--{each}" for each in ("quick", "html") if getattr(options, each)),
    ]
    if options.list and taking:
        raise UsageError(f"--list and {taking[0]} do not go together.", advice="`butler model exam --list` lists all exams.")
    if options.own and options.quick:
        raise UsageError("--own and --quick do not go together.", advice="Your own exam is small: take the whole of it.")


def _list(options: argparse.Namespace, exams: Exams, zone: ZoneInfo) -> int:
    from butler.sample.exam.version import exam_version

    kind = _kind(options)
    found, version = exams.all(kind), exam_version(kind)
    if options.json:
        output.show_json({"version": version, "exams": [scorecard.as_json(each) for each in found]})
        return 0
    if not found:
        output.say(options, f"No exam was taken yet. `butler model exam{' --own' if options.own else ''}` takes one.")
    else:
        output.show("\n".join(scorecard.listed(found, version, zone)))
    return 0


def _kind(options: argparse.Namespace) -> Kind:
    return "own" if options.own else "shipped"


def _take(options: argparse.Namespace, settings: Settings, truth: Truth, own: OwnMaterial | None) -> int:
    from butler.exams import taking
    from butler.house import wall_clock

    host = _host(options, settings, truth)
    deeds = opening.deeds(settings)
    room = taking.Room(deeds, host, wall_clock, output.counted(options))
    if host is None:
        output.say(options, "No model is set: the rules take the exam alone. Set model.name, or name a model.")
        sitting = taking.take_own(room, own) if own else taking.take_shipped(room, quick=options.quick)
        truth.exams.keep(sitting.exam)
        return _show(options, room, truth.exams, sitting, None, None)
    _refuse_absent(deeds, truth, host)
    output.say(options, "The rules take the exam …")
    rules = taking.rules_of(truth.exams, room, _kind(options), quick=options.quick, own=own)
    output.say(options, f"{one_line(host.name, 60)} takes the exam; Ctrl-C stops it, and next time it goes on …")
    sitting = taking.take_own(room, own) if own else taking.take_shipped(room, quick=options.quick)
    best = _best(truth.exams, sitting.exam)
    truth.exams.keep(sitting.exam)
    return _show(options, room, truth.exams, sitting, rules, best)


def _refuse_absent(deeds: Deeds, truth: Truth, host: ModelHost) -> None:
    """Before the rules begin, raise ModelError where no server has the model that is to take the exam."""
    from butler.house import wall_clock
    from butler.pinned import Pinned
    from butler.staff import Staff

    with closing(Staff(deeds.state, deeds.found, wall_clock, deeds.sandbox, deeds.forkserver)) as staff:
        looks = Pinned(truth.pins, lambda: staff, wall_clock).look(host, by_name=True)
    if not any(look.present for look in looks):
        raise ModelError(looks[0].problem, advice=looks[0].advice)


def _host(options: argparse.Namespace, settings: Settings, truth: Truth) -> ModelHost | None:
    """The host that is asked, with one model for everything; None where neither the settings nor the owner name one."""
    from butler.exams.taking import one_model

    host = settings.model_host()
    if options.name:
        return one_model(host or settings.model.host(), options.name, truth.pins.of(host or settings.model.host()))
    return one_model(host, "", truth.pins.of(host)) if host and host.name else None


def _own(settings: Settings, truth: Truth, opened: ExitStack) -> OwnMaterial:
    """What the owner did; raises UsageError where that is too little."""
    from datetime import timedelta

    from butler.exams.own import DAYS, find
    from butler.house import wall_clock
    from butler.store.mirror import Mirror

    path = settings.state_dir / "mirror.db"
    if not path.is_file():
        raise UsageError("Nothing was mirrored yet.", advice="Run `butler sync` first.")
    owner, now = settings.person(), wall_clock()
    mirror = opened.enter_context(closing(Mirror.open(path, owner.zone.key, owner.addresses, wall_clock)))
    material = find(mirror.reads, truth.outbox.decided(now - timedelta(days=DAYS)), now)
    material.refuse_few()
    return material


def _best(exams: Exams, exam: Exam) -> Exam | None:
    """The best earlier exam of another model that is like this one."""
    like = [
        each
        for each in exams.all(exam.kind)
        if each.digest not in ("", exam.digest) and (each.version, each.quick) == (exam.version, exam.quick)
    ]
    return max(like, key=lambda each: each.score.total, default=None)


def _show(
    options: argparse.Namespace, room: Room, exams: Exams, sitting: Sitting, rules: Exam | None, best: Exam | None
) -> int:
    from butler.exams.findings import findings

    exam, verbose = sitting.exam, options.verbose > 0
    found = findings(exam.score, sitting.expected, sitting.taken)
    card = _saved(options, room, exams, sitting, rules, best)
    if options.json:
        told = {"rules": scorecard.as_json(rules) if rules else None, "best_before": scorecard.as_json(best) if best else None}
        wrong = scorecard.found_json(found, subjects=exam.kind == "shipped" or verbose)
        output.show_json({**scorecard.as_json(exam), **told, "wrong": wrong, "card": str(card) if card else None})
        return 0
    output.show("\n".join(scorecard.lines(exam, rules, best, found, verbose=verbose)))
    if card:
        output.say(options, f"The card as a page: {card}")
    return 0


def _saved(
    options: argparse.Namespace, room: Room, exams: Exams, sitting: Sitting, rules: Exam | None, best: Exam | None
) -> Path | None:
    """Save the card as a page; None where what makes pages is not installed and no file was asked for."""
    from butler.exams.pages import save_card

    return save_card(room, exams, sitting, rules, best, options.html, verbose=options.verbose > 0)
