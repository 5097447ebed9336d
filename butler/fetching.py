"""Brings the mirror of a house up to date: all accounts in turn, or again those in which the butler changed something."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from butler.core.accounts import Account, MailAccount, NotesFolder
from butler.core.errors import BusyError, ButlerError
from butler.core.owner import Owner
from butler.core.sources import Frame, SourceState, called_so, kind_of
from butler.plan import frame_for
from butler.staff import Staff
from butler.store.mirror import Mirror
from butler.store.state import StateLock
from butler.sync import Progress, sync
from butler.watch.patient import Patient, Refused

# A sync comes every few minutes: it waits for nothing that only actions need.
if TYPE_CHECKING:
    from butler.core.actions import Kept

_log = logging.getLogger("butler.fetching")


@dataclass(frozen=True, slots=True)
class Fetching:
    """Reads what changed in the accounts of one owner into their mirror; the state folder is `state`."""

    owner: Owner
    accounts: Sequence[Account]
    state: Path
    staff: Staff
    mirror: Callable[[], Mirror]

    def all(
        self, now: datetime, progress: Callable[[Progress], None] | None, *, allow_empty: bool, by_hand: bool
    ) -> list[SourceState]:
        """Read every account, and forget what is in the settings no more; the caller holds the lock of the state folder."""
        self.mirror().keep_only(frozenset((kind_of(account), account.name) for account in self.accounts))
        return self._read(self.accounts, now, progress, allow_empty=allow_empty, by_hand=by_hand)

    def again(self, ended: Sequence[Kept], now: datetime, memory: NotesFolder | None = None) -> None:
        """Read again the calendars, lists and folders in which actions changed something, so that the mirror knows of it.

        The note of the `memory` is among them, which may be new. Where another butler works on the state folder nothing is
        read, for the next sync finds it; what fails is logged.
        """
        touched = {place for kept in ended if kept.begun for place in _places(kept)}
        if not touched:
            return
        try:
            with StateLock(self.state):
                known = {(each.kind, each.name) for each in self.mirror().sources() if each.as_of}
                # A first reading may take long, and tells of much besides.
                wanted = [each for each in self.accounts if each != memory and (kind_of(each), each.name) in touched & known]
                if memory and (kind_of(memory), memory.name) in touched:
                    wanted.append(memory)
                if wanted:
                    self._read(wanted, now, None, allow_empty=False, by_hand=False)
        except BusyError:
            _log.debug("the state folder is worked on; what was done is read with the next sync")
        except ButlerError as error:
            _log.warning("what was done could not be read again: %s", error)

    def frame(self, now: datetime) -> Frame:
        """What parsing depends on besides the bytes."""
        zone = self.owner.zone
        limits = [account.text_limit for account in self.accounts if isinstance(account, MailAccount)]
        return frame_for(now.astimezone(zone).date(), zone.key, max(limits, default=1_000_000))

    def _read(
        self,
        accounts: Sequence[Account],
        now: datetime,
        progress: Callable[[Progress], None] | None,
        *,
        allow_empty: bool,
        by_hand: bool,
    ) -> list[SourceState]:
        refused = Refused(self.state)
        opened = self.staff.sources(accounts)
        sources = [Patient(source, refused, now, self.owner.zone, by_hand=by_hand) for source in opened]
        parser = self.staff.parser()
        try:
            states = sync(sources, self.mirror(), parser, lambda: now, self.frame(now), progress, allow_empty)
            return called_so(states, self.accounts)
        finally:
            parser.close()
            for source in sources:
                source.close()


def _places(kept: Kept) -> Iterator[tuple[str, str]]:
    """The accounts of an action that are cheap to read again: a mailbox is not, and a server of tools is none."""
    from pydantic import ValidationError

    from butler.core.effects import effects_of, tool_of

    try:
        effects = effects_of(kept.action.payload)
    except ValidationError:
        return
    for effect in effects:
        if tool_of(effect) in {"calendar", "notes"}:
            yield tool_of(effect), effect.account
