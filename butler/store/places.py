"""Finds the folders, calendars and notes folders that a person means by a name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from butler.core.errors import UsageError
from butler.core.folding import folded
from butler.core.text import one_line
from butler.store.database import Database, Row
from butler.store.sql import statements

_ROLES: Mapping[str, str] = {
    "sent": "\\sent",
    "archive": "\\archive",
    "drafts": "\\drafts",
    "draft": "\\drafts",
    "junk": "\\junk",
    "spam": "\\junk",
    "trash": "\\trash",
    "bin": "\\trash",
}
_KINDS: Mapping[str, str] = {
    "mail": "mail",
    "calendar": "calendar",
    "calendars": "calendar",
    "notes": "notes",
    "contacts": "contacts",
}
_DOCUMENTS = "documents"
_MOST_NAMED = 20


class Places:
    """The collections of a mirror by what they are called."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def named(self, names: Sequence[str]) -> str:
        """The numbers of the collections that some names mean, as a JSON list; empty where no name is given.

        Raises UsageError with the names there are where one means nothing.
        """
        if not names:
            return ""
        rows = self._database.rows(statements("search")["collections"])
        numbers: set[int] = set()
        for name in names:
            found = [row[0] for row in rows if _means(folded(name.strip().strip("/\\")), row)]
            if not found:
                raise _unknown(name, rows)
            numbers.update(found)
        return json.dumps(sorted(numbers))


def _means(name: str, row: Row) -> bool:
    """Whether a name is that of a collection, the last part of it, its account's, its role or its kind."""
    kind, account, collection, role = map(str, row[1:])
    called, of = folded(collection), folded(account)
    last = called.replace(".", "/").rpartition("/")[2]
    if name in {called, of, f"{of}/{called}", last} or _ROLES.get(name) == role.lower():
        return True
    if kind == "notes" and name in {_DOCUMENTS, "notes"}:
        return (role == _DOCUMENTS) == (name == _DOCUMENTS)
    return _KINDS.get(name) == kind


def _unknown(name: str, rows: Sequence[Row]) -> UsageError:
    known = sorted({row[3] for row in rows} | {row[2] for row in rows}, key=str.casefold)
    there = ", ".join(one_line(each, 60) for each in known[:_MOST_NAMED]) + (", …" if len(known) > _MOST_NAMED else "")
    return UsageError(
        f"There is no folder, calendar, notes folder or account called {one_line(name, 60)!r}.",
        advice=f"There are: {there}." if there else "The mirror is empty: `butler sync` fills it.",
    )
