"""What can be set, with defaults and one line of help each; checked as a whole, and turned into the core's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from butler.core.accounts import Account, ModelHost
from butler.core.costs import Tariff
from butler.core.foreign import ForeignServer
from butler.core.jailing import Jailing
from butler.core.jobs import Job
from butler.core.models import Api, ModelServer
from butler.core.owner import BriefingOptions, Owner
from butler.core.remembering import NOTE
from butler.core.requests import WITHOUT_SOURCES
from butler.settings.accounts import CalendarPart, ContactsPart, MailPart, NotesPart
from butler.settings.checks import known_zone, model_problems, plain_url
from butler.settings.daemon import DaemonPart
from butler.settings.documents import DocumentsPart, document_problems, inner
from butler.settings.jobs import Jobs, SchedulePart, jobs_of
from butler.settings.mcp import McpPart
from butler.settings.memory import MemoryPart
from butler.settings.notices import NoticesPart
from butler.settings.parts import Amount, Part, Place, Seconds, Words, refuse
from butler.settings.retention import RetentionPart
from butler.settings.watch import MeetingsPart, WatchPart
from butler.settings.web import WebPart

if TYPE_CHECKING:
    from butler.settings.code import Code
    from butler.settings.own import Shelf


AccountName = Annotated[str, Field(pattern="^[a-z0-9_-]+$")]


class OwnerPart(Part):
    """Who the butler works for."""

    name: str = Field(default="", description="your name, as the briefing may call you")
    addresses: Words = Field(default=(), description="your mail addresses; left out: the mail users that are addresses")
    timezone: Annotated[str, BeforeValidator(known_zone)] = Field(
        default="", description="your time zone, such as Europe/Berlin; left out: this machine's"
    )
    language: str = Field(default="en", pattern="^[a-z]{2}$", description="the language you mostly write in, such as en or de")


class ModelServerPart(Part):
    """A further server that may do the model's work."""

    url: str = Field(default="", description="address of a further server, such as http://attic.lan:11434; left out: none")
    api: Api = Field(default="ollama", description="how it is spoken to: ollama, or openai for llama.cpp and LM Studio")
    slots: int = Field(default=1, ge=1, le=64, description="questions that it answers at once")

    @model_validator(mode="after")
    def _check(self) -> ModelServerPart:
        refuse(model_problems(self.url) if self.url else [])
        return self


class ModelPart(Part):
    """The model servers and how they are used."""

    enabled: bool = Field(default=True, description="false: never ask a model, compose by rules")
    url: str = Field(default="http://127.0.0.1:11434", description="address of the model server")
    api: Api = Field(default="ollama", description="how it is spoken to: ollama, or openai for llama.cpp and LM Studio")
    slots: int = Field(default=1, ge=1, le=64, description="questions that it answers at once (OLLAMA_NUM_PARALLEL)")
    name: str = Field(
        default="", description="model to ask, such as qwen3.5:9b; left out: none, the briefing is composed by rules"
    )
    write: str = Field(default="", description="model that writes drafts, such as a larger one; left out: the same")
    ask: str = Field(default="", description="model that answers questions; left out: the same")
    alias: bool = Field(
        default=True, description="keep a copy of each pinned model on its server, to go back to (`butler model back`)"
    )
    embed: str = Field(
        default="", description="embedding model for search by meaning, such as nomic-embed-text; left out: full text alone"
    )
    context: int = Field(default=8192, ge=2048, le=1_048_576, description="tokens of context to ask for")
    deadline: Seconds = Field(default=180.0, description="seconds for one question with its repairs")
    keep_alive: str = Field(
        default="10m", pattern=r"^(-1|\d+(ms|s|m|h)?)$", description="how long the server keeps the model loaded"
    )
    seed: int = Field(default=7, ge=0, description="seed, so that the same question gets the same answer")
    watts: Amount = Field(default=None, description="watts that the machine draws while a model answers; for `runs --cost`")
    idle_watts: Amount = Field(default=None, description="watts that it draws anyway, which are taken off")
    price_kwh: Amount = Field(default=None, description="what a kilowatt-hour costs you")
    price_in: Amount = Field(default=None, description="price of a million tokens of questions elsewhere, to compare with")
    price_out: Amount = Field(default=None, description="price of a million tokens of answers elsewhere")
    currency: str = Field(default="", max_length=12, description="currency of these prices, such as EUR")
    servers: dict[AccountName, ModelServerPart] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> ModelPart:
        refuse(model_problems(self.url))
        if (self.idle_watts or 0.0) > 0.0 and (self.watts is None or self.watts < (self.idle_watts or 0.0)):
            raise ValueError("The machine draws no less when a model answers. Set watts, and idle_watts below it.")
        return self

    def tariff(self) -> Tariff:
        """What models cost, as far as that is given."""
        return Tariff(self.watts, self.idle_watts, self.price_kwh, self.price_in, self.price_out, self.currency.strip())

    def host(self) -> ModelHost:
        """The servers as the gateway calls them."""
        return ModelHost(
            *(plain_url(self.url), self.name, self.context, self.deadline, self.keep_alive, self.seed, self.api, self.slots),
            *(self.write, self.ask),
            alias=self.alias,
            more=tuple(
                ModelServer(name, plain_url(part.url), part.api, part.slots) for name, part in self.servers.items() if part.url
            ),
        )


