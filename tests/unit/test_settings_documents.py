"""Folders of documents in the settings: what they become, and which names and places do not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from butler.core.accounts import NotesFolder
from butler.settings import Loaded, Places, read


def loaded(folder: Path, toml: str) -> Loaded:
    (folder / "butler.toml").write_text(toml)
    return read(Places(environ={"HOME": str(folder)}, overrides={}, config=folder / "butler.toml", folder=folder))


def roots(found: Loaded) -> dict[str, NotesFolder]:
    assert found.problems == ()
    return {each.name: each for each in found.settings.accounts() if isinstance(each, NotesFolder)}


def test_a_folder_of_documents_becomes_one_of_the_notes_tool(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, '[documents.papers]\npath = "/srv/papers"\nwithout = ["Private", "/srv/papers/old"]\nread_only = true'
    )
    papers = roots(found)["papers"]
    assert (papers.documents, papers.path, papers.read_only, papers.limit) == (True, Path("/srv/papers"), True, 25_000_000)
    assert {"*.pdf", "*.docx", "*.odt", "*.epub", "*.html", "*.csv", "*.eml", "*.ics", "*.jpg", "*.md"} <= set(papers.patterns)
    state = tmp_path / ".local/state/butler"
    assert papers.kept == state / "kept/papers"
    assert papers.without[:2] == (Path("/srv/papers/Private"), Path("/srv/papers/old"))
    assert {state, state / "briefings"} <= set(papers.without)
    assert "notes.papers" in found.settings.sources()


def test_of_folders_in_one_another_the_inner_one_is_read_as_what_it_is(tmp_path: Path) -> None:
    found = roots(
        loaded(
            tmp_path,
            '[notes.all]\npath = "/srv"\n[notes.deep]\npath = "/srv/papers/deep"\n[documents.papers]\npath = "/srv/papers"\n'
            '[documents.bills]\npath = "/srv/papers/bills"',
        )
    )
    left_to_others = {name: {str(each) for each in root.without if each.is_relative_to("/srv")} for name, root in found.items()}
    assert left_to_others == {
        "all": {"/srv/papers", "/srv/papers/bills"},
        "deep": set(),
        "papers": {"/srv/papers/bills", "/srv/papers/deep"},
        "bills": set(),
    }


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ('[notes.a]\npath = "/n"\n[documents.a]\npath = "/d"', "notes.a and documents.a have one name"),
        ('[watch.a]\npath = "/n"\n[documents.a]\npath = "/d"', "watch.a and documents.a have one name and two folders"),
        ("[documents.a]", "documents.a"),
        ('[documents.a]\npath = "/d"\nlimit = 30000000', "documents.a.limit"),
        ('[documents.A]\npath = "/d"', "only small letters"),
    ],
)
def test_what_does_not_go_together_is_told(tmp_path: Path, toml: str, problem: str) -> None:
    (told,) = loaded(tmp_path, toml).problems
    assert problem in told


def test_a_watched_folder_may_be_one_of_documents(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[watch.a]\npath = "/d"\n[documents.a]\npath = "/d"').problems == ()
