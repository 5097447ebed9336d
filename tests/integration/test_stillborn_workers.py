"""Workers that are killed as they start: once does no harm, twice is about one source; what cannot be loaded, too."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from memory_source import raw_mail

from butler.cli import opening
from butler.cli import sync as cli_sync
from butler.core.accounts import Account, MailAccount, NotesFolder
from butler.core.effects import PutFile, Seen
from butler.core.errors import EXIT_UNAVAILABLE, EffectError, SourceError, StateError
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import Frame, SourceKind
from butler.dialing import StateLedger
from butler.house import Deeds, House
from butler.remote.ears import RemoteEar
from butler.remote.hands import RemoteHands
from butler.remote.sources import RemoteSource
from butler.remote.workers import Workers
from butler.runner import CutShortError
from butler.sandbox import worker as worker_module
from butler.sandbox.order import Order
from butler.sandbox.parser import Parser
from butler.sandbox.seam import Side
from butler.sandbox.worker import Forkserver, WorkerDiedError
from butler.watch.changes import changes
from butler.watch.signal import Signal

SERVERS = str(Path(__file__).parent.parent / "servers")
OURS: Mapping[SourceKind, str] = {
    "mail": "tools.mail:TOOL",
    "notes": "tools.files:TOOL",
    "calendar": "tools.calendar:TOOL",
}
OWNER = Owner("Anna Berger", frozenset({"anna@berger.example"}), ZoneInfo("Europe/Berlin"))
DOOMED = "The process that reads notes.doomed ended unexpectedly; the next sync tries it again."
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
PUT = PutFile(account="doomed", path="a.md", content="Hello")


@pytest.fixture
def forkserver() -> Iterator[Forkserver]:
    with Forkserver(folders=(SERVERS,)) as forkserver:
        forkserver.preload(("stillborn",))
        yield forkserver


@pytest.fixture
def workers(forkserver: Forkserver, tmp_path: Path) -> Iterator[Workers]:
    with closing(StateLedger(tmp_path / "butler.db")) as ledger:
        yield Workers(lambda: forkserver, ledger, OURS)


def folder(root: Path, name: str) -> NotesFolder:
    (root / name).mkdir()
    (root / name / "a.md").write_text(f"Hello from {name}")
    return NotesFolder(name, root / name)


def deeds(forkserver: Forkserver, root: Path, found: Mapping[SourceKind, str] = OURS, mail: str = "") -> Deeds:
    accounts: list[Account] = [folder(root, "doomed"), folder(root, "spared")]
    if mail:
        (root / mail).mkdir()
        accounts[0] = MailAccount(name="home", path=root / mail)
    return Deeds(
        OWNER, accounts, BriefingOptions(), root / "state", root / "out", found=found, forkserver=forkserver.descriptor
    )


def test_a_sync_in_which_one_worker_cannot_be_kept_alive_reads_the_other_source(
    forkserver: Forkserver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(opening, "deeds_to_sync", lambda _options: deeds(forkserver, tmp_path))
    options = Namespace(child=True, json=False, unasked=False, allow_empty=False, quiet=True)
    assert cli_sync._run(options) == EXIT_UNAVAILABLE
    assert capsys.readouterr().out == f"notes.doomed  failed  {DOOMED}\nnotes.spared  fresh\n"


def test_a_briefing_comes_about_without_the_source_whose_worker_ends(forkserver: Forkserver, tmp_path: Path) -> None:
    with House(deeds(forkserver, tmp_path)) as house:
        published = house.brief(now=NOW, model=False)
        assert [(each.name, each.state) for each in house.states()] == [("doomed", "failed"), ("spared", "fresh")]
    assert [each.error for each in published.briefing.sources] == [DOOMED, None]


def test_a_briefing_whose_thinker_ends_as_it_starts_goes_on_at_the_next_try(forkserver: Forkserver, tmp_path: Path) -> None:
    wanted = deeds(forkserver, tmp_path)
    with Forkserver(folders=(SERVERS,)) as deadly:
        deadly.preload(("stillborn_thinkers",))
        with (
            House(replace(wanted, forkserver=deadly.descriptor)) as house,
            pytest.raises(CutShortError, match=r"ended before its work was done\. Run it again"),
        ):
            house.brief(now=NOW, model=False)
    with House(wanted) as house:
        assert len(house.brief(now=NOW, model=False).briefing.sources) == 2


def test_a_worker_that_ended_once_is_ordered_once_more(workers: Workers, tmp_path: Path) -> None:
    with closing(RemoteSource(workers, folder(tmp_path, "hapless"))) as source:
        assert [each.name for each in source.collections()] == ["hapless"]
    assert (tmp_path / "died").exists()


def test_hands_whose_worker_ends_did_nothing(workers: Workers, tmp_path: Path) -> None:
    with closing(RemoteHands(workers, folder(tmp_path, "doomed"))) as hands:
        for ask in (lambda: hands.look(PUT), lambda: hands.act(PUT, Seen(state="open"))):
            with pytest.raises(EffectError, match=r"^The process that acts on notes\.doomed ended unexpectedly\.$") as told:
                ask()
            assert (told.value.uncertain, told.value.permanent, told.value.held) == (False, False, False)


def test_an_ear_whose_worker_ends_tells_of_it(workers: Workers, tmp_path: Path) -> None:
    stop = Signal()
    (tmp_path / "doomed").mkdir()
    ear = RemoteEar(workers, MailAccount(name="home", path=tmp_path / "doomed"), "INBOX", 60.0, changes)
    with pytest.raises(SourceError, match=r"^The process that listens to mail\.home ended unexpectedly\.$"):
        list(ear.listen(stop))
    stop.close()


def test_a_parser_that_ends_as_it_starts_is_no_fault_of_what_it_was_to_parse(forkserver: Forkserver) -> None:
    forkserver.preload(("stillborn_parsers",))
    with Parser(forkserver, OURS) as parser, pytest.raises(SourceError, match=r"parses \(mail\) ended unexpectedly; the next"):
        parser.parse("mail", [raw_mail("1", "m1@x", "Hello", "Text")], Frame())


def test_a_tool_that_ends_its_parser_when_it_is_loaded_is_no_fault_of_the_mail(
    forkserver: Forkserver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dying(Side):
        def ask(self, name: str, *values: object, seconds: float, gives: object = None) -> object:
            if name == "load":
                raise WorkerDiedError("It ended.")
            return super().ask(name, *values, seconds=seconds, gives=gives)

    raws = [raw_mail("1", "m1@x", "Hello", "Text")]
    with Parser(forkserver, OURS) as parser:
        with monkeypatch.context() as patch:
            patch.setattr(worker_module, "Side", Dying)
            for _ in range(2):
                with pytest.raises(SourceError, match="ended unexpectedly"):
                    parser.parse("mail", raws, Frame())
                assert parser.worker("mail") is None
        assert None not in parser.parse("mail", raws, Frame())


@pytest.mark.parametrize(
    ("target", "said"), [("no_such_tool:TOOL", "no_such_tool cannot be loaded"), ("falling_module:TOOL", "falling_module")]
)
def test_a_tool_that_cannot_be_loaded_is_about_its_own_source_alone(
    forkserver: Forkserver, tmp_path: Path, target: str, said: str
) -> None:
    with House(deeds(forkserver, tmp_path, {**OURS, "mail": target}, mail="mail")) as house:
        first, second = house.sync()
    assert (first.name, first.state, second.name, second.state) == ("home", "failed", "spared", "fresh")
    assert said in str(first.error)
    assert "`butler doctor`" in str(first.error)


def test_a_tool_that_is_not_in_its_module_is_about_its_own_source_alone(forkserver: Forkserver, tmp_path: Path) -> None:
    with House(deeds(forkserver, tmp_path, {**OURS, "mail": "odd_tool:NONE"}, mail="mail")) as house:
        assert [each.state for each in house.sync()] == ["failed", "fresh"]


def test_where_nothing_forks_workers_the_installation_is_to_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_COMMAND", ("/bin/true",))
    with Forkserver() as forkserver, pytest.raises(StateError, match=r"^A worker \(files\) does not start\. `butler doctor`"):
        forkserver.order(Order("files", "forked_workers:serve"))


def test_a_kernel_that_cannot_confine_is_about_all_sources(forkserver: Forkserver, tmp_path: Path) -> None:
    forkserver.preload(("broken_kernel",))
    with House(deeds(forkserver, tmp_path)) as house, pytest.raises(StateError, match="cannot confine"):
        house.sync()
