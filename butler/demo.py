"""The demo: a sample household, yesterday's briefing of it, today's, and what is prepared: drafts, answers, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from butler.core.accounts import ModelHost
from butler.core.actions import Kept
from butler.core.payloads import Letter, MailDraft
from butler.house import Deeds, House
from butler.publish import Published
from butler.sample.household import Household, Stage, write_household

WORKFLOWS = ("draft_reply", "invitation", "commitments")
STATE = "state"
BRIEFINGS = "briefings"


@dataclass(frozen=True, slots=True)
class Demo:
    """A finished demo: the household it is about, yesterday's briefing and today's."""

    household: Household
    yesterday: Published
    today: Published


def house_of(household: Household, model: ModelHost | None = None, *, at_its_time: bool = False) -> House:
    """The house over a sample household, its state and its briefings beside the sample.

    `at_its_time` sets its clock to the morning of the sample, so that nothing in it expires whatever day is asked for.
    """
    state, briefings = household.folder / STATE, household.folder / BRIEFINGS
    deeds = Deeds(household.owner, household.with_records, household.options, state, briefings, model)
    return House(deeds, lambda: household.now) if at_its_time else House(deeds)


def run_demo(folder: Path, day: date, model: ModelHost | None = None, seed: int = 7) -> Demo:
    """Write the household as it was on the morning before `day` and brief it, let a day pass, and brief it again."""
    _, yesterday = _morning(folder, day, seed, "yesterday", None)
    household, today = _morning(folder, day, seed, "today", model)
    return Demo(household, yesterday, today)


def _morning(folder: Path, day: date, seed: int, stage: Stage, model: ModelHost | None) -> tuple[Household, Published]:
    household = write_household(folder, day, seed, stage)
    with house_of(household, model) as house:
        return household, house.brief(household.now.date(), household.now)


def prepare(house: House, household: Household) -> Sequence[Kept]:
    """Run the workflows that propose over the household as it was mirrored; returns what is held for its owner."""
    for name in WORKFLOWS:
        house.do(name, household.now, sync=False)
    return house.truth.outbox.find(limit=200)[::-1]


def example_of(held: Sequence[Kept]) -> Kept | None:
    """The draft that the demo approves: the first one, of those that nothing is to be warned of if there is one."""
    drafts = [kept for kept in held if isinstance(kept.action.payload, MailDraft)]
    calm = [kept for kept in drafts if not any(finding.warning for finding in kept.action.findings)]
    return next(iter([*calm, *drafts]), None)


def file_of(household: Household, letter: Letter) -> Path | None:
    """The file in the sample's Drafts folder that holds a letter."""
    wanted = f"<{letter.message_id}>".encode()
    folder = household.mail.path
    files = sorted(folder.glob(".Drafts/*/*")) if folder else []
    return next((file for file in files if wanted in file.read_bytes()), None)
