"""Reads address books from a CardDAV server (RFC 6352); see tools/dav/source.py for how."""

from __future__ import annotations

from butler.core.accounts import ContactsAccount
from butler.core.contacts import RawCards
from butler.core.dialing import Dial
from butler.core.sources import SourceKind
from tools.dav.connection import Connection
from tools.dav.source import DavSource
from tools.dav.speech import Speech

ADDRESS_BOOKS = Speech(
    protocol="CardDAV",
    noun="address book",
    namespace="urn:ietf:params:xml:ns:carddav",
    prefix="addressbook",
    kind="addressbook",
    home="addressbook-home-set",
    data="address-data",
)
"""How CardDAV servers are spoken to (RFC 6352)."""


class CardDavSource(DavSource[RawCards]):
    """The address books of one CardDAV account; connects when first asked."""

    def __init__(self, account: ContactsAccount, dial: Dial | None = None) -> None:
        super().__init__(account, Connection(account, ADDRESS_BOOKS, dial), RawCards)

    @property
    def kind(self) -> SourceKind:
        """It holds contacts."""
        return "contacts"
