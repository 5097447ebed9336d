"""The contacts tool: opens CardDAV address books and folders of vCards, and parses what they hand over. It changes nothing.

A reference names a contact by the place it lies in (`contact:<place>/<UID>`), which is the name of its address book, made
as that of a calendar is: the account's own where its url or path is one book, else `<account>.<book>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from butler.core.accounts import Account, ContactsAccount
from butler.core.contacts import Cards, RawCards
from butler.core.errors import SettingsError
from butler.core.sources import Frame, Parsed, Raw, Source, SourceKind

if TYPE_CHECKING:
    from butler.core.dialing import Dial


class ContactsTool:
    """Makes sources of contacts: a folder or a file where the account names a path, CardDAV otherwise."""

    @property
    def kind(self) -> SourceKind:
        """Its sources hold contacts."""
        return "contacts"

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[Raw]:
        """Make the source of an account of contacts; raises SettingsError where it names neither a path nor a URL."""
        if not isinstance(account, ContactsAccount) or not (account.path or account.url):
            raise SettingsError([f"The address book {account.name!r} needs a path or a url."])
        if account.path is not None:
            from tools.contacts.vdir import CardFolder

            return CardFolder(account)
        from tools.contacts.carddav import CardDavSource

        return CardDavSource(account, dial)

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Parsed]:  # noqa: ARG002 - the contract's
        """Parse files of cards, one for one and in order; nothing of it depends on the frame."""
        from tools.contacts.vcard import parse

        parsed: list[Cards] = [parse(cast("RawCards", raw)) for raw in raws]
        return parsed


TOOL = ContactsTool()
