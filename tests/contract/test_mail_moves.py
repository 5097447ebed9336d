"""What the hands for mail keep, whatever holds the mailbox: mails moved and flagged, and put back as they were."""

from __future__ import annotations

from typing import Any

import pytest
from mail_boxes import Mailbox, done, mailbox, servers, small

from butler.core.effects import FlagMail, MoveMail, effects_of
from butler.core.errors import EffectError
from butler.core.payloads import MailAt, MailKeyword, MailMove
from tools.mail import TOOL

__all__ = ["mailbox", "servers"]

ONE, TWO, THREE = "1@nordwind.example", "2@nordwind.example", "3@nordwind.example"


def fill(mailbox: Mailbox) -> None:
    for number in (1, 2, 3):
        mailbox.put("INBOX", small(number), "F" if number == 2 else "")


def texts(mailbox: Mailbox, folder: str) -> list[bytes]:
    return sorted(content for content, _ in mailbox.mails(folder))


def to_archive(mailbox: Mailbox, *ids: str, **changes: Any) -> MoveMail:
    fields: dict[str, Any] = {"account": "home", "messages": mailbox.at("INBOX", *ids), "source": "INBOX", "target": "Archive"}
    return MoveMail(**(fields | changes))


def flags(mailbox: Mailbox, number: int) -> set[str]:
    return next(found for content, found in mailbox.mails("INBOX") if content == small(number))


def test_mails_are_moved_and_back(mailbox: Mailbox) -> None:
    fill(mailbox)
    effect = to_archive(mailbox, ONE, TWO)
    receipt = done(mailbox, effect)
    assert texts(mailbox, "INBOX") == [small(3)]
    assert texts(mailbox, "Archive") == [small(1), small(2)]
    assert (receipt.sentence, receipt.place) == ("2 mails are in Archive.", "Archive")
    assert receipt.answer
    again = mailbox.hands.look(effect)
    assert again.state == "done"
    assert again.receipt is not None
    assert again.receipt.undo == receipt.undo
    assert receipt.undo is not None
    done(mailbox, receipt.undo)
    assert texts(mailbox, "INBOX") == [small(1), small(2), small(3)]
    assert texts(mailbox, "Archive") == []


def test_flags_go_along(mailbox: Mailbox) -> None:
    fill(mailbox)
    done(mailbox, to_archive(mailbox, TWO))
    ((_, found),) = mailbox.mails("Archive")
    assert found == {"\\Flagged"}


def test_what_is_gone_stops_the_move_of_the_others(mailbox: Mailbox) -> None:
    fill(mailbox)
    effect = to_archive(mailbox, ONE, TWO)
    mailbox.delete("INBOX", small(2))
    seen = mailbox.hands.look(effect)
    assert seen.state == "gone"
    assert seen.sentence == "A mail is not in INBOX any more; nothing was moved."
    assert texts(mailbox, "INBOX") == [small(1), small(3)]


def test_another_mail_under_the_key_is_not_touched(mailbox: Mailbox) -> None:
    fill(mailbox)
    wrong = mailbox.at("INBOX", TWO)[0].model_copy(update={"message_id": "9@nordwind.example"})
    assert mailbox.hands.look(to_archive(mailbox, messages=(wrong,))).state == "gone"
    change = FlagMail(account="home", messages=(wrong,), folder="INBOX", add=("\\Answered",))
    assert mailbox.hands.look(change).state == "gone"


def test_a_mail_with_another_key_is_found_by_its_id(mailbox: Mailbox) -> None:
    fill(mailbox)
    moved = mailbox.at("INBOX", TWO)[0].model_copy(update={"key": "99"})
    done(mailbox, to_archive(mailbox, messages=(moved,)))
    assert texts(mailbox, "Archive") == [small(2)]


def test_a_folder_that_is_not_there_is_not_made(mailbox: Mailbox) -> None:
    fill(mailbox)
    with pytest.raises(EffectError, match="There is no folder Nowhere; there are: ") as caught:
        mailbox.hands.look(to_archive(mailbox, ONE, target="Nowhere"))
    assert caught.value.held
    assert mailbox.hands.look(to_archive(mailbox, ONE, source="Nowhere")).state == "gone"
    assert len(texts(mailbox, "INBOX")) == 3


def test_mails_under_a_new_uidvalidity_are_not_touched_but_found_again(mailbox: Mailbox) -> None:
    if mailbox.client is None:
        pytest.skip("a Maildir has no UIDVALIDITY")
    fill(mailbox)
    here = mailbox.at("INBOX", ONE, TWO)
    stale = tuple(mail.model_copy(update={"validity": "1", "key": "1"}) for mail in here)
    effect = to_archive(mailbox, messages=stale)
    seen = mailbox.hands.look(effect)
    assert seen.state == "changed"
    assert "numbered its mails anew" in seen.sentence
    with pytest.raises(EffectError, match="numbered its mails anew"):
        mailbox.hands.act(effect, seen.model_copy(update={"state": "open"}))
    payload = MailMove(account="home", messages=stale, source="INBOX", target="Archive")
    assert TOOL.renewed(payload, effect, seen) == payload.model_copy(update={"messages": here})
    assert len(texts(mailbox, "INBOX")) == 3
    mailbox.delete("INBOX", small(1))
    lost = mailbox.hands.look(effect)
    assert lost.state == "changed"
    assert TOOL.renewed(payload, effect, lost) is None


