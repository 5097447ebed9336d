"""Conversations: kept, gone on with, and gone when they are deleted; and the locks that tell what is being answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from butler.backup import back_up
from butler.core.asking import LONGEST_QUESTION, Answer, Citation, Sentence
from butler.core.errors import BusyError, UsageError
from butler.core.steps import ModelCall
from butler.maintenance import Maintenance
from butler.restore import restore
from butler.settings.retention import RetentionPart
from butler.store.conversations import Asked
from butler.store.floor import Floor
from butler.store.truth import Truth

NOW = dt.datetime(2026, 11, 24, 6, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
CAKE = Answer(
    sentences=(Sentence(text="It is Zimtstern.", cites=(1,)),),
    citations=(Citation(ref="task:tasks/cake", title="Cake"), Citation(ref="task:tasks/cake", title="Cake again")),
    by="model",
)


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def ask(truth: Truth, text: str, answer: Answer | None = CAKE, conversation: int | None = None, minutes: int = 0) -> Asked:
    at = NOW + minutes * MINUTE
    turn = truth.conversations.ask(text, at, conversation)
    if answer is not None:
        assert truth.conversations.end(turn, "answered", at, answer)
    found = truth.conversations.turn(turn.id)
    assert found
    return found


def call(run: str) -> ModelCall:
    return ModelCall(
        *(run, NOW, "ask.answer", "1", run, "key", "good", "sha256:1", "0.31", False, "ok", 1, 100, 20, 1.5),
        *("What is a Zimtstern?", '{"it": "Zimtstern"}', "It said Zimtstern."),
    )


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("butler.db"))


def test_a_question_waits_and_then_has_its_answer(truth: Truth) -> None:
    turn = truth.conversations.ask("  Which cake?\r\nThe\u202e good one.\x1b ", NOW)
    assert (turn.question, turn.state, truth.conversations.waiting()) == ("Which cake?\nThe good one.", "asked", [turn])
    truth.conversations.runs(turn.id, "r1")
    assert truth.conversations.end(turn, "answered", NOW + MINUTE, CAKE)
    assert not truth.conversations.end(turn, "failed", NOW + MINUTE, note="Too late.")
    found = truth.conversations.turn(turn.id)
    assert found == Asked(1, 1, turn.question, "answered", NOW, NOW + MINUTE, "r1", CAKE)
    assert truth.conversations.waiting() == []


def test_a_conversation_is_called_by_its_first_question_and_the_latest_is_first(truth: Truth) -> None:
    first, second = ask(truth, "Which cake?"), ask(truth, "Which tea?", minutes=1)
    ask(truth, "And which sugar?", None, first.conversation, minutes=2)
    found = truth.conversations.recent()
    assert [(each.id, each.title, each.turns) for each in found] == [(1, "Which cake?", 2), (2, "Which tea?", 1)]
    assert [each.id for each in truth.conversations.recent(1, 1)] == [second.conversation]
    assert truth.conversations.count() == 2


def test_what_was_asked_and_answered_before_is_told_with_a_question(truth: Truth) -> None:
    first = ask(truth, "Which cake?")
    failed = truth.conversations.ask("Which tea?", NOW, first.conversation)
    truth.conversations.end(failed, "failed", NOW, note="No.")
    question = truth.conversations.question_of(ask(truth, "Why?", None, first.conversation))
    (before,) = question.history
    assert (question.text, before.question, before.answer, before.refs) == (
        *("Why?", "Which cake?", "It is Zimtstern."),
        ("task:tasks/cake",),
    )


@pytest.mark.parametrize(
    ("text", "sentence"), [(" \u200b\n", "no question"), ("x" * (LONGEST_QUESTION + 1), "longer than 2,000")]
)
def test_what_is_no_question_is_refused_and_leaves_nothing(truth: Truth, text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        truth.conversations.ask(text, NOW)
    with pytest.raises(UsageError, match="no conversation 7"):
        truth.conversations.ask("Why?", NOW, 7)
    assert truth.conversations.recent() == []


def test_what_is_told_meanwhile_is_kept_until_the_answer_is_there(truth: Truth) -> None:
    turn = truth.conversations.ask("Which cake?", NOW)
    truth.conversations.tell(turn.id, '{"one": 1}')
    before = truth.conversations.last_told()
    truth.conversations.tell(turn.id, '{"two": "\ud800"}')
    assert truth.conversations.told(turn.id) == ['{"one": 1}', '{"two": "?"}']
    assert truth.conversations.last_told() > before
    truth.conversations.end(turn, "cancelled", NOW)
    truth.conversations.tell(turn.id, '{"three": 3}')
    assert truth.conversations.told(turn.id) == []
    assert truth.conversations.again(turn.id, NOW)
    assert not truth.conversations.again(turn.id, NOW)


def test_a_deleted_conversation_is_gone_from_the_file_with_its_words_in_what_the_model_was_asked(
    truth: Truth, tmp_path: Path
) -> None:
    turn = truth.conversations.ask("What is a Zimtstern?", NOW)
    run = truth.runs.start("ask", f"question {turn.id}", NOW)
    truth.memory(run.id).keep("result", {"it": "Zimtstern"})
    truth.book.record(call(run.id))
    truth.conversations.runs(turn.id, run.id)
    truth.conversations.tell(turn.id, '"Zimtstern"')
    truth.conversations.end(turn, "answered", NOW, CAKE)
    assert b"Zimtstern" in bytes_of(tmp_path)
    truth.conversations.delete([turn.conversation], NOW)
    assert b"Zimtstern" not in bytes_of(tmp_path)
    assert (truth.conversations.turn(turn.id), truth.book.answer("key")) == (None, None)
    (cost,) = truth.book.of_run(run.id)
    assert (cost.prompt, cost.answer, cost.error, cost.tokens_in) == ("", "", "", 100)
    assert truth.journal.verify() == []
    assert truth.conversations.ask("New?", NOW).conversation == 2


def test_of_several_that_are_to_be_deleted_none_is_where_one_is_unknown(truth: Truth) -> None:
    kept = ask(truth, "Which cake?").conversation
    with pytest.raises(UsageError, match="no conversation 9"):
        truth.conversations.delete([kept, 9], NOW)
    assert truth.conversations.get(kept).turns == 1
    assert (truth.conversations.delete_all(NOW), truth.conversations.delete_all(NOW)) == ([kept], [])


def test_an_answer_that_another_butler_wrote_otherwise_is_none(truth: Truth) -> None:
    turn = ask(truth, "Which cake?")
    truth._database.run("UPDATE turn SET answer = '{\"colour\": 7}'")
    found = truth.conversations.turn(turn.id)
    assert found
    assert (found.state, found.answer) == ("answered", None)


@pytest.mark.parametrize(("days", "left"), [(0, 2), (30, 1)])
def test_maintenance_deletes_conversations_only_where_that_is_wished_for(
    truth: Truth, tmp_path: Path, days: int, left: int
) -> None:
    ask(truth, "Which cake?", minutes=-31 * 24 * 60)
    ask(truth, "Which tea?", minutes=-29 * 24 * 60)
    part = RetentionPart(backups=0, conversations=days)
    report = Maintenance(tmp_path, part, dt.UTC).run(truth, NOW)  # type: ignore[arg-type]
    assert (report.problems, truth.conversations.count(), report.forgotten) == ([], left, 2 - left)


def test_a_backup_has_the_conversations_and_a_restore_brings_them_back(truth: Truth, tmp_path: Path) -> None:
    ask(truth, "Which cake?")
    ask(truth, "Which tea?", None)
    back_up(tmp_path, tmp_path / "backup.tar.gz", NOW)
    (tmp_path / "new").mkdir()
    restore(tmp_path / "backup.tar.gz", tmp_path / "new", NOW)
    again = Truth.open(tmp_path / "new" / "butler.db")
    assert again.conversations.recent() == truth.conversations.recent()
    assert again.conversations.turns(1) == truth.conversations.turns(1)
    assert [turn.question for turn in again.conversations.waiting()] == ["Which tea?"]
    again.close()


def test_it_is_known_which_question_is_being_answered_and_by_one_process_only(tmp_path: Path) -> None:
    floor, other = Floor(tmp_path), Floor(tmp_path)
    assert not other.is_answered(3)
    with floor.answering(3):
        assert (other.is_answered(3), other.is_answered(4)) == (True, False)
        with pytest.raises(BusyError, match="being answered"), other.answering(3):
            pass
        with other.answering(4):
            assert floor.is_answered(4)
    assert not other.is_answered(3)


def test_who_has_the_model_answer_is_waited_for_and_that_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    waiting = Floor(tmp_path).alone(lambda: told.append("waits"), 0.25)
    with Floor(tmp_path).alone(), pytest.raises(BusyError, match="Another question"), waiting:
        pass
    with Floor(tmp_path).alone(lambda: told.append("waits")):
        assert told == ["waits"]
