"""Hears of new mail in an IMAP folder over a connection of its own: IDLE, begun anew every few minutes, or looking again.

The folder is opened with EXAMINE and nothing of it is fetched, so that no mail is ever marked. What IDLE tells is only a hint:
a look at the folder's state says whether something is new, and shows whether the connection still is one.
"""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from butler.core.accounts import MailAccount
from butler.core.arrivals import Heard, Stop
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from tools.mail import grammar
from tools.mail.changes import State, read_state
from tools.mail.folders import Folder, choose, no_such_folder
from tools.mail.listing import list_command, listed, quoted
from tools.mail.session import RefusedError, Session
from tools.mail.trouble import LostError

CYCLE = 540.0
"""Seconds for which IDLE may go on; servers and routers drop what is silent for longer."""
STEP = 30.0
"""Seconds after which the time is looked at again: a machine that slept must notice soon that its connections are dead."""
QUIET, LONGEST = 0.6, 5.0
"""Seconds without another mail after which a burst is over, and seconds after which it is told of anyway."""
PATIENCE = 15.0
"""Most seconds to wait for an answer: nobody waits for more than a few bytes here."""
_TOO_SHORT = 5.0
_MOST_HEARD = 10_000
_KEEP_ALIVE = ((socket.TCP_KEEPIDLE, 30), (socket.TCP_KEEPINTVL, 10), (socket.TCP_KEEPCNT, 3))
_EXISTS = re.compile(rb"\* \d+ EXISTS", re.IGNORECASE)


class ImapEar:
    """Hears of new mail in one folder; `poll` is how many seconds pass at most until it looks by itself."""

    def __init__(self, account: MailAccount, folder: str, poll: float, dial: Dial | None = None) -> None:
        self._dial = dial
        self._account = replace(account, timeout=min(account.timeout, PATIENCE))
        self._folder = folder
        self._poll = min(poll, CYCLE)
        self._known: State | None = None

    def listen(self, stop: Stop) -> Iterator[Heard]:
        """Yield after every look at the folder, over one connection."""
        with closing(_Post(self._account, self._folder, self._dial)) as post:
            while not stop.is_set():
                state = post.look()
                is_new, self._known = is_newer(state, self._known), state
                yield "arrived" if is_new else "there"
                post.wait(self._poll, stop)


def is_newer(state: State, known: State | None) -> bool:
    """Whether a folder holds mails that it did not hold before."""
    if known is None or state.validity != known.validity:
        return True
    if state.next and known.next:
        return state.next > known.next
    return state.exists > known.exists


class Burst:
    """Mails that come one upon the other, by a clock in seconds."""

    def __init__(self) -> None:
        self._first: float | None = None
        self._last = 0.0

    def add(self, now: float) -> None:
        """Take note of one more."""
        self._first = now if self._first is None else self._first
        self._last = now

    def ends(self) -> float | None:
        """When it is to be told of; None when there is nothing to tell."""
        return None if self._first is None else min(self._last + QUIET, self._first + LONGEST)


class _Post:
    """A connection on which one folder is open, read-only."""

    def __init__(self, account: MailAccount, wish: str, dial: Dial | None) -> None:
        self._host = account.host
        self._session = Session(account, dial)
        try:
            self._keep_alive()
            self._folder = self._find(wish)
        except BaseException:
            self.close()
            raise
        self._idles = self._session.offers("IDLE")

    def close(self) -> None:
        """Hang up."""
        self._session.close()

    def look(self) -> State:
        """The folder's state; the folder is opened anew, for only then do all servers tell it."""
        try:
            return read_state(self._session.run(b"EXAMINE " + quoted(self._folder.wire)))
        except RefusedError as error:
            raise SourceError(f"The folder {self._folder.name} of {self._host} cannot be opened: {error}.") from error

    def wait(self, seconds: float, stop: Stop) -> None:
        """Wait until a burst of mails came, no longer than some seconds, or until it is to stop."""
        began = _now()
        if self._idles:
            self._idles = self._idle(began + seconds, stop)
        if not self._idles:
            while not stop.is_set() and (rest := began + seconds - _now()) > 0:
                stop.wait(min(rest, STEP))

    def _idle(self, until: float, stop: Stop) -> bool:
        """Wait with IDLE; False when the server does not let us."""
        burst = Burst()
        began = _now()
        heard = 0
        (tag,) = self._session.send(b"IDLE")
        while not stop.is_set() and not self._session.is_over(tag):
            # Only whoever answered takes the end of it for what it is, so that has time however short the wait is.
            end = min(until, burst.ends() or until) if heard else max(until, began + self._session.account.timeout)
            rest = end - _now()
            if rest <= 0 and not self._session.has_unread:
                if not heard:
                    raise LostError.of(TimeoutError(), self._session.account)
                break
            if not self._is_heard(min(rest, STEP), stop):
                continue
            if _EXISTS.fullmatch(self._session.hear()[0]):
                burst.add(_now())
            heard += 1
            if heard > _MOST_HEARD:
                raise SourceError(f"{self._host} talks without end.")
        if stop.is_set():
            return True
        was_cut_short = self._session.is_over(tag) and burst.ends() is None and _now() - began < _TOO_SHORT
        return self._end(tag) and not was_cut_short

    def _end(self, tag: bytes) -> bool:
        try:
            if not self._session.is_over(tag):
                self._session.say(b"DONE\r\n")
            for _ in self._session.answers(tag):
                pass
        except RefusedError:
            return False
        return True

    def _is_heard(self, seconds: float, stop: Stop) -> bool:
        if self._session.has_unread:
            return True
        poll = select.poll()
        own = self._session.connection.fileno()
        poll.register(own, select.POLLIN)
        poll.register(stop.fileno(), select.POLLIN)
        return any(descriptor == own for descriptor, _ in poll.poll(seconds * 1000))

    def _keep_alive(self) -> None:
        """Have the system ask now and then whether the other side is still there."""
        self._session.connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEP_ALIVE:
            self._session.connection.setsockopt(socket.IPPROTO_TCP, option, value)

    def _find(self, wish: str) -> Folder:
        if wish.upper() == "INBOX":
            return Folder("INBOX", b"INBOX")
        answers = [pieces for pieces in self._session.run(list_command(self._session)) if pieces[0][:7].upper() == b"* LIST "]
        folders = listed([grammar.read(pieces) for pieces in answers])
        chosen, _ = choose([wish], folders)
        if not chosen:
            raise SourceError(no_such_folder(wish, [folder.name for folder in folders]), permanent=True)
        return chosen[0]


def _now() -> float:
    """Seconds that go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
