"""`butler model try` as its owner types it: a document and a page, stopped and killed on the way, and nothing of it stays."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from butler_process import called
from daemon_process import until
from dated_butler import argv
from draft_model import is_draft
from ollama_script import Late
from page_household import PageHousehold, copied, made_for_all
from quiet_time import crowd
from scripted_ollama import ScriptedOllama
from two_models import OTHER, PRESENT, is_received, two_models


@dataclass
class Tried:
    """A household whose clock stands at its own morning, and a server with both models."""

    home: PageHousehold
    server: ScriptedOllama
    temporary: Path

    def start(self, *words: str) -> subprocess.Popen[str]:
        seconds = self.home.now.timestamp() - datetime.now(UTC).timestamp() + 3_600
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temporary),
            "TMPDIR": str(self.temporary),
            "BUTLER_MODEL__URL": self.server.url,
            "BUTLER_MODEL__NAME": PRESENT.name,
        }
        command = [*argv(seconds), "--config", str(self.home.config), "model", "try", *words]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ, start_new_session=True
        )

    def files(self) -> dict[str, str]:
        """All below the household by its bytes, but for the butler's database, where it is written down whom it talked to,
        and for what SQLite keeps beside an open file.
        """
        besides = ("butler.db", "-wal", "-shm")
        found = (path for path in self.home.household.folder.rglob("*") if path.is_file() and not path.name.endswith(besides))
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tried]:
    home = copied(made_for_all(tmp_path_factory), tmp_path_factory.mktemp("try") / "household")

    def otherwise(chat, said):  # type: ignore[no-untyped-def]
        if is_received(chat) and "planting figures today" in chat.text:
            return {**said, "label": "none", "evidence": [], "summary": ""}
        return said

    with ScriptedOllama(script=two_models(otherwise), models=(PRESENT, OTHER)) as server:
        yield Tried(home, server, tmp_path_factory.mktemp("tmp"))


def test_the_document_names_what_differs_and_nothing_is_left_behind(tried: Tried) -> None:
    before = tried.files()
    done = tried.start(OTHER.name, "--days", "2", "--no-drafts", "--json")
    out, err = done.communicate(timeout=200 * crowd())
    assert done.returncode == 0, err
    assert err.strip().endswith("Nothing was written, proposed or told.")
    found = json.loads(out)
    (differs,) = [one for day in found["days"] for one in day["triage"]]
    assert (differs["present"]["label"], differs["other"]["label"]) == ("reply", "unsure")
    assert differs["subject"] == "Re: The harbour garden: we have a yes"
    assert (found["from"], found["to"], found["ended"]) == ("2026-11-23", "2026-11-24", None)
    assert not any(is_draft(chat) for chat in tried.server.chats)
    assert (tried.files(), list(tried.temporary.iterdir())) == (before, [])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_stopped_or_killed_on_the_way_it_leaves_nothing(tried: Tried, number: int, code: int) -> None:
    before, script = tried.files(), tried.server.script
    tried.server.requests.clear()
    tried.server.script = lambda chat: Late(0.0 if len(tried.server.chats) < 3 else 60.0, script(chat))
    done = tried.start(OTHER.name, "--days", "2")
    until(lambda: len(tried.server.chats) >= 3 or done.poll() is not None)
    done.send_signal(number)
    out, err = done.communicate(timeout=60 * crowd())
    tried.server.script = script
    assert done.returncode == code, err
    if number == signal.SIGINT:
        assert "It was stopped before all was compared." in err
        assert "no day was compared" in out
    assert (tried.files(), list(tried.temporary.iterdir())) == (before, [])


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("nowhere:7b",), 69, "Fetch it: `ollama pull nowhere:7b`."),
        (("big:cloud",), 69, "runs in a cloud"),
        ((OTHER.name, "--server", "attic"), 2, "There is no model server 'attic' in the settings."),
        ((OTHER.name, "--days", "32"), 2, "not a number of days from 1 to 31"),
    ],
)
def test_what_cannot_be_tried_is_told_with_what_to_do(tried: Tried, words: tuple[str, ...], code: int, sentence: str) -> None:
    environ = {"BUTLER_MODEL__URL": tried.server.url, "BUTLER_MODEL__NAME": PRESENT.name}
    done = called(tried.home.household.folder, "model", "try", *words, "--config", str(tried.home.config), **environ)
    assert (done.returncode, sentence in done.stderr) == (code, True), done.stderr


def test_without_a_model_there_is_nothing_to_compare_with(tried: Tried) -> None:
    done = called(tried.home.household.folder, "model", "try", "any", "--config", str(tried.home.config))
    assert (done.returncode, "No model is set, so there is nothing to compare with." in done.stderr) == (2, True)
