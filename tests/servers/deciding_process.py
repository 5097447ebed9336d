"""A process that decides over a state folder as it is told, line by line, and answers each with what came of it.

    python deciding_process.py STATE

It carries out what is approved on a Maildir-like world of files: a draft is a file that must not be there yet.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from butler.core.effects import AppendMail, Effect, Receipt, Seen
from butler.core.errors import ButlerError, EffectError
from butler.core.policy import Policy
from butler.executor import Executor
from butler.gate import Gate
from butler.store.truth import Truth


class FileHands:
    """Puts each letter into a file of its own, and a line into `log` each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def look(self, effect: Effect) -> Seen:
        return Seen(state="done" if self._place(effect).exists() else "open")

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        with (self._folder / "log").open("a") as log:
            log.write(f"{self._place(effect).name}\n")
        self._place(effect).touch()
        return Receipt(sentence="It is there.")

    def close(self) -> None:
        pass

    def _place(self, effect: Effect) -> Path:
        if not isinstance(effect, AppendMail):
            raise EffectError("Only drafts are put here.", permanent=True)
        return self._folder / effect.letter.message_id


def main(state: Path) -> None:
    """Do as each line says: `approve ID HASH`, `reject ID HASH` or `run`."""
    truth = Truth.open(state / "butler.db")
    gate = Gate(truth.outbox, Policy(), lambda: datetime.now(UTC))
    hands = FileHands(state)
    executor = Executor(truth.outbox, lambda effect: hands, lambda *_: None, lambda: datetime.now(UTC), state)
    print("ready", flush=True)
    for line in sys.stdin:
        verb, *rest = line.split()
        try:
            if verb == "run":
                print("ran", len(executor.run_due()), flush=True)
            else:
                decide = gate.approve if verb == "approve" else gate.reject
                print(decide(int(rest[0]), rest[1], "anna", "test").status, flush=True)
        except ButlerError as error:
            print(f"refused: {error}", flush=True)


class Decider:
    """The process, as a test sees it."""

    def __init__(self, state: Path) -> None:
        command = [sys.executable, __file__, str(state)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.answer() == "ready"

    def tell(self, line: str) -> None:
        """Tell it what to do, and go on at once."""
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        """What came of it."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
