"""A real server that refuses the password: what syncs by itself tries it twice, then hours later, and a person at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dovecot_server import PASSWORD, running_dovecot
from flapping_proxy import FlappingProxy

from butler.core.accounts import MailAccount
from butler.core.owner import BriefingOptions, Owner
from butler.core.sources import SourceState
from butler.house import Deeds, House
from butler.watch.patient import Refused

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTES = timedelta(minutes=5)
HOUR = timedelta(hours=1)
USER = "anna@berger.example"


@dataclass
class Home:
    """One account behind a network that counts how often it is dialled."""

    state: Path
    network: FlappingProxy
    password: str = "wrong"
    owner: Owner = field(default_factory=lambda: Owner("Anna Berger", frozenset({USER}), ZoneInfo("Europe/Berlin")))

    def sync(self, now: datetime, *, unasked: bool = True) -> tuple[SourceState, bool]:
        """Sync at a time; returns how that went, and whether the server was asked at all."""
        before = self.network.dialled
        account = MailAccount(
            "home", "127.0.0.1", self.network.port, USER, lambda: self.password, tls="none", folders=("INBOX",), timeout=5
        )
        with House(Deeds(self.owner, [account], BriefingOptions(), self.state), lambda: now, unasked=unasked) as house:
            (state,) = house.sync()
        return state, self.network.dialled > before


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with running_dovecot(tls=False) as server:
        network = FlappingProxy(server.port)
        yield Home(tmp_path / "state", network)
        network.close()


def test_a_refused_log_in_is_tried_twice_by_itself_then_hours_later_and_by_a_person_at_once(home: Home) -> None:
    state, asked = home.sync(NOON)
    assert asked
    assert state.error is not None
    assert "left alone" not in state.error
    state, asked = home.sync(NOON + MINUTES)
    left_alone = "It was refused 2 times, so it is left alone until Tue 15:05; `butler sync` tries at once."
    assert (asked, str(state.error).endswith(left_alone)) == (True, True)
    for minutes in (10, 60, 120):
        state, asked = home.sync(NOON + timedelta(minutes=minutes))
        assert (asked, state.state, str(state.error).endswith(left_alone)) == (False, "failed", True)
    # A person who tries is not held up, and makes nothing longer for it than its pause from then.
    assert home.sync(NOON + HOUR, unasked=False)[1]
    assert not home.sync(NOON + 2 * HOUR + MINUTES)[1]
    state, asked = home.sync(NOON + 3 * HOUR)
    assert asked
    assert "refused 3 times, so it is left alone until Tue 20:00" in str(state.error)
    assert not home.sync(NOON + 6 * HOUR)[1]
    home.password = PASSWORD
    assert home.sync(NOON + 6 * HOUR)[0].state == "failed"
    state, _ = home.sync(NOON + 6 * HOUR, unasked=False)
    assert (state.state, state.error) == ("fresh", None)
    assert home.sync(NOON + 6 * HOUR + MINUTES)[0].state == "fresh"
    assert Refused(home.state).get("mail.home") is None


def test_what_is_no_refusal_and_other_settings_leave_nothing_alone(home: Home) -> None:
    for number in range(2):
        home.sync(NOON + number * MINUTES)
    assert not home.sync(NOON + 2 * MINUTES)[1]
    Refused(home.state).forget()
    assert home.sync(NOON + 3 * MINUTES)[1]
    home.network.weather = "refuses"
    for number in range(4, 8):
        state, asked = home.sync(NOON + number * MINUTES)
        assert (asked, "left alone" in str(state.error)) == (True, False)
    home.network.weather, home.password = "fair", PASSWORD
    assert home.sync(NOON + HOUR)[0].state == "fresh"
    assert replace(home.sync(NOON + HOUR)[0], as_of=None).error is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"mail.home": 7}', '{"mail.home": ["x", "y", "z"]}', "\udcff"])
def test_a_file_that_cannot_be_read_holds_nothing_up(text: str, tmp_path: Path) -> None:
    (tmp_path / "refused.json").write_text(text, errors="surrogateescape")
    refused = Refused(tmp_path)
    assert refused.get("mail.home") is None
    refused.keep("mail.home", None)
    refused.forget()
    refused.forget()
