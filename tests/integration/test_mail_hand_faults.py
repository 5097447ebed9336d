"""What goes wrong when a mailbox is changed: each told in a sentence, as for now, for good, or for its owner to decide."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from dovecot_server import PASSWORD, Dovecot, running_dovecot
from free_ports import free_port
from imapclient import IMAPClient
from lying_imap import CUT, HANG, lying_imap
from mail_boxes import letter, small

from butler.core.accounts import CalendarAccount, MailAccount
from butler.core.effects import AppendMail, DeleteObject, FlagMail, Hands, MoveMail, RemoveMail, Seen
from butler.core.errors import EffectError
from butler.core.payloads import MailAt
from tools.mail import TOOL

USER = "anna@berger.example"
DRAFT = AppendMail(account="home", role="\\Drafts", letter=letter())
OPEN = Seen(state="open")
FOLDERS = b'* LIST (\\HasNoChildren) "/" INBOX\r\n* LIST (\\Drafts) "/" Drafts\r\n%t OK done\r\n'
SELECTED = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 3] x\r\n"
FLAGGED = b'* 1 FETCH (UID 1 FLAGS () BODY[HEADER.FIELDS (MESSAGE-ID)] "Message-ID: <1@x>")\r\n%t OK done\r\n'
ONE = (MailAt(ref="mail:home/1@x", message_id="1@x", key="1", validity="7"),)
FULL = """
mail_plugins = $mail_plugins quota
protocol imap {
  mail_plugins = $mail_plugins quota imap_quota
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=1K
  quota_grace = 0
}
"""


def account(server: Dovecot, **changes: Any) -> MailAccount:
    fields: dict[str, Any] = {"user": USER, "password": lambda: PASSWORD, "tls": "none", "timeout": 3.0}
    return MailAccount("home", "localhost", server.port, **(fields | changes))


def failure(at: MailAccount, effect: Any = DRAFT) -> EffectError:
    with closing(TOOL.hands(at)) as hands, pytest.raises(EffectError) as caught:
        hands.act(effect, hands.look(effect))
    return caught.value


def kind(error: EffectError) -> str:
    assert not error.uncertain
    return "held" if error.held and error.permanent else "permanent" if error.permanent else "later"


def test_a_full_mailbox_is_told_and_the_draft_kept_back() -> None:
    with running_dovecot(settings=FULL) as server:
        error = failure(account(server), DRAFT.model_copy(update={"letter": letter(body="x " * 4000)}))
        assert kind(error) == "held"
        assert error.sentence.startswith("The mailbox of home is full; localhost says: NO [OVERQUOTA]")
        assert "Make room" in error.advice
        with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
            client.login(USER, PASSWORD)
            assert client.select_folder("Drafts")[b"EXISTS"] == 0


def test_where_no_folder_is_known_for_drafts_it_is_asked_for_and_none_is_made() -> None:
    with running_dovecot(drafts="Kladde", special_use=False) as server:
        error = failure(account(server))
        assert kind(error) == "held"
        assert "no folder that is known as the one for drafts" in error.sentence
        assert "set mail.home.drafts to the name" in error.advice
        with closing(TOOL.hands(account(server, drafts="Kladde"))) as hands:
            assert hands.act(DRAFT, hands.look(DRAFT)).place == "Kladde"
        with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
            client.login(USER, PASSWORD)
            assert {name for _, _, name in client.list_folders()} == {"INBOX", "Kladde", "Sent", "Archive", "Junk"}


def test_a_connection_that_ended_meanwhile_is_made_anew() -> None:
    with running_dovecot() as server, closing(TOOL.hands(account(server))) as hands:
        assert hands.look(DRAFT).state == "open"
        server.stop()
        server.start()
        assert hands.look(DRAFT).state == "open"
        assert hands.act(DRAFT, OPEN).place == "Drafts"


def test_a_connection_that_ends_between_look_and_act_is_looked_at_again() -> None:
    with running_dovecot() as server, closing(TOOL.hands(account(server))) as hands:
        assert hands.look(DRAFT).state == "open"
        server.kill()
        server.start()
        with pytest.raises(EffectError) as caught:
            hands.act(DRAFT, OPEN)
        assert kind(caught.value) == "later"
        assert caught.value.wait
        assert hands.act(DRAFT, hands.look(DRAFT)).place == "Drafts"


def test_a_folder_made_anew_changes_what_its_numbers_mean() -> None:
    with running_dovecot() as server, IMAPClient("127.0.0.1", server.port, ssl=False) as client:
        client.login(USER, PASSWORD)
        client.create_folder("Bills")
        client.append("Bills", small(1))
        validity = str(client.select_folder("Bills")[b"UIDVALIDITY"])
        client.unselect_folder()
        client.delete_folder("Bills")
        client.create_folder("Bills")
        client.append("Bills", small(2))
        stale = (MailAt(ref="mail:home/1", message_id="1@nordwind.example", key="1", validity=validity),)
        with closing(TOOL.hands(account(server))) as hands:
            for effect in (
                MoveMail(account="home", messages=stale, source="Bills", target="Archive"),
                FlagMail(account="home", messages=stale, folder="Bills", add=("\\Flagged",)),
            ):
                assert hands.look(effect).state == "changed"
                with pytest.raises(EffectError, match="numbered its mails anew"):
                    hands.act(effect, OPEN)
        client.select_folder("Bills")
        assert [found[b"FLAGS"] for found in client.fetch(client.search(), ["FLAGS"]).values()] == [(b"\\Recent",)]


def test_wrong_passwords_and_servers_that_are_away_are_told_apart() -> None:
    with running_dovecot() as server:
        assert kind(failure(account(server, password=lambda: "wrong"))) == "held"
    assert kind(failure(MailAccount("home", "127.0.0.1", free_port(), USER, lambda: PASSWORD, "none", timeout=1.0))) == "later"
    assert kind(failure(MailAccount("home", "mail.example", 143, USER, lambda: PASSWORD, "none"))) == "held"


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (b"%t NO [OVERQUOTA] over\r\n", "held", "is full"),
        (b"%t NO Quota exceeded\r\n", "held", "is full"),
        (b"%t NO [NOPERM] no\r\n", "held", "does not let anna change"),
        (b"%t NO [READ-ONLY] no\r\n", "held", "does not let anna change"),
        (b"%t NO [TRYCREATE] no\r\n", "held", "is not there"),
        (b"%t NO [UNAVAILABLE] no\r\n", "later", "at the moment"),
        (b"%t NO why not\r\n", "later", "refuses it: NO why not"),
        (b"%t BAD what\r\n", "permanent", "refuses it: BAD what"),
        (b"* BYE going down\r\n" + CUT, "later", "ended the connection"),
        (b"what\r\n", "later", "sends what is no IMAP"),
        (HANG, "later", "does not answer"),
    ],
)
def test_what_a_server_says_to_append_is_told_apart(answer: bytes, expected: str, words: str) -> None:
    with lying_imap(LIST=FOLDERS, APPEND=answer) as server:
        error = failure(server.account())
    assert kind(error) == expected
    assert words in error.sentence


def test_a_server_that_claims_to_have_kept_what_it_does_not_show_is_looked_at_again() -> None:
    with lying_imap(LIST=FOLDERS, LITERAL=b"+ go on\r\n", APPEND=b"%t OK kept\r\n") as server:
        error = failure(server.account())
    assert kind(error) == "later"
    assert "does not show the mail that was put there" in error.sentence


def test_a_folder_that_may_only_be_read_is_not_changed() -> None:
    answers = {
        "EXAMINE": SELECTED + b"%t OK done\r\n",
        "SELECT": SELECTED + b"%t OK [READ-ONLY] done\r\n",
        "UID_FETCH": FLAGGED,
    }
    with lying_imap(**answers) as server:
        error = failure(server.account(), FlagMail(account="home", messages=ONE, folder="INBOX", add=("\\Flagged",)))
    assert kind(error) == "held"
    assert "lets nobody change the folder INBOX" in error.sentence
    assert not any(b"STORE" in line for line in server.heard)


@pytest.mark.parametrize(
    ("permanent", "words"), [(b"(\\Seen)", "does not keep the keyword Bills"), (b"(\\Seen \\*)", "does not keep these flags")]
)
def test_a_keyword_that_a_folder_does_not_keep_is_told(permanent: bytes, words: str) -> None:
    opened = SELECTED + b"* OK [PERMANENTFLAGS " + permanent + b"] x\r\n%t OK done\r\n"
    with lying_imap(EXAMINE=opened, SELECT=opened, UID_FETCH=FLAGGED, UID_STORE=b"%t OK\r\n") as server:
        error = failure(server.account(), FlagMail(account="home", messages=ONE, folder="INBOX", add=("Bills",)))
    assert kind(error) == "permanent"
    assert words in error.sentence


def test_other_accounts_and_other_effects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EffectError, match="is no mail account"):
        TOOL.hands(CalendarAccount("dav"))
    hands: Hands = TOOL.hands(MailAccount("home", path=tmp_path))
    other = DeleteObject(account="home", calendar="c", uid="u", key="k", etag="e", before="b")
    for attempt in (lambda: hands.look(other), lambda: hands.act(other, OPEN)):
        with pytest.raises(EffectError, match=r"A mailbox knows no calendar\.delete"):
            attempt()


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for folder in ("", ".Drafts", ".Sent"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
    return tmp_path


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """Let no file grow over some bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    quiet = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, quiet)


