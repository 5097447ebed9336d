"""Approved drafts become chats to tune a model on: as the product asks, in the owner's words, masked, and only after a yes."""

from __future__ import annotations

import datetime as dt
import json
import re
import resource
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from butler_process import called
from draft_model import drafting_model
from scripted_ollama import ScriptedOllama

from butler.cli import export
from butler.cli.demo import CONFIG, config_of
from butler.core.accounts import ModelHost
from butler.core.actions import Kept
from butler.core.errors import UsageError
from butler.core.payloads import MailDraft
from butler.core.policy import Policy
from butler.core.training import Example
from butler.demo import STATE
from butler.gate import Gate
from butler.house import Deeds, House
from butler.sample.household import Household, write_household
from butler.store.truth import Truth
from workflows.draft_reply.steps import DraftAnswer, draft

DAY = dt.date(2026, 11, 24)
PLANTED = "planted-1@nordwind.example"
SECRETS = (
    *("DE89 3704 0044 0532 0130 00", "4111 1111 1111 1111", "hunter2-Sommer", "+49 170 5550142", "0170 555 01 42"),
    *("eva.keller@privat.example", "ghp_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4z", "geheim9"),
)
MAIL = f"""From: Tom Krüger <tom@nordwind.example>
To: Anna Berger <anna@berger.example>
Subject: The account
Date: Mon, 23 Nov 2026 18:00:00 +0100
Message-ID: <{PLANTED}>
Content-Type: text/plain; charset=utf-8

Hi Anna,

could you tell me whether the money is there? The account is {SECRETS[0]}, the card {SECRETS[1]}.
The password is {SECRETS[2]}, and Eva ({SECRETS[5]}) has the token {SECRETS[6]}.
Call {SECRETS[3]} or {SECRETS[4]}; see https://bank.example/login?key={SECRETS[7]} too. The 24.11.2026 at 10:30 is fine.

Tom
"""
OWN_WORDS = "der Schlüssel liegt beim Nachbarn, und ich bringe Kuchen mit."


@dataclass(frozen=True)
class Exported:
    """The household with its drafts decided on: which was edited, rejected, taken back, and approved by a rule."""

    household: Household
    edited: Kept
    rejected: Kept
    ruled: Kept
    plain: Sequence[Kept]

    def run(self, *arguments: str | Path) -> Any:
        return called(self.household.folder, "--config", self.household.folder / CONFIG, "export", "training", *arguments)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exported]:
    folder = tmp_path_factory.mktemp("export")
    household = write_household(folder, DAY)
    assert household.mail.path
    (household.mail.path / "cur" / "planted.1:2,S").write_bytes(MAIL.encode())
    (folder / CONFIG).write_text(config_of(household))
    with ScriptedOllama(script=drafting_model) as server:
        host = ModelHost(url=server.url, name="good")
        deeds = Deeds(household.owner, household.accounts, household.options, folder / STATE, None, host)
        with House(deeds, lambda: household.now) as house:
            kept = {name_of(one): one for one in house.do("draft_reply", household.now).proposed}
    truth = Truth.open(folder / STATE / "butler.db")
    yield decide(household, truth, kept)
    truth.close()


def decide(household: Household, truth: Truth, kept: Mapping[str, Kept]) -> Exported:
    gate = Gate(truth.outbox, Policy(own=household.owner.addresses, zone=household.owner.zone), lambda: household.now)
    edited, rejected, ruled, *plain = (one for name, one in sorted(kept.items()) if name != PLANTED)
    payload = edited.action.payload
    assert isinstance(payload, MailDraft)
    greeting, *_, closing = payload.letter.body.partition("\n\n-- \n")[0].split("\n\n")
    body = f"{greeting}\n\n{OWN_WORDS}\n\n{closing}"
    changed = MailDraft(letter=payload.letter.model_copy(update={"body": body}))
    edited = gate.edit(edited.id, edited.hash, changed, "anna", "cli")
    gate.approve(edited.id, edited.hash, "anna", "cli")
    gate.reject(rejected.id, rejected.hash, "anna", "cli")
    gate.approve(ruled.id, ruled.hash, "rule", "mine")
    for one in (*plain, kept[PLANTED]):
        gate.approve(one.id, one.hash, "anna", "cli")
    return Exported(household, edited, rejected, ruled, [*plain, kept[PLANTED]])


