"""Checks each part and says how to mend it; nothing that is broken keeps the other checks from being made."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import closing, suppress
from datetime import UTC, datetime
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from butler.checkup import Check, Level, check_model, kept_pins
from butler.core.accounts import Account, ModelHost
from butler.core.errors import ButlerError, StateError, extra
from butler.core.jailing import DEGRADED, Jailing
from butler.core.sources import Collection, Raw, Source, are_documents
from butler.core.text import one_line
from butler.exams.advice import advice_of
from butler.sandbox.jail import Support, enforced, support, unsupported
from butler.sandbox.profiles import PROFILES
from butler.store.state import state_folder

if TYPE_CHECKING:
    from butler.core.foreign import ForeignServer
    from butler.guests.guests import Guests
    from butler.house import Deeds
    from butler.model import ModelReport
    from butler.settings import Loaded
    from butler.settings.values import WorkflowsPart
    from butler.settings.web import WebPart
    from butler.store.mirror import Mirror

PACKAGES = ("butler", "tools", "workflows")
_DISTRIBUTION = "butler"
_LITTLE_SPACE = 500_000_000
_NO_SPACE = 50_000_000
_SHOWN = 5
_PAGE_NEEDS = ("argon2", "babel", "jinja2", "starlette", "uvicorn")


def examine(loaded: Loaded, deeds: Deeds, now: datetime, inspect: Callable[[ModelHost], ModelReport]) -> Iterator[Check]:
    """Make all checks one by one; `deeds` is built from what could be used of the settings."""
    yield from check_settings(loaded)
    yield from check_files(loaded.files)
    yield from check_jail(loaded.settings.sandbox, support())
    yield from check_sources(deeds)
    yield from check_servers(deeds)
    yield from check_model(loaded, inspect, kept_pins(deeds.state / "butler.db"))
    yield from (Check("exam", *each) for each in advice_of(deeds.state / "butler.db", deeds.model, inspect))
    yield from check_page(loaded.settings.web)
    yield from check_workflows(loaded.settings.workflows)
    yield from check_state(deeds.state)
    yield from check_truth(deeds.state / "butler.db")
    yield from check_mirror(deeds)
    yield check_clock(now, Path(__file__).stat().st_mtime)
    yield Check("time zone", "ok", f"It is {now.astimezone(deeds.owner.zone):%H:%M} in {deeds.owner.zone.key}.")
    yield from check_packaging()


def check_settings(loaded: Loaded) -> Iterator[Check]:
    """One failure for each problem of the settings."""
    for problem in loaded.problems:
        yield Check("settings", "failure", problem)
    if not loaded.problems:
        read = ", ".join(map(str, loaded.files)) or "no file, only the environment"
        yield Check("settings", "ok", f"All settings are well (read: {read}).")


def check_page(web: WebPart) -> Iterator[Check]:
    """Whether the page can be served where it is asked for, and who may listen to it."""
    missing = [name for name in _PAGE_NEEDS if find_spec(name) is None]
    if web.is_on and missing:
        yield Check("page", "failure", f"The page needs {', '.join(missing)}.", f"{extra('web')} Or leave [web] out.")
    elif web.is_open:
        sentence = f"The page is served on {web.listen}, and nothing says that a proxy speaks TLS before it."
        yield Check("page", "warning", sentence, "Set web.socket and have a proxy serve it, or leave web.listen out.")
    elif web.is_on:
        yield Check("page", "ok", f"The page is at {web.address or web.socket}.")


def check_workflows(part: WorkflowsPart) -> Iterator[Check]:
    """Whether the workflows and the code of the owner's own can be read, where there are any."""
    for problem in part.problems():
        yield Check("workflows", "failure", problem, "Until that is mended, it does not run.")
    own = sum(each.origin == "own" and not each.problems for each in part.shelf(strict=False).files)
    if own:
        yield Check("workflows", "ok", f"{own} {'workflow' if own == 1 else 'workflows'} of your own can run.")


def check_files(files: Sequence[Path]) -> Iterator[Check]:
    """A warning for each file of settings that others may read."""
    for file in files:
        try:
            open_to_others = file.stat().st_mode & 0o077
        except OSError:
            continue
        if open_to_others:
            sentence = f"{file} can be read by other users."
            yield Check("settings", "warning", sentence, f"If a password stands in it, run `chmod 600 {file}`.")


def check_jail(sandbox: Jailing, kernel: Support) -> Iterator[Check]:
    """What the kernel enforces for each role of workers, and whether the settings make do with less."""
    if sandbox == "degraded":
        yield Check("jail", "warning", DEGRADED, 'Leave sandbox out, or set it to "enforced".')
    if not kernel.suffices:
        told = unsupported(kernel)
        yield Check("jail", "failure" if sandbox == "enforced" else "warning", told.sentence, told.advice)
    for role, profile in PROFILES.items():
        held = enforced(profile, kernel)
        yield Check(f"jail {role}", "ok" if kernel.suffices else "warning", f"{held} (Landlock {held.abi or 'none'}).")


