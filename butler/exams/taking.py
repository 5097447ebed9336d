"""Takes an exam: has the run made, gathers what was said and what it cost, scores it and keeps it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from butler import __version__
from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.core.exam import Material
from butler.core.examined import AnswerSaid, DraftSaid, Expected, MailSaid, Taken, expected_of
from butler.core.merits import Kind
from butler.core.models import ModelPin
from butler.core.owner import BriefingOptions
from butler.core.pins import name_in_use
from butler.core.scoring import score
from butler.core.steps import ModelCall
from butler.exams import material as materials
from butler.exams import questions
from butler.exams.costs import calls_of, said
from butler.exams.house import Acquainted, ExamHouse, Unanswered
from butler.exams.own import DAYS, OwnMaterial
from butler.house import Deeds
from butler.sample.exam import OWNER, load
from butler.sample.exam.version import exam_version
from butler.store.exams import Exam, Exams

FOLDER = "exams"
_RULES = f"butler {__version__}"
"""The rules are those of a version of the butler."""
_OUTAGES = 0.05
"""The share of askings that a server may fail, for which the model is blamed; more are an outage."""
_ATTEMPTS = 3
"""So often is a model asked for a usable answer."""
Progress = Callable[[int, int], None]
"""Is told how many askings are done, of how many."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """An exam that was taken, with what was expected and said."""

    exam: Exam
    expected: Sequence[Expected]
    taken: Taken


@dataclass(frozen=True, slots=True)
class Room:
    """Where exams are taken: the owner's house, the host that is asked (None: the rules alone answer), and the time."""

    deeds: Deeds
    host: ModelHost | None
    clock: Callable[[], datetime]
    progress: Progress = lambda _done, _of: None

    @property
    def folder(self) -> Path:
        """The folder of all exams."""
        folder = self.deeds.state / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder


def one_model(host: ModelHost, name: str, pins: Sequence[ModelPin] = ()) -> ModelHost:
    """The host with one model for everything, as it is asked for by what its owner agreed to; no copies are made of it."""
    wanted = name or host.name
    return replace(host, name=name_in_use(pins, host.url, wanted), write="", ask="", pins=(), alias=False)


def take_shipped(room: Room, *, quick: bool, material: Material | None = None) -> Sitting:
    """Take the exam that ships, or one of other material; an interrupted one goes on. Raises ModelError without a model."""
    version = material.version if material else exam_version("shipped")
    material = material or load()
    folder = _folder_of(room, version)
    materials.write(material, folder)
    mails = materials.asked(material, quick=quick)
    by_ref = {materials.ref_of(mail): mail.id for mail in mails}
    drafts = [materials.ref_of(mail) for mail in materials.drafted(mails)]
    deeds = _deeds(room, folder / "state", OWNER, (materials.account(folder),), BriefingOptions())
    known = materials.exchanged(material)
    worlds = questions.asked(material.worlds, quick=quick)
    watch = _Watch(room.progress, (len(drafts) if room.host else 0) + sum(len(world.questions) for world in worlds))
    wanted = {"mails": list(by_ref), "drafts": drafts}
    with ExamHouse(
        deeds, room.deeds.state, room.clock, wanted=wanted, kept=watch, see=lambda reads: Acquainted(reads, known)
    ) as house:
        done = house.do("exam", material.now, about=_subject(room.host, quick), model=room.host is not None)
        calls = calls_of(house.truth.book, done.run.id)
        answers: list[AnswerSaid] = []
        if not done.result.get("away"):
            answers, asked = questions.ask_all(house, folder, worlds, watch)
            calls = [*calls, *asked]
    taken = _taken(done.result, calls, by_ref, answers, drafts)
    expected = [expected_of(mail) for mail in mails]
    return _sat(room, "shipped", version, expected, taken, calls, quick=quick)


def _folder_of(room: Room, version: str) -> Path:
    """The folder of an exam that ships; those of other versions are never needed again."""
    folder = room.folder / f"shipped-{version}"
    for other in room.folder.glob("shipped-*"):
        if other != folder and other.is_dir() and not other.is_symlink():
            shutil.rmtree(other)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def take_own(room: Room, own: OwnMaterial) -> Sitting:
    """Take the owner's own exam, over their mirror as it is.

    What was asked quotes their mail: it is kept until a model has taken all of it, so that one that was interrupted goes on.
    """
    folder = room.folder / "own"
    folder.mkdir(mode=0o700, exist_ok=True)
    options = replace(room.deeds.options, lookback_days=DAYS + 1)
    deeds = _deeds(room, folder, room.deeds.owner, room.deeds.accounts, options)
    refs = {mail.ref: mail.ref for mail in own.mails}
    watch = _Watch(room.progress, len(own.approved) if room.host else 0)
    wanted = {"mails": list(refs), "drafts": list(own.approved)}
    with ExamHouse(
        deeds, room.deeds.state, room.clock, wanted=wanted, kept=watch, see=lambda _: Unanswered(own.reads, own.mails)
    ) as house:
        done = house.do("exam", sync=False, about=_subject(room.host, quick=False), model=room.host is not None)
        calls = calls_of(house.truth.book, done.run.id)
    taken = _taken(done.result, calls, refs, (), list(own.approved))
    if room.host is not None:
        shutil.rmtree(folder)
    likeness = own.likeness({draft.id: draft.body for draft in taken.drafts if not draft.left and not draft.skeleton})
    return _sat(room, "own", exam_version("own"), own.expected, taken, calls, likeness=likeness)


