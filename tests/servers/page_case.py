"""What tests of the pages about runs, jobs, the journal and health share: a household, its daemon, and how a page reads."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import pytest
from page_client import DaemonHere, PageClient, page_client
from page_household import PageHousehold, page_household

from butler.core.jobs import Job
from butler.core.policy import Policy
from butler.core.steps import ModelCall
from butler.store.truth import Truth
from butler.web.books import House

__all__ = ["page_household"]

HOSTILE = '<script>alert(1)</script>\u202eevil\x1b[31m "quoted" & more'
PROMPT = f"Judge this mail.\n<mail>\n{HOSTILE}\n</mail>"


@dataclass
class PageCase:
    """The page over a household, its database, and what was asked of its daemon."""

    household: PageHousehold
    truth: Truth
    daemon: DaemonHere = field(default_factory=DaemonHere)

    @property
    def now(self) -> dt.datetime:
        """The time that the page knows."""
        return self.household.now

    @contextmanager
    def client(self, jobs: tuple[Job, ...] = (), *, embeds: bool = False) -> Iterator[PageClient]:
        """Somebody who is logged in; `embeds`: there is an embedding model."""
        owner = self.household.household.owner
        house = House(owner, self.household.state, Policy(own=owner.addresses, zone=owner.zone), jobs, embeds=embeds)
        with page_client(self.household.state, clock=lambda: self.now, house=house, daemon=self.daemon) as client:
            yield client

    def call(self, run: str, at: dt.datetime, key: str, **fields: object) -> None:
        """Note a question to the model."""
        made = ModelCall(
            *(run, at, "draft.letter", "3", "mail:home/x@y", key, "small:7b", "sha256:" + "d" * 64, "0.12", False, "ok", 1),
            *(812, 40, 2.5, PROMPT, '{"label": "reply", "why": "\u00fc"}'),
        )
        self.truth.book.record(replace(made, **fields))  # type: ignore[arg-type]


@pytest.fixture
def page_case(page_household: PageHousehold) -> Iterator[PageCase]:
    """A household of its own."""
    truth = Truth.open(page_household.state / "butler.db")
    yield PageCase(page_household, truth)
    truth.close()


def words(html: str) -> str:
    """What is read of a page, or of a part of one."""
    text = re.sub(r"</?(?:a|b|bdi|span|strong|time)\b[^>]*>", "", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip()
