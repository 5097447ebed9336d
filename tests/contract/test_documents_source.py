"""A folder of documents keeps the contract of every source, and nothing in it leads out of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from quiet_time import crowd
from source_contract import SourceContract, only, read

from butler.core.accounts import NotesFolder
from butler.core.documents import DOCUMENTS
from butler.core.notes import Note, RawNote
from butler.core.sources import Frame, Raw, Source
from butler.sample.making import docx, pdf
from tools.files import TOOL
from tools.files.readers import kinds


class Folder:
    """A folder of documents that tests write to."""

    def __init__(self, path: Path, limit: int = 100_000) -> None:
        self.path = path
        self.source: Source[Raw] = TOOL.open(NotesFolder("papers", path, ("*",), limit, documents=True))

    def put(self, name: str, text: str | bytes) -> None:
        file = self.path / self.key(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def remove(self, name: str) -> None:
        (self.path / self.key(name)).unlink()

    def key(self, name: str) -> str:
        return name if "." in name else f"{name}.txt"

    def raws(self) -> list[RawNote]:
        return [raw for raw in read(self.source, {}, None)[0] if isinstance(raw, RawNote)]

    def texts(self) -> Mapping[str, str]:
        return {note.key: note.text for note in TOOL.parse(self.raws(), Frame()) if isinstance(note, Note)}


@pytest.fixture
def world(tmp_path: Path) -> Folder:
    (tmp_path / "papers").mkdir()
    return Folder(tmp_path / "papers")


class TestDocumentsSource(SourceContract):
    """The contract."""


def test_its_collection_says_that_it_holds_documents(world: Folder) -> None:
    assert only(world.source).role == DOCUMENTS
    assert only(TOOL.open(NotesFolder("notes", world.path))).role == ""


def test_documents_of_every_kind_are_read(world: Folder) -> None:
    for name, content in (("a.pdf", pdf("A bill.")), ("b.docx", docx("A lease.")), ("sub/c.html", b"<p>A <b>page</b>")):
        world.put(name, content)
    assert world.texts() == {"a.pdf": "A bill.", "b.docx": "A lease.", "sub/c.html": "A page"}


def test_of_a_text_over_the_limit_the_first_part_is_read_and_of_an_archive_nothing(tmp_path: Path) -> None:
    world = Folder(tmp_path, limit=400)
    world.put("a.txt", "word " * 200)
    world.put("b.docx", docx("A lease."))
    by_key = {note.key: note for note in TOOL.parse(world.raws(), Frame()) if isinstance(note, Note)}
    assert (len(by_key["a.txt"].text), by_key["b.docx"].text) == (400, "")
    assert by_key["a.txt"].problems == ("The file is over 400 bytes; only its first part was read.",)
    assert by_key["b.docx"].problems == ("The file is over 400 bytes; it was not read.",)


def test_what_is_too_large_is_not_looked_at_again(tmp_path: Path) -> None:
    world = Folder(tmp_path, limit=100)
    world.put("b.docx", docx("A lease."))
    known: dict[str, str] = {}
    _, cursor = read(world.source, known, None)
    assert read(world.source, known, cursor)[0] == []


def test_when_the_readers_learn_more_documents_are_read_again(world: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    world.put("a.pdf", pdf("A bill."))
    known: dict[str, str] = {}
    _, cursor = read(world.source, known, None)
    before = only(world.source).token
    monkeypatch.setattr("tools.files.disk.mark", lambda: "2pi-")
    newer = Folder(world.path)
    assert only(newer.source).token != before
    assert len(read(newer.source, known, cursor)[0]) == 1
    assert kinds.mark() == "1pi-"


def test_large_documents_come_in_batches_of_bounded_size(world: Folder) -> None:
    for number in range(45):
        world.put(f"{number}.txt", "x")
    batches = list(world.source.changes(only(world.source), None, dict))
    assert [len(batch.added) for batch in batches] == [0, 20, 20, 5]


def test_what_is_no_plain_file_of_the_folder_is_left_out_and_holds_nobody_up(world: Folder, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    world.put("a.txt", "mine")
    os.mkfifo(world.path / "pipe.txt")
    (world.path / "link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    (world.path / "folder").symlink_to(tmp_path / "outside")
    (world.path / "me").symlink_to("/proc/self/root")
    (world.path / "device.txt").symlink_to("/dev/zero")
    world.put("~$a.docx", "who has it open")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(world.path / "s.txt"))
        assert world.texts() == {"a.txt": "mine"}


@pytest.mark.skipif(os.getuid() != 0, reason="only root makes devices")
def test_a_device_in_the_folder_is_left_out(world: Folder) -> None:
    os.mknod(world.path / "zero.txt", 0o600 | 0o020000, os.makedev(1, 5))
    world.put("a.txt", "mine")
    assert world.texts() == {"a.txt": "mine"}


def test_a_hard_link_is_a_file_of_the_folder(world: Folder, tmp_path: Path) -> None:
    """Only who may write both the file and the folder makes one, and both are the owner's then."""
    (tmp_path / "elsewhere.txt").write_text("the same file")
    os.link(tmp_path / "elsewhere.txt", world.path / "a.txt")
    assert world.texts() == {"a.txt": "the same file"}


