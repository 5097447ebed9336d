"""A mail server that hangs, lies or breaks off: always one sentence, never a hang, never memory without bounds."""

from __future__ import annotations

import contextlib
import socket
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest
from lying_imap import CUT, HANG, HEADER, HONEST, LyingImap, fetch_answer, lying_imap

from butler.core.accounts import MailAccount
from butler.core.errors import SettingsError, SourceError
from butler.core.mail import RawMail
from butler.core.sources import Frame, Source
from butler.sandbox.values import pack, unpack
from tools.mail import TOOL


def read_all(source: Source[RawMail]) -> list[RawMail]:
    (inbox,) = source.collections()
    return [raw for batch in source.changes(inbox, None, dict) for raw in batch.added]


def read(server: LyingImap, **options: object) -> list[RawMail]:
    source = TOOL.open(server.account(**options))
    try:
        return read_all(source)
    finally:
        source.close()


def sentence(server: LyingImap, **options: object) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(server, **options)
    assert "\n" not in str(caught.value)
    return caught.value


def test_an_honest_server_is_read() -> None:
    with lying_imap() as server:
        mails = read(server)
    assert [raw.key for raw in mails] == ["1", "2"]
    assert mails[0].header == HEADER
    assert mails[0].parts[0].content == b"Hi\r\n"
    assert mails[0].flags == {"\\seen"}
    assert mails[0].received == 1795485600


@pytest.mark.parametrize("command", ["greeting", "CAPABILITY", "LOGIN", "LIST", "STATUS", "EXAMINE", "UID_FETCH"])
def test_a_server_that_hangs_is_given_up_after_the_timeout(command: str) -> None:
    with lying_imap(**{command: HANG}) as server:
        assert "does not answer within 0.3 seconds" in sentence(server).sentence


@pytest.mark.parametrize("command", ["greeting", "CAPABILITY", "LOGIN", "LIST", "EXAMINE", "UID_FETCH"])
def test_a_server_that_says_bye_is_quoted_harmlessly(command: str) -> None:
    with lying_imap(**{command: b"* BYE \x1b[31mgone\x07 fishing\r\n" + CUT}) as server:
        error = sentence(server)
    assert not error.permanent
    assert "\x1b" not in str(error)


@pytest.mark.parametrize("command", ["greeting", "LOGIN", "LIST", "STATUS", "EXAMINE", "UID_FETCH"])
def test_a_connection_cut_in_the_middle_is_an_error_that_may_pass(command: str) -> None:
    with lying_imap(**{command: b"* OK hal" + CUT}) as server:
        assert not sentence(server).permanent


@pytest.mark.parametrize("command", ["greeting", "LOGIN", "LIST", "EXAMINE", "UID_FETCH"])
def test_garbage_is_an_error(command: str) -> None:
    with lying_imap(**{command: b"HTTP/1.1 200 OK <html>\r\n"}) as server:
        sentence(server)


@pytest.mark.parametrize("command", ["greeting", "LOGIN", "LIST", "STATUS", "UID_FETCH"])
def test_a_huge_literal_is_refused_before_it_is_read(command: str) -> None:
    with lying_imap(**{command: b"* OK {4000000000}\r\n"}) as server:
        tracemalloc.start()
        sentence(server)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()


def test_a_line_without_end_is_refused() -> None:
    with lying_imap(LOGIN=b"* OK " + b"x" * 200_000) as server:
        assert "too long" in str(sentence(server))


def test_a_header_far_longer_than_asked_for_is_refused() -> None:
    with lying_imap(UID_FETCH=fetch_answer(1, header=b"X: " + b"y" * 3_000_000) + b"%t OK\r\n") as server:
        assert "more than it was asked for" in str(sentence(server))


def test_a_literal_shorter_than_announced_is_an_error_and_no_hang() -> None:
    with lying_imap(UID_FETCH=b"* 1 FETCH (UID 1 BODYSTRUCTURE NIL BODY[1] {100}\r\nshort)\r\n%t OK\r\n") as server:
        sentence(server, timeout=0.3)


