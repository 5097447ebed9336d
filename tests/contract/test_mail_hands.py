"""What the hands for mail keep, whatever holds the mailbox: letters put into it and taken out again."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from mail_boxes import Mailbox, done, letter, mailbox, servers

from butler.core.effects import AppendMail, RemoveMail, Seen
from butler.core.errors import EffectError
from tools.mail import TOOL

__all__ = ["mailbox", "servers"]


def test_a_draft_lies_in_the_folder_for_drafts_as_a_draft(mailbox: Mailbox) -> None:
    receipt = done(mailbox, mailbox.draft())
    ((content, flags),) = mailbox.mails(mailbox.drafts)
    assert flags == {"\\Draft", "\\Seen"}
    assert b"Message-ID: <butler.1@berger.example>\r\n" in content
    assert b"Bcc: ben@berger.example\r\n" in content
    assert receipt.place == mailbox.drafts
    assert receipt.sentence == f"It is in {mailbox.drafts}."
    assert receipt.answer


def test_what_lies_there_is_not_put_there_again(mailbox: Mailbox) -> None:
    receipt = done(mailbox, mailbox.draft())
    seen = mailbox.hands.look(mailbox.draft())
    assert seen.state == "done"
    assert seen.receipt == receipt.model_copy(update={"answer": ""})
    assert len(mailbox.mails(mailbox.drafts)) == 1
    done(mailbox, mailbox.draft(2))
    assert len(mailbox.mails(mailbox.drafts)) == 2


def test_a_draft_that_another_program_put_there_counts(mailbox: Mailbox) -> None:
    mailbox.put(mailbox.drafts, b"Subject: x\r\nMessage-ID: <butler.1@berger.example>\r\n\r\nhi\r\n")
    assert mailbox.hands.look(mailbox.draft()).state == "done"
    assert mailbox.hands.look(mailbox.draft(11)).state == "open"


def test_an_id_that_only_contains_the_other_is_another(mailbox: Mailbox) -> None:
    mailbox.put(mailbox.drafts, b"Subject: x\r\nMessage-ID: <butler.1@berger.example.org>\r\n\r\nhi\r\n")
    assert mailbox.hands.look(mailbox.draft()).state == "open"


def test_an_unchanged_draft_is_taken_back(mailbox: Mailbox) -> None:
    mailbox.put(mailbox.drafts, b"Subject: mine\r\n\r\nhi\r\n")
    undo = done(mailbox, mailbox.draft()).undo
    assert isinstance(undo, RemoveMail)
    done(mailbox, undo)
    assert [content for content, _ in mailbox.mails(mailbox.drafts)] == [b"Subject: mine\r\n\r\nhi\r\n"]
    again = mailbox.hands.look(undo)
    assert again.state == "done"


def test_a_changed_draft_is_left_alone(mailbox: Mailbox) -> None:
    undo = done(mailbox, mailbox.draft()).undo
    assert undo is not None
    mailbox.rewrite(mailbox.drafts, b"ja.", b"nein.")
    seen = mailbox.hands.look(undo)
    assert seen.state == "changed"
    assert "left as it is" in seen.sentence
    assert len(mailbox.mails(mailbox.drafts)) == 1


def test_a_draft_that_changes_between_look_and_act_is_left_alone(mailbox: Mailbox) -> None:
    undo = done(mailbox, mailbox.draft()).undo
    assert undo is not None
    seen = mailbox.hands.look(undo)
    mailbox.rewrite(mailbox.drafts, b"ja.", b"nein.")
    with pytest.raises(EffectError):
        mailbox.hands.act(undo, seen)
    assert len(mailbox.mails(mailbox.drafts)) == 1


def test_a_read_only_account_is_not_even_dialled(mailbox: Mailbox) -> None:
    account = replace(mailbox.account, read_only=True, host="203.0.113.1")
    with closing(TOOL.hands(account)) as hands:
        for attempt in (lambda: hands.look(mailbox.draft()), lambda: hands.act(mailbox.draft(), Seen(state="open"))):
            with pytest.raises(EffectError, match="read only") as caught:
                attempt()
            assert caught.value.held
            assert caught.value.permanent
    assert mailbox.mails(mailbox.drafts) == []


def test_a_folder_that_is_not_there_is_asked_for_and_never_made(mailbox: Mailbox) -> None:
    absent = replace(mailbox.account, drafts="Later")
    with closing(TOOL.hands(absent)) as hands, pytest.raises(EffectError, match="no folder Later; there are: ") as caught:
        hands.look(mailbox.draft())
    assert caught.value.held
    assert "set mail.home.drafts to the name of the one there is" in caught.value.advice


def test_the_settings_may_name_the_folder(mailbox: Mailbox) -> None:
    with closing(TOOL.hands(replace(mailbox.account, drafts="Archive"))) as hands:
        hands.act(mailbox.draft(), hands.look(mailbox.draft()))
    assert len(mailbox.mails("Archive")) == 1


def test_a_copy_of_what_was_sent_goes_to_sent(mailbox: Mailbox) -> None:
    receipt = done(mailbox, AppendMail(account="home", role="\\Sent", letter=letter()))
    assert receipt.undo is None
    ((_, flags),) = mailbox.mails("Sent")
    assert flags == {"\\Seen"}
