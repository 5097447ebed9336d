"""What a reader makes of a file, and the sentences that more than one of them says."""

from __future__ import annotations

from dataclasses import dataclass

from butler.core.documents import LONGEST_TEXT

NO_LOADER = "Nothing is installed that reads {kind} files. Install the extra `documents`."
UNREADABLE = "It could not be read as {kind}."
EMPTY = "There is no text in it; perhaps it is a picture of a page."
NO_TEXT = "There is no text in it."
NOTHING = "There is no text in it: the file is empty."
ENCRYPTED = "It is encrypted, so that nothing in it was read."
CUT = f"Only its first {LONGEST_TEXT:,} characters were read."
BROKEN_OFF = "It is damaged; only what stands before the damage was read."


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a file, and sentences on what was left out of it."""

    text: str
    problems: tuple[str, ...] = ()


class UnreadableError(Exception):
    """A file is not what it seems to be; its sentence says so."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def counted(number: int, one: str, many: str) -> str:
    """A number with its word."""
    return f"{number:,} {one if number == 1 else many}"


def clean(text: str) -> str:
    """Text that UTF-8 and a database can hold; where a word may be parted, it is not."""
    text = text.replace("\0", "").replace("\xad", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
