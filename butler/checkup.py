"""What the doctor makes of models: whether each can be used where it is, and whether it is what was pinned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from butler.core.accounts import ModelHost
from butler.core.errors import ButlerError, StateError
from butler.core.models import ModelIdentity, Role
from butler.core.pins import ADVICE, KeptPin, another_one, changes, held, pinned_elsewhere, short
from butler.settings.checks import is_loopback

if TYPE_CHECKING:
    from butler.model import ModelReport
    from butler.settings import Loaded
    from butler.settings.values import ModelPart

Level = Literal["ok", "warning", "failure"]
Inspect = Callable[[ModelHost], "ModelReport"]

_CHATS: tuple[Role, ...] = ("write", "ask")


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, how it is, a sentence, and what to do about it (empty when nothing)."""

    name: str
    level: Level
    sentence: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A model to look at: how its check is called, where it is, and whether it need not chat or need not be there."""

    name: str
    host: ModelHost
    embeds: bool = False
    may_lack: bool = False


def kept_pins(path: Path) -> list[KeptPin]:
    """What is pinned; nothing where there is no database, or one that cannot be read, of which another check tells."""
    from butler.store.truth import Truth

    if not path.is_file():
        return []
    try:
        with closing(Truth.open(path)) as truth:
            return truth.pins.all()
    except StateError:
        return []


def check_model(loaded: Loaded, inspect: Inspect, kept: Sequence[KeptPin] = ()) -> Iterator[Check]:
    """Whether each model can be used on each server, what it is, and whether that is what was pinned."""
    part = loaded.settings.model
    if not part.enabled:
        yield Check("model", "ok", "No model is asked (model.enabled is false); briefings are composed by rules.")
        return
    for wanted in _wanted(part):
        yield from _check(wanted, inspect, kept)
    for server in part.host().servers():
        if server.url.startswith("http:") and not is_loopback(urlsplit(server.url).hostname or ""):
            name, sentence = _called(server.name), f"What is asked goes to {server.url} unencrypted."
            yield Check(name, "warning", sentence, "Use https, or a tunnel, unless you trust everybody on that network.")


def _wanted(part: ModelPart) -> Iterator[_Wanted]:
    """The models by server: that which judges on the first one, all others by their roles, and those of further servers."""
    host = part.host()
    chats = dict.fromkeys(name for role in _CHATS if (name := host.named(role)) != host.name)
    for server in host.servers():
        there = replace(host, url=server.url, api=server.api, slots=server.slots, write="", ask="", more=())
        yield _Wanted(_called(server.name), there, may_lack=bool(server.name))
        for name in chats:
            yield _Wanted(f"{_called(server.name)} {name}", replace(there, name=name), may_lack=bool(server.name))
    if part.embed:
        there = replace(host, name=part.embed, write="", ask="", more=())
        yield _Wanted(f"model {part.embed}", there, embeds=True)


def _called(server: str) -> str:
    return f"model.{server}" if server else "model"


def _check(wanted: _Wanted, inspect: Inspect, kept: Sequence[KeptPin]) -> Iterator[Check]:
    host = wanted.host
    pin = next((each for each in kept if (each.pin.url, each.pin.name) == (host.url, host.name)), None)
    try:
        report = inspect(replace(host, name=(pin.pin.use if pin else "") or host.name))
    except ButlerError as error:
        yield Check(wanted.name, "failure", error.sentence, error.advice)
        return
    if wanted.may_lack and report.reachable and not report.present and not report.elsewhere:
        return
    yield from _problems(wanted, report)
    if report.present and (wanted.embeds or report.failure is None):
        yield _standing(wanted, report, pin, kept)


def _problems(wanted: _Wanted, report: ModelReport) -> Iterator[Check]:
    for problem in report.problems:
        if wanted.embeds and report.present:
            # What only makes vectors is judged by what it makes.
            continue
        # Without a model briefings are composed by rules: nothing is broken when none was ever chosen.
        level: Level = problem.level if wanted.host.name and not wanted.may_lack else "warning"
        advice = problem.advice
        if not wanted.host.name:
            advice = f"{problem.advice} To do without one, set model.enabled to false."
        yield Check(wanted.name, level, problem.sentence, advice)


def _standing(wanted: _Wanted, report: ModelReport, pin: KeptPin | None, kept: Sequence[KeptPin]) -> Check:
    """What a model is that can be used, and whether it is what was pinned."""
    seen = ModelIdentity(report.name, report.digest, report.template, report.kind)
    if pin and (found := changes(pin.pin.identity, seen)):
        return Check(wanted.name, "failure", held(wanted.host.name, found), ADVICE)
    pins = [each.pin for each in kept]
    if elsewhere := pinned_elsewhere(pins, wanted.host.url, wanted.host.name, report.digest):
        level: Level = "warning" if wanted.may_lack else "failure"
        sentence = another_one(wanted.host.name, report.digest, elsewhere)
        advice = f"`butler model accept {wanted.host.name}` pins what is there."
        return Check(wanted.name, level, sentence, advice)
    wide = wanted.host.context
    context = f"{report.context(wide)} of {report.context_length}" if report.context_length else str(wide)
    server = f"Ollama {report.version}" if report.api == "ollama" else report.kind
    known = short(report.digest) if report.digest else "unpinned: its server knows no digests"
    since = f", pinned since {pin.since:%Y-%m-%d}" if pin else ""
    sentence = f"{report.name} ({known}) on {server} at {report.url}, context {context} tokens{since}."
    return Check(wanted.name, "ok", sentence)
