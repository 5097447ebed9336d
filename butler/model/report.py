"""Whether the configured model can be used: what its server says about itself, and what to mend."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from butler.core.accounts import ModelHost
from butler.core.dialing import Dial
from butler.core.models import ROLES, Api, ModelServer
from butler.core.pins import is_ours, template_hash
from butler.core.text import one_line
from butler.model.client import Client
from butler.model.compatible import CompatibleClient
from butler.model.failures import ServerError
from butler.model.port import ModelPort
from butler.model.wire import Listed, Listing, Shown, runs_elsewhere

OLDEST_FOR_THINKING = (0, 31, 2)
"""Before it, Ollama thought although told not to whenever a schema was asked for."""
_SECONDS = 10.0
"""How long a server may take to tell about itself: no model needs to be loaded for it."""
_MOST_TOLD, _LONGEST_TOLD = 20, 80
"""Names of models that a sentence lists, and the characters of each."""


class Problem(NamedTuple):
    """Something to mend (`failure`: the model cannot be used) and how."""

    level: Literal["warning", "failure"]
    sentence: str
    advice: str


@dataclass(frozen=True, slots=True)
class ModelReport:
    """What is known of the configured model; `name` is the full name on its server, `present` whether it is there.

    `template` is the SHA-256 (hex) of what its prompts are laid out by. `server` is the server's name in the settings. Where
    it tells no digest, `digest` is empty and `stand_in` is what answers are kept by in its place.
    `context_length` is the longest context in tokens that the model was made for; `available` names the server's own models.
    """

    url: str
    name: str
    reachable: bool = False
    version: str = ""
    present: bool = False
    elsewhere: bool = False
    digest: str = ""
    template: str = ""
    context_length: int | None = None
    capabilities: tuple[str, ...] = ()
    available: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    server: str = ""
    api: Api = "ollama"
    stand_in: str = ""

    @property
    def mark(self) -> str:
        """What its answers are kept by: its digest, or what stands in for that; empty where it is not there."""
        return self.digest or self.stand_in

    @property
    def kind(self) -> str:
        """What its server is, with its version."""
        return f"ollama {self.version}" if self.api == "ollama" else self.version or "OpenAI-compatible"

    @property
    def failure(self) -> Problem | None:
        """The first problem that keeps the model from being used."""
        return next((problem for problem in self.problems if problem.level == "failure"), None)

    @property
    def thinks(self) -> bool:
        """Whether the model thinks unless told not to."""
        return "thinking" in self.capabilities

    def context(self, wanted: int) -> int:
        """The context to ask for: the wanted one, or the model's own where that is shorter."""
        return min(wanted, self.context_length or wanted)


def inspect(host: ModelHost, seconds: float = _SECONDS, dial: Dial | None = None) -> ModelReport:
    """Ask the first server about itself and the model that judges; raises SettingsError for an impossible URL."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(_inspect(host, seconds, dial))


def inspect_all(host: ModelHost, seconds: float = _SECONDS, dial: Dial | None = None) -> tuple[ModelReport, ...]:
    """Ask each server about each model that has a role, server by server, all at once; raises SettingsError."""
    hosts = [host_at(host, server, name) for server in host.servers() for name in names_of(host)]

    async def every() -> tuple[ModelReport, ...]:
        return tuple(await asyncio.gather(*(_inspect(each, seconds, dial) for each in hosts)))

    names = [server.name for server in host.servers() for _ in names_of(host)]
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return tuple(replace(report, server=name) for report, name in zip(runner.run(every()), names, strict=True))


def names_of(host: ModelHost) -> tuple[str, ...]:
    """The models that chat, by the names of the settings: each once, that which judges first."""
    return tuple(dict.fromkeys(host.named(role) for role in ROLES))


def host_at(host: ModelHost, server: ModelServer, name: str) -> ModelHost:
    """The same, as if there were that one server with that one model, and nothing else."""
    return replace(host, url=server.url, api=server.api, slots=server.slots, name=name, write="", ask="", more=())


def opened(host: ModelHost, dial: Dial | None = None) -> ModelPort:
    """A client of the first server, which speaks as that does; raises SettingsError for an impossible URL."""
    return Client(host, dial) if host.api == "ollama" else CompatibleClient(host, dial)


async def _inspect(host: ModelHost, seconds: float, dial: Dial | None) -> ModelReport:
    async with opened(host, dial) as client:
        return await examine(client, host, seconds)


async def examine(client: ModelPort, host: ModelHost, seconds: float = _SECONDS) -> ModelReport:
    """Ask an open client; whatever fails, or takes over `seconds`, becomes a problem of the report."""
    report = ModelReport(url=client.url, name=host.name, api=client.api)
    if runs_elsewhere(host.name):
        report = replace(report, elsewhere=True)
        return _with(report, _failure(f"{host.name!r} runs in a cloud.", "Set model.name to a model of your own machine."))
    try:
        async with asyncio.timeout(seconds):
            report = replace(report, version=one_line(await client.version(), 40), reachable=client.api == "ollama")
            listing = await client.tags()
            return await _look_at_model(client, host, replace(report, reachable=True), listing)
    except ServerError as failure:
        return _with(report, _failure(failure.sentence, failure.advice))
    except TimeoutError:
        sentence = f"The model server at {client.url} did not answer within {seconds:g} seconds."
        return _with(report, _failure(sentence, "Restart it, or set model.url to another one."))


async def _look_at_model(client: ModelPort, host: ModelHost, report: ModelReport, listing: Listing) -> ModelReport:
    own = tuple(listed.name for listed in listing.models or () if not is_refused(listed))
    report = replace(report, available=own)
    listed = listing.find(host.name)
    if not host.name or listed is None:
        return _with(report, _absent(host.name, client, own))
    if is_refused(listed):
        return _with(replace(report, elsewhere=True), _elsewhere(listed.name, listed.remote))
    shown = await client.shown(listed.name)
    if shown.remote:
        return _with(replace(report, elsewhere=True), _elsewhere(listed.name, shown.remote))
    report = replace(
        report,
        name=listed.name,
        present=True,
        digest=listed.digest if client.api == "ollama" else "",
        stand_in="" if client.api == "ollama" else listed.digest,
        template=template_hash(shown.template or ""),
        context_length=shown.context_length,
        capabilities=shown.capabilities or (),
    )
    return _with(report, *_version_problems(report), *_model_problems(report, shown, host))


def is_refused(listed: Listed) -> bool:
    """Whether a listed model runs on somebody else's machine."""
    return bool(listed.remote) or runs_elsewhere(listed.name)


