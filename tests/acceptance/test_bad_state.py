"""A state folder, disk, setting or model that cannot be used: a sentence, the right exit code, and nothing half-written."""

import datetime as dt
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bad_input import NOTE, QUESTION, good_mail
from briefing_contract import require_contract
from butler_process import PROGRAM, butler, document, environment
from free_ports import free_port
from lying_imap import HANG, lying_imap
from real_household import BERLIN
from scripted_ollama import ScriptedOllama, ServedModel

NOW = dt.datetime.now(BERLIN)
DAY = str(NOW.date())
TIGHT = ["64k", "256k", "400k"]
"""Disks that are full sooner or later on the way to a briefing."""


def make_home(folder: Path) -> Path:
    """A home with a note and, in a Maildir, a question."""
    (folder / "notes").mkdir()
    (folder / "notes/good.md").write_text(f"- [ ] {NOTE} by {NOW.date() + dt.timedelta(days=1)}\n")
    for part in ("cur", "new", "tmp"):
        (folder / "mail" / part).mkdir(parents=True)
    (folder / "mail/new/1.test").write_bytes(good_mail(NOW))
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


@pytest.fixture(scope="module")
def model_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the day was briefed, to be copied."""
    home = make_home(tmp_path_factory.mktemp("home"))
    brief(home)
    return home


@pytest.fixture
def briefed(model_home: Path, tmp_path: Path) -> Path:
    """A home in which the day was briefed; its pages are not copied, since the state knows where they lay."""
    home = tmp_path / "briefed"
    shutil.copytree(model_home, home, ignore=shutil.ignore_patterns("briefings"))
    return home


def settings(home: Path, **more: str) -> dict[str, str]:
    return {
        "BUTLER_OWNER__TIMEZONE": "Europe/Berlin",
        "BUTLER_OWNER__ADDRESSES": "anna@berger.example",
        "BUTLER_NOTES__NOTES__PATH": str(home / "notes"),
        "BUTLER_MAIL__HOME__PATH": str(home / "mail"),
        "BUTLER_MODEL__URL": f"http://127.0.0.1:{free_port()}",
        **more,
    }


def run(home: Path, *arguments: str, **more: str) -> Any:
    return butler(home, *arguments, **settings(home, **more))


def brief(home: Path, *arguments: str, **more: str) -> Any:
    """The briefing, which must come and hold to its contract."""
    done = run(home, "brief", "--date", DAY, "--json", *arguments, **more)
    assert done.returncode == 0, done.stderr
    require_contract(document(done))
    return document(done)


def said(briefing: Any) -> str:
    return json.dumps(briefing["sections"], ensure_ascii=False)


def require_sentence(done: Any, code: int, words: str) -> None:
    """Nothing but one understandable sentence on standard error."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert done.stderr.startswith("butler: ")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert words in done.stderr
    assert [word for word in ("Traceback", "should not have happened", "sqlite", "Errno") if word in done.stderr] == []


def state(home: Path) -> Path:
    return home / ".local/state/butler"


# --- The disk


@pytest.fixture
def disk(home: Path) -> Iterator[Callable[[str], Path]]:
    """Mounts small disks, one over the other."""
    place = home / "disk"
    place.mkdir()
    mounted = []

    def mount(size: str) -> Path:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, check=False)
        if done.returncode:
            pytest.skip("only root may mount a small disk")
        mounted.append(place)
        return place

    yield mount
    for each in mounted:
        subprocess.run(["umount", each], check=True)


@pytest.mark.parametrize("size", TIGHT)
def test_a_full_disk_is_told_and_nothing_is_half_done_once_there_is_room(
    home: Path, disk: Callable[[str], Path], size: str
) -> None:
    place = disk(size)
    where = {"BUTLER_STATE_DIR": str(place / "state"), "BUTLER_BRIEFING__FOLDER": str(home / "pages")}
    require_sentence(run(home, "brief", **where), 1, "disk is full")
    assert not (home / "pages").exists()
    subprocess.run(["mount", "-o", "remount,size=20m", place], check=True)
    briefing = brief(home, **where)
    assert (NOTE in said(briefing), QUESTION in said(briefing)) == (True, True)
    assert [path.name for path in (home / "pages").iterdir()] == [f"{DAY}.md"]


def test_a_disk_without_room_for_a_lock_is_told(home: Path, disk: Callable[[str], Path]) -> None:
    place = disk("4k")
    (place / "state").mkdir()
    (place / "fill").write_bytes(b"x" * 4096)
    done = run(home, "brief", BUTLER_STATE_DIR=str(place / "state"))
    require_sentence(done, 1, "No space left on device")


