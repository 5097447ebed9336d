"""What a CalDAV server is asked beyond what every DAV server is: whether it schedules, and which object holds an UID."""

from __future__ import annotations

from xml.sax.saxutils import escape

from butler.core.accounts import CalendarAccount
from butler.core.dialing import Dial
from tools.dav.connection import Connection, Resource
from tools.dav.speech import HEAD, Speech

CALENDARS = Speech(
    protocol="CalDAV",
    noun="calendar",
    namespace="urn:ietf:params:xml:ns:caldav",
    prefix="calendar",
    kind="calendar",
    home="calendar-home-set",
    data="calendar-data",
    filters=True,
)
"""How CalDAV servers are spoken to (RFC 4791)."""

_OF_UID = (
    f"{HEAD}<c:calendar-query {CALENDARS.names}><d:prop><d:getetag/><c:calendar-data/></d:prop><c:filter>"
    '<c:comp-filter name="VCALENDAR"><c:comp-filter name="{kind}"><c:prop-filter name="UID">'
    '<c:text-match collation="i;octet">{uid}</c:text-match></c:prop-filter></c:comp-filter></c:comp-filter>'
    "</c:filter></c:calendar-query>"
)


class CalendarConnection(Connection):
    """A client of one CalDAV server."""

    def __init__(self, account: CalendarAccount, dial: Dial | None = None) -> None:
        super().__init__(account, CALENDARS, dial)

    @property
    def schedules(self) -> bool:
        """Whether the server said so far that it sends invitations and answers by itself (RFC 6638, section 2)."""
        return "calendar-auto-schedule" in self.features

    def about(self, path: str, uid: str) -> list[Resource]:
        """REPORT the objects of a calendar that hold an UID; raises Refused where the server cannot look for one."""
        asked = [_OF_UID.format(kind=kind, uid=escape(uid)) for kind in ("VEVENT", "VTODO")]
        found = [each for body in asked for each in self.found(path, body)]
        return [each for each in found if each.content is not None and not each.missing]
