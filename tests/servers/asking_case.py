"""The sample household as `ask` sees it, the questions over it, and a run of the graph for one of them."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from briefing_twins import Memory

from butler.core.actions import Action, Kept, payload_hash
from butler.core.asking import Answer, Question, Turn, told
from butler.core.calendar import CalendarPlace
from butler.core.context import Context, Identity
from butler.core.steps import Model
from butler.house import Deeds, House
from butler.sample.household import Household, write_household
from workflows.ask.graph import build
from workflows.ask.known import known

DAY = dt.date(2026, 11, 24)
_FILE = Path(__file__).with_name("ask_questions.toml")


@dataclass(frozen=True)
class Known:
    """A question with what is known of its answer."""

    text: str
    kind: str
    refs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


def questions(*kinds: str) -> list[Known]:
    """The questions of some kinds; all without any."""
    rows = tomllib.loads(_FILE.read_text(encoding="utf-8"))["question"]
    found = [
        Known(row["text"], row["kind"], *(tuple(row.get(name, ())) for name in ("refs", "words", "before"))) for row in rows
    ]
    return [one for one in found if not kinds or one.kind in kinds]


@dataclass
class Asking:
    """The household's mirror, and what runs over it proposed and told."""

    household: Household
    house: House
    proposed: list[Action] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)

    def context(
        self, text: str, history: Sequence[Turn] = (), model: Model | None = None, memory: Memory | None = None
    ) -> Context:
        """The context of a run that answers a question."""
        home = self.household
        return Context(
            run="run-1",
            now=home.now,
            day=home.day,
            owner=home.owner,
            options=home.options,
            reads=self.house.mirror.reads,
            memory=memory or Memory(),
            model=model,
            sync=list,
            propose=self.propose,
            known=lambda key: any(action.key == key for action in self.proposed),
            identities={"home": Identity("home", "anna@berger.example", "Anna Berger", "Anna Berger")},
            calendar=CalendarPlace("family", "family"),
            tasks=CalendarPlace("tasks", "tasks"),
            question=Question(text=text, history=tuple(history)),
            tell=lambda line: self.told.append(told(line)),
        )

    def propose(self, action: Action) -> Kept:
        """Keep what is proposed."""
        self.proposed.append(action)
        now = self.household.now
        return Kept(len(self.proposed), action, "held", payload_hash(action.payload), 1, now, now)

    def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        model: Model | None = None,
        memory: Memory | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer a question by the whole graph."""
        given = self.context(text, history, model, memory)
        given = replace(given, tell=tell) if tell else given
        build(given).compile().invoke({"run": "run-1"})
        return Answer.model_validate(given.memory.kept("result"))

    def ask_known(self, one: Known, model: Model | None = None) -> Answer:
        """Answer one of the questions, those before it first."""
        history: list[Turn] = []
        for text in one.before:
            answer = self.ask(text, history, model)
            history.append(Turn(question=text, answer=answer.text, refs=tuple(cited.ref for cited in answer.citations)))
        return self.ask(one.text, history, model)

    def known(self, text: str) -> Answer | None:
        """What code alone answers."""
        return known(self.context(text))


@contextmanager
def asking(folder: Path) -> Iterator[Asking]:
    """The household, its mirror up to date."""
    home = write_household(folder / "household", DAY)
    deeds = Deeds(home.owner, home.with_documents, home.options, folder / "state", None, None)
    with House(deeds, lambda: home.now) as house:
        house.sync()
        yield Asking(home, house)
