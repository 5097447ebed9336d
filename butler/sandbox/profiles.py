"""The roles: what each kind of worker may read, and which list its system calls are judged by."""

from __future__ import annotations

import os
import ssl
import sys
import sysconfig
import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from butler.sandbox.reach import Reach
from butler.sandbox.rulings import Kind

Role = Literal["parser", "files", "reader", "hands", "thinker", "notice", "mcp", "guest"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a role may do: the list for its calls, whether it reads the certificates of authorities, its open descriptors.

    `beneath`: whether it opens files by openat2, where Landlock knows enough for that.

    What is its own to read and to write, its owner says beside it: a folder for one account, nothing for another.
    """

    role: Role
    calls: Kind
    authorities: bool = False
    descriptors: int = 256
    beneath: bool = False


PROFILES: Mapping[Role, Profile] = MappingProxyType(
    {
        # Makes values of mail, events and notes. Reads nothing but Python's own code and the time zones.
        "parser": Profile("parser", "allow-list"),
        # Reads a folder of mail, events or notes, and writes there when it carries out an approved action.
        "files": Profile("files", "allow-list", beneath=True),
        # Speaks the Model Context Protocol over connections that were handed to it. Reads nothing but Python's own code.
        "mcp": Profile("mcp", "allow-list"),
        # Reads a mail or calendar server over a connection that was handed to it.
        "reader": Profile("reader", "deny-list", authorities=True),
        # Carries out an approved action at a server, over such a connection; a Maildir may belong to it.
        "hands": Profile("hands", "deny-list", authorities=True),
        # Runs a workflow and asks the model; writes its checkpoints and nothing else.
        "thinker": Profile("thinker", "deny-list", authorities=True),
        # Sends a notice to where the owner wants it.
        "notice": Profile("notice", "deny-list", authorities=True),
    }
)

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_LOCAL_TIME = ("/etc/localtime",)
_MIME_TYPES = ("/etc/mime.types",)
# Where distributions keep what the links in their folder of certificates lead to.
_AUTHORITIES = (
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/ca-certificates/extracted",
)


def reach_of(profile: Profile) -> Reach:
    """What a role may read in any case: code, time zones and, for some, the certificates of authorities."""
    reach = code() + Reach(read=(*_zones(), *_MIME_TYPES))
    return reach + authorities() if profile.authorities else reach


def code() -> Reach:
    """Python's own code, the libraries it loads, and the packages of folders from which code is imported in place."""
    return _code(tuple(sys.path))


@cache
def _code(path: tuple[str, ...]) -> Reach:
    homes = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    homes |= {f"{prefix}/lib" for prefix in (sys.prefix, sys.base_prefix, sys.base_exec_prefix)}
    read = [*_LIBRARIES, *sorted(homes)]
    listed = []
    for place in filter(os.path.isabs, map(os.path.realpath, filter(None, path))):
        if not _is_within(place, read):
            # Beside the code in such a folder there may be anything, settings too: its names are read, and its packages.
            listed.append(place)
            read += _modules_in(place)
    return Reach(read=tuple(dict.fromkeys(read)), listed=tuple(listed))


def _is_within(place: str, folders: list[str]) -> bool:
    return any(place == folder or place.startswith(folder + os.sep) for folder in map(os.path.realpath, folders))


def _modules_in(place: str) -> Iterator[str]:
    folder = Path(place)
    if folder.is_file():
        yield place
        return
    with suppress(OSError):
        for entry in folder.iterdir():
            if entry.suffix in {".py", ".so"} or (entry / "__init__.py").is_file():
                yield str(entry)


def _zones() -> Iterator[str]:
    yield from zoneinfo.TZPATH
    yield from _LOCAL_TIME


@cache
def authorities() -> Reach:
    """Certificates of authorities: the system's, and those that come as a package."""
    return Reach(read=tuple(_authorities()))


def _authorities() -> Iterator[str]:
    yield from _AUTHORITIES
    paths = ssl.get_default_verify_paths()
    yield from filter(None, (paths.cafile, paths.capath, paths.openssl_cafile, paths.openssl_capath))
    # OpenSSL takes its own settings from beside them.
    yield str(Path(paths.openssl_cafile).with_name("openssl.cnf"))
    if (certifi := find_spec("certifi")) and certifi.origin:
        yield str(Path(certifi.origin).parent)
