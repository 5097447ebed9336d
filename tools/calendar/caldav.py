"""Reads calendars and task lists from a CalDAV server; see tools/dav/source.py for how."""

from __future__ import annotations

from butler.core.accounts import CalendarAccount
from butler.core.calendar import RawObject
from butler.core.dialing import Dial
from butler.core.sources import SourceKind
from tools.calendar.dav import CalendarConnection
from tools.dav.connection import Resource
from tools.dav.source import DavSource

SCHEDULES = "schedules"
"""The role of calendars whose server sends invitations and answers by itself."""

_COMPONENTS = {"VEVENT", "VTODO"}


class CalDavSource(DavSource[RawObject]):
    """The calendars of one CalDAV account; connects when first asked."""

    def __init__(self, account: CalendarAccount, dial: Dial | None = None) -> None:
        self.server = CalendarConnection(account, dial)
        super().__init__(account, self.server, RawObject)

    @property
    def kind(self) -> SourceKind:
        """It holds calendar objects."""
        return "calendar"

    @property
    def role(self) -> str:
        """Whether the server schedules by itself."""
        return SCHEDULES if self.server.schedules else ""

    def is_read(self, resource: Resource) -> bool:
        """Whether it is a calendar of events or tasks; those of other things are left out."""
        return resource.is_wanted and (not resource.components or bool(_COMPONENTS & set(resource.components)))