def rules_of(exams: Exams, room: Room, kind: Kind, *, quick: bool, own: OwnMaterial | None = None) -> Exam:
    """The same exam as these rules take it: the newest that is kept, else it is taken now; of the owner's own always."""
    wanted = ("", exam_version(kind), quick, _RULES)
    same = (each for each in exams.all(kind) if (each.digest, each.version, each.quick, each.server) == wanted)
    if own is None and (found := next(same, None)):
        return found
    alone = replace(room, host=None, progress=lambda _done, _of: None)
    sitting = take_own(alone, own) if own is not None else take_shipped(alone, quick=quick)
    exams.keep(sitting.exam)
    return sitting.exam


class _Watch:
    """Counts what is asked, by what the run keeps; `more` is what is asked beside the mails that are worth it."""

    def __init__(self, progress: Progress, more: int) -> None:
        self._progress = progress
        self._more = more
        self._worth = self._done = 0

    def __call__(self, stage: str, value: Any) -> None:
        if stage == "worth":
            self._worth = int(value)
        elif stage.startswith(("judged:", "drafted:", "answered:")):
            self._done += 1
            self._progress(self._done, max(self._worth + self._more, self._done))


def _deeds(room: Room, state: Path, owner: Any, accounts: Any, options: BriefingOptions) -> Deeds:
    given = room.deeds
    return Deeds(
        owner,
        accounts,
        options,
        state,
        model=room.host,
        found=given.found,
        sandbox=given.sandbox,
        forkserver=given.forkserver,
    )


def _subject(host: ModelHost | None, quick: bool) -> str:
    return f"{host.name if host else 'rules'}{' quick' if quick else ''}"


def _taken(
    result: Mapping[str, Any],
    calls: Sequence[ModelCall],
    ids: Mapping[str, str],
    answers: Sequence[AnswerSaid],
    wanted: Sequence[str],
) -> Taken:
    """What the run left, with the names of the material; raises ModelError where the model was away."""
    # A model that answered nothing, however often it was asked, is there and bad.
    failed = [call for call in calls if call.outcome == "fallback" and not call.answer and call.attempts < _ATTEMPTS]
    away = str(result.get("away", ""))
    if away or len(failed) > max(1, _OUTAGES * len(calls)):
        sentence = away or f"The model server failed {len(failed)} of {len(calls)} times: {failed[0].error}"
        raise ModelError(sentence, advice="Take the exam again when it is there: it goes on where it was.")
    mails = (MailSaid.model_validate({**one, "id": ids[one["id"]]}) for one in result.get("mails", ()) if one["id"] in ids)
    drafts = (DraftSaid.model_validate({**one, "id": ids[one["id"]]}) for one in result.get("drafts", ()) if one["id"] in ids)
    costs = (said(call, ids.get(call.subject, call.subject)) for call in calls)
    return Taken(
        mails=tuple(mails),
        drafts=tuple(drafts),
        answers=tuple(answers),
        calls=tuple(costs),
        wanted=tuple(ids[ref] for ref in wanted if ref in ids),
    )


def _sat(
    room: Room,
    kind: Kind,
    version: str,
    expected: Sequence[Expected],
    taken: Taken,
    calls: Sequence[ModelCall],
    *,
    quick: bool = False,
    likeness: Mapping[str, float] | None = None,
) -> Sitting:
    """Score what was said; raises ModelError where the model was changed meanwhile."""
    digests = {call.digest for call in calls}
    if len(digests) > 1:
        raise ModelError("The model was changed while it took the exam.", advice="Take the exam again.")
    last, host = (calls[-1] if calls else None), room.host
    options = f"num_ctx {host.context}, temperature 0, seed {host.seed}" if host else ""
    exam = Exam(
        at=room.clock(),
        kind=kind,
        version=version,
        quick=quick,
        model=last.model if last else (host.name if host else ""),
        digest=last.digest if last else "",
        server=last.server if last else _RULES,
        options=options,
        score=score(expected, taken, likeness),
    )
    return Sitting(exam, expected, taken)
