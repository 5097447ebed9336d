"""`butler restore`: the state of a backup in the place of the one that is there, which is put aside."""

from __future__ import annotations

import argparse
from typing import Any

from butler.cli import opening, output


def run(options: argparse.Namespace) -> int:
    """Restore; refuses while a daemon runs."""
    from butler.daemon.pidfile import PidFile
    from butler.house import wall_clock
    from butler.restore import restore
    from butler.store.floor import Floor
    from butler.store.state import StateLock, state_folder

    state = state_folder(opening.read_settings(options).settings.state_dir)
    with PidFile(state), StateLock(state), Floor(state).alone():
        done = restore(options.file.absolute(), state, wall_clock(), force=options.force, identity=options.identity)
    document: dict[str, Any] = {
        "created": done.manifest.created,
        "aside": str(done.aside) if done.aside else None,
        "looked_at": done.looked_at,
        "settings": str(done.settings) if done.settings else None,
    }
    if options.json:
        output.show_json(document)
        return 0
    output.say(options, f"{state} is as it was on {done.manifest.created[:16].replace('T', ' at ')} UTC.")
    if done.aside:
        output.say(options, f"What was there before is in {done.aside}.")
    if done.looked_at:
        output.say(
            options, f"Approved actions that may have been done since: {done.looked_at}. The butler looks before it does any."
        )
    if done.settings:
        output.say(options, f"The settings of the backup are in {done.settings}; compare them with yours.")
    return 0
