"""`butler backup`: the state in one file, while the daemon runs or not."""

from __future__ import annotations

import argparse
from pathlib import Path

from butler.cli import opening, output
from butler.core.errors import UsageError


def run(options: argparse.Namespace) -> int:
    """Write the backup."""
    from butler.backup import back_up, document_of
    from butler.house import wall_clock
    from butler.sealing import Seal

    loaded = opening.read_settings(options)
    state, target = loaded.settings.state_dir, options.file.absolute()
    if target.exists() and not options.force:
        raise UsageError(f"{options.file} is there already.", advice="Name another file, or say --force.")
    seal = Seal(options.age or "") if options.age or options.passphrase else None
    found = {file.name: file for file in (*loaded.files, _policy(loaded.settings.drafting.policy, loaded.files)) if file}
    found |= loaded.settings.workflows.files()
    manifest = back_up(state, target, wall_clock(), found if options.settings else None, seal)
    if options.json:
        output.show_json({"file": str(target), "encrypted": seal is not None, **document_of(manifest)})
    else:
        output.say(options, f"{options.file} holds the state of {state} as it is now. Keep it where only you can read it.")
    return 0


def _policy(named: Path | None, files: tuple[Path, ...]) -> Path | None:
    """The file with the owner's rules, where there is one."""
    beside = (file.with_name("policy.toml") for file in files if file.name == "butler.toml")
    return next((file for file in (*([named] if named else []), *beside) if file.is_file()), None)