@pytest.mark.parametrize(
    "answer", [b"* 1 FETCH (UID 1 FLAGS (\\Seen)\r\n", b"* 1 FETCH (UID 1))\r\n", b"* 1 FETCH (UID 1) (x\r\n"]
)
def test_unbalanced_brackets_are_an_error(answer: bytes) -> None:
    with lying_imap(UID_FETCH=answer + b"%t OK\r\n") as server:
        sentence(server)


def test_an_answer_without_uid_or_about_mails_never_asked_for_is_left_out() -> None:
    strangers = fetch_answer(1).replace(b"UID 1 ", b"") + fetch_answer(77) + fetch_answer(2)
    with lying_imap(UID_FETCH=strangers + b"%t OK\r\n") as server:
        assert [raw.key for raw in read(server)] == ["2"]


def test_a_folder_that_shrinks_while_it_is_read_yields_what_is_left() -> None:
    with lying_imap(UID_FETCH=b"* 1 EXPUNGE\r\n* 1 EXISTS\r\n" + fetch_answer(2) + b"%t OK\r\n") as server:
        assert [raw.key for raw in read(server)] == ["2"]


def test_a_claim_of_more_mails_than_can_be_is_refused() -> None:
    with lying_imap(EXAMINE=HONEST["EXAMINE"].replace(b"2 EXISTS", b"4294967295 EXISTS")) as server:
        sentence(server)


def test_a_search_that_names_four_billion_mails_is_refused() -> None:
    examine = HONEST["EXAMINE"].replace(b"UIDNEXT 3", b"UIDNEXT 4294967295")
    with lying_imap(EXAMINE=examine, UID_SEARCH=b'* ESEARCH (TAG "x") UID ALL 1:4294967294\r\n%t OK\r\n') as server:
        assert "more mails than it has" in str(sentence(server))


def test_nonsense_in_a_search_is_an_error_or_nothing() -> None:
    examine = HONEST["EXAMINE"].replace(b"UIDNEXT 3", b"UIDNEXT 4000000")
    capability = b"* CAPABILITY IMAP4rev1\r\n%t OK done\r\n"
    for found in (b"one two", b"", b"1 99999999999999 2"):
        with lying_imap(EXAMINE=examine, UID_SEARCH=b"* SEARCH %s\r\n%%t OK\r\n" % found, CAPABILITY=capability) as server:
            if b"9" in found:
                assert "cannot be read" in str(sentence(server))
            else:
                assert read(server) == []