def shortened(checks: Iterable[Check]) -> Iterator[Check]:
    """The same checks, with one line for all roles of workers where every one is confined as it should be."""
    for is_jail, run in groupby(checks, lambda check: check.name.partition(" ")[0] == "jail"):
        if not is_jail:
            yield from run
            continue
        jails = list(run)
        if all(check.level == "ok" for check in jails):
            yield Check("jail", "ok", f"All {len(jails)} roles of workers are confined; `--json` tells what holds each.")
        else:
            yield from jails


def check_sources(deeds: Deeds) -> Iterator[Check]:
    """Whether each source can be reached, and what it holds."""
    from butler.dialing import StateLedger
    from butler.remote.sources import RemoteSource
    from butler.remote.workers import Workers
    from butler.sandbox.worker import Forkserver

    if not deeds.accounts:
        advice = "Set a mail account, calendar or notes folder; docs/configuration.md shows how."
        yield Check("sources", "warning", "There is nothing to read.", advice)
        return
    with suppress(StateError):
        # What is connected to is written down there; what is wrong with it is told by a check of its own.
        state_folder(deeds.state)
    with Forkserver(deeds.forkserver) as forkserver, closing(StateLedger(deeds.state / "butler.db")) as ledger:
        workers = Workers(lambda: forkserver, ledger, deeds.found, degraded=deeds.sandbox == "degraded")
        yield from (_check_source(RemoteSource(workers, account), account) for account in deeds.accounts)


def _check_source(source: Source[Raw], account: Account) -> Check:
    name = f"{'documents' if are_documents(account) else source.kind}.{source.name}"
    try:
        collections = source.collections()
        for collection in collections:
            _look_into(source, collection)
    except ButlerError as error:
        return Check(name, "failure", error.sentence, error.advice)
    finally:
        source.close()
    if not collections:
        return Check(name, "warning", "Reached, but there is nothing to read in it.", "Check its folders or collections.")
    names = ", ".join(one_line(each.name, 40) for each in collections[:_SHOWN])
    more = f" and {len(collections) - _SHOWN} more" if len(collections) > _SHOWN else ""
    return Check(name, "ok", f"Reached; it holds {names}{more}.")


def _look_into(source: Source[Raw], collection: Collection) -> None:
    """Read the first batch where a source tells no state: whether anything is there shows only then."""
    if not collection.token:
        next(iter(source.changes(collection, None, dict)), None)


def check_servers(deeds: Deeds) -> Iterator[Check]:
    """Whether each server of the owner's choice starts, what it tells, and whether that is what it told at first."""
    from butler.house import wall_clock
    from butler.staff import Staff

    if not deeds.servers:
        return
    if find_spec("mcp") is None:
        yield Check("mcp", "failure", "The servers of your choice need the package mcp.", extra("mcp"))
        return
    staff = Staff(deeds.state, deeds.found, wall_clock, deeds.sandbox, deeds.forkserver, deeds.servers)
    with closing(staff):
        for server in deeds.servers:
            yield from _check_server(server, staff.guests)


def _check_server(server: ForeignServer, guests: Guests) -> Iterator[Check]:
    name = f"mcp.{server.name}"
    try:
        listed = guests.listed(server.name)
    except ButlerError as error:
        yield Check(name, "failure", error.sentence, error.advice)
        return
    for tool in sorted(listed.changed):
        sentence = f"It tells something else of its tool {tool} than at first, so that is not used."
        yield Check(name, "warning", sentence, f"Look at `butler mcp tools {server.name}`; --accept takes it as it is now.")
    missing = sorted(server.reads - {tool.name for tool in listed.tools})
    if missing:
        sentence = f"It has no tool {one_line(', '.join(missing), 200)}."
        yield Check(name, "warning", sentence, f"Mend {name}.reads; `butler mcp tools {server.name}` lists its tools.")
    yield from (Check(name, "warning", problem) for problem in listed.problems)
    reads = sum(tool.name in server.reads for tool in listed.tools)
    yield Check(name, "ok", f"It starts in its jail, and has {len(listed.tools)} tools, of which {reads} can only read.")


