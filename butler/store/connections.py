"""The ledger of connections: what is under way, and a line of the journal for each that has ended or was refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from butler.core.connections import CONNECTED, KILLED, REFUSED, UNCONNECTED, Begun, Connection, Told
from butler.core.plain import canonical
from butler.store.database import Database, Row, open_database
from butler.store.journal import Journal, when_text
from butler.store.sql import statements

PRAGMAS = ("synchronous = FULL", "foreign_keys = ON", "trusted_schema = OFF", "secure_delete = ON")
"""How `butler.db` is opened: everything is on disk before it counts, and what is deleted is written over."""
_PAGE = 1000


class Connections:
    """Writes connections down, each in a transaction of its own, and reads them; raises StateError when that fails."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("connections")

    @classmethod
    def open(cls, path: Path) -> Connections:
        """Open `butler.db` for the ledger alone, which takes less than to open all of it."""
        database = open_database(path, "butler", PRAGMAS)
        return cls(database, Journal(database))

    def close(self) -> None:
        """Close the database that `open` has opened."""
        self._database.close()

    def begin(self, connection: Connection, process: str) -> int:
        """Write down a connection that is about to be made."""
        about = connection
        values = (process, when_text(about.began), about.purpose, about.host, about.port, canonical(list(about.addresses)))
        with self._database.transaction():
            return int(self._database.value(self._sql["begin"], values))

    def end(self, number: int, connection: Connection, at: datetime) -> None:
        """Write down what came of it; a second end is not heard."""
        with self._database.transaction():
            self._end(number, connection, at)

    def refuse(self, purpose: str, host: str, port: int, at: datetime) -> None:
        """Write down that something asked for a connection that it must not have."""
        with self._database.transaction():
            self._journal.append(at, REFUSED, subject_of(purpose), purpose=purpose, host=host, port=port)

    def settle(self, is_alive: Callable[[str], bool], at: datetime) -> None:
        """End what processes had under way that were killed."""
        if all(is_alive(each.process) for each in self.open_ones()):
            return
        with self._database.transaction():
            for each in self.open_ones():
                if not is_alive(each.process):
                    addresses = each.connection.addresses
                    self._end(each.number, _killed(each.connection, addresses[0] if addresses else ""), at)

    def open_ones(self) -> list[Begun]:
        """All connections under way, oldest first."""
        return [_begun(row) for row in self._database.rows(self._sql["open"])]

    def since(self, since: datetime) -> Iterator[Told]:
        """All lines about connections since a time: those that came about, those that did not, those that were refused."""
        for what in (CONNECTED, UNCONNECTED, REFUSED):
            after = 0
            while rows := self._database.rows(self._sql["lines"], (after, when_text(since), what, _PAGE)):
                yield from map(_told, rows)
                after = rows[-1][0]

    def _end(self, number: int, connection: Connection, at: datetime) -> None:
        if self._database.run(self._sql["end"], (number,)) == 1:
            what = CONNECTED if connection.address else UNCONNECTED
            self._journal.append(at, what, subject_of(connection.purpose), **_facts(connection))


def subject_of(purpose: str) -> str:
    """What a line about a connection for this purpose is about: a source, or else a part of the butler."""
    is_source = purpose.startswith(("mail.", "calendar.")) and "," not in purpose
    return f"source:{purpose}" if is_source else f"connection:{purpose}"


def _killed(connection: Connection, address: str) -> Connection:
    return Connection(
        *(connection.purpose, connection.host, connection.port, connection.began, connection.addresses, address),
        trouble=KILLED,
    )


def _facts(connection: Connection) -> dict[str, Any]:
    """The facts of a line; those that say nothing are left out, for there are many lines."""
    told = {
        "purpose": connection.purpose,
        "host": connection.host,
        "port": connection.port,
        "address": connection.address,
        "tried": [each for each in connection.addresses if each != connection.address],
        "local": connection.local,
        "began": when_text(connection.began),
        "seconds": connection.seconds,
        "tls": connection.tls,
        "certificate": connection.certificate,
        "trouble": connection.trouble,
    }
    kept = {name: value for name, value in told.items() if value}
    return kept | ({"sent": connection.sent, "received": connection.received} if connection.address else {})


def _begun(row: Row) -> Begun:
    number, process, began, purpose, host, port, addresses = row
    connection = Connection(purpose, host, port, datetime.fromisoformat(began), tuple(json.loads(addresses)))
    return Begun(number, process, connection)


def _told(row: Row) -> Told:
    """Read a line; of one that somebody changed so that it says nothing, what can be read."""
    seq, at, what, facts = row
    told = json.loads(facts)
    written = datetime.fromisoformat(at)
    address = told.get("address", "")
    connection = Connection(
        purpose=told.get("purpose", ""),
        host=told.get("host", ""),
        port=told.get("port", 0),
        began=datetime.fromisoformat(told["began"]) if "began" in told else written,
        addresses=(*((address,) if address else ()), *told.get("tried", ())),
        address=address,
        local=told.get("local", 0),
        seconds=told.get("seconds", 0.0),
        sent=told.get("sent", 0),
        received=told.get("received", 0),
        tls=told.get("tls", ""),
        certificate=told.get("certificate", ""),
        trouble=told.get("trouble", ""),
    )
    return Told(seq, written, what, connection)