STRUCTURES = {
    "empty": b"()",
    "NIL": b"NIL",
    "number": b"7",
    "short": b'("text" "plain")',
    "odd": b'("text" "plain" ("charset") NIL NIL "7bit" many 1)',
    "deep": b"(" * 5_000 + b'"text" "plain" NIL NIL NIL "7bit" 3 1' + b' "mixed")' * 5_000,
    "wide": b"(" + b'("text" "plain" NIL NIL NIL "7bit" 3 1)' * 10_000 + b' "mixed")',
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_a_structure_that_makes_no_sense_spoils_its_own_mail_only(name: str) -> None:
    answer = fetch_answer(1, structure=STRUCTURES[name]) + fetch_answer(2)
    with lying_imap(UID_FETCH=answer + b"%t OK\r\n") as server:
        first, second = read(server, timeout=10.0)
    assert first.header == HEADER
    assert len(first.parts) <= 10
    assert second.parts[0].content == b"Hi\r\n"
    assert second.problems == ()
    assert TOOL.parse([first], Frame())[0].subject == "hello"


def test_a_mail_that_the_server_stumbles_over_does_not_hide_the_others() -> None:
    class Stumbling(LyingImap):
        def _answer(self, command: str) -> bytes:
            if command.startswith("UID FETCH 1:2 "):
                return b"%t NO [SERVERBUG] Internal error\r\n"
            if command.startswith("UID FETCH 2 "):
                return fetch_answer(2) + b"%t OK\r\n"
            return b"%t NO again\r\n" if command.startswith("UID FETCH 1 ") else super()._answer(command)

    server = Stumbling(dict(HONEST))
    first, second = read(server)
    server.close()
    assert (first.key, first.problems) == ("1", ("The server cannot hand it over.",))
    assert (second.key, second.problems) == ("2", ())


def test_a_wrong_password_is_permanent_and_asked_once() -> None:
    with lying_imap(LOGIN=b"%t NO [AUTHENTICATIONFAILED] no\r\n") as server:
        error = sentence(server)
        assert sum(b"LOGIN" in line for line in server.heard) == 1
    assert error.permanent
    assert "does not accept the user name or password" in error.sentence
    assert "secret" not in str(error)


def test_a_server_that_is_busy_at_log_in_is_tried_again_later() -> None:
    with lying_imap(LOGIN=b"%t NO [UNAVAILABLE] come back\r\n") as server:
        assert not sentence(server).permanent


def test_plain_text_to_another_machine_is_refused_before_it_is_dialled() -> None:
    with pytest.raises(SourceError, match="plain text") as caught:
        TOOL.open(MailAccount("home", "imap.nordwind.example", 143, "anna", lambda: "secret", "none")).collections()
    assert caught.value.permanent


def test_without_starttls_nothing_is_sent_in_plain_text() -> None:
    with lying_imap() as server:
        error = sentence(server, tls="starttls")
        assert error.permanent
        assert "does not offer encryption" in error.sentence
        assert not any(b"LOGIN" in line or b"secret" in line for line in server.heard)


def test_a_greeting_that_claims_to_be_logged_in_does_not_avoid_encryption() -> None:
    with lying_imap(
        greeting=b"* PREAUTH welcome\r\n", CAPABILITY=b"* CAPABILITY IMAP4rev1 STARTTLS\r\n%t OK done\r\n"
    ) as server:
        assert sentence(server, tls="starttls").permanent


def test_text_sent_ahead_of_the_encryption_ends_the_session() -> None:
    capability = b"* CAPABILITY IMAP4rev1 STARTTLS\r\n%t OK done\r\n"
    with lying_imap(CAPABILITY=capability, STARTTLS=b"%t OK go\r\n* LIST () NIL evil\r\n") as server:
        sentence(server, tls="starttls", timeout=0.3)
        assert not any(b"LOGIN" in line for line in server.heard)


def test_plain_text_where_tls_is_expected_is_told() -> None:
    with lying_imap() as server:
        error = sentence(server, tls="implicit")
    assert error.permanent
    assert "does not speak TLS" in error.sentence


def test_a_refused_connection_is_told() -> None:
    # Bound but not listening: nobody else can be given the port meanwhile.
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(SourceError, match="refuses connections on port"):
            TOOL.open(MailAccount("home", "127.0.0.1", port, "anna", lambda: "secret", "none")).collections()


def test_an_unknown_host_is_told() -> None:
    with pytest.raises(SourceError, match="cannot be found"):
        TOOL.open(MailAccount("home", "no-such-host.invalid", 993, "anna", lambda: "secret")).collections()


def test_a_missing_password_or_one_with_line_breaks_is_told() -> None:
    def locked() -> str:
        raise SettingsError(["mail.home.password: the command failed"])

    with lying_imap() as server:
        for secret in (lambda: "", lambda: "a\r\nB1 LOGOUT", locked):
            with pytest.raises(SourceError, match=r"password") as caught:
                TOOL.open(replace(server.account(), password=secret)).collections()
            assert caught.value.permanent
        assert not any(b"LOGIN" in line for line in server.heard)


def test_a_certificate_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with lying_imap() as server:
        assert "cannot be read" in str(sentence(server, tls="implicit", ca_file=tmp_path / "none.pem"))


def test_a_connection_that_died_between_two_looks_is_dialled_again_once() -> None:
    with lying_imap() as server:
        source = TOOL.open(server.account())
        source.collections()
        for connection in server._open:
            connection.shutdown(socket.SHUT_RDWR)
        assert len(read_all(source)) == 2
        assert server.connections == 2
        source.close()


def test_a_reader_that_stops_half_way_leaves_no_connection_out_of_step() -> None:
    with lying_imap() as server:
        source = TOOL.open(server.account())
        (inbox,) = source.collections()
        changes = iter(source.changes(inbox, None, dict))
        next(changes)
        del changes
        assert len(read_all(source)) == 2
        source.close()


QRESYNC = b"* CAPABILITY IMAP4rev1 CONDSTORE ENABLE QRESYNC ESEARCH\r\n%t OK done\r\n"


def second_look(vanished: bytes, known: dict[str, str], **answers: bytes) -> list[str]:
    """What is gone after a server that remembers says `vanished`."""
    changed = b"* VANISHED (EARLIER) " + vanished + b"\r\n%t OK done\r\n"
    enabled = b"* ENABLED QRESYNC\r\n%t OK done\r\n"
    with lying_imap(CAPABILITY=QRESYNC, ENABLE=enabled, UID_FETCH=changed, **answers) as server:
        source = TOOL.open(server.account())
        (inbox,) = source.collections()
        batches = list(source.changes(inbox, "imap:7:2:1:2", lambda: known))
        source.close()
    return [key for batch in batches for key in batch.removed]


def test_mails_that_a_server_remembers_as_gone_are_told() -> None:
    assert second_look(b"2,1", {"1": "", "2": ""}) == ["2", "1"]


def test_a_server_that_remembers_four_billion_mails_as_gone_costs_only_what_the_mirror_has() -> None:
    assert second_look(b"1:4294967295", {"2": "", "1": "", "x": ""}) == ["1", "2"]
    assert second_look(b"3:4294967295", {"1": "", "2": ""}) == []


def test_thousands_of_changed_flags_come_in_several_batches() -> None:
    lines = b"".join(b"* %d FETCH (UID %d FLAGS (\\Seen))\r\n" % (n, n) for n in range(1, 12_001)) + b"%t OK done\r\n"
    examine = HONEST["EXAMINE"].replace(b"UIDNEXT 3", b"UIDNEXT 12001").replace(b"2 EXISTS", b"12000 EXISTS")
    known = {str(n): "" for n in range(1, 12_001)}
    for capability in (HONEST["CAPABILITY"], b"* CAPABILITY IMAP4rev1\r\n%t OK done\r\n"):
        with lying_imap(CAPABILITY=capability, EXAMINE=examine, UID_FETCH=lines) as server:
            source = TOOL.open(server.account(timeout=10.0))
            (inbox,) = source.collections()
            sizes = [len(batch.flags or ()) for batch in source.changes(inbox, "imap:7:12000:1:12000", lambda: known)]
            source.close()
        assert sizes == [5_000, 5_000, 2_000, 0]


def test_new_mails_far_apart_are_found_by_asking_for_them() -> None:
    examine = HONEST["EXAMINE"].replace(b"UIDNEXT 3", b"UIDNEXT 4000000001")
    found = b'* ESEARCH (TAG "x") UID ALL 5,4000000000\r\n%t OK done\r\n'
    fetched = fetch_answer(5) + fetch_answer(4_000_000_000) + b"%t OK done\r\n"
    with lying_imap(EXAMINE=examine, UID_SEARCH=found, UID_FETCH=fetched) as server:
        assert [raw.key for raw in read(server)] == ["5", "4000000000"]


def test_a_server_that_does_not_say_the_next_uid_is_read_all_the_same() -> None:
    examine = HONEST["EXAMINE"].replace(b"* OK [UIDNEXT 3] x\r\n", b"")
    with lying_imap(EXAMINE=examine) as server:
        assert [raw.key for raw in read(server)] == ["1", "2"]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("LIST", b"* LIST NIL NIL NIL\r\n* LIST () (a) INBOX\r\n* LIST\r\n"),
        ("STATUS", b"* STATUS (a) (b)\r\n* STATUS INBOX ((a) b NIL 4)\r\n* STATUS\r\n"),
        ("UID_SEARCH", b"* NIL x y\r\n* (SEARCH) x y\r\n"),
        ("UID_SEARCH", b"* ESEARCH UID ALL (1 2)\r\n"),
        ("UID_SEARCH", b"* ESEARCH UID ALL 1:4000000000,4000000000:1\r\n"),
        ("UID_SEARCH", b"* SEARCH " + b"1 " * 20_000 + b"\r\n"),
        ("UID_FETCH", fetch_answer(1).replace(b'"24-Nov-2026 03:00:00 +0100"', b"(a)")),
        ("EXAMINE", HONEST["EXAMINE"].replace(b"UIDNEXT 3", b"UIDNEXT 5000000010")),
    ],
)
def test_values_of_other_types_and_beyond_all_bounds_are_an_error_or_nothing(command: str, answer: bytes) -> None:
    examine = {"EXAMINE": HONEST["EXAMINE"].replace(b"UIDNEXT 3", b"UIDNEXT 900000")}
    with lying_imap(**{**examine, command: answer + b"%t OK done\r\n"}) as server:
        source = TOOL.open(server.account())
        with contextlib.suppress(SourceError):
            for collection in source.collections():
                list(source.changes(collection, "imap:7:4294967290:1:1", dict))
                list(source.changes(collection, None, dict))
        source.close()


