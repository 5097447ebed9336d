"""What the hands need of a mailbox, on a server or on the disk, and the failures that both know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from butler.core.errors import EffectError
from tools.mail.folders import Folder


@dataclass(frozen=True, slots=True)
class Lying:
    """A mail in a folder: its UID or file name, its Message-ID without brackets, its flags in lower case."""

    key: str
    message_id: str
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move came to: the answer, and where it is known the new key of each and the validity of the target."""

    answer: str
    keys: Mapping[str, str] = field(default_factory=dict)
    validity: str = ""


class Box(Protocol):
    """A mailbox with one folder open at a time; raises EffectError, SourceError or RefusedError."""

    @property
    def at_once(self) -> bool:
        """Whether a move happens wholly or not at all."""
        ...

    def folders(self) -> Sequence[Folder]:
        """All folders that can hold mails, with their roles."""
        ...

    def open(self, folder: Folder, *, write: bool = False) -> str:
        """Open a folder as it is now, to be changed if `write`; returns its UIDVALIDITY, empty where keys need none."""
        ...

    def find(self, message_id: str) -> Sequence[Lying]:
        """The mails of the open folder with a Message-ID."""
        ...

    def lying(self, keys: Sequence[str]) -> Mapping[str, Lying]:
        """Those mails of the open folder that are there under these keys."""
        ...

    def content(self, key: str) -> bytes | None:
        """All bytes of a mail of the open folder, None when it is not there."""
        ...

    def append(self, folder: Folder, content: bytes, flags: Sequence[str], name: str) -> str:
        """Put a mail into a folder, once for a `name` where there are names; returns the answer."""
        ...

    def remove(self, key: str) -> str:
        """Take one mail out of the open folder for good; returns the answer."""
        ...

    def move(self, keys: Sequence[str], target: Folder) -> Moved:
        """Move mails from the open folder to another."""
        ...

    def flag(self, keys: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> str:
        """Set and take flags of mails of the open folder; returns the answer."""
        ...

    def close(self) -> None:
        """End connections; never raises."""
        ...


def kept_back(sentence: str, advice: str = "") -> EffectError:
    """Make the failure that only the owner can end: the action goes back to them and is kept."""
    return EffectError(sentence, permanent=True, held=True, advice=advice)
