"""`butler demo`: a sample household, its briefing, and what is prepared for its owner to decide."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

from butler.cards.card import make_card
from butler.cards.contents import Beside, letter_of
from butler.cards.page import as_text
from butler.cards.saying import saying
from butler.cli import deciding, opening, output
from butler.cli.approve import approved
from butler.cli.brief import show
from butler.core.accounts import ModelHost
from butler.core.actions import Kept
from butler.core.errors import StateError, UsageError
from butler.core.mail import Mail
from butler.core.text import one_line
from butler.demo import BRIEFINGS, STATE, Demo, example_of, file_of, house_of, prepare, run_demo
from butler.publish import write_whole
from butler.sample.days import BERLIN
from butler.sample.household import Household

if TYPE_CHECKING:
    from butler.house import House

CONFIG = "butler.toml"


def run(options: argparse.Namespace) -> int:
    """Write the sample, brief it twice, print today's briefing; prepare answers, and approve one in front of the user."""
    if options.serve:
        return _serve(options)
    model = model_of(options)
    now = datetime.now(UTC).astimezone(BERLIN)
    folder = _folder(options.folder)
    options.state = folder / STATE
    demo = run_demo(folder, opening.day_of(options.date, now) or now.date(), model=model)
    write_whole(folder / CONFIG, config_of(demo.household).encode())
    code = show(demo.today, options)
    _decide(demo, model, options)
    program = "butler" if shutil.which("butler") else sys.argv[0]
    output.say(options, f"The sample lies in {folder}. Look around in it, for example:")
    for command in ("review", "show 1", "why 1", "show REF", "search garden"):
        output.say(options, f"  {program} --config {folder / CONFIG} {command}")
    return code


def _serve(options: argparse.Namespace) -> int:
    """Make the sample and what is held of it, and let the user decide on the page."""
    from butler.cli import demo_page

    model, port = model_of(options), demo_page.port_of(options.port)
    now = datetime.now(UTC).astimezone(BERLIN)
    folder = _folder(options.folder)
    options.state = folder / STATE
    output.say(options, "Making the sample household, its briefings and drafts …")
    demo = run_demo(folder, opening.day_of(options.date, now) or now.date(), model=model)
    with house_of(demo.household, model, at_its_time=True) as house:
        prepare(house, demo.household)
    write_whole(folder / CONFIG, (config_of(demo.household) + demo_page.settings_of(port, model)).encode())
    return demo_page.serve(options, folder / CONFIG, folder / STATE, port)


def _decide(demo: Demo, model: ModelHost | None, options: argparse.Namespace) -> None:
    """Prepare what the workflows propose, list it, and approve one draft as its owner would."""
    if sys.stderr.isatty():
        output.say(options, "Drafting answers, looking at invitations and promises …")
    with house_of(demo.household, model, at_its_time=True) as house:
        held = prepare(house, demo.household)
        example = example_of(held)
        if options.json:
            return
        output.show("\n".join(_list(held)))
        if example is not None:
            _approve(house, demo, example, options)


def _list(held: Sequence[Kept]) -> Iterator[str]:
    yield ""
    yield output.painted("1", "Waiting for you") + "; (!) is to be looked at twice"
    for kept in held:
        warned = any(finding.warning for finding in kept.action.findings)
        yield from output.hanging(f"{f'#{kept.id}':>5}  ", f"{saying(kept.action.payload)}{' (!)' if warned else ''}")


def _approve(house: House, demo: Demo, example: Kept, options: argparse.Namespace) -> None:
    """Approve a draft in front of the user: its card without what it quotes, what came of it, and the file."""
    card = make_card(
        example, Beside(owner=demo.household.owner.addresses, zone=demo.household.owner.zone, thread=_thread(house, example))
    )
    output.show("")
    output.show(output.painted("1", f"One of them is approved now, as `butler approve {example.id}` does"))
    output.show("")
    shown = replace(card, parts=tuple(part for part in card.parts if part.style == "text"))
    output.show(as_text(shown, width=output.width(), colour=output.colour(), zone=demo.household.owner.zone, hint=""))
    told = deciding.carried_out(house, [approved(house, card, "demo")])
    output.show("")
    for each in told:
        output.show("\n".join(deciding.lines_of(each)))
    letter = letter_of(example.action.payload)
    file = file_of(demo.household, letter) if letter else None
    if file is None:
        return
    output.show("\n".join(("", output.painted("1", "The file in its Drafts folder begins with"), *_headers(file))))
    output.say(options, f"\nThe draft is {file}. Nothing was sent, and nothing else was done.")


def _thread(house: House, kept: Kept) -> Sequence[Mail]:
    mails = [house.mirror.reads.mail(ref) for ref in kept.action.sources if ref.startswith("mail:")]
    return [mail for found in house.mirror.reads.threads([mail.thread for mail in mails]).values() for mail in found]


def _headers(file: Path) -> Iterator[str]:
    """The first headers of a mail file, unfolded."""
    headers = BytesHeaderParser(policy=default).parsebytes(file.read_bytes())
    for name in ("From", "To", "Cc", "Subject", "In-Reply-To", "Message-ID", "Content-Type"):
        if headers[name]:
            yield from output.hanging(f"  {name}: ", one_line(str(headers[name]), 300))


def config_of(household: Household) -> str:
    """The settings with which every other command reads the sample."""
    owner = household.owner
    places = {
        f"mail.{household.mail.name}": household.mail.path,
        **{f"calendar.{calendar.name}": calendar.path for calendar in household.calendars},
        f"contacts.{household.contacts.name}": household.contacts.path,
        f"notes.{household.notes.name}": household.notes.path,
        **{f"documents.{root.name}": root.path for root in (household.documents, household.records)},
    }
    lines = [
        "# The sample household of `butler demo`.",
        f"state_dir = {json.dumps(STATE)}",
        "[owner]",
        f"name = {json.dumps(owner.name)}",
        f"addresses = {json.dumps(sorted(owner.addresses))}",
        f"timezone = {json.dumps(owner.zone.key)}",
        "[briefing]",
        f"folder = {json.dumps(BRIEFINGS)}",
    ]
    for name, path in places.items():
        lines += [f"[{name}]", f"path = {json.dumps(str(path.relative_to(household.folder) if path else ''))}"]
    return "\n".join(lines) + "\n"


def model_of(options: argparse.Namespace) -> ModelHost | None:
    """The model that was asked for, else the one of the settings; what is wrong there does not stop a demo.

    Nothing of it stays, so no copy of the model does.
    """
    settings = opening.read_settings(options).settings
    if options.model:
        return settings.model.model_copy(update={"name": options.model, "alias": False}).host()
    host = settings.model_host()
    return None if host is None else replace(host, alias=False)


def _folder(wanted: Path | None) -> Path:
    try:
        if wanted is None:
            return Path(tempfile.mkdtemp(prefix="butler-demo-"))
        folder = wanted.expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()) and not (folder / CONFIG).is_file():
            raise UsageError(f"{folder} holds something else.", advice="Name a new folder for the sample.")
    except OSError as error:
        raise StateError(f"The sample cannot be written: {error.strerror}.", advice="Name another folder.") from error
    return folder
