"""Workflows of one's own in the real program: begun, checked, tried, run by hand and by the daemon, with code of one's own."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from butler_process import butler, called, document
from daemon_process import QUIET, DaemonProcess, until
from own_plugins import write_plugins
from scripted_ollama import ScriptedOllama
from served_model import ServedModel

SETTINGS = f"""
state_dir = "state"
[owner]
name = "Anna Berger"
addresses = ["anna@berger.example"]
timezone = "Europe/Berlin"
[model]
enabled = false
[notes.notes]
path = "notes"
{QUIET}
"""
WORDS = """\
---
title: Words of my notes
trigger: {every: 7d, quiet: no}
sources:
  - notes:
    window: all
tools: words
model: none
output: {page: "words", folder: counts, notice: true}
---
"""
BROKEN = "---\ntitel: A\nsources: [mial]\n---\nHello\n"


def config(home: Path) -> tuple[str, str]:
    return ("--config", str(home / "butler.toml"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a note, a workflow of one's own, and code; the umask is that of most machines."""
    before = os.umask(0o022)
    home = tmp_path_factory.mktemp("own")
    (home / "notes").mkdir()
    (home / "notes/Garden.md").write_text("Paint: 3 litres, green.")
    (home / "butler.toml").write_text(SETTINGS)
    (home / "butler.toml").chmod(0o600)
    (home / "workflows").mkdir()
    (home / "workflows/words.md").write_text(WORDS)
    write_plugins(home)
    assert butler(home, "sync", *config(home)).returncode == 0
    yield home
    os.umask(before)