def test_a_disk_without_room_for_the_page_costs_neither_the_printed_nor_the_kept_one(
    home: Path, disk: Callable[[str], Path]
) -> None:
    place = disk("4k")
    (place / "fill").write_bytes(b"x" * 4096)
    done = run(home, "brief", BUTLER_BRIEFING__FOLDER=str(place))
    assert done.returncode == 1
    assert QUESTION in done.stdout
    assert "butler: The briefing could not be written" in done.stderr
    assert [path.name for path in place.iterdir()] == ["fill"]
    assert "Needs your answer" in run(home, "why", "mail:home/good-1@nordwind.example").stdout


def test_a_limit_on_the_size_of_files_is_told(home: Path) -> None:
    command = ["sh", "-c", 'ulimit -f 60; exec "$0" brief', str(PROGRAM)]
    # Coverage's own data would not fit into the limit either, and it says so on the same standard error.
    environ = {name: value for name, value in environment(home, settings(home)).items() if not name.startswith("COVERAGE_")}
    done = subprocess.run(command, env=environ, cwd=home, capture_output=True, text=True, check=False)
    require_sentence(done, 1, "cannot be used")
    assert QUESTION in said(brief(home))


# --- The state folder


def powerless(home: Path, *arguments: str, **more: str) -> Any:
    """The program run without the powers that let root write everywhere."""
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    command = [*drop, str(PROGRAM), *arguments]
    environ = environment(home, settings(home, **more))
    return subprocess.run(command, env=environ, cwd=home, capture_output=True, text=True, check=False)


def test_a_state_folder_that_is_not_writable_is_told(home: Path) -> None:
    (home / "shut").mkdir(mode=0o500)
    for command in ("brief", "sync", "runs"):
        require_sentence(powerless(home, command, BUTLER_STATE_DIR=str(home / "shut/state")), 1, "Permission denied")
    examined = powerless(home, "doctor", BUTLER_STATE_DIR=str(home / "shut/state"))
    assert (examined.returncode, "failure  state folder" in examined.stdout) == (1, True)


@pytest.mark.parametrize("name", ["lock", "butler.db", "mirror.db", "checkpoints/checkpoints.db"])
def test_a_file_of_the_state_that_may_not_be_opened_is_named(briefed: Path, name: str) -> None:
    (state(briefed) / name).chmod(0)
    done = powerless(briefed, "brief")
    if name == "checkpoints/checkpoints.db":
        assert done.returncode == 0  # its owner may change its mode, and it holds nothing that is missed
    else:
        require_sentence(done, 1, f"{state(briefed) / name} can")


def test_a_folder_in_place_of_the_lock_is_told(home: Path) -> None:
    (state(home) / "lock").mkdir(parents=True)
    require_sentence(run(home, "sync"), 1, "lock cannot be taken")


def test_a_second_butler_says_who_is_at_work_and_harms_nothing(home: Path) -> None:
    with lying_imap(greeting=HANG) as hanging:
        hang = {
            "BUTLER_MAIL__SLOW__HOST": "127.0.0.1",
            "BUTLER_MAIL__SLOW__PORT": str(hanging.port),
            "BUTLER_MAIL__SLOW__TLS": "none",
            "BUTLER_MAIL__SLOW__USER": "anna@berger.example",
            "BUTLER_MAIL__SLOW__PASSWORD": "correct-horse",
        }
        with subprocess.Popen([PROGRAM, "sync"], env=environment(home, settings(home, **hang)), cwd=home) as first:
            while not hanging.connections and first.poll() is None:
                time.sleep(0.02)
            second = run(home, "brief")
            read = run(home, "runs")
            first.terminate()
    require_sentence(second, 75, f"Another butler (process {first.pid}) works on")
    assert read.returncode == 0
    assert QUESTION in said(brief(home))


# --- Its files


def spoiled(file: Path, how: str) -> None:
    """Flip bytes of a file: all over it, or only after the first page, which says what it is."""
    content = bytearray(file.read_bytes())
    for place in range(0 if how == "head" else 4096, len(content), 41):
        content[place] ^= 0x5A
    file.write_bytes(content)


@pytest.mark.parametrize("how", ["head", "body"])
def test_a_damaged_database_is_left_as_it_is_and_told(briefed: Path, how: str) -> None:
    file = state(briefed) / "butler.db"
    spoiled(file, how)
    before = file.read_bytes()
    require_sentence(run(briefed, "brief"), 1, "Restore it from a backup")
    assert file.read_bytes() == before
    examined = run(briefed, "doctor")
    assert (examined.returncode, "failure  database" in examined.stdout) == (1, True)


@pytest.mark.parametrize("how", ["head", "body"])
def test_a_damaged_mirror_is_made_anew_and_told(briefed: Path, how: str) -> None:
    spoiled(state(briefed) / "mirror.db", how)
    done = run(briefed, "brief", "--json", "--date", DAY)
    assert done.returncode == 0
    assert "The mirror is rebuilt from its sources" in done.stderr
    assert (QUESTION in said(document(done)), NOTE in said(document(done))) == (True, True)
    assert run(briefed, "doctor").returncode == 0


