"""Documents as they are read from the owner's folders: through the sandbox, inside their root, following no links."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from butler.core.accounts import NotesFolder
from butler.core.refs import parse_ref
from butler.papers import Papers

BILL = "Stadtwerke Ulm\n\nRechnung 4711.\n"
MAIL = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nContent-Type: text/plain; charset=utf-8\n\nHallo\n"


@pytest.fixture
def notes(tmp_path: Path) -> NotesFolder:
    root = tmp_path / "notes"
    for name in ("Scans", "Rechnungen/2026", ".hidden"):
        (root / name).mkdir(parents=True)
    return NotesFolder("notes", root)


def test_a_document_of_a_watched_folder_inside_the_notes_is_found_by_that_folders_name(notes: NotesFolder) -> None:
    root = notes.path
    (root / "Scans" / "bill.txt").write_text(BILL)
    papers = Papers({"scans": root / "Scans"}, [notes])
    document = papers("file:scans/bill.txt")
    assert document is not None
    assert (document.root, document.path, document.text) == ("notes", "Scans/bill.txt", BILL)
    assert document.sha256 == hashlib.sha256(BILL.encode()).hexdigest()
    assert "Rechnungen/2026" in document.folders
    assert ".hidden" not in document.folders


def test_a_folder_outside_the_notes_is_read_and_nothing_can_be_moved_in_it(notes: NotesFolder, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("Some words.")
    document = Papers({"out": outside}, [notes])("file:out/a.txt")
    assert document is not None
    assert (document.root, document.path, document.text) == ("", "a.txt", "Some words.")


def test_a_read_only_folder_is_no_place_to_move_in_and_has_no_inbox(notes: NotesFolder) -> None:
    folder = dataclasses.replace(notes, read_only=True)
    papers = Papers({}, [folder])
    assert papers.inbox("Inbox.md") == ""
    (folder.path / "x.txt").write_text("Some words.")
    document = papers("file:notes/x.txt")
    assert document is not None
    assert (document.root, document.text) == ("", "Some words.")


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt",
        "link.txt",
        "folder",
        ".secret",
        "nowhere.txt",
        "linked/a.txt",
        "/etc/hostname",
        "Scans/../../outside.txt",
    ],
)
def test_nothing_outside_a_folder_is_read(notes: NotesFolder, tmp_path: Path, name: str) -> None:
    root = notes.path
    (root.parent / "outside.txt").write_text("secret")
    (root / ".secret").write_text("secret")
    (root / "folder").mkdir()
    (root / "link.txt").symlink_to(root.parent / "outside.txt")
    (root / "linked").symlink_to(root.parent)
    (root.parent / "a.txt").write_text("secret")
    assert Papers({}, [notes])(f"file:notes/{name}") is None


@pytest.mark.parametrize(
    ("name", "content", "text", "problem"),
    [
        ("a.md", b"# Title\n", "# Title\n", ""),
        (
            "a.eml",
            b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nContent-Type: text/plain; charset=utf-8\n\nHallo\n",
            "Grüße\n\nHallo",
            "",
        ),
        ("html.eml", b"Subject: Page\nContent-Type: text/html\n\n<p>Hallo<p hidden>never", "Page\n\nHallo", ""),
        ("a.pdf", b"%PDF-1.4 \0", "", "It could not be read as PDF."),
        ("a.bin", b"\0\1\2", "", "This is no text"),
        ("empty.txt", b"", "", "There is no text in it"),
    ],
)
def test_what_can_be_read_of_a_file(notes: NotesFolder, name: str, content: bytes, text: str, problem: str) -> None:
    (notes.path / name).write_bytes(content)
    document = Papers({}, [notes])(f"file:notes/{name}")
    assert document is not None
    assert document.text == text
    assert document.problem.startswith(problem)
    assert bool(document.problem) == bool(problem)


def test_a_reference_to_no_folder_is_nothing(notes: NotesFolder) -> None:
    papers = Papers({}, [notes])
    assert papers("file:nowhere/a.txt") is None
    assert papers("mail:home/a@b.example") is None
    assert parse_ref(papers.inbox("Inbox.md")).kind == "file"


def test_a_table_brings_its_bytes_along_and_nothing_else_does(notes: NotesFolder) -> None:
    for name in ("a.csv", "a.txt"):
        (notes.path / name).write_bytes(b"a;b\n1;2\n")
    papers = Papers({}, [notes])
    documents = [papers(f"file:notes/{name}") for name in ("a.csv", "a.txt")]
    assert [document and document.content for document in documents] == [b"a;b\n1;2\n", b""]


def test_of_folders_in_one_another_a_document_is_moved_in_the_innermost(notes: NotesFolder) -> None:
    inner = NotesFolder("papers", notes.path / "Rechnungen", documents=True)
    (inner.path / "a.txt").write_text("Some words.")
    document = Papers({}, [notes, inner])("file:notes/Rechnungen/a.txt")
    assert document is not None
    assert (document.root, document.path, document.folders) == ("papers", "a.txt", ("2026",))
    document = Papers({}, [notes, dataclasses.replace(inner, read_only=True)])("file:notes/Rechnungen/a.txt")
    assert document is not None
    assert (document.root, document.path) == ("", "Rechnungen/a.txt")


def test_news_of_documents_go_into_no_folder_of_documents(notes: NotesFolder) -> None:
    papers = NotesFolder("papers", notes.path / "Scans", documents=True)
    assert Papers({}, [papers]).inbox("Inbox.md") == ""
    assert Papers({}, [papers, notes]).inbox("Inbox.md") == "file:notes/Inbox.md"


def test_a_link_in_a_watched_folder_leads_into_no_other_one_either(notes: NotesFolder, tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    (notes.path / "a.txt").write_text("Some words.")
    (scans / "over").symlink_to(notes.path)
    assert Papers({"scans": scans}, [notes])("file:scans/over/a.txt") is None


def test_the_folders_that_are_told_do_not_lie_behind_links(notes: NotesFolder, tmp_path: Path) -> None:
    (tmp_path / "outside" / "secret").mkdir(parents=True)
    (notes.path / "over").symlink_to(tmp_path / "outside")
    (notes.path / "a.txt").write_text("Some words.")
    document = Papers({}, [notes])("file:notes/a.txt")
    assert document is not None
    assert document.folders == ("Rechnungen", "Scans", "Rechnungen/2026")