def test_a_maildir_without_room_keeps_no_half_mail(maildir: Path) -> None:
    with small_files(100):
        error = failure(MailAccount("home", path=maildir))
    assert kind(error) in {"later", "held"}
    assert [file for part in ("cur", "new", "tmp") for file in (maildir / ".Drafts" / part).iterdir()] == []


def test_a_maildir_that_is_none_or_lost_a_folder_is_told(maildir: Path) -> None:
    assert kind(failure(MailAccount("home", path=maildir / "nowhere"))) == "held"
    (maildir / ".Drafts" / "tmp").rmdir()
    assert kind(failure(MailAccount("home", path=maildir))) == "later"
    undo = RemoveMail(account="home", folder="Gone", message_id="a@x", sha256="0")
    with closing(TOOL.hands(MailAccount("home", path=maildir))) as hands:
        assert hands.look(undo).state == "gone"


def test_what_a_killed_delivery_left_behind_is_no_mail(maildir: Path) -> None:
    (maildir / ".Drafts" / "tmp" / "1795000000.Babc.butler").write_bytes(b"Message-ID: <butler.1@berger.example>\r\n\r\nhalf")
    with closing(TOOL.hands(MailAccount("home", path=maildir))) as hands:
        assert hands.look(DRAFT).state == "open"
        hands.act(DRAFT, OPEN)
        assert hands.look(DRAFT).state == "done"
    assert len(list((maildir / ".Drafts" / "cur").iterdir())) == 1


def test_a_link_in_a_maildir_is_not_followed(maildir: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_bytes(b"Message-ID: <butler.1@berger.example>\r\n\r\nsecret")
    (maildir / ".Drafts" / "cur" / "1795000000.M1.x:2,S").symlink_to(outside)
    with closing(TOOL.hands(MailAccount("home", path=maildir))) as hands:
        assert hands.look(DRAFT).state == "open"
