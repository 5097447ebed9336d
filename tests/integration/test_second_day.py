"""What was asked of the model once is not asked again: on the second day only what is new costs anything."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from draft_model import drafting_model
from scripted_ollama import ScriptedOllama

from butler.core.accounts import ModelHost
from butler.core.briefing import Briefing, Usage
from butler.house import Deeds, House
from butler.sample.household import Household, write_household

DAY = dt.date(2026, 11, 24)
NEW = """From: Tom Krüger <tom@nordwind.example>
To: Anna Berger <anna@berger.example>
Subject: {subject}
Date: {date}
Message-ID: <{name}@nordwind.example>
Content-Type: text/plain; charset=utf-8

Hi Anna,

could you look at the roof once more before we order the slates?

Tom
"""


@dataclass(frozen=True)
class Days:
    """What two days' briefings cost, one with a new mail and one with that again; and each question as the server got it."""

    first: Usage
    second: Usage
    third: Usage
    told: str
    asked: list[dict[str, str]]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    folder = tmp_path_factory.mktemp("days")
    household = write_household(folder / "files", DAY)
    with ScriptedOllama(script=drafting_model) as server:
        host = ModelHost(url=server.url, name="good")
        first = brief(household, folder, host, 0)
        add(household, "roof-1", "The roof", "Tue, 24 Nov 2026 12:00:00 +0100")
        second = brief(household, folder, host, 1)
        # The same words on the same day under another id: forwarded by a server twice, or in a second account.
        add(household, "roof-2", "The roof", "Tue, 24 Nov 2026 12:00:00 +0100")
        third = brief(household, folder, host, 1)
        chats = [request.body for request in server.requests if request.path == "/api/chat"]
    asked = [{message["role"]: message["content"] for message in chat["messages"][:2]} for chat in chats]
    return Days(first.usage, second.usage, third.usage, third.model_dump_json(), asked)


def add(household: Household, name: str, subject: str, date: str) -> None:
    assert household.mail.path
    file = household.mail.path / "cur" / f"{name}:2,S"
    file.write_text(NEW.format(name=name, subject=subject, date=date), encoding="utf-8")


def brief(household: Household, folder: Path, host: ModelHost, later: int) -> Briefing:
    deeds = Deeds(household.owner, household.accounts, household.options, folder / "state", folder / "vault", host)
    with House(deeds, lambda: household.now + dt.timedelta(days=later)) as house:
        return house.brief().briefing


def test_on_the_second_day_only_the_new_mail_is_asked_about(days: Days) -> None:
    assert days.first.model_calls > 15
    assert days.second.model_calls == 1
    assert days.second.cached >= days.first.model_calls - 5
    assert days.second.tokens_in <= 0.07 * days.first.tokens_in


def test_a_mail_that_comes_twice_costs_once(days: Days) -> None:
    assert days.third.model_calls == 0
    assert days.third.tokens_in == days.third.tokens_out == 0
    # A run notes the same question once, though both mails are judged by its answer.
    assert days.third.cached == days.second.cached + days.second.model_calls
    assert "roof-1@" in days.told
    assert "roof-2@" in days.told


def test_all_questions_of_a_step_begin_with_the_same_bytes_on_both_days(days: Days) -> None:
    by_step: dict[str, list[str]] = defaultdict(list)
    for chat in days.asked:
        by_step[chat["system"]].append(chat["user"])
    assert len(by_step) == 2
    for users in by_step.values():
        heads = {user.partition("Written: ")[0] for user in users}
        assert len(heads) == 1
        assert all(re.match(r"Owner: .*\n(?:Language: .*\n)?Written: \w+ [\d-]+\nDates: ", user) for user in users)
