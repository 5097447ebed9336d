"""The notes folder keeps the contract of every source, and its own promises about what it reads."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from source_contract import SourceContract, only, read

from butler.core.accounts import NotesFolder
from butler.core.errors import SourceError
from butler.core.notes import Note, RawNote
from butler.core.sources import Frame, Raw, Source
from tools.files import TOOL


class Folder:
    """A folder of notes that tests write to."""

    def __init__(self, path: Path, limit: int = 1000) -> None:
        self.path = path
        self.source: Source[Raw] = TOOL.open(NotesFolder("notes", path, limit=limit))

    def put(self, name: str, text: str | bytes) -> None:
        file = self.path / self.key(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

    def remove(self, name: str) -> None:
        (self.path / self.key(name)).unlink()

    def key(self, name: str) -> str:
        return name if "." in name else f"{name}.md"

    def notes(self) -> dict[str, Note]:
        added, _ = read(self.source, {}, None)
        parsed = TOOL.parse(added, Frame())
        return {note.key: note for note in parsed if isinstance(note, Note)}


@pytest.fixture
def world(tmp_path: Path) -> Folder:
    (tmp_path / "vault").mkdir()
    return Folder(tmp_path / "vault")


class TestNotesSource(SourceContract):
    """The contract."""


def test_a_changed_note_is_read_again(world: Folder) -> None:
    world.put("one", "First.")
    known: dict[str, str] = {}
    _, cursor = read(world.source, known, None)
    world.put("one", "Second thoughts.")
    added, _ = read(world.source, known, cursor)
    assert [raw.content for raw in added if isinstance(raw, RawNote)] == [b"Second thoughts."]


def test_hidden_folders_and_other_endings_are_left_out(world: Folder) -> None:
    for name in ("a.md", "b.TXT", "deep/down/c.markdown", "d.pdf", ".e.md", ".obsidian/f.md", "deep/.git/g.md", ".trash/h.md"):
        world.put(name, "Text.")
    assert sorted(world.notes()) == ["a.md", "b.TXT", "deep/down/c.markdown"]


def test_a_pattern_with_a_slash_is_held_against_the_whole_path(tmp_path: Path) -> None:
    world = Folder(tmp_path)
    for name in ("journal/a.md", "other/b.md"):
        world.put(name, "Text.")
    source = TOOL.open(NotesFolder("notes", tmp_path, ("journal/*.md",)))
    assert [raw.key for raw in read(source, {}, None)[0]] == ["journal/a.md"]


def test_links_are_not_followed(world: Folder, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "key.md").write_text("Secret.")
    world.put("here.md", "Here.")
    (world.path / "file.md").symlink_to(tmp_path / "secret" / "key.md")
    (world.path / "folder").symlink_to(tmp_path / "secret")
    (world.path / "circle").symlink_to(world.path)
    assert list(world.notes()) == ["here.md"]


def test_a_root_that_is_itself_a_link_is_read(world: Folder, tmp_path: Path) -> None:
    world.put("here.md", "Here.")
    (tmp_path / "link").symlink_to(world.path)
    assert list(Folder(tmp_path / "link").notes()) == ["here.md"]


def test_what_is_no_file_is_left_out(world: Folder) -> None:
    os.mkfifo(world.path / "pipe.md")
    (world.path / "folder.md").mkdir()
    world.put("folder.md/inside.md", "Inside.")
    assert list(world.notes()) == ["folder.md/inside.md"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Grüße".encode(), "Grüße"),
        (b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"\xff\xfe" + "Grüße".encode("utf-16-le"), "Grüße"),
        (b"\xfe\xff" + "Grüße".encode("utf-16-be"), "Grüße"),
        (b"\xff\xfe\x00\x00" + "Grüße".encode("utf-32-le"), "Grüße"),
        (b"Gr\xfc\xdfe", "Grüße"),
        (b"\xff\xfe\x00\xd8a\x00", "\ufffd"),
        (b"", ""),
    ],
)
def test_a_note_in_any_of_the_usual_encodings_is_read(world: Folder, content: bytes, text: str) -> None:
    world.put("one", content)
    note = world.notes()["one.md"]
    assert note.text.startswith(text)
    assert note.problems == ()
    note.text.encode()


def test_a_binary_note_says_so_and_hides_no_other(world: Folder) -> None:
    world.put("picture.md", b"\x89PNG\x00\x00")
    world.put("good", "Good.")
    notes = world.notes()
    assert notes["good.md"].text == "Good."
    assert (notes["picture.md"].text, len(notes["picture.md"].problems)) == ("", 1)


def test_of_a_note_over_the_limit_the_first_part_is_read(tmp_path: Path) -> None:
    world = Folder(tmp_path, limit=5)
    world.put("long", "aaaaü and more")
    note = world.notes()["long.md"]
    assert note.text == "aaaa"
    assert "over 5 bytes" in note.problems[0]


def test_a_name_that_is_not_utf8_is_shown_with_a_problem(world: Folder) -> None:
    with open(os.fsencode(world.path) + b"/b\xfcro.md", "wb") as file:
        file.write(b"Text.")
    (note,) = world.notes().values()
    assert (note.key, note.text) == ("b\ufffdro.md", "Text.")
    assert "UTF-8" in note.problems[0]


def test_many_notes_come_in_several_batches(world: Folder) -> None:
    for number in range(450):
        world.put(f"note{number}", "Text.")
    batches = list(world.source.changes(only(world.source), None, dict))
    assert [len(batch.added) for batch in batches] == [0, 200, 200, 50]
    assert batches[1].total == 450


@pytest.mark.parametrize("spoil", [lambda path: path.rmdir(), lambda path: (path.rmdir(), path.write_text("A file."))])
def test_a_root_that_is_gone_is_a_failure_and_not_an_empty_folder(world: Folder, spoil: Callable[[Path], object]) -> None:
    spoil(world.path)
    with pytest.raises(SourceError, match="cannot be read"):
        world.source.collections()


def deep_path(root: Path, names: list[str]) -> None:
    """Make folders in one another, deeper than a path can name."""
    descriptor = os.open(root, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    with open(os.open("one.md", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor), "wb") as file:
        file.write(b"Text.")
    os.close(descriptor)


def test_a_file_that_cannot_be_opened_is_a_note_with_a_problem_and_hides_no_other(world: Folder) -> None:
    deep_path(world.path, ["d" * 250] * 17)
    world.put("good", "Good.")
    known: dict[str, str] = {}
    added, cursor = read(world.source, known, None)
    notes = [note for note in TOOL.parse(added, Frame()) if isinstance(note, Note)]
    assert sorted((note.text, len(note.problems)) for note in notes) == [("", 1), ("Good.", 0)]
    assert len(read(world.source, known, cursor)[0]) == 1, "what could not be read is tried again"


def test_what_lies_in_a_folder_that_cannot_be_read_now_is_not_gone(world: Folder) -> None:
    world.put("top.md", "Text.")
    world.put("a/b/c/d/e/f/g/h/one.md", "Text.")
    known: dict[str, str] = {}
    _, cursor = read(world.source, known, None)
    collection = only(world.source)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = {int(link.name) for link in Path("/proc/self/fd").iterdir()}
    free = [number for number in range(len(used) + 4) if number not in used][:4]
    resource.setrlimit(resource.RLIMIT_NOFILE, (free[-1] + 1, hard))
    try:
        before = dict(known)
        (batch,) = world.source.changes(collection, cursor, lambda: before)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert list(batch.removed) == []


def test_folders_nested_without_end_are_read_to_a_depth_and_hide_nothing_else(world: Folder) -> None:
    world.put("good", "Good.")
    deep_path(world.path, ["d"] * 700)
    assert [note.text for note in world.notes().values()] == ["Good."]


@pytest.mark.parametrize("seconds", [253_402_300_800, -62_135_596_801])
def test_a_time_of_change_that_no_calendar_has_is_brought_into_bounds(world: Folder, seconds: int) -> None:
    world.put("odd", "Text.")
    try:
        os.utime(world.path / "odd.md", (seconds, seconds))
    except OSError:
        pytest.skip("the file system holds no such time")
    (note,) = world.notes().values()
    assert datetime.fromtimestamp(note.modified, UTC)


def test_what_the_butler_writes_itself_is_not_read(tmp_path: Path) -> None:
    matter = "date: 2026-11-24\ngenerated_at: 2026-11-24T07:00:00+01:00\ncomposed_by: rules\nsources: []\n"
    briefing = f"---\n{matter}---\n\n- pay by Friday\n"
    (tmp_path / "Briefings" / "old").mkdir(parents=True)
    (tmp_path / "Briefings" / "2026-11-24.md").write_text(briefing)
    (tmp_path / "Briefings" / "old" / "2026-11-23.md").write_text(briefing)
    (tmp_path / "moved.md").write_text(briefing)
    (tmp_path / "Garden.md").write_text("Water the willow.")
    folder = NotesFolder("notes", tmp_path, without=(tmp_path / "Briefings", tmp_path.parent))
    source = TOOL.open(folder)
    (collection,) = source.collections()
    raws = [raw for batch in source.changes(collection, None, dict) for raw in batch.added]
    notes = {note.key: note.text for note in TOOL.parse(raws, Frame()) if isinstance(note, Note)}
    assert notes == {"Garden.md": "Water the willow.", "moved.md": ""}
