"""New mail on a real server is heard of: soon, once for a burst, over dead connections, and without a trace."""

from __future__ import annotations

import itertools
import os
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from dovecot_server import PASSWORD, Dovecot, dovecot_session, running_dovecot
from left_open import descriptors, swept
from quiet_time import since
from swallowing_proxy import swallowing_proxy
from watched import MAIL, Reports, mail_watcher, until, watching

from butler.core.accounts import MailAccount
from butler.core.requests import Request
from butler.watch import thread as watcher_thread
from butler.watch.logins import Logins
from tools.mail import idle

assert dovecot_session
REQUEST = Request("triage", "mail:home/INBOX", job="triage", model=True)
MAILS, AT_ONCE = (50, 1) if os.environ.get("BUTLER_TEST_LONG") else (50, 25)
_users = itertools.count()


def account_of(server: Dovecot, port: int = 0, user: str = "") -> MailAccount:
    """An account of its own on a server, with a mail in it."""
    user = user or f"user{next(_users)}@example.org"
    server.deliver(user, MAIL % 0)
    return MailAccount("home", "127.0.0.1", port or server.port, user, lambda: PASSWORD, tls="none", timeout=10.0)


def threads() -> int:
    return sum(each.name.startswith("watch ") for each in threading.enumerate())


def test_new_mail_is_told_of_once_and_none_is_marked_or_moved(dovecot_session: Dovecot) -> None:
    account = account_of(dovecot_session)
    with watching(mail_watcher(account)) as reports:
        assert reports.next() == REQUEST
        dovecot_session.deliver(account.user, MAIL % 1)
        assert reports.next(2.0) == REQUEST
        assert reports.more(1.0) == []
    place = dovecot_session.maildir_of(account.user)
    assert len(list((place / "new").iterdir())) == 2
    assert list((place / "cur").iterdir()) == []


def test_mail_is_heard_of_over_tls(dovecot_session: Dovecot) -> None:
    plain = account_of(dovecot_session)
    account = replace(plain, tls="implicit", port=dovecot_session.tls_port, ca_file=dovecot_session.ca_file)
    with watching(mail_watcher(account)) as reports:
        reports.next()
        dovecot_session.deliver(account.user, MAIL % 1)
        reports.next(2.0)


def test_a_burst_of_mails_is_one_request(dovecot_session: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer than a busy machine stalls between two of them.
    monkeypatch.setattr(idle, "QUIET", 2.5)
    account = account_of(dovecot_session)
    with watching(mail_watcher(account)) as reports:
        reports.next()
        for number in range(8):
            dovecot_session.deliver(account.user, MAIL % number)
            time.sleep(0.1)
        assert reports.next() == REQUEST
        assert reports.more(1.5) == []


def test_mails_that_never_end_are_told_of_all_the_same(dovecot_session: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    # No pause between two of them is as long, however busy the machine is.
    monkeypatch.setattr(idle, "QUIET", 60.0)
    monkeypatch.setattr(idle, "LONGEST", 1.0)
    account = account_of(dovecot_session)
    with watching(mail_watcher(account)) as reports:
        reports.next()
        began, numbers, told = time.monotonic(), itertools.count(), 0
        while told < 2:
            dovecot_session.deliver(account.user, MAIL % next(numbers))
            told += len(reports.more(0.1))
            assert since(began) < 60.0
        assert told <= 1 + since(began)


def test_new_mail_is_told_of_within_two_seconds(dovecot_session: Dovecot) -> None:
    taken: list[float] = []

    def one_by_one(_: int) -> None:
        account = account_of(dovecot_session)
        with watching(mail_watcher(account)) as reports:
            reports.next()
            for number in range(1, MAILS // AT_ONCE + 1):
                time.sleep(number * 0.07 % 0.5)
                began = time.monotonic()
                dovecot_session.deliver(account.user, MAIL % number)
                reports.next()
                taken.append(since(began))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one_by_one, range(AT_ONCE)))
    p95 = sorted(taken)[int(len(taken) * 0.95)]
    print(f"new mail to request over {len(taken)} mails: median {statistics.median(taken):.2f} s, p95 {p95:.2f} s")
    assert len(taken) == MAILS
    assert p95 <= 2.0


def test_a_server_that_is_killed_is_missed_and_found_again_with_what_came_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watcher_thread, "LONGEST_PAUSE", 0.3)
    with running_dovecot(tls=False) as server:
        account = account_of(server)
        watcher = mail_watcher(account)
        with watching(watcher) as reports:
            reports.next()
            server.kill()
            until(lambda: "refuses connections" in (watcher.trouble or ""))
            server.deliver(account.user, MAIL % 1)
            server.start()
            assert reports.next() == REQUEST
            assert watcher.trouble == ""
            server.deliver(account.user, MAIL % 2)
            reports.next(2.5)


def test_a_connection_that_breaks_and_comes_back_at_once_is_no_news_and_brings_no_mail(dovecot_session: Dovecot) -> None:
    with swallowing_proxy(dovecot_session.port) as proxy:
        account = account_of(dovecot_session, proxy.port)
        watcher = mail_watcher(account)
        with watching(watcher) as reports:
            reports.next()
            proxy.cut()
            until(lambda: proxy.dialled == 2)
            assert reports.more(1.0) == []
            assert watcher.trouble == ""
            assert proxy.dialled == 2