@pytest.mark.parametrize("how", ["head", "body"])
def test_damaged_checkpoints_are_thrown_away(briefed: Path, how: str) -> None:
    spoiled(state(briefed) / "checkpoints/checkpoints.db", how)
    assert QUESTION in said(brief(briefed))


@pytest.mark.parametrize("name", ["butler.db", "mirror.db"])
def test_a_newer_schema_is_not_touched(briefed: Path, name: str) -> None:
    for file in state(briefed).glob(f"{name}-*"):
        file.unlink()
    content = bytearray((state(briefed) / name).read_bytes())
    content[60:64] = (99).to_bytes(4, "big")  # SQLite's header keeps the user version there
    (state(briefed) / name).write_bytes(content)
    done = run(briefed, "brief")
    if name == "butler.db":
        require_sentence(done, 1, "was written by a newer butler (schema 99")
        assert (state(briefed) / name).read_bytes()[60:64] == content[60:64]
    else:
        assert (done.returncode, "was written by a newer butler" in done.stderr) == (0, True)
        aside = [file for file in state(briefed).iterdir() if file.name.startswith("mirror.db.aside")]
        assert aside[0].read_bytes()[60:64] == content[60:64]


# --- The page


def test_a_page_that_was_edited_is_left_alone_and_the_next_lies_beside_it(home: Path) -> None:
    brief(home)
    page = state(home) / "briefings" / f"{DAY}.md"
    page.write_text(page.read_text() + "\nmy own words\n")
    mine = page.read_bytes()
    done = run(home, "brief", "--date", DAY)
    assert (done.returncode, page.read_bytes()) == (0, mine)
    assert "was edited" in done.stderr
    assert sorted(path.name for path in page.parent.iterdir()) == [f"{DAY} (2).md", f"{DAY}.md"]


@pytest.mark.parametrize("how", ["file", "shut"])
def test_a_folder_for_pages_that_cannot_be_used_costs_the_file_alone(home: Path, how: str) -> None:
    place = home / "pages"
    place.write_text("") if how == "file" else place.mkdir(mode=0o500)
    done = powerless(home, "brief", BUTLER_BRIEFING__FOLDER=str(place))
    assert done.returncode == 1
    assert QUESTION in done.stdout
    assert done.stderr.startswith("butler: The briefing could not be written")
    assert "Traceback" not in done.stderr


# --- Settings


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BUTLER_MAIL__HOME__HOTS", "localhost", "hots"),
        ("BUTLER_OWNER__TIMEZONE", "Mars/Olympus", "Mars/Olympus"),
        ("BUTLER_MODEL__NAME", "gpt-oss:120b-cloud", "cloud"),
        ("BUTLER_MAIL__TWO__HOST", "mail.berger.example", "user"),
    ],
)
def test_a_setting_that_cannot_be_is_named_before_anything_is_done(home: Path, name: str, value: str, words: str) -> None:
    done = run(home, "brief", **{name: value})
    if name == "BUTLER_MODEL__NAME":
        assert (done.returncode, words in done.stdout) == (0, True), done.stderr
        return
    assert (done.returncode, done.stdout) == (78, "")
    assert words.lower() in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert not state(home).exists()


# --- The model

GARBAGE = "I am a teapot."


@pytest.mark.parametrize(
    ("model", "served", "words"),
    [
        ("missing:7b", ServedModel(), "missing:7b"),
        ("big:cloud", ServedModel("big:cloud"), "cloud"),
        ("far:latest", ServedModel("far:latest", remote_host="https://ollama.com"), "far:latest"),
        ("good:latest", ServedModel(), ""),
        ("good:latest", None, "127.0.0.1"),
    ],
    ids=["missing", "cloud by name", "cloud by host", "garbage", "unplugged"],
)
def test_without_a_usable_model_the_rules_compose_and_say_so(
    home: Path, model: str, served: ServedModel | None, words: str
) -> None:
    with ScriptedOllama(script=lambda _: GARBAGE, models=[served] if served else []) as ollama:
        url = ollama.url if served else f"http://127.0.0.1:{free_port()}"
        done = run(home, "brief", BUTLER_MODEL__NAME=model, BUTLER_MODEL__URL=url)
        examined = run(home, "doctor", BUTLER_MODEL__NAME=model, BUTLER_MODEL__URL=url)
        asked = len(ollama.chats)
    assert done.returncode == 0, done.stderr
    notice = " ".join(done.stdout.partition("\n\n")[0].split())
    assert notice.startswith("Composed by rules alone")
    assert words in notice
    assert (QUESTION in done.stdout, NOTE in done.stdout, GARBAGE in done.stdout) == (True, True, False)
    garbage = served is not None and not words
    assert (asked > 0) == garbage
    assert ("failure  model" in examined.stdout) != garbage
    assert examined.returncode == int(not garbage)


def test_a_state_that_is_thrown_away_is_made_again(home: Path) -> None:
    first = brief(home)
    shutil.rmtree(state(home))
    assert brief(home)["sections"] == first["sections"]
