"""Why an action is there and what became of it, in words, pure: cause, rule or step, checks, decisions, deeds, journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from butler.cards.lines import as_line, receipt_json
from butler.cards.revealing import Reveal
from butler.cards.saying import saying
from butler.core.actions import Decision, Kept
from butler.core.mail import Mail
from butler.core.text import one_line

_LONGEST = 2000
_LABEL = 10
_MOST_QUOTED = 3
_VERBS = {
    "approve": "approved",
    "edit": "changed",
    "respond": "asked for another version of",
    "reject": "rejected",
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the journal about an action: its number, when, and what it tells."""

    seq: int
    at: datetime
    what: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known about an action; `mails` are its sources that the mirror has."""

    kept: Kept
    decisions: Sequence[Decision]
    events: Sequence[Event]
    mails: Mapping[str, Mail] = field(default_factory=dict)


def explain_action(story: Story, zone: ZoneInfo) -> str:
    """Tell where an action came from, what was decided about it and what was done."""
    return "\n".join(_lines(story, zone)) + "\n"


def story_json(story: Story) -> dict[str, Any]:
    """The same as one JSON object."""
    action = story.kept.action
    return {
        **as_line(story.kept),
        "warnings": [finding.sentence for finding in action.findings if finding.warning],
        "reason": action.reason,
        "sources": [_source_json(ref, story.mails.get(ref)) for ref in action.sources],
        "rule": action.rule or None,
        "step": action.step,
        "digest": action.digest,
        "workflow": action.workflow or None,
        "run": action.run or None,
        "origin": [{"ref": each.ref, "by": each.by, "foreign": each.foreign} for each in action.taint],
        "findings": [{"check": each.check, "sentence": each.sentence, "warning": each.warning} for each in action.findings],
        "decisions": [_decision_json(each) for each in story.decisions],
        "done": [receipt_json(each) for each in story.kept.done],
        "journal": [
            {"seq": each.seq, "at": each.at.isoformat(), "what": each.what, "facts": dict(each.facts)} for each in story.events
        ],
    }


def _lines(story: Story, zone: ZoneInfo) -> Iterator[str]:
    kept, action = story.kept, story.kept.action
    yield f"#{kept.id} · {action.kind} · {kept.status}"
    yield saying(action.payload)
    yield ""
    yield _labelled("reason", action.reason)
    for ref in action.sources:
        yield from _source(ref, story.mails.get(ref), zone)
    yield _labelled("workflow", f"{action.workflow} (run {action.run})") if action.workflow else _labelled("workflow", "none")
    yield from (_labelled(name, text) for name, text in (("rule", action.rule), ("step", action.step)) if text)
    yield _labelled("model", action.digest or "none: code alone")
    yield from _checks(kept)
    for decision in story.decisions:
        yield _labelled("decided", _decided(decision, zone))
    if not story.decisions:
        yield _labelled("decided", "nothing yet")
    for receipt in kept.done:
        yield _labelled("done", f"{receipt.sentence} {f'The answer was: {receipt.answer}' if receipt.answer else ''}")
    if kept.note:
        yield _labelled("note", kept.note)
    yield ""
    for event in story.events:
        facts = " ".join(_fact(name, value) for name, value in event.facts.items() if value not in ("", None, [], {}))
        head = f"{event.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {event.what}"
        yield f"  {event.seq:>6}  {one_line(f'{head}  {facts}', _LONGEST)}"


def _checks(kept: Kept) -> Iterator[str]:
    for finding in kept.action.findings:
        yield _labelled("check", f"{'! ' if finding.warning else ''}{finding.check}: {finding.sentence}")
    if not kept.action.findings:
        yield _labelled("check", "nothing was found" if kept.version == 1 else "not checked again since it was changed")
    for taint in kept.action.taint:
        if taint.foreign:
            yield _labelled("words of", f"{taint.by or 'somebody else'} ({taint.ref})")


def _source(ref: str, mail: Mail | None, zone: ZoneInfo) -> Iterator[str]:
    """A source and, of a mail, who wrote it, when, and its words."""
    yield _labelled("from", ref)
    if mail is None:
        return
    sender = mail.message.sender
    by = f"{sender.name} <{sender.address}>" if sender else "an unknown sender"
    yield _labelled("", f"{by}, {mail.when.astimezone(zone):%Y-%m-%d %H:%M %Z}: {mail.message.subject or '(no subject)'}")
    for is_quoted, lines in groupby(Reveal().lines(mail.message.text.strip(), "mail"), lambda line: line.startswith(">")):
        block = list(lines)
        if is_quoted and len(block) > _MOST_QUOTED:
            block = [f"[{len(block)} lines quoted from earlier mails]"]
        yield from (f"{'':{_LABEL + 2}}> {line}".rstrip() for line in block)


def _decided(decision: Decision, zone: ZoneInfo) -> str:
    when = f"{decision.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
    said = f": “{decision.text}”" if decision.text else ""
    return f"{when}, {decision.by} ({decision.via}) {_VERBS[decision.verb]} {decision.hash[:12]}{said}"


def _fact(name: str, value: Any) -> str:
    text = value[:12] if name in {"hash", "before"} and isinstance(value, str) else value
    return f"{name}={one_line(str(text), 200)}"


def _labelled(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}}{one_line(text, _LONGEST)}".rstrip()


def _source_json(ref: str, mail: Mail | None) -> dict[str, Any]:
    if mail is None:
        return {"ref": ref}
    sender = mail.message.sender
    return {
        "ref": ref,
        "from": sender.address if sender else None,
        "when": mail.when.isoformat(),
        "subject": mail.message.subject,
        "text": mail.message.text,
    }


def _decision_json(decision: Decision) -> dict[str, Any]:
    return {
        "verb": decision.verb,
        "hash": decision.hash,
        "by": decision.by,
        "via": decision.via,
        "at": decision.at.isoformat(),
        "text": decision.text or None,
        "before": decision.before or None,
        "after": decision.after or None,
    }
