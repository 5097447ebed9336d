"""Sessions, links and tries as they are kept: hashes only, used once, counted before they are looked at."""

import datetime as dt
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from butler.core.access import LINK_LASTS, Entrance
from butler.core.errors import AccessError
from butler.store import truth as truth_module
from butler.store.truth import Truth

NOW = dt.datetime(2026, 11, 24, 6, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)
ANY = Entrance()


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(truth_module, "_PRAGMAS", ("synchronous = OFF", "foreign_keys = ON"))


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    truth = Truth.open(tmp_path / "butler.db")
    yield truth
    truth.close()


def entered(truth: Truth, now: dt.datetime = NOW, browser: str = "Firefox") -> str:
    return truth.access.enter_by_link(truth.access.new_link(now), browser, now)


def told(truth: Truth) -> list[str]:
    return [line.what for line in reversed(truth.journal.lines())]


def refusal(truth: Truth, token: str, now: dt.datetime = NOW) -> str:
    with pytest.raises(AccessError) as refused:
        truth.access.enter_by_link(token, "Firefox", now)
    return refused.value.sentence


def test_a_link_lets_in_once_and_its_second_use_is_told_once(truth: Truth) -> None:
    link = truth.access.new_link(NOW)
    assert truth.access.look_at_link(link, NOW) == truth.access.look_at_link(link, NOW) == ""
    token = truth.access.enter_by_link(link, "Firefox", NOW)
    found = truth.access.session(token, ANY, NOW)
    assert found is not None
    assert (found.way, found.browser, found.began) == ("link", "Firefox", NOW)
    assert truth.access.look_at_link(link, NOW) == refusal(truth, link) == "This link was used already."
    assert refusal(truth, link) == "This link is not one of those that let in."
    assert told(truth) == ["logged in", "log-in refused"]
    assert truth.journal.verify() == []


def test_a_link_that_is_too_old_lets_nobody_in(truth: Truth) -> None:
    link = truth.access.new_link(NOW)
    truth.access.enter_by_link(truth.access.new_link(NOW), "Firefox", NOW + LINK_LASTS - SECOND)
    assert refusal(truth, link, NOW + LINK_LASTS) == "This link is too old."
    truth.access.new_link(NOW + 3 * DAY)


def test_a_link_that_was_never_made_lets_nobody_in_and_leaves_no_line(truth: Truth) -> None:
    for token in ("", "x", "\ud800", "é" * 1000):
        assert refusal(truth, token) == "This link is not one of those that let in."
    assert told(truth) == []


def test_of_many_that_use_a_link_at_once_one_gets_in(tmp_path: Path) -> None:
    first = Truth.open(tmp_path / "butler.db")
    link, together, got_in = first.access.new_link(NOW), threading.Barrier(8), []

    def enter() -> None:
        own = Truth.open(tmp_path / "butler.db")
        together.wait()
        try:
            got_in.append(own.access.enter_by_link(link, "Firefox", NOW))
        except AccessError:
            pass
        finally:
            own.close()

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got_in) == len(first.access.sessions(ANY, NOW)) == 1
    first.close()


def test_no_token_is_in_the_file(truth: Truth, tmp_path: Path) -> None:
    link = truth.access.new_link(NOW)
    token = entered(truth)
    truth.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert len(token) == len(link) == 43
    assert token.encode() not in content
    assert link.encode() not in content


def test_a_session_is_seen_and_ends_when_its_time_went_by(truth: Truth) -> None:
    entrance = Entrance(idle=3 * DAY, longest=5 * DAY)
    token = entered(truth)
    assert truth.access.session(token, entrance, NOW + 30 * SECOND).seen == NOW  # type: ignore[union-attr]
    truth.access.session(token, entrance, NOW + 2 * DAY)
    assert truth.access.sessions(entrance, NOW + 2 * DAY)[0].seen == NOW + 2 * DAY
    assert truth.access.session(token, entrance, NOW + 4 * DAY)
    assert truth.access.sessions(entrance, NOW + 5 * DAY) == []
    assert truth.access.session(token, entrance, NOW + 5 * DAY) is None
    assert truth.access.session(token, entrance, NOW) is None
    assert told(truth) == ["logged in", "logged out"]


