"""`butler export training`: drafts as you approved them, as chats to tune a model of your own on; asked for first."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.cli import opening, output
from butler.cli.proving import since_of
from butler.core import tuning
from butler.core.errors import ButlerError, UsageError
from butler.core.masking import Masks
from butler.core.text import one_line, visible
from butler.core.training import LEFT, Draft, Material, material
from butler.settings.secrets import written_out

if TYPE_CHECKING:
    from butler.core.steps import ModelCall
    from butler.house import House
    from butler.settings import Settings

_LEARNED = "workflows.draft_reply.learned"
_SHOWN = 1_200
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def run(options: argparse.Namespace) -> int:
    """Show what would be written and of whom, ask, and write it."""
    settings = opening.settings(options)
    folder = _folder(options.out, settings)
    since = _since(options.since, settings) if options.since else _FIRST
    part = import_module(_LEARNED)
    with opening.house(settings) as house:
        found = material(_drafts(house, since), part.learned, part.STEP, _masks(house, settings))
    base = settings.model.write or settings.model.name
    files = _files(found, base)
    written = bool(found.examples) and _agreed(options, found, folder, files)
    if written:
        _write(folder, files)
    if options.json:
        output.show_json(_document(found, folder if written else None))
    elif not found.examples:
        output.show("\n".join(_summary(found, settings)))
    elif written:
        output.show(
            f"{len(found.examples)} examples are in {visible(str(folder))}. README.txt there says what to do with them."
        )
    else:
        output.say(options, "Nothing was written.")
    return 0


def _since(text: str, settings: Settings) -> datetime:
    try:
        return since_of(text, datetime.now(settings.person().zone))[0]
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is neither a day nor a span.", advice="Write it like monday, yesterday, 2026-11-20 or 90d."
        ) from None


def _folder(wanted: Path, settings: Settings) -> Path:
    """Where it is to go: no place in which the butler's own files are."""
    folder = wanted.expanduser().absolute()
    state = settings.state_dir.absolute()
    if folder.resolve().is_relative_to(state.resolve()):
        raise UsageError(f"{wanted} lies in the butler's own folder.", advice="Name a folder elsewhere with --out.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{wanted} is no folder.", advice="Name another one with --out.")
    return folder


def _drafts(house: House, since: datetime) -> Iterator[Draft]:
    """The letters by the butler that were approved since a moment, each with what the model was asked for it."""
    outbox, book = house.truth.outbox, house.truth.book
    for kept, decision in outbox.decided(since):
        if decision.verb != "approve" or kept.action.workflow != "draft_reply" or not kept.action.sources:
            continue
        with suppress(ButlerError):
            first = next(iter(outbox.versions(kept.id)), kept.action.payload)
            about = kept.action.sources[0]
            calls = [_with_prompt(call, house) for call in book.of_run(kept.action.run) if call.subject == about]
            yield Draft(kept, decision, first, calls)


def _with_prompt(call: ModelCall, house: House) -> ModelCall:
    """A call whose answer was known before has the prompt of the one that it was known from."""
    if call.prompt or not call.cached:
        return call
    same = (each for each in house.truth.book.about(call.subject, 200) if each.key == call.key and each.prompt)
    return next(same, call)


def _masks(house: House, settings: Settings) -> Masks:
    contacts = [placed.contact for placed in house.mirror.reads.contacts()]
    places = [home.lines for contact in contacts for home in contact.homes]
    return Masks(
        settings.addresses(),
        written_out(settings),
        [phone.number for contact in contacts for phone in contact.phones],
        [*places, *(place.replace(", ", "\n") for place in places)],
    )


def _files(found: Material, base: str) -> Mapping[str, str]:
    return {
        tuning.EXAMPLES: "".join(f"{example.line}\n" for example in found.examples),
        tuning.INDEX: json.dumps(found.index(), indent=1) + "\n",
        tuning.MODELFILE: tuning.modelfile(base),
        tuning.README: tuning.readme(base, len(found.examples), found.edited),
    }


def _agreed(options: argparse.Namespace, found: Material, folder: Path, files: Mapping[str, str]) -> bool:
    """Whether the owner wants it written, and written over what is there; raises UsageError where nobody can be asked."""
    there = [name for name in files if os.path.lexists(folder / name)]
    if folders := [name for name in there if (folder / name).is_dir() and not (folder / name).is_symlink()]:
        raise UsageError(f"{folders[0]} in {folder} is a folder.", advice="Name another place with --out.")
    asks = sys.stdin.isatty() and not options.json
    if not options.yes and not asks:
        raise UsageError("Nobody can be asked here whether to write it.", advice="Say --yes as well.")
    if there and not options.force and (options.yes or not asks):
        raise UsageError(f"{there[0]} is in {folder} already.", advice="Name another folder with --out, or say --force.")
    if options.yes:
        return True
    output.page("\n".join((*_summary(found), "", *_example(found))) + "\n")
    output.ask(f"Write {len(found.examples)} examples to {folder}? [y/N] ")
    if not _yes():
        return False
    if there and not options.force:
        output.ask(f"{there[0]} is there already. Write over it? [y/N] ")
        return _yes()
    return True


def _yes() -> bool:
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


def _summary(found: Material, settings: Settings | None = None) -> Iterator[str]:
    """How many examples there are, whose words, and what is masked."""
    count = len(found.examples)
    yield f"{count} approved {'draft' if count == 1 else 'drafts'} to learn from: {found.edited} that you changed,"
    yield f"in your words, and {count - found.edited} that you approved as the model wrote them; none that you rejected."
    if not count:
        yield "There is nothing to write yet: approve drafts that a model wrote, then come back."
    for why, number in found.left.items():
        yield f"  left out: {number} {LEFT[why]}"
    if settings is not None:
        yield f"What the model was asked is kept for {settings.retention.days} days (retention.days)."
        return
    yield "Each has the question as the model was asked it, which quotes the mail of others, and the answer."
    yield (
        "Masked: "
        + ("; ".join(f"{number} {name}" for name, number in found.masked.items()) or "nothing was found to mask")
        + "."
    )
    yield "Not masked: names, and whatever else is told. Files are for you alone (0600), and are sent nowhere."


def _example(found: Material) -> Iterator[str]:
    example = next((each for each in found.examples if each.edited), found.examples[0])
    yield f"One of them ({'changed by you' if example.edited else 'approved as it was'}), action {example.action}:"
    for message in example.messages[1:]:
        words = visible(message["content"])
        shown = words if len(words) <= _SHOWN else f"{words[:_SHOWN]} …"
        yield f"  {message['role']}:"
        yield from (f"    {one_line(line, 400)}" for line in shown.splitlines())


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """Write all files, whole or none of them, readable by their owner alone."""
    beside = {name: folder / f".{name}.{os.getpid()}" for name in files}
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in files.items():
            _write_file(beside[name], text)
        for name, path in beside.items():
            path.replace(folder / name)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.", advice="Name another folder with --out.") from error
    finally:
        for path in beside.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _write_file(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def _document(found: Material, folder: Path | None) -> dict[str, Any]:
    return {
        "folder": str(folder) if folder else None,
        "examples": len(found.examples),
        "edited": found.edited,
        "left_out": {why: found.left.get(why, 0) for why in LEFT},
        "masked": dict(found.masked),
    }
