"""The sample household as its page finds it one morning: read, briefed by rules, drafts and answers held; a copy a test."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from butler.cli.demo import CONFIG, config_of
from butler.core.policy import Policy
from butler.demo import BRIEFINGS, STATE, house_of, prepare
from butler.house import Deeds, House
from butler.sample.household import Household, household_in, write_household
from butler.web.books import Books
from butler.web.books import House as Whose

DAY = dt.date(2026, 11, 24)
"""A Tuesday; the page is looked at when its briefing was written, at seven in the morning in Berlin."""


@dataclass
class PageHousehold:
    """A household of a test's own, and the time that its page and its gate know, which a test may set."""

    household: Household
    now: dt.datetime

    @property
    def state(self) -> Path:
        """The state folder."""
        return self.household.folder / STATE

    @property
    def config(self) -> Path:
        """A butler.toml for commands; they know no other time than the real one."""
        return self.household.folder / CONFIG

    def new_books(self, policy: Policy | None = None) -> Books:
        """What a page reads and decides with: to be used and closed in one thread, such as that of a `Reading`."""
        owner = self.household.owner
        return Books(Whose(owner, self.state, policy or Policy(own=owner.addresses, zone=owner.zone)), lambda: self.now)

    @contextmanager
    def books(self, policy: Policy | None = None) -> Iterator[Books]:
        """The same for the test's own thread, closed at the end."""
        books = self.new_books(policy)
        try:
            yield books
        finally:
            books.close()

    def house(self) -> House:
        """The house behind it, to be entered: it carries out what was approved, and syncs."""
        household = self.household
        deeds = Deeds(household.owner, household.with_records, household.options, self.state, household.folder / BRIEFINGS)
        return House(deeds, lambda: self.now)


@pytest.fixture
def page_household(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> PageHousehold:
    """A copy of the household, which is made once for all tests of a run."""
    return copied(made_for_all(tmp_path_factory), tmp_path / "household")


def made_for_all(factory: pytest.TempPathFactory) -> Path:
    """The household that all tests of a run copy; their processes share it."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    return made_once(shared / "page-household")


def made_once(folder: Path) -> Path:
    """Make the household in a folder unless it lies there; of several that want it at once, one makes it."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / CONFIG).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
    return folder


def make(folder: Path) -> None:
    """Write, read and brief the household, and prepare what its owner is to decide."""
    household = write_household(folder, DAY)
    with house_of(household, at_its_time=True) as house:
        house.brief(DAY, household.now)
        prepare(house, household)
    (folder / CONFIG).write_text(config_of(household), encoding="utf-8")


def copied(made: Path, folder: Path) -> PageHousehold:
    """Copy a household that is not in use; its accounts are those of the copy."""
    shutil.copytree(made, folder)
    household = household_in(folder, DAY)
    return PageHousehold(household, household.now)
