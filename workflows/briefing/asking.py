"""Which mails are worth a question to the model: those that people wrote, that are open, and of which code cannot be sure.

Pure, and the same whatever the day is: what the model once found in a mail stays found as long as the mail is open.
"""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.owner import Owner
from workflows.briefing import hints
from workflows.briefing.cases import AnyCase, Case, is_answered, is_followed
from workflows.briefing.sentences import questions
from workflows.briefing.values import Gathered, Judgement, SentJudgement

ASKED = 200
"""How many mails of one run are put to the model at most: the likeliest first, then the newest."""

_QUIETLY_NONE = frozenset({"no answer: asks nothing", "no answer: says that no answer is needed"})
"""The rules that let a person's mail pass, and may have missed something."""

_CERTAIN = "invitation"
"""The rule that needs no second opinion: a calendar program wrote that an answer is wanted."""

_LONG = 25
"""Words from which a correspondent's letter is read by the model although nothing in it looks like a request."""

_LEAST_WORDS = 4
"""Shorter mails of the owner's promise nothing that a rule would not see."""


def worth_asking(
    received: Sequence[Case[Judgement]], sent: Sequence[Case[SentJudgement]], gathered: Gathered, owner: Owner
) -> list[AnyCase]:
    """The mails to put to the model; those in which a rule saw something come first."""
    open_ones = [case for case in received if not is_answered(case.mail, gathered.threads)]
    letters = [case for case in open_ones if case.rule.rule != _CERTAIN and _may_want(case, gathered)]
    own = [case for case in sent if not is_followed(case.mail, gathered.threads) and _may_promise(case, owner)]
    worth: list[AnyCase] = [*letters, *own]
    return sorted(worth, key=lambda case: not _is_seen(case.rule))[:ASKED]


def _is_seen(rule: Judgement | SentJudgement) -> bool:
    """Whether a rule saw something in it."""
    return bool(rule.promises) if isinstance(rule, SentJudgement) else rule.label != "none" or rule.due is not None


def _may_want(case: Case[Judgement], gathered: Gathered) -> bool:
    """Whether a received mail asks something, or a rule that saw nothing in a person's mail may have missed it."""
    if case.rule.label != "none":
        return True
    if not needs_signs(case):
        return False
    hinted, long = signs(case)
    return hinted or (long and _is_written_to(case, gathered))


def needs_signs(case: AnyCase) -> bool:
    """Whether the rules saw nothing in a mail in which the model may find something."""
    rule = case.rule
    return not rule.promises if isinstance(rule, SentJudgement) else rule.rule in _QUIETLY_NONE


def signs(case: AnyCase) -> tuple[bool, bool]:
    """Whether a text has words or a date that may ask or promise something, and whether it is long; the same on every day."""
    if case.signs is not None:
        return case.signs
    if isinstance(case.rule, SentJudgement):
        return _sounds_promising(case), False
    return hints.may_ask(case.source) or bool(case.dues), len(case.text.split(None, _LONG)) >= _LONG


def _is_written_to(case: Case[Judgement], gathered: Gathered) -> bool:
    """Whether the owner writes to its author."""
    sender = case.mail.message.sender
    _, written = gathered.exchanged.get(sender.address.lower(), (0, 0)) if sender else (0, 0)
    return written > 0


def _may_promise(case: Case[SentJudgement], owner: Owner) -> bool:
    """Whether a mail to somebody else holds a promise, or words or a date that may be one: a date in a question is not."""
    if case.rule.promises:
        return True
    message = case.mail.message
    if all(address.address.lower() in owner.addresses for address in (*message.to, *message.cc)):
        return False
    return signs(case)[0]


def _sounds_promising(case: AnyCase) -> bool:
    if len(case.text.split(None, _LEAST_WORDS)) < _LEAST_WORDS:
        return False
    asked = tuple(questions(case.text[: hints.READ]))
    told = any(not _is_asked(due.quote, asked) for due in case.dues)
    return told or hints.may_promise(_without(case.text, asked))


def _is_asked(quote: str, asked: Sequence[str]) -> bool:
    return any(quote in question or question in quote for question in asked)


def _without(text: str, asked: Sequence[str]) -> str:
    """A text without its questions: "can I …?" promises nothing."""
    for question in asked:
        text = text.replace(question, " ")
    return text