def test_a_copy_from_an_interrupted_move_is_not_made_twice(mailbox: Mailbox) -> None:
    if mailbox.kind not in {"no move", "no extensions"}:
        pytest.skip("it moves at once")
    fill(mailbox)
    effect = to_archive(mailbox, ONE, TWO)
    assert mailbox.client is not None
    mailbox.client.select_folder("INBOX")
    mailbox.client.copy([int(effect.messages[0].key)], "Archive")
    done(mailbox, effect)
    assert texts(mailbox, "Archive") == [small(1), small(2)]
    assert texts(mailbox, "INBOX") == [small(3)]


def test_another_mail_with_the_same_id_in_the_target_swallows_nothing(mailbox: Mailbox) -> None:
    fill(mailbox)
    mailbox.put("Archive", small(1, "forged"))
    done(mailbox, to_archive(mailbox, ONE))
    assert texts(mailbox, "Archive") == [small(1, "forged"), small(1)]


def test_others_that_are_marked_as_deleted_stay(mailbox: Mailbox) -> None:
    if mailbox.client is None:
        pytest.skip("a Maildir takes out by name")
    fill(mailbox)
    effect = to_archive(mailbox, ONE)
    mailbox.client.select_folder("INBOX")
    mailbox.client.delete_messages([int(mailbox.at("INBOX", THREE)[0].key)])
    done(mailbox, effect)
    mailbox.client.select_folder("INBOX")
    left = mailbox.client.fetch(mailbox.client.search(), ["BODY.PEEK[]"])
    assert small(3) in [found[b"BODY[]"] for found in left.values()]


@pytest.mark.parametrize(("name", "had"), [("\\Flagged", {"\\Flagged"}), ("\\Answered", set())])
def test_flags_are_set_and_taken_back_only_where_they_were_not(mailbox: Mailbox, name: str, had: set[str]) -> None:
    fill(mailbox)
    change = FlagMail(account="home", messages=mailbox.at("INBOX", ONE, TWO), folder="INBOX", add=(name,))
    receipt = done(mailbox, change)
    assert name in flags(mailbox, 1) & flags(mailbox, 2)
    assert flags(mailbox, 3) == set()
    assert mailbox.hands.look(change).state == "done"
    assert receipt.undo is not None
    done(mailbox, receipt.undo)
    assert (flags(mailbox, 1), flags(mailbox, 2)) == (set(), {"\\Flagged"})


def test_flags_are_taken_and_keywords_set(mailbox: Mailbox) -> None:
    fill(mailbox)
    here = mailbox.at("INBOX", TWO)
    done(mailbox, FlagMail(account="home", messages=here, folder="INBOX", remove=("\\Flagged",)))
    assert flags(mailbox, 2) == set()
    keyword = FlagMail(account="home", messages=here, folder="INBOX", add=("Bills",))
    if mailbox.client:
        done(mailbox, keyword)
        assert flags(mailbox, 2) == {"Bills"}
        return
    with pytest.raises(EffectError, match="A Maildir keeps no keyword Bills"):
        mailbox.hands.act(keyword, mailbox.hands.look(keyword))


@pytest.mark.parametrize("name", ["\\Deleted", "\\Recent", "a b", "a)\r\nA1 LOGOUT", "ä", ""])
def test_what_is_no_flag_or_would_delete_is_refused(mailbox: Mailbox, name: str) -> None:
    fill(mailbox)
    change = FlagMail(account="home", messages=mailbox.at("INBOX", ONE), folder="INBOX", add=(name,))
    with pytest.raises(EffectError, match="is no flag that may be set or taken"):
        mailbox.hands.look(change)


def test_numbers_that_are_none_never_reach_the_server(mailbox: Mailbox) -> None:
    fill(mailbox)
    wild = MailAt(ref="mail:home/x", message_id="", key="1:*", validity="")
    if mailbox.client:
        validity = mailbox.at("INBOX", ONE)[0].validity
        with pytest.raises(EffectError, match="not named by its number"):
            mailbox.hands.look(to_archive(mailbox, messages=(wild.model_copy(update={"validity": validity}),)))
    else:
        assert mailbox.hands.look(to_archive(mailbox, messages=(wild,))).state == "gone"
    assert len(texts(mailbox, "INBOX")) == 3


def test_several_flags_are_taken_back_from_exactly_the_mails_that_got_them(mailbox: Mailbox) -> None:
    fill(mailbox)
    wish = MailKeyword(
        account="home",
        messages=mailbox.at("INBOX", ONE, TWO),
        folder="INBOX",
        add=("\\Flagged", "\\Answered"),
        remove=("\\Draft",),
    )
    receipts = [done(mailbox, effect) for effect in effects_of(wish) if mailbox.hands.look(effect).state == "open"]
    assert flags(mailbox, 1) == flags(mailbox, 2) == {"\\Flagged", "\\Answered"}
    for receipt in reversed(receipts):
        assert receipt.undo is not None
        done(mailbox, receipt.undo)
    assert (flags(mailbox, 1), flags(mailbox, 2)) == (set(), {"\\Flagged"})
