"""Every command as a person calls it: what it prints, where, and how it ends."""

import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from butler_process import PROGRAM, butler, document, environment
from free_ports import free_port

from butler.cli.arguments import COMMANDS
from butler.core.briefing import Briefing
from butler.store.state import StateLock

DAY = "2026-11-24"
MAIL = "mail:home/harbour-6@ford-harbour.example"


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A finished demo in a folder that it chose below this one, and what it printed."""
    home = tmp_path_factory.mktemp("home")
    return home, butler(home, "demo", "--date", DAY, TMPDIR=str(home))


@pytest.fixture(scope="module")
def sample(printed: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    """The folder of that demo, to look around in."""
    home, done = printed
    assert done.returncode == 0, done.stderr
    (folder,) = home.glob("butler-demo-*")
    return folder


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The same demo once more as one document, in a folder that it was told."""
    folder = tmp_path_factory.mktemp("again") / "below"
    return folder, butler(folder.parent, "demo", "--date", DAY, "--json", "--folder", folder)


@pytest.fixture
def config(sample: Path) -> tuple[Path, Path]:
    return sample.parent, sample / "butler.toml"


def test_the_demo_prints_its_briefing_and_says_where_everything_is(
    printed: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, done = printed
    assert done.returncode == 0
    assert "Tuesday, 24 November 2026" in done.stdout
    assert "Composed by rules" in done.stdout.splitlines()[0]
    (folder,) = home.glob("butler-demo-*")
    saved = folder / "briefings" / f"{DAY}.md"
    assert f"Saved as {saved}." in done.stderr
    assert saved.read_text()
    assert f"butler --config {folder}/butler.toml show REF" in done.stderr
    assert "Waiting for you" in done.stdout
    assert "One of them is approved now, as `butler approve 1` does" in done.stdout
    assert "#1 done: Draft to rachel@ford-harbour.example" in done.stdout
    assert "Message-ID: <butler." in done.stdout
    assert "Nothing was sent, and nothing else was done." in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_the_demo_ends_with_drafts_that_wait_and_one_that_was_approved(sample: Path, config: tuple[Path, Path]) -> None:
    home, file = config
    states = {
        each["id"]: each
        for each in document(butler(home, "--config", file, "actions", "--all", "--limit", "100", "--json"))["actions"]
    }
    assert [(each["kind"], each["status"]) for each in states.values() if each["status"] != "held"] == [("mail.draft", "done")]
    assert {"mail.draft", "calendar.respond", "task.create"} <= {
        each["kind"] for each in states.values() if each["status"] == "held"
    }
    (draft,) = (sample / "mail" / ".Drafts").glob("*/*butler*")
    assert draft.name.endswith(":2,DS")
    assert b"\nIn-Reply-To: <" in draft.read_bytes()


def test_the_demo_is_the_same_for_the_same_day(sample: Path, again: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = again
    assert done.returncode == 0
    kept = (sample / "briefings" / f"{DAY}.md").read_text()
    assert (folder / "briefings" / f"{DAY}.md").read_text() == kept


def test_the_demo_goes_by_rules_when_the_model_does_not_answer(tmp_path: Path) -> None:
    environ = {"BUTLER_MODEL__URL": f"http://127.0.0.1:{free_port()}", "BUTLER_MODEL__NAME": "q"}
    for arguments in ([], ["--model", "other"]):
        done = butler(tmp_path, "-q", "demo", "--date", DAY, *arguments, TMPDIR=str(tmp_path), **environ)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0].startswith("Composed by rules alone: the model did not answer")


def test_the_demo_emits_the_contract_as_one_document(again: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, done = again
    found = document(done)
    briefing = Briefing.model_validate_json(done.stdout)
    assert list(found) == [
        *("date", "timezone", "generated_at", "composed_by", "model", "sources", "sections", "dropped", "quiet", "usage")
    ]
    assert (found["date"], found["timezone"], found["composed_by"], found["model"]) == (DAY, "Europe/Berlin", "rules", None)
    assert {source.state for source in briefing.sources} == {"fresh"}
    assert [section.name for section in briefing.sections] == [
        *("agenda", "conflicts", "reply", "deadlines", "promised", "waiting", "tasks", "birthdays", "reading", "changes")
    ]


def test_the_demo_leaves_a_folder_alone_that_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("dear diary")
    done = butler(tmp_path, "demo", "--folder", tmp_path / "mine")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds something else" in done.stderr
    assert [each.name for each in (tmp_path / "mine").iterdir()] == ["diary.txt"]


def test_the_demo_says_that_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = butler(tmp_path, "demo", "--folder", tmp_path / "file" / "below")
    assert done.returncode == 1
    assert "The sample cannot be written: Not a directory." in done.stderr


def test_sync_says_how_each_source_fared(config: tuple[Path, Path]) -> None:
    home, file = config
    done = butler(home, "--config", file, "sync")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].split() == ["mail.home", "fresh"]
    found = document(butler(home, "sync", "--json", "--config", file))
    assert [list(source) for source in found["sources"]] == [["name", "kind", "state", "as_of", "error", "set_aside"]] * 8
    names = [source["name"] for source in found["sources"]]
    assert names[-3:] == ["notes.notes", "documents.papers", "documents.records"]
    checks = document(butler(home, "doctor", "--json", "--config", file))["checks"]
    assert {"notes.notes", "documents.papers"} <= {check["name"] for check in checks}


def test_brief_prints_saves_and_emits_the_briefing_of_a_day(config: tuple[Path, Path]) -> None:
    home, file = config
    done = butler(home, "--config", file, "brief", "--date", "2026-11-25", "--no-sync")
    assert done.returncode == 0, done.stderr
    assert "Wednesday, 25 November 2026" in done.stdout
    assert (file.parent / "briefings" / "2026-11-25.md").is_file()
    found = document(butler(home, "-q", "--config", file, "brief", "--date", "2026-11-25", "--no-model", "--json"))
    assert Briefing.model_validate(found).date.isoformat() == "2026-11-25"


def test_brief_leaves_an_edited_file_alone_and_says_so(config: tuple[Path, Path]) -> None:
    home, file = config
    mine = file.parent / "briefings" / "2026-11-26.md"
    mine.write_text("my own words")
    done = butler(home, "--config", file, "brief", "--date", "2026-11-26")
    assert done.returncode == 0
    assert "2026-11-26.md was edited or is not the butler's" in done.stderr
    assert mine.read_text() == "my own words"


def test_brief_prints_what_it_could_not_save_and_fails(config: tuple[Path, Path], tmp_path: Path) -> None:
    home, file = config
    (tmp_path / "file").write_text("")
    folder = {"BUTLER_BRIEFING__FOLDER": str(tmp_path / "file" / "below")}
    done = butler(home, "--config", file, "brief", "--date", "2026-11-27", **folder)
    assert done.returncode == 1
    assert "Friday, 27 November 2026" in done.stdout
    assert "butler: The briefing could not be written" in done.stderr


@pytest.mark.parametrize(
    ("ref", "words", "keys"),
    [
        (MAIL, "Rachel Ford <rachel@ford-harbour.example>", {"from", "to", "subject", "text", "attachments"}),
        ("event:work/standup@nordwind.example/20261124T093000Z", "Moved from:  2026-11-24 10:30 CET", {"start", "moved_from"}),
        ("event:family/paul-birthday@berger.example/20261124", "(not included)", {"all_day"}),
        ("task:tasks/task-cake@berger.example", "Due:         2026-11-24 17:00 CET", {"due", "completed"}),
        ("file:notes/Projects/Harbour garden.md#L12", "> - [ ] Submit the planting plan", {"root", "path", "modified"}),
        ("file:notes/Projects/Harbour garden.md", "- [ ] Submit the planting plan", {"text"}),
    ],
)
def test_show_prints_what_a_reference_points_at(config: tuple[Path, Path], ref: str, words: str, keys: set[str]) -> None:
    home, file = config
    done = butler(home, "--config", file, "show", ref)
    assert (done.returncode, done.stderr) == (0, "")
    assert words in done.stdout
    found = document(butler(home, "--config", file, "show", ref, "--json"))
    assert found["ref"] == ref.partition("#")[0]
    assert found["kind"] == ref.partition(":")[0]
    assert keys <= set(found)


def test_why_says_where_a_line_came_from(config: tuple[Path, Path]) -> None:
    home, file = config
    done = butler(home, "--config", file, "why", MAIL)
    assert done.returncode == 0
    assert "Needs your answer, Tuesday, 24 November 2026" in done.stdout
    origins = document(butler(home, "--config", file, "why", MAIL, "--json"))["origins"]
    assert {"reply", "deadlines"} <= {origin["section"] for origin in origins}
    assert list(origins[0]) == ["date", "section", "text", "refs", "by", "rule", "reason", "step", "digest"]


def test_search_finds_what_holds_all_words(config: tuple[Path, Path]) -> None:
    home, file = config
    done = butler(home, "--config", file, "search", "planting", "figures", "auditors")
    assert MAIL in done.stdout
    found = document(butler(home, "--config", file, "search", "planting", "figures", "--limit", "1", "--json"))["found"]
    assert [list(each) for each in found] == [["ref", "kind", "title", "when", "who", "place", "excerpt", "whole", "by"]]
    nothing = butler(home, "--config", file, "search", "xylophone")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "Nothing in the mirror" in nothing.stderr


def test_runs_lists_the_latest_first(config: tuple[Path, Path], tmp_path: Path) -> None:
    home, file = config
    lines = butler(home, "--config", file, "runs", "--limit", "2").stdout.splitlines()
    assert len(lines) == 2
    assert all(" done " in line for line in lines)
    (run,) = document(butler(home, "--config", file, "runs", "--limit", "1", "--json"))["runs"]
    assert list(run) == ["id", "workflow", "subject", "state", "started", "ended", "error", "parent"]
    assert "Nothing has run yet" in butler(tmp_path, "runs").stderr


def test_version_names_what_it_runs_on(tmp_path: Path) -> None:
    from butler import __version__

    assert butler(tmp_path, "--version").stdout == f"butler {__version__}\n"
    assert butler(tmp_path, "version").stdout.startswith(f"butler {__version__}\npython 3.")
    assert document(butler(tmp_path, "version", "--json"))["butler"] == __version__


def test_every_command_has_help_with_examples(tmp_path: Path) -> None:
    for command in COMMANDS:
        done = butler(tmp_path, command.name, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert "examples:\n  butler " in done.stdout


def test_help_needs_no_library(tmp_path: Path) -> None:
    # Without the measuring of coverage, which imports libraries of its own.
    alone = {name: value for name, value in environment(tmp_path).items() if not name.startswith("COVERAGE_")}
    environ = {**alone, "PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run([str(PROGRAM), "--help"], env=environ, capture_output=True, text=True, check=True)
    names = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "argparse" in names
    assert names & {"pydantic", "pydantic_settings", "rich", "langgraph", "ollama", "sqlite3", "logging"} == set()


@pytest.mark.parametrize(
    "wrong",
    [
        *([], ["dance"], ["brief", "--date", "soon"], ["brief", "--date", "2026-02-30"], ["show"], ["runs", "--limit", "0"]),
        *(["runs", "--limit", "many"], ["search"], ["brief", "--no-mod"], ["show", "nonsense"], ["why", "mail:home"]),
    ],
)
def test_wrong_usage_ends_with_2_and_a_sentence(tmp_path: Path, wrong: list[str]) -> None:
    done = butler(tmp_path, *wrong)
    assert (done.returncode, done.stdout) == (2, "")
    assert "butler" in done.stderr


def test_wrong_settings_end_with_78_and_all_problems(tmp_path: Path) -> None:
    done = butler(tmp_path, "sync", BUTLER_MODLE__NAME="q", BUTLER_MAIL__HOME__PORT="x")
    assert (done.returncode, done.stdout) == (78, "")
    assert "2 settings need attention" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["brief", "sync"])
def test_nothing_to_read_ends_with_78_and_the_way_to_the_demo(tmp_path: Path, command: str) -> None:
    done = butler(tmp_path, command)
    assert done.returncode == 78
    assert "butler demo" in done.stderr


def test_unasked_a_message_is_one_line(tmp_path: Path) -> None:
    done = butler(tmp_path, "sync", "--unasked")
    assert done.returncode == 78
    assert done.stderr.startswith("butler: One setting needs attention: There is no mail account")
    assert done.stderr.count("\n") == 1


def test_maintenance_needs_nothing_to_read(tmp_path: Path) -> None:
    done = butler(tmp_path, "do", "maintenance", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(document(done)["result"]["backup"]).is_file()


def test_an_unknown_reference_ends_with_1(config: tuple[Path, Path]) -> None:
    home, file = config
    for command in ("show", "why"):
        done = butler(home, "--config", file, command, "mail:home/nobody@nowhere.example", "--json")
        assert (done.returncode, done.stdout) == (1, "")
        assert "butler: " in done.stderr


def dead(folder: Path) -> dict[str, str]:
    """A mail server that does not answer, and notes that are there."""
    (folder / "notes").mkdir()
    (folder / "notes" / "a.md").write_text("- [ ] Pay the gardener by 1 December 2026\n")
    return {
        "BUTLER_MAIL__HOME__HOST": "127.0.0.1",
        "BUTLER_MAIL__HOME__PORT": str(free_port()),
        "BUTLER_MAIL__HOME__TLS": "none",
        "BUTLER_MAIL__HOME__USER": "anna@berger.example",
        "BUTLER_MAIL__HOME__PASSWORD": "correct-horse",
        "BUTLER_NOTES__NOTES__PATH": str(folder / "notes"),
        "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
    }


def test_a_dead_source_ends_sync_with_69_but_never_a_briefing(tmp_path: Path) -> None:
    environ = dead(tmp_path)
    synced = butler(tmp_path, "sync", **environ)
    assert synced.returncode == 69
    assert "mail.home    failed" in synced.stdout
    briefed = butler(tmp_path, "brief", "--json", "--date", DAY, **environ)
    assert briefed.returncode == 0, briefed.stderr
    states = {source["name"]: source["state"] for source in document(briefed)["sources"]}
    assert states == {"mail.home": "failed", "notes.notes": "fresh"}
    assert document(briefed)["quiet"] is False


def test_a_second_butler_on_the_same_state_ends_with_75(config: tuple[Path, Path]) -> None:
    home, file = config
    with StateLock(file.parent / "state"):
        done = butler(home, "--config", file, "sync")
        assert done.returncode == 75
        assert "Another butler" in done.stderr
        assert butler(home, "--config", file, "runs").returncode == 0


def test_a_state_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = butler(tmp_path, "--state-dir", tmp_path / "file" / "below", "runs")
    assert done.returncode == 1
    assert "lies below something that is not a folder" in done.stderr


def test_a_reader_that_goes_away_ends_it_quietly_with_141(config: tuple[Path, Path]) -> None:
    home, file = config
    reading, writing = os.pipe()
    os.close(reading)
    command = [str(PROGRAM), "--config", str(file), "search", "garden"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environment(home), cwd=home, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A `butler sync` whose server takes the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        environ = {**dead(tmp_path), "BUTLER_MAIL__HOME__PORT": str(listening.getsockname()[1])}
        process = subprocess.Popen(
            [PROGRAM, "sync"],
            cwd=tmp_path,
            env=environment(tmp_path, environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            listening.settimeout(60)
            with listening.accept()[0]:
                yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_quietly(hanging: subprocess.Popen[bytes], number: signal.Signals, code: int) -> None:
    hanging.send_signal(number)
    out, err = hanging.communicate(timeout=60)
    assert (hanging.returncode, out, err) == (code, b"", b"")


def on_terminal(home: Path, *arguments: str | Path, **environ: str) -> str:
    """What a command prints on a terminal."""
    ours, theirs = pty.openpty()
    command = [str(PROGRAM), *map(str, arguments)]
    with subprocess.Popen(command, cwd=home, env=environment(home, environ), stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        read = b""
        try:
            while chunk := os.read(ours, 4096):
                read += chunk
        except OSError:
            pass
        os.close(ours)
        assert process.wait() == 0
    return read.decode()


def test_colour_is_for_terminals_that_want_it(config: tuple[Path, Path]) -> None:
    home, file = config
    arguments = ("--config", file, "doctor")
    assert "\x1b[" in on_terminal(home, *arguments, TERM="xterm")
    assert "\x1b[" not in on_terminal(home, *arguments, TERM="xterm", NO_COLOR="1")
    assert "\x1b[" not in on_terminal(home, *arguments, TERM="dumb")


def test_progress_is_shown_on_a_terminal(config: tuple[Path, Path], tmp_path: Path) -> None:
    home, file = config
    shown = on_terminal(home, "--config", file, "--state-dir", tmp_path / "fresh", "sync", TERM="xterm")
    assert "home INBOX" in shown


def test_json_cannot_move_the_cursor(sample: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "odd.md").write_text("by \x9b2J \u202e tomorrow\n")
    environ = {"BUTLER_NOTES__N__PATH": str(notes)}
    assert butler(tmp_path, "sync", **environ).returncode == 0
    done = butler(tmp_path, "show", "file:n/odd.md", "--json", **environ)
    assert "\x9b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert json.loads(done.stdout)["text"] == "by \x9b2J \u202e tomorrow\n"
