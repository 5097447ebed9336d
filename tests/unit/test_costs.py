"""What the model cost is summed up by day, workflow, model or step; prices are the owner's, and what is not known is said."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_client import OWNER, page_client

from butler.cli import arguments
from butler.cli.costs import show_costs
from butler.core.costs import Tariff, bar
from butler.core.errors import SettingsError, UsageError
from butler.core.policy import Policy
from butler.core.steps import ModelCall
from butler.settings import Places
from butler.settings.load import load
from butler.store.truth import Truth
from butler.web.books import House

BERLIN = ZoneInfo("Europe/Berlin")
PRICED = """
[model]
watts = 110
idle_watts = 10
price_kwh = 0.5
price_in = 2
price_out = 10
currency = "EUR"
"""
Shown = Callable[..., str]


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    (tmp_path / "state").mkdir(mode=0o700)
    truth = Truth.open(tmp_path / "state/butler.db")
    yield truth
    truth.close()


@pytest.fixture
def shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shown:
    """Prints what `butler runs --cost` does, with some settings."""

    def shown(*more: str, toml: str = "") -> str:
        (tmp_path / "butler.toml").write_text(f'state_dir = "{tmp_path}/state"\n[owner]\ntimezone = "Europe/Berlin"\n{toml}')
        places = Places(environ={"HOME": str(tmp_path)}, config=tmp_path / "butler.toml", folder=tmp_path)
        show_costs(arguments.read(["runs", "--cost", *more]), load(places))
        return capsys.readouterr().out

    return shown


def call(run: str, at: dt.datetime, key: str, **fields: Any) -> ModelCall:
    made = ModelCall(
        *(run, at, "triage", "1", "mail:home/x", key, "small:4b", "d" * 64, "0.12", False, "ok", 1),
        *(1_000, 100, 36.0, "Why?", "{}"),
    )
    return replace(made, **fields)


def fill(truth: Truth) -> dt.datetime:
    """Two days: a briefing, of which an answer is known again on the next day, and a draft by a server that counts nothing."""
    today = dt.datetime.now(BERLIN).replace(hour=0, minute=0, second=0, microsecond=0)
    before = today - dt.timedelta(hours=12)
    brief, draft = (truth.runs.start(name, "x", before).id for name in ("briefing", "draft_reply.judge"))
    again = truth.runs.start("briefing", "y", today).id
    for made in (
        call(brief, before, "a"),
        call(brief, before, "b", tokens_in=3_000),
        call(again, today, "a", cached=True, attempts=0, tokens_in=0, tokens_out=0, seconds=0.0),
        call(draft, today, "c", step="draft", model="large:24b", tokens_in=0, tokens_out=0),
    ):
        truth.book.record(made)
    return today


def test_a_day_is_a_line_with_a_bar_and_all_of_it_stands_below(truth: Truth, shown: Shown) -> None:
    now = fill(truth)
    text = shown(toml=PRICED)
    days = [line for line in text.splitlines() if line[:4] == f"{now:%Y}"]
    assert [day[:10] for day in days] == [f"{now - dt.timedelta(days=1):%Y-%m-%d}", f"{now:%Y-%m-%d}"]
    assert days[0].split()[1:7] == ["2", "0", "4,000", "200", "72.0", "2.0"]
    assert days[0].endswith("█" * 20)
    assert days[1].split()[1:] == ["1", "1", "0", "0", "36.0", "1.0"]
    assert (
        "About 3.0 Wh, at 110 W while it was asked above the 10 W that it draws anyway, 0.0015 EUR at 0.50 EUR a kWh." in text
    )
    assert "the same tokens would have cost 0.0100 EUR." in text
    assert "1 answer was known before and cost nothing; asked again, that would be 1,000 tokens in and 100 out." in text
    assert "1 asking has no count of tokens" in text


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("workflow", ["briefing", "draft_reply"]),
        ("model", ["small:4b", "large:24b"]),
        ("step", ["triage", "draft"]),
    ],
)
def test_sums_are_told_by_what_is_asked_for_the_dearest_first(truth: Truth, shown: Shown, by: str, names: list[str]) -> None:
    fill(truth)
    document = json.loads(shown("--by", by, "--json", toml=PRICED))
    assert [row["name"] for row in document["rows"]] == names
    assert document["rows"][0]["tokens_in"] == document["total"]["tokens_in"] == 4_000
    assert document["total"]["watt_hours"] == pytest.approx(3.0)
    assert document["total"]["elsewhere"] == pytest.approx(0.01)
    assert (document["total"]["uncounted"], document["total"]["spared"]) == (1, {"tokens_in": 1_000, "tokens_out": 100})


def test_without_watts_and_prices_nothing_is_told_of_them_but_how_to_set_them(truth: Truth, shown: Shown) -> None:
    fill(truth)
    text = shown("--since", "yesterday")
    assert "Wh" not in text.replace("Watt-hours", "")
    assert "Set model.watts" in text
    assert json.loads(shown("--json"))["total"]["watt_hours"] is None


def test_only_what_came_since_counts(truth: Truth, shown: Shown) -> None:
    fill(truth)
    assert json.loads(shown("--since", "today", "--json"))["total"]["tokens_in"] == 0
    assert shown("--since", "2999-01-01").strip().endswith("the model was asked nothing.")


@pytest.mark.parametrize("since", ["soon", "99999999d", "2026-13-01"])
def test_what_is_no_time_gets_a_sentence(truth: Truth, shown: Shown, since: str) -> None:
    with pytest.raises(UsageError, match="neither a day nor a span"):
        shown("--since", since)


@pytest.mark.parametrize("lines", ["idle_watts = 5", "watts = 5\nidle_watts = 6", "watts = -1", "price_in = nan"])
def test_what_no_machine_draws_is_refused(shown: Shown, lines: str) -> None:
    with pytest.raises(SettingsError):
        shown(toml=f"[model]\n{lines}")


def test_the_page_tells_the_same_below_its_plot(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    tariff = Tariff(watts=100, price_in=2.0, currency="EUR")
    with page_client(tmp_path, clock=lambda: now) as _:
        truth = Truth.open(tmp_path / "butler.db")
        truth.book.record(call(truth.runs.start("briefing", "x", now).id, now, "a"))
        truth.close()
    house = House(OWNER, tmp_path, Policy(own=OWNER.addresses, zone=OWNER.zone), tariff=tariff)
    with page_client(tmp_path, clock=lambda: now, house=house) as client:
        page = client.get("/runs").text
    assert "About 1.0 Wh, at 100 W while it was asked." in page
    assert "the same tokens would have cost 0.0020 EUR." in page


@given(st.floats(0, 1e12), st.floats(0, 1e12), st.integers(1, 60))
def test_a_bar_is_never_longer_than_its_room_and_shows_all_that_is_not_nothing(value: float, most: float, cells: int) -> None:
    drawn = bar(min(value, most), most, cells)
    assert len(drawn) <= cells
    assert bool(drawn) == (min(value, most) > 0)
