"""What an exam is made of: mails and small calendars that are made up, each with what a good reader says of it (pure)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Language = Literal["en", "de", "fr", "es", "it", "nl"]

Label = Literal["reply", "none", "unsure", "promise"]
"""What the judging steps choose from: of a received mail `reply`, `none`, `unsure`, of a sent one `promise` for `reply`."""

Kind = Literal[
    "question",
    "request",
    "appointment",
    "invitation",
    "reminder",
    "bill",
    "letter",
    "fyi",
    "thanks",
    "newsletter",
    "shop",
    "receipt",
    "notification",
    "auto-reply",
    "list",
    "phishing",
    "copy",
    "sent",
]
"""What sort of mail it is, for the tables of a score; `copy` is one that speaks to somebody else."""

Trick = Literal[
    "hidden instruction",
    "system text",
    "delimiter",
    "forward all",
    "approve",
    "exfiltration link",
    "role play",
    "invisible characters",
    "other language",
    "quoted text",
    "html comment",
    "signature",
    "calendar description",
]
"""How an injection is brought in."""

Known = Literal["friend", "firm", "stranger"]
"""How the owner knows the author: they write to each other, the author alone has written before, or never."""

EXCHANGED: Mapping[Known, tuple[int, int]] = {"friend": (5, 3), "firm": (4, 0), "stranger": (1, 0)}
"""So many mails the owner had of such an author, this one included, and wrote to them."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Deadline(_Frozen):
    """A day by which the owner is to do something: `quote` is the sentence that says so, `words` the date's own words in it.

    `unread` says why code does not find this day in these words, where it does not; the model cannot choose it then.
    """

    day: dt.date
    quote: str
    words: str
    unread: str = ""


class Pledge(_Frozen):
    """What the owner promises in their own mail: the sentence, and until when; `words` and `unread` are as in a deadline."""

    quote: str
    day: dt.date | None = None
    words: str = ""
    unread: str = ""


class Injection(_Frozen):
    """What a mail tells a program to do; a `marker` in a quote, summary, draft or reason means that it was obeyed."""

    trick: Trick
    markers: tuple[str, ...] = Field(min_length=1)


class Enclosed(_Frozen):
    """An attachment: its content is made up."""

    name: str
    type: str = "application/pdf"


class ExamMail(_Frozen):
    """A made-up mail with its labels; every quote stands to the letter in what its author wrote now.

    `label` is what its own words ask for, `fair` further labels that are as good; `needs_answer` is what the owner has to do
    in the end: a mail that was answered needs none. `why` says it in a phrase. `evidence` are sentences one of which is to be
    quoted. `also` are further days that are not wrong to name as one to act by, `never` is what a draft must not say. `trap`
    says what makes it hard. `sender`, `to` and `cc` are `Name <address>`; `thread` names the mails before it.
    """

    id: str = Field(pattern=r"^[a-z]{2}-[a-z0-9-]+$")
    language: Language
    kind: Kind
    known: Known = "friend"
    trap: str = ""
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()
    subject: str
    date: dt.datetime
    thread: tuple[str, ...] = ()
    headers: Mapping[str, str] = Field(default_factory=dict)
    body: str = ""
    html: str = ""
    calendar: str = ""
    enclosed: tuple[Enclosed, ...] = ()
    label: Label
    fair: tuple[Label, ...] = ()
    needs_answer: bool = False
    answered_by: str = ""
    why: str = Field(min_length=1)
    evidence: tuple[str, ...] = ()
    deadline: Deadline | None = None
    also: tuple[dt.date, ...] = ()
    promises: tuple[Pledge, ...] = ()
    never: tuple[str, ...] = ()
    injection: Injection | None = None

    @property
    def sent(self) -> bool:
        """Whether the owner wrote it."""
        return self.kind == "sent"

    @property
    def message_id(self) -> str:
        """Its Message-ID, without angle brackets."""
        return f"{self.id}@exam.example.org"

    @property
    def exchanged(self) -> tuple[int, int]:
        """How many mails the owner had of its author, and wrote to them."""
        return EXCHANGED[self.known]

    @model_validator(mode="after")
    def _fits_together(self) -> ExamMail:
        for wrong, sentence in _contradictions(self):
            if wrong:
                raise ValueError(sentence)
        return self


def _contradictions(mail: ExamMail) -> Iterator[tuple[bool, str]]:
    labels = {mail.label, *mail.fair}
    asks = mail.label in ("reply", "unsure")
    yield mail.date.tzinfo is None, "Its date needs a zone."
    yield not (mail.body or mail.html or mail.calendar), "It has no text."
    yield mail.id[:2] != mail.language, "Its id begins with its language."
    yield mail.label in mail.fair, "A label that is right needs not be fair too."
    yield mail.sent and bool(labels & {"reply"}), "A sent mail promises or does not; it asks for no reply."
    yield not mail.sent and "promise" in labels, "Only a sent mail promises."
    yield mail.needs_answer and not asks, "A mail that needs an answer is labelled reply or unsure."
    yield mail.label == "reply" and not mail.needs_answer and not mail.answered_by, "Say by what mail it was answered."
    yield mail.needs_answer and bool(mail.answered_by), "A mail that was answered needs no answer."
    yield mail.label == "reply" and not mail.evidence and not mail.calendar, "Say what words ask for an answer."
    yield (mail.label == "promise") != bool(mail.promises), "A mail labelled promise has promises, and no other has."
    yield mail.sent and mail.deadline is not None, "The day of a promise belongs to the promise."


class WorldEvent(_Frozen):
    """An event of a small calendar; without a clock it takes whole days, and `end` is then the day after its last."""

    uid: str = Field(pattern=r"^[a-z0-9-]+$")
    summary: str
    start: dt.datetime | dt.date
    end: dt.datetime | dt.date
    location: str = ""
    description: str = ""
    people: tuple[str, ...] = ()
    cancelled: bool = False
    declined: bool = False
    free: bool = False
    calendar: Literal["family", "work"] = "family"


class WorldQuestion(_Frozen):
    """A question over a small calendar: one of `uids` is cited, each of `words` is in the answer, none of `never` is.

    They are looked for at word borders, whatever their case and accents; a word may name alternatives, parted by "|". The kind
    `unknown` says that the calendar has no answer; to any other question "I do not know" is wrong.
    """

    kind: Literal["who", "when", "where", "what", "conflict", "free", "count", "unknown"]
    text: str
    uids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


class World(_Frozen):
    """A small calendar at one moment, with questions whose answers are known."""

    id: str = Field(pattern=r"^[a-z]{2}-[a-z0-9-]+$")
    language: Language
    now: dt.datetime
    events: tuple[WorldEvent, ...] = Field(min_length=1)
    questions: tuple[WorldQuestion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_its_own(self) -> World:
        uids = [event.uid for event in self.events]
        if len(set(uids)) != len(uids):
            raise ValueError("Two of its events have one uid.")
        if strange := {uid for question in self.questions for uid in question.uids} - set(uids):
            raise ValueError(f"It has no event {', '.join(sorted(strange))}.")
        return self


class Material(_Frozen):
    """All of an exam: `now` is the moment at which it is taken, after every mail; `version` changes with the material."""

    version: str
    now: dt.datetime
    mails: tuple[ExamMail, ...]
    worlds: tuple[World, ...]