class BriefingPart(Part):
    """How the briefing is to be."""

    folder: Place | None = Field(
        default=None, description="where briefings are saved as Markdown; left out: in the state folder"
    )
    travel_minutes: int = Field(default=30, ge=0, le=720, description="minutes needed between two places; less is a conflict")
    free_minutes: int = Field(default=60, ge=5, le=1440, description="shortest free window worth naming, in minutes")
    day_start: int = Field(default=8, ge=0, le=23, description="hour at which your day starts")
    day_end: int = Field(default=18, ge=1, le=24, description="hour at which your day ends")
    waiting_days: int = Field(default=3, ge=1, le=90, description="days without an answer after which somebody owes you one")
    lookback_days: int = Field(default=30, ge=1, le=365, description="days of mail to look back over")
    deadline_days: int = Field(default=14, ge=1, le=365, description="days ahead to look for deadlines")
    birthday_days: int = Field(
        default=7, ge=0, le=365, description="days ahead to name birthdays and anniversaries of your contacts"
    )
    reply_limit: int = Field(default=12, ge=1, le=100, description="most mails named under Needs your answer")

    @model_validator(mode="after")
    def _check(self) -> BriefingPart:
        if self.day_start >= self.day_end:
            raise ValueError(f"The day from {self.day_start} to {self.day_end} has no hours. Set day_end after day_start.")
        return self

    def options(self) -> BriefingOptions:
        """The same without the folder."""
        return BriefingOptions(**self.model_dump(exclude={"folder"}))


class WorkflowsPart(Part):
    """Workflows and code of your own."""

    folder: Place | None = Field(
        default=None, description="folder of your own workflows (*.md); left out: workflows in the folder of butler.toml"
    )
    plugins: Place | None = Field(
        default=None, description="folder of your own code (*.py); left out: plugins in the folder of butler.toml"
    )

    def shelf(self, roots: frozenset[str] | None = None, calls: frozenset[str] | None = None, *, strict: bool = True) -> Shelf:
        """Read all workflows that are files, your own against these roots and calls; `strict` knows the options of tools."""
        from butler.settings.own import shelf

        return shelf(self.folder, self.code(), roots, calls, strict=strict)

    def code(self) -> Code:
        """Where your own code is."""
        from butler.settings.code import Code

        return Code(self.plugins)

    def files(self) -> dict[str, Path]:
        """The files of your workflows and of your code that can be read, by names for a backup."""
        own = [each.path for each in self.shelf(strict=False).files if each.origin == "own" and each.definition]
        code = {f"plugins/{room}/{path.name}": path for room, path in self.code().files()}
        return {f"workflows/{path.name}": path for path in own} | code

    def problems(self) -> list[str]:
        """What is wrong with your workflows and code, each with its file and, in a workflow, its line."""
        return [*self.shelf(strict=False).told(), *self.code().problems()]


class DraftingPart(Part):
    """How what the butler prepares is to be."""

    policy: Place | None = Field(
        default=None, description="file with your rules for actions; left out: policy.toml in the folder of butler.toml"
    )
    calendar: str = Field(default="", description="calendar that new events go into; left out: the first that may be written")
    tasks: str = Field(default="", description="list that new tasks go into; left out: the first that holds tasks")
    hold_days: int = Field(default=30, ge=1, le=3650, description="days after which an undecided action expires")
    limit: int = Field(default=12, ge=1, le=100, description="most drafts written in one run")
    inbox: str = Field(default="Inbox.md", description="note, in your first folder of notes, that news of documents go into")


