"""Servers of the owner's choice as they are set, each turned into the core's value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field, model_validator

from butler.core.foreign import ForeignServer
from butler.settings.parts import Part, Seconds, Secret, Words, refuse
from butler.settings.secrets import Password

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_OURS = re.compile(r"(?i)(http|https|all|no)_proxy|LD_.*|HOME|TMPDIR")


class McpPart(Part):
    """A server of your choice that speaks the Model Context Protocol over standard input and output."""

    command: Words = Field(
        default=(), description='its program and arguments, such as ["/usr/bin/notes-server", "--read-only"]'
    )
    folders: Words = Field(default=(), description="folders that it may read, its own code included, from the root or from ~")
    writable: Words = Field(default=(), description="folders that it may also write to")
    hosts: Words = Field(default=(), description="hosts that it may reach, such as api.example.org:443; left out: none")
    reads: Words = Field(default=(), description="its tools that only read; every other one is an action, which is held")
    env: Words = Field(default=(), description='variables for it, such as ["LANGUAGE=de"]; no secrets')
    secret: Secret = Field(default=Password(), description="a secret for it; better in a file or told by a command")
    secret_name: str = Field(default="", description="the variable in which it gets the secret, such as API_TOKEN")
    memory_mb: int = Field(default=2048, ge=64, le=65_536, description="most megabytes of memory for each of its processes")
    seconds: Seconds = Field(default=60.0, description="seconds for one call")

    @model_validator(mode="after")
    def _check(self) -> McpPart:
        refuse(list(self._problems()))
        return self

    def _problems(self) -> Iterator[str]:
        if not self.command:
            yield "command is missing: name the program of the server, and its arguments."
        yield from (f"{word!r} is no host with a port. Write it like api.example.org:443." for word in self._odd_hosts())
        for word in (*self.folders, *self.writable):
            if not Path(word).expanduser().is_absolute():
                yield f"{word[:100]!r} is no folder from the root or from ~. Write it like ~/Recipes."
        for word in self.env:
            name, sign, _ = word.partition("=")
            if not (sign and _VARIABLE.fullmatch(name)) or _OURS.fullmatch(name):
                yield f"{name[:60]!r} is no variable that can be set. Write it like LANGUAGE=de."
        has_secret = self.secret.form != "none"
        if has_secret != bool(self.secret_name) or (has_secret and not _VARIABLE.fullmatch(self.secret_name)):
            yield "secret and secret_name belong together: the secret, and the variable in which the server gets it."

    def _odd_hosts(self) -> list[str]:
        return [word for word in self.hosts if not (found := _HOST.fullmatch(word)) or not 0 < int(found[2]) < 65_536]

    def server(self, name: str, config: Path | None) -> ForeignServer:
        """The server, which gets nothing of the folder `config`."""
        hosts = [found for word in self.hosts if (found := _HOST.fullmatch(word))]
        return ForeignServer(
            name=name,
            command=self.command,
            folders=tuple(Path(word).expanduser() for word in self.folders),
            writable=tuple(Path(word).expanduser() for word in self.writable),
            hosts=tuple((found[1].strip("[]").lower(), int(found[2])) for found in hosts),
            reads=frozenset(self.reads),
            variables=dict(_pair(word) for word in self.env),
            secrets={self.secret_name: self.secret} if self.secret_name else {},
            memory=self.memory_mb << 20,
            seconds=self.seconds,
            without=config,
        )


def _pair(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value
