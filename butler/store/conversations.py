"""Conversations: what the owner asked, what they were answered, and what was told meanwhile, until they delete it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import ValidationError

from butler.core.asking import LONGEST_QUESTION, Answer, Question, Turn
from butler.core.errors import UsageError
from butler.core.text import one_line, typed
from butler.store.database import Database, Row
from butler.store.journal import Journal, clean, when_text
from butler.store.sql import statements

TurnState = Literal["asked", "answered", "failed", "cancelled"]
"""Of a question: it waits for its answer, has it, did not get it, or its owner gave it up."""

_TITLE = 120
_NOTE = 2_000
_REMEMBERED = 6
_WORDS = 1_500
_REFS = 12
"""How many turns before a question count, how much of each answer, and how many of what it rests on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in a conversation, with its answer where it has one; `note` says why it did not get one."""

    id: int
    conversation: int
    question: str
    state: TurnState
    asked: datetime
    ended: datetime | None = None
    run: str = ""
    answer: Answer | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation, called by its first question; `turns` counts its questions."""

    id: int
    title: str
    started: datetime
    updated: datetime
    turns: int


class Conversations:
    """Keeps, finds and deletes conversations."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("conversations")

    def ask(self, text: str, now: datetime, conversation: int | None = None) -> Asked:
        """Keep a question that waits for its answer, in a new conversation or one there is; raises UsageError."""
        question = question_text(text)
        at = when_text(now)
        with self._database.transaction():
            if conversation is None:
                conversation = int(self._database.value(self._sql["begin"], (one_line(question, _TITLE), at)))
            elif self._database.run(self._sql["touch"], (at, conversation)) != 1:
                raise unknown(conversation)
            number = int(self._database.value(self._sql["add_turn"], (conversation, question, at)))
            self._journal.append(now, "asked", _subject(conversation), turn=number)
        return Asked(number, conversation, question, "asked", now)

    def again(self, turn: int, now: datetime) -> bool:
        """Let a question that was not answered wait for its answer again; False where it is no such question."""
        return self._database.run(self._sql["ask_again"], (when_text(now), turn)) == 1

    def runs(self, turn: int, run: str) -> None:
        """Note which run answers a question."""
        self._database.run(self._sql["runs"], (run, turn))

    def tell(self, turn: int, line: str) -> None:
        """Keep a line that is told while a question is answered."""
        self._database.run(self._sql["add_line"], (turn, clean(line)))

    def told(self, turn: int) -> list[str]:
        """What was told so far of a question that waits for its answer, oldest first."""
        return [line for (line,) in self._database.rows(self._sql["lines"], (turn,))]

    def last_told(self) -> int:
        """The number of the line that was told last of all questions that wait."""
        return int(self._database.value(self._sql["last_line"]))

    def end(self, turn: Asked, state: TurnState, now: datetime, answer: Answer | None = None, note: str = "") -> bool:
        """End a question that waits for its answer; False where it had ended before or was deleted."""
        written = "" if answer is None else clean(answer.model_dump_json())
        with self._database.transaction():
            self._database.run(self._sql["forget_lines"], (turn.id,))
            values = (state, when_text(now), written, one_line(note, _NOTE), turn.id)
            if self._database.run(self._sql["end_turn"], values) != 1:
                return False
            self._database.run(self._sql["touch"], (when_text(now), turn.conversation))
            by = {} if answer is None else {"by": answer.by, "unknown": answer.unknown}
            self._journal.append(now, state, _subject(turn.conversation), turn=turn.id, **by)
        return True

    def turn(self, number: int) -> Asked | None:
        """Find a question by its number."""
        row = self._database.row(self._sql["turn"], (number,))
        return _turn(row) if row else None

    def turns(self, conversation: int) -> list[Asked]:
        """The questions of a conversation, oldest first."""
        return list(map(_turn, self._database.rows(self._sql["turns"], (conversation,))))

    def waiting(self) -> list[Asked]:
        """The questions that wait for their answers, oldest first."""
        return list(map(_turn, self._database.rows(self._sql["open_turns"])))

    def question_of(self, turn: Asked) -> Question:
        """A question with what was asked and answered before it, as a run is given it."""
        rows = self._database.rows(self._sql["last_turns"], (turn.conversation, turn.id, _REMEMBERED))
        return Question(text=turn.question, history=tuple(_remembered(_turn(row)) for row in reversed(rows)))

    def get(self, number: int) -> Conversation:
        """Find a conversation by its number; raises UsageError."""
        row = self._database.row(self._sql["conversation"], (number,))
        if row is None:
            raise unknown(number)
        return _conversation(row)

    def recent(self, limit: int = 20, skip: int = 0) -> list[Conversation]:
        """The latest conversations after the first `skip`, newest first."""
        return list(map(_conversation, self._database.rows(self._sql["conversations"], (limit, skip))))

    def count(self) -> int:
        """How many conversations there are."""
        return int(self._database.value(self._sql["count"]))

    def delete(self, numbers: Sequence[int], now: datetime) -> None:
        """Delete conversations, with their words in questions to the model; raises UsageError, and then none is deleted."""
        with self._database.transaction():
            for number in dict.fromkeys(numbers):
                for (run,) in self._database.rows(self._sql["turn_runs"], (number,)):
                    self._forget_run(run)
                self._database.run(self._sql["delete_lines"], (number,))
                self._database.run(self._sql["delete_turns"], (number,))
                if self._database.run(self._sql["delete_conversation"], (number,)) != 1:
                    raise unknown(number)
                self._journal.append(now, "conversation deleted", _subject(number))
        self._fold()

    def delete_all(self, now: datetime) -> list[int]:
        """Delete all conversations, and name them."""
        return self._delete(self._database.rows(self._sql["every_conversation"]), now)

    def forget(self, before: datetime, now: datetime) -> int:
        """Delete the conversations in which nothing was asked since a time; returns how many."""
        return len(self._delete(self._database.rows(self._sql["outlived"], (when_text(before),)), now))

    def forget_run(self, run: str) -> None:
        """Delete the words that a run left, whose question was deleted meanwhile."""
        with self._database.transaction():
            self._forget_run(run)
        self._fold()

    def _delete(self, rows: Iterable[Row], now: datetime) -> list[int]:
        numbers = [int(number) for (number,) in rows]
        if numbers:
            self.delete(numbers, now)
        return numbers

    def _forget_run(self, run: str) -> None:
        for name in ("delete_answers", "delete_words", "delete_values"):
            self._database.run(self._sql[name], (run,))

    def _fold(self) -> None:
        """Let the log of the database hold no deleted words either, unless somebody reads just now."""
        self._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")


def question_text(text: str) -> str:
    """A question as it is kept; raises UsageError for what is none."""
    question = clean(typed(text.replace("\r\n", "\n"))).strip()
    if not question:
        raise UsageError("There is no question.", advice="Ask it in words, such as: when am I free on Friday?")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"The question is longer than {LONGEST_QUESTION:,} characters.", advice="Shorten it.")
    return question


def unknown(number: int) -> UsageError:
    """Say that there is no such conversation."""
    return UsageError(f"There is no conversation {number}.", advice="`butler ask --list` lists those there are.")


def _subject(conversation: int) -> str:
    return f"conversation:{conversation}"


def _remembered(turn: Asked) -> Turn:
    answer = turn.answer or Answer()
    refs = tuple(dict.fromkeys(citation.ref for citation in answer.citations))
    return Turn(question=turn.question, answer=answer.text[:_WORDS], refs=refs[:_REFS])


def _turn(row: Row) -> Asked:
    number, conversation, question, state, asked, ended, run, answer, note = row
    at, until = datetime.fromisoformat(asked), datetime.fromisoformat(ended) if ended else None
    return Asked(number, conversation, question, state, at, until, run, _answer(answer), note)


def _answer(text: str) -> Answer | None:
    """Read an answer; None also for one that another butler wrote otherwise."""
    try:
        return Answer.model_validate_json(text) if text else None
    except ValidationError:
        return None


def _conversation(row: Row) -> Conversation:
    number, title, started, updated, turns = row
    return Conversation(number, title, datetime.fromisoformat(started), datetime.fromisoformat(updated), turns)
