"""How the daemon stands, as pages show it: what it does now, what waits, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from butler.core.errors import UsageError
from butler.core.night import is_night_name
from butler.web.books import Books
from butler.web.daemon_port import DaemonPort
from butler.web.layout import Visit
from butler.web.routes import Deed, Fields

_BACK = {"runs": "/runs", "schedule": "/schedule"}


@dataclass(frozen=True, slots=True)
class Standing:
    """The document of `butler status`, and the id of the run that goes on now, or nothing."""

    status: Mapping[str, Any]
    run: str = ""


async def standing(daemon: DaemonPort) -> Standing:
    """Ask the daemon, in its loop."""
    return Standing(daemon.status(), await daemon.run_id())


def cancel(_books: Books, _visit: Visit, form: Fields) -> Deed:
    """Give up what runs or waits under a number, or under the name of what is kept for the night."""
    number = sent(form, "number")
    is_number = number.isascii() and number.isdigit() and len(number) <= 9
    if not is_number and not is_night_name(number):
        raise UsageError("Nothing runs or waits under that number.", advice="Load the page again: it tells what does.")
    return Deed(_BACK.get(sent(form, "back"), "/runs"), lambda daemon: daemon.cancel(number))


def sent(form: Fields, name: str) -> str:
    """The one value that a form sent under a name, or nothing."""
    return form.get(name, [""])[0]
