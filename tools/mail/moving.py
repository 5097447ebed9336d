"""Mails moved, flagged and unflagged where they lie: never by a number that may mean another mail by now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from butler.core.effects import FlagMail, MoveMail, Receipt, Seen
from butler.core.errors import EffectError
from butler.core.payloads import MailAt, MailKeyword, MailMove, Payload
from butler.core.text import one_line
from tools.mail.box import Box, Lying, Moved
from tools.mail.folders import Folder

_SYSTEM = {"\\seen", "\\answered", "\\flagged", "\\draft"}
_KEYWORD = re.compile(r"[A-Za-z0-9$_.:+/-]{1,100}")
_MADE_UP = "@no-id"
_RENUMBERED = "the server has numbered its mails anew since this was proposed, and old numbers are not used."
_MAILS: TypeAdapter[tuple[MailAt, ...]] = TypeAdapter(tuple[MailAt, ...])


def look_move(box: Box, effect: MoveMail, source: Folder, target: Folder) -> Seen:
    """Look where the mails of a move are: here, there already, or nowhere."""
    validity = box.open(source)
    if seen := _renumbered(box, effect.messages, source, validity):
        return seen
    here = _placed(box, effect.messages)
    missing = [mail for mail in effect.messages if mail.ref not in here]
    if not missing:
        return Seen(state="open")
    there_validity = box.open(target)
    there = {mail.ref: found[0].key for mail in missing if (found := _with_id(box, mail))}
    if len(there) < len(missing):
        lost = len(missing) - len(there)
        return Seen(state="gone", sentence=f"{_mails(lost)} in {source.name} any more; nothing was moved.")
    if here:
        return Seen(state="open")
    return Seen(state="done", receipt=_moved(effect, target, effect.messages, there, there_validity, ""))


def move(box: Box, effect: MoveMail, source: Folder, target: Folder) -> Receipt:
    """Move the mails that are still here."""
    here = _still_here(box, effect.messages, source)
    copied = {} if box.at_once else _copied_before(box, effect.messages, here, source, target)
    box.open(source, write=True)
    answer = ""
    for ref in copied:
        answer = box.remove(here[ref].key)
    rest = [here[ref].key for ref in here if ref not in copied]
    moved = box.move(rest, target) if rest else Moved(answer)
    box.open(source)
    if any("\\deleted" not in mail.flags for mail in box.lying([mail.key for mail in here.values()]).values()):
        raise EffectError(f"{source.name} still shows mails that were moved.")
    validity = box.open(target)
    places = dict(copied)
    for mail in effect.messages:
        key = moved.keys.get(here[mail.ref].key, "") if mail.ref in here and moved.validity == validity else ""
        if key or (found := _with_id(box, mail)):
            places.setdefault(mail.ref, key or found[0].key)
    return _moved(effect, target, effect.messages, places, validity, moved.answer)


def look_flag(box: Box, effect: FlagMail, folder: Folder) -> Seen:
    """Look whether the mails are there and whether their flags are as they are to be."""
    _require_flags(effect)
    validity = box.open(folder)
    if seen := _renumbered(box, effect.messages, folder, validity):
        return seen
    here = _placed(box, effect.messages)
    if len(here) < len(effect.messages):
        lost = len(effect.messages) - len(here)
        return Seen(state="gone", sentence=f"{_mails(lost)} in {folder.name} any more; no flag was changed.")
    if all(_wanting(effect, mail) == ((), ()) for mail in here.values()):
        return Seen(state="done", receipt=Receipt(sentence="The flags are so already.", place=folder.name))
    return Seen(state="open")


def flag(box: Box, effect: FlagMail, folder: Folder) -> Receipt:
    """Change the flags of those mails that want it, and keep in the receipt which these were."""
    here = _still_here(box, effect.messages, folder)
    box.open(folder, write=True)
    groups: dict[tuple[tuple[str, ...], tuple[str, ...]], list[MailAt]] = {}
    for mail in effect.messages:
        if (change := _wanting(effect, here[mail.ref])) != ((), ()):
            groups.setdefault(change, []).append(mail)
    answer = ""
    for (add, remove), mails in groups.items():
        answer = box.flag([here[mail.ref].key for mail in mails], add, remove)
    validity = box.open(folder)
    if any(_wanting(effect, mail) != ((), ()) for mail in box.lying([mail.key for mail in here.values()]).values()):
        raise EffectError(f"{folder.name} does not keep these flags.", permanent=True)
    undo = None
    if len(groups) == 1:
        (((add, remove), mails),) = groups.items()
        places = tuple(_at(mail, here[mail.ref].key, validity) for mail in mails)
        undo = FlagMail(account=effect.account, messages=places, folder=effect.folder, add=remove, remove=add)
    changed = sum(map(len, groups.values()))
    return Receipt(sentence=f"Flags of {changed} of {len(here)} changed.", answer=answer, place=folder.name, undo=undo)


def renewed(payload: Payload, seen: Seen) -> Payload | None:
    """The same payload over the present numbers of its mails, where `seen` found all of them again."""
    if not isinstance(payload, MailMove | MailKeyword) or seen.state != "changed" or not seen.current:
        return None
    try:
        return payload.model_copy(update={"messages": _MAILS.validate_json(seen.current)})
    except ValidationError:
        return None


def _renumbered(box: Box, mails: Sequence[MailAt], folder: Folder, validity: str) -> Seen | None:
    """What is to be said when UIDVALIDITY changed, with the mails' present numbers if all are found by their ids."""
    if all(not validity or mail.validity == validity or (not mail.validity and _id(mail)) for mail in mails):
        return None
    found = [(mail, lying[0].key) for mail in mails if len(lying := _with_id(box, mail)) == 1]
    current = (
        _MAILS.dump_json(tuple(_at(mail, key, validity) for mail, key in found)).decode() if len(found) == len(mails) else ""
    )
    return Seen(state="changed", sentence=f"In {folder.name} {_RENUMBERED}", current=current)


