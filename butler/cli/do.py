"""`butler do`: a workflow now, and what came of it."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from butler.cards.lines import as_line
from butler.cards.revealing import as_read
from butler.cards.saying import saying
from butler.cli import beyond, opening, output
from butler.cli.beside import mails
from butler.core.actions import Kept
from butler.core.errors import EXIT_UNAVAILABLE, UsageError
from butler.core.mail import Mail
from butler.core.requests import TAKES_REFERENCE, WITHOUT_SOURCES
from butler.core.text import one_line
from butler.owned import notice_of

if TYPE_CHECKING:
    from butler.house import Done, House
    from butler.settings import Settings

_LONGEST = 1000
_BRIEFING, _ASK = "briefing", "ask"
_MAINTENANCE, _MEANING = "maintenance", "meaning"
_SUCH_AS = {"documents": "--about file:scans/letter.pdf", "meeting": "--about event:family/<UID>"}
_DRAFTING = frozenset({"draft_reply", "triage"})


def run(options: argparse.Namespace) -> int:
    """Run a workflow over the day's mail; what it proposes waits at the gate."""
    if options.workflow == _BRIEFING and not options.tonight:
        # Before the settings are read: the daemon hands them to a child once.
        from butler.cli import brief

        options.date = None
        return brief.run(options)
    if options.workflow == _ASK:
        raise UsageError("ask answers a question.", advice="Ask it with `butler ask TEXT`.")
    if options.workflow in TAKES_REFERENCE and not options.about:
        raise UsageError(f"{options.workflow} is about one thing.", advice=f"Name it: {_SUCH_AS[options.workflow]}.")
    settings = opening.settings(options, sources=options.workflow not in WITHOUT_SOURCES)
    if options.tonight:
        from butler.cli import tonight

        return tonight.run(options, settings)
    wanted = {"sync": not options.no_sync, "model": not options.no_model, "subject": options.about}
    if (code := beyond.run(options, settings.state_dir, "do", workflow=options.workflow, **wanted)) is not None:
        return code
    if options.workflow in (_MAINTENANCE, _MEANING):
        return _apart(options, settings)
    with opening.house(settings, unasked=options.unasked) as house, output.progress(options) as progress:
        done = house.do(
            options.workflow,
            sync=not options.no_sync,
            model=not options.no_model,
            progress=progress,
            about=options.about,
        )
        revised = (
            tuple(_wishes(house)) if options.workflow in _DRAFTING and settings.model_host() and not options.no_model else ()
        )
        if may_go_on(done.result):
            house.truth.jobs.keep_for_night(options.workflow, "", datetime.now(UTC))
        titles = {mail.ref: title_of(mail) for mail in mails(house, [str(each["ref"]) for each in left_of(done)])}
    done = replace(done, proposed=(*done.proposed, *revised))
    if options.json:
        output.show_json(as_json(done))
        return _code(done)
    lines = list(as_lines(done, titles))
    if lines:
        output.show("\n".join(lines))
    waiting = sum(kept.status == "held" for kept in done.proposed)
    output.say(
        options, f"{waiting} to decide: `butler review` goes through them." if waiting else "There is nothing new to decide."
    )
    return _code(done)


def _apart(options: argparse.Namespace, settings: Settings) -> int:
    """Do what is no graph."""
    from butler.cli import maintaining, meaning

    return maintaining.run(options, settings) if options.workflow == _MAINTENANCE else meaning.run(options, settings)


def may_go_on(result: Mapping[str, Any]) -> bool:
    """Whether a run left work above its limit that another one can do: only after one that got somewhere is that likely."""
    return bool(result.get("more") and result.get("drafted"))


def _code(done: Done) -> int:
    """Say what waits for the model: a run that leaves some of its work for it is not done."""
    waits = str(done.result.get("waits") or "")
    if not waits:
        return 0
    output.fail(f"Something waits for the model. {one_line(waits, _LONGEST)}")
    return EXIT_UNAVAILABLE


def _wishes(house: House) -> Iterator[Kept]:
    """Revise what its owner asked to have changed while no model was there."""
    from butler.cli.respond import revise

    for wish in house.truth.outbox.wishes():
        new, _ = revise(house, house.truth.outbox.get(wish.action), wish.text)
        if new is not None:
            yield new


def as_json(done: Done) -> dict[str, Any]:
    """What came of a workflow."""
    return {
        "run": done.run.id,
        "workflow": done.run.workflow,
        "proposed": [as_line(kept) for kept in done.proposed],
        "result": dict(done.result),
        # Of workflows of the owner's own; the daemon tells of it.
        **({"notice": notice_of(done.definition, done.result, done.proposed) or None} if done.definition else {}),
    }


def as_lines(done: Done, titles: Mapping[str, str]) -> Iterator[str]:
    """Where the page lies, what was proposed, and what was left with its reason."""
    if path := done.result.get("path"):
        yield f"Saved as {one_line(str(path), _LONGEST)}."
    if text := done.result.get("text"):
        # A page of the butler's own that goes nowhere else.
        yield str(text).rstrip("\n")
    for kept in done.proposed:
        yield f"#{kept.id} {output.painted('1', kept.status)}: {saying(kept.action.payload)}"
        for finding in kept.action.findings:
            if finding.warning:
                yield output.painted("33", f"    ! {one_line(finding.sentence, _LONGEST)}")
    left = left_of(done)
    if left:
        yield "Left alone:"
    for each in left:
        title = titles.get(str(each["ref"]), one_line(str(each["ref"]), 120))
        yield from output.hanging("  · ", f"{title}: {one_line(str(each.get('reason', '')), _LONGEST)}")


def left_of(done: Done) -> list[Mapping[str, Any]]:
    """What a workflow left, each with its reference and its reason."""
    return [each for each in done.result.get("left", ()) if isinstance(each, Mapping) and "ref" in each]


def title_of(mail: Mail) -> str:
    """A mail by its subject and who wrote it."""
    sender = as_read(mail.message.sender.address) if mail.message.sender else "an unknown sender"
    return one_line(f"“{mail.message.subject or '(no subject)'}” from {sender}", 200)
