"""A Maildir as disks have it: broken, linked, locked, huge, moving under one's feet."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from butler.core.accounts import CalendarAccount, MailAccount
from butler.core.errors import SourceError
from butler.core.mail import Message, RawMail
from butler.core.sources import Frame, Source
from tools.mail import TOOL
from tools.mail.maildir import _SETTLED_NS, WHOLE_LIMIT, MaildirSource

MAIL = b"Subject: hello\n\ntext\n"


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    make(tmp_path / "mail")
    return tmp_path / "mail"


def make(place: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (place / part).mkdir(parents=True)


def source_of(place: Path, *folders: str) -> Source[RawMail]:
    return TOOL.open(MailAccount("home", path=place, folders=folders or ("INBOX",)))


def read(place: Path, folder: str = "INBOX") -> list[Message]:
    source = source_of(place, folder)
    (found,) = source.collections()
    return list(TOOL.parse([raw for batch in source.changes(found, None, dict) for raw in batch.added], Frame()))


@pytest.mark.parametrize("kind", ["missing", "file", "empty folder"])
def test_a_path_that_is_no_maildir_is_told_with_what_to_do(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "mail"
    if kind == "file":
        path.write_text("x")
    if kind == "empty folder":
        path.mkdir()
    with pytest.raises(SourceError, match=r"is no Maildir\. Set the path") as caught:
        source_of(path).collections()
    assert caught.value.permanent


def test_new_and_cur_flags_and_arrival_are_read_from_the_names(maildir: Path) -> None:
    (maildir / "new" / "1795000000.M1.host").write_bytes(MAIL)
    (maildir / "cur" / "1795000001.M1.host,S=20:2,FRSx").write_bytes(MAIL)
    first, second = read(maildir)
    assert (first.key, first.flags, first.received) == ("1795000000.M1.host", frozenset(), 1795000000)
    assert second.key == "1795000001.M1.host,S=20"
    assert second.flags == {"\\flagged", "\\answered", "\\seen"}


def test_without_a_time_in_its_name_the_files_own_counts(maildir: Path) -> None:
    path = maildir / "cur" / "odd-name:2,S"
    path.write_bytes(MAIL)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert read(maildir)[0].received == 1_700_000_000


def test_subfolders_of_both_styles_are_found_with_their_roles(maildir: Path) -> None:
    for name in (".Sent", ".Work.2026", ".Entw&APw-rfe", ".&bad", "Archiv", "Archiv/2025"):
        make(maildir / name)
    (maildir / "not-mail").mkdir()
    found = {folder.name: folder.role for folder in source_of(maildir, "*").collections()}
    assert found == {
        "INBOX": "\\Inbox",
        "Sent": "\\Sent",
        "Work/2026": "",
        "Entwürfe": "\\Drafts",
        "&bad": "",
        "Archiv": "\\Archive",
        "Archiv/2025": "",
    }


def test_links_pipes_and_folders_among_the_mails_are_reported_and_hide_nothing(maildir: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Subject: secret\n\nsecret")
    (maildir / "cur" / "1.link:2,").symlink_to(tmp_path / "secret")
    os.mkfifo(maildir / "cur" / "2.pipe:2,")
    (maildir / "cur" / "3.folder:2,").mkdir()
    (maildir / "cur" / "4.mail:2,").write_bytes(MAIL)
    messages = read(maildir)
    assert [message.subject for message in messages] == ["", "", "", "hello"]
    assert all("cannot be read" in message.problems[0] for message in messages[:3])
    assert messages[3].problems == ()


def test_hidden_files_are_no_mails(maildir: Path) -> None:
    (maildir / "cur" / ".nfs0001").write_bytes(MAIL)
    assert read(maildir) == []


def test_of_a_huge_file_the_beginning_is_read(maildir: Path) -> None:
    path = maildir / "cur" / "1.huge:2,"
    with path.open("wb") as file:
        file.write(MAIL * 10)
        file.truncate(WHOLE_LIMIT * 2)
    (message,) = read(maildir)
    assert message.subject == "hello"
    assert message.size == WHOLE_LIMIT * 2
    assert "It is larger than 25 MB; only its beginning was read." in message.problems


def test_a_mail_that_is_marked_or_gone_between_listing_and_reading_is_found_or_left_out(maildir: Path) -> None:
    for n in range(600):
        (maildir / "new" / f"{n:04}.mail").write_bytes(MAIL)
    source = source_of(maildir)
    changes = iter(source.changes(source.collections()[0], None, dict))
    first = next(changes)
    (maildir / "new" / "0598.mail").rename(maildir / "cur" / "0598.mail:2,S")
    (maildir / "new" / "0599.mail").unlink()
    rest = [raw for batch in changes for raw in batch.added]
    assert len(first.added) + len(rest) == 599
    assert rest[-1].key == "0598.mail"
    assert rest[-1].flags == {"\\seen"}


def test_the_token_stands_still_while_nothing_happens(maildir: Path) -> None:
    (maildir / "cur" / "1.mail:2,").write_bytes(MAIL)
    for part in ("cur", "new"):
        os.utime(maildir / part, (1_700_000_000, 1_700_000_000))
    source = source_of(maildir)
    (first,), (second,) = source.collections(), source.collections()
    assert first.token == second.token != ""
    (*_, last) = source.changes(first, None, dict)

    def not_asked() -> dict[str, str]:
        raise AssertionError

    assert [batch.added for batch in source.changes(first, last.cursor, not_asked)] == [()]


def test_a_folder_just_changed_has_no_token_yet(maildir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (maildir / "cur" / "1.mail:2,").write_bytes(MAIL)
    changed = max((maildir / part).stat().st_mtime_ns for part in ("cur", "new"))
    for passed, has_token in ((_SETTLED_NS - 1, False), (_SETTLED_NS, True)):
        # By the clock of the machine more may pass between the two than a folder needs to settle.
        monkeypatch.setattr("tools.mail.maildir.time.time_ns", partial(int, changed + passed))
        assert bool(source_of(maildir).collections()[0].token) is has_token


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_reported(maildir: Path) -> None:
    (maildir / "cur" / "1.mail:2,").write_bytes(MAIL)
    (maildir / "cur" / "1.mail:2,").chmod(0)
    assert "cannot be read" in read(maildir)[0].problems[0]


def test_the_tool_opens_mail_accounts_only() -> None:
    with pytest.raises(SourceError, match="no mail account"):
        TOOL.open(CalendarAccount("family"))
    with pytest.raises(SourceError, match="has no path"):
        MaildirSource(MailAccount("home"))
