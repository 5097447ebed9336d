"""What was pinned of each model, what is seen in its place, and the copies of it that the butler made on its server."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import get_args

from butler.core.accounts import ModelHost
from butler.core.models import ROLES, ModelIdentity, ModelPin
from butler.core.pins import By, Change, Copy, KeptPin, changes, harmless
from butler.store.database import Database, Row
from butler.store.journal import Journal, when_text
from butler.store.notices import Board
from butler.store.sql import statements

_KIND = "model"
"""The kind of notice that a change is."""


class Pins:
    """Keeps pins and copies; each change is one transaction with its line of the journal and its notice."""

    def __init__(self, database: Database, journal: Journal, board: Board) -> None:
        self._database = database
        self._journal = journal
        self._board = board
        self._sql = statements("pins")

    def all(self) -> list[KeptPin]:
        """Every pin, by the name of its model."""
        return [_kept(row) for row in self._database.rows(self._sql["pins"])]

    def get(self, url: str, name: str) -> KeptPin | None:
        """The pin of a model on a server."""
        row = self._database.row(self._sql["pin"], (url, name))
        return None if row is None else _kept(row)

    def of(self, host: ModelHost) -> tuple[ModelPin, ...]:
        """What is pinned on the servers of the settings."""
        urls = {server.url for server in host.servers()}
        return tuple(kept.pin for kept in self.all() if kept.pin.url in urls)

    def about(self, host: ModelHost) -> tuple[ModelPin, ...]:
        """The same, and what is pinned of its models anywhere else: the address of a server may have been another one."""
        urls, names = {server.url for server in host.servers()}, {host.named(role) for role in ROLES}
        return tuple(kept.pin for kept in self.all() if kept.pin.url in urls or kept.pin.name in names)

    def changed(self) -> list[KeptPin]:
        """The pins in whose place something else is seen."""
        return [kept for kept in self.all() if kept.change]

    def meet(self, url: str, name: str, seen: ModelIdentity, now: datetime) -> ModelPin:
        """Note what a server has under a name: pin it where nothing is pinned, and else note whether it is that.

        A change is told once, and is over by itself when what was pinned is seen again.
        """
        seen = harmless(seen)
        with self._database.joined():
            values = (url, name, seen.name, seen.digest, seen.template, seen.server, when_text(now))
            if self._database.run(self._sql["first"], values):
                self._write_down("model pinned", ModelPin(url, name, seen), now, by="first use")
            kept = self._known(url, name)
            found = changes(kept.pin.identity, seen)
            if found:
                self._note(kept, seen, found, now)
            elif kept.change:
                self._set_change(kept.pin, None)
                self._write_down("model as pinned again", kept.pin, now)
                self._board.note(_KIND, _subject(kept.pin), "", now, f"The model {name} is what was pinned again.")
            return kept.pin

    def accept(self, url: str, name: str, seen: ModelIdentity, now: datetime) -> KeptPin:
        """Pin what is there now, by its owner's word; what was pinned before is what can be gone back to."""
        seen = harmless(seen)
        with self._database.joined():
            kept = self.get(url, name)
            return self._repin(ModelPin(url, name, seen), "accepted", _before(kept, seen), now)

    def go_back(self, copy: Copy, seen: ModelIdentity, now: datetime) -> KeptPin:
        """Pin what a copy is, and have the copy asked in the place of the name; `seen` is what it is on its server now."""
        seen = replace(harmless(seen), name=copy.identity.name)
        with self._database.joined():
            kept = self.get(copy.url, copy.name)
            return self._repin(ModelPin(copy.url, copy.name, seen, copy.alias), "gone back", _before(kept, seen), now)

    def forget(self, url: str, name: str, now: datetime) -> bool:
        """Forget what is pinned: the next use pins what is there then; False where nothing was."""
        with self._database.joined():
            kept = self.get(url, name)
            if kept is None:
                return False
            self._database.run(self._sql["forget"], (url, name))
            self._write_down("model unpinned", kept.pin, now)
            self._board.settle(_KIND, _subject(kept.pin))
            return True

    def uncopied(self, host: ModelHost, urls: Collection[str], since: datetime) -> list[ModelPin]:
        """The pins on some of a host's servers of which there is no copy, and none was tried since a moment."""
        wanted = set(self._database.rows(self._sql["uncopied"], (when_text(since),)))
        return [pin for pin in self.of(host) if (pin.url, pin.name) in wanted and pin.url in urls]

    def copied(self, pin: ModelPin, alias: str, now: datetime) -> None:
        """Note the copy of what is pinned; an empty alias is one that could not be made."""
        identity = pin.identity
        with self._database.joined():
            values = (pin.url, pin.name, identity.digest, identity.name, identity.template, identity.server)
            self._database.run(self._sql["copy"], (*values, alias, when_text(now)))
            if alias:
                self._write_down("model copied", pin, now, copy=alias)

    def copies(self, url: str, name: str) -> list[Copy]:
        """The copies of a model on a server, the latest first."""
        return [_copy(row) for row in self._database.rows(self._sql["copies"], (url, name))]

    def removed(self, copy: Copy, now: datetime) -> None:
        """Note that a copy was removed from its server."""
        with self._database.joined():
            self._database.run(self._sql["drop_copy"], (copy.url, copy.name, copy.alias))
            pin = ModelPin(copy.url, copy.name, copy.identity)
            self._write_down("model copy removed", pin, now, copy=copy.alias)

    def _repin(self, pin: ModelPin, by: By, before: str, now: datetime) -> KeptPin:
        identity = pin.identity
        values = (pin.url, pin.name, identity.name, identity.digest, identity.template, identity.server)
        self._database.run(self._sql["repin"], (*values, pin.use, when_text(now), by, before))
        self._write_down("model pinned", pin, now, by=by, before=before, **({"copy": pin.use} if pin.use else {}))
        self._board.settle(_KIND, _subject(pin))
        return self._known(pin.url, pin.name)

    def _note(self, kept: KeptPin, seen: ModelIdentity, found: Collection[str], now: datetime) -> None:
        """Note a change, and tell of it unless it is the one that is known."""
        pin, known = kept.pin, kept.change
        if known and not changes(known.seen, seen):
            if seen.template and not known.seen.template:
                self._set_change(pin, Change(seen, known.since))
            return
        self._set_change(pin, Change(seen, now))
        self._write_down("model changed", pin, now, seen=seen.digest, seen_server=seen.server, told=" ".join(found))
        sentence = f"The model {pin.name} is not what was pinned, so nothing is asked of it. `butler model` says more."
        state = f"{seen.digest} {seen.server} {seen.template if seen.digest == pin.identity.digest else ''}"
        self._board.note(_KIND, _subject(pin), state, now, sentence, " ".join(found))

    def _set_change(self, pin: ModelPin, change: Change | None) -> None:
        seen = change.seen if change else ModelIdentity("", "")
        told = (when_text(change.since if change else None), seen.name, seen.digest, seen.template, seen.server)
        self._database.run(self._sql["change"], (pin.url, pin.name, *told))

    def _known(self, url: str, name: str) -> KeptPin:
        kept = self.get(url, name)
        if kept is None:
            raise AssertionError("it was pinned in this transaction")
        return kept

    def _write_down(self, what: str, pin: ModelPin, now: datetime, **more: str) -> None:
        about = {"url": pin.url, "digest": pin.identity.digest, "server": pin.identity.server}
        self._journal.append(now, what, f"model:{pin.name}", **about, **more)


def _before(kept: KeptPin | None, seen: ModelIdentity) -> str:
    """The digest that can be gone back to once another one is pinned: that of the pin, unless that is the same model."""
    if kept is None:
        return ""
    return kept.before if kept.pin.identity.digest == seen.digest else kept.pin.identity.digest


def _subject(pin: ModelPin) -> str:
    return f"{pin.name} at {pin.url}"


def _kept(row: Row) -> KeptPin:
    url, name, model, digest, template, server, used, since, how, copy, before, changed, *seen = row
    seen_name, seen_digest, seen_template, seen_server = seen
    identity = ModelIdentity(model, digest, template, server)
    instead = ModelIdentity(seen_name, seen_digest, seen_template, seen_server)
    change = Change(instead, datetime.fromisoformat(changed)) if changed else None
    by: By = next(each for each in get_args(By) if each == how)
    return KeptPin(ModelPin(url, name, identity, used), datetime.fromisoformat(since), by, copy, before, change)


def _copy(row: Row) -> Copy:
    url, name, model, digest, template, server, alias, made = row
    return Copy(url, name, ModelIdentity(model, digest, template, server), alias, datetime.fromisoformat(made))
