"""Who is logged in on the page: sessions, links that let in once, the passphrase. Of a token only its SHA-256 is kept."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from butler.core.access import LINK_LASTS, LONGEST_SESSION, Entrance, Session, Tries, Way
from butler.core.errors import AccessError, StateError
from butler.store.database import Database, Row
from butler.store.journal import Journal, clean, when_text
from butler.store.sql import statements

_SEEN_EVERY = timedelta(minutes=1)
_LINKS_KEPT = timedelta(days=1)
_BYTES = 32


class Access:
    """Lets in and keeps out; each change is one transaction with its line of the journal."""

    def __init__(self, database: Database, journal: Journal) -> None:
        self._database = database
        self._journal = journal
        self._sql = statements("access")

    def new_link(self, now: datetime) -> str:
        """Make the token of a link that lets somebody in once, for a few minutes."""
        token = secrets.token_urlsafe(_BYTES)
        with self._database.transaction():
            self._database.run(self._sql["drop_old_links"], (when_text(now - _LINKS_KEPT),))
            self._database.run(self._sql["add_link"], (_hash(token), when_text(now), when_text(now + LINK_LASTS)))
        return token

    def look_at_link(self, token: str, now: datetime) -> str:
        """Say why a link would not let anybody in; nothing where it would. Changes nothing."""
        row = self._database.row(self._sql["link"], (_hash(token),))
        if row is None:
            return "This link is not one of those that let in."
        expires, used = row
        if used:
            return "This link was used already."
        return "" if when_text(now) < expires else "This link is too old."

    def enter_by_link(self, token: str, browser: str, now: datetime) -> str:
        """Use a link; returns the token of a new session, or raises AccessError."""
        with self._database.transaction():
            problem = self.look_at_link(token, now)
            if not problem and self._database.run(self._sql["use_link"], (_hash(token), when_text(now))) == 1:
                return self._enter("link", browser, now)
            if self._database.run(self._sql["drop_link"], (_hash(token),)):
                # Told once; a link that was never made is told nowhere, or anybody could fill the journal.
                self._journal.append(now, "log-in refused", "page", way="link", browser=browser, reason=problem)
        raise AccessError(problem, advice="Get another one with `butler web`.")

    def begin_try(self, now: datetime) -> str:
        """Count a try of the passphrase as wrong before it is looked at, and return the hash to compare it with.

        Raises AccessError when it is too soon for one, and when there is no passphrase.
        """
        with self._database.transaction():
            found, wrong, last = self._passphrase()
            if not found:
                raise AccessError("There is no passphrase.", advice="Get a link with `butler web`.")
            tries = Tries(wrong, datetime.fromisoformat(last) if last else None)
            if pause := tries.wait(now):
                wait = ceil(pause.total_seconds())
                sentence = f"There were too many wrong tries. Wait {_spoken(wait)}."
                raise AccessError(sentence, wait=wait, advice="A link of `butler web` lets you in at once.")
            self._note_tries(tries.another(now))
            return found

    def refuse_try(self, browser: str, now: datetime) -> None:
        """Write down that a passphrase was wrong."""
        with self._database.transaction():
            tries = self._passphrase()[1]
            self._journal.append(now, "log-in refused", "page", way="passphrase", browser=browser, tries=tries)

    def enter_by_passphrase(self, browser: str, now: datetime) -> str:
        """Let somebody in whose passphrase was the right one; returns the token of a new session."""
        with self._database.transaction():
            self._note_tries(Tries())
            return self._enter("passphrase", browser, now)

    @property
    def has_passphrase(self) -> bool:
        """Whether there is a passphrase."""
        return bool(self._passphrase()[0])

    def set_passphrase(self, hashed: str, by: str, now: datetime) -> int:
        """Keep the hash of a passphrase, or with an empty one none; returns how many sessions of an old one ended."""
        with self._database.transaction():
            self._database.run(self._sql["set_passphrase"], (hashed, when_text(now) if hashed else ""))
            self._journal.append(now, "passphrase set" if hashed else "passphrase removed", "page", by=by)
            old = [row[0] for row in self._database.rows(self._sql["sessions"]) if row[3] == "passphrase"]
            return sum(self.end(number, "The passphrase was changed.", now) for number in old)

    def session(self, token: str, entrance: Entrance, now: datetime) -> Session | None:
        """Find who has a token, and note that they were seen; None where there is nobody, or their time went by."""
        row = self._database.row(self._sql["session"], (_hash(token),))
        if row is None:
            return None
        found = _session(row)
        if found.is_over(now, entrance):
            self.end(found.id, "The session's time went by.", now)
            return None
        if not timedelta() <= now - found.seen < _SEEN_EVERY:
            # Where nothing can be written, as on a full disk, the page can be read all the same, and says so.
            with suppress(StateError):
                self._database.run(self._sql["touch_session"], (when_text(now), found.id))
        return found

    def sessions(self, entrance: Entrance, now: datetime) -> list[Session]:
        """List who is logged in, those seen last first."""
        found = [_session(row) for row in self._database.rows(self._sql["sessions"])]
        return [each for each in found if not each.is_over(now, entrance)]

    def end(self, number: int, reason: str, now: datetime) -> bool:
        """End a session; False when there is none with this number."""
        with self._database.joined():
            row = self._database.row(self._sql["session_of_id"], (number,))
            if row is None:
                return False
            self._database.run(self._sql["end_session"], (number,))
            self._journal.append(now, "logged out", f"session:{number}", reason=reason, browser=row[4])
            return True

    def end_all(self, reason: str, now: datetime, but: int = 0) -> int:
        """End all sessions, but one if that is wanted, and forget all links; returns how many sessions ended."""
        with self._database.joined():
            self._database.run(self._sql["drop_all_links"])
            numbers = [row[0] for row in self._database.rows(self._sql["sessions"]) if row[0] != but]
            return sum(self.end(number, reason, now) for number in numbers)

    def _enter(self, way: Way, browser: str, now: datetime) -> str:
        token = secrets.token_urlsafe(_BYTES)
        self._database.run(self._sql["drop_old_sessions"], (when_text(now - LONGEST_SESSION),))
        number = self._database.value(self._sql["open_session"], (_hash(token), when_text(now), way, clean(browser)))
        self._journal.append(now, "logged in", f"session:{number}", way=way, browser=browser)
        return token

    def _passphrase(self) -> tuple[str, int, str]:
        found, wrong, last = self._database.row(self._sql["passphrase"]) or ("", 0, "")
        return found, wrong, last

    def _note_tries(self, tries: Tries) -> None:
        self._database.run(self._sql["note_try"], (tries.wrong, when_text(tries.last)))


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _session(row: Row) -> Session:
    number, began, seen, way, browser = row
    return Session(number, datetime.fromisoformat(began), datetime.fromisoformat(seen), way, browser)


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
