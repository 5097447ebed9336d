"""Units of systemd for the butler: the shipped one, made to fit a machine and the settings of its owner. Pure, but for hosts.

What is found out about the machine (addresses of hosts, name servers) is handed in by whoever calls.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel

from butler.core.errors import StateError
from butler.settings import Settings
from butler.settings.endpoints import endpoints
from butler.settings.secrets import Password

UNIT = "butler.service"
DROP_IN = "butler.service.d/10-installed.conf"
_FORBIDDEN_TO_USERS = re.compile(
    r"(?:DynamicUser|StateDirectory\w*|ConfigurationDirectory|EnvironmentFile|IPAddress\w+|CapabilityBoundingSet|AmbientCapabilities"
    r"|Protect\w+|Private\w+|ProcSubset|RemoveIPC|RestrictNamespaces|KeyringMode)=.*\n"
)
"""What the manager of a user cannot do without help of the kernel that many machines do not give, or what hides their files."""
_COMMENT = re.compile(r"^#.*\n", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")


_PLAIN = re.compile(r"[\w%$@:,./+=-]+", re.ASCII)
_PAUSE = "RestartSec=15\n"
_LONGER_PAUSES = "RestartSteps=6\nRestartMaxDelaySec=10min\n"
_WITH_STEPS = 254
"""The version of systemd that waits longer each time; those before it would complain."""


@dataclass(frozen=True, slots=True)
class Call:
    """How the unit calls the butler: the program, what stands before its command, and the version of the systemd that does."""

    program: Path
    options: Sequence[str] = ()
    systemd: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Files to write, by their path, what to run then, and what its owner has to know."""

    files: Mapping[Path, str]
    commands: Sequence[str]
    remarks: Sequence[str] = field(default=())


def shipped() -> str:
    """The unit that comes with the butler."""
    inside = files("butler").joinpath(UNIT)
    beside = Path(str(files("butler"))).parent / UNIT
    for place in (inside, beside):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise StateError(f"{UNIT} is missing from this installation.", advice="Install the butler anew.")


def system_plan(
    settings: Settings,
    call: Call,
    resolve: Callable[[str], Sequence[str]],
    name_servers: Sequence[str],
    notice_hosts: Sequence[str] = (),
    folder: Path = Path("/etc/systemd/system"),
) -> Plan:
    """The unit of the machine and its drop-in; `resolve` gives the addresses of a host, none where there is none."""
    remarks = []
    addresses = dict.fromkeys(name_servers)
    for host in dict.fromkeys((*hosts_of(settings), *notice_hosts)):
        found = resolve(host)
        addresses |= dict.fromkeys(found)
        if not found:
            remarks.append(f"{host} has no address now. Install again when it has one: the service cannot reach it until then.")
    remarks += [
        f"{name} runs a command, as the service's own user. Put the password into a file instead."
        for name in _commands(settings)
    ]
    if any(True for _ in notice_hosts) or settings.notices.urls.form != "none":
        remarks.append("Where notices go by another host than the address names, add that to IPAddressAllow yourself.")
    if settings.web.reaches_beyond:
        remarks.append(
            f"The page listens on {settings.web.listen}, but the service answers this machine alone. Name those who may reach "
            "it as IPAddressAllow= in `systemctl edit butler.service`."
        )
    return Plan(
        {folder / UNIT: _fitted(shipped(), call), folder / DROP_IN: drop_in(addresses, credentials_of(settings))},
        ("systemctl daemon-reload", "systemctl enable --now butler.service", "systemctl status butler.service"),
        tuple(remarks),
    )


def user_plan(call: Call, home: Path, configuration: Path | None = None) -> Plan:
    """The unit of a user: without what the manager of a user cannot do, or what would hide their own files.

    `configuration` is where they keep it, when that is not `.config` in their `home`.
    """
    text = _FORBIDDEN_TO_USERS.sub("", _COMMENT.sub("", shipped()))
    text = _fitted(text, call).replace("Wants=network-online.target\nAfter=network-online.target\n", "")
    text = text.replace("WantedBy=multi-user.target", "WantedBy=default.target")
    text = f"# Written by `butler install-service --user`.\n{_BLANK.sub(chr(10) * 2, text)}"
    return Plan(
        {(configuration or home / ".config") / "systemd" / "user" / UNIT: text},
        (
            "systemctl --user daemon-reload",
            "systemctl --user enable --now butler.service",
            "systemctl --user status butler.service",
        ),
        ("`loginctl enable-linger` keeps it going while you are logged out.",),
    )


def _fitted(unit: str, call: Call) -> str:
    """A unit that starts the butler of this machine, as its systemd understands it."""
    line = " ".join(_word(each) for each in (str(call.program), *call.options, "run"))
    unit = unit.replace("ExecStart=/opt/butler/bin/butler run", f"ExecStart={line}")
    return unit if call.systemd < _WITH_STEPS else unit.replace(_PAUSE, _PAUSE + _LONGER_PAUSES)


def _word(text: str) -> str:
    """A word of a command line as systemd reads it."""
    text = text.replace("%", "%%").replace("$", "$$")
    return text if _PLAIN.fullmatch(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def version_of(told: str) -> int:
    """The version in what `systemctl --version` tells; 0 where it tells none."""
    found = re.match(r"systemd (\d+)", told)
    return int(found[1]) if found else 0


def drop_in(addresses: Iterable[str], credentials: Mapping[str, Path]) -> str:
    """What the settings add to the unit."""
    lines = [
        "# Written by `butler install-service` from the settings; what you add yourself belongs into a file beside this one.",
        "[Service]",
        *(f"IPAddressAllow={address}" for address in sorted(addresses)),
        *(f"LoadCredential={name}:{path}" for name, path in sorted(credentials.items())),
    ]
    return "\n".join(lines) + "\n"


def hosts_of(settings: Settings) -> tuple[str, ...]:
    """The hosts that the settings name."""
    return tuple(dict.fromkeys(each.host for each in endpoints(settings)))


def hosts_of_notices(urls: Sequence[str]) -> tuple[str, ...]:
    """The hosts that addresses of notices name, as far as they name any."""
    found = [urlsplit(url).hostname or "" for url in urls]
    return tuple(dict.fromkeys(host for host in found if "." in host or ":" in host or host == "localhost"))


def credentials_of(settings: Settings) -> dict[str, Path]:
    """Each secret that lies in a file, as the credential that stands for its setting."""
    return {
        f"butler_{'__'.join(path)}": Path(secret.words[0]) for path, secret in _secrets((), settings) if secret.form == "file"
    }


def _commands(settings: Settings) -> list[str]:
    return [".".join(path) for path, secret in _secrets((), settings) if secret.form == "command"]


def _secrets(above: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], Password]]:
    if isinstance(value, Password):
        yield above, value
    elif isinstance(value, BaseModel):
        for name, inner in value:
            yield from _secrets((*above, name), inner)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _secrets((*above, name), inner)


def resolved(host: str) -> list[str]:
    """The addresses of a host, as this machine finds them now."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(each[4][0]).partition("%")[0] for each in found})


def name_servers(text: str) -> list[str]:
    """The name servers in the text of a resolv.conf."""
    return re.findall(r"^nameserver\s+([0-9a-fA-F.:]+)", text, re.MULTILINE)
