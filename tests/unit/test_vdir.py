"""A folder of .ics files with all that may lie in one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from butler.core.accounts import CalendarAccount, MailAccount
from butler.core.calendar import CalendarObject, RawObject
from butler.core.errors import SettingsError, SourceError
from butler.core.sources import Frame
from tools.calendar import TOOL
from tools.calendar.vdir import VdirSource
from tools.vdir import LARGEST_FILE

EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261124T080000Z\nEND:VEVENT\nEND:VCALENDAR\n"


def source(path: Path, *collections: str) -> VdirSource:
    return VdirSource(CalendarAccount("family", path=path, collections=collections))


def read(vdir: VdirSource, name: str = "family", known: dict[str, str] | None = None) -> dict[str, RawObject]:
    collection = next(each for each in vdir.collections() if each.name == name)
    return {raw.key: raw for batch in vdir.changes(collection, None, lambda: known or {}) for raw in batch.added}


def test_a_folder_that_is_missing_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="does not exist") as caught:
        source(tmp_path / "nowhere").collections()
    assert "mount it" in caught.value.advice
    assert not caught.value.permanent


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceError):
        source(tmp_path / "file").collections()


def test_a_folder_of_calendars_gives_each_a_name(tmp_path: Path) -> None:
    for name in ("Work Stuff", "family", ".hidden"):
        (tmp_path / name).mkdir()
    assert [each.name for each in source(tmp_path).collections()] == ["family.work-stuff", "family.family"]


def test_a_display_name_names_a_calendar_whose_folder_is_a_machines(tmp_path: Path) -> None:
    folder = tmp_path / "0b12c3de-4455-6677-8899-aabbccddeeff"
    folder.mkdir()
    (folder / "displayname").write_text("Straße & Garten\n")
    (folder / "color").write_text("#fff")
    assert [each.name for each in source(tmp_path).collections()] == ["family.strasse-garten"]
    assert [each.name for each in source(tmp_path, "straße & garten").collections()] == ["family.strasse-garten"]


def test_a_folder_of_objects_is_one_calendar_even_with_folders_in_it(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "1.ics").write_text(EVENT)
    assert set(read(source(tmp_path))) == {"1.ics"}


def test_an_empty_folder_is_one_empty_calendar(tmp_path: Path) -> None:
    assert read(source(tmp_path)) == {}


def test_only_calendar_files_are_read(tmp_path: Path) -> None:
    for name in ("1.ics", "2.ICS", ".3.ics", "4.ics.tmp", "displayname"):
        (tmp_path / name).write_text(EVENT)
    (tmp_path / "5.ics").mkdir()
    (tmp_path / "6.ics").symlink_to(tmp_path / "gone")
    assert set(read(source(tmp_path))) == {"1.ics", "2.ICS"}


def test_a_version_follows_the_content_too(tmp_path: Path) -> None:
    (tmp_path / "1.ics").write_text(EVENT)
    (tmp_path / "2.ics").write_text(EVENT.replace("UID:1", "UID:2"))
    for name in ("1.ics", "2.ics"):
        os.utime(tmp_path / name, ns=(5, 5))
    versions = [raw.version for raw in read(source(tmp_path)).values()]
    assert versions[0].startswith("5-")
    assert len(set(versions)) == 2


def test_a_file_whose_time_and_size_are_known_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "1.ics").write_text(EVENT)
    known = {key: raw.version for key, raw in read(source(tmp_path)).items()}
    (tmp_path / "2.ics").write_text(EVENT)
    assert set(read(source(tmp_path), known=known)) == {"2.ics"}


def test_a_file_that_cannot_be_read_hides_no_other_and_is_told_by_parsing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "1.ics").write_text(EVENT)
    with (tmp_path / "huge.ics").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    (tmp_path / "loop.ics").write_text(EVENT)
    vdir = source(tmp_path)
    (collection,) = vdir.collections()
    real = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.name == "loop.ics":
            raise PermissionError
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    raws = [raw for batch in vdir.changes(collection, None, dict) for raw in batch.added]
    parsed = {each.key: each for each in TOOL.parse(raws, Frame()) if isinstance(each, CalendarObject)}
    assert {key: bool(each.problems) for key, each in parsed.items()} == {"1.ics": False, "huge.ics": True, "loop.ics": True}


def test_a_file_that_vanishes_while_it_is_read_counts_as_removed(tmp_path: Path) -> None:
    (tmp_path / "1.ics").write_text(EVENT)
    vdir = source(tmp_path)
    (collection,) = vdir.collections()

    def known() -> dict[str, str]:
        (tmp_path / "1.ics").unlink()
        return {"1.ics": "old"}

    (batch,) = vdir.changes(collection, None, known)
    assert (list(batch.added), list(batch.removed)) == ([], ["1.ics"])


def test_much_is_handed_over_in_several_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.vdir._BYTES_IN_BATCH", 10)
    for number in range(3):
        (tmp_path / f"{number}.ics").write_text(EVENT)
    vdir = source(tmp_path)
    (collection,) = vdir.collections()
    assert [len(batch.added) for batch in vdir.changes(collection, None, dict)] == [1, 1, 1, 0]


def test_calendars_that_would_share_a_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("Work", "work"):
        (tmp_path / name).mkdir()
    names = [each.name for each in source(tmp_path).collections()]
    assert len(set(names)) == 2
    assert all(name.startswith("family.work-") for name in names)


def test_a_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "cal").mkdir()
    (tmp_path / "cal" / "1.ics").write_text(EVENT)
    assert set(read(source(Path("~/cal")))) == {"1.ics"}


def test_the_tool_opens_folders_and_servers_and_refuses_what_names_neither(tmp_path: Path) -> None:
    assert isinstance(TOOL.open(CalendarAccount("family", path=tmp_path)), VdirSource)
    assert TOOL.open(CalendarAccount("family", url="https://calendar.example/")).name == "family"
    for account in (CalendarAccount("family"), MailAccount("home", host="mail.example")):
        with pytest.raises(SettingsError):
            TOOL.open(account)
    assert TOOL.kind == "calendar"


def test_a_pipe_in_place_of_a_display_name_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    os.mkfifo(tmp_path / "work" / "displayname")
    assert [each.name for each in source(tmp_path).collections()] == ["family.work"]


def test_a_file_whose_name_is_no_unicode_is_read_and_known_again(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.ics")).write_text(EVENT)
    (raw,) = read(source(tmp_path)).values()
    assert (raw.key, raw.content) == ("\ufffd.ics", EVENT.encode())
    assert read(source(tmp_path), known={raw.key: raw.version}) == {}
