"""`butler workflow`: the workflows there are, and those of the owner's own checked, tried, shown and begun."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from butler.cards.saying import saying
from butler.cli import opening, output
from butler.core.errors import EXIT_CONFIGURATION, SettingsError, StateError, UsageError
from butler.core.text import one_line

if TYPE_CHECKING:
    from butler.runner import Workflow
    from butler.settings import Settings
    from butler.settings.own import File, Shelf
    from butler.trial import Tried

_LONGEST = 1000


def run(options: argparse.Namespace) -> int:
    """Do one of these."""
    settings = opening.settings(options)
    if options.deed == "list" and options.names:
        raise UsageError("list takes no name.", advice=f"`butler workflow show {options.names[0]}` shows one.")
    if options.deed in {"try", "show", "new"} and len(options.names) != 1:
        raise UsageError(f"{options.deed} is about one workflow.", advice=f"Name it: butler workflow {options.deed} NAME.")
    deeds = {"list": _list, "check": _check, "try": _try, "show": _show, "new": _new}
    return deeds[options.deed](options, settings)


def _roots(settings: Settings) -> frozenset[str]:
    return frozenset({*settings.notes, *settings.documents})


def _calls(settings: Settings) -> frozenset[str]:
    """The tools of servers that only read, as SERVER.TOOL."""
    return frozenset(f"{name}.{tool}" for name, part in settings.mcp.items() for tool in part.reads)


def _list(options: argparse.Namespace, settings: Settings) -> int:
    from butler.cli.workflows_listed import as_json, lines, listed

    shelf = settings.workflows.shelf(_roots(settings), _calls(settings))
    found = listed(settings, shelf)
    problems = [*shelf.problems, *settings.workflows.code().problems()]
    if options.json:
        output.show_json({"workflows": [as_json(each) for each in found], "problems": problems})
        return 0
    output.show("\n".join(lines(found, settings.person().zone)))
    for problem in problems:
        output.fail(problem)
    if any(each.problems for each in found):
        output.say(options, "`butler workflow check` says what is wrong, line by line.")
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    """Tell every problem with its file and line."""
    shelf = settings.workflows.shelf(_roots(settings), _calls(settings))
    files = [_file(name, settings, shelf) for name in options.names] or shelf.files
    beside = [] if options.names else [*shelf.problems, *settings.workflows.code().problems()]
    count = len(beside) + sum(len(each.problems) for each in files)
    if options.json:
        output.show_json({"checked": [_checked(each) for each in files], "problems": beside})
    else:
        told = [*beside, *(sentence for each in files for sentence in each.told())]
        if told:
            output.show("\n".join(one_line(sentence, _LONGEST) for sentence in told))
        good = sum(not each.problems for each in files)
        output.say(options, f"{good} of {len(files)} workflows in files are good." if count else "All of them are good.")
    return EXIT_CONFIGURATION if count else 0


def _checked(file: File) -> dict[str, Any]:
    return {
        "name": file.name,
        "file": str(file.path),
        "problems": [{"line": each.line, "sentence": each.sentence} for each in file.problems],
    }


def _file(wanted: str, settings: Settings, shelf: Shelf) -> File:
    """The file of a workflow by its name, or the one at a path; raises UsageError where there is neither."""
    from butler.settings.own import known_of, read_file, unknown

    if "/" in wanted or wanted.endswith(".md"):
        path = Path(wanted).expanduser()
        with suppress(OSError):
            path.lstat()
            there = next((each for each in shelf.files if each.path == path.absolute()), None)
            return there or read_file(path.absolute(), known_of(settings.workflows.code(), _roots(settings), _calls(settings)))
        raise UsageError(f"{path} is not there.", advice="Name a workflow, or a file of one.")
    if found := shelf.find(wanted):
        return found
    if wanted in shelf.names:
        raise UsageError(f"{wanted} is code.", advice="Only workflows in files are checked, tried and shown.")
    raise unknown(wanted, shelf, [])


def _try(options: argparse.Namespace, settings: Settings) -> int:
    """Run one with nothing kept, and tell what would have come of it."""
    from butler.owned import workflow_of
    from butler.trial import Trial

    file = _file(options.names[0], settings, settings.workflows.shelf(_roots(settings), _calls(settings)))
    if file.definition is None:
        raise SettingsError(file.told())
    named: Workflow = workflow_of(file.definition, settings.workflows.code())
    with Trial(opening.deeds(settings, output.fail), warn=output.fail) as house:
        day = opening.day_of(options.date, _now(settings))
        tried = house.attempt(named, day, model=not options.no_model)
    if options.json:
        output.show_json(_tried_json(tried))
        return 0
    output.show("\n".join(_tried_lines(tried)))
    output.say(options, "Nothing was written, proposed or told.")
    return 0


def _now(settings: Settings) -> Any:
    from butler.house import wall_clock

    return wall_clock().astimezone(settings.person().zone)


def _tried_lines(tried: Tried) -> Iterator[str]:
    yield tried.page.rstrip("\n")
    yield ""
    if tried.place:
        yield f"It would be saved as {tried.place}.md."
    for kept, verdict in tried.proposed:
        yield f"It would propose, {output.painted('1', kept.status)}: {saying(kept.action.payload)}"
        yield from output.hanging("    ", one_line(" ".join((kept.action.reason, *verdict.reasons)), _LONGEST))
    if tried.notice:
        yield f"It would tell: {one_line(tried.notice, _LONGEST)}"
    usage = tried.usage
    if usage.model_calls:
        yield f"Asked {usage.model_calls} times: {usage.tokens_in} tokens in, {usage.tokens_out} out, {usage.seconds:.1f} s."
    else:
        yield "No model was asked."


def _tried_json(tried: Tried) -> dict[str, Any]:
    return {
        "workflow": tried.definition.name,
        "date": tried.day.isoformat(),
        "page": tried.place or None,
        "text": tried.page,
        "proposed": [
            {
                "kind": kept.action.kind,
                "status": kept.status,
                "saying": saying(kept.action.payload),
                "reason": kept.action.reason,
                "policy": list(verdict.reasons),
                "sources": list(kept.action.sources),
            }
            for kept, verdict in tried.proposed
        ],
        "notice": tried.notice or None,
        "left_out": list(tried.result.get("left_out", ())),
        "dropped": tried.result.get("dropped", 0),
        "usage": tried.usage.model_dump(mode="json"),
    }


def _show(options: argparse.Namespace, settings: Settings) -> int:
    """Print a file, or with --json what is understood of it."""
    file = _file(options.names[0], settings, settings.workflows.shelf(_roots(settings), _calls(settings)))
    if options.json:
        definition = file.definition.model_dump(mode="json") if file.definition else None
        output.show_json({**_checked(file), "from": file.origin, "definition": definition})
        return 0
    output.say(options, f"{file.path} ({'your own' if file.origin == 'own' else 'shipped'})")
    try:
        output.show(file.path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise StateError(f"{file.path} cannot be read: {error.strerror}.") from error
    for sentence in file.told():
        output.fail(one_line(sentence, _LONGEST))
    return 0


def _new(options: argparse.Namespace, settings: Settings) -> int:
    """Begin one: a file with comments that is good as it is."""
    from butler.cli.workflows_begun import begin

    path = begin(options.names[0], settings.workflows.folder, settings.workflows.shelf(strict=False))
    if options.json:
        output.show_json({"file": str(path)})
    else:
        output.show(f"Written: {path}")
        output.say(options, f"Change it, then `butler workflow check {options.names[0]}`.")
    return 0
