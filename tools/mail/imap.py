"""Mail over IMAP: folders with state tokens, and what changed in them; looked at, never touched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from butler.core.accounts import MailAccount
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from butler.core.mail import RawMail
from butler.core.sources import Batch, Collection, Known, SourceKind
from tools.mail import grammar
from tools.mail.changes import Changes, Cursor, State, read_state
from tools.mail.folders import Folder, choose, no_such_folder
from tools.mail.grammar import number, word
from tools.mail.listing import list_command, listed, quoted
from tools.mail.session import RefusedError, Session
from tools.mail.trouble import LostError
from tools.mail.wire import LINE_LIMIT

_STIR = re.compile(rb"\* (?:\d+ (?:EXISTS|EXPUNGE|FETCH)|VANISHED)", re.IGNORECASE)


class ImapSource:
    """One IMAP account; keeps its connection between calls and dials again, once, when it is gone."""

    kind: SourceKind = "mail"

    def __init__(self, account: MailAccount, dial: Dial | None = None) -> None:
        self._account = account
        self._dial = dial
        self._session: Session | None = None
        self._selected = ""
        self._tokens: dict[str, str] = {}
        self._folders: dict[str, Folder] = {}
        self._missing: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The account's name."""
        return self._account.name

    def close(self) -> None:
        """Hang up."""
        session, self._session = self._session, None
        self._selected = ""
        if session is not None:
            session.close()

    def collections(self) -> Sequence[Collection]:
        """The chosen folders with their state, in one round trip on a kept connection."""
        with self._hanging_up_on_failure():
            if self._session is not None:
                try:
                    return self._collections(self._session)
                except LostError:
                    self.close()
            return self._collections(self._open())

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawMail]]:
        """Yield new mails, changed flags and gone mails; the folder is opened with EXAMINE."""
        if collection.name not in self._folders and collection.name not in self._missing:
            self.collections()
        if collection.name in self._missing:
            advice = f"Correct the folders of the mail account {self.name}."
            raise SourceError(self._missing[collection.name], permanent=True, advice=advice)
        folder = self._folders.get(collection.name)
        if folder is None:
            raise SourceError(f"The folder {collection.name} is not there any more.")
        with self._hanging_up_on_failure():
            session, state = self._examine(folder)
            look = Changes(session, folder.name, state, known, self._account.text_limit)
            yield from look.since(Cursor.read(cursor), stored=cursor is not None)

    @contextmanager
    def _hanging_up_on_failure(self) -> Iterator[None]:
        """Keep no connection that still has answers under way, whoever fails or stops listening."""
        whole = False
        try:
            yield
            whole = True
        except RefusedError as error:
            raise SourceError(f"{self._account.host} refuses: {error}.") from error
        finally:
            if not whole:
                self.close()

    def _open(self) -> Session:
        if self._session is None:
            self._session = Session(self._account, self._dial)
        return self._session

    def _collections(self, session: Session) -> list[Collection]:
        asked = list(self._folders.values())
        statuses = [_status_command(session, folder) for folder in asked]
        answers, stirred = _gathered(session, session.send(*self._refresh(session), list_command(session), *statuses))
        folders = listed(answers)
        tokens = _tokens(answers, asked)
        chosen, missing = choose(self._account.folders, folders)
        # Servers put NOOP off until they have nothing else to do: what it brought to light came too late for STATUS.
        late = [folder for folder in chosen if folder.name not in tokens or (stirred and folder.name == self._selected)]
        answers, _ = _gathered(session, session.send(*(_status_command(session, folder) for folder in late)))
        tokens |= _tokens(answers, late)
        self._tokens = tokens
        self._folders = {folder.name: folder for folder in chosen}
        self._missing = {name: no_such_folder(name, [folder.name for folder in folders]) for name in missing}
        found = [Collection(folder.name, tokens.get(folder.name, ""), folder.role) for folder in chosen]
        return found + [Collection(name) for name in missing]

    def _refresh(self, session: Session) -> list[bytes]:
        """Open the largest folder, or bring it up to date: its state then costs nothing, however large it is.

        The state of a folder that is open is only true right after NOOP; that of a large one that is not takes a server 20 ms.
        """
        sizes = {name: int(token.rpartition(":")[2]) for name, token in self._tokens.items() if token and name in self._folders}
        largest = max(sizes, key=lambda name: sizes[name], default="")
        if not largest or largest == self._selected:
            return [b"NOOP"] if self._selected else []
        self._selected = largest
        return [_examine_command(self._folders[largest], session)]

    def _examine(self, folder: Folder) -> tuple[Session, State]:
        """The session with the folder opened anew: only then do its state and its answers agree on what is gone."""
        if self._session is not None:
            try:
                return self._session, self._opened(self._session, folder)
            except LostError:
                self.close()
        session = self._open()
        return session, self._opened(session, folder)

    def _opened(self, session: Session, folder: Folder) -> State:
        try:
            state = read_state(session.run(_examine_command(folder, session)))
        except RefusedError as error:
            raise SourceError(f"The folder {folder.name} cannot be opened: {error}.") from error
        self._selected = folder.name
        return state


def _examine_command(folder: Folder, session: Session) -> bytes:
    return b"EXAMINE %s%s" % (quoted(folder.wire), b" (CONDSTORE)" if session.offers("CONDSTORE") else b"")


def _status_command(session: Session, folder: Folder) -> bytes:
    sequence = b" HIGHESTMODSEQ" if session.offers("CONDSTORE") else b""
    return b"STATUS %s (UIDVALIDITY UIDNEXT MESSAGES%s)" % (quoted(folder.wire), sequence)


def _gathered(session: Session, tags: Sequence[bytes]) -> tuple[list[list[Any]], bool]:
    """The LIST and STATUS answers to some commands, in whatever order they come, and whether an open folder stirred.

    A command that is refused has no answers.
    """
    answers: list[list[Any]] = []
    stirred = False
    for tag in tags:
        for pieces in _granted(session, tag):
            if pieces[0][:7].upper() in {b"* LIST ", b"* STATU"}:
                answers.append(grammar.read(pieces))
            stirred = stirred or bool(_STIR.match(pieces[0]))
    return answers, stirred


def _granted(session: Session, tag: bytes) -> Iterator[list[bytes]]:
    with suppress(RefusedError):
        yield from session.answers(tag, most=LINE_LIMIT)


def _tokens(answers: Sequence[Sequence[Any]], folders: Sequence[Folder]) -> dict[str, str]:
    """The state of each folder; empty where it is not there any more or its flags may change unseen."""
    states: dict[bytes, str] = {}
    for answer in answers:
        if answer[1].upper() == b"STATUS" and len(answer) == 4 and isinstance(answer[2], bytes) and isinstance(answer[3], list):
            values = {name: number(value) for name, value in zip(answer[3][::2], answer[3][1::2], strict=False) if word(name)}
            state = [values.get(name, 0) for name in (b"UIDVALIDITY", b"UIDNEXT", b"HIGHESTMODSEQ", b"MESSAGES")]
            states[_folded(answer[2])] = ":".join(map(str, state)) if state[0] and state[2] else ""
    return {folder.name: states.get(_folded(folder.wire), "") for folder in folders}


def _folded(wire: bytes) -> bytes:
    return wire.upper() if wire.upper() == b"INBOX" else wire