def test_a_connection_that_dies_without_a_sign_is_noticed(dovecot_session: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "CYCLE", 1.0)
    # Longer than a busy machine keeps a server that is well from answering.
    monkeypatch.setattr(idle, "PATIENCE", 2.5)
    with swallowing_proxy(dovecot_session.port) as proxy:
        account = account_of(dovecot_session, proxy.port)
        with watching(mail_watcher(account)) as reports:
            reports.next()
            proxy.swallow()
            dovecot_session.deliver(account.user, MAIL % 1)
            assert reports.next(5.0) == REQUEST
            assert proxy.dialled == 2


def test_idle_goes_on_over_many_cycles_on_one_connection(dovecot_session: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "CYCLE", 0.2)
    with swallowing_proxy(dovecot_session.port) as proxy:
        account = account_of(dovecot_session, proxy.port)
        with watching(mail_watcher(account)) as reports:
            reports.next()
            assert reports.more(1.0) == []
            dovecot_session.deliver(account.user, MAIL % 1)
            reports.next(2.0)
            assert proxy.dialled == 1


def test_a_server_without_idle_is_looked_at_now_and_then() -> None:
    with running_dovecot(tls=False, capability="IMAP4rev1 LITERAL+ SASL-IR UIDPLUS") as server:
        account = account_of(server)
        with watching(mail_watcher(account, poll=0.5)) as reports:
            reports.next()
            server.deliver(account.user, MAIL % 1)
            assert reports.next(2.0) == REQUEST
            assert reports.more(0.7) == []


def test_a_wrong_password_is_tried_twice_by_all_watchers_of_an_account_and_told(
    dovecot_session: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher_thread, "LOGIN_PAUSE", 0.1)
    tries: list[float] = []

    def wrong() -> str:
        tries.append(time.monotonic())
        return "wrong"

    account = replace(account_of(dovecot_session), password=wrong)
    logins = Logins()
    first, second = mail_watcher(account, logins=logins), mail_watcher(account, "Sent", logins=logins)
    with watching(first) as reports, watching(second):
        until(lambda: all("not watched any more" in (each.trouble or "") for each in (first, second)))
        assert "does not accept the user name or password" in (first.trouble or "")
        assert reports.more(0.5) == []
        assert 2 <= len(tries) <= 3  # Both may be at it at the same time.
        assert first.alive()


def test_a_watcher_alone_tries_a_wrong_password_twice(dovecot_session: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher_thread, "LOGIN_PAUSE", 0.1)
    tries = itertools.count()
    account = replace(account_of(dovecot_session), password=lambda: f"wrong{next(tries)}")
    watcher = mail_watcher(account)
    with watching(watcher) as reports:
        until(lambda: "not watched any more" in (watcher.trouble or ""))
        reports.more(0.5)
    assert next(tries) == 2


def test_another_folder_is_watched_and_one_that_is_not_there_is_told_with_those_that_are(dovecot_session: Dovecot) -> None:
    account = account_of(dovecot_session)
    sent = mail_watcher(account, "\\Sent")
    with watching(sent) as reports:
        reports.next()
        folder = dovecot_session.maildir_of(account.user) / ".Sent"
        until((folder / "new").is_dir)
        (folder / "new" / "1.M1.test").write_bytes(MAIL % 1)
        os.chown(folder / "new" / "1.M1.test", *owner_of(folder)) if os.getuid() == 0 else None
        assert reports.next(2.0).trigger == "mail:home/\\Sent"
    missing = mail_watcher(account, "Wrok")
    with watching(missing):
        until(lambda: missing.trouble)
        assert (missing.trouble or "").startswith("There is no folder Wrok; there are: ")


def owner_of(folder: Path) -> tuple[int, int]:
    return folder.stat().st_uid, folder.stat().st_gid


def test_it_ends_in_time_whatever_it_waits_for(dovecot_session: Dovecot) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        quiet = account_of(dovecot_session, silent.getsockname()[1])
        nobody = replace(quiet, port=1)
        at_work = account_of(dovecot_session)
        watchers = [mail_watcher(account) for account in (quiet, nobody, at_work)]
        reports = Reports()
        for watcher in watchers:
            watcher.start(reports)
        reports.next()
        assert reports.more(0.5) == []
        watchers[0].stop()
        # That is waited for so long alone, and not until it heard nothing for long enough to end.
        assert watcher_thread._PATIENCE < 2.0
        assert watchers[0].alive()
        for watcher in watchers[1:]:
            began = time.monotonic()
            watcher.stop()
            assert since(began) < 2.0
        # Whoever waits for an answer ends by itself; the others have.
        assert [each.alive() for each in watchers[1:]] == [False, False]
        dovecot_session.deliver(at_work.user, MAIL % 1)
        assert reports.more(0.0) == []
    until(lambda: threads() == 0, 12.0)


def test_threads_and_descriptors_do_not_add_up(dovecot_session: Dovecot) -> None:
    account = account_of(dovecot_session)
    until(lambda: threads() == 0)
    swept()
    counts: list[int] = []
    for _ in range(5):
        with watching(mail_watcher(account)) as reports:
            reports.next()
        until(lambda: threads() == 0)
        counts.append(descriptors())
    assert counts[1:] == [counts[1]] * 4
