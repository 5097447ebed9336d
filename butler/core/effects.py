"""Effects: the few things that can be done to the world, each with what must hold before and how to see that it is done.

An action becomes a list of effects by pure code; a tool's `Hands` look at the world, act once, and tell with a receipt what
came of it and what would take it back. Whoever lost the answer looks again: what the world shows as done is not done twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from butler.core import payloads as p
from butler.core.remembering import HEAD, NOTE, ROOT, as_line


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class AppendMail(_Frozen):
    """Put a letter into the folder with a role, found by SPECIAL-USE; never twice under one Message-ID."""

    verb: Literal["mail.append"] = "mail.append"
    account: str
    role: Literal["\\Drafts", "\\Sent"]
    letter: p.Letter


class RemoveMail(_Frozen):
    """Take a mail that the butler put there out of its folder, if its bytes still have this SHA-256 (hex)."""

    verb: Literal["mail.remove"] = "mail.remove"
    account: str
    folder: str
    message_id: str
    sha256: str


class MoveMail(_Frozen):
    """Move mails between two folders, each found again by its Message-ID."""

    verb: Literal["mail.move"] = "mail.move"
    account: str
    messages: tuple[p.MailAt, ...]
    source: str
    target: str


class FlagMail(_Frozen):
    """Set and take flags and keywords."""

    verb: Literal["mail.flag"] = "mail.flag"
    account: str
    messages: tuple[p.MailAt, ...]
    folder: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class SendMail(_Frozen):
    """Send a letter by SMTP; the only effect of which the world does not show whether it happened."""

    verb: Literal["mail.send"] = "mail.send"
    account: str
    letter: p.Letter


class PutObject(_Frozen):
    """Write a calendar object over the version `etag`, or where that is empty as a new one that must not exist yet."""

    verb: Literal["calendar.put"] = "calendar.put"
    account: str
    calendar: str
    uid: str
    key: str = ""
    etag: str = ""
    before: str = ""
    after: str


class DeleteObject(_Frozen):
    """Delete the version `etag` of a calendar object."""

    verb: Literal["calendar.delete"] = "calendar.delete"
    account: str
    calendar: str
    uid: str
    key: str
    etag: str
    before: str


class PutFile(_Frozen):
    """Write a file's whole content over one with the SHA-256 `before` (hex), or where that is empty as a new one.

    With `append`, `content` is put at its end instead.
    """

    verb: Literal["file.put"] = "file.put"
    account: str
    path: str
    content: str
    before: str = ""
    append: bool = False


class MoveFile(_Frozen):
    """Move a file inside its root, never over another."""

    verb: Literal["file.move"] = "file.move"
    account: str
    path: str
    target: str
    before: str


class RestoreFile(_Frozen):
    """Put the kept old version of a file back in place of the one with the SHA-256 `before`; no `kept`: remove it."""

    verb: Literal["file.restore"] = "file.restore"
    account: str
    path: str
    before: str
    kept: str = ""


class AddLine(_Frozen):
    """Put a line at the end of a file, whatever else is in it, unless it is there already; `head` begins a new file."""

    verb: Literal["file.line"] = "file.line"
    account: str
    path: str
    line: str
    head: str = ""


class TakeLine(_Frozen):
    """Take a line that was added out of a file again, and leave all else."""

    verb: Literal["file.unline"] = "file.unline"
    account: str
    path: str
    line: str


class CallTool(_Frozen):
    """Call a tool of the server `account` once, where it is still told of as it was (`digest`); the world does not show it."""

    verb: Literal["mcp.call"] = "mcp.call"
    account: str
    tool: str
    arguments: str
    digest: str


Effect = Annotated[
    AppendMail
    | RemoveMail
    | MoveMail
    | FlagMail
    | SendMail
    | PutObject
    | DeleteObject
    | PutFile
    | MoveFile
    | RestoreFile
    | AddLine
    | TakeLine
    | CallTool,
    Field(discriminator="verb"),
]

EffectTool = Literal["mail", "calendar", "notes", "mcp"]
_TOOLS: Mapping[str, EffectTool] = MappingProxyType({"mail": "mail", "calendar": "calendar", "file": "notes", "mcp": "mcp"})


class Seen(_Frozen):
    """What a look at the world found before an effect.

    `open`: it can be done. `done`: it has been done already, as `receipt` says. `changed`: somebody changed what it rests
    on, `current` is what is there now (for a calendar object its text, with `etag`). `gone`: what it rests on is not there.
    """

    state: Literal["open", "done", "changed", "gone"]
    sentence: str = ""
    receipt: Receipt | None = None
    current: str = ""
    etag: str = ""
    key: str = ""


class Receipt(_Frozen):
    """What came of an effect: a sentence, the server's own answer, where the thing is now, and what would take it back."""

    sentence: str
    answer: str = ""
    place: str = ""
    undo: Effect | None = None


