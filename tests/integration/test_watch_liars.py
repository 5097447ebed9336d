"""Mail servers that lie about new mail, and Maildirs: heard of all the same, with bounds."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from lying_imap import CUT, HANG, LATE, lying_imap
from quiet_time import since
from watched import MAIL, mail_watcher, until, watching

from butler.core.accounts import MailAccount
from butler.core.requests import Request
from butler.watch import changes as changes_module
from butler.watch import thread as watcher_thread
from tools.mail import idle
from tools.mail.maildir_ear import is_arrival

IDLES = b"* CAPABILITY IMAP4rev1 IDLE\r\n%t OK done\r\n"
REQUEST = Request("triage", "mail:home/INBOX", job="triage", model=True)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes_module, "TICK", 300)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_thread, "LONGEST_PAUSE", 0.1)


@pytest.mark.parametrize("answer", [b"%t NO not now\r\n", b"%t BAD what\r\n", b"+ idling\r\n%t OK enough\r\n"])
def test_a_server_that_does_not_idle_whatever_it_says_is_looked_at_now_and_then(answer: bytes, short: None) -> None:
    with lying_imap(CAPABILITY=IDLES, IDLE=answer) as server:
        watcher, began = mail_watcher(server.account(), poll=0.3), time.monotonic()
        with watching(watcher) as reports:
            until(lambda: sum(b"EXAMINE" in line for line in server.heard) >= 3)
            assert reports.more(0.0) == [REQUEST]
            assert watcher.trouble == ""
        told = [line.upper() for line in server.heard]
        assert sum(b"IDLE" in line for line in told) == 1
        assert sum(b"EXAMINE" in line for line in told) <= 2 + since(began) / 0.3
        assert server.connections == 1


def test_a_server_that_refuses_idle_later_than_one_would_look_again_is_not_asked_once_more(short: None) -> None:
    with lying_imap(CAPABILITY=IDLES, IDLE=LATE + b"+ idling\r\n%t OK enough\r\n") as server:
        with watching(mail_watcher(server.account(), poll=0.1)) as reports:
            until(lambda: sum(b"EXAMINE" in line for line in server.heard) >= 3)
            assert reports.more(0.0) == [REQUEST]
        assert sum(b"IDLE" in line for line in server.heard) == 1
        assert b"DONE\r\n" not in server.heard
        assert server.connections == 1


def test_a_server_that_does_not_answer_idle_is_hung_up_on(short: None) -> None:
    with lying_imap(CAPABILITY=IDLES, IDLE=HANG) as server:
        watcher = mail_watcher(server.account(), poll=0.1)
        with watching(watcher):
            until(lambda: "does not answer within" in (watcher.trouble or ""))
        assert b"DONE\r\n" not in server.heard


def test_a_server_that_does_not_offer_idle_is_never_asked_to(short: None) -> None:
    with lying_imap() as server, watching(mail_watcher(server.account(), poll=0.1)) as reports:
        until(lambda: sum(b"EXAMINE" in line for line in server.heard) > 3)
        assert not any(b"IDLE" in line.upper() for line in server.heard)
        assert reports.more(0.0) == [REQUEST]


def test_a_server_that_tells_of_mail_over_and_over_is_looked_at_and_not_believed(
    short: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idle, "LONGEST", 0.3)
    with lying_imap(CAPABILITY=IDLES, IDLE=b"+ idling\r\n" + b"* 3 EXISTS\r\n" * 5000, DONE=b"") as server:
        with watching(mail_watcher(server.account())) as reports:
            assert reports.next() == REQUEST
            assert reports.more(0.6) == []
        assert server.connections < 12


def test_a_server_that_talks_without_end_is_hung_up_on(short: None) -> None:
    with lying_imap(CAPABILITY=IDLES, IDLE=b"+ idling\r\n" + b"* OK la\r\n" * 30_000) as server:
        watcher = mail_watcher(server.account())
        with watching(watcher):
            until(lambda: "talks without end" in (watcher.trouble or ""))


def test_a_server_that_hangs_up_again_and_again_is_told_of_once_it_does_so_often(short: None) -> None:
    with lying_imap(CAPABILITY=IDLES, IDLE=b"+ idling\r\n* BYE I am tired\r\n" + CUT) as server:
        watcher = mail_watcher(server.account())
        with watching(watcher) as reports:
            until(lambda: watcher.trouble)
            assert "ended the connection" in (watcher.trouble or "")
            before = server.connections
            while server.connections < before + 4:
                assert watcher.trouble
            assert reports.more(0.0) == [REQUEST]


def test_a_server_that_does_not_end_idle_as_it_should_is_dialled_anew(short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "CYCLE", 0.3)
    with lying_imap(CAPABILITY=IDLES, IDLE=b"+ idling\r\n") as server, watching(mail_watcher(server.account())) as reports:
        until(lambda: server.connections >= 2)
        assert reports.more(0.0) == [REQUEST]


def maildir(tmp_path: Path) -> MailAccount:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return MailAccount("home", path=tmp_path / "mail")


def deliver(account: MailAccount, name: str, folder: str = "new") -> Path:
    assert account.path
    (account.path / "tmp" / name).write_bytes(MAIL % 1)
    return (account.path / "tmp" / name).rename(account.path / folder / name)


def deliver_at_once(account: MailAccount, names: Sequence[str]) -> list[Path]:
    """With nothing between two of them that a busy machine could draw out: what a burst is goes by the pauses in it."""
    assert account.path
    for name in names:
        (account.path / "tmp" / name).write_bytes(MAIL % 1)
    return [(account.path / "tmp" / name).rename(account.path / "new" / name) for name in names]


def test_mail_that_comes_into_a_maildir_is_told_of_once_and_marking_it_is_not(tmp_path: Path) -> None:
    account = maildir(tmp_path)
    deliver(account, "0.old")
    with watching(mail_watcher(account)) as reports:
        assert reports.next() == REQUEST
        began = time.monotonic()
        mails = deliver_at_once(account, [f"{number}.test" for number in range(1, 6)])
        assert reports.next(2.0) == REQUEST
        assert since(began) < 2.0
        cur = mails[0].parent.parent / "cur"
        read = [mail.rename(cur / f"{mail.name}:2,") for mail in mails]
        marked = read[0].rename(cur / "1.test:2,S")
        assert reports.more(1.2) == []
        marked.unlink()
        deliver(account, "9.test:2,S", "cur")
        assert reports.next(2.0) == REQUEST
        assert reports.more(0.5) == []


def test_a_maildir_that_goes_and_comes_back_is_told_and_watched_again(tmp_path: Path, short: None) -> None:
    account = maildir(tmp_path)
    assert account.path
    watcher = mail_watcher(account)
    with watching(watcher) as reports:
        reports.next()
        account.path.rename(tmp_path / "away")
        until(lambda: "is no Maildir" in (watcher.trouble or ""))
        (tmp_path / "away").rename(account.path)
        deliver(account, "1.test")
        assert reports.next() == REQUEST
        assert watcher.trouble == ""


@pytest.mark.parametrize(
    ("burst", "known", "expected"),
    [
        ([("added", "/m/cur/1:2,S")], (), True),
        ([("added", "/m/new/1"), ("deleted", "/m/new/1"), ("added", "/m/cur/1:2,")], (), True),
        ([("deleted", "/m/new/1"), ("added", "/m/cur/1:2,S")], ("1",), False),
        ([("deleted", "/m/cur/1:2,"), ("added", "/m/cur/1:2,S")], (), False),
        ([("modified", "/m/cur/1:2,S")], (), False),
        ([("deleted", "/m/cur/1:2,S")], (), False),
        ([("added", "/m/cur/.dovecot")], (), False),
        ([("deleted", "/m/cur/1:2,"), ("added", "/m/cur/1:2,S"), ("added", "/m/cur/2:2,S")], (), True),
    ],
)
def test_a_mail_that_gets_another_name_did_not_arrive(
    burst: list[tuple[str, str]], known: tuple[str, ...], expected: bool
) -> None:
    assert is_arrival(burst, known) == expected  # type: ignore[arg-type]


def test_a_maildir_is_left_as_it_is(tmp_path: Path) -> None:
    account = maildir(tmp_path)
    mail = deliver(account, "1.test")
    os.utime(mail, (1, 1))
    with watching(mail_watcher(account)) as reports:
        reports.next()
    assert mail.stat().st_mtime == 1
