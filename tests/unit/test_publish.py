"""Publishing: whole or not at all, never over what somebody edited, and a full disk costs the file alone."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import briefing_page as page
import pytest

from butler import markdown
from butler.core.briefing import Briefing
from butler.core.errors import StateError
from butler.publish import Published, Publisher, write_whole
from butler.store.briefings import Briefings
from butler.store.truth import Truth

NEWER = page.BRIEFING.model_copy(update={"sections": page.SECTIONS[:2]})


@pytest.fixture
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Briefings]:
    truth = Truth.open(tmp_path_factory.mktemp("state") / "butler.db")
    yield truth.briefings
    truth.close()


def publish(shelf: Briefings, folder: Path | None, briefing: Briefing = page.BRIEFING) -> Published:
    publisher = Publisher("run-1", shelf, folder)
    publisher(briefing, page.ORIGINS, {"notice": page.NOTICE})
    assert publisher.published is not None
    return publisher.published


def kept(shelf: Briefings) -> Briefing:
    found = shelf.get(page.DAY)
    assert found is not None
    return found.briefing


def test_a_briefing_is_written_into_its_folder_for_its_owner_alone(tmp_path: Path, shelf: Briefings) -> None:
    published = publish(shelf, tmp_path / "vault" / "Briefings")
    assert published.path == tmp_path / "vault" / "Briefings" / "2026-11-24.md"
    assert published.path.read_text(encoding="utf-8") == markdown.render(page.BRIEFING, page.NOTICE)
    assert published.path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in published.path.parent.iterdir()] == ["2026-11-24.md"]
    assert published.sentences == ()


def test_without_a_folder_the_briefing_is_only_kept(shelf: Briefings) -> None:
    assert publish(shelf, None).path is None
    assert kept(shelf) == page.BRIEFING


def test_a_second_briefing_of_the_day_replaces_what_the_butler_wrote(tmp_path: Path, shelf: Briefings) -> None:
    publish(shelf, tmp_path)
    published = publish(shelf, tmp_path, NEWER)
    assert published.path == tmp_path / "2026-11-24.md"
    assert published.path.read_text(encoding="utf-8") == markdown.render(NEWER, page.NOTICE)


def test_a_file_that_somebody_edited_is_left_alone_and_said_to_be(tmp_path: Path, shelf: Briefings) -> None:
    first = publish(shelf, tmp_path).path
    assert first is not None
    first.write_text("my own words", encoding="utf-8")
    published = publish(shelf, tmp_path, NEWER)
    assert first.read_text(encoding="utf-8") == "my own words"
    assert published.path == tmp_path / "2026-11-24 (2).md"
    assert published.sentences == (
        "2026-11-24.md was edited or is not the butler's, so it was left alone; the briefing is in 2026-11-24 (2).md.",
    )
    again = publish(shelf, tmp_path)
    assert again.path == tmp_path / "2026-11-24 (2).md"


def test_a_file_that_was_there_before_is_left_alone(tmp_path: Path, shelf: Briefings) -> None:
    (tmp_path / "2026-11-24.md").write_text("a diary", encoding="utf-8")
    assert publish(shelf, tmp_path).path == tmp_path / "2026-11-24 (2).md"
    assert (tmp_path / "2026-11-24.md").read_text(encoding="utf-8") == "a diary"


def test_a_file_written_before_a_kill_is_known_again_by_its_content(tmp_path: Path, shelf: Briefings) -> None:
    write_whole(tmp_path / "2026-11-24.md", markdown.render(page.BRIEFING, page.NOTICE).encode())
    assert publish(shelf, tmp_path).path == tmp_path / "2026-11-24.md"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_hundred_edited_files_end_with_a_sentence(tmp_path: Path, shelf: Briefings) -> None:
    for number in range(1, 100):
        name = "2026-11-24.md" if number == 1 else f"2026-11-24 ({number}).md"
        (tmp_path / name).write_text("mine", encoding="utf-8")
    failure = publish(shelf, tmp_path).failure
    assert failure is not None
    assert "99 edited briefings" in str(failure)


def test_what_a_killed_butler_left_half_written_is_swept_away(tmp_path: Path, shelf: Briefings) -> None:
    (tmp_path / ".2026-11-24.md.part").write_text("half", encoding="utf-8")
    publish(shelf, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["2026-11-24.md"]


def test_a_folder_that_cannot_be_written_costs_the_file_and_nothing_else(tmp_path: Path, shelf: Briefings) -> None:
    (tmp_path / "vault").write_text("a file where the folder should be", encoding="utf-8")
    published = publish(shelf, tmp_path / "vault")
    assert published.path is None
    assert isinstance(published.failure, StateError)
    assert "Not a directory" in str(published.failure)
    assert kept(shelf) == published.briefing


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond `size` bytes, which fails a write as a full disk does: in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_disk_that_fills_up_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "2026-11-24.md"
    write_whole(path, b"old")
    with full_disk(1000), pytest.raises(StateError, match=r"could not be written to .*2026-11-24\.md: File too large"):
        write_whole(path, b"x" * 5000)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["2026-11-24.md"]