class Settings(Part):
    """All settings of one butler; made by `butler.settings.load`, which says where each comes from."""

    model_config = ConfigDict(validate_default=True)

    owner: OwnerPart = OwnerPart.model_construct()
    mail: dict[AccountName, MailPart] = Field(default_factory=dict)
    calendar: dict[AccountName, CalendarPart] = Field(default_factory=dict)
    contacts: dict[AccountName, ContactsPart] = Field(default_factory=dict)
    notes: dict[AccountName, NotesPart] = Field(default_factory=dict)
    documents: dict[AccountName, DocumentsPart] = Field(default_factory=dict)
    model: ModelPart = ModelPart.model_construct()
    briefing: BriefingPart = BriefingPart.model_construct()
    drafting: DraftingPart = DraftingPart.model_construct()
    workflows: WorkflowsPart = WorkflowsPart.model_construct()
    memory: MemoryPart = MemoryPart.model_construct()
    mcp: dict[AccountName, McpPart] = Field(default_factory=dict)
    daemon: DaemonPart = DaemonPart.model_construct()
    schedule: SchedulePart = SchedulePart.model_construct()
    jobs: Jobs = Field(default_factory=dict)
    notices: NoticesPart = NoticesPart.model_construct()
    retention: RetentionPart = RetentionPart.model_construct()
    watch: dict[AccountName, WatchPart] = Field(default_factory=dict)
    meetings: MeetingsPart = MeetingsPart.model_construct()
    web: WebPart = WebPart.model_construct()
    sandbox: Jailing = Field(
        default="enforced", description="degraded: run workers even where the kernel cannot confine them; every status says so"
    )
    state_dir: Place = Field(description="the butler's own folder; left out: $STATE_DIRECTORY, else ~/.local/state/butler")

    @model_validator(mode="after")
    def _check(self) -> Settings:
        if self.mail and not self.addresses():
            raise ValueError("Your mail address is not known. Set owner.addresses, so that your own mail can be told apart.")
        refuse(list(document_problems(_paths(self.documents), _paths(self.notes), _paths(self.watch))))
        return self

    def addresses(self) -> frozenset[str]:
        """The owner's addresses in lower case: those that are set, else the mail users that are addresses."""
        given = self.owner.addresses or tuple(part.user for part in self.mail.values() if "@" in part.user)
        return frozenset(address.lower() for address in given)

    def person(self) -> Owner:
        """The owner as workflows know them."""
        return Owner(self.owner.name, self.addresses(), ZoneInfo(self.owner.timezone or "UTC"), self.owner.language)

    def accounts(self) -> tuple[Account, ...]:
        """All accounts: mail, calendars, contacts, notes, documents, each in the order in which they are set."""
        memory = self.memory.account(self.state_dir)
        elsewhere = filter(None, [self.memory.folder])
        kept, own = self.state_dir / "kept", (self.state_dir, self.briefing_folder(), *elsewhere)
        papers = [*_paths(self.documents).values()]
        roots = [*papers, *_paths(self.notes).values()]
        return (
            *(part.account(name, self.state_dir) for name, part in self.mail.items()),
            *(part.account(name, self.state_dir) for name, part in self.calendar.items()),
            *(part.account(name) for name, part in self.contacts.items()),
            *(part.account(name, kept / name, (*own, *inner(part.path, papers))) for name, part in self.notes.items()),
            *(part.account(name, kept / name, (*own, *inner(part.path, roots))) for name, part in self.documents.items()),
            *([memory] if (memory.path / NOTE).is_file() else []),
        )

    def sources(self) -> frozenset[str]:
        """The names of all that is read or watched, as notices and `butler status` use them."""
        names = {
            "mail.": [*self.mail],
            "calendar.": [*self.calendar],
            "contacts.": [*self.contacts],
            "notes.": [*self.notes, *self.documents],
            "folder ": [*self.watch],
        }
        return frozenset(f"{kind}{name}" for kind, found in names.items() for name in found)

    def every_job(self) -> tuple[Job, ...]:
        """The shipped jobs, those of the owner and of their workflows, and one for each hook; without anything to read, what
        reads is off.
        """
        quiet, own = self.schedule.quiet, self.workflows.shelf(strict=False)
        found = (
            *jobs_of(self.jobs, quiet, embeds=self.embed_host() is not None),
            *own.jobs(self.jobs, quiet),
            *self.web.jobs(),
        )
        if self.accounts():
            return found
        return tuple(replace(job, enabled=job.enabled and job.workflow in WITHOUT_SOURCES) for job in found)

    def servers(self) -> tuple[ForeignServer, ...]:
        """The servers of the owner's choice; none of them gets at the folder of the rules, which is that of the settings."""
        config = self.drafting.policy.parent if self.drafting.policy else None
        rules = tuple(filter(None, (self.drafting.policy, self.workflows.folder, self.workflows.plugins)))
        made = [part.server(name, config) for name, part in self.mcp.items()]
        folders = {server.name: (*server.folders, *server.writable) for server in made}
        others = {name: {other: folders[other] for other in folders if other != name} for name in folders}
        return tuple(replace(server, rules=rules, beside=others[server.name]) for server in made)

    def model_host(self) -> ModelHost | None:
        """The model server; None when no model is chosen or it is switched off."""
        return self.model.host() if self.model.enabled and self.model.name else None

    def embed_host(self) -> ModelHost | None:
        """The model server with the embedding model; None when none is chosen or models are switched off."""
        return (
            replace(self.model.host(), name=self.model.embed, write="", ask="")
            if self.model.enabled and self.model.embed
            else None
        )

    def briefing_folder(self) -> Path:
        """Where briefings are saved."""
        return self.briefing.folder or self.state_dir / "briefings"


def _paths(parts: Mapping[str, DocumentsPart] | Mapping[str, NotesPart] | Mapping[str, WatchPart]) -> dict[str, Path]:
    return {name: part.path for name, part in parts.items()}
