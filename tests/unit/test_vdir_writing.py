"""A folder of .ics files that is written to: whole, with the mode it had, and never where text would be lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from calendar_worlds import event

from butler.core.accounts import CalendarAccount
from butler.core.effects import PutObject
from butler.core.errors import EffectError
from butler.core.sources import Collection
from tools.calendar import TOOL
from tools.calendar.vdir import VdirSource
from tools.calendar.vdirshelf import VdirShelf
from tools.vdir import LARGEST_FILE


@pytest.fixture
def account(tmp_path: Path) -> CalendarAccount:
    (tmp_path / "work").mkdir()
    return CalendarAccount("family", path=tmp_path)


def put(key: str = "", etag: str = "", before: str = "", after: str = event("a", "Review")) -> PutObject:
    return PutObject(account="family", calendar="family.work", uid="a", key=key, etag=etag, before=before, after=after)


def test_a_file_keeps_its_mode_and_leaves_nothing_beside_it(account: CalendarAccount, tmp_path: Path) -> None:
    file = tmp_path / "work" / "a.ics"
    file.write_bytes(event("a").encode())
    file.chmod(0o640)
    hands = TOOL.hands(account)
    effect = put("a.ics", "x", event("a"))
    receipt = hands.act(effect, hands.look(effect))
    assert file.read_bytes().decode() == event("a", "Review")
    assert file.stat().st_mode & 0o777 == 0o640
    assert list((tmp_path / "work").iterdir()) == [file]
    assert receipt.place == str(file)


def test_a_changed_file_is_not_left_for_strangers_to_write(account: CalendarAccount, tmp_path: Path) -> None:
    file = tmp_path / "work" / "a.ics"
    file.write_bytes(event("a").encode())
    file.chmod(0o666)
    hands = TOOL.hands(account)
    effect = put("a.ics", "x", event("a"))
    hands.act(effect, hands.look(effect))
    assert file.stat().st_mode & 0o777 == 0o664


def test_the_version_is_the_one_that_the_sync_reads(account: CalendarAccount, tmp_path: Path) -> None:
    (tmp_path / "work" / "a.ics").write_bytes(event("a").encode())
    (batch,) = VdirSource(account).changes(Collection("family.work"), None, dict)
    found = VdirShelf(account).find("family.work", "a.ics", "")
    assert found is not None
    assert found.version == batch.added[0].version
    assert TOOL.hands(account).look(put("a.ics", found.version, "not to the letter")).state == "open"


@pytest.mark.parametrize(
    ("content", "words"),
    [(event("a", "Café").encode("latin-1"), "not written in UTF-8"), (b"x" * (LARGEST_FILE + 1), "too large")],
)
def test_what_cannot_be_read_whole_is_not_written_over(
    account: CalendarAccount, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "work" / "a.ics"
    file.write_bytes(content)
    with pytest.raises(EffectError, match=words) as caught:
        TOOL.hands(account).look(put("a.ics", "1"))
    assert caught.value.held
    assert file.read_bytes() == content


def test_a_broken_file_beside_it_keeps_nothing_from_being_made(account: CalendarAccount, tmp_path: Path) -> None:
    (tmp_path / "work" / "broken.ics").write_bytes(b"UID:a\xff")
    (tmp_path / "work" / "dangling.ics").symlink_to(tmp_path / "nowhere")
    (tmp_path / "work" / "half.ics").write_text("BEGIN:VCALENDAR\nUID:a\n")
    os.mkfifo(tmp_path / "work" / "pipe.ics")
    hands = TOOL.hands(account)
    effect = put()
    hands.act(effect, hands.look(effect))
    assert (tmp_path / "work" / "a.ics").read_bytes().decode() == effect.after


def test_a_folder_that_vanished_is_told(account: CalendarAccount, tmp_path: Path) -> None:
    hands = TOOL.hands(account)
    seen = hands.look(put())
    shutil.rmtree(tmp_path / "work")
    with pytest.raises(EffectError, match="cannot be written to"):
        hands.act(put(), seen)
