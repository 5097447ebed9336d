"""The rows about the briefing: its time over large mirrors, and how much of the mail a model would have to read."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from bench_ours import DAY, NOW, ZONE, house
from bench_table import Row, judged
from bench_world import World
from briefing_twins import Memory
from dovecot_server import USER
from pydantic import BaseModel

from butler.core.context import Context
from butler.core.owner import BriefingOptions, Owner
from butler.core.steps import Asked, Step
from butler.house import Deeds, House
from butler.model.answers import in_words, schema_of
from butler.model.prompts import compose, system_words
from butler.sample.household import write_household
from butler.sample.scale_events import events
from workflows.briefing import WORKFLOW

_A = TypeVar("_A", bound=BaseModel)
_BYTES_PER_TOKEN = 4
_MAILS_PER_EVENT = 10
_NONE = {"evidence": [], "reason": "", "label": "none", "due": 0}
_SUMMARY = {"received": {"summary": ""}}
_OWNER = Owner("Anna Berger", frozenset({USER}), ZoneInfo(ZONE))
_PROGRAM = Path(__file__).with_name("bench_brief.py")


@dataclass
class CountingModel:
    """A model that finds nothing in anything, and counts the bytes that it is shown: whole prompts, and the mails in them.

    `known` has what was asked before, by all that an answer depends on: it is answered from there and counts as nothing.
    """

    name: str = "counting"
    digest: str = "0" * 64
    calls: int = 0
    size: int = 0
    text: int = 0
    again: int = 0
    known: set[tuple[str, str, str]] = field(default_factory=set)

    def ask(self, step: Step[_A], *, subject: str, facts: str, text: str) -> Asked[_A]:
        """Count one asking."""
        system = system_words(step.prompt, in_words(schema_of(step.answer)))
        if (system, facts, text) in self.known:
            self.again += 1
            return Asked(step.answer.model_validate(_NONE | _SUMMARY.get(step.name, {})), digest=self.digest, cached=True)
        self.known.add((system, facts, text))
        self.calls += 1
        self.text += len(text.encode())
        self.size += compose(system, facts, text, sys.maxsize).size
        return Asked(step.answer.model_validate(_NONE | _SUMMARY.get(step.name, {})), digest=self.digest)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model would read of a month of mail, in bytes: of its prompts `text` are the mails; `raw` is all of that month."""

    calls: int
    prompts: int
    text: int
    raw: int
    mails: int
    again: int = 0

    def a_mail(self) -> str:
        """How much of each mail that came is read, whether or not it was asked about."""
        read, came = (size / _BYTES_PER_TOKEN / self.mails for size in (self.prompts, self.raw))
        return f"{read:.0f} tokens a mail, of {came:.0f} that came, {self.mails} mails"

    def sentence(self) -> str:
        """The figures in tokens."""
        fixed, text = (self.prompts - self.text) / _BYTES_PER_TOKEN, self.text / _BYTES_PER_TOKEN
        return f"{self.calls} askings, {fixed:,.0f} tokens of fixed words and facts and {text:,.0f} of mails"


