"""The calendar tool: opens CalDAV calendars and folders of .ics files, and parses what they hand over.

A reference names an event by the place it lies in (`event:<place>/<UID>`), which is the name of its collection: the
account's own name where its url or path is one calendar, else `<account>.<calendar>`. The second part is the calendar's
last path segment in lower case, or its display name where that segment is a machine's (an UUID, a long number). So a
reference lasts as long as the calendar stays where it is, whatever others come and go beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from butler.core.accounts import Account, CalendarAccount
from butler.core.calendar import CalendarObject, RawObject
from butler.core.errors import SettingsError
from butler.core.sources import Frame, Parsed, Raw, Source, SourceKind

if TYPE_CHECKING:
    from butler.core.dialing import Dial
    from butler.core.effects import Effect, Hands, Seen
    from butler.core.payloads import Payload


class CalendarTool:
    """Makes calendar sources: a vdir where the account names a path, CalDAV otherwise."""

    @property
    def kind(self) -> SourceKind:
        """Its sources hold calendar objects."""
        return "calendar"

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[Raw]:
        """Make the source of a calendar account; raises SettingsError where it names neither a path nor a URL."""
        if not isinstance(account, CalendarAccount) or not (account.path or account.url):
            raise SettingsError([f"The calendar {account.name!r} needs a path or a url."])
        if account.path is not None:
            from tools.calendar.vdir import VdirSource

            return VdirSource(account)
        from tools.calendar.caldav import CalDavSource

        return CalDavSource(account, dial=dial)

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:
        """Parse calendar objects, one for one and in order."""
        from tools.calendar.ical import parse

        parsed: list[CalendarObject] = [parse(cast("RawObject", raw), frame) for raw in raws]
        return parsed

    def hands(self, account: Account, *, dial: Dial | None = None) -> Hands:
        """Make what changes the objects of an account; raises SettingsError where it names neither a path nor a URL."""
        if not isinstance(account, CalendarAccount) or not (account.path or account.url):
            raise SettingsError([f"The calendar {account.name!r} needs a path or a url."])
        from tools.calendar.hands import CalendarHands

        if account.path is not None:
            from tools.calendar.vdirshelf import VdirShelf

            return CalendarHands(account, VdirShelf(account))
        from tools.calendar.davshelf import DavShelf

        return CalendarHands(account, DavShelf(account, dial=dial))

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:
        """Apply what the owner asked for to the object as it is now; None where it cannot be."""
        from tools.calendar.renewing import renewed

        return renewed(payload, effect, seen)


TOOL = CalendarTool()
