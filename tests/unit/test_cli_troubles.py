"""What a source's trouble is, and what to do about it, is shown to its end by whatever command tells of it."""

from __future__ import annotations

from butler.cli import status, sync
from butler.core.sources import SourceState
from tools.lines import _wrong_pin

WRONG_PIN = str(_wrong_pin("imap.mailserver-of-berger.example", "ab" * 32, "smtp.pin"))


def test_a_sync_tells_what_to_do_about_a_certificate() -> None:
    assert sync._lines([SourceState("home", "mail", "failed", None, WRONG_PIN)]) == [f"mail.home  failed  {WRONG_PIN}"]


def test_the_status_tells_what_to_do_about_a_certificate() -> None:
    found = {"gone": {"mail.home": WRONG_PIN}, "dead": [], "problems": []}
    assert list(status._faults(found)) == [f"mail.home cannot be reached: {WRONG_PIN}"]
