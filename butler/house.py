"""The house: wires sources, mirror, model and workflows together for one owner; what every command goes through."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from butler.core.accounts import Account, ModelHost, NotesFolder
from butler.core.errors import UnknownRefError
from butler.core.jailing import Jailing
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import SourceKind, SourceState, called_so, kind_of
from butler.plan import covering
from butler.store.mirror import Mirror
from butler.store.state import StateLock, state_folder

# A sync comes every few minutes: it waits for nothing that only runs and actions need.
if TYPE_CHECKING:
    from butler.core.actions import Kept
    from butler.core.asking import Question
    from butler.core.briefing import Origin
    from butler.core.context import Context, Wish
    from butler.core.definitions import Definition
    from butler.core.foreign import ForeignServer
    from butler.core.policy import Policy
    from butler.core.queries import Found
    from butler.core.remembering import Remembered
    from butler.desk import Asking, Drafting
    from butler.fetching import Fetching
    from butler.gate import Gate
    from butler.pinned import Pinned
    from butler.publish import Published, Publisher
    from butler.runner import Workflow
    from butler.staff import Staff
    from butler.store.reads import Shown
    from butler.store.runs import Run
    from butler.store.truth import Truth
    from butler.sync import Progress

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Deeds:
    """What a house is built from: the owner's accounts, wishes and model, the state folder, and where briefings go.

    `found` says where the tools are and `named` finds workflows, the owner's own too; left out: they are looked for. `sandbox`
    says how strictly those who work are confined; `forkserver` is where they are ordered; None: the house has its own.
    """

    owner: Owner
    accounts: Sequence[Account]
    options: BriefingOptions
    state: Path
    briefings: Path | None = None
    model: ModelHost | None = None
    policy: Policy | None = None
    drafting: Drafting | None = None
    watched: Mapping[str, Path] = field(default_factory=dict)
    memory: NotesFolder | None = None
    named: Callable[[str], Workflow] | None = None
    found: Mapping[SourceKind, str] = field(default_factory=dict)
    sandbox: Jailing = "enforced"
    forkserver: int | None = None
    servers: Sequence[ForeignServer] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a workflow: its run, what it has to say (JSON values by name), and the actions put before the gate.

    `definition` is that of a workflow of the owner's own.
    """

    run: Run
    result: Mapping[str, Any]
    proposed: Sequence[Kept]
    definition: Definition | None = None


def wall_clock() -> datetime:
    """Tell the time, in UTC."""
    return datetime.now(UTC)


