import datetime as dt
import email
import email.policy
import re
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import household_expectations as expectations
import pytest
from icalendar import Calendar

from butler.core.refs import parse_ref
from butler.sample import Household, write_household

DAY = dt.date(2026, 11, 24)
DAYS = (DAY, dt.date(2026, 11, 28), dt.date(2026, 3, 29), dt.date(2028, 2, 29), dt.date(2027, 1, 1))
"""A Tuesday, a Saturday, a day on which the clocks change, a leap day, the first of a year."""


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    return write_household(tmp_path_factory.mktemp("sample"), DAY)


def _files(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _mails(household: Household) -> Mapping[str, EmailMessage]:
    found: dict[str, EmailMessage] = {}
    for name, content in _files(household.folder / "mail").items():
        mail = email.message_from_bytes(content, policy=email.policy.default)
        found[str(mail["Message-ID"] or name).strip("<>")] = mail
    return found


def test_the_same_day_and_seed_make_the_same_household(tmp_path: Path, household: Household) -> None:
    write_household(tmp_path, DAY)
    assert _files(tmp_path) == _files(household.folder)


def test_another_seed_makes_other_bytes(tmp_path: Path, household: Household) -> None:
    write_household(tmp_path, DAY, seed=8)
    assert _files(tmp_path) != _files(household.folder)


def test_sixty_mails_in_four_languages_over_ten_threads(household: Household) -> None:
    mails = _mails(household)
    assert len(mails) >= 60
    roots = [str(mail["References"]).split()[0] for mail in mails.values() if mail["References"]]
    assert len(set(roots)) >= 10
    text = b"\n".join(_files(household.folder / "mail").values()).decode("latin-1")
    for words in ("planting figures", "zahlbar bis zum", "Je vous envoie", "Te mando una foto"):
        assert words in text


@pytest.fixture(scope="module", params=DAYS, ids=str)
def any_day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Household:
    day = request.param
    return write_household(tmp_path_factory.mktemp("day"), day)


def test_every_reference_that_is_expected_exists(any_day: Household) -> None:
    ids = set(_mails(any_day))
    for expected in (*expectations.must(any_day.day), *expectations.must_not(any_day.day)):
        ref = parse_ref(expected.ref)
        match ref.kind:
            case "mail":
                assert ref.key in ids, expected
            case "event" | "task":
                assert (any_day.folder / "calendars" / ref.place / f"{ref.key}.ics").exists(), expected
            case "file":
                lines = (any_day.folder / "notes" / ref.key).read_text().splitlines()
                assert expected.words in lines[int(ref.part) - 1], expected


def test_words_that_are_expected_of_a_mail_stand_in_it(any_day: Household) -> None:
    mails = _mails(any_day)
    for expected in expectations.must(any_day.day):
        ref = parse_ref(expected.ref)
        if ref.kind == "mail" and ref.key != "honig-1@imker-spree.example":  # that one lies about its charset
            body = mails[ref.key].get_body(("plain", "html"))
            assert body is not None
            text = f"{mails[ref.key]['Subject']} {body.get_content()}"
            assert expected.words in re.sub(r"\s+", " ", text), expected


def test_yesterday_lacks_what_has_happened_since_and_is_brought_up_to_date(tmp_path: Path, household: Household) -> None:
    before = write_household(tmp_path, DAY, stage="yesterday")
    mails = _mails(before)
    assert "visita-1@berger.example" in mails
    assert "visita-2@azulejos-ortega.example" not in mails
    dentist = tmp_path / "calendars/family/dentist@zahnarzt-sommer.example.ics"
    assert b"CANCELLED" not in dentist.read_bytes()
    choir = tmp_path / "calendars/family/choir@berger.example.ics"
    choir_written = choir.stat().st_mtime_ns

    write_household(tmp_path, DAY, stage="today")
    assert b"CANCELLED" in dentist.read_bytes()
    assert _files(tmp_path) == _files(household.folder)
    assert choir.stat().st_mtime_ns == choir_written, "what did not change keeps its time"


def test_an_answered_mail_carries_the_flag(household: Household) -> None:
    flags = {
        path.name.partition(":2,")[2]
        for path in (household.folder / "mail").rglob("*:2,*")
        if b"Message-ID: <abend-1@berger.example>" in path.read_bytes()
    }
    assert flags == {"RS"}


def test_calendars_parse_except_the_one_that_is_broken(household: Household) -> None:
    broken = []
    for name, content in _files(household.folder / "calendars").items():
        try:
            Calendar.from_ical(content)
        except ValueError:
            broken.append(name)
    assert broken == ["family/broken.ics"]


def test_the_odd_mails_are_as_odd_as_they_are_meant_to_be(household: Household) -> None:
    mails = _mails(household)
    deepest = mails["nested-1@hafenmusik.example"]
    assert sum(part.is_multipart() for part in deepest.walk()) == 40
    assert "\u202e" in str(mails["bidi-1@rechnungsstelle.example"]["Subject"])
    raw = list(_files(household.folder / "mail").values())
    assert sum(b"Message-ID" not in content for content in raw) == 1
    assert sum(b"Message-ID: <zaehler@altsystem.example>" in content for content in raw) == 2
    assert any(b"\0" in content for content in raw)
    honey = next(content for content in raw if b"honig-1@" in content)
    assert b'charset="us-ascii"' in honey
    assert "für den Markt".encode("latin-1") in honey


def test_nobody_in_the_sample_has_an_address_that_could_exist(household: Household) -> None:
    text = b"\n".join(_files(household.folder).values()).replace(b"\r\n ", b"").replace(b"\n ", b"").decode("latin-1")
    domains = set(re.findall(r"[\w.]+@([\w-]+(?:\.[\w-]+)+)", text)) | set(re.findall(r"https?://([\w.-]+)", text))
    assert {domain for domain in domains if not domain.endswith(".example")} == set()


def test_the_household_names_its_accounts_owner_and_the_time_of_its_briefing(household: Household) -> None:
    assert [account.name for account in household.accounts] == ["home", "family", "work", "tasks", "friends", "notes"]
    assert "anna@berger.example" in household.owner.addresses
    assert household.now.isoformat() == "2026-11-24T07:00:00+01:00"
