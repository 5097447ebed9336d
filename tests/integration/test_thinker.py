"""Thinkers that are taken over, killed or mute: nothing comes of it, the run ends with a sentence, and the state is whole."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from good_model import good_model
from hostile_thinkers import GARBAGE
from ollama_script import Chat, Hangs
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.actions import Status
from butler.core.errors import StateError
from butler.dialing import StateLedger
from butler.house import Deeds, Done, House
from butler.runner import CutShortError, FaultError
from butler.sample.household import Household, write_household
from butler.sandbox.starting import Starting
from butler.sandbox.worker import Forkserver, Order
from butler.store.runs import Run
from butler.store.truth import Truth
from butler.thinker import Thinker, prepared_folder
from butler.thinking.graphs import open_saver

SERVERS = str(Path(__file__).parent.parent / "servers")
DAY = dt.date(2026, 11, 24)
BREACH = "asked for what it may not have"


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        # What a first worker has loaded beforehand, no other has to load again.
        forkserver.order(Order("thinker", "hostile_thinkers:hangs", ("hostile_thinkers",))).close()
        yield forkserver


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    """The sample household, read once; its state is beside it."""
    folder = tmp_path_factory.mktemp("household")
    household = write_household(folder / "files", DAY)
    with house_of(household, folder / "read") as house:
        house.sync()
        assert house.do("draft_reply", model=False, sync=False).proposed
    return household


@contextmanager
def house_of(household: Household, state: Path, model: ModelHost | None = None) -> Iterator[House]:
    deeds = Deeds(household.owner, household.accounts, household.options, state, state / "vault", model)
    with House(deeds, lambda: household.now) as house:
        yield house


@dataclass
class Stage:
    """A state in which a thinker of a test takes the place of the real one."""

    household: Household
    state: Path
    forkserver: Forkserver

    def do(self, evil: str, about: str = "", model: ModelHost | None = None) -> Done:
        """Let it think for a run of a workflow that may propose."""
        with self._house(evil, model) as house:
            return house.do("triage", sync=False, about=about)

    def brief(self, evil: str) -> None:
        """Let it think for a briefing."""
        with self._house(evil, None) as house:
            house.brief(sync=False)

    @contextmanager
    def _house(self, evil: str, model: ModelHost | None) -> Iterator[House]:
        ledger = StateLedger(self.state / "butler.db")
        with closing(ledger), house_of(self.household, self.state, model) as house:
            thinker = Thinker(lambda: self.forkserver, ledger, self.state, main=f"hostile_thinkers:{evil}")
            vars(house._staff)["thinker"] = thinker
            with closing(thinker):
                yield house

    @property
    def last(self) -> Run:
        """The latest run."""
        with closing(Truth.open(self.state / "butler.db")) as truth:
            return truth.runs.top()[0]

    def standing(self) -> Counter[str]:
        """How many actions there are of each status."""
        with closing(Truth.open(self.state / "butler.db")) as truth:
            return Counter(kept.status for kept in truth.outbox.find(statuses=get_args(Status), limit=10_000))

    def files(self) -> Mapping[Path, bytes]:
        """All that is in the household, and in the state but for its databases and checkpoints."""
        folders = (self.household.folder, self.state)
        found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in found if ".db" not in path.name and "checkpoints" not in path.parts}


@pytest.fixture
def stage(household: Household, tmp_path: Path, forkserver: Forkserver) -> Stage:
    state = tmp_path / "state"
    shutil.copytree(household.folder.parent / "read", state)
    return Stage(household, state, forkserver)


def require_whole(stage: Stage, before: tuple[Counter[str], Mapping[Path, bytes]], sentence: str) -> None:
    """Nothing came of a run but its row; the next one, by the real thinker, is as good as any."""
    assert stage.last.state == "failed"
    assert re.search(sentence, stage.last.error)
    assert (stage.standing(), stage.files()) == before
    with house_of(stage.household, stage.state) as house:
        assert house.brief(sync=False).briefing.sections


def now(stage: Stage) -> tuple[Counter[str], Mapping[Path, bytes]]:
    return stage.standing(), stage.files()


@pytest.mark.parametrize("what", GARBAGE)
def test_a_thinker_that_asks_for_what_no_workflow_asks_for_is_ended_and_its_run_failed(stage: Stage, what: str) -> None:
    before = now(stage)
    assert before[0]["held"] > 3
    with pytest.raises(StateError, match=BREACH):
        stage.do("garbage", what)
    assert (stage.last.state, BREACH in stage.last.error) == ("failed", True)
    assert now(stage) == before


def test_a_flood_of_proposals_is_cut_and_all_of_it_rejected(stage: Stage) -> None:
    before = stage.standing()
    with pytest.raises(StateError, match=BREACH):
        stage.do("flood")
    after = stage.standing()
    assert after - before == Counter(rejected=512)
    assert {status: after[status] for status in before} == before


def test_a_thinker_that_never_ends_asking_is_ended(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("butler.offers.offers._MOST_ELSE", 1_000)
    before = now(stage)
    with pytest.raises(StateError, match=BREACH):
        stage.do("reads_for_ever")
    require_whole(stage, before, BREACH)


def test_a_thinker_that_answers_with_a_wrong_type_loses_its_proposals(stage: Stage) -> None:
    before = stage.standing()
    with pytest.raises(StateError, match=BREACH):
        stage.do("proposes_then_lies")
    assert stage.standing() - before == Counter(rejected=1)


def test_what_only_the_owner_asks_for_is_refused_by_the_gate(stage: Stage) -> None:
    assert stage.do("takes_back").result == {"status": "rejected"}


@pytest.mark.parametrize("evil", ["noise", "half_a_character"])
def test_bytes_that_no_seam_would_send_fail_the_run(stage: Stage, evil: str) -> None:
    before = now(stage)
    with pytest.raises(StateError, match=BREACH):
        stage.do(evil)
    require_whole(stage, before, BREACH)


@pytest.mark.parametrize("evil", ["dies", "hangs"])
def test_a_thinker_that_ends_leaves_its_run_open_once_and_fails_it_the_second_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, evil: str
) -> None:
    monkeypatch.setattr("butler.thinker._SECONDS", 1.0)
    before = now(stage)
    for state in ("running", "failed"):
        with pytest.raises(CutShortError, match=r"ended before its work was done\. Run it again"):
            stage.do(evil)
        assert stage.last.state == state
    monkeypatch.undo()
    require_whole(stage, before, "ended before its work was done")


@pytest.mark.parametrize(
    ("evil", "sentence"),
    [("fills_memory", "MemoryError"), ("blasphemes", r"ValueError: \[2Jread this xxx"), ("leaves_the_pages", "evil")],
)
def test_what_breaks_in_a_thinker_fails_its_run_with_harmless_words(stage: Stage, evil: str, sentence: str) -> None:
    before = now(stage)
    with pytest.raises((FaultError, StateError, ValueError), match=sentence):
        stage.do(evil)
    assert len(stage.last.error) < 3_000
    assert stage.last.error.isprintable()
    require_whole(stage, before, sentence)


def test_a_briefing_of_another_day_cannot_be_published(stage: Stage) -> None:
    before = now(stage)
    with pytest.raises(StateError, match=BREACH):
        stage.brief("publishes_elsewhere")
    require_whole(stage, before, BREACH)


def test_a_run_that_publishes_no_briefing_cannot_publish_one(stage: Stage) -> None:
    with pytest.raises((StateError, NotImplementedError)):
        stage.do("publishes_elsewhere")
    assert stage.last.state == "failed"


@pytest.fixture
def places(stage: Stage, tmp_path: Path) -> Iterator[Mapping[str, Any]]:
    """What a thinker must not reach: files, folders, ports, a local socket, this process."""
    (stage.state / "butler.toml").write_text("password = 'canary'")
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    (tmp_path / "home" / ".ssh" / "id_ed25519").write_text("canary")
    files = [*(stage.state / name for name in ("butler.db", "mirror.db", "butler.toml")), tmp_path / "home/.ssh/id_ed25519"]
    files.append(next(path for path in stage.household.folder.rglob("*") if path.is_file()))
    folders = [stage.state, tmp_path, stage.household.folder, Path.home(), Path("/tmp"), Path("/etc")]
    with ExitStack() as opened:
        ports = [opened.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(2)]
        local = opened.enter_context(closing(socket.socket(socket.AF_UNIX)))
        local.bind(str(tmp_path / "local"))
        local.listen()
        yield {
            "files": list(map(str, files)),
            "folders": list(map(str, folders)),
            "unix": str(tmp_path / "local"),
            "model": ports[0],
            "other": ports[1],
            "parent": os.getpid(),
        }


def test_a_thinker_reaches_the_model_and_its_own_folder_and_nothing_else(stage: Stage, places: Mapping[str, Any]) -> None:
    before = now(stage)
    host = ModelHost(f"http://127.0.0.1:{places['model']}", "good")
    found = dict(stage.do("breaks_out", json.dumps(places), host).result)
    may = {"own folder": "None", "the model's host": "'may'"}
    own = found.pop("its own environment")
    assert {name: outcome for name, outcome in found.items() if not outcome.startswith("refused: ")} == may
    assert len(found) > 30
    assert not {"PATH", "HOME", "USER"} & set(own.split("'"))
    assert now(stage) == before
    with closing(Truth.open(stage.state / "butler.db")) as truth:
        refused = [line.facts["host"] for line in truth.journal.lines() if line.what == "refused connection"]
    assert sorted(refused) == ["127.0.0.1", "evil.example"]


def test_whoever_is_interrupted_while_it_starts_can_still_wait_for_it_and_end_it() -> None:
    waits, go, here = threading.Event(), threading.Event(), threading.get_ident()

    def start() -> Any:
        waits.wait(60)
        time.sleep(0.2)
        signal.pthread_kill(here, signal.SIGINT)
        go.wait(60)
        return "the seam"

    def wait() -> None:
        waits.set()
        starting.side()

    starting = Starting(start)
    with pytest.raises(KeyboardInterrupt):
        wait()
    go.set()
    seam: Any = starting.side()
    assert seam == "the seam"


# --- The real one


def counted(chats: Sequence[Chat]) -> list[int]:
    return sorted(Counter(chat.text for chat in chats).values())


def killed_at(number: int, of: Callable[[], int], sent: int = signal.SIGKILL) -> Callable[[Chat], Any]:
    """A good model that ends a process as it is asked for the so many-th time, once, and has no answer while that ends."""
    killed: list[int] = []

    def script(chat: Chat) -> Any:
        if chat.number == number and not killed:
            killed.append(of())
            os.kill(killed[0], sent)
            # Until whoever asked is gone, however long a process takes to end.
            return Hangs()
        return good_model(chat)

    return script


def test_a_killed_thinker_is_replaced_and_the_model_asked_nothing_that_it_had_answered(stage: Stage) -> None:
    workers: list[House] = []

    def pid() -> int:
        worker = workers[0]._staff.thinker._worker
        assert worker is not None
        return worker.pid

    with ScriptedOllama(script=killed_at(3, pid)) as server:
        model = ModelHost(url=server.url, name="good")
        with house_of(stage.household, stage.state, model) as house:
            workers.append(house)
            with pytest.raises(CutShortError, match="goes on where it was"):
                house.brief(sync=False)
            assert stage.last.state == "running"
            published = house.brief(sync=False)
        asked = counted(server.chats)
    assert (stage.last.state, published.briefing.composed_by) == ("done", "model")
    assert (asked.count(2), set(asked)) == (1, {1, 2})


_PROGRAM = """
import datetime, json, pathlib, sys
from butler.core.accounts import ModelHost
from butler.house import Deeds, House
from butler.sample.household import write_household
files, state, url = sys.argv[1:]
household, state = write_household(pathlib.Path(files), datetime.date(2026, 11, 24)), pathlib.Path(state)
deeds = Deeds(household.owner, household.accounts, household.options, state, state / "vault", ModelHost(url, "good"))
with House(deeds, lambda: household.now) as house:
    house.brief(sync=False)
