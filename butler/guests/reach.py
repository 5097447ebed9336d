"""What a server of the owner's choice gets at: the system's programs and libraries, its own, the folders of its settings."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from butler.core.errors import SourceError
from butler.core.foreign import ForeignServer
from butler.core.text import one_line
from butler.sandbox.guest import OWN_NETWORK
from butler.sandbox.profiles import authorities
from butler.sandbox.reach import Reach

_SYSTEM_PROGRAMS = (
    *("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/libexec"),
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"),
)
_SYSTEM_FILES = (
    *("/usr/share", "/usr/local/share", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/hosts"),
    *("/etc/nsswitch.conf", "/etc/alternatives", "/dev/urandom", "/dev/random", "/dev/zero"),
)
_ANYBODYS = frozenset({"/", "/usr", "/usr/local"})
_PATH = "/usr/local/bin:/usr/bin:/bin"


def program_of(server: ForeignServer) -> str:
    """Where its program is; raises SourceError."""
    found = shutil.which(Path(server.command[0]).expanduser(), path=os.environ.get("PATH", _PATH))
    if not found:
        sentence = f"There is no program {server.command[0][:200]} for mcp.{server.name}."
        raise SourceError(sentence, permanent=True, advice=f"Mend mcp.{server.name}.command.")
    return str(Path(found).absolute())


def reach_of(server: ForeignServer, program: str, folder: Path, state: Path) -> Reach:
    """What it may read, write and start, with a folder for what it keeps meanwhile; raises SourceError.

    No server gets at `state`, the butler's own folder, or at its settings.
    """
    _refuse(server, state)
    own = tuple(dict.fromkeys(str(place) for each in _programs(program) for place in _around(each)))
    return Reach(
        read=(*_SYSTEM_FILES, *authorities().read, *map(str, server.folders)),
        write=(str(folder), "/dev/null", *map(str, server.writable)),
        run=(*_SYSTEM_PROGRAMS, *own),
        ports=OWN_NETWORK if server.hosts else (),
    )


def search_path(program: str) -> str:
    """Where it finds other programs."""
    return f"{Path(program).parent}:{_PATH}"


def unread(server: ForeignServer) -> str:
    """A file that its command names and that it may not read, which is mostly why it does not start; or nothing."""
    places = (*server.folders, *server.writable, *map(Path, (*_SYSTEM_PROGRAMS, *_SYSTEM_FILES)))
    open_ones = [place.resolve() for place in places]
    for word in server.command[1:]:
        file = Path(word)
        if file.is_absolute() and file.is_file() and not any(file.resolve().is_relative_to(place) for place in open_ones):
            return one_line(word, 200)
    return ""


def _refuse(server: ForeignServer, state: Path) -> None:
    for folder in dict.fromkeys((*server.folders, *server.writable)):
        if why := _fault(server, folder, state, is_written=folder in server.writable):
            sentence = f"{folder} {why}, so mcp.{server.name} is not started."
            raise SourceError(sentence, permanent=True, advice="Name another folder.")


def _fault(server: ForeignServer, folder: Path, state: Path, *, is_written: bool) -> str:
    """Why a server is not to have a folder; empty where nothing is known against it."""
    here = folder.resolve()
    own = [each.resolve() for each in (state, *filter(None, (server.without, *server.rules)))]
    if not here.is_dir():
        return "is no folder"
    if here.is_relative_to(own[0]) or any(each.is_relative_to(here) for each in own):
        return "holds the butler's own files"
    if not is_written:
        return ""
    # Somebody's rules may lie in their home as such, beside all else that they have.
    if any(here.is_relative_to(each) for each in own if each != Path.home().resolve()):
        return "lies in the folder of your settings, workflows or code, which no server is to write to"
    for name, folders in server.beside.items():
        if any(_overlap(here, each.resolve()) for each in folders):
            return f"is also a folder of mcp.{name}, into which mcp.{server.name} is not to write"
    return ""


def _overlap(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _programs(program: str) -> Iterator[str]:
    """A program, and those that its first line names, each also by what it is a link to."""
    waiting = [program]
    for _ in range(3):
        if not waiting:
            return
        each = waiting.pop()
        yield from dict.fromkeys((each, os.path.realpath(each)))
        waiting += _interpreter(os.path.realpath(each))


def _interpreter(program: str) -> Sequence[str]:
    """The program that the first line of another one names."""
    with suppress(OSError), open(program, "rb") as file:
        if file.read(2) != b"#!":
            return ()
        words = file.readline(1_000).decode("utf-8", "replace").split()
        if words and Path(words[0]).name == "env":
            words = [found for word in words[1:2] if (found := shutil.which(word))]
        return [word for word in words[:1] if Path(word).is_absolute()]
    return ()


def _around(program: str) -> Iterator[Path]:
    """A program, and where it is one of many in a place of its own, what belongs to that."""
    file = Path(program)
    yield file
    top = file.parent.parent
    if file.parent.name == "bin" and str(top) not in _ANYBODYS:
        yield from (file.parent, top / "lib", top / "lib64", top / "pyvenv.cfg")