def check_state(folder: Path) -> Iterator[Check]:
    """Whether the state folder can be used, is private, and has room."""
    try:
        state_folder(folder)
        free = shutil.disk_usage(folder).free
    except StateError as error:
        yield Check("state folder", "failure", error.sentence, error.advice)
        return
    if folder.stat().st_mode & 0o077:
        yield Check("state folder", "failure", f"{folder} is open to other users.", f"Run `chmod 700 {folder}`.")
    level: Level = "failure" if free < _NO_SPACE else "warning" if free < _LITTLE_SPACE else "ok"
    advice = "" if level == "ok" else "Free some space, or name another folder as state_dir."
    room = f"{free / 1e9:,.1f} GB" if free >= _LITTLE_SPACE else f"only {free / 1e6:,.0f} MB"
    yield Check("state folder", level, f"{folder} is writable, with {room} free.", advice)


def check_truth(path: Path) -> Iterator[Check]:
    """Whether the butler's own database is whole, and this butler's."""
    from butler.store.truth import Truth

    if not path.exists():
        return
    try:
        with closing(Truth.open(path)) as truth:
            truth.examine()
    except StateError as error:
        yield Check("database", "failure", error.sentence, error.advice)
    else:
        yield Check("database", "ok", f"{path.name} is whole.")


def check_mirror(deeds: Deeds) -> Iterator[Check]:
    """What could not be read at the last sync, and what is set aside."""
    from butler.store.mirror import Mirror

    path = deeds.state / "mirror.db"
    if not path.exists():
        yield Check("mirror", "ok", "Nothing has been synced yet; `butler sync` does it.")
        return
    try:
        with closing(Mirror.open(path, deeds.owner.zone.key, deeds.owner.addresses)) as mirror:
            yield from _mirror_checks(mirror, {account.name for account in deeds.accounts if are_documents(account)})
    except StateError as error:
        yield Check("mirror", "failure", error.sentence, error.advice)


def _mirror_checks(mirror: Mirror, documents: Set[str]) -> Iterator[Check]:
    def called(kind: str, name: str) -> str:
        return f"{'documents' if kind == 'notes' and name in documents else kind}.{name}"

    for warning in mirror.warnings:
        yield Check("mirror", "warning", warning, "Run `butler sync`.")
    aside = [
        f"{called(state.kind, state.name)}/{collection}/{key}"
        for state in mirror.sources()
        for collection, key in mirror.quarantined(mirror.source(state.kind, state.name))
    ]
    for name in aside[:_SHOWN]:
        sentence = f"{one_line(name)} was too much for the parser and is set aside."
        yield Check("mirror", "warning", sentence, "Read it in your mail or calendar program.")
    problems = mirror.problems()
    for problem in problems[:_SHOWN]:
        where = one_line(f"{called(problem.kind, problem.source)}/{problem.collection}/{problem.key}", 200)
        yield Check("mirror", "warning", f"{where}: {one_line(problem.sentence)}")
    if more := max(0, len(aside) - _SHOWN) + max(0, len(problems) - _SHOWN):
        yield Check("mirror", "warning", f"{more} more could not be read well.")
    if not aside and not problems:
        yield Check("mirror", "ok", "All that was synced could be read.")


def check_clock(now: datetime, installed: float) -> Check:
    """Whether the clock is plausible: not before the butler was installed."""
    if now.timestamp() < installed:
        since = datetime.fromtimestamp(installed, UTC)
        sentence = f"The clock says {now:%Y-%m-%d}, but the butler was installed on {since:%Y-%m-%d}."
        return Check("clock", "failure", sentence, "Set the clock, for example with `timedatectl set-ntp true`.")
    return Check("clock", "ok", f"It is {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC.")


def check_packaging() -> Iterator[Check]:
    """Whether the butler owns its three packages alone, and lives in an environment of its own."""
    owners = packages_distributions()
    home = Path(__file__).resolve().parent.parent
    failed = False
    for package in PACKAGES:
        others = sorted(set(owners.get(package, ())) - {_DISTRIBUTION})
        spec = find_spec(package)
        found = Path(spec.origin).resolve().parent.parent if spec and spec.origin else None
        if others:
            failed = True
            advice = f"Remove it from this environment: pip uninstall {' '.join(others)}; then install the butler again."
            yield Check("packaging", "failure", f"{', '.join(others)} also installs a package {package!r}.", advice)
        elif found != home:
            failed = True
            sentence = f"The package {package!r} comes from {found or 'nowhere'}, not from {home}."
            yield Check("packaging", "failure", sentence, "Start the butler from another folder, or with PYTHONSAFEPATH=1.")
    if sys.prefix == sys.base_prefix:
        advice = "Install it into a virtual environment; README.md shows how."
        yield Check("packaging", "warning", "The butler shares its Python with other programs.", advice)
    elif not failed:
        yield Check("packaging", "ok", f"The butler lives alone in {sys.prefix}, on Python {sys.version.split()[0]}.")