class Hands(Protocol):
    """What a tool does to one account; used by the executor alone. Every method may raise EffectError and nothing else."""

    def look(self, effect: Effect) -> Seen:
        """Look whether an effect can be done, was done, or has lost its ground; changes nothing."""
        ...

    def act(self, effect: Effect, seen: Seen) -> Receipt:
        """Do it once, right after `seen` said that it is open, and see that it is done."""
        ...

    def close(self) -> None:
        """End connections; never raises."""
        ...


def tool_of(effect: Effect) -> EffectTool:
    """The kind of tool that has the hands for an effect."""
    return _TOOLS[effect.verb.partition(".")[0]]


def is_visible(effect: Effect) -> bool:
    """Whether the world shows afterwards that it was done; a mail that was sent, or a tool that was called, cannot be."""
    return effect.verb not in {"mail.send", "mcp.call"}


def read_effect(value: Mapping[str, Any]) -> Effect:
    """Read an effect from its JSON value; raises pydantic's ValidationError."""
    return _effects().validate_python(value)


@cache
def _effects() -> TypeAdapter[Effect]:
    return TypeAdapter(Effect)


def effects_of(payload: p.Payload) -> Sequence[Effect]:
    """List what is to be done for an action, in order."""
    match payload:
        case p.MailDraft(letter=letter):
            return [AppendMail(account=letter.account, role="\\Drafts", letter=letter)]
        case p.MailSend(letter=letter):
            return [
                SendMail(account=letter.account, letter=letter),
                AppendMail(account=letter.account, role="\\Sent", letter=letter),
            ]
        case p.MailMove():
            return [MoveMail(**payload.model_dump(exclude={"kind"}))]
        case p.MailKeyword():
            return _flags(payload)
        case p.CalendarRespond():
            return _answer(payload)
        case p.FileWrite() | p.FileAppend() | p.FileMove():
            return [_file(payload)]
        case p.McpCall():
            return [_called(payload)]
        case p.MemoryAdd():
            line = as_line(payload.text, payload.source, payload.on)
            return [AddLine(account=ROOT, path=NOTE, line=line, head=HEAD)]
        case p.Undo():
            return [read_effect(effect) for effect in payload.effects]
    return [_change(payload.change)]


def _called(payload: p.McpCall) -> Effect:
    return CallTool(account=payload.server, tool=payload.tool, arguments=payload.arguments, digest=payload.digest)


def _file(payload: p.FileWrite | p.FileAppend | p.FileMove) -> Effect:
    match payload:
        case p.FileWrite():
            return PutFile(account=payload.root, path=payload.path, content=payload.content, before=payload.before)
        case p.FileAppend():
            return PutFile(account=payload.root, path=payload.path, content=payload.text, before=payload.before, append=True)
    return MoveFile(account=payload.root, path=payload.path, target=payload.target, before=payload.before)


def _flags(payload: p.MailKeyword) -> list[Effect]:
    """One flag at a time, so that each can be taken back from exactly the mails that got it."""
    where = payload.model_dump(exclude={"kind", "add", "remove"})
    added = [FlagMail(**where, add=(name,)) for name in payload.add]
    return [*added, *(FlagMail(**where, remove=(name,)) for name in payload.remove)]


def _change(change: p.CalendarChange) -> Effect:
    if change.after:
        return PutObject(**change.model_dump())
    return DeleteObject(**change.model_dump(exclude={"after"}))


def _answer(payload: p.CalendarRespond) -> list[Effect]:
    effects: list[Effect] = [_change(payload.change)] if payload.change else []
    letter = payload.letter
    if letter is None:
        return effects
    if payload.send:
        send = SendMail(account=letter.account, letter=letter)
        return [*effects, send, AppendMail(account=letter.account, role="\\Sent", letter=letter)]
    return [*effects, AppendMail(account=letter.account, role="\\Drafts", letter=letter)]
