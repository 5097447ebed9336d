"""The answers to the parts of a long mail become one."""

from __future__ import annotations

from workflows.briefing.steps import PromiseAnswer, ReceivedAnswer, promise, received


def answer(label: str, *evidence: str, due: int = 0) -> ReceivedAnswer:
    row = {"evidence": evidence, "reason": f"because {label}", "label": label, "due": due, "summary": f"It is {label}."}
    return ReceivedAnswer.model_validate(row)


def joined(*parts: ReceivedAnswer) -> ReceivedAnswer:
    join = received().joined
    assert join is not None
    return join(parts)


def test_the_most_demanding_answer_counts_with_the_quotes_of_all_that_agree() -> None:
    found = joined(
        answer("none", "nothing"), answer("reply", "Can you?"), answer("unsure", "hm"), answer("reply", "Will you?", due=2)
    )
    assert found == answer("reply", "Can you?", "Will you?", due=2)


def test_quotes_are_kept_once_and_never_more_than_an_answer_may_have() -> None:
    found = joined(answer("reply", "a", "b"), answer("reply", "b", "c", "d"))
    assert found.evidence == ("a", "b", "c")
    ReceivedAnswer.model_validate(found.model_dump())


def test_a_promise_in_any_part_is_one() -> None:
    join = promise().joined
    assert join is not None
    none = PromiseAnswer(evidence=(), reason="none", label="none", due=0)
    made = PromiseAnswer(evidence=("I will call.",), reason="says so", label="promise", due=1)
    assert join([none, made, none]) == made
    assert join([none, none]) == none
