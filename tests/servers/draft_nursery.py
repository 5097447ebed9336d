"""Runs of drafting in processes of their own that can be killed anywhere, over the real gate, outbox and runner."""

from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path

from briefing_nursery import Job, Nursery, WatchedMemory, WatchedModel, main
from briefing_twins import NOW, Twin, context
from draft_case import ASKS, IDENTITY, MEETS

from butler.core.accounts import MailAccount, ModelHost
from butler.core.actions import Action, Kept
from butler.core.context import Context
from butler.core.policy import Policy
from butler.desk import Desk, Drafting, Folders
from butler.gate import Gate
from butler.model import Gateway
from butler.runner import Runner
from butler.store.runs import Run
from butler.store.truth import Truth
from butler.thinking.graphs import Graphs
from workflows.draft_reply import WORKFLOW

POINTS = (
    *("before keep synced", "after keep synced", "before keep choice", "after keep choice"),
    *("after ask 1", "after ask 2", "after ask 3", "after ask 4"),
    *(f"{when} keep drafted:{mail.ref}" for when in ("before", "after") for mail in (ASKS, MEETS)),
    *("before propose 1", "after propose 1", "before propose 2", "after propose 2", "before keep result", "after keep result"),
)
"""Where a child can be told to die."""


class DraftNursery(Nursery):
    """The process that forks the children that draft."""

    script = __file__


def work(job: Job) -> None:
    """Draft what is to be answered, or die on the way as a power cut would have it."""

    def reach(point: str) -> None:
        if point == job.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    folder = Path(job.folder)
    truth = Truth.open(folder / "butler.db")
    account = MailAccount("home", path=folder, address=IDENTITY.address, sender_name=IDENTITY.name)
    desk = Desk(Gate(truth.outbox, Policy(), lambda: NOW), truth.outbox, [account], Drafting())

    def made(run: Run) -> Context:
        gateway = Gateway(ModelHost(url=job.url, name="good"), truth.book, run.id, lambda: NOW)
        memory, model = WatchedMemory(truth, run.id, reach), WatchedModel(gateway, reach)
        equipped = desk.equip(
            dataclasses.replace(context(Twin((ASKS, MEETS)), memory, model, run.id), now=run.now),
            "draft_reply",
            Folders(folder / "pages"),
        )
        proposed: list[Kept] = []

        def propose(action: Action) -> Kept:
            reach(f"before propose {len(proposed) + 1}")
            proposed.append(equipped.propose(action))
            reach(f"after propose {len(proposed)}")
            return proposed[-1]

        return dataclasses.replace(equipped, propose=propose)

    Runner(truth.runs, Graphs(folder / "checkpoints.db"), lambda: NOW).run(WORKFLOW, NOW.date().isoformat(), made)
    truth.close()


if __name__ == "__main__":
    # What the parent has imported, no child has to import again.
    import dateparser  # noqa: F401

    import workflows.draft_reply.graph  # noqa: F401

    main(work)
