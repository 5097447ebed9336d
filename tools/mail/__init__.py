"""The mail tool: mail from an IMAP server or a Maildir."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from butler.core.accounts import Account, MailAccount
from butler.core.arrivals import Changes, Ear
from butler.core.errors import EffectError, SourceError
from butler.core.mail import Message, RawMail
from butler.core.sources import Frame, Raw, Source, SourceKind

if TYPE_CHECKING:
    from butler.core.dialing import Dial
    from butler.core.effects import Effect, Hands, Seen
    from butler.core.payloads import Payload


class MailTool:
    """Opens mail sources and parses what they hand over."""

    kind: SourceKind = "mail"

    def open(self, account: Account, *, dial: Dial | None = None) -> Source[RawMail]:
        """The source of a mail account: the Maildir at its path, else IMAP at its host."""
        if not isinstance(account, MailAccount):
            raise SourceError(f"{account.name} is no mail account.", permanent=True)
        if account.path is not None:
            from tools.mail.maildir import MaildirSource

            return MaildirSource(account)
        from tools.mail.imap import ImapSource

        return ImapSource(account, dial=dial)

    def parse(self, raws: Sequence[Raw], frame: Frame) -> Sequence[Message]:
        """Parse mails one for one; broken ones become messages with problems."""
        from tools.mail.message import parse

        return [parse(raw, frame.text_limit) for raw in raws if isinstance(raw, RawMail)]

    def hands(self, account: Account, *, dial: Dial | None = None) -> Hands:
        """The hands for a mail account: its mailbox, and its server for sending."""
        if not isinstance(account, MailAccount):
            raise EffectError(f"{account.name} is no mail account.", permanent=True)
        from tools.mail.hands import MailHands

        return MailHands(account, dial=dial)

    def ear(self, account: Account, place: str, poll: float, changes: Changes, *, dial: Dial | None = None) -> Ear:
        """The ear for a folder of a mail account."""
        if not isinstance(account, MailAccount):
            raise SourceError(f"{account.name} is no mail account.", permanent=True)
        if account.path is not None:
            from tools.mail.maildir_ear import MaildirEar

            return MaildirEar(account, place, changes)
        from tools.mail.idle import ImapEar

        return ImapEar(account, place, poll, dial=dial)

    def renewed(self, payload: Payload, effect: Effect, seen: Seen) -> Payload | None:  # noqa: ARG002  # the contract's
        """The same over the present numbers of its mails, where the server numbered them anew; else None."""
        from tools.mail.moving import renewed

        return renewed(payload, seen)


TOOL = MailTool()