def test_sizes_that_no_attachment_has_can_still_be_stored() -> None:
    parts = b'(("text" "plain" NIL NIL NIL "7bit" 4 1)("application" "pdf" NIL NIL NIL "base64" %s) "mixed")'
    for size in (b"9" * 30, b"-9"):
        with lying_imap(UID_FETCH=fetch_answer(1, structure=parts % size) + b"%t OK done\r\n") as server:
            (raw,) = read(server)
        assert 0 <= raw.attachments[0].size < 1 << 63
        parcel, _ = pack([raw])
        assert unpack(parcel) == [raw]


@pytest.mark.parametrize("command", ["greeting", "CAPABILITY", "LOGIN", "LIST", "EXAMINE"])
def test_a_server_that_talks_without_end_is_left(command: str) -> None:
    line = b"* OK " + b"x" * 60_000 + b"\r\n"
    with lying_imap(**{command: line * (20 if command in {"greeting", "CAPABILITY", "LOGIN"} else 800)}) as server:
        assert "without end" in sentence(server, timeout=5.0).sentence


def test_more_than_was_asked_for_of_headers_and_first_parts_is_not_kept() -> None:
    long = b"a" * 200_000
    structure = b'("text" "plain" NIL NIL NIL "7bit" 100 1)'
    with lying_imap(UID_FETCH=fetch_answer(1, structure=structure, header=long, text=long) + b"%t OK done\r\n") as server:
        (raw,) = read(server)
    assert (len(raw.header), len(raw.parts[0].content)) == (65_536, 16_384)


def test_a_part_handed_over_whole_by_a_server_that_knows_no_pieces_is_read_right() -> None:
    text = bytes(range(65, 91)) * 2_000
    answer = fetch_answer(1, text=text).replace(b"BODY[1]<0>", b"BODY[1]")
    with lying_imap(
        UID_FETCH=answer + b"* 1 FETCH (UID 1 BODY[1] {%d}\r\n%s)\r\n%%t OK done\r\n" % (len(text), text)
    ) as server:
        (raw,) = read(server)
    assert raw.parts[0].content == text


def test_mails_gone_that_are_named_again_and_again_are_gone_once() -> None:
    again = b"1:4999\r\n" + b"* VANISHED (EARLIER) 4999:1\r\n" * 3_000 + b"* VANISHED (EARLIER) 1:4000000000,4000000000:1"
    assert second_look(again, {"1": "", "2": ""}) == ["1", "2"]
