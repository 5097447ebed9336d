"""From options to settings to an open house."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from butler.core.errors import SettingsError
from butler.core.owner import BriefingOptions
from butler.environment import forget
from butler.settings import PREFIX

if TYPE_CHECKING:
    from butler.house import Deeds, House
    from butler.settings import Loaded, Settings
    from butler.settings.fields import Path_
    from butler.store.truth import Truth

_NO_SOURCE = (
    "There is no mail account, calendar or notes folder to read. "
    "Set one (docs/configuration.md shows how), or see a sample with `butler demo`."
)

_forkservers: list[int] = []
"""Where this process orders workers: at the daemon whose child it is, or where it began one early."""

_READING = ("butler.sandbox.stations",)
"""What all workers need that read sources."""


def _unheard(_sentence: str) -> None:
    """Let a sentence go."""


def read_settings(options: argparse.Namespace) -> Loaded:
    """Read the settings with all their problems; what is in the environment is taken out of it, so that no child sees it."""
    if options.child:
        return _handed(options)
    from butler.settings import Places, read

    overrides: dict[Path_, Any] = {("state_dir",): str(options.state_dir)} if options.state_dir else {}
    loaded = read(Places(overrides=overrides, config=options.config, env_file=options.env_file))
    options.state = loaded.settings.state_dir
    _forget()
    return loaded


def _handed(options: argparse.Namespace) -> Loaded:
    """The settings of the daemon whose child this is; nothing in the environment counts."""
    from butler.daemon.lifeline import hold_on_to, orders_of

    loaded = hold_on_to(options.child)
    _forkservers[:] = filter(None, [orders_of(options.child)])
    options.state = loaded.settings.state_dir
    _forget()
    return loaded


def _forget() -> None:
    forget(PREFIX)


@contextmanager
def forks(options: argparse.Namespace, preloaded: Sequence[str] = _READING) -> Iterator[None]:
    """Have what workers come from start while the settings are read; a child of the daemon uses the daemon's."""
    if options.child:
        yield
        return
    from butler.sandbox.worker import Forkserver

    with Forkserver() as forkserver:
        _forkservers[:] = [forkserver.descriptor]
        forkserver.preload(preloaded)
        try:
            yield
        finally:
            _forkservers.clear()


def settings(options: argparse.Namespace, *, sources: bool = False) -> Settings:
    """Read the settings; raises SettingsError with every problem, with `sources` also when there is nothing to read."""
    loaded = read_settings(options)
    if loaded.problems:
        raise SettingsError(loaded.problems)
    if sources and not loaded.settings.accounts():
        raise SettingsError((_NO_SOURCE,))
    return loaded.settings


def deeds_to_sync(options: argparse.Namespace) -> Deeds:
    """What a house is built from that is only to be synced; raises SettingsError as `settings` with `sources` does.

    A child of the daemon gets it in plain values, and no rules: nothing is proposed or decided in it.
    """
    from butler.cli import output
    from butler.house import Deeds

    if not options.child:
        return deeds(settings(options, sources=True), output.fail)
    from butler.daemon.lifeline import hold_on_to_read, orders_of

    reading = hold_on_to_read(options.child)
    options.state = reading.state
    _forget()
    if not reading.accounts:
        raise SettingsError((_NO_SOURCE,))
    return Deeds(
        *(reading.owner, reading.accounts, BriefingOptions(), reading.state),
        found=reading.found,
        sandbox=reading.sandbox,
        forkserver=orders_of(options.child),
    )


def deeds(found: Settings, warn: Callable[[str], None] = _unheard) -> Deeds:
    """What a house is built from; `warn` hears what is wrong with the owner's rules."""
    from butler.core.policy import Policy
    from butler.desk import Drafting
    from butler.house import Deeds
    from butler.owned import named_by, tools_of
    from butler.settings.policy import load_policy

    owner, drafting = found.person(), found.drafting
    policy = Policy(own=owner.addresses, zone=owner.zone)
    if drafting.policy is not None:
        policy, problems = load_policy(drafting.policy, policy)
        for problem in problems:
            warn(f"{problem} Until that is mended, everything is held.")

    return Deeds(
        owner=owner,
        accounts=found.accounts(),
        options=found.briefing.options(),
        state=found.state_dir,
        briefings=found.briefing_folder(),
        model=found.model_host(),
        policy=policy,
        drafting=Drafting(drafting.calendar, drafting.tasks, drafting.hold_days, drafting.limit, drafting.inbox),
        watched={name: part.path for name, part in found.watch.items()},
        memory=found.memory.account(found.state_dir),
        named=partial(named_by, found.workflows),
        found=tools_of(found.workflows.code()),
        sandbox=found.sandbox,
        forkserver=next(iter(_forkservers), None),
        servers=found.servers(),
    )


@contextmanager
def truth(found: Settings) -> Iterator[Truth]:
    """The butler's own database alone, for what needs nothing else and has to be quick."""
    from butler.store.state import state_folder
    from butler.store.truth import Truth

    opened = Truth.open(state_folder(found.state_dir) / "butler.db")
    try:
        yield opened
    finally:
        opened.close()


def house(found: Settings, *, unasked: bool = False) -> House:
    """The owner's house, to be entered; `unasked`: for what nobody asked for."""
    from butler.cli import output
    from butler.house import House

    return House(deeds(found, output.fail), warn=output.fail, unasked=unasked)


def day_of(name: str | None, now: datetime) -> date | None:
    """The day that `--date` names, seen from a moment in the owner's zone."""
    if name is None:
        return None
    shift = {"yesterday": -1, "today": 0, "tomorrow": 1}.get(name)
    return date.fromisoformat(name) if shift is None else now.date() + timedelta(days=shift)
