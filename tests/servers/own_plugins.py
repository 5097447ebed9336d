"""Code of an owner's own by folder, which knows of no jail: what comes of it tells what it could do there."""

from __future__ import annotations

from pathlib import Path

COULD = '''
import socket, subprocess
from contextlib import suppress
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]


def could():
    """What of all that no worker should can be done here."""
    deeds = {
        "read the settings": (HOME / "butler.toml").read_text,
        "list the home": lambda: list(HOME.iterdir()),
        "read the notes": lambda: list((HOME / "notes").iterdir()),
        "look up a name": lambda: socket.getaddrinfo("localhost", 80),
        "connect": lambda: socket.create_connection(("127.0.0.1", 9), 1),
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "write beside itself": lambda: Path(__file__).with_name("written").write_text("it"),
    }
    done = []
    for name, deed in deeds.items():
        with suppress(OSError, subprocess.SubprocessError):
            deed()
            done.append(name)
    return f"It could {', '.join(done) or 'do nothing'}."
'''

RECKONER = '''
from _could import could
from butler.core.definitions import Reckoned, ReckonedLine, ReckonedSection


def RECKONER(material, definition, day):
    """Count the words of notes."""
    found = [ReckonedLine(f"{note.path}: {len(note.text.split())} words", (note.ref,)) for note in material.notes]
    found += [ReckonedLine(could(), (note.ref,)) for note in material.notes[:1]]
    return Reckoned((ReckonedSection("Words", tuple(found)),))
'''

WORKFLOW = """
from typing import TypedDict


class State(TypedDict, total=False):
    day: str


class Own:
    name = "diary"

    def graph(self, context):
        from _could import could
        from langgraph.graph import END, START, StateGraph

        def write(_state):
            path = context.save("diary", f"# Diary of {context.day}\\n\\n{could()}\\n")
            context.memory.keep("result", {"path": path})
            return {"day": context.day.isoformat()}

        graph = StateGraph(State)
        graph.add_node("write", write)
        graph.add_edge(START, "write")
        graph.add_edge("write", END)
        return graph

    def start(self, context):
        return {"day": context.day.isoformat()}


WORKFLOW = Own()
"""

TOOL = """
from dataclasses import replace

from _could import could
from tools.files import NotesTool


class OwnTool(NotesTool):
    def parse(self, raws, frame):
        return [replace(note, text=f"Mine: {note.text} Parsed: {could()}") for note in super().parse(raws, frame)]


TOOL = OwnTool()
"""


def write_plugins(home: Path) -> Path:
    """Write the folder of a reckoner `words`, a workflow `diary` and a tool that reads notes, and return it."""
    folder = home / "plugins"
    for room, name, code in (
        ("reckoners", "words", RECKONER),
        ("workflows", "diary", WORKFLOW),
        ("tools", "notes", TOOL),
    ):
        (folder / room).mkdir(parents=True, exist_ok=True)
        (folder / room / f"{name}.py").write_text(code)
        (folder / room / "_could.py").write_text(COULD)
    return folder
