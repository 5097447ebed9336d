"""What came of an exam: what was said of each mail, draft and question, and what each asking of the model cost (pure)."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from butler.core.exam import ExamMail, Label, Pledge


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Expected(_Frozen):
    """What is right to say of one mail; see `butler.core.exam.ExamMail`, of which it is what a score needs.

    `needs_answer` is None where nobody knows. `day` is the deadline; `unread` says that code does not find it in the
    words, and `dated` is False where nobody knows of deadlines.
    """

    id: str
    language: str = ""
    subject: str = ""
    why: str = ""
    label: Label
    fair: tuple[Label, ...] = ()
    needs_answer: bool | None = False
    evidence: tuple[str, ...] = ()
    day: dt.date | None = None
    also: tuple[dt.date, ...] = ()
    unread: bool = False
    dated: bool = True
    promises: tuple[Pledge, ...] = ()
    never: tuple[str, ...] = ()
    trick: str = ""
    markers: tuple[str, ...] = ()


class Pledged(_Frozen):
    """A promise that was found in a mail of the owner's: its words, and until when."""

    quote: str
    day: dt.date | None = None


class MailSaid(_Frozen):
    """What was said of one mail, after all checks: what its owner would be shown.

    `put` says that the model was asked, `answered` that it gave a usable answer, `needs` that the mail is shown as one that
    waits for an answer. `days` are those to act by, the first one first. `dropped` are claims that the checks threw away.
    """

    id: str
    label: Label
    needs: bool = False
    put: bool = False
    answered: bool = False
    quote: str = ""
    summary: str = ""
    days: tuple[dt.date, ...] = ()
    promises: tuple[Pledged, ...] = ()
    dropped: tuple[str, ...] = ()
    failure: str = ""


class DraftSaid(_Frozen):
    """What became of the draft of one mail: its words, the names of the checks that warn of it, or why there is none.

    `skeleton` says that code wrote it, for the model gave nothing that could be used.
    """

    id: str
    body: str = ""
    warned: tuple[str, ...] = ()
    skeleton: bool = False
    left: str = ""


class AnswerSaid(_Frozen):
    """What was answered to a question over a small calendar: its sentences, the things cited, and how many sentences fell."""

    id: str
    language: str
    question: str
    text: str = ""
    cited: tuple[str, ...] = ()
    dropped: int = 0
    right: bool = False
    wanted: str = ""


class CallSaid(_Frozen):
    """What one asking cost: `first` are the seconds to the first token where they are known.

    `shown` are the words of the raw answer that are meant for the owner's eyes: a summary, the parts of a draft.
    """

    id: str
    step: str
    outcome: Literal["ok", "repaired", "fallback"]
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    first: float | None = None
    shown: str = ""


class Taken(_Frozen):
    """All that was said in one exam; `wanted` are the mails that a model was to draft an answer to."""

    mails: tuple[MailSaid, ...] = ()
    drafts: tuple[DraftSaid, ...] = ()
    answers: tuple[AnswerSaid, ...] = ()
    calls: tuple[CallSaid, ...] = ()
    wanted: tuple[str, ...] = ()


def expected_of(mail: ExamMail) -> Expected:
    """What is right to say of a mail of the shipped exam."""
    deadline, injection = mail.deadline, mail.injection
    return Expected(
        id=mail.id,
        language=mail.language,
        subject=mail.subject,
        why=mail.why,
        label=mail.label,
        fair=mail.fair,
        needs_answer=mail.needs_answer,
        evidence=mail.evidence,
        day=deadline.day if deadline else None,
        also=mail.also,
        unread=bool(deadline and deadline.unread),
        promises=mail.promises,
        never=mail.never,
        trick=injection.trick if injection else "",
        markers=injection.markers if injection else (),
    )