def _with(report: ModelReport, *problems: Problem) -> ModelReport:
    return replace(report, problems=(*report.problems, *problems))


def _failure(sentence: str, advice: str) -> Problem:
    return Problem("failure", sentence, advice)


def _absent(name: str, client: ModelPort, own: tuple[str, ...]) -> Problem:
    own = tuple(each for each in own if not is_ours(each))
    fetch = "ollama pull {}" if client.api == "ollama" else ""
    there = f"Set model.name to one of those there: {_some(own)}." if own else _fetching(fetch, "qwen3.5:9b", "one")
    if not name:
        return _failure("No model is chosen.", there)
    how = _fetching(fetch, name, "it")
    return _failure(f"The model {name!r} is not on {client.url}.", f"{how} {there}" if own else how)


def _some(names: tuple[str, ...]) -> str:
    """The first of some names, and how many there are beside them: a server may have thousands."""
    told = ", ".join(one_line(name, _LONGEST_TOLD) for name in names[:_MOST_TOLD])
    return f"{told} and {len(names) - _MOST_TOLD:,} more" if len(names) > _MOST_TOLD else told


def _fetching(command: str, name: str, what: str) -> str:
    return f"Fetch {what}: `{command.format(name)}`." if command else f"Load {what} there."


def _elsewhere(name: str, place: str) -> Problem:
    where = f" at {one_line(place, 80)}" if place else ""
    return _failure(f"{name!r} runs elsewhere{where}, not on its own server.", "Set model.name to a model of your own machine.")


def _version_problems(report: ModelReport) -> tuple[Problem, ...]:
    if report.api != "ollama":
        return ()
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", report.version)
    number = tuple(int(part) for part in match.groups()) if match else (0, 0, 0)
    if number == (0, 0, 0):
        sentence = f"The server calls itself version {report.version}: it was built from source, its age is not known."
        return (Problem("warning", sentence, "Use a released Ollama, 0.31.2 or newer."),)
    if number >= OLDEST_FOR_THINKING:
        return ()
    advice = "Update Ollama to 0.31.2 or newer."
    if report.thinks:
        sentence = f"Ollama {report.version} lets {report.name} think although told not to, so that its answers are lost."
        return (_failure(sentence, advice),)
    return (Problem("warning", f"Ollama {report.version} is older than 0.31.2.", advice),)


def _model_problems(report: ModelReport, shown: Shown, host: ModelHost) -> tuple[Problem, ...]:
    problems = []
    if report.stand_in:
        sentence = f"{report.name} is unpinned: its server tells no digest, so it is not noticed when it becomes another model."
        problems.append(Problem("warning", sentence, "Leave its file as it is, or use Ollama's server, which tells one."))
    elif not report.digest:
        problems.append(_failure(f"The server gives no digest for {report.name}.", "Use Ollama's own server."))
    if shown.capabilities is None:
        problems.append(Problem("warning", "The server does not say what the model can do.", "Update Ollama."))
    elif "completion" not in shown.capabilities:
        problems.append(_failure(f"{report.name} cannot chat.", "Set model.name to a chat model."))
    if report.context(host.context) < host.context:
        sentence = f"{report.name} was made for {report.context_length} tokens, fewer than the {host.context} of model.context."
        problems.append(Problem("warning", sentence, f"Set model.context to {report.context_length}."))
    return tuple(problems)
