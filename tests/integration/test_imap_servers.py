"""IMAP servers of every ability, certificates of every kind, and what only a real server does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from dovecot_server import PASSWORD, USER, Dovecot, running_dovecot
from imapclient import IMAPClient

from butler.core.accounts import MailAccount
from butler.core.errors import SourceError
from butler.core.mail import RawMail
from butler.core.sources import Batch, Collection, Frame, Source
from tools.mail import TOOL

REV1 = "IMAP4rev1 SASL-IR LITERAL+ AUTH=PLAIN"


def account(server: Dovecot, **options: Any) -> MailAccount:
    return replace(MailAccount("home", "127.0.0.1", server.port, USER, lambda: PASSWORD, "none", timeout=10.0), **options)


def mails(first: int, last: int) -> list[bytes]:
    return [
        b"From: tom@nordwind.example\r\nSubject: number %03d\r\nMessage-ID: <%d@nordwind.example>\r\n\r\nText %d\r\n"
        % (n, n, n)
        for n in range(first, last + 1)
    ]


def client_of(server: Dovecot) -> IMAPClient:
    client = IMAPClient("127.0.0.1", server.port, ssl=False)
    client.login(USER, PASSWORD)
    return client


def inbox(source: Source[RawMail]) -> Collection:
    return next(found for found in source.collections() if found.name == "INBOX")


def changes(source: Source[RawMail], cursor: str | None, known: dict[str, str]) -> list[Batch[RawMail]]:
    return list(source.changes(inbox(source), cursor, lambda: known))


def mirrored(batches: list[Batch[RawMail]]) -> dict[str, str]:
    return {raw.key: " ".join(sorted(raw.flags)) for batch in batches for raw in batch.added}


@pytest.mark.parametrize("capability", [REV1, f"{REV1} CONDSTORE", f"{REV1} CONDSTORE ESEARCH ENABLE", ""])
def test_flags_new_and_gone_mails_are_told_whatever_the_server_can(capability: str) -> None:
    with running_dovecot(tls=False, capability=capability) as server:
        server.deliver(USER, *mails(1, 450))
        source = TOOL.open(account(server))
        first = changes(source, None, {})
        known = mirrored(first)
        assert len(known) == 450
        with client_of(server) as client:
            client.select_folder("INBOX")
            client.add_flags([7, 9], [b"\\Flagged"])
            client.delete_messages([8, 200, 201, 202])
            client.expunge()
        server.deliver(USER, *mails(451, 900))
        second = changes(source, first[-1].cursor, known)
        source.close()
    assert sorted(key for batch in second for key in batch.removed) == ["200", "201", "202", "8"]
    assert {key: flags for batch in second for key, flags in (batch.flags or {}).items()} == {
        "7": frozenset({"\\flagged"}),
        "9": frozenset({"\\flagged"}),
    }
    assert len(mirrored(second)) == 450


def test_a_server_without_modification_sequences_gives_no_token() -> None:
    with running_dovecot(tls=False, capability=REV1) as server:
        source = TOOL.open(account(server))
        assert [found.token for found in source.collections()] == ["", "", ""]
        source.close()


def test_a_first_sync_interrupted_on_a_plain_server_finds_what_went_meanwhile() -> None:
    with running_dovecot(tls=False, capability=f"{REV1} CONDSTORE") as server:
        server.deliver(USER, *mails(1, 450))
        source = TOOL.open(account(server))
        first = next(iter(source.changes(inbox(source), None, dict)))
        with client_of(server) as client:
            client.select_folder("INBOX")
            client.delete_messages([3])
            client.expunge()
        rest = changes(source, first.cursor, mirrored([first]))
        source.close()
    assert [key for batch in rest for key in batch.removed] == ["3"]
    assert len(mirrored([first, *rest])) == 450


def test_a_folder_made_anew_resets_the_mirror() -> None:
    with running_dovecot(tls=False) as server:
        server.deliver(USER, *mails(1, 3))
        source = TOOL.open(account(server))
        first = changes(source, None, {})
        validity = int(first[-1].cursor.split(":")[1])
        stale = first[-1].cursor.replace(f":{validity}:", f":{validity - 1}:")
        again = changes(source, stale, mirrored(first))
        unknown = changes(source, "some other cursor", mirrored(first))
        source.close()
    for batches in (again, unknown):
        assert batches[0].reset
        assert not any(batch.reset for batch in batches[1:])
        assert len(mirrored(batches)) == 3


def test_a_folder_that_vanished_between_listing_and_looking_is_told() -> None:
    with running_dovecot(tls=False) as server:
        with client_of(server) as client:
            client.create_folder("Trips")
            source = TOOL.open(account(server, folders=("Trips",)))
            (trips,) = source.collections()
            client.delete_folder("Trips")
        with pytest.raises(SourceError, match="Trips cannot be opened"):
            list(source.changes(trips, None, dict))
        (gone,) = source.collections()
        with pytest.raises(SourceError, match="no folder Trips"):
            list(source.changes(gone, None, dict))
        source.close()


def test_a_server_that_was_restarted_is_dialled_again_without_a_word() -> None:
    with running_dovecot(tls=False) as server:
        server.deliver(USER, *mails(1, 3))
        source = TOOL.open(account(server))
        first = changes(source, None, {})
        folder = inbox(source)
        server.kill()
        with pytest.raises(SourceError, match="refuses connections"):
            source.collections()
        server.start()
        assert [batch.added for batch in source.changes(folder, first[-1].cursor, dict)] == [()]
        server.kill()
        server.start()
        assert inbox(source).token == folder.token
        source.close()


def test_the_state_of_the_open_folder_is_always_the_latest() -> None:
    with running_dovecot(tls=False) as server:
        source = TOOL.open(account(server))
        tokens = [inbox(source).token]
        list(source.changes(inbox(source), None, dict))
        for n in range(1, 6):
            server.deliver(USER, *mails(n, n))
            tokens.append(inbox(source).token)
        source.close()
    assert len(set(tokens)) == 6


def test_folders_without_marks_get_their_role_from_their_name() -> None:
    with running_dovecot(tls=False, special_use=False, separator=".") as server:
        source = TOOL.open(account(server))
        assert {found.name: found.role for found in source.collections()}["Sent"] == "\\Sent"
        source.close()


def test_names_that_need_quoting_are_opened() -> None:
    with running_dovecot(tls=False) as server:
        with client_of(server) as client:
            for name in ('say "hi" \\o', "Größe & Maß"):
                client.create_folder(name)
                client.append(name, mails(1, 1)[0])
        source = TOOL.open(account(server, folders=('say "hi"*', "Größe*")))
        found = source.collections()
        assert sorted(folder.name for folder in found) == ["Größe & Maß", 'say "hi" \\o']
        assert [len(mirrored(list(source.changes(folder, None, dict)))) for folder in found] == [1, 1]
        source.close()


def test_a_message_of_five_megabytes_of_text_and_many_long_ones_stay_in_bounds() -> None:
    long = [mail + b"All work and no play.\r\n" * 60_000 for mail in mails(1, 12)]
    with running_dovecot(tls=False) as server:
        server.deliver(USER, *long)
        source = TOOL.open(account(server))
        batches = changes(source, None, {})
        source.close()
    added = [raw for batch in batches for raw in batch.added]
    assert len(added) == 12
    assert all(len(raw.parts[0].content) == 1_000_000 and raw.parts[0].truncated for raw in added)
    assert all(sum(len(part.content) for raw in batch.added for part in raw.parts) <= 4_000_000 for batch in batches)


@pytest.fixture
def secure(request: pytest.FixtureRequest) -> Iterator[Dovecot]:
    with running_dovecot(**getattr(request, "param", {})) as server:
        yield server


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_of_nobody_known_is_refused(secure: Dovecot, tls: str) -> None:
    port = secure.tls_port if tls == "implicit" else secure.port
    with pytest.raises(SourceError, match="is not trusted") as caught:
        TOOL.open(account(secure, port=port, tls=tls)).collections()
    assert caught.value.permanent


@pytest.mark.parametrize("secure", [{"hosts": "DNS:other.example"}], indirect=True)
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_a_certificate_for_another_host_is_refused(secure: Dovecot, tls: str) -> None:
    port = secure.tls_port if tls == "implicit" else secure.port
    with pytest.raises(SourceError, match="made for another name"):
        TOOL.open(account(secure, port=port, tls=tls, ca_file=secure.ca_file)).collections()


@pytest.mark.parametrize("secure", [{"days": -1}], indirect=True)
def test_an_expired_certificate_is_refused(secure: Dovecot) -> None:
    with pytest.raises(SourceError, match="expired"):
        TOOL.open(account(secure, port=secure.tls_port, tls="implicit", ca_file=secure.ca_file)).collections()


def test_a_wrong_password_is_told_by_a_real_server(secure: Dovecot) -> None:
    with pytest.raises(SourceError, match="does not accept the user name or password") as caught:
        TOOL.open(account(secure, password=lambda: "wrong")).collections()
    assert caught.value.permanent


@pytest.mark.parametrize("secret", ["pässwörd", 'quote " and \\ back'])
def test_an_unusual_password_is_sent_as_it_is(secure: Dovecot, secret: str) -> None:
    with pytest.raises(SourceError, match="does not accept the user name or password"):
        TOOL.open(account(secure, password=lambda: secret)).collections()


def test_hundreds_of_mails_parse_to_their_own_texts(secure: Dovecot) -> None:
    secure.deliver(USER, *mails(1, 850))
    source = TOOL.open(account(secure))
    added = [raw for batch in changes(source, None, {}) for raw in batch.added]
    source.close()
    parsed = TOOL.parse(added, Frame())
    assert all(found.text.strip() == f"Text {int(found.subject.split()[1])}" for found in parsed)
    assert len(parsed) == 850