def files(home: Path) -> dict[str, str]:
    """Every file below a home with the hash of what it holds; what SQLite keeps beside an open file aside."""
    found = (path for path in home.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm")))
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_one_that_is_begun_is_good_and_is_listed(home: Path) -> None:
    begun = called(home, "workflow", "new", "reading-list", *config(home))
    assert begun.stdout == f"Written: {home}/workflows/reading-list.md\n"
    assert called(home, "workflow", "check", "reading-list", *config(home)).returncode == 0
    again = called(home, "workflow", "new", "reading-list", *config(home))
    assert (again.returncode, again.stderr.count("is there already")) == (2, 1)
    listed = {each["name"]: each for each in document(called(home, "workflow", "list", "--json", *config(home)))["workflows"]}
    assert (listed["reading-list"]["from"], listed["reading-list"]["when"]) == ("own", "by hand")
    assert (listed["words"]["title"], listed["words"]["when"]) == ("Words of my notes", "every 7d")
    assert (listed["diary"]["from"], listed["briefing"]["from"]) == ("own code", "code")
    assert "own" not in listed
    (home / "workflows/reading-list.md").unlink()


def test_every_problem_of_every_file_is_told_with_its_line(home: Path) -> None:
    (home / "workflows/broken.md").write_text(BROKEN)
    (home / "workflows/briefing.md").write_text(WORDS)
    (home / "workflows/twin.md").write_text(WORDS.replace("title", "name: words\ntitle"))
    (home / "workflows/link.md").symlink_to("/etc/passwd")
    (home / "workflows/bytes.md").write_bytes(b"---\ntitle: a\nb: \xff\n---\n")
    (home / "workflows/huge.md").write_bytes(b"x" * 10_000_000)
    os.mkfifo(home / "workflows/pipe.md")
    (home / "workflows/folder.md").mkdir()
    done = called(home, "workflow", "check", *config(home))
    told = done.stdout.replace(f"{home}/workflows/", "")
    assert done.returncode == 78
    assert "broken.md:2: titel is no setting of a workflow. Did you mean title?" in told
    assert "broken.md:3: 'mial' is no source." in told
    assert "briefing.md:1: briefing is the name of a workflow that is code." in told
    assert "link.md:1: It is a link. Put the file itself there." in told
    assert "bytes.md:3: It is not UTF-8 text." in told
    assert "huge.md:1: It is over 100 kB." in told
    assert "pipe.md:1: It is no file." in told
    assert "folder.md:1: It is no file." in told
    assert "words is the name of" in told
    checked = document(called(home, "workflow", "check", "broken", "--json", *config(home)))["checked"]
    assert [problem["line"] for problem in checked[0]["problems"]] == [2, 3]
    refused = called(home, "do", "broken", *config(home))
    assert (refused.returncode, "broken.md:2:" in refused.stderr) == (78, True)
    for name in ("broken", "briefing", "twin", "link", "bytes", "huge", "pipe"):
        (home / f"workflows/{name}.md").unlink()
    (home / "workflows/folder.md").rmdir()


def test_a_name_that_is_none_says_what_there_is(home: Path) -> None:
    for words in (("workflow", "check", "nothing"), ("workflow", "try", "nothing"), ("do", "nothing")):
        done = called(home, *words, *config(home))
        assert (done.returncode, "There are:" in done.stderr, "words" in done.stderr) == (2, True, True)
    assert "is code" in called(home, "workflow", "try", "briefing", *config(home)).stderr
    assert called(home, "do", "own", *config(home)).returncode == 2


def test_to_try_one_writes_nothing_anywhere(home: Path) -> None:
    before = files(home)
    done = butler(home, "workflow", "try", "words", "--json", *config(home))
    assert done.returncode == 0, done.stderr
    tried = document(done)
    assert (tried["page"], tried["notice"]) == ("counts/words", "Words of my notes: 2 lines.")
    assert "# Words of my notes" in tried["text"]
    assert tried["usage"]["model_calls"] == 0
    assert files(home) == before


def test_code_of_ones_own_works_in_the_jail_and_can_do_nothing_there(home: Path) -> None:
    text = document(butler(home, "workflow", "try", "words", "--json", *config(home)))["text"]
    assert "Garden.md: 10 words" in text
    assert "- It could do nothing.[^1]" in text
    shown = butler(home, "show", "file:notes/Garden.md", *config(home)).stdout
    assert "Mine: Paint: 3 litres, green. Parsed: It could do nothing." in " ".join(shown.split())
    ran = butler(home, "do", "diary", "--no-sync", "--json", *config(home))
    assert ran.returncode == 0, ran.stderr
    page = Path(document(ran)["result"]["path"]).read_text()
    assert page.startswith("# Diary of 20")
    assert "It could do nothing." in page
    assert not list(home.rglob("written"))


def test_without_the_jail_it_could_do_nearly_all_of_it(home: Path) -> None:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("could", home / "plugins/reckoners/_could.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert all(words in module.could() for words in ("read the settings", "list the home", "run a program", "write beside"))
    (home / "plugins/reckoners/written").unlink()


def test_a_backup_with_settings_has_the_files_and_the_code(home: Path) -> None:
    made = called(home, "backup", home / "all.tar.gz", "--settings", "--json", *config(home))
    names = {name.removeprefix("settings/") for name in document(made)["files"] if name.startswith("settings/")}
    assert {"butler.toml", "workflows/words.md", "plugins/reckoners/words.py", "plugins/tools/_could.py"} <= names
    assert called(home, "restore", home / "all.tar.gz", "--force", *config(home)).returncode == 0
    (kept,) = (home / "state").glob("restored-settings*")
    assert (kept / "workflows/words.md").read_text() == WORDS
    (home / "all.tar.gz").unlink()


def test_code_that_others_could_have_written_is_not_taken(home: Path) -> None:
    file = home / "plugins/workflows/diary.py"
    file.chmod(0o664)
    refused = called(home, "do", "diary", *config(home))
    assert (refused.returncode, "There is no workflow 'diary'" in refused.stderr) == (2, True)
    assert (
        f"{file} can be changed by others. Run `chmod go-w` on it." in called(home, "workflow", "check", *config(home)).stdout
    )
    file.chmod(0o644)
    (home / "workflows").chmod(0o777)
    assert "can be changed by others" in called(home, "workflow", "check", *config(home)).stdout
    assert called(home, "do", "words", *config(home)).returncode == 2
    (home / "workflows").chmod(0o755)


def test_a_model_is_asked_with_the_owners_words_and_what_it_cannot_quote_is_dropped(home: Path) -> None:
    head = "---\ntitle: Paint\nsources:\n  - notes:\n    window: all\nmodel: "
    text = head + "{model}\noutput: {{page: paint}}\n---\nWhat is to be bought?\n"
    (home / "workflows/paint.md").write_text(text.format(model="default"))
    answers = [
        {"source": 1, "quote": "Paint: 3 litres, green.", "text": "Paint for the shed: 3 litres, green."},
        {"source": 1, "quote": "Send it to eve", "text": "Send it to Eve."},
    ]
    with ScriptedOllama(script=lambda chat: {"lines": answers} if chat.schema else "Good.") as server:
        model = {"BUTLER_MODEL__ENABLED": "true", "BUTLER_MODEL__URL": server.url, "BUTLER_MODEL__NAME": "good"}
        before = files(home)
        tried = document(butler(home, "workflow", "try", "paint", "--json", *config(home), **model))
        assert "Paint: 3 litres, green." in tried["text"]
        assert "Eve" not in tried["text"]
        assert (tried["dropped"], tried["usage"]["model_calls"]) == (1, 1)
        assert tried["usage"]["tokens_in"] > 100
        # Whom it talked to is written down, as for everything that connects.
        assert {name for name, found in files(home).items() if before.get(name) != found} <= {"state/butler.db"}
        asked = server.chats[-1].body["messages"]
        assert "What is to be bought?" in asked[0]["content"]
        assert ("Garden.md" in asked[0]["content"], "Garden.md" in asked[1]["content"]) == (False, True)
        ran = document(butler(home, "do", "paint", "--no-sync", "--json", *config(home), **model))
        assert ran["result"]["model"] is True
        count = len(server.chats)
        again = document(butler(home, "do", "paint", "--no-sync", "--json", *config(home), **model))
        assert (again["result"]["dropped"], len(server.chats)) == (1, count)
        (home / "workflows/paint.md").write_text(text.format(model="other:latest"))
        server.models = (ServedModel("other:latest", "cd" * 32),)
        assert document(butler(home, "workflow", "try", "paint", "--json", *config(home), **model))["usage"]["model_calls"] == 1
        assert server.chats[-1].body["model"] == "other:latest"
    (home / "workflows/paint.md").unlink()


def test_the_daemon_runs_one_by_its_trigger_and_tells_of_one_that_is_broken(home: Path) -> None:
    (home / "workflows/broken.md").write_text(BROKEN)
    page = home / "state/briefings/counts/words.md"
    assert not page.exists()
    program = (sys.executable, "-P", str(Path(sys.executable).with_name("butler")), *config(home), "run")
    with DaemonProcess(home, program) as daemon:
        daemon.ready()
        until(page.exists)
        assert "Garden.md: 10 words" in page.read_text()
        until(lambda: "notice (workflow" in daemon.logged())
        assert "Words of my notes: 2 lines." in daemon.logged()
        status = daemon.status()
        assert any("broken.md:2:" in problem for problem in status["problems"])
        assert "`butler workflow check`" in status["sentence"]
        (home / "notes/Shed.md").write_text("Locked.")
        assert butler(home, "sync", *config(home)).returncode == 0
        assert "Mine: Locked." in butler(home, "show", "file:notes/Shed.md", *config(home)).stdout
        (home / "notes/Shed.md").unlink()
        page.unlink()
        done = butler(home, "do", "words", *config(home))
        assert (done.returncode, page.exists()) == (0, True), done.stderr
        (home / "workflows/words.md").write_text(BROKEN)
        (home / "workflows/broken.md").write_text(WORDS.replace("{every: 7d, quiet: no}", "at 07:00"))
        daemon.process.send_signal(signal.SIGHUP)
        until(lambda: any("words.md:2:" in problem for problem in daemon.status()["problems"]))
        jobs = json.loads(butler(home, "schedule", "--json", *config(home)).stdout)["jobs"]
        assert {"broken"} == {job["name"] for job in jobs if job["workflow"] in {"words", "broken"}}
        assert daemon.end() < 10.0
    (home / "workflows/broken.md").unlink()
    (home / "workflows/words.md").write_text(WORDS)
