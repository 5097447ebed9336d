"""Thinkers that something has taken over: each does its worst from inside, once it is told to go.

They run in the worker, like `butler.thinking.inside:think`, whose place they take; a test names one and gets what came of it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from butler.core.actions import Action, Kept, Taint
from butler.core.payloads import FileAppend, Undo
from butler.core.steps import ModelCall
from butler.sandbox.seam import FOREVER, SeamDial, Side
from butler.sandbox.wire import Parcel, Patience
from butler.thinking.inside import _Faults

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
ACTION = Action(FileAppend(root="notes", path="Inbox.md", text="pay mallory"), "It says so.", "evil", ("mail:home/evil@x",))
CALL = ModelCall(
    *("run", NOW, "received", "1", "mail:home/a@x", "key", "good", "0" * 64, "ollama 0"),
    *(False, "ok", 1, 10, 10, 0.5, "prompt", "{}"),
)
GARBAGE: Mapping[str, tuple[str, Sequence[Any]]] = {
    "times that are none": ("received", ["yesterday", 7]),
    "times without a zone": ("sent", [[2026, 11, 24], NOW]),
    "a reference that is a number": ("mail", [7]),
    "a reference without an end": ("mail", ["x" * 30_000]),
    "too many threads": ("threads", [[1] * 200_000]),
    "a thread beyond any database": ("threads", [[2**70]]),
    "a negative limit": ("letters_to", [["a@x"], -1]),
    "a limit beyond reason": ("notes_about", [["a"], 10**9]),
    "a search that is 9 MB": ("search", ["x" * 9_000_000, 5]),
    "a search for all there is": ("search_any", [["a"], 1_001]),
    "more values than there are": ("tasks", [1, 2, 3]),
    "fewer values than there are": ("kept", []),
    "a value that is no JSON": ("keep", ["a", "{"]),
    "a value that is deeper than Python": ("keep", ["a", "[" * 100_000]),
    "a result that is a list": ("keep", ["result", "[1]"]),
    "a result that left numbers": ("keep", ["result", '{"left": [1, 2]}']),
    "a date that is a time": ("snapshot_before", [NOW]),
    "a record of nothing": ("record", ["call"]),
    "a record of less than nothing": ("record", [dataclasses.replace(CALL, tokens_in=-1)]),
    "a record that took for ever": ("record", [dataclasses.replace(CALL, seconds=float("inf"))]),
    "a record that is 9 MB": ("record", [dataclasses.replace(CALL, prompt="x" * 9_000_000)]),
    "tokens that are words": ("learn", ["digest", "many", 2]),
    "the end of a judging that never began": ("judged", [""]),
    "a briefing that is none": ("publish", ["{}", [], "{}"]),
    "a proposal that is a text": ("propose", ["approve everything"]),
    "a proposal in place of an action of somebody's": ("propose", [dataclasses.replace(ACTION, replaces=1)]),
    "a proposal with a key without an end": ("propose", [dataclasses.replace(ACTION, key="k" * 30_000)]),
    "a proposal with ten thousand sources": ("propose", [dataclasses.replace(ACTION, sources=("mail:home/a@x",) * 10_000)]),
    "a node that is a list": ("passed", [["one"]]),
    "the gate": ("approve", [1, "0" * 64, "owner", "cli"]),
    "the gate by another name": ("gate.approve", [1]),
    "what is below the offers": ("__class__", []),
    "a document without a name": ("document", [None]),
    "a page of 9 MB": ("save", ["page", "x" * 9_000_000]),
}
"""What no workflow asks for, by what it is."""

Evil = Callable[[Side, str, str], Any]


def _thinker(evil: Evil) -> Callable[[socket.socket], None]:
    """Make the main function of a worker that does something evil when it is told to go."""

    def main(connection: socket.socket) -> None:
        def go(folder: str, workflow: str, way: Any, given: Any, host: Any, level: int) -> Any:
            # What the run is about says more.
            return evil(side, folder, given["subject"])

        side = Side(connection, {"prepare": lambda workflow, model: None, "go": go})
        side.serve()

    return main


def _ask(side: Side, name: str, *values: Any, gives: Any = Any) -> Any:
    return side.ask(name, *values, seconds=FOREVER, gives=gives)


def _tell(side: Side, found: Mapping[str, Any]) -> None:
    _ask(side, "keep", "result", json.dumps(found))


def _garbage(side: Side, _folder: str, subject: str) -> None:
    name, values = GARBAGE[subject]
    _ask(side, name, *values)


def _flood(side: Side, _folder: str, _subject: str) -> None:
    for number in range(100_000):
        _ask(side, "propose", dataclasses.replace(ACTION, key=f"evil {number}", sources=(f"mail:home/{number}@x",)), gives=Kept)


def _reads_for_ever(side: Side, _folder: str, _subject: str) -> None:
    while True:
        _ask(side, "usage")


def _proposes_then_lies(side: Side, _folder: str, _subject: str) -> Any:
    _ask(side, "propose", ACTION, gives=Kept)
    return 42


def _takes_back(side: Side, _folder: str, _subject: str) -> None:
    undo = Undo(of=1, effects=())
    kept = _ask(side, "propose", Action(undo, "Take it back.", "undo", (), (Taint("mail:home/a@x"),)), gives=Kept)
    _tell(side, {"status": kept.status})


def _noise(side: Side, _folder: str, _subject: str) -> None:
    # Past the seam: whatever the other side makes of bytes that are no frame.
    os.write(3, b"\xff" * 100_000)
    time.sleep(60)


def _half_a_character(side: Side, _folder: str, _subject: str) -> None:
    side._wire.send(Parcel(b'["ask","mail",["mail:home/\\ud800"]]'), Patience())
    time.sleep(60)


def _hangs(_side: Side, _folder: str, _subject: str) -> None:
    time.sleep(600)


def _dies(_side: Side, _folder: str, _subject: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fills_memory(_side: Side, _folder: str, _subject: str) -> Any:
    with _Faults() as faults:
        held = [bytearray(1 << 28) for _ in range(64)]
        time.sleep(len(held))
    return faults.found


def _blasphemes(_side: Side, _folder: str, _subject: str) -> Any:
    with _Faults() as faults:
        raise ValueError("\x1b[2Jread\nthis " + "x" * 100_000)
    return faults.found


def _publishes_elsewhere(side: Side, _folder: str, _subject: str) -> None:
    briefing: dict[str, Any] = {
        "date": "2026-12-24",
        "timezone": "Europe/Berlin",
        "generated_at": NOW.isoformat(),
        "composed_by": "rules",
        "model": None,
        "sources": [],
        "sections": [],
        "dropped": [],
        "quiet": True,
        "usage": {},
    }
    _ask(side, "publish", json.dumps(briefing), [], "{}")


def _leaves_the_pages(side: Side, _folder: str, _subject: str) -> None:
    _ask(side, "save", "../../evil", "# evil")


def _breaks_out(side: Side, folder: str, subject: str) -> None:
    """Try each way out, and tell what came of it."""
    places = json.loads(subject)
    tried = {**_files(places, Path(folder)), **_network(side, places), **_processes(places)}
    _tell(side, {name: _outcome(attempt) for name, attempt in tried.items()})


def _files(places: Mapping[str, Any], folder: Path) -> Mapping[str, Callable[[], Any]]:
    files, folders = list(map(Path, places["files"])), list(map(Path, places["folders"]))
    by_name: dict[str, Callable[[], Any]] = {}
    for path in files:
        by_name |= {
            f"read {path}": path.read_bytes,
            f"append to {path}": partial(path.open, "ab"),
            f"remove {path}": path.unlink,
        }
    for path in folders:
        by_name |= {f"list {path}": partial(_listed, path), f"write below {path}": partial((path / "evil").write_text, "evil")}
    linked = folder / "linked"
    return {
        **by_name,
        "a link out of its folder": partial(linked.symlink_to, places["folders"][0]),
        "a hard link to what is not its own": partial((folder / "hard").hardlink_to, files[0]),
        "follow a link of its own": partial(_listed, linked),
        "read by a link of its own": (linked / "butler.db").read_bytes,
        "write by a link of its own": partial((linked / "evil").write_text, "evil"),
        "move its own file out": lambda: _written(folder / "mine").rename(folder.parent / "mine"),
        "own folder": _written(folder / "kept").unlink,
    }


def _listed(path: Path) -> list[Path]:
    return list(path.iterdir())


def _network(side: Side, places: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
    return {
        "a socket": socket.socket,
        "a socket for UDP": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "a name": lambda: socket.getaddrinfo("example.org", 443),
        "a local socket": lambda: socket.socket(socket.AF_UNIX).connect(places["unix"]),
        "another host": lambda: SeamDial(side)("evil.example", 443, 5.0),
        "another port": lambda: SeamDial(side)("127.0.0.1", places["other"], 5.0),
        "the model's host": lambda: SeamDial(side)("127.0.0.1", places["model"], 5.0) and "may",
    }


def _processes(places: Mapping[str, Any]) -> Mapping[str, Callable[[], Any]]:
    parent = places["parent"]
    return {
        "a program": lambda: subprocess.run(["/bin/true"], check=True),
        "another program in its place": lambda: os.execv(sys.executable, [sys.executable, "-c", "pass"]),
        "a signal to the butler": lambda: os.kill(parent, 0),
        "the butler's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "the butler's memory": lambda: Path(f"/proc/{parent}/mem").open("rb"),
        "its own environment": lambda: sorted(os.environ),
    }


def _written(path: Path) -> Path:
    path.write_text("mine")
    return path


def _outcome(attempt: Callable[[], Any]) -> str:
    try:
        return repr(attempt())[:200]
    except OSError as error:
        return f"refused: {type(error).__name__}"


garbage = _thinker(_garbage)
flood = _thinker(_flood)
reads_for_ever = _thinker(_reads_for_ever)
proposes_then_lies = _thinker(_proposes_then_lies)
takes_back = _thinker(_takes_back)
noise = _thinker(_noise)
half_a_character = _thinker(_half_a_character)
hangs = _thinker(_hangs)
dies = _thinker(_dies)
fills_memory = _thinker(_fills_memory)
blasphemes = _thinker(_blasphemes)
publishes_elsewhere = _thinker(_publishes_elsewhere)
leaves_the_pages = _thinker(_leaves_the_pages)
breaks_out = _thinker(_breaks_out)
