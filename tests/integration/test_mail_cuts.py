"""A connection that ends at any byte of putting a draft away: afterwards there is exactly one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from cutting_proxy import CuttingProxy, Direction, cutting_proxy
from dovecot_server import PASSWORD, Dovecot, running_dovecot
from imapclient import IMAPClient
from mail_boxes import letter

from butler.core.accounts import MailAccount
from butler.core.effects import AppendMail, Hands, Receipt, RemoveMail
from butler.core.errors import EffectError
from butler.core.payloads import Person
from tools.mail import TOOL

_numbers = itertools.count(1)
ON_ONE_USER = 60
ANSWERED = 120
"""Bytes within which the answer to APPEND ends."""

LONG = bool(os.environ.get("BUTLER_TEST_LONG"))
"""Every byte where there is time for it; every fifth says the same sooner."""
QUICK = "service imap-login {\n service_count = 0\n}\nservice imap {\n service_count = 500\n}"


def short() -> AppendMail:
    plain = {"body": "Ja.", "quoted": "", "subject": "x", "references": (), "in_reply_to": "", "bcc": (), "to": ()}
    made = letter(next(_numbers), sender=Person(address="a@b.example"), **plain)
    return AppendMail(account="home", role="\\Drafts", letter=made)


def carried_out(hands: Hands, proxy: CuttingProxy, effect: AppendMail) -> Receipt:
    """Try until it is done, as the executor does, looking before each try."""
    for _ in range(3):
        try:
            seen = hands.look(effect)
            if seen.state == "done":
                assert seen.receipt is not None
                return seen.receipt
            return hands.act(effect, seen)
        except EffectError as error:
            if error.permanent or error.uncertain or error.held:
                raise
            proxy.settle()
    raise AssertionError("it never came about")


def users() -> Iterator[str]:
    """One user for some tries, so that no folder grows large."""
    for number in itertools.count():
        yield from [f"cut{number}@berger.example"] * ON_ONE_USER


def drafts(server: Dovecot, user: str) -> list[str]:
    with IMAPClient("127.0.0.1", server.port, ssl=False) as client:
        client.login(user, PASSWORD)
        client.select_folder("Drafts", readonly=True)
        found = client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]).values()
        return sorted(one[b"BODY[HEADER.FIELDS (MESSAGE-ID)]"].decode().partition("<")[2].partition(">")[0] for one in found)


def places(proxy: CuttingProxy, step: int, answered: int) -> Iterator[tuple[Direction, int]]:
    """Each `step`-th byte of the APPEND and of its answer, and some of what comes before and after."""
    sizes = dict(proxy.counted)
    start = 0 if proxy.trigger else 1
    for after in range(start, sizes["up"], step):
        yield "up", after
    for after in sorted({*range(start, min(answered, sizes["down"]), step), *range(start, sizes["down"], max(step, 17))}):
        yield "down", after


def cut_everywhere(server: Dovecot, proxy: CuttingProxy, tls: Any, step: int, answered: int) -> int:
    """Cut at all places, one try each; returns how many cuts there were."""
    names = users()
    expected: dict[str, list[str]] = {}

    def attempt(direction: Direction, after: int | None) -> None:
        user, effect = next(names), short()
        at = MailAccount("home", "localhost", proxy.port, user, lambda: PASSWORD, tls, server.ca_file, timeout=30.0)
        with closing(TOOL.hands(at)) as hands:
            proxy.plan(direction, after)
            receipt = carried_out(hands, proxy, effect)
        assert isinstance(receipt.undo, RemoveMail)
        expected.setdefault(user, []).append(effect.letter.message_id)

    attempt("up", None)
    for direction, after in list(places(proxy, step, answered)):
        attempt(direction, after)
    for user, ids in expected.items():
        assert drafts(server, user) == sorted(ids)
    return proxy.cuts


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("kind", "tls", "trigger", "step"),
    [
        ("literal at once", "none", b" APPEND ", 1 if LONG else 5),
        ("literal asked for", "none", b" APPEND ", 1 if LONG else 11),
        ("encrypted", "implicit", b"", 61),
    ],
)
def test_wherever_the_connection_is_cut_there_is_one_draft(kind: str, tls: str, trigger: bytes, step: int) -> None:
    capability = "IMAP4rev1 SASL-IR UIDPLUS SPECIAL-USE LIST-EXTENDED" if kind == "literal asked for" else ""
    with running_dovecot(capability=capability, settings=QUICK) as server:
        port = server.tls_port if tls == "implicit" else server.port
        with cutting_proxy(port, trigger) as proxy:
            cuts = cut_everywhere(server, proxy, tls, step, ANSWERED)
    print(f"\n{kind}: the connection was cut {cuts} times; drafts lost: 0, doubled: 0")
    assert cuts > 60
