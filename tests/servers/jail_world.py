"""A small world of one user, planted for a process that is confined: keys, sockets, folders, servers."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from echo_lines import lines
from jail_attempts import World
from scripted_dav import self_signed

from butler.sandbox.profiles import Role
from butler.sandbox.reach import Reach

NOBODY = 65_534
NEWEST = 99
Deeds = Literal["attempts", "needs", "deaths"]
_PROGRAM = Path(__file__).with_name("jailed_process.py")


@dataclass(frozen=True)
class Told:
    """What a process told: how it was confined, what came of each deed, and how it ended."""

    enforced: str
    outcomes: Mapping[str, Any]
    codes: tuple[int, ...]


@contextmanager
def planted(user: int) -> Iterator[World]:
    """Plant a world that belongs to a user, 0 for this one."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="butler-jail-"))
        stack.callback(shutil.rmtree, folder)
        for name in ("home/.ssh", "home/mount", "own", "kept"):
            (folder / name).mkdir(parents=True)
        for name in ("home/.ssh/id_ed25519", "home/letter.txt", "own/gone.md", "own/moved.md"):
            (folder / name).write_text("secret", encoding="utf-8")
        (folder / "own/note.md").write_text("note", encoding="utf-8")
        (folder / "own/link").symlink_to(folder / "home/.ssh/id_ed25519")
        world = _with_sockets(World(str(folder / "home"), str(folder / "own"), *_NO_SOCKETS), folder, stack)
        if user:
            for each in [folder, *folder.rglob("*")]:
                os.chown(each, user, user, follow_symlinks=False)
        yield world


_NO_SOCKETS = ("", "", "", "", 0, 0)


def _with_sockets(world: World, folder: Path, stack: ExitStack) -> World:
    for name in ("bus", "agent"):
        stack.enter_context(_unix(str(folder / name)))
    stack.enter_context(_unix(str(folder / "log"), socket.SOCK_DGRAM))
    abstract = f"butler-jail-{os.getpid()}-{folder.name}"
    stack.enter_context(_unix("\0" + abstract))
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(("127.0.0.1", 0))
    bus, agent, log = (str(folder / name) for name in ("bus", "agent", "log"))
    tcp_port, udp_port = tcp.getsockname()[1], udp.getsockname()[1]
    return replace(world, bus=bus, agent=agent, log=log, abstract=abstract, tcp=tcp_port, udp=udp_port)


def _unix(place: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, kind)
    listening.bind(place)
    if not place.startswith("\0"):
        Path(place).chmod(0o666)
    if kind == socket.SOCK_STREAM:
        listening.listen()
    return listening


@contextmanager
def encrypted(world: World) -> Iterator[World]:
    """The world with a server that speaks TLS; its own authority's certificate lies in the folder that may be read."""
    folder = Path(world.own)
    self_signed(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    (folder / "cert.pem").rename(folder / "authority.pem")
    with lines(context=context) as heard:
        yield replace(world, tcp=heard.port)


def run(
    role: Role | None,
    world: World,
    deeds: Deeds,
    *,
    user: int = 0,
    abi: int = NEWEST,
    filters: bool = True,
    writes: bool = False,
) -> Told:
    """Have a process do all deeds as a role, or without any jail where there is none.

    `abi` is the newest Landlock there is, `filters` whether calls are filtered, `writes` whether there is a folder to keep.
    """
    if writes:
        world = replace(world, kept=str(Path(world.own).parent / "kept"))
    reach = Reach(read=(world.own,), write=(world.kept,) if writes else ())
    planted_in = {name: value for name, value in asdict(world).items() if name not in {"handed", "namespace"}}
    told = {
        "role": role,
        "user": user,
        "reach": asdict(reach),
        "world": planted_in,
        "abi": abi,
        "filters": filters,
        # Without a filter one deed may get what lets the next succeed, as a namespace does; some end the process.
        "alone": role is None or not filters or deeds == "deaths",
        "deeds": deeds,
    }
    done = subprocess.run(
        [sys.executable, "-B", str(_PROGRAM), json.dumps(told)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"LANG": "C.UTF-8", "PATH": os.environ["PATH"]},
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert not done.returncode, done.stderr
    outcomes = {name: rest[0] if len(rest) == 1 else rest for name, *rest in rows if name not in {"exit", "enforced"}}
    enforced = next((rest[0] for name, *rest in rows if name == "enforced"), "")
    return Told(enforced, outcomes, tuple(rest[0] for name, *rest in rows if name == "exit"))
