"""The seam between two processes: each asks what the other offers, and answers meanwhile what it is asked back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from math import inf
from threading import RLock
from typing import Any

from butler.core.text import one_line
from butler.sandbox.faults import CROSS, pack_fault, unpack_fault
from butler.sandbox.hints import UnfitError, arguments, fitted
from butler.sandbox.values import pack, unpack
from butler.sandbox.wire import Patience, TooLargeError, Wire

FOREVER = inf
"""For what a worker asks of who ordered it: that is waited for as long as it takes."""

ENDED, OVERRAN = "It ended.", "It took too long."
"""Why there is nothing more to be had from the other end, where that has no words of its own."""

ASK, STREAM, GIVES, FAILS, NEXT, STOP, OVER, DIES = "ask", "stream", "gives", "fails", "next", "stop", "over", "dies"
_LONGEST_WORDS = 500
_LAST_SECONDS = 1.0
_FAULTS = (ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError)
"""What comes of values that are of the right type and make no sense all the same."""
_ODD = (UnfitError, RecursionError, ValueError)


class WorkerDiedError(Exception):
    """The other end ended, overran its time or answered with nonsense; there is nothing more to be had from it."""


class NonsenseError(WorkerDiedError):
    """The other end said what nobody says who keeps to the rules of the seam."""


class Side:
    """One end of a seam: asks what the other end offers, and answers meanwhile what that asks back.

    What is asked is strictly nested. Several threads may ask, one after the other; what is asked back is answered in the
    thread that waits. `broken` is told when there is nothing more to be had from the other end.
    """

    def __init__(
        self,
        connection: socket.socket,
        offers: Mapping[str, Callable[..., Any]],
        broken: Callable[[], None] | None = None,
    ) -> None:
        self._wire = Wire(connection)
        self._offers = offers
        self._broken = broken
        self._lock = RLock()
        self._why: str | None = None
        # What came with a message and has not been looked at.
        self._came: list[socket.socket] = []

    def ask(self, name: str, *values: Any, seconds: float, gives: Any = None) -> Any:
        """Ask the other end for something of the type `gives`, and wait for it so many seconds in all.

        Raises what the other end raised, if that is a ButlerError or OSError, and WorkerDiedError.
        """
        with self._lock:
            return self._given(self._exchange([ASK, name, values], Patience(seconds)), gives)

    def stream(self, name: str, *values: Any, seconds: float, gives: Any = None) -> Generator[Any, None, None]:
        """Ask the other end for one thing after the other, each within so many seconds; raises what `ask` raises.

        Between two of them, other things may be asked.
        """
        message: list[Any] = [STREAM, name, values]
        while True:
            with self._lock:
                answer = self._exchange(message, Patience(seconds))
                if answer == [OVER]:
                    return
                value = self._given(answer, gives)
            message = [NEXT]
            try:
                yield value
            except GeneratorExit:
                self._stop(seconds)
                raise

    def serve(self) -> None:
        """Answer until the other end closes the connection."""
        while True:
            try:
                with self._lock:
                    message = self._receive(Patience())
            except WorkerDiedError:
                return
            self._answer(message, Patience())

    def close(self) -> None:
        """End the connection; harmless when that was done."""
        if self._why is None:
            self._why = "It was closed."
            self._wire.close()

    def _stop(self, seconds: float) -> None:
        """Have the other end give no more; that it may be dead is of no interest here."""
        with self._lock, suppress(WorkerDiedError):
            if self._exchange([STOP], Patience(seconds))[0] not in (OVER, FAILS):
                self._end("It goes on although it was stopped.")

    def _exchange(self, message: Sequence[Any], patience: Patience) -> list[Any]:
        """Send a message and wait for its answer, answering meanwhile what is asked back."""
        self._send(message, patience)
        while True:
            answer = self._receive(patience)
            if answer[0] not in (ASK, STREAM):
                return answer
            self._answer(answer, patience)

    def _given(self, answer: list[Any], gives: Any) -> Any:
        """What an answer gives, or raise how it fails."""
        try:
            match answer:
                case [str(kind), value] if kind == GIVES:
                    return self._taken(fitted(value, gives))
                case [str(kind), *row] if kind == FAILS:
                    error: Exception = unpack_fault(row)
                case [str(kind), str(words)] if kind == DIES:
                    error = self._end(one_line(words, _LONGEST_WORDS))
                case _:
                    error = self._end("It answers with nonsense.", NonsenseError)
        except _ODD as odd:
            raise self._end(f"It answers with nonsense: {odd}", NonsenseError) from odd
        raise error

    def _answer(self, message: list[Any], patience: Patience) -> None:
        """Do what the other end asks, and tell it what came of that; what does not cross ends both."""
        try:
            kind, name, values = message
            offered = self._offers[name]
            given = self._taken(arguments(offered, values))
        except (*_ODD, KeyError, TypeError) as odd:
            raise self._end(f"It asks for nonsense: {odd}", NonsenseError) from odd
        try:
            if kind == STREAM:
                self._pour(offered(*given), patience)
            else:
                self._tell([GIVES, offered(*given)], patience)
        except CROSS as error:
            self._tell([FAILS, *pack_fault(error)], patience)
        except _FAULTS as error:
            # Whoever asked so that this came of it is not to end more than itself.
            self._die(error)
            raise WorkerDiedError(self._why) from error
        except BaseException as error:
            self._die(error)
            raise

    def _taken(self, value: Any) -> Any:
        """The value, which has what came with its message."""
        self._came = []
        return value

    def _pour(self, source: Iterator[Any], patience: Patience) -> None:
        """Give one thing after the other, each when it is asked for."""
        for value in source:
            with self._lock:
                wanted = self._exchange([GIVES, value], patience)
            if wanted != [NEXT]:
                getattr(source, "close", lambda: None)()
                break
        self._tell([OVER], patience)

    def _die(self, error: BaseException) -> None:
        """Tell the other end why there is no answer, and that there will be none any more."""
        words = f"{type(error).__name__}: {error}"[:_LONGEST_WORDS].encode("utf-8", "replace").decode()
        with self._lock, suppress(WorkerDiedError):
            self._send([DIES, words], Patience(_LAST_SECONDS))
        self._end(words)

    def _tell(self, message: Sequence[Any], patience: Patience) -> None:
        with self._lock:
            self._send(message, patience)

    def _send(self, message: Sequence[Any], patience: Patience) -> None:
        if self._why is not None:
            raise WorkerDiedError(self._why)
        parcel, sockets = pack(message)
        try:
            self._wire.send(parcel, patience)
        except OSError as error:
            raise self._end(_why(error)) from error
        finally:
            # A socket moves to the other end.
            for each in sockets:
                each.close()

    def _receive(self, patience: Patience) -> list[Any]:
        if self._why is not None:
            raise WorkerDiedError(self._why)
        try:
            parcel = self._wire.receive(patience)
            if parcel is None:
                raise self._end(ENDED)
            message = unpack(parcel, self._came)
        except OSError as error:
            raise self._end(_why(error)) from error
        except (*_ODD, TooLargeError) as error:
            raise self._end(str(error) or type(error).__name__, NonsenseError) from error
        if type(message) is not list or not message or type(message[0]) is not str:
            raise self._end("It sends nonsense.", NonsenseError)
        return message

    def _end(self, why: str, kind: type[WorkerDiedError] = WorkerDiedError) -> WorkerDiedError:
        """There is nothing more to be had from the other end."""
        for each in self._came:
            each.close()
        if self._why is None:
            self.close()
            self._why = why
            if self._broken:
                self._broken()
        return kind(why)


def _why(error: OSError) -> str:
    """What a connection that broke says of its other end."""
    if isinstance(error, TimeoutError):
        return OVERRAN
    return ENDED if isinstance(error, ConnectionError) else error.strerror or type(error).__name__


class SeamDial:
    """The dial of a worker: the other end of its seam makes the connections and looks up the names."""

    def __init__(self, side: Side) -> None:
        self._side = side

    def __call__(self, host: str, port: int, seconds: float) -> socket.socket:
        """Get a connection; raises OSError as `socket.create_connection` does."""
        connection: socket.socket = self._side.ask("dial", host, port, seconds, gives=socket.socket, seconds=FOREVER)
        connection.settimeout(seconds)
        return connection

    def secured(self, host: str, port: int, version: str, certificate: bytes) -> None:
        """Tell what the latest connection there was encrypted with."""
        self._side.ask("secured", host, port, version, certificate, seconds=FOREVER)
