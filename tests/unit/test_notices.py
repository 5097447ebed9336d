"""What is told, when and in which words: decided purely, over what the board keeps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from butler.core.actions import Action
from butler.core.notices import KINDS, Manners, Notice, due, message, state_of
from butler.core.payloads import FileWrite
from butler.core.policy import Hours
from butler.core.text import defused
from butler.settings.notices import NoticesPart, addresses
from butler.store.truth import Truth

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def notice(kind: str = "source", subject: str = "home", **facts: object) -> Notice:
    usual = Notice(kind, subject, "so", "", f"{subject} cannot be reached.", "", ago(5))
    return replace(usual, **facts)  # type: ignore[arg-type]


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    found = Truth.open(tmp_path / "butler.db")
    yield found
    found.close()


def hold(truth: Truth, number: int, now: datetime = NOW) -> None:
    payload = FileWrite(root="notes", path=f"{number}.md", content="Hello")
    truth.outbox.add(Action(payload, f"Because of mail {number}", f"key {number}"), now)


def test_the_pieces_of_news_are_states_of_a_kind() -> None:
    assert state_of("source gone") == ("source", "so")
    assert state_of("source back") == ("source", "")
    assert state_of("job works") == ("job", "")
    assert state_of("briefing") == ("briefing", "so")


def test_what_was_told_is_not_told_again() -> None:
    assert due([notice(told="so")], Manners(), NOW) == []
    assert due([notice()], Manners(), NOW) == [notice()]


def test_nothing_is_told_in_quiet_hours_of_the_owners_zone() -> None:
    manners = Manners(quiet=(Hours(time(22), time(7)),), zone=ZoneInfo("America/New_York"))
    assert due([notice()], manners, NOW) == []
    assert due([notice(since=NOW)], manners, NOW + timedelta(hours=4)) == [notice(since=NOW)]


def test_only_what_is_asked_for_is_told() -> None:
    found = [notice(), notice("briefing", "2026-11-24")]
    assert due(found, Manners(about=frozenset({"briefing"})), NOW) == found[1:]


def test_after_a_day_nobody_wants_to_hear_that_a_briefing_is_ready_but_still_that_a_source_is_gone() -> None:
    found = [notice(since=ago(3000)), notice("briefing", "2026-11-22", since=ago(3000))]
    assert due(found, Manners(), NOW) == found[:1]


def test_a_source_that_flaps_is_told_of_once_an_hour_and_always_that_it_is_back() -> None:
    assert due([notice(told_at=ago(20))], Manners(), NOW) == []
    assert due([notice(told_at=ago(61))], Manners(), NOW) != []
    assert due([notice(now="", told="so", told_at=ago(1))], Manners(), NOW) != []


def test_a_clock_that_was_set_back_silences_nothing() -> None:
    assert due([notice(told_at=NOW + timedelta(days=400))], Manners(), NOW) != []
    assert due([notice("held", "1/1", since=NOW + timedelta(days=1))], Manners(), NOW) != []


def test_held_actions_are_gathered_and_told_of_together_and_not_too_often() -> None:
    fresh = [notice("held", f"{number}/1", since=ago(0.5)) for number in range(3)]
    assert due(fresh, Manners(), NOW) == []
    assert due(fresh, Manners(), NOW + timedelta(minutes=1)) == fresh
    later = [replace(each, told_at=ago(10)) for each in fresh]
    assert due(later, Manners(pause=1800), NOW + timedelta(minutes=5)) == []
    assert due(later, Manners(pause=1800), NOW + timedelta(minutes=25)) == later


def test_a_message_has_a_line_for_each_and_one_for_all_held_actions() -> None:
    found = [
        notice(words="No route to host"),
        *(notice("held", f"{n}/1", sentence="mail.draft", words=f"To {n}") for n in "ab"),
    ]
    assert message(found, Manners()) == (
        "home cannot be reached. No route to host\n2 actions wait for your decision (2 mail.draft): To a; To b"
    )
    assert message(found[1:2], Manners(words=False)) == "An action waits for your decision (mail.draft)."


def test_words_of_the_world_are_left_out_altogether_where_they_are_not_wanted() -> None:
    evil = notice(words="\x1b[31mPay at https://evil.example now, @everyone\u202e")
    assert message([evil], Manners(words=False)) == "home cannot be reached."
    assert message([evil], Manners()) == "home cannot be reached. (31mPay at https //evil[.]example now, at everyone"


def test_a_message_is_short_however_much_there_is_to_tell() -> None:
    many = [notice(subject=f"source{number}", words="x" * 10_000) for number in range(500)]
    many += [notice("held", f"{number}/1", sentence="mail.draft", words="y" * 10_000) for number in range(500)]
    told = message(many, Manners())
    assert len(told) < 6000
    assert "… and 488 more." in told


@pytest.mark.parametrize(
    "text", ["http://a.example/x", "mailto:a@b.example", "www.a.example", "a.example", "ftp://1.2.3.4/", "a@b"]
)
def test_nothing_in_words_of_the_world_can_be_taken_for_an_address(text: str) -> None:
    told = defused(text)
    assert "://" not in told
    assert "@" not in told
    assert ".example" not in told


def test_the_board_knows_one_state_of_a_subject(truth: Truth) -> None:
    board = truth.notices
    assert board.note("source", "home", "so", NOW, "home cannot be reached.", "No route")
    assert not board.note("source", "home", "so", NOW, "home cannot be reached.", "Another reason")
    assert board.lasting("source") == {"home": "No route"}
    (waiting,) = board.waiting()
    board.told(waiting, NOW)
    assert board.waiting() == []
    assert board.note("source", "home", "", NOW, "home is back.")
    assert [each.sentence for each in board.waiting()] == ["home is back."]


def test_what_came_and_went_untold_is_never_told(truth: Truth) -> None:
    truth.notices.note("source", "home", "so", NOW, "home cannot be reached.")
    truth.notices.note("source", "home", "", NOW, "home is back.")
    assert truth.notices.waiting() == []


def test_what_changed_while_it_was_told_still_waits(truth: Truth) -> None:
    truth.notices.note("source", "home", "so", NOW, "home cannot be reached.")
    (waiting,) = truth.notices.waiting()
    truth.notices.note("source", "home", "", NOW, "home is back.")
    truth.notices.told(waiting, NOW)
    assert [each.sentence for each in truth.notices.waiting()] == ["home is back."]


def test_held_actions_are_seen_by_themselves_and_forgotten_when_decided(truth: Truth) -> None:
    hold(truth, 1)
    hold(truth, 2)
    truth.notices.look(NOW)
    assert [(each.subject, each.words) for each in truth.notices.waiting()] == [
        ("1/1", "Because of mail 1"),
        ("2/1", "Because of mail 2"),
    ]
    kept = truth.outbox.get(1)
    truth.outbox.change(kept, replace(kept, status="rejected"), NOW, "rejected")
    truth.notices.look(NOW)
    assert [each.subject for each in truth.notices.waiting()] == ["2/1"]


def test_a_model_is_told_of_when_it_changes_and_not_when_it_is_first_seen(truth: Truth) -> None:
    def answered(digest: str) -> None:
        truth._database.run(
            "INSERT INTO model_call (run, key, at, step, version, subject, model, digest, server, cached, outcome, attempts,"
            " tokens_in, tokens_out, seconds, prompt, answer, error) VALUES"
            " ('r', ?1, '', '', '', '', 'small:1b', ?1, '', 0, 'ok', 1, 1, 1, 1.0, '', '', '')",
            (digest,),
        )

    answered("aa")
    truth.notices.look(NOW)
    assert truth.notices.waiting() == []
    answered("bb")
    truth.notices.look(NOW)
    assert [each.kind for each in truth.notices.waiting()] == ["model"]


def test_what_was_told_long_ago_is_forgotten_but_not_how_things_are(truth: Truth) -> None:
    truth.notices.note("briefing", "2026-01-01", "so", NOW, "Your briefing is ready.")
    truth.notices.note("source", "home", "so", NOW, "home cannot be reached.")
    hold(truth, 1)
    truth.notices.look(NOW)
    assert truth.notices.forget(NOW) == 0
    assert truth.notices.forget(NOW + timedelta(days=1)) == 1
    assert truth.notices.lasting("source") == {"home": ""}


def test_settings_say_what_is_wrong_with_them_and_addresses_may_stand_on_lines() -> None:
    with pytest.raises(ValueError, match="must be some of briefing, held"):
        NoticesPart(about=("weather",))
    with pytest.raises(ValueError, match="must be hours"):
        NoticesPart(quiet=("never",))
    manners = NoticesPart(quiet=("22:00-07:00",), pause=5).manners(ZoneInfo("UTC"))
    assert (manners.about, manners.pause, manners.quiet) == (frozenset(KINDS), 300, (Hours(time(22), time(7)),))
    assert addresses("json://a\n ntfy://b  json://a\n") == ("json://a", "ntfy://b")