def test_names_that_look_alike_stay_different_files(world: Folder) -> None:
    names = {"Caf\u00e9.txt": "composed", "Cafe\u0301.txt": "decomposed", "caf\u00e9.txt": "small", "a\nb.txt": "two lines"}
    for name, text in names.items():
        world.put(name, text)
    assert world.texts() == names


def test_names_that_are_no_text_are_told_apart_and_read_once(world: Folder) -> None:
    for name in (b"\xff.txt", b"\xfe.txt", b"\xfd.txt"):
        Path(os.fsdecode(os.fsencode(world.path) + b"/" + name)).write_bytes(name)
    known: dict[str, str] = {}
    added, cursor = read(world.source, known, None)
    assert len({raw.key for raw in added}) == 3
    assert read(world.source, known, cursor)[0] == []


def test_a_folder_inside_it_that_is_read_as_another_one_is_left_to_that(world: Folder) -> None:
    world.put("a.txt", "outer")
    world.put("inner/b.txt", "inner")
    outer = TOOL.open(NotesFolder("papers", world.path, ("*",), without=(world.path / "inner",), documents=True))
    assert [raw.key for raw in read(outer, {}, None)[0]] == ["a.txt"]


SWAPS = """
import os, sys
root = sys.argv[1]
print("begun", flush=True)
while True:
    for real, away, link in (("sub", "away", "linked"), ("sub/a.txt", "aside", "link.txt")):
        try:
            os.rename(f"{root}/{real}", f"{root}/{away}")
            os.rename(f"{root}/.{link}", f"{root}/{real}")
            os.rename(f"{root}/{real}", f"{root}/.{link}")
            os.rename(f"{root}/{away}", f"{root}/{real}")
        except OSError:
            pass
"""


def test_links_that_are_swapped_in_while_it_is_read_are_never_followed(world: Folder, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.txt").write_text("secret")
    world.put("sub/a.txt", "mine")
    (world.path / ".linked").symlink_to(tmp_path / "outside")
    (world.path / ".link.txt").symlink_to(tmp_path / "outside" / "a.txt")
    found: set[bytes] = set()
    reads = without = 0
    with subprocess.Popen([sys.executable, "-S", "-c", SWAPS, str(world.path)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        try:
            # What is read before it is there, or while others have the core, tells nothing.
            assert process.stdout.readline() == b"begun\n"
            ends = time.monotonic() + 60 * crowd()
            while reads < 2_000 or not without:
                assert time.monotonic() < ends, "it was never swapped while it was read"
                added = world.raws()
                found |= {raw.content for raw in added}
                without += not any(raw.key == "sub/a.txt" for raw in added)
                reads += 1
        finally:
            process.kill()
    assert found == {b"mine"}
