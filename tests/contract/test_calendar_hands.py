"""What all hands on calendars keep: on Radicale, on Xandikos and in a folder of .ics files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from calendar_worlds import InFolder, OnServer, World, event
from dav_servers import DavServer, dav_server

from butler.core.accounts import MailAccount
from butler.core.effects import DeleteObject, Effect, Hands, PutObject, RemoveMail
from butler.core.errors import EffectError, SettingsError
from tools.calendar import TOOL

__all__ = ["dav_server"]

_calendars = count(1)


@pytest.fixture(params=["radicale", "xandikos", "vdir"])
def world(request: pytest.FixtureRequest, dav_server: Callable[[str], DavServer], tmp_path: Path) -> World:
    if request.param == "vdir":
        return InFolder(tmp_path)
    server = dav_server(request.param)
    return OnServer(server, server.make_calendar(f"hands{next(_calendars)}"))


@pytest.fixture
def hands(world: World) -> Iterator[Hands]:
    made = TOOL.hands(world.account())
    yield made
    made.close()


def put(uid: str, after: str, **fields: str) -> PutObject:
    return PutObject(account="family", calendar="family", uid=uid, after=after, **fields)  # type: ignore[arg-type]


def current(hands: Hands, key: str, uid: str) -> PutObject:
    """An effect that changes nothing yet, over the object as it is."""
    seen = hands.look(put(uid, event(uid, "Something else"), key=key, etag="no such version"))
    assert seen.state == "changed"
    return put(uid, seen.current, key=seen.key, etag=seen.etag, before=seen.current)


def carry_out(hands: Hands, effect: Effect) -> Effect:
    """Look, act, and hand back what would take it back."""
    seen = hands.look(effect)
    assert seen.state == "open"
    receipt = hands.act(effect, seen)
    assert receipt.undo is not None
    return receipt.undo


def test_a_new_event_is_made_once_and_found_as_done(world: World, hands: Hands) -> None:
    effect = put("new-1", event("new-1"))
    undo = carry_out(hands, effect)
    again = hands.look(effect)
    assert again.state == "done"
    assert again.receipt is not None
    assert again.receipt.undo == undo
    assert list(world.objects()) == ["new-1.ics"]
    assert carry_out(hands, undo)
    assert world.objects() == {}


def test_an_event_is_changed_and_changed_back(world: World, hands: Hands) -> None:
    world.put("1.ics", event("one"))
    was = current(hands, "1.ics", "one")
    effect = was.model_copy(update={"after": event("one", "Review")})
    undo = carry_out(hands, effect)
    assert "SUMMARY:Review" in world.objects()["1.ics"]
    assert hands.look(effect).state == "done"
    carry_out(hands, undo)
    assert "SUMMARY:Meeting" in world.objects()["1.ics"]
    assert hands.look(undo).state == "done"


def test_an_event_is_deleted_and_put_back_under_its_old_name(world: World, hands: Hands) -> None:
    world.put("1.ics", event("one"))
    was = current(hands, "1.ics", "one")
    effect = DeleteObject(account="family", calendar="family", uid="one", key="1.ics", etag=was.etag, before=was.before)
    undo = carry_out(hands, effect)
    assert world.objects() == {}
    assert hands.look(effect).state == "done"
    carry_out(hands, undo)
    assert list(world.objects()) == ["1.ics"]


def test_what_somebody_changed_is_told_with_its_present_text_and_not_overwritten(world: World, hands: Hands) -> None:
    world.put("1.ics", event("one"))
    was = current(hands, "1.ics", "one")
    effect = was.model_copy(update={"after": event("one", "Review")})
    seen = hands.look(effect)
    world.put("1.ics", event("one", "Moved by Tom"))
    found = hands.look(effect)
    assert (found.state, "Moved by Tom" in found.current) == ("changed", True)
    assert found.etag not in {"", was.etag}
    with pytest.raises(EffectError) as caught:
        hands.act(effect, seen)
    assert caught.value.held
    assert "Moved by Tom" in world.objects()["1.ics"]


def test_what_somebody_changed_is_not_deleted(world: World, hands: Hands) -> None:
    world.put("1.ics", event("one"))
    was = current(hands, "1.ics", "one")
    effect = DeleteObject(account="family", calendar="family", uid="one", key="1.ics", etag=was.etag, before=was.before)
    seen = hands.look(effect)
    world.put("1.ics", event("one", "Moved by Tom"))
    assert hands.look(effect).state == "changed"
    with pytest.raises(EffectError) as caught:
        hands.act(effect, seen)
    assert caught.value.held
    assert list(world.objects()) == ["1.ics"]


def test_what_somebody_deleted_is_gone(world: World, hands: Hands) -> None:
    world.put("1.ics", event("one"))
    was = current(hands, "1.ics", "one")
    world.delete("1.ics")
    assert hands.look(was.model_copy(update={"after": event("one", "Review")})).state == "gone"


def test_a_new_event_that_is_there_under_another_name_is_not_made_twice(world: World, hands: Hands) -> None:
    world.put("from-the-server.ics", event("new-2"))
    assert hands.look(put("new-2", event("new-2"))).state == "done"
    other = hands.look(put("new-2", event("new-2", "Quite another")))
    assert (other.state, other.key) == ("changed", "from-the-server.ics")
    assert len(world.objects()) == 1


def test_a_new_event_never_takes_the_place_of_one_made_meanwhile(world: World, hands: Hands) -> None:
    effect = put("new-3", event("new-3"))
    seen = hands.look(effect)
    world.put("new-3.ics", event("new-3", "By somebody else"))
    with pytest.raises(EffectError) as caught:
        hands.act(effect, seen)
    assert caught.value.held
    assert "By somebody else" in world.objects()["new-3.ics"]


@pytest.mark.parametrize("uid", ["../../etc/passwd", "a/b c?d#e%2f", "ü" * 300, ".hidden", "x" * 500])
def test_an_uid_of_any_kind_becomes_one_safe_name(world: World, hands: Hands, uid: str) -> None:
    effect = put(uid, event(uid))
    carry_out(hands, effect)
    (name,) = world.objects()
    assert name.isascii()
    assert hands.look(effect).state == "done"


def test_an_object_that_is_the_same_to_the_letter_may_have_another_version(world: World, hands: Hands) -> None:
    world.put("1.ics", event("one"))
    was = current(hands, "1.ics", "one")
    effect = was.model_copy(update={"etag": "an older version", "after": event("one", "Review")})
    carry_out(hands, effect)
    assert "SUMMARY:Review" in world.objects()["1.ics"]


def test_nothing_is_written_to_an_account_that_is_read_only(world: World) -> None:
    hands = TOOL.hands(replace(world.account(), read_only=True))
    effect = put("new-4", event("new-4"))
    with pytest.raises(EffectError, match="read only") as caught:
        hands.act(effect, hands.look(effect))
    hands.close()
    assert (caught.value.held, caught.value.permanent) == (True, True)
    assert world.objects() == {}


@pytest.mark.parametrize("key", ["", "..", "../other.ics", "/"])
def test_a_key_never_names_the_calendar_itself_or_anything_outside(world: World, hands: Hands, key: str) -> None:
    world.put("1.ics", event("one"))
    effect = DeleteObject(account="family", calendar="family", uid="one", key=key, etag="*", before="")
    with pytest.raises(EffectError):
        hands.act(effect, hands.look(put("x", event("x"))))
    assert list(world.objects()) == ["1.ics"]


def test_a_calendar_that_is_not_there_is_told(hands: Hands) -> None:
    effect = put("new-5", event("new-5")).model_copy(update={"calendar": "family.choir"})
    with pytest.raises(EffectError, match="no longer"):
        hands.look(effect)


def test_a_calendar_has_no_hands_for_mails(hands: Hands) -> None:
    effect = RemoveMail(account="family", folder="Drafts", message_id="a@b", sha256="0")
    with pytest.raises(EffectError, match="cannot do"):
        hands.look(effect)


def test_hands_are_made_for_calendars_only() -> None:
    with pytest.raises(SettingsError):
        TOOL.hands(MailAccount("home"))