print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))
"""


def program(stage: Stage, folder: Path, url: str) -> list[str]:
    """A butler that makes a briefing and prints the libraries that it loaded."""
    return [sys.executable, "-c", _PROGRAM, str(folder / "files"), str(stage.state), url]


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_butler_ended_while_its_thinker_waits_goes_on_without_asking_twice(stage: Stage, tmp_path: Path, sent: int) -> None:
    started: list[subprocess.Popen[bytes]] = []
    with ScriptedOllama(script=killed_at(3, lambda: started[0].pid, sent)) as server:
        for code in (-sent, 0):
            with subprocess.Popen(program(stage, tmp_path, server.url), stdout=subprocess.DEVNULL) as butler:
                started.append(butler)
                assert butler.wait(60) == code
            assert stage.last.state == ("running" if code else "done")
        asked = counted(server.chats)
    assert (asked.count(2), set(asked)) == (1, {1, 2})


def test_the_butler_itself_loads_no_graph_and_no_client_of_a_model(stage: Stage, tmp_path: Path) -> None:
    with ScriptedOllama(script=good_model) as server:
        done = subprocess.run(program(stage, tmp_path, server.url), capture_output=True, check=True, text=True)
        assert server.chats
    loaded = set(json.loads(done.stdout))
    assert "butler" in loaded
    assert not loaded & {"langgraph", "langchain_core", "ollama", "httpx", "workflows", "dateparser", "lxml"}


def test_old_checkpoints_are_moved_once_and_the_folder_is_the_owners_alone(tmp_path: Path) -> None:
    with open_saver(tmp_path / "checkpoints.db"):
        pass
    for name in ("checkpoints.db-wal", "checkpoints.db-shm"):
        (tmp_path / name).touch()
    folder = prepared_folder(tmp_path)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.name for path in folder.iterdir()} == {"checkpoints.db", "checkpoints.db-wal", "checkpoints.db-shm"}
    (tmp_path / "checkpoints.db").write_text("of an older butler that ran in between")
    (folder / "left").symlink_to(tmp_path)
    (folder / "more" / "below").mkdir(parents=True)
    (folder / "more" / "below" / "link").symlink_to(tmp_path)
    assert prepared_folder(tmp_path) == folder
    assert {path.name for path in folder.iterdir()} == {"checkpoints.db", "checkpoints.db-wal", "checkpoints.db-shm"}
    assert tmp_path.is_dir()
    assert not (tmp_path / "checkpoints.db").exists()
    assert (folder / "checkpoints.db").read_bytes().startswith(b"SQLite")


def test_a_folder_for_checkpoints_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o755)
    (tmp_path / "checkpoints").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError, match="checkpoints cannot be used"):
        prepared_folder(tmp_path)
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o755
