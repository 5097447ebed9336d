"""What DAV servers of one kind are asked, and what they are called in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="utf-8"?>'


def quoted(path: str) -> str:
    """A path as it stands in requests."""
    return quote(path, safe="/@:+!$&'()*,;=~-._")


@dataclass(frozen=True, slots=True)
class Speech:
    """How servers for one kind of thing are spoken to, and of: RFC 4791 for calendars, RFC 6352 for address books.

    `noun` is what sentences call a collection. `prefix` begins the names of its elements (`calendar-data` without it is
    `data`), `kind` is what marks a collection, all in `namespace`; `filters` says that it lists the components it holds.
    """

    protocol: str
    noun: str
    namespace: str
    prefix: str
    kind: str
    home: str
    data: str
    filters: bool = False

    @property
    def names(self) -> str:
        """The namespaces as they are declared in a request."""
        return f'xmlns:d="DAV:" xmlns:c="{self.namespace}" xmlns:s="http://calendarserver.org/ns/"'

    def describe(self, *, ctag: bool) -> str:
        """The request for what a resource is."""
        more = ("<s:getctag/>" if ctag else "") + ("<c:supported-calendar-component-set/>" if self.filters else "")
        return (
            f"{HEAD}<d:propfind {self.names}><d:prop><d:resourcetype/><d:displayname/><d:sync-token/>{more}"
            f"<c:{self.home}/><d:current-user-principal/></d:prop></d:propfind>"
        )

    def multiget(self, paths: Iterable[str]) -> str:
        """The request for the contents of some members."""
        hrefs = "".join(f"<d:href>{escape(quoted(path))}</d:href>" for path in paths)
        asked = f"<d:prop><d:getetag/><c:{self.data}/></d:prop>"
        return f"{HEAD}<c:{self.prefix}-multiget {self.names}>{asked}{hrefs}</c:{self.prefix}-multiget>"

    def tag(self, name: str) -> str:
        """An element's name with its namespace, as the parser tells it."""
        return f"{{{self.namespace}}}{name}"
