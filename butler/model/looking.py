"""Looks at models on their servers, and has servers keep copies of them and forget these: nothing is asked of a model here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.errors import ModelError
from butler.core.models import ModelIdentity, ModelLook, ModelPin, ModelServer
from butler.core.pins import harmless, is_ours, name_in_use, short
from butler.model.client import Client
from butler.model.failures import FailureKind, ServerError
from butler.model.port import ModelPort
from butler.model.report import ModelReport, examine, host_at, is_refused, names_of, opened

T = TypeVar("T")


def look(host: ModelHost, seconds: float, dial: Dial | None = None) -> list[ModelLook]:
    """Look at each model of a host on each of its servers, at the copy where its owner went back to that."""

    async def every() -> list[ModelLook]:
        wanted = [(server, name) for server in host.servers() for name in names_of(host)]
        return list(await asyncio.gather(*(_look(host, server, name, seconds, dial) for server, name in wanted)))

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(every())


async def _look(host: ModelHost, server: ModelServer, name: str, seconds: float, dial: Dial | None) -> ModelLook:
    there = host_at(host, server, name_in_use(host.pins, server.url, name))
    async with opened(there, dial) as client:
        report = await examine(client, there, seconds)
        loaded = report.present and await _is_loaded(client, report.name, seconds)
    identity = harmless(ModelIdentity(report.name, report.digest, report.template, _kind(report)))
    problem = report.failure
    return ModelLook(
        *(server.name, server.url, server.api, name, identity),
        present=report.present,
        refused=report.elsewhere,
        context=report.context_length or 0,
        loaded=loaded,
        problem=problem.sentence if problem else "",
        advice=problem.advice if problem else "",
    )


async def _is_loaded(client: ModelPort, name: str, seconds: float) -> bool:
    """Whether a model is in memory; a server that does not say has it not."""
    try:
        async with asyncio.timeout(seconds):
            return (await client.loaded()).find(name) is not None
    except (ServerError, TimeoutError):
        return False


def _kind(report: ModelReport) -> str:
    """What its server is, where it was reached at all."""
    return report.kind if report.reachable else ""


def copy(host: ModelHost, pin: ModelPin, alias: str, seconds: float, dial: Dial | None = None) -> None:
    """Have a server keep what is pinned under another name, too, and make sure that it does; raises ModelError."""

    async def copied(client: Client) -> None:
        listed = (await client.tags()).find(pin.name)
        if listed is None or is_refused(listed) or listed.digest != pin.identity.digest:
            raise ServerError(FailureKind.CHANGED, f"{pin.name} is not what was pinned any more, so it was not copied.")
        await client.copy_model(listed.name, alias)
        made = (await client.tags()).find(alias)
        if made is None or made.digest != pin.identity.digest:
            raise ServerError(FailureKind.BROKEN, f"{alias} is no copy of {pin.name} ({short(pin.identity.digest)}).")

    _within(host, pin.url, seconds, dial, copied)


def remove(host: ModelHost, url: str, alias: str, seconds: float, dial: Dial | None = None) -> None:
    """Have a server forget a copy; raises ModelError. What is no copy of the butler's own is not removed."""
    if not is_ours(alias):
        raise ModelError(f"{alias!r} is no copy that the butler made.")

    async def removed(client: Client) -> None:
        # One that is gone already is as it should be.
        if (await client.tags()).find(alias) is not None:
            await client.delete_model(alias)

    _within(host, url, seconds, dial, removed)


def _within(host: ModelHost, url: str, seconds: float, dial: Dial | None, work: Callable[[Client], Awaitable[T]]) -> T:
    """Do something with an Ollama server of a host within some seconds; raises ModelError."""
    there = next((server for server in host.servers() if server.url == url and server.api == "ollama"), None)
    if there is None:
        raise ModelError(f"{url} is no Ollama server of the settings.")

    async def timed() -> T:
        try:
            async with asyncio.timeout(seconds), Client(replace(host_at(host, there, host.name)), dial) as client:
                return await work(client)
        except TimeoutError:
            raise ServerError(FailureKind.SLOW, f"{url} did not answer within {seconds:g} seconds.") from None

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(timed())
