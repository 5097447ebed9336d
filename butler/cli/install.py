"""`butler install-service`: the butler as a service of systemd, for the machine or for oneself."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from butler.cli import opening, output
from butler.core.errors import SettingsError, SourceError, UsageError
from butler.install import Call, Plan, hosts_of_notices, name_servers, resolved, system_plan, user_plan, version_of
from butler.settings import Settings
from butler.settings.notices import addresses

_RESOLVER = Path("/etc/resolv.conf")


def run(options: argparse.Namespace) -> int:
    """Write the unit, or print it."""
    call = Call(Path(sys.executable).with_name("butler"), tuple(_given(options)), version_of(_systemd()))
    if options.user:
        plan = user_plan(call, Path.home(), _configuration())
    else:
        if os.geteuid() != 0 and not options.print:
            raise UsageError("A service of the machine is put in place by root.", advice="Say sudo, --user, or --print.")
        plan = system_plan(_settings(options), call, resolved, _name_servers(), _notice_hosts(options))
    if options.print:
        output.show("\n".join(f"# {path}\n{text}" for path, text in plan.files.items()))
    else:
        _write(plan)
    _say(options, plan)
    return 0


def _configuration() -> Path | None:
    """Where this user keeps their configuration, if they say so: a path that is not absolute counts as none (XDG)."""
    named = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    return named if named.is_absolute() else None


def _given(options: argparse.Namespace) -> Iterator[str]:
    """The files and folders that were named on the command line: the service is to go by them, too."""
    for name in ("config", "env_file", *(["state_dir"] if options.user else [])):
        if given := getattr(options, name):
            yield from (f"--{name.replace('_', '-')}", str(Path(given).absolute()))


def _systemd() -> str:
    try:
        return subprocess.run(["systemctl", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _settings(options: argparse.Namespace) -> Settings:
    """The settings that the service is going to read; kept, so that what depends on them is asked once."""
    loaded = opening.read_settings(options)
    if loaded.problems:
        raise SettingsError(loaded.problems)
    options.loaded = loaded.settings
    return loaded.settings


def _notice_hosts(options: argparse.Namespace) -> tuple[str, ...]:
    try:
        return hosts_of_notices(addresses(options.loaded.notices.urls()))
    except SourceError as error:
        output.fail(str(error))
        return ()


def _name_servers() -> list[str]:
    try:
        return name_servers(_RESOLVER.read_text(encoding="utf-8"))
    except OSError:
        return []


def _write(plan: Plan) -> None:
    for path, text in plan.files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f".{path.name}.part")
            part.write_text(text, encoding="utf-8")
            part.chmod(0o644)
            part.replace(path)
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _say(options: argparse.Namespace, plan: Plan) -> None:
    if not options.print:
        for path in plan.files:
            output.say(options, f"{path} is written.")
    for remark in plan.remarks:
        output.say(options, remark)
    output.say(options, "Once that is written, run:" if options.print else "Now run:")
    for command in plan.commands:
        output.say(options, f"    {command}")