class BriefingRows:
    """The rows over a mirror of one size and a small one; a mirror is filled when it is first needed."""

    def __init__(self, world: World, count: int, small: int, repeat: int) -> None:
        self._world = world
        self._count = count
        self._small = small
        self._repeat = repeat
        self._filled: dict[int, tuple[Path, Path]] = {}

    def running(self) -> Row:
        """The briefing by rules in a process that runs already, without a sync."""
        times = {}
        for count in (self._count, self._small):
            with self._house(count) as opened:
                times[count] = self._fastest(partial(opened.brief, sync=False, model=False))
        return self._row("briefing", "in a running process, without its sync", times)

    def command(self) -> Row:
        """The same as a whole command: Python's start, imports, a sync that finds nothing new, and the briefing."""
        times = {}
        for count in (self._count, self._small):
            state, calendar = self.mirror(count)
            command = [sys.executable, str(_PROGRAM), str(state), str(self._world.post(count).port), str(calendar)]
            times[count] = self._fastest(partial(subprocess.run, command, check=True, capture_output=True))
        return self._row("briefing-command", "as a whole command, with a sync that finds nothing new", times)

    def _row(self, name: str, how: str, times: dict[int, float]) -> Row:
        size = f"{self._count:,} messages, {self._count // _MAILS_PER_EVENT:,} events"
        row = Row(
            name,
            f"briefing without a model over {size}, {how}",
            "ms",
            times[self._count] * 1e3,
            times[self._small] * 1e3,
            f"over {self._small:,} and {self._small // _MAILS_PER_EVENT:,}",
            "≤ 1 s, the same over both" if name == "briefing" else "",
        )
        if name != "briefing":
            return row
        return judged(row, lambda ours, reference: ours <= 1_000 and ours <= 1.2 * reference + 20)

    def _fastest(self, work: Callable[[], object]) -> float:
        times = []
        for _ in range(self._repeat + 1):
            started = time.perf_counter()
            work()
            times.append(time.perf_counter() - started)
        return min(times[1:])

    def tokens(self) -> Row:
        """How much a model would read of the month's mail, against all of it."""
        with self._house(self._small) as opened:
            read = reading(opened, self._world.post(self._small).server.maildir, BriefingOptions())
        home = household_reading(self._world.fresh("household"))
        row = Row(
            "tokens",
            f"tokens that would go to a model for a month of mail, {self._small:,} messages: every prompt in full",
            "tokens",
            read.prompts / _BYTES_PER_TOKEN,
            read.raw / _BYTES_PER_TOKEN,
            "the bodies of the month's mails, received and sent, as they came",
            "≤ 25 %",
            note=f"{read.a_mail()}; {read.sentence()}; the sample household, whose mails are short: {home.sentence()}, "
            f"{home.prompts / home.raw:.2f}× its bodies; a token is {_BYTES_PER_TOKEN} bytes",
        )
        return judged(row, lambda ours, reference: ours <= 0.25 * reference)

    def second_day(self) -> Row:
        """How much a model reads on the day after a first briefing, whose answers are known."""
        maildir, asked = self._world.post(self._small).server.maildir, CountingModel()
        with self._house(self._small) as opened:
            first = reading(opened, maildir, BriefingOptions(), model=asked, now=NOW - dt.timedelta(days=1))
            second = reading(opened, maildir, BriefingOptions(), model=asked)
        row = Row(
            "tokens-second-day",
            f"tokens that would go to a model for the briefing of the next day, {self._small:,} messages",
            "tokens",
            second.prompts / _BYTES_PER_TOKEN,
            first.prompts / _BYTES_PER_TOKEN,
            "those of the briefing of the day before, which was the first",
            "≤ 5 %",
            note=f"{second.calls} asked and {second.again} known, of {second.mails} mails; on the day before {first.calls} "
            f"asked of {first.mails}; a token is {_BYTES_PER_TOKEN} bytes",
        )
        return judged(row, lambda ours, reference: 0 < ours <= 0.05 * reference)

    def _house(self, count: int) -> House:
        state, calendar = self.mirror(count)
        return house(state, self._world.post(count).port, calendar)

    def mirror(self, count: int) -> tuple[Path, Path]:
        """A state folder whose mirror is filled, and the folder of events."""
        if count not in self._filled:
            calendar = self._world.fresh(f"events-{count}")
            for event in events(count // _MAILS_PER_EVENT, DAY):
                (calendar / event.name).write_bytes(event.content)
            state = self._world.fresh(f"briefing-{count}")
            with house(state, self._world.post(count).port, calendar) as opened:
                failed = [one for one in opened.sync() if one.state != "fresh"]
            if failed:
                raise RuntimeError(f"{failed}")
            self._filled[count] = (state, calendar)
        return self._filled[count]


def reading(
    opened: House,
    maildir: Path,
    options: BriefingOptions,
    owner: Owner = _OWNER,
    model: CountingModel | None = None,
    now: dt.datetime = NOW,
) -> Reading:
    """Let the workflow's graph judge a mirror with a model that counts; the raw text is read from the mails' own files."""
    model = model or CountingModel()
    before = replace(model)
    context = Context(
        run="bench",
        now=now,
        day=now.astimezone(owner.zone).date(),
        owner=owner,
        options=options,
        reads=opened.mirror.reads,
        memory=Memory(),
        model=model,
        sync=opened.states,
        publish=lambda _briefing, _origins, _snapshot: None,
    )
    graph = WORKFLOW.graph(context).compile(checkpointer=None)
    graph.invoke(dict(WORKFLOW.start(context)))
    since = now - dt.timedelta(days=options.lookback_days)
    reads = opened.mirror.reads
    bodies = body_sizes(maildir, since)
    mails = (*reads.received(since, now), *reads.sent(since, now))
    raw = sum(bodies.get(mail.message.message_id) or len(mail.message.text.encode()) for mail in mails)
    counts = (model.calls - before.calls, model.size - before.size, model.text - before.text)
    return Reading(*counts, raw, len(mails), model.again - before.again)


def household_reading(folder: Path) -> Reading:
    """The same for the sample household."""
    household = write_household(folder / "files", DAY)
    deeds = Deeds(household.owner, household.accounts, household.options, folder / "state")
    with House(deeds, lambda: NOW) as opened:
        opened.sync()
        return reading(opened, household.mail.path or folder, household.options, household.owner)


def body_sizes(maildir: Path, since: dt.datetime) -> dict[str, int]:
    """The bytes of each mail's body by its Message-ID: its plain text with all that it quotes, else its HTML source."""
    files = (path for path in maildir.rglob("*") if path.parent.name in ("cur", "new"))
    recent = (path for path in files if path.is_file() and path.stat().st_mtime >= since.timestamp())
    mails = (message_from_bytes(path.read_bytes()) for path in recent)
    return {str(mail["Message-ID"]).strip("<> "): _body_size(mail) for mail in mails}


def _body_size(mail: Message) -> int:
    sizes = {"text/plain": 0, "text/html": 0}
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() in sizes and isinstance(content, bytes):
            sizes[part.get_content_type()] += len(content)
    return sizes["text/plain"] or sizes["text/html"]
