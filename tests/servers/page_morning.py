"""The sample household on real servers, read, briefed and drafted for by a scripted model, as its page finds it one morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from butler_process import environment
from dav_servers import running as running_dav
from dovecot_server import running_dovecot
from draft_model import drafting_model, is_draft, sensible
from ollama_script import Chat
from page_household import DAY
from page_served import MORNING, ServedPage, served_page
from real_household import RealHousehold
from scripted_ollama import ScriptedOllama

from butler.cli.opening import deeds
from butler.core.actions import Kept, Status
from butler.house import House
from butler.settings import Places, read

MODEL = "good:latest"
REVISED = "Nur kurz: ja, gern."
"""What the model writes when its draft is to be different."""
_WORKFLOWS = ("draft_reply", "invitation", "commitments")
_HELD: tuple[Status] = ("held",)


@dataclass(frozen=True)
class PageMorning:
    """The servers, the page, and what is held."""

    household: RealHousehold
    served: ServedPage

    def held(self, kind: str = "mail.draft") -> list[Kept]:
        """What is held of a kind, the newest first."""
        with self.served.books() as truth:
            return list(truth.outbox.find(kind=kind, statuses=_HELD, limit=100))

    def kept(self, number: int) -> Kept:
        """An action as it is now."""
        with self.served.books() as truth:
            return truth.outbox.get(number)

    def drafts(self) -> dict[str, EmailMessage]:
        """What lies in Dovecot's Drafts folder, by Message-ID."""
        with self.household.mailbox() as client:
            client.select_folder("Drafts", readonly=True)
            found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
        mails = [message_from_bytes(each[b"BODY[]"], policy=policy.default) for each in found.values()]
        return {str(mail["Message-ID"]).strip("<>"): mail for mail in mails}


def revising_model(chat: Chat) -> str | Mapping[str, Any]:
    """Draft sensibly, and write something else where the owner wants it changed."""
    if is_draft(chat) and "The owner wants OLD DRAFT changed" in chat.facts:
        return {**sensible(chat), "body": REVISED}
    return drafting_model(chat)


@contextmanager
def page_morning(folder: Path) -> Iterator[PageMorning]:
    """Serve the page of a household on real servers."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        running_dovecot() as dovecot,
        running_dav("radicale", folder / "dav") as radicale,
        ScriptedOllama(script=revising_model) as ollama,
    ):
        household = RealHousehold(folder / "household", dovecot, radicale, DAY)
        now = household.advance("today")
        _prepare(household, folder, ollama.url, now)
        with served_page(folder) as served:
            yield PageMorning(household, served)


def _prepare(household: RealHousehold, folder: Path, model: str, now: dt.datetime) -> None:
    """Sync, brief by rules, and let the model draft."""
    assert now == MORNING
    settings = household.toml(folder, MODEL, model)
    settings.write_text(f'state_dir = "state"\n{settings.read_text()}')
    loaded = read(Places(environ=environment(folder), config=settings))
    assert loaded.problems == ()
    with House(deeds(loaded.settings), lambda: now) as house:
        house.brief(now.date(), now, model=False)
        for name in _WORKFLOWS:
            house.do(name, now, sync=False)