def test_a_session_lets_in_also_where_nothing_can_be_written_such_as_on_a_full_disk(truth: Truth) -> None:
    token = entered(truth)
    truth.access._database.run("PRAGMA query_only = ON")
    assert truth.access.session(token, ANY, NOW + DAY)
    assert truth.access.sessions(ANY, NOW + DAY)[0].seen == NOW


def test_sessions_outlive_the_process(truth: Truth, tmp_path: Path) -> None:
    token = entered(truth)
    truth.close()
    again = Truth.open(tmp_path / "butler.db")
    assert again.access.session(token, ANY, NOW + DAY)
    again.close()


def test_all_sessions_can_be_ended_with_the_links_or_all_but_one(truth: Truth) -> None:
    first, second, third = entered(truth), entered(truth), entered(truth)
    link = truth.access.new_link(NOW)
    mine = truth.access.session(second, ANY, NOW)
    assert mine is not None
    assert truth.access.end_all("You ended all others.", NOW, but=mine.id) == 2
    assert [bool(truth.access.session(each, ANY, NOW)) for each in (first, second, third)] == [False, True, False]
    assert refusal(truth, link) == "This link is not one of those that let in."
    assert truth.access.end(mine.id, "You logged out.", NOW)
    assert not truth.access.end(mine.id, "You logged out.", NOW)
    assert truth.access.sessions(ANY, NOW) == []


def test_a_try_is_counted_before_it_is_looked_at_and_the_count_outlives_the_process(truth: Truth, tmp_path: Path) -> None:
    with pytest.raises(AccessError, match=re.escape("There is no passphrase. Get a link with `butler web`.")):
        truth.access.begin_try(NOW)
    truth.access.set_passphrase("hash", "anna", NOW)
    assert [truth.access.begin_try(NOW) for _ in range(5)] == ["hash"] * 5
    truth.access.refuse_try("Firefox", NOW)
    truth.close()
    again = Truth.open(tmp_path / "butler.db")
    with pytest.raises(AccessError, match="Wait 30 seconds") as refused:
        again.access.begin_try(NOW)
    assert refused.value.wait == 30
    assert again.access.begin_try(NOW + 30 * SECOND) == "hash"
    with pytest.raises(AccessError, match="Wait 60 seconds"):
        again.access.begin_try(NOW + 30 * SECOND)
    token = again.access.enter_by_passphrase("Firefox", NOW + 32 * SECOND)
    assert [again.access.begin_try(NOW + 32 * SECOND) for _ in range(5)] == ["hash"] * 5
    found = again.access.session(token, ANY, NOW + 32 * SECOND)
    assert found is not None
    assert found.way == "passphrase"
    assert told(again) == ["passphrase set", "log-in refused", "logged in"]
    again.close()


def test_a_long_wait_is_told_in_minutes(truth: Truth) -> None:
    truth.access.set_passphrase("hash", "anna", NOW)
    now = NOW
    for _ in range(12):
        now += 2000 * SECOND
        truth.access.begin_try(now)
    with pytest.raises(AccessError, match="Wait 60 minutes"):
        truth.access.begin_try(now)


def test_a_new_passphrase_ends_the_sessions_of_the_old_one(truth: Truth) -> None:
    truth.access.set_passphrase("hash", "anna", NOW)
    by_link, by_phrase = entered(truth), truth.access.enter_by_passphrase("Firefox", NOW)
    assert truth.access.has_passphrase is True
    ended = truth.access.set_passphrase("", "anna", NOW)
    assert (ended, truth.access.has_passphrase) == (1, False)
    assert truth.access.session(by_link, ANY, NOW)
    assert truth.access.session(by_phrase, ANY, NOW) is None
    assert told(truth)[-2:] == ["passphrase removed", "logged out"]


def test_sessions_of_long_ago_are_forgotten(truth: Truth) -> None:
    entered(truth)
    entered(truth, NOW + 400 * DAY)
    assert len(truth.access.sessions(Entrance(idle=1000 * DAY, longest=1000 * DAY), NOW + 400 * DAY)) == 1