def name_of(kept: Kept) -> str:
    assert isinstance(kept.action.payload, MailDraft)
    return kept.action.payload.letter.in_reply_to


@pytest.fixture(scope="module")
def written(exported: Exported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("out") / "tuning"
    done = exported.run("--out", folder, "--yes")
    assert (done.returncode, done.stderr) == (0, ""), done
    return folder


def chats(folder: Path) -> list[dict[str, str]]:
    """The chats as a strict reader takes them: three messages each, nothing else, and the answer as its step wants it."""
    text = (folder / "training.jsonl").read_text(encoding="utf-8")
    assert text.endswith("\n")
    found = []
    for line in text[:-1].split("\n"):
        document = json.loads(line, parse_constant=pytest.fail)
        assert list(document) == ["messages"]
        assert [list(message) for message in document["messages"]] == [["role", "content"]] * 3
        assert [message["role"] for message in document["messages"]] == ["system", "user", "assistant"]
        chat = {message["role"]: message["content"] for message in document["messages"]}
        DraftAnswer.model_validate_json(chat["assistant"], extra="forbid")
        found.append(chat)
    return found


def test_every_approved_draft_of_the_model_is_a_chat_as_the_product_asks_it(exported: Exported, written: Path) -> None:
    index = json.loads((written / "training-index.json").read_text())
    found = chats(written)
    assert len(index) == len(found)
    assert {each["action"] for each in index} == {exported.edited.id, *(one.id for one in exported.plain)}
    assert {each["action"] for each in index if each["edited"]} == {exported.edited.id}
    assert {chat["system"] for chat in found} == {found[0]["system"]}
    assert found[0]["system"].startswith(draft().prompt.rstrip())
    assert all(
        re.search(r"^Reply language: \w+$.*<<<text \w+>>>\nMAIL TO ANSWER\n", chat["user"], re.M | re.S) for chat in found
    )


def test_of_an_edited_draft_the_owners_words_are_the_answer_without_what_code_wrote(exported: Exported, written: Path) -> None:
    places = [each["line"] for each in json.loads((written / "training-index.json").read_text()) if each["edited"]]
    answer = json.loads(chats(written)[places[0] - 1]["assistant"])
    assert answer == {"body": OWN_WORDS, "answers": [], "offers": [], "unsure": False}


def test_no_address_number_or_secret_of_anybody_is_in_any_file(exported: Exported, written: Path) -> None:
    household = exported.household
    assert household.mail.path
    mails = b"\n".join(path.read_bytes() for path in household.mail.path.rglob("*") if path.is_file()).decode(errors="replace")
    addresses = {found.casefold() for found in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", mails)}
    assert len(addresses) > 40
    text = "".join(path.read_text() for path in written.iterdir()).replace(chats(written)[0]["system"], "")
    own = json.dumps(chats(written)[0]["system"])[1:-1]
    text = text.replace(own, "").casefold()
    assert [address for address in addresses if address in text] == []
    cards = "\n".join(path.read_text() for path in Path(household.contacts.path or "").rglob("*.vcf"))
    phones = re.findall(r"^TEL[^:]*:(.*)$", cards, re.MULTILINE)
    assert phones
    assert [secret for secret in (*SECRETS, *phones) if secret.casefold() in text] == []
    for mask in ("[account 1]", "[card 1]", "[secret 1]", "[phone 1]", "https://bank.example/…", "24.11.2026 at 10:30"):
        assert mask in text
    # Who is greeted, and what is asked, stays.
    assert "tom" in text


def test_the_same_address_has_the_same_mask_in_all_chats(written: Path) -> None:
    text = (written / "training.jsonl").read_text()
    numbers = {int(number) for number in re.findall(r"person(\d+)@masked\.example", text)}
    assert numbers == set(range(1, max(numbers) + 1))


def test_files_are_for_their_owner_alone_and_a_modelfile_stands_beside(written: Path) -> None:
    assert {path.name for path in written.iterdir()} == {"training.jsonl", "training-index.json", "Modelfile", "README.txt"}
    assert {path.stat().st_mode & 0o777 for path in written.iterdir()} == {0o600}
    modelfile = (written / "Modelfile").read_text()
    assert re.search(r"^FROM \S+$\n^ADAPTER \./adapter$", modelfile, re.MULTILINE)


def test_what_is_there_is_not_written_over_and_nothing_is_written_unasked(
    exported: Exported, written: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in written.iterdir()}
    again = exported.run("--out", written, "--yes")
    assert again.returncode == 2
    assert "is in" in again.stderr
    assert {path: path.read_bytes() for path in written.iterdir()} == before
    unasked = exported.run("--out", tmp_path / "new")
    assert unasked.returncode == 2
    assert "Say --yes as well." in unasked.stderr
    assert not (tmp_path / "new").exists()
    assert exported.run("--out", written, "--yes", "--force").returncode == 0


def test_at_a_terminal_it_shows_what_it_would_write_and_asks(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for typed, is_written in (("\n", False), ("n\n", False), ("y\n", True)):
        monkeypatch.setattr("sys.stdin", Typed(typed))
        done = exported.run("--out", tmp_path / "asked")
        assert f"Write {len(exported.plain) + 1} examples to" in done.stderr
        assert "1 that you changed" in done.stdout
        assert "Masked: " in done.stdout
        assert OWN_WORDS in done.stdout
        assert "hunter2" not in done.stdout
        assert (tmp_path / "asked").exists() == is_written


def test_its_document_counts_what_was_left_out_and_why(exported: Exported, tmp_path: Path) -> None:
    document = json.loads(exported.run("--out", tmp_path / "json", "--yes", "--json").stdout)
    assert document["examples"] == len(exported.plain) + 1
    assert document["left_out"] == {"rule": 1, "undone": 0, "unprompted": 0, "unlike": 0}
    assert document["masked"]["mail addresses"] >= 1


def test_the_butlers_own_folder_and_a_file_are_refused(exported: Exported, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    inside = exported.household.folder / STATE / "new"
    (tmp_path / "link").symlink_to(exported.household.folder / STATE)
    for place in (inside, tmp_path / "link", tmp_path / "file", tmp_path / "file/below"):
        done = exported.run("--out", place, "--yes")
        assert done.returncode == 2, done
    assert not inside.exists()


def test_a_disk_that_is_full_leaves_what_was_there_and_nothing_beside(tmp_path: Path) -> None:
    (tmp_path / "training.jsonl").write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(UsageError, match="cannot be written"):
            export._write(tmp_path, {"training.jsonl": "new", "README.txt": "y" * 5_000})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("training.jsonl", "old")]


def test_a_link_is_written_over_itself_and_a_folder_in_its_place_is_refused(exported: Exported, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/Modelfile").symlink_to(tmp_path / "precious")
    assert exported.run("--out", tmp_path / "out", "--yes", "--force").returncode == 0
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "out/Modelfile").is_symlink()
    (tmp_path / "other/README.txt").mkdir(parents=True)
    refused = exported.run("--out", tmp_path / "other", "--yes", "--force")
    assert (refused.returncode, [path.name for path in (tmp_path / "other").iterdir()]) == (2, ["README.txt"])


def test_a_chat_is_one_line_for_every_reader_and_utf_8() -> None:
    words = "a\u2028b\u2029c\x85d\x7f\ud83de"
    line = Example(1, "2026-11-24", "good", "1", edited=False, messages=[{"role": "user", "content": words}]).line
    assert line.splitlines() == [line]
    assert json.loads(line.encode())["messages"][0]["content"] == words.replace("\ud83d", "?")


def test_without_what_the_model_was_asked_there_is_nothing_to_learn(exported: Exported, tmp_path: Path) -> None:
    state = tmp_path / STATE
    shutil.copytree(exported.household.folder / STATE, state)
    truth = Truth.open(state / "butler.db")
    truth.upkeep.forget(exported.household.now + dt.timedelta(days=400))
    truth.close()
    done = exported.run("--state-dir", state, "--out", tmp_path / "none", "--yes")
    assert "0 approved drafts to learn from" in done.stdout
    assert "is not kept any more" in done.stdout
    assert not (tmp_path / "none").exists()


class Typed:
    """A terminal at which somebody typed something."""

    def __init__(self, text: str) -> None:
        self._text = text

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self._text
