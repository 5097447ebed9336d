"""A mail to be answered over twins: the context of a drafting run, the gate's twin, and models that answer by rote."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from briefing_twins import NOW, OWNER, Memory, ScriptedModel, Twin, context, letter

from butler.core.actions import Action, Kept, payload_hash
from butler.core.calendar import Occurrence, Placed
from butler.core.context import Context, Edit, Identity, Wish
from butler.core.mail import Mail
from butler.core.payloads import Letter, MailDraft
from butler.core.refs import event_ref
from butler.core.steps import Model
from workflows.briefing.values import Judgement
from workflows.draft_reply.gather import Case, Old, gather
from workflows.draft_reply.nodes import Nodes

IDENTITY = Identity("home", "anna@berger.example", "Anna Berger", "Anna Berger\nBerlin")
ASKS = letter(
    "asks@nordwind.example", "Hi Anna,\n\ncould you send me the north edge today? Is the hawthorn gone?\n\nTom", thread=1
)
MEETS = letter(
    "meets@nordwind.example", "Hi Anna,\n\ncan we meet on Thursday at 11:00 for an hour?\n\nTom", subject="The plan", thread=2
)
TELLS_HOW = letter("how@berger.example", "Dear Tom,\n\nthe roses are in.\n\nAll the best,\nA.", thread=3, sent=True, days=9)
GOOD: Mapping[str, Any] = {
    "body": "Thank you for asking.",
    "answers": [{"question": 1, "text": "I will look at the north edge today."}, {"question": 2, "text": "Yes, it is gone."}],
    "offers": [],
    "unsure": False,
}
EMPTY: Mapping[str, Any] = {"body": "", "answers": [], "offers": [], "unsure": False}


@dataclass
class Shelf:
    """The gate's twin: keeps each key once."""

    kept: list[Kept] = field(default_factory=list)

    def propose(self, action: Action) -> Kept:
        there = next((one for one in self.kept if one.action.key == action.key), None)
        if there is None:
            there = Kept(len(self.kept) + 1, action, "held", payload_hash(action.payload), 1, NOW, NOW)
            self.kept.append(there)
        return there

    def known(self, key: str) -> bool:
        return any(one.action.key == key for one in self.kept)

    def letters(self) -> list[Letter]:
        return [one.action.payload.letter for one in self.kept if isinstance(one.action.payload, MailDraft)]


def drafting(
    reads: Twin,
    model: Model | None = None,
    shelf: Shelf | None = None,
    memory: Memory | None = None,
    wish: Wish | None = None,
    edits: Sequence[Edit] = (),
) -> Context:
    """The context of a drafting run over twins."""
    shelf = shelf or Shelf()
    given = context(reads, memory or Memory(), model)
    return dataclasses.replace(
        given,
        propose=shelf.propose,
        known=shelf.known,
        identities={"home": IDENTITY},
        edits=lambda _address, limit: edits[:limit],
        wish=wish,
    )


def run(given: Context) -> Mapping[str, Any]:
    """All nodes, one after the other; what the run has to say."""
    nodes = Nodes(given)
    for node in (nodes.sync, nodes.pick, nodes.draft, nodes.propose):
        node({})
    result: Mapping[str, Any] = given.memory.kept("result") or {}
    return result


def case_of(mail: Mail, *others: Mail, events: Sequence[Placed] = (), old: Old | None = None, quote: str = "") -> Case:
    """The gathered case of one mail."""
    given = drafting(Twin((mail, *others), events=events))
    case = gather(given, mail, Judgement(ref=mail.ref, label="reply", quote=quote), old)
    assert isinstance(case, Case), case
    return case


def drafts(*answers: Mapping[str, Any] | str) -> ScriptedModel:
    """A model that judges nothing and drafts by rote: one answer after the other, then the last for ever."""
    return ScriptedModel(_in_turn(answers))


def _in_turn(answers: Sequence[Mapping[str, Any] | str]) -> Callable[[str, str, str, str], Mapping[str, Any] | str]:
    left: Iterator[Mapping[str, Any] | str] = iter(answers)
    last: list[Mapping[str, Any] | str] = [answers[-1]]

    def answer(step: str, _subject: str, _facts: str, _text: str) -> Mapping[str, Any] | str:
        return next(left, last[0]) if step == "draft" else "It does not judge."

    return answer


def asked_for_drafts(model: ScriptedModel) -> list[str]:
    """What the model was shown when it was asked for drafts."""
    return [text for (step, _), text in zip(model.asked, model.texts, strict=True) if step == "draft"]


def busy(name: str, day: int, start: int, end: int) -> Placed:
    """An event in the calendar, `day` of November 2026."""
    begins = dt.datetime(2026, 11, day, start, tzinfo=OWNER.zone)
    ends = dt.datetime(2026, 11, day, end, tzinfo=OWNER.zone)
    return Placed(event_ref("work", name), "work", Occurrence(name, "", name, begins, ends))
