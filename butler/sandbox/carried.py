"""An account as it crosses to a worker: without its secrets, each of which is asked for when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from butler.core.accounts import Account, MailAccount, NotesFolder, Secret, no_secret

SMTP = "smtp"
"""The part of an account that has a secret of its own; the account's own is that of the part without a name."""


def carried(account: Account) -> Account:
    """The account without its secrets, and its folders named from the root, for a worker stands in another one."""
    found = with_secrets(account, lambda _part: no_secret)
    return found if found.path is None else replace(found, path=placed(found.path))


def with_secrets(account: Account, secret: Callable[[str], Secret]) -> Account:
    """The same account, its secrets fetched by what `secret` makes for each part by its name."""
    if isinstance(account, NotesFolder):
        return account
    if isinstance(account, MailAccount) and account.smtp is not None:
        account = replace(account, smtp=replace(account.smtp, password=secret(SMTP)))
    return replace(account, password=secret(""))


def secret_of(account: Account, part: str) -> str:
    """Fetch the secret of a part of an account; raises what fetching it raises."""
    if isinstance(account, MailAccount) and account.smtp is not None and part == SMTP:
        return account.smtp.password()
    return "" if isinstance(account, NotesFolder) or part else account.password()


def placed(path: Path) -> Path:
    """A path from the root of all files."""
    return path.expanduser().absolute()