def _placed(box: Box, mails: Sequence[MailAt]) -> dict[str, Lying]:
    """Those mails that are in the open folder, by `ref`: under their key with their id, else as the only one with it."""
    by_key = box.lying([mail.key for mail in mails if mail.key])
    here: dict[str, Lying] = {}
    for mail in mails:
        lying = by_key.get(mail.key)
        if lying and "\\deleted" not in lying.flags and _id(mail) in {"", lying.message_id}:
            here[mail.ref] = lying
        elif len(found := _with_id(box, mail)) == 1:
            here[mail.ref] = found[0]
    return here


def _still_here(box: Box, mails: Sequence[MailAt], folder: Folder) -> dict[str, Lying]:
    if _renumbered(box, mails, folder, box.open(folder)):
        raise EffectError(f"In {folder.name} {_RENUMBERED}")
    here = _placed(box, mails)
    if not here:
        raise EffectError(f"{_mails(len(mails))} in {folder.name} any more.")
    return here


def _copied_before(
    box: Box, mails: Sequence[MailAt], here: Mapping[str, Lying], source: Folder, target: Folder
) -> dict[str, str]:
    """What an interrupted move has copied already, byte for byte: key in the target by `ref`."""
    box.open(target)
    likely = {mail.ref: found for mail in mails if mail.ref in here and (found := _with_id(box, mail))}
    there = {ref: {_hash(box, one.key): one.key for one in found} for ref, found in likely.items()}
    box.open(source)
    return {ref: keys[mark] for ref, keys in there.items() if (mark := _hash(box, here[ref].key)) in keys}


def _hash(box: Box, key: str) -> str:
    content = box.content(key)
    return key if content is None else hashlib.sha256(content).hexdigest()


def _with_id(box: Box, mail: MailAt) -> list[Lying]:
    known = _id(mail)
    return [lying for lying in box.find(known) if "\\deleted" not in lying.flags] if known else []


def _id(mail: MailAt) -> str:
    return "" if mail.message_id.endswith(_MADE_UP) else mail.message_id


def _at(mail: MailAt, key: str, validity: str) -> MailAt:
    return mail.model_copy(update={"key": key, "validity": validity})


def _moved(
    effect: MoveMail, target: Folder, mails: Sequence[MailAt], places: Mapping[str, str], validity: str, answer: str
) -> Receipt:
    undo = None
    if len(places) == len(mails):
        back = tuple(_at(mail, places[mail.ref], validity) for mail in mails)
        undo = MoveMail(account=effect.account, messages=back, source=effect.target, target=effect.source)
    verb = "is" if len(mails) == 1 else "are"
    count = f"{len(mails)} mail{'s' if len(mails) > 1 else ''}"
    return Receipt(sentence=f"{count} {verb} in {target.name}.", answer=answer, place=target.name, undo=undo)


def _mails(count: int) -> str:
    return "A mail is not" if count == 1 else f"{count} mails are not"


def _wanting(effect: FlagMail, mail: Lying) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The flags that a mail lacks, and those that it has too many."""
    add = tuple(name for name in effect.add if name.lower() not in mail.flags)
    return add, tuple(name for name in effect.remove if name.lower() in mail.flags)


def _require_flags(effect: FlagMail) -> None:
    for name in (*effect.add, *effect.remove):
        if name.lower() not in _SYSTEM and not _KEYWORD.fullmatch(name):
            raise EffectError(f"“{one_line(name, 60)}” is no flag that may be set or taken.", permanent=True)
    both = {name.lower() for name in effect.add} & {name.lower() for name in effect.remove}
    if both:
        raise EffectError(f"{', '.join(sorted(both))} cannot be set and taken at once.", permanent=True)
