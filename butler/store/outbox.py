"""The outbox: one row an action from proposal to end, every payload it had, and what was decided about it.

Each change is one UPDATE that names what the row was, and one line of the journal in the same transaction: of two that
want to change it, one is told that it came too late. What may become of a status is in `_WAYS`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from butler.core.actions import (
    Action,
    Decision,
    Finding,
    Kept,
    Status,
    Taint,
    payload_hash,
    payload_text,
    read_payload,
)
from butler.core.effects import Receipt
from butler.core.errors import StateError, UnknownActionError
from butler.core.payloads import Payload, account_of
from butler.core.plain import canonical, from_plain, to_plain
from butler.store.database import Database, Row
from butler.store.journal import Journal, clean, when_text
from butler.store.sql import statements

MOST_ALTERNATIVES = 6
"""Open actions of one kind and cause that may be alternatives to each other."""
_ENDLESS = 2**62
_WAYS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        "held": frozenset({"held", "approved", "rejected", "superseded", "expired"}),
        "approved": frozenset({"executing", "held", "failed", "expired", "rejected"}),
        "executing": frozenset({"executing", "approved", "held", "done", "failed", "uncertain"}),
        "done": frozenset({"undone"}),
        "uncertain": frozenset({"rejected"}),
    }
)
_HELD: frozenset[Status] = frozenset({"held"})
_ABOUT = ("reason", "sources", "rule", "step", "digest", "workflow", "run", "replaces")


_log = logging.getLogger(__name__)


class UnreadableError(StateError):
    """One action cannot be read, which is no reason not to go on with the others."""


class Outbox:
    """Keeps actions; the gate and the executor change them through `change`, everybody else reads."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("outbox")

    def transaction(self) -> AbstractContextManager[None]:
        """Keep all changes made inside, or none; joins the one that is open."""
        return self._database.joined()

    def get(self, number: int) -> Kept:
        """Find an action; raises UnknownActionError, and UnreadableError where it is damaged."""
        row = self._database.row(self._sql["action"], (number,)) if 0 < number < _ENDLESS else None
        if row is None:
            raise UnknownActionError(f"There is no action {number}.", advice="`butler actions` lists those there are.")
        return _kept(row)

    def find(
        self,
        *,
        statuses: Collection[Status] = _HELD,
        kind: str = "",
        account: str = "",
        after: int | None = None,
        limit: int = 50,
        without: Collection[int] = (),
    ) -> list[Kept]:
        """List actions, newest first; `after` is the id of the last one already seen, `without` some that are left out."""
        name = "newest_of_kind" if kind else "newest_of_account" if account else "newest"
        more = [kind, account] if kind else [account] if account else []
        ids: list[int] = []
        for status in statuses:
            rows = self._database.rows(self._sql[name], (status, after or _ENDLESS, limit + len(without), *more))
            ids += [row[0] for row in rows if row[0] not in without]
        return self._all(sorted(ids, reverse=True)[:limit])

    def count(self, *, statuses: Collection[Status] = _HELD, kind: str = "", account: str = "") -> int:
        """Count actions."""
        return sum(self._database.value(self._sql["count"], (status, kind, account)) for status in statuses)

    def known(self, key: str) -> bool:
        """Whether an action with this idempotency key was ever proposed."""
        return self.of_key(key) is not None

    def of_key(self, key: str) -> Kept | None:
        """Find the action with an idempotency key."""
        number = self._database.value(self._sql["id_of_key"], (key,))
        return None if number is None else self.get(number)

    def of_source(self, ref: str, limit: int = -1) -> list[Kept]:
        """List the actions that something caused, such as a mail, newest first; all of them without a limit."""
        return self._all([row[0] for row in self._database.rows(self._sql["of_source"], (ref, limit))])

    def count_of_run(self, run: str) -> int:
        """Count the actions that a run proposed."""
        found: int = self._database.value(self._sql["count_of_run"], (run,))
        return found

    def of_run(self, run: str, limit: int = 50) -> list[Kept]:
        """List the actions that a run proposed, oldest first."""
        return self._all([row[0] for row in self._database.rows(self._sql["of_run"], (run, limit))])

    def decisions(self, number: int) -> list[Decision]:
        """List what was decided about an action, oldest first."""
        return [_decision(row) for row in self._database.rows(self._sql["decisions"], (number,))]

    def decided(self, since: datetime) -> list[tuple[Kept, Decision]]:
        """List what was decided since a moment, oldest first, each with its action as it is now."""
        rows = self._database.rows(self._sql["decided_since"], (when_text(since),))
        return [(kept, one) for one in map(_decision, rows) if (kept := self._readable(one.action))]

    def wishes(self) -> list[Decision]:
        """List what owners asked to have changed of actions that still wait for that, oldest first."""
        return [_decision(row) for row in self._database.rows(self._sql["wishes"])]

    def edits(self, kind: str, limit: int) -> list[tuple[Payload, Payload]]:
        """List what owners made of proposals of a kind, before and after, newest first."""
        rows = self._database.rows(self._sql["edits"], (kind, limit))
        return [(read_payload(before), read_payload(after)) for before, after in rows]

    def versions(self, number: int) -> list[Payload]:
        """List every payload that an action had, oldest first."""
        return [read_payload(row[0]) for row in self._database.rows(self._sql["versions"], (number,))]

    def standing_in_the_way(self, action: Action) -> Kept | None:
        """Find the open action of the same kind and cause that is no alternative to this one and not revised by it."""
        if not action.sources:
            return None
        rows = self._database.rows(self._sql["open_of_source"], (action.sources[0], action.kind))
        others = [(number, group) for number, group in rows if number != action.replaces]
        for place, (number, group) in enumerate(others, 1):
            if not (group and group == action.group) or place >= MOST_ALTERNATIVES:
                return self.get(number)
        return None

    def alternatives(self, kept: Kept) -> list[Kept]:
        """List the held alternatives to an action."""
        rows = self._database.rows(self._sql["held_alternatives"], (kept.action.group,))
        return self._all([row[0] for row in rows if row[0] != kept.id])

    def due(self, now: datetime) -> list[int]:
        """List the ids of the approved actions that may be carried out by now, those put off last."""
        return [row[0] for row in self._database.rows(self._sql["due"], (when_text(now),))]

    def executing(self) -> list[int]:
        """List the ids of the actions that are being carried out, or were when their process died."""
        return [row[0] for row in self._database.rows(self._sql["executing"])]

    def overdue(self, now: datetime) -> list[int]:
        """List the ids of the held actions whose time went by."""
        return [row[0] for row in self._database.rows(self._sql["overdue"], (when_text(now),))]

    def is_approved(self, kept: Kept) -> bool:
        """Whether the payload is the very one that was hashed, and its present version was approved with that hash."""
        values = (kept.id, kept.version, kept.hash)
        return payload_hash(kept.action.payload) == kept.hash and self._database.value(self._sql["approvals"], values) > 0

    def add(self, action: Action, now: datetime) -> Kept:
        """Keep a new action as held."""
        text, digest = payload_text(action.payload), payload_hash(action.payload)
        source = action.sources[0] if action.sources else ""
        about = {name: getattr(action, name) for name in _ABOUT} | {"taint": [to_plain(Taint)(each) for each in action.taint]}
        at = when_text(now)
        with self.transaction():
            number = self._database.value(
                self._sql["add_action"],
                (
                    *(action.key, action.kind, account_of(action.payload), source, action.group),
                    *(clean(canonical(about)), when_text(action.expires), at, digest, action.run),
                ),
            )
            self._add_version(number, 1, digest, text, action.findings, at)
            self.note(now, "proposed", number, kind=action.kind, hash=digest, sources=action.sources, run=action.run)
            return self.get(number)

    def change(self, old: Kept, new: Kept, now: datetime, what: str, **facts: Any) -> Kept:
        """Make `new` of `old`; raises UnknownActionError when it is `old` no longer, and then changes nothing."""
        if new.status not in _WAYS.get(old.status, frozenset()):
            raise AssertionError(f"{old.status} does not become {new.status}")
        receipts = canonical([receipt.model_dump(mode="json") for receipt in new.done])
        with self.transaction():
            changed = self._database.run(
                self._sql["change_action"],
                (
                    *(new.status, new.hash, new.version, new.attempts, new.begun, len(new.done)),
                    *(when_text(new.not_before), clean(new.note), clean(receipts), when_text(now)),
                    *(old.id, old.status, old.hash, old.version, old.attempts, old.begun, len(old.done)),
                ),
            )
            if changed != 1:
                raise UnknownActionError(f"Action {old.id} was changed just now.", advice=f"See `butler show {old.id}`.")
            self.note(now, what, old.id, **{"from": old.status, "to": new.status, "hash": new.hash}, **facts)
            return replace(new, changed=now)

    def renew(self, old: Kept, new: Kept, payload: Payload, now: datetime, what: str, **facts: Any) -> Kept:
        """Change an action as `change` does, with a new version of its payload: no approval holds for that one."""
        digest, version = payload_hash(payload), old.version + 1
        same = digest == old.hash
        action = replace(old.action, payload=payload, findings=old.action.findings if same else ())
        with self.transaction():
            self._add_version(old.id, version, digest, payload_text(payload), action.findings, when_text(now))
            changed = replace(new, action=action, hash=digest, version=version)
            return self.change(old, changed, now, what, before=old.hash, **facts)

    def expire(self, number: int, now: datetime) -> None:
        """End a held action whose time went by; leaves any other as it is."""
        with self.transaction():
            kept = self.get(number)
            if kept.status == "held" and kept.action.expires and kept.action.expires <= now:
                self.change(kept, replace(kept, status="expired", note="Its time went by undecided."), now, "expired")

    def decide(self, kept: Kept, decision: Decision) -> None:
        """Keep a decision about the present version of an action."""
        values = (decision.hash, decision.by, decision.via, when_text(decision.at), clean(decision.text))
        with self.transaction():
            self._database.run(
                self._sql["add_decision"],
                (kept.id, kept.version, decision.verb, *values, decision.before, decision.after),
            )
            told = {"verb": decision.verb, "hash": decision.hash, "by": decision.by, "via": decision.via}
            self.note(decision.at, "decided", kept.id, **told, text=decision.text)

    def note(self, now: datetime, what: str, number: int, **facts: Any) -> None:
        """Write a line about an action into the journal."""
        with self.transaction():
            self._journal.append(now, what, f"action:{number}", **facts)

    def refuse(self, action: Action, now: datetime, reason: str) -> None:
        """Write into the journal that an action was not even kept, and why."""
        subject = action.sources[0] if action.sources else action.key
        with self.transaction():
            self._journal.append(now, "refused", subject, kind=action.kind, key=action.key, reason=reason, run=action.run)

    @property
    def stopped(self) -> str:
        """The sentence with which all effects were stopped; empty where they are not."""
        found: str = self._database.value(self._sql["stopped"])
        return found

    def stop(self, sentence: str, by: str, now: datetime, via: str = "cli") -> None:
        """Stop all effects at once, in every process; an empty sentence lets them go on. The journal tells who and whence."""
        with self.transaction():
            self._database.run(self._sql["stop"], (clean(sentence),))
            self._journal.append(now, "stopped" if sentence else "let go on", "executor", by=by, via=via, sentence=sentence)

    def _add_version(self, number: int, version: int, digest: str, text: str, findings: Sequence[Finding], at: str) -> None:
        found = clean(canonical([to_plain(Finding)(each) for each in findings]))
        self._database.run(self._sql["add_version"], (number, version, digest, text, found, at))

    def _all(self, numbers: Sequence[int]) -> list[Kept]:
        return [kept for number in numbers if (kept := self._readable(number))]

    def _readable(self, number: int) -> Kept | None:
        try:
            return self.get(number)
        except UnreadableError as error:
            _log.warning("%s", error)
            return None


def _kept(row: Row) -> Kept:
    number, key, group, about, expires, created, changed, status, digest, version, attempts, not_before, note, begun = row[:14]
    receipts, payload, findings = row[14:]
    try:
        facts = json.loads(about)
        taint = tuple(from_plain(Taint)(each) for each in facts.pop("taint"))
        found = tuple(from_plain(Finding)(each) for each in json.loads(findings))
        sources = tuple(facts.pop("sources"))
        more = {"sources": sources, "taint": taint, "findings": found, "group": group, "expires": _moment(expires)}
        action = Action(payload=read_payload(payload), key=key, **more, **facts)
        done = tuple(Receipt.model_validate(each) for each in json.loads(receipts))
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        raise UnreadableError(
            f"Action {number} cannot be read: another version of the butler wrote it, or its row is damaged.",
            advice="Run the butler that wrote it, or restore the state folder from a backup.",
        ) from error
    when = (datetime.fromisoformat(created), datetime.fromisoformat(changed))
    return Kept(number, action, status, digest, version, *when, attempts, _moment(not_before), note, done, begun)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _decision(row: Row) -> Decision:
    number, verb, digest, who, via, at, text, before, after = row
    return Decision(number, verb, digest, who, via, datetime.fromisoformat(at), text, before, after)
