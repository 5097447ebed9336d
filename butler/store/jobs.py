"""Slots of jobs: what became of each time of each job, kept so that no two processes do one, and no death loses one.

Each change is one UPDATE that names what the row was. A line of the journal goes with it, but for the good rounds of what is
done over and over (the empty slot): those would be a hundred thousand lines a year that say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from butler.core.jobs import Due, Missed, Outcome, Skipped, Slot, Streak, Verdict, should_tell
from butler.core.night import night_job, night_name, workflow_at_night
from butler.core.planning import pause_after
from butler.store.database import Database, Row
from butler.store.journal import Journal, when_text
from butler.store.sql import statements

_DAYS_BACK, _DAYS_AHEAD = timedelta(days=35), timedelta(days=2)
_DIED = "The butler was ended while it ran."
_TAKEN_BACK = "Its owner took it back."
_ENDED_BEFORE = "It was done; the butler was ended before it could note that."


class Slots:
    """Keeps what `plan` said, who works on what, and how that ended."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("jobs")

    def history(self, now: datetime) -> list[Slot]:
        """List the slots that `plan` has to know, and those of the last weeks."""
        dates = ((now - _DAYS_BACK).date().isoformat(), (now + _DAYS_AHEAD).date().isoformat())
        return [_slot(row) for row in self._database.rows(self._sql["history"], dates)]

    def get(self, job: str, slot: str = "") -> Slot | None:
        """Find a slot."""
        row = self._database.row(self._sql["slot"], (job, slot))
        return _slot(row) if row else None

    def _kept(self, job: str, slot: str) -> Slot:
        found = self.get(job, slot)
        if found is None:
            raise AssertionError("it was written in this transaction")
        return found

    def record(self, verdict: Verdict, now: datetime) -> bool:
        """Keep what `plan` said of a slot; False when that was known, or something else became of it meanwhile."""
        at = when_text(verdict.due_at)
        match verdict:
            case Due(job, slot):
                return self._due(job, slot, at, now)
            case Missed(job, slot):
                values = (job, slot, "missed", at, when_text(now), "It was too late for it.")
                return self._change("leave_out", values, now, "missed", job, slot, due_at=at)
            case Skipped(job, slot, _, note):
                values = (job, slot, "skipped", at, when_text(now), note)
                return self._change("leave_out", values, now, "skipped", job, slot, due_at=at, note=note)

    def arrive(self, job: str, slot: str, now: datetime, subject: str = "") -> bool:
        """Note that something arrived for a job; False when nothing is to be done: it waits, is being done, or is done.

        An empty slot is never done for good: what arrives while it is worked on is for whoever claims it next. `subject` is
        kept with a slot that is new and whose name does not say what it is about.
        """
        return self._due(job, slot, when_text(now), now, subject)

    def keep_for_night(self, workflow: str, subject: str, now: datetime) -> tuple[Slot, bool]:
        """Keep a request for the night, and say whether it is a new one; one that waits and wants the same is enough."""
        job = night_job(workflow).name
        with self._database.transaction():
            row = self._database.row(self._sql["same_tonight"], (job, _clean(subject)))
            name = night_name(self._database.value(self._sql["last_number"]) + 1)
            if row is None:
                self.arrive(job, name, now, subject)
            return (_slot(row), False) if row else (self._kept(job, name), True)

    def take_back(self, name: str, now: datetime) -> Slot | None:
        """Let a request for the night be, by its name; None where none that is not worked on has it."""
        with self._database.transaction():
            job = self._database.value(self._sql["named_tonight"], (name,))
            if job is None:
                return None
            values = (job, name, when_text(now), _TAKEN_BACK)
            self._change("take_back", values, now, "cancelled", job, name, note=_TAKEN_BACK)
            return self._kept(job, name)

    def claim(self, job: str, slot: str, now: datetime) -> Slot | None:
        """Begin with a slot that is due; None where somebody else did, or it is due no longer."""
        at = when_text(now)
        with self._database.transaction():
            if not slot:
                self.arrive(job, slot, now)
            if self._change("claim", (job, slot, at), now, "claimed", job, slot):
                return self.get(job, slot)
        return None

    def end(self, claimed: Slot, outcome: Outcome, now: datetime, run: str = "", note: str = "") -> Streak | None:
        """Note how a claim ended, and what that makes of the job's failures; None where the claim is not ours any more."""
        pause = pause_after(claimed.attempts, 0) if outcome == "failed" else None
        ended = replace(claimed, run=run, note=note, deaths=0, ended_at=now, retry_at=now + pause if pause else None)
        match outcome:
            case "put off":
                ended = replace(ended, state="due", attempts=claimed.attempts - 1, deaths=claimed.deaths, ended_at=None)
            case "ran":
                ended = replace(ended, state="ran")
            case _:
                ended = replace(ended, state="failed")
        with self._database.transaction():
            return self._end(claimed, ended, outcome, now)

    def recover(self, now: datetime, workflows: Mapping[str, str]) -> list[Slot]:
        """End the claims of processes that died; to be called by the one butler that runs, before it claims anything.

        A claim whose run ended well, which the run of the job's workflow tells, ran; any other failed, and is tried again
        soon. Returns what became of them.
        """
        with self._database.transaction():
            left = [_slot(row) for row in self._database.rows(self._sql["claimed"])]
            return [self._recovered(each, now, workflows.get(each.job) or workflow_at_night(each.job)) for each in left]

    def streak(self, job: str) -> Streak:
        """How often a job failed in a row."""
        failures, told = self._database.row(self._sql["streak"], (job,)) or (0, 0)
        return Streak(failures, bool(told))

    def told(self, job: str) -> bool:
        """Note that the owner is told that a job fails; False when they need not be, or somebody else tells them."""
        with self._database.transaction():
            return should_tell(self.streak(job)) and self._database.run(self._sql["tell"], (job,)) == 1

    def prune(self, before: datetime) -> int:
        """Forget closed slots that were due before a time; returns how many."""
        with self._database.transaction():
            return self._database.run(self._sql["prune"], (when_text(before),))

    def _recovered(self, claimed: Slot, now: datetime, workflow: str) -> Slot:
        run = self._database.value(self._sql["well_ended_run"], (claimed.job, claimed.slot, workflow))
        if run is not None:
            ended = replace(claimed, state="ran", run=run, deaths=0, ended_at=now, note=_ENDED_BEFORE)
        else:
            deaths = claimed.deaths + 1
            pause = pause_after(claimed.attempts, deaths)
            ended = replace(claimed, state="failed", deaths=deaths, ended_at=now, note=_DIED)
            ended = replace(ended, retry_at=now + pause if pause else None)
        before = self.streak(claimed.job)
        self._end(claimed, ended, "ran" if run else "failed", now)
        if run is not None and before.told:
            # Nobody hears of this end: the next one tells that the job works again.
            self._keep(claimed.job, Streak(0, told=True))
        return ended

    def _end(self, claimed: Slot, ended: Slot, outcome: Outcome, now: datetime) -> Streak | None:
        changed = self._database.run(
            self._sql["end"],
            (
                *(ended.state, when_text(ended.ended_at), when_text(ended.retry_at), ended.run, _clean(ended.note)),
                *(ended.attempts, ended.deaths, claimed.job, claimed.slot, when_text(claimed.claimed_at), claimed.attempts),
            ),
        )
        if changed != 1:
            return None
        before = self.streak(claimed.job)
        after = _counted(before, outcome)
        if after != before:
            self._keep(claimed.job, after)
        if claimed.slot or outcome != "ran" or before.failures:
            facts = {"slot": claimed.slot, "attempt": claimed.attempts, "run": ended.run, "note": _clean(ended.note)}
            self._journal.append(now, f"job {outcome}", f"job:{claimed.job}", **facts)
        return Streak(0, before.told) if outcome == "ran" else after

    def _due(self, job: str, slot: str, at: str, now: datetime, subject: str = "") -> bool:
        about = _clean(subject)
        facts = {"due_at": at, **({"about": about} if about else {})}
        return self._change("make_due", (job, slot, at, about), now, "due", job, slot, **facts)

    def _keep(self, job: str, streak: Streak) -> None:
        self._database.run(self._sql["keep_streak"], (job, streak.failures, streak.told))

    def _change(self, name: str, values: tuple[str, ...], now: datetime, what: str, job: str, slot: str, **facts: str) -> bool:
        with self._database.joined():
            if self._database.run(self._sql[name], values) != 1:
                return False
            if slot:
                self._journal.append(now, f"job {what}", f"job:{job}", slot=slot, **facts)
            return True


def _counted(before: Streak, outcome: Outcome) -> Streak:
    match outcome:
        case "ran":
            return Streak()
        case "failed":
            return replace(before, failures=before.failures + 1)
        case _:
            return before


def _clean(text: str) -> str:
    """A text without halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode()


def _slot(row: Row) -> Slot:
    job, slot, state, due, claimed, ended, retry, run, attempts, deaths, note, subject = row
    times = (_moment(claimed), _moment(ended), _moment(retry))
    return Slot(job, slot, state, datetime.fromisoformat(due), *times, run, attempts, deaths, note, subject)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
