"""The page of the daemon: where it is served, under which names and for how long, and hooks that programs of yours may call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, model_validator

from butler.core.access import LONGEST_SESSION, LOOPBACK, Entrance, split_host
from butler.core.jobs import HOOK, Job, On
from butler.core.requests import TAKES_REFERENCE
from butler.settings.parts import Part, Place, Secret, Words, refuse
from butler.settings.secrets import Password


class HookPart(Part):
    """A hook: whoever knows its token may have its workflow run."""

    workflow: str = Field(description="workflow that it runs", pattern="^[a-z][a-z0-9_]*$")
    token: Secret = Field(default=Password(), description="token that callers send as Authorization: Bearer …")
    subject: bool = Field(
        default=False,
        description="whether a short text that is sent names what the run is about; always for documents and meeting",
    )

    @model_validator(mode="after")
    def _check(self) -> HookPart:
        if self.token.form == "none":
            raise ValueError("A hook needs a token. Set token, token_file or token_command.")
        return self

    @property
    def takes_subject(self) -> bool:
        """Whether what is sent becomes what the run is about."""
        return self.subject or self.workflow in TAKES_REFERENCE


class WebPart(Part):
    """What the daemon serves, and to whom."""

    port: int | None = Field(
        default=None, ge=1, le=65535, description="port of the page, /healthz, /metrics and hooks; left out: none"
    )
    listen: str = Field(
        default="127.0.0.1",
        description="address of this machine that the port is served on; any but loopback needs url or hosts",
    )
    socket: Place | None = Field(
        default=None, description="socket for a reverse proxy, beside the port or instead of it; it is yours alone, mode 0600"
    )
    socket_group: str = Field(default="", description="group that may use the socket, too; its mode is 0660 then")
    url: str = Field(
        default="", description="address under which you reach the page, such as https://butler.example; left out: the port's"
    )
    hosts: Words = Field(default=(), description="further names that the page answers to, such as those of your network")
    idle_days: int = Field(default=30, ge=1, le=365, description="days without a visit after which you have to log in again")
    session_days: int = Field(
        default=90, ge=1, le=LONGEST_SESSION.days, description="days after which you have to log in again in any case"
    )
    hooks: dict[Annotated[str, Field(pattern="^[a-z0-9_-]+$")], HookPart] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> WebPart:
        refuse(list(self._problems()))
        return self

    @property
    def is_on(self) -> bool:
        """Whether anything is served."""
        return self.port is not None or self.socket is not None

    @property
    def is_open(self) -> bool:
        """Whether other machines reach it, and nothing says that a proxy before it speaks TLS."""
        return self.reaches_beyond and urlsplit(self.url).scheme != "https"

    @property
    def reaches_beyond(self) -> bool:
        """Whether it listens to other machines."""
        return self.port is not None and not _is_loopback(self.listen)

    @property
    def address(self) -> str:
        """The address under which its owner reaches the page, without a slash at its end; empty where none is known."""
        if self.url or self.port is None:
            return self.url.rstrip("/")
        name = self.listen if _is_loopback(self.listen) else self.hosts[0]
        return f"http://[{name}]:{self.port}" if ":" in name else f"http://{name}:{self.port}"

    def entrance(self) -> Entrance:
        """How the page is reached, as the page knows it."""
        names = {self.listen, *map(str.lower, self.hosts), split_host(urlsplit(self.url).netloc)[0]}
        return Entrance(
            frozenset(names - {""}), self.url.rstrip("/"), timedelta(days=self.idle_days), timedelta(days=self.session_days)
        )

    def jobs(self) -> tuple[Job, ...]:
        """A job for each hook, so that what it asks for is kept until it is done."""
        if not self.is_on:
            return ()
        return tuple(Job(f"{HOOK}{name}", hook.workflow, On("file"), model=True) for name, hook in self.hooks.items())

    def _problems(self) -> Iterator[str]:
        if not _is_address(self.listen):
            yield f"listen is to be an address of this machine, such as 127.0.0.1 or 0.0.0.0, not {self.listen!r}."
        elif not _is_loopback(self.listen) and not (self.url or self.hosts):
            yield (
                f"On {self.listen} others reach the page. Set url to the address under which you do, or hosts to its names, or "
                "leave listen out."
            )
        if self.url and not _is_root(_split(self.url)):
            yield f"url is to be an address such as https://butler.example, with nothing behind the name, not {self.url!r}."
        for name in self.hosts:
            if split_host(name) != (name.lower().strip("[]"), ""):
                yield f"hosts are names without scheme and port, such as butler.lan, not {name!r}."
        if self.socket_group and self.socket is None:
            yield "socket_group is the group of the socket. Set socket, or leave socket_group out."


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return text in LOOPBACK


def _is_loopback(text: str) -> bool:
    return text in LOOPBACK or ip_address(text).is_loopback


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_root(url: SplitResult | None) -> bool:
    """Whether an address is that of a whole site: the page knows no folder that it could be in."""
    if url is None or url.scheme not in {"http", "https"} or not split_host(url.netloc)[0]:
        return False
    return url.path in {"", "/"} and not url.query and not url.fragment
