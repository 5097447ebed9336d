"""What an action is, in one line, pure: for lists, logs and the head of its card."""

from __future__ import annotations

from butler.cards import ics
from butler.cards.revealing import as_read
from butler.core import payloads as p
from butler.core.text import one_line

_ANSWERS = {"accepted": "Accept", "declined": "Decline", "tentative": "Answer “perhaps” to"}
_LONGEST = 160


def saying(payload: p.Payload) -> str:
    """Say what an action would do: harmless, at most a line long."""
    return one_line(_saying(payload), _LONGEST)


def _saying(payload: p.Payload) -> str:
    match payload:
        case p.MailDraft(letter=letter):
            return f"Draft to {_people(letter)}: {_subject(letter)}"
        case p.MailSend(letter=letter):
            return f"Send to {_people(letter)}: {_subject(letter)}"
        case p.MailMove():
            return f"Move {_mails(payload.messages)} from {payload.source} to {payload.target}"
        case p.MailKeyword():
            marks = ", ".join((*(f"set {each}" for each in payload.add), *(f"take {each}" for each in payload.remove)))
            return f"Mark {_mails(payload.messages)} in {payload.folder}: {marks}"
        case p.CalendarRespond():
            return f"{_answer(payload)} {_invitation(payload)}"
        case p.FileWrite() | p.FileAppend() | p.FileMove():
            return _file(payload)
        case p.McpCall():
            return f"Call {payload.tool} of mcp.{payload.server}"
        case p.MemoryAdd():
            return f"Remember: {payload.text}"
        case p.Undo():
            return f"Take back #{payload.of}"
    return _calendar(payload)


def _file(payload: p.FileWrite | p.FileAppend | p.FileMove) -> str:
    match payload:
        case p.FileWrite():
            return f"{'Change' if payload.before else 'Write'} the file {payload.path}"
        case p.FileAppend():
            return f"Add to the file {payload.path}"
    return f"Move the file {payload.path} to {payload.target}"


def _calendar(payload: p.CalendarCreate | p.CalendarUpdate | p.CalendarCancel | p.TaskCreate | p.TaskComplete) -> str:
    change = payload.change
    name = _titled(ics.title(change.after) or ics.title(change.before))
    match payload:
        case p.CalendarCreate():
            when = ics.starts(change.after)
            return f"New event {name}{f', {when}' if when else ''}"
        case p.CalendarUpdate():
            return f"Change the event {name}"
        case p.CalendarCancel():
            return f"Take the event {name} out of {change.calendar}" + ("" if payload.scope == "all" else " in part")
        case p.TaskCreate():
            due = ics.starts(change.after)
            return f"New task {name}{f', due {due}' if due else ''}"
    return f"Mark the task {name} as done"


def _answer(payload: p.CalendarRespond) -> str:
    is_counter = payload.letter is not None and ics.method(payload.letter.itip) == "COUNTER"
    return "Propose another time for" if is_counter else _ANSWERS[payload.answer]


def _invitation(payload: p.CalendarRespond) -> str:
    texts = [payload.change.after, payload.change.before] if payload.change else []
    texts += [payload.letter.itip] if payload.letter else []
    found = next((title for title in map(ics.title, texts) if title), "")
    return _titled(found or (payload.letter.thread if payload.letter else ""))


def _titled(name: str) -> str:
    return f"“{one_line(name, 80)}”" if name else "without a title"


def _subject(letter: p.Letter) -> str:
    return letter.subject or "(no subject)"


def _people(letter: p.Letter) -> str:
    people = letter.recipients
    if not people:
        return "nobody"
    # The address and not only the name, which says whatever its writer wants.
    return one_line(as_read(people[0].address), 120) + (f" and {len(people) - 1} more" if len(people) > 1 else "")


def _mails(messages: tuple[p.MailAt, ...]) -> str:
    return "one mail" if len(messages) == 1 else f"{len(messages)} mails"
