"""Reads calendars from a folder of .ics files, as vdirsyncer and khal keep them; see tools/vdir.py for how."""

from __future__ import annotations

from butler.core.accounts import CalendarAccount
from butler.core.calendar import RawObject
from butler.core.sources import SourceKind
from tools.vdir import FolderSource


class VdirSource(FolderSource[RawObject]):
    """The calendars below a folder, or the one that it is."""

    def __init__(self, account: CalendarAccount) -> None:
        super().__init__(account, ".ics", "calendar", RawObject)

    @property
    def kind(self) -> SourceKind:
        """It holds calendar objects."""
        return "calendar"
