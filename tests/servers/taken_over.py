"""A mail tool that was taken over: what it does when it is asked for anything is named by the user of its account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from butler.core.accounts import Account, MailAccount
from butler.core.arrivals import Changes, Heard, Stop
from butler.core.dialing import Dial
from butler.core.errors import SourceError
from butler.core.mail import Message, RawMail
from butler.core.sources import Batch, Collection, Frame, Known, Raw, SourceKind


class TakenOver:
    """Opens what does harm."""

    kind: SourceKind = "mail"

    def open(self, account: Account, *, dial: Dial | None = None) -> Evil:
        return Evil(account, dial)

    def ear(self, account: Account, place: str, poll: float, changes: Changes, *, dial: Dial | None = None) -> Evil:
        return Evil(account, dial, changes)

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Message]:
        return [Message(raw.key, frozenset(), 0, 0, f"{raw.key}@x", None, "Hello", None) for raw in raws]


class Evil:
    """A source and an ear in one."""

    def __init__(self, account: Account, dial: Dial | None, changes: Changes | None = None) -> None:
        assert isinstance(account, MailAccount)
        assert dial is not None
        self.name, self.kind = account.name, "mail"
        self._account = account
        self._dial = dial
        self._known: Known = dict

    def collections(self) -> Sequence[Collection]:
        deeds: Mapping[str, Callable[[], Any]] = {
            "tells": self._tells,
            "shouts": self._shouts,
            "asks for secrets": lambda: for_ever(self._account.password),
            "dials": lambda: for_ever(self._dial_there),
        }
        return deeds.get(self._account.user, lambda: [Collection("INBOX")])() or [Collection("INBOX")]

    def changes(self, collection: Collection, cursor: str | None, known: Known) -> Iterator[Batch[RawMail]]:
        if self._account.user == "asks what is known":
            for_ever(known)
        yield Batch(collection.name, "1", [RawMail("1", frozenset(), 1, 1, whole=b"")])

    def listen(self, stop: Stop) -> Iterator[Heard]:
        while True:
            yield "arrived"

    def close(self) -> None: ...

    def _shouts(self) -> None:
        raise SourceError("\x1b[2Jdone\nbutler: approved 1" + "!" * 3000, advice="\x1b[31mRun it\nnow")

    def _dial_there(self) -> None:
        with suppress(OSError), self._dial(self._account.host, self._account.port, 1.0):
            pass

    def _tells(self) -> Sequence[Collection]:
        """Tell all that can be had, as names of folders."""
        found = {"smtp": str(self._account.smtp), "password": self._account.password()}
        ask = self._account.password.args  # type: ignore[attr-defined]
        side = self._account.password.func.__self__  # type: ignore[attr-defined]
        found["secret"] = side.ask(ask[0], "smtp", gives=str, seconds=10.0)
        for port in (465, 993):
            try:
                self._dial("127.0.0.1", port, 1.0).close()
            except OSError as error:
                found[f"port {port}"] = type(error).__name__
        return [Collection(f"{name}: {value}") for name, value in found.items()]


def for_ever(ask: Callable[[], Any]) -> None:
    while True:
        ask()


TOOL = TakenOver()
