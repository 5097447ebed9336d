"""Every failure the butler can tell its owner about: one class each, owning its sentence and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 69
EXIT_LATER = 75
EXIT_CONFIGURATION = 78


def extra(name: str) -> str:
    """How an extra is installed: from the project's folder, for what an index calls by our name is another program."""
    return f"Install it: `{sys.prefix}/bin/pip install -c constraints.txt '.[{name}]'` in the folder of the project."


class ButlerError(Exception):
    """A failure with a sentence for a person and, where there is one, what to do about it."""

    exit_code = EXIT_FAILED

    def __init__(self, sentence: str, *, advice: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.sentence} {self.advice}".strip()


class UsageError(ButlerError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = EXIT_USAGE


class SettingsError(ButlerError):
    """One or more settings are wrong; all of them are named at once."""

    exit_code = EXIT_CONFIGURATION

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        head = "One setting needs attention:" if count == 1 else f"{count} settings need attention:"
        super().__init__("\n  - ".join((head, *self.problems)))


class SourceError(ButlerError):
    """A source could not be read; `permanent` says that trying again unchanged is useless."""

    exit_code = EXIT_UNAVAILABLE

    def __init__(self, sentence: str, *, permanent: bool = False, advice: str = "") -> None:
        super().__init__(sentence, advice=advice)
        self.permanent = permanent


class LoginError(SourceError):
    """A source does not take the user name or password; to try often may lock its owner out."""


class ModelError(ButlerError):
    """The model did not answer usably; `permanent` says that trying again unchanged is useless."""

    exit_code = EXIT_UNAVAILABLE

    def __init__(self, sentence: str, *, permanent: bool = False, advice: str = "") -> None:
        super().__init__(sentence, advice=advice)
        self.permanent = permanent


class StateError(ButlerError):
    """The butler's own state folder or database cannot be used as it is."""


class LoadError(StateError):
    """Code that a worker is to run cannot be loaded: whoever needs just that fails, and nobody else."""


class BusyError(ButlerError):
    """Another butler works on the same state folder."""

    exit_code = EXIT_LATER


class AccessError(ButlerError):
    """Somebody is not let in; `wait` is the number of seconds after which they may try again, where that helps."""

    def __init__(self, sentence: str, *, wait: int = 0, advice: str = "") -> None:
        super().__init__(sentence, advice=advice)
        self.wait = wait


class UnknownRefError(ButlerError):
    """A reference points at nothing that is known."""


class EffectError(ButlerError):
    """An effect did not come about, or it is not known whether it did.

    `permanent` says that trying again unchanged is useless, `uncertain` that it may have happened all the same, `held`
    that the world is not what the owner decided about, so that they have to decide anew. `wait` is the number of
    seconds that a server asks to wait.
    """

    exit_code = EXIT_UNAVAILABLE

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        uncertain: bool = False,
        held: bool = False,
        wait: float | None = None,
        advice: str = "",
    ) -> None:
        super().__init__(sentence, advice=advice)
        self.permanent = permanent
        self.uncertain = uncertain
        self.held = held
        self.wait = wait


class UnknownActionError(ButlerError):
    """No action has that id, or not the status that was asked for."""
