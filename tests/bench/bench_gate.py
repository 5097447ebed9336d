"""What waiting actions cost, and how long it takes from an approval to a draft on the server."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from bench_bare import BareImap
from bench_ours import NOW
from bench_start import PROGRAM, environment, fastest
from bench_table import Row, judged
from bench_world import World
from dovecot_server import PASSWORD, USER, Dovecot
from memory_hands import action, draft

from butler.core.accounts import MailAccount
from butler.core.effects import AppendMail
from butler.core.policy import Policy
from butler.gate import Gate
from butler.store.truth import Truth
from tools.mail import TOOL
from tools.mail.compose import compose

_FEW, _MANY = 100, 100_000
_ROUNDS = 20


class GateRows:
    """The rows about the gate; the states with few and many held actions are made once."""

    def __init__(self, world: World, repeat: int) -> None:
        self._world = world
        self._repeat = max(repeat, 5)
        self._states: dict[int, Path] = {}

    def listing(self) -> Row:
        """The first page of `butler actions`."""
        took = [fastest([str(PROGRAM), "actions"], self._held(count), self._repeat) for count in (_MANY, _FEW)]
        return _against_few("held-list", "`butler actions`, first page", took)

    def approving(self) -> Row:
        """`butler approve ID --later`: the decision without its effect."""
        took = []
        for count in (_MANY, _FEW):
            state = self._held(count)
            took.append(min(_timed(state, "approve", str(number), "--later") for number in range(1, 2 * self._repeat + 1)))
        return _against_few("held-approve", "`butler approve ID --later`", took)

    def visible(self) -> Row:
        """From the claimed action to the draft seen on the server, against the bare exchange of the same round trips."""
        server = Dovecot(self._world.fresh("drafts") / "dovecot", tls=False)
        server.start()
        try:
            ours = min(_append(server, number) for number in range(_ROUNDS))
            bare = min(_bare_append(server, number) for number in range(_ROUNDS))
        finally:
            server.stop()
        row = Row("draft-visible", "approved to visible in Drafts", "ms", ours, bare, "bare IMAP", "≤ +50 ms")
        return judged(row, lambda mine, reference: mine <= reference + 50)

    def _held(self, count: int) -> Path:
        if count not in self._states:
            self._states[count] = _fill(self._world.fresh(f"held-{count}"), count)
        return self._states[count]


def _against_few(name: str, what: str, took: list[float]) -> Row:
    many, few = took
    row = Row(name, f"{what} with {_MANY:,} held", "ms", many, few, f"with {_FEW} held", "≤ 1.5×")
    return judged(row, lambda ours, reference: ours <= 1.5 * reference)


def _fill(state: Path, count: int) -> Path:
    truth = Truth.open(state / "butler.db")
    gate = Gate(truth.outbox, Policy(), lambda: NOW)
    with truth.outbox.transaction():
        for number in range(count):
            gate.propose(action(draft(f"{number}"), f"{number}"))
    truth.close()
    return state


def _timed(state: Path, *arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([PROGRAM, *arguments], env=environment(state), cwd=state, check=True, capture_output=True)
    return (time.perf_counter() - started) * 1e3


def _append(server: Dovecot, number: int) -> float:
    letter = draft(f"ours-{number}").letter.model_copy(update={"message_id": f"ours-{number}@berger.example"})
    effect = AppendMail(account="home", role="\\Drafts", letter=letter)
    hands = TOOL.hands(MailAccount("home", "127.0.0.1", server.port, USER, lambda: PASSWORD, tls="none"))
    return _clocked(lambda: hands.act(effect, hands.look(effect)), hands.close)


def _bare_append(server: Dovecot, number: int) -> float:
    letter = draft("bare").letter.model_copy(update={"message_id": f"bare-{number}@berger.example"})
    content = compose(letter, with_bcc=True)
    search = f"UID SEARCH HEADER Message-ID bare-{number}@berger.example"

    def exchange() -> None:
        bare = BareImap(server.port, USER, PASSWORD)
        for command in ('LIST "" "*" RETURN (SPECIAL-USE)', "SELECT Drafts", search):
            bare.ask(command)
        bare.ask(f"APPEND Drafts (\\Draft \\Seen) {{{len(content)}+}}\r\n{content.decode()}")
        bare.ask("NOOP")
        bare.ask(search)
        bare.close()

    return _clocked(exchange, lambda: None)


def _clocked(work: Callable[[], object], end: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    took = (time.perf_counter() - started) * 1e3
    end()
    return took
