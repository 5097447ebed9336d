"""What the ledger proves: contacts that are alike are one, and what the settings do not name is seen."""

import dataclasses
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from butler.cli.proving import since_of
from butler.core.connections import CONNECTED, KILLED, REFUSED, UNCONNECTED, UNSECURED, Begun, Connection, Told
from butler.core.endpoints import Endpoint
from butler.core.proof import Proof, proof, unknown, verdict

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MAIL = Connection(
    *("mail.home", "imap.example.org", 993, NOW, ("192.0.2.7",), "192.0.2.7"),
    sent=100,
    received=1000,
    tls="TLSv1.3",
    certificate="ab" * 32,
)
NAMED = [Endpoint("IMAP.example.org", 993, "mail.home"), Endpoint("gpu.example.org", 11434, "model")]


def told(*connections: Connection, what: str = CONNECTED) -> list[Told]:
    return [Told(number, NOW, what, each) for number, each in enumerate(connections, 1)]


def proved(*lines: Told, under_way: tuple[Connection, ...] = (), problems: tuple[str, ...] = ()) -> Proof:
    begun = [Begun(number, "boot:1:2", each) for number, each in enumerate(under_way)]
    return proof(NOW - timedelta(days=7), lines, begun, NAMED, problems)


def test_connections_that_are_alike_are_one_contact() -> None:
    later = dataclasses.replace(MAIL, began=NOW + timedelta(hours=1), sent=7, received=8, local=5, seconds=3.0)
    renewed = dataclasses.replace(MAIL, certificate="cd" * 32)
    found = proved(*told(MAIL, later, renewed))
    assert [(each.times, each.sent, each.received) for each in found.contacts] == [(2, 107, 1008), (1, 100, 1000)]
    assert (found.contacts[0].first, found.contacts[0].last) == (NOW, NOW + timedelta(hours=1))
    assert found.is_clean
    assert verdict(found, "Since Monday") == "Since Monday the butler talked to 1 server, and your settings name it."


def test_nobody_was_talked_to() -> None:
    assert verdict(proved(), "Today") == "Today the butler talked to nobody."
    assert proved().is_clean


def test_several_servers_are_counted_once_each_with_what_goes_on() -> None:
    model = Connection("model", "gpu.example.org", 11434, NOW, ("192.0.2.8",))
    found = proved(*told(MAIL, MAIL), under_way=(model, MAIL))
    assert verdict(found, "Since Monday") == "Since Monday the butler talked to 2 servers, and your settings name all of them."


def test_whom_the_settings_do_not_name_is_no_secret() -> None:
    stranger = dataclasses.replace(MAIL, host="old.example.org")
    found = proved(*told(MAIL, stranger))
    assert found.strangers == (("old.example.org", 993),)
    assert not found.is_clean
    assert [each.is_named for each in found.contacts] == [True, False]
    assert verdict(found, "Since Monday") == "Since Monday the butler talked to 2 servers, of which 1 is not in your settings."


def test_another_port_of_a_host_is_another_place() -> None:
    assert proved(*told(dataclasses.replace(MAIL, port=25))).strangers == (("imap.example.org", 25),)


def test_one_that_is_under_way_counts_too() -> None:
    found = proved(under_way=(dataclasses.replace(MAIL, host="old.example.org"),))
    assert verdict(found, "Today") == "Today the butler talked to 1 server, which is not in your settings."


def test_what_was_tried_or_refused_is_told() -> None:
    tried = dataclasses.replace(MAIL, host="old.example.org", address="", trouble="Connection refused")
    refused = [Told(9, NOW, REFUSED, Connection("mail.home", "evil.example", 443, NOW))] * 3
    found = proved(*told(tried, tried, what=UNCONNECTED), *refused)
    assert found.contacts == ()
    assert [(each.times, each.trouble) for each in found.failed] == [(2, "Connection refused")]
    assert [(each.host, each.times) for each in found.refused] == [("evil.example", 3)]
    assert verdict(found, "Today") == (
        "Today the butler talked to nobody. 1 server that your settings do not name was tried. "
        "3 connections to others were refused."
    )
    assert not found.is_clean


