"""A question to the butler, its answer with what that rests on, and the lines that tell what goes on meanwhile."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from butler.core.sources import SourceKind

MOST_READS = 6
"""So many reads are done for one question at most."""

LONGEST_QUESTION = 2_000
"""Characters of a question beyond which it is none."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Turn(_Value):
    """A question that was asked before, the words it was answered with, and the references of what those rest on."""

    question: str
    answer: str = ""
    refs: tuple[str, ...] = ()


class Question(_Value):
    """What the owner asks, and the turns before it in the same conversation, the oldest first."""

    text: str
    history: tuple[Turn, ...] = ()


class Citation(_Value):
    """One thing of the mirror that an answer rests on: its reference, its title, its time, and words that stand in it.

    `when` is empty for what has no time; `quote` where the answer rests on the thing as such: an event, a task, a mail.
    """

    ref: str
    title: str
    when: str = ""
    quote: str = ""


class Sentence(_Value):
    """One sentence of an answer; `cites` count the answer's citations from 1."""

    text: str
    cites: tuple[int, ...] = ()


class ReadDone(_Value):
    """One read: what was looked at, in words, and how many things were found."""

    what: str
    found: int = 0


class GivenText(_Value):
    """What a tool of a server gave, by its reference without the number of the call."""

    ref: str
    text: str


class Answer(_Value):
    """What came of a question; a run of `ask` keeps it as its result.

    `by` says whose words the sentences are: `code` computed them, the `model` wrote them and each was checked, or they are
    the passages that were found, by `rules`. `unknown` says that nothing supports an answer; the sentences then say what was
    looked at. `proposed` are the ids of actions that wait for the owner, `dropped` counts what the model said and nothing
    bears out, and `reason` is a sentence on how the answer came about where that is worth saying. `sources` are the kinds of
    source that code looked at; None where that is not told. `given` is what tools of servers gave that is cited: nothing else
    keeps it.
    """

    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    reads: tuple[ReadDone, ...] = ()
    unknown: bool = False
    by: Literal["code", "model", "rules"] = "code"
    language: str = "en"
    proposed: tuple[int, ...] = ()
    dropped: int = 0
    reason: str = ""
    sources: tuple[SourceKind, ...] | None = None
    given: tuple[GivenText, ...] = ()

    @property
    def text(self) -> str:
        """The sentences alone."""
        return "\n".join(sentence.text for sentence in self.sentences)


class Reading(_Value):
    """A read begins; `number` counts from 1."""

    event: Literal["reading"] = "reading"
    number: int
    what: str


class Read(_Value):
    """A read has ended, and so many things were found."""

    event: Literal["read"] = "read"
    number: int
    found: int


class Said(_Value):
    """A sentence of the answer that was checked, with the citations that it is the first to need.

    `cites` count all citations that were told so far from 1, as they do in the answer.
    """

    event: Literal["said"] = "said"
    text: str
    cites: tuple[int, ...] = ()
    citations: tuple[Citation, ...] = ()


Told = Annotated[Reading | Read | Said, Field(discriminator="event")]
_TOLD: TypeAdapter[Reading | Read | Said] = TypeAdapter(Told)


def told(line: str) -> Reading | Read | Said:
    """Read a line that `tell` was given; raises ValueError for what is none."""
    return _TOLD.validate_json(line)
