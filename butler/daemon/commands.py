"""The command lines of children: the program itself, with the options with which the daemon was started."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from butler.core.asks import AskRun
from butler.core.requests import WISH, WITHOUT_MODEL, Priority, Request

BRIEFING = "briefing"
SYNC = "sync"


def program() -> tuple[str, ...]:
    """How this program is started anew, without what lies in the working directory coming before what is installed."""
    script = Path(sys.executable).with_name("butler")
    if script.is_file():
        return (sys.executable, "-P", str(script))
    return (sys.executable, "-P", "-c", "import sys; from butler.cli import main; sys.exit(main())")


@dataclass(frozen=True, slots=True)
class Commands:
    """Makes command lines; `program` is what starts the butler, `options` stand before every command."""

    program: Sequence[str]
    options: Sequence[str]

    def of_request(self, request: Request) -> list[str]:
        """What runs a request: its document is read by the daemon."""
        if request.workflow == SYNC:
            return self._line("sync", request, "--unasked", "--json")
        if request.trigger == WISH:
            return self._line("respond", request, "--waiting", "--json")
        about = [f"--about={request.subject}"] if request.subject else []
        return self._line("do", request, *about, "--unasked", "--json")

    def of_ask(self, ask: AskRun) -> list[str]:
        """What runs what a person asked for: it prints what they get to see."""
        flags = [
            *(["--date", ask.day.isoformat()] if ask.day and ask.command == "brief" else []),
            *([f"--about={ask.subject}"] if ask.subject and ask.command == "do" else []),
            *(["--no-sync"] if not ask.sync and ask.command != "sync" else []),
            *(["--no-model"] if not ask.model and ask.command != "sync" else []),
            *(["--allow-empty"] if ask.allow_empty and ask.command == "sync" else []),
            *(["--json"] if ask.json_ else []),
            *(["--quiet"] if ask.quiet else []),
        ]
        return self._line(ask.command, request_of(ask), *flags)

    def execute(self) -> list[str]:
        """What carries out all that is approved and due."""
        return [*self.program, *self.options, "execute", "--json"]

    def _line(self, command: str, request: Request, *flags: str) -> list[str]:
        named = [request.workflow] if command == "do" else []
        return [*self.program, *self.options, command, *named, *flags]


def request_of(ask: AskRun) -> Request:
    """The request that a person makes."""
    workflow = {"brief": BRIEFING, "sync": SYNC}.get(ask.command) or ask.workflow or ""
    subject = ask.day.isoformat() if ask.day else ask.subject
    return Request(workflow, "person", Priority.PERSON, subject, model=ask.model and workflow not in WITHOUT_MODEL)
