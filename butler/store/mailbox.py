"""Writes mails into the mirror: who is who, which thread, where they lie. Runs inside the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from butler.core.folding import with_beside
from butler.core.prepared import PreparedMail
from butler.store.database import Database
from butler.store.match import ATTACHED, kind_mark, time_marks
from butler.store.sql import statements
from butler.store.threads import assign

_SUBJECT_DAYS = 60
_DAY = 86_400
_MOST_LOOSE = 200
_MOST_ALIKE = 20


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the mirror by number; `sent` says that what lies there was written by the owner."""

    source: int
    number: int
    sent: bool


class Mailbox:
    """Adds, moves and forgets mails; `addresses` are the owner's, in lower case."""

    def __init__(self, database: Database, addresses: frozenset[str]) -> None:
        self._database = database
        self._sql = statements("mailbox")
        self._addresses = addresses

    def add(self, folder: Folder, mails: Sequence[PreparedMail]) -> None:
        """Add mails to a folder, or put others in the place of those with the same keys."""
        run, many = self._database.run, self._database.many
        keys = _array([mail.key for mail in mails])
        run(self._sql["orphan_replaced"], (folder.number, keys))
        ids, new = self._identified(folder.source, mails)
        many(self._sql["add_location"], [(folder.number, mail.key, ids[at], mail.flags) for at, mail in enumerate(mails)])
        self._keep(folder, new)
        written = list(ids)
        if folder.sent:
            run(self._sql["mark_sent"], (_array(written),))
        else:
            written = [number for number, (_, mail) in new.items() if mail.sender in self._addresses]
        if written:
            run(self._sql["add_recipients"], (_array(written),))
        self._thread_by_subject({mail.subject_key for _, mail in new.values()} - {0})

    def set_flags(self, folder: Folder, flags: Mapping[str, frozenset[str]]) -> None:
        """Note new flags of mails in a folder."""
        rows = [(" ".join(sorted(marks)), folder.number, key) for key, marks in flags.items()]
        self._database.many(self._sql["set_flags"], rows)

    def remove(self, folder: Folder, keys: Sequence[str]) -> None:
        """Note that mails left a folder."""
        gone = _array(keys)
        self._database.run(self._sql["orphan_replaced"], (folder.number, gone))
        self._database.run(self._sql["delete_locations"], (folder.number, gone))

    def forget(self, folder: Folder) -> None:
        """Note that everything left a folder."""
        self._database.run(self._sql["orphan_all"], (folder.number,))
        self._database.run(self._sql["delete_all_locations"], (folder.number,))

    def has_orphans(self) -> bool:
        """Whether any mail lost a location since the last sweep."""
        return bool(self._database.value(self._sql["any_orphan"]))

    def sweep(self) -> None:
        """Delete the mails that lie nowhere any more; not done at once, so that a mail that moves stays the same."""
        orphans = self._database.rows(self._sql["orphans"])
        for statement in ("delete_mail", "delete_text", "delete_recipients"):
            self._database.many(self._sql[statement], [(mail,) for mail, _ in orphans])
        self._database.many(self._sql["delete_links"], [(thread,) for thread in {thread for _, thread in orphans}])
        self._database.run(self._sql["delete_orphans"])

    def mark_owner(self) -> None:
        """Work out anew which mails the owner wrote, after the owner's addresses or a folder's role changed."""
        self._database.run(self._sql["mark_all_sent"], (_array(sorted(self._addresses)),))
        self._database.run(self._sql["delete_all_recipients"])
        self._database.run(self._sql["add_recipients"], (self._database.value(self._sql["sent_ids"]),))

    def _identified(self, source: int, mails: Sequence[PreparedMail]) -> tuple[list[int], dict[int, tuple[str, PreparedMail]]]:
        """Find the id of each mail; those new to the mirror come with the identity that they get."""
        known = self._known(source, [each for mail in mails for each in (mail.identity, _other_identity(mail))])
        numbers = count(self._database.value(self._sql["next_id"]))
        ids: list[int] = []
        new: dict[int, tuple[str, PreparedMail]] = {}
        for mail in mails:
            identity = mail.identity
            found = known.get(identity)
            if found and found[1] != mail.content_hash:
                identity = _other_identity(mail)
                found = known.get(identity)
            elif not found and (other := known.get(_other_identity(mail))) and other[1] == mail.content_hash:
                # It came when another mail had its identity, which has gone since.
                found = other
            if not found:
                found = known[identity] = (next(numbers), mail.content_hash)
                new[found[0]] = (identity, mail)
            ids.append(found[0])
        return ids, new

    def _known(self, source: int, identities: Sequence[str]) -> dict[str, tuple[int, str]]:
        rows = self._database.rows(self._sql["same_identity"], (source, _array(identities)))
        return {identity: (number, content_hash) for identity, number, content_hash in rows}

    def _keep(self, folder: Folder, new: Mapping[int, tuple[str, PreparedMail]]) -> None:
        if not new:
            return
        wanted = _array(list({number for _, mail in new.values() for number in mail.links}))
        known: dict[int, int] = dict(self._database.rows(self._sql["links"], (wanted,)))
        assigned = assign(((number, mail.links) for number, (_, mail) in new.items()), known)
        for thread, into in assigned.merges:
            self._merge(thread, into)
        self._database.many(self._sql["add_link"], assigned.links)
        owned, source, sent = self._addresses, folder.source, folder.sent
        self._database.many(
            self._sql["add_mail"],
            [
                (
                    *(number, source, identity, mail.content_hash, mail.moment, int(sent or mail.sender in owned)),
                    *(mail.sender, thread, mail.subject_key, int(mail.loose), mail.received, mail.size),
                    *(mail.envelope, mail.calendar),
                )
                for thread, (number, (identity, mail)) in zip(assigned.threads, new.items(), strict=True)
            ],
        )
        self._database.many(self._sql["add_text"], [_searchable(number, mail) for number, (_, mail) in new.items()])

    def _merge(self, thread: int, into: int) -> None:
        self._database.run(self._sql["merge_mails"], (into, thread))
        self._database.run(self._sql["merge_links"], (into, thread))

    def _thread_by_subject(self, subjects: set[int]) -> None:
        """Join replies that refer to nothing with the latest mail before of the same subject among the same people."""
        for number, subject, moment, envelope in self._database.rows(self._sql["loose"], (_array(list(subjects)), _MOST_LOOSE)):
            people = self._others(envelope)
            window = (subject, moment - _SUBJECT_DAYS * _DAY, moment, number, _MOST_ALIKE)
            alike = self._database.rows(self._sql["same_subject"], window)
            into = next((thread for other, thread in alike if people & self._others(other)), None)
            own = self._database.value(self._sql["thread_of"], (number,))
            if into is not None and into != own:
                self._merge(max(own, into), min(own, into))

    def _others(self, envelope: str) -> set[str]:
        kept = json.loads(envelope)
        people = [kept.get("from"), *kept.get("to", ()), *kept.get("cc", ())]
        return {person[1].lower() for person in people if person} - self._addresses


def _other_identity(mail: PreparedMail) -> str:
    """What a mail is known by where another one has its identity."""
    return f"{mail.identity}~{mail.content_hash[:8]}"


def _searchable(number: int, mail: PreparedMail) -> tuple[int | str, ...]:
    """The row of a mail in the search table."""
    marks = [kind_mark("mail"), *time_marks(mail.moment), *([ATTACHED] if mail.files else ())]
    return (number * 4, with_beside(mail.subject), *mail.people, mail.files, mail.text, mail.folded, " ".join(marks))


def _array(values: Sequence[str] | Sequence[int]) -> str:
    return json.dumps(values)
