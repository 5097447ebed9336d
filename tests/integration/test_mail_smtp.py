"""Letters sent by SMTP: encrypted or not at all, to exactly the people named, and never in doubt without saying so."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from cutting_proxy import cutting_proxy
from dovecot_server import PASSWORD, USER
from free_ports import free_port
from lying_imap import LyingImap
from mail_boxes import letter
from smtp_sink import Sink, running_sink

from butler.core.accounts import MailAccount, SmtpServer
from butler.core.effects import AppendMail, Receipt, Seen, SendMail
from butler.core.errors import EffectError, SourceError
from butler.core.payloads import Letter, Person
from tools.mail import TOOL

Tls = Literal["implicit", "starttls", "none"]
RECIPIENTS = ["tom@nordwind.example", "ben@berger.example"]


def account(sink: Sink, tls: Tls = "none", **changes: Any) -> MailAccount:
    server = SmtpServer("localhost", sink.port, USER, lambda: PASSWORD, tls, sink.ca_file, timeout=3.0)
    return MailAccount("home", smtp=replace(server, **changes))


def send(at: MailAccount, made: Letter | None = None) -> Receipt:
    effect = SendMail(account="home", letter=made or letter())
    with closing(TOOL.hands(at)) as hands:
        seen = hands.look(effect)
        assert seen.state == "open"
        return hands.act(effect, seen)


def failure(at: MailAccount, made: Letter | None = None) -> EffectError:
    with pytest.raises(EffectError) as caught:
        send(at, made)
    return caught.value


def outcome(at: MailAccount) -> str:
    try:
        send(at)
    except EffectError as error:
        return "permanent" if error.permanent else "uncertain" if error.uncertain else "retry"
    return "sent"


@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_a_letter_reaches_exactly_its_recipients(tmp_path: Path, tls: Tls) -> None:
    with running_sink(tmp_path, tls) as sink:
        receipt = send(account(sink, tls))
    (taken,) = sink.letters
    assert (taken.sender, taken.recipients) == ("anna@berger.example", RECIPIENTS)
    assert b"Message-ID: <butler.1@berger.example>" in taken.content
    assert b"Bcc" not in taken.content
    assert b"ben@berger.example" not in taken.content
    assert receipt.answer == "250 2.0.0 Queued as 4711"
    assert receipt.sentence == "It was sent to 2 people."
    assert sink.log_ins == 1


def test_lines_that_begin_with_a_dot_arrive_as_they_were(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        send(account(sink), letter(body="a\n.\n..\n.b", quoted="", subject="."))
    assert b"\r\n\r\na\r\n.\r\n..\r\n.b\r\n" in sink.letters[0].content


def test_a_server_without_log_in_needs_none(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        send(account(sink, user=""))
    assert (len(sink.letters), sink.log_ins) == (1, 0)


def test_where_no_server_is_set_the_setting_is_named() -> None:
    error = failure(MailAccount("home"))
    assert (error.held, error.permanent) == (True, True)
    assert "smtp.host" in error.advice


def test_plain_text_goes_to_this_machine_only() -> None:
    error = failure(MailAccount("home", smtp=SmtpServer("mail.example", 25, tls="none")))
    assert "plain text" in error.sentence
    assert error.held


def test_a_server_without_starttls_is_not_spoken_to(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        error = failure(account(sink, "starttls"))
    assert "does not offer encryption" in error.sentence
    assert (error.held, sink.letters, sink.log_ins) == (True, [], 0)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, tls: Tls) -> None:
    with running_sink(tmp_path, tls) as sink:
        error = failure(account(sink, tls, ca_file=None))
    assert "is not trusted" in error.sentence
    assert (error.held, sink.letters, sink.log_ins) == (True, [], 0)


def test_tls_on_a_plain_port_is_told_with_the_ports(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        error = failure(account(sink, "implicit"))
    assert "does not speak TLS" in error.sentence
    assert "587 with starttls" in error.advice


def test_a_wrong_password_is_told_and_kept(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        error = failure(account(sink, password=lambda: "wrong"))
        nothing = failure(account(sink, password=lambda: ""))
    assert "does not accept the user name or password" in error.sentence
    assert "There is no usable password" in nothing.sentence
    assert error.held
    assert nothing.held
    assert sink.letters == []


def test_a_password_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    def locked() -> str:
        raise SourceError("The keyring is locked.")

    with running_sink(tmp_path) as sink:
        assert failure(account(sink, password=locked)).sentence == "The keyring is locked."


@pytest.mark.parametrize("permanent", [False, True])
def test_a_log_in_that_cannot_be_renewed_for_now_is_tried_again_and_one_that_is_refused_is_not(
    tmp_path: Path, permanent: bool
) -> None:
    def gone() -> str:
        raise SourceError("The log-in server cannot be found.", permanent=permanent)

    with running_sink(tmp_path) as sink:
        error = failure(account(sink, password=gone))
    assert (error.permanent, error.held, error.uncertain, sink.letters) == (permanent, permanent, False, [])


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA", RECIPIENTS[1]])
@pytest.mark.parametrize(("answer", "permanent"), [("451 try later", False), ("550 no such user", True)])
def test_a_refusal_for_now_is_told_from_one_for_good(tmp_path: Path, where: str, answer: str, permanent: bool) -> None:
    with running_sink(tmp_path, refusals={where: answer}) as sink:
        error = failure(account(sink))
    assert answer in error.sentence
    assert (error.permanent, error.uncertain, sink.letters) == (permanent, False, [])


def test_a_letter_that_is_too_large_is_not_sent(tmp_path: Path) -> None:
    with running_sink(tmp_path, size=200) as sink:
        error = failure(account(sink))
    assert "takes 200" in error.sentence
    assert (error.held, sink.letters) == (True, [])


def test_a_letter_to_nobody_or_to_what_is_no_address_is_not_sent(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink:
        assert "nobody" in failure(account(sink), letter(to=(), bcc=())).sentence
        assert failure(account(sink), letter(to=(Person(address="a@x\r\nRCPT TO:<b@evil.example>"),))).permanent
    assert sink.letters == []


def test_a_server_that_is_not_there_is_tried_again() -> None:
    error = failure(MailAccount("home", smtp=SmtpServer("127.0.0.1", free_port(), tls="none", timeout=1.0)))
    assert (error.permanent, error.uncertain, error.held) == (False, False, False)


def test_a_server_that_hangs_or_babbles_does_not_hold_us_up() -> None:
    babble = b"220-hello\r\n" * 100_000
    for greeting in (b"220-and on", babble, b"x" * 100_000):
        server = LyingImap({"greeting": greeting})
        error = failure(MailAccount("home", smtp=SmtpServer("127.0.0.1", server.port, tls="none", timeout=0.3)))
        assert not error.uncertain


def test_wherever_the_connection_is_cut_nothing_is_in_doubt_but_what_was_whole(tmp_path: Path) -> None:
    uncertain = certain = 0
    with running_sink(tmp_path) as sink, cutting_proxy(sink.port) as proxy:
        at = account(sink)
        assert at.smtp is not None
        at = replace(at, smtp=replace(at.smtp, port=proxy.port))
        proxy.plan("up", None)
        send(at)
        # Its end must not be taken for that of the first one which is cut, and so on from each to the next.
        proxy.settle()
        sizes = dict(proxy.counted)
        sink.letters.clear()
        last = sizes["up"] - len(b"QUIT\r\n")
        ups = [*range(1, last, 29), *range(last - 8, last + 1)]
        downs = [*range(1, sizes["down"], 13), sizes["down"] - 60]
        for direction, after in [*(("up", one) for one in ups), *(("down", one) for one in downs)]:
            proxy.plan(direction, after)  # type: ignore[arg-type]
            before = len(sink.letters)
            said = outcome(at)
            proxy.settle()
            # What is said to have happened has happened, and what is said not to have has not.
            assert said == "uncertain" or len(sink.letters) == before + (said == "sent"), (direction, after)
            uncertain, certain = uncertain + (said == "uncertain"), certain + (said == "retry")
    print(f"\nSMTP: cut {proxy.cuts} times; {certain} surely not sent, {uncertain} in doubt, none told wrongly")
    assert uncertain
    assert certain > 15


def test_a_look_at_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    with running_sink(tmp_path) as sink, closing(TOOL.hands(account(sink))) as hands:
        with pytest.raises(EffectError, match="is no mail address"):
            hands.look(SendMail(account="home", letter=letter(to=(Person(address="tom"),))))
        assert hands.look(SendMail(account="home", letter=letter())) == Seen(
            state="open", sentence="It is not known to be sent."
        )


def test_a_letter_is_sent_only_where_its_copy_can_be_kept_and_only_once(tmp_path: Path) -> None:
    for part in ("cur", "new", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    effect = SendMail(account="home", letter=letter())
    with running_sink(tmp_path) as sink:
        at = replace(account(sink), path=tmp_path / "mail")
        error = failure(at)
        assert "no folder that is known as the one for sent mails" in error.sentence
        assert (error.held, sink.letters) == (True, [])
        for part in ("cur", "new", "tmp"):
            (tmp_path / "mail" / ".Sent" / part).mkdir(parents=True)
        send(at)
        with closing(TOOL.hands(at)) as hands:
            copy = AppendMail(account="home", role="\\Sent", letter=letter())
            hands.act(copy, hands.look(copy))
            seen = hands.look(effect)
    assert seen.state == "done"
    assert seen.sentence == "A copy is in Sent, so it was sent before."
    assert len(sink.letters) == 1
