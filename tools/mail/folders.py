"""Mail folders: their roles, and which of them an account wants (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

ROLES = ("\\Inbox", "\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\Archive", "\\All", "\\Flagged", "\\Important")
"""The roles of RFC 6154, and the inbox."""

_BY_FLAG = {role.lower(): role for role in ROLES} | {"\\spam": "\\Junk"}
_NAMES = {
    "\\Sent": "sent|sent items|sent mail|sent messages|sent-mail|gesendet|gesendete objekte|gesendete elemente|envoyés"
    "|éléments envoyés"
    "|messages envoyés|enviados|elementos enviados|inviata|posta inviata|verzonden|verzonden items|wysłane",
    "\\Drafts": "drafts|draft|entwürfe|entwurf|brouillons|borradores|bozze|concepten|robocze|szkice",
    "\\Junk": "junk|junk email|junk e-mail|junk mail|spam|bulk mail|werbung|unerwünscht|indésirables|correo no deseado"
    "|posta indesiderata|ongewenste e-mail",
    "\\Trash": "trash|deleted|deleted items|deleted messages|bin|papierkorb|gelöscht|gelöschte objekte|gelöschte elemente"
    "|corbeille|papelera|cestino|prullenbak|kosz",
    "\\Archive": "archive|archives|archiv|archivo|archivio|archief|archiwum",
}
_BY_NAME = {name: role for role, names in _NAMES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as listed: `name` decoded, `wire` as the server (or the disk) spells it, `role` or nothing."""

    name: str
    wire: bytes
    role: str = ""


def role_of(flags: Iterable[str]) -> str:
    """The role that a server's flags give a folder."""
    return next((_BY_FLAG[flag.lower()] for flag in flags if flag.lower() in _BY_FLAG), "")


def role_by_name(name: str, separator: str = "") -> str:
    """The role that a folder's name suggests, in the languages that mail programs make folders in."""
    if name.upper() == "INBOX":
        return "\\Inbox"
    leaf = name.removeprefix(f"INBOX{separator}") if separator else name
    return _BY_NAME.get(leaf.casefold(), "")


def with_roles(folders: Sequence[Folder], separator: str) -> list[Folder]:
    """Give the folders that lack a role the one their name suggests, where no other folder has it."""
    taken = {folder.role for folder in folders}
    result: list[Folder] = []
    for folder in folders:
        role = folder.role or role_by_name(folder.name, separator)
        if not folder.role and role in taken:
            role = ""
        taken.add(role) if role else None
        result.append(Folder(folder.name, folder.wire, role))
    return result


def choose(wanted: Sequence[str], folders: Sequence[Folder]) -> tuple[list[Folder], list[str]]:
    """The folders that the settings name by name, role or pattern, and the plain names that do not exist."""
    chosen: dict[str, Folder] = {}
    missing: list[str] = []
    for wish in wanted:
        found = [folder for folder in folders if _fits(wish, folder)]
        chosen |= {folder.name: folder for folder in found}
        if not found and wish[:1] != "\\" and not _is_pattern(wish):
            missing.append(wish)
    return list(chosen.values()), missing


def _fits(wish: str, folder: Folder) -> bool:
    if wish.startswith("\\"):
        return folder.role.lower() == wish.lower()
    if wish.upper() == "INBOX":
        return folder.name.upper() == "INBOX"
    return fnmatchcase(folder.name, wish) if _is_pattern(wish) else folder.name == wish


def _is_pattern(wish: str) -> bool:
    return any(sign in wish for sign in "*?[")


def no_such_folder(name: str, existing: Sequence[str]) -> str:
    """A sentence that names a folder that is not there and those that are."""
    shown = ", ".join(existing[:20]) or "none"
    return f"There is no folder {name}; there are: {shown}{', …' if len(existing) > 20 else ''}."