class House:
    """One owner's butler over one state folder; parts are opened when they are first needed and closed with the house.

    Reading commands may run beside each other; `sync` and `brief` take the state folder's lock and raise BusyError
    when another butler has it. `warn` is told what its owner should know, such as that the mirror is made anew. What nobody
    asked for (`unasked`) does not log in where that was refused over and over.
    """

    def __init__(
        self, deeds: Deeds, clock: Clock = wall_clock, warn: Callable[[str], None] | None = None, *, unasked: bool = False
    ) -> None:
        self._deeds = deeds
        self._unasked = unasked
        self._clock = clock
        self._warn = warn
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        """Make sure of the state folder; raises StateError when it cannot be used."""
        state_folder(self._deeds.state)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close all that was opened, last first."""
        self._opened.close()

    @cached_property
    def truth(self) -> Truth:
        """The butler's own database."""
        from butler.store.truth import Truth

        truth = Truth.open(self._deeds.state / "butler.db")
        self._opened.callback(truth.close)
        return truth

    @cached_property
    def mirror(self) -> Mirror:
        """The cache of the sources."""
        owner = self._deeds.owner
        mirror = Mirror.open(self._deeds.state / "mirror.db", owner.zone.key, owner.addresses, self._clock)
        self._opened.callback(mirror.close)
        if self._warn:
            for warning in mirror.warnings:
                self._warn(warning)
        return mirror

    @cached_property
    def gate(self) -> Gate:
        """Where actions are proposed and decided."""
        from butler.core.policy import Policy
        from butler.gate import Gate, merits_of

        policy, truth, model = self._deeds.policy or Policy(), self.truth, self._deeds.model
        # What moves a mail to the trash deletes it, however that folder is called.
        policy = replace(policy, trash=policy.trash | self.mirror.reads.folders("\\Trash"))
        return Gate(truth.outbox, policy, self._clock, lambda: merits_of(truth, model))

    def execute(self) -> list[Kept]:
        """Carry out what is approved and due, and read again what that changed; returns what came to an end or was put off."""
        from butler.executor import Executor

        # The memory's note is read once it is there, and may be begun at any time.
        hands = self._staff.hands((*self._deeds.accounts, *filter(None, [self._deeds.memory])))
        try:
            ended = Executor(self.truth.outbox, hands, hands.renewed, self._clock, self._deeds.state).run_due()
        finally:
            hands.close()
        self._fetching.again(ended, self._clock(), self._deeds.memory)
        return ended

    def do(
        self,
        name: str,
        now: datetime | None = None,
        *,
        sync: bool = True,
        model: bool = True,
        progress: Callable[[Progress], None] | None = None,
        wish: Wish | None = None,
        about: str = "",
        asking: Asking | None = None,
    ) -> Done:
        """Run a workflow: over the day, `about` one thing named by its reference, or with a wish over its action.

        One that answers a question goes on beside all else; only another one that does is waited for.
        """
        from butler.desk import Desk, Drafting, Folders
        from butler.offers import BreachedError
        from butler.owned import host_of, kept_to
        from butler.runner import Runner, workflow

        named = (self._deeds.named or workflow)(name)
        clock = self._clock if now is None else lambda: now
        day = clock().astimezone(self._deeds.owner.zone).date()
        subject = (about or day.isoformat()) if wish is None else f"action {wish.action.id}"
        drafting, outbox, staff = self._deeds.drafting or Drafting(), self.truth.outbox, self._staff
        runs = self.truth.runs
        desk = Desk(self.gate, outbox, self._deeds.accounts, drafting, staff.forkserver, degraded=staff.is_degraded)
        folders = Folders(self._deeds.state / "pages", self._deeds.briefings, self._deeds.watched)

        def read() -> list[SourceState]:
            return self._sync(clock(), progress, allow_empty=False) if sync else self.states()

        def context(run: Run) -> Context:
            if self.mirror.reads.calendars():
                made = self._context(run, day, read)
            else:
                # Which calendars may be written to is not known before the first sync, which is not done twice for that.
                states = read()
                made = self._context(run, day, lambda: states)
            made = replace(made, subject=about)
            return kept_to(
                named.definition, desk.equip(made if asking is None else asking.put(made), name, folders, wish), runs
            )

        with StateLock(self._deeds.state) if asking is None else asking.alone(self._deeds.state):
            thinker = self._staff.thinker if asking is None else self._staff.answerer
            thinking = thinker.prepare(named, host_of(named.definition, self._host(model=model)), self.truth.book, clock)
            try:
                outcome = Runner(self.truth.runs, thinking, clock).run(named, subject, context)
            except BreachedError as error:
                desk.take_back(str(error))
                raise
            self.pinned.keep_copies(self._deeds.model, self._warn)
        return Done(outcome.run, outcome.result, desk.proposed, named.definition)

    def known(self, name: str, question: Question, now: datetime) -> str | None:
        """Have a workflow answer a question by code alone, as a JSON text, without a run and without waiting for anybody."""
        from butler.core.context import Context
        from butler.runner import workflow

        owner, named = self._deeds.owner, (self._deeds.named or workflow)(name)
        thinking = self._staff.answerer.prepare(named, self._deeds.model, self.truth.book, lambda: now, imports=False)
        given = (owner, self._deeds.options, self.mirror.reads, self.truth.memory(""))
        context = Context("", now, now.astimezone(owner.zone).date(), *given, None, self.states, question=question)
        return thinking.known(named, replace(context, remembered=self.remembered(), found=self.mirror.recalled.found))

    def sync(self, *, allow_empty: bool = False, progress: Callable[[Progress], None] | None = None) -> list[SourceState]:
        """Bring the mirror up to date; how each source fared is in what is returned."""
        with StateLock(self._deeds.state):
            return self._sync(self._clock(), progress, allow_empty)

    def brief(
        self,
        day: date | None = None,
        now: datetime | None = None,
        *,
        sync: bool = True,
        model: bool = True,
        progress: Callable[[Progress], None] | None = None,
    ) -> Published:
        """Write the briefing of a day (today by default), going on with an interrupted run of that day."""
        from butler.publish import Publisher, published
        from butler.runner import Runner, workflow

        clock = self._clock if now is None else lambda: now
        day = day or clock().astimezone(self._deeds.owner.zone).date()
        publisher: Publisher | None = None

        def context(run: Run) -> Context:
            nonlocal publisher
            publisher = Publisher(run.id, self.truth.briefings, self._deeds.briefings)

            def read() -> list[SourceState]:
                states = self._sync(clock(), progress, allow_empty=False) if sync else self.states()
                return covering(states, day, self._fetching.frame(clock()))

            return replace(self._context(run, date.fromisoformat(run.subject), read), publish=publisher)

        with StateLock(self._deeds.state):
            named = workflow("briefing")
            thinking = self._staff.thinker.prepare(named, self._host(model=model), self.truth.book, clock)
            Runner(self.truth.runs, thinking, clock).run(named, day.isoformat(), context)
            self.pinned.keep_copies(self._deeds.model, self._warn)
        return published(publisher)

    def remembered(self) -> Sequence[Remembered]:
        """What the owner told or approved to be remembered."""
        return self._staff.remembered(self._deeds.memory)

    def states(self) -> list[SourceState]:
        """How each source fared at its last sync; one never read counts as failed, but for the memory's note."""
        kept = {(state.kind, state.name): state for state in self.mirror.sources()}
        note = self._deeds.memory.name if self._deeds.memory else ""
        never = "It was never read. Run `butler sync`."
        wanted = [(kind_of(each), each.name) for each in self._deeds.accounts]
        wanted = [each for each in wanted if each in kept or each[1] != note]
        states = [kept.get((kind, name)) or SourceState(name, kind, "failed", None, never) for kind, name in wanted]
        return called_so(states, self._deeds.accounts)

    def show(self, ref: str) -> Shown:
        """Find what a reference points at, or an event that is gone as a briefing knew it; raises UnknownRefError."""
        try:
            return self.mirror.show(ref)
        except UnknownRefError:
            if (gone := self.truth.briefings.remembered(ref)) is None:
                raise
            return gone

    def why(self, ref: str) -> Sequence[tuple[date, Origin]]:
        """Find the lines of all kept briefings that rest on a reference, newest day first."""
        return self.truth.briefings.origins(ref)

    def runs(self, limit: int = 20) -> list[Run]:
        """List the latest runs, newest first."""
        return self.truth.runs.recent(limit)

    def search(self, text: str, limit: int = 20) -> list[Found]:
        """Find what holds all words of a text, best first."""
        return self.mirror.search(text, limit)

    @cached_property
    def pinned(self) -> Pinned:
        """What is pinned of the models."""
        from butler.pinned import Pinned

        return Pinned(self.truth.pins, lambda: self._staff, self._clock)

    @cached_property
    def _staff(self) -> Staff:
        """Who touches the world, and what came from it."""
        from butler.staff import Staff

        deeds = self._deeds
        staff = Staff(deeds.state, deeds.found, self._clock, deeds.sandbox, deeds.forkserver, deeds.servers)
        self._opened.callback(staff.close)
        return staff

    def _sync(self, now: datetime, progress: Callable[[Progress], None] | None, allow_empty: bool) -> list[SourceState]:
        # They get ready while the rest is loaded and opened here.
        self._staff.workers.prepare("reader", self._deeds.accounts)
        return self._fetching.all(now, progress, allow_empty=allow_empty, by_hand=not self._unasked)

    @cached_property
    def _fetching(self) -> Fetching:
        """Who brings the mirror up to date."""
        from butler.fetching import Fetching

        deeds = self._deeds
        return Fetching(deeds.owner, deeds.accounts, deeds.state, self._staff, lambda: self.mirror)

    def _context(self, run: Run, day: date, sync: Callable[[], Sequence[SourceState]]) -> Context:
        from butler.core.context import Context

        return Context(
            *(run.id, run.now, day, self._deeds.owner, self._deeds.options),
            reads=self.mirror.reads,
            memory=self.truth.memory(run.id),
            model=None,
            sync=sync,
            found=self.mirror.recalled.found,
            keep_found=self.mirror.recalled.keep,
            **{"remembered": self.remembered(), **self._staff.foreign()},
        )

    def _host(self, *, model: bool) -> ModelHost | None:
        """Whom a run may ask."""
        wanted = self._deeds.model
        return self.pinned.equip(wanted) if model and wanted and wanted.name else None