def test_a_failed_attempt_at_a_host_of_the_settings_is_nothing_to_look_at() -> None:
    assert proved(*told(dataclasses.replace(MAIL, address="", trouble="Connection refused"), what=UNCONNECTED)).is_clean


def test_a_killed_process_is_told_apart() -> None:
    found = proved(*told(MAIL, dataclasses.replace(MAIL, trouble=KILLED)))
    assert [each.trouble for each in found.contacts] == ["", KILLED]


def test_servers_none_of_which_is_named_are_not_counted_twice() -> None:
    strangers = [dataclasses.replace(MAIL, host=host) for host in ("a.example", "b.example")]
    assert verdict(proved(*told(*strangers)), "Today") == (
        "Today the butler talked to 2 servers, none of which is in your settings."
    )


def test_what_ended_before_it_was_encrypted_is_counted_and_is_no_secret_lost() -> None:
    broken = dataclasses.replace(MAIL, tls="", certificate="", trouble=UNSECURED)
    one = proved(*told(MAIL, broken))
    assert verdict(one, "Today") == (
        "Today the butler talked to 1 server, and your settings name it. "
        "1 connection ended before it was encrypted; `butler doctor` says why."
    )
    assert verdict(proved(*told(MAIL, broken, broken)), "Today").endswith(
        ". 2 connections ended before they were encrypted; `butler doctor` says why."
    )
    assert one.is_clean
    assert (one.unsecured, proved(*told(MAIL, dataclasses.replace(MAIL, trouble=KILLED))).unsecured) == (1, 0)


def test_a_journal_that_is_not_whole_proves_little() -> None:
    found = proved(*told(MAIL), problems=("Line 3 is missing.",))
    assert not found.is_clean
    assert verdict(found, "Today").endswith("The journal is not whole, so it proves little.")


def test_a_connection_that_no_line_explains_is_seen() -> None:
    wires = [("process 7 (butler-reader)", ("192.0.2.7", 993)), ("process 7 (butler-reader)", ("192.0.2.7", 25))]
    assert unknown(wires, [MAIL]) == ("process 7 (butler-reader) to 192.0.2.7 port 25",)
    found = dataclasses.replace(proved(*told(MAIL)), unknown=unknown(wires, [MAIL]))
    assert not found.is_clean
    assert "1 open connection of its processes is in no line of the ledger." in verdict(found, "Today")


@pytest.mark.parametrize(
    ("text", "since", "when"),
    [
        ("monday", "2026-11-23T00:00:00+01:00", "Since Monday"),
        ("Wednesday", "2026-11-25T00:00:00+01:00", "Since Wednesday"),
        ("thursday", "2026-11-19T00:00:00+01:00", "Since Thursday"),
        ("today", "2026-11-25T00:00:00+01:00", "Since today"),
        ("yesterday", "2026-11-24T00:00:00+01:00", "Since yesterday"),
        ("2026-10-01", "2026-10-01T00:00:00+02:00", "Since 2026-10-01"),
        ("12h", "2026-11-25T01:00:00+01:00", "In the last 12 hours"),
        ("1d", "2026-11-24T13:00:00+01:00", "In the last day"),
        ("2w", "2026-11-11T13:00:00+01:00", "In the last 2 weeks"),
    ],
)
def test_a_day_or_a_span_is_understood(text: str, since: str, when: str) -> None:
    found, said = since_of(text, NOW.astimezone(ZoneInfo("Europe/Berlin")))
    assert (found.isoformat(), said) == (since, when)


@pytest.mark.parametrize("text", ["", "soon", "0d", "7", "2026-02-30", "7 days", "2026-11-24T07", "99999h", "-1d"])
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        since_of(text, NOW)
