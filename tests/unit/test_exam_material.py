"""The exam's mails: many, even, made up, and labelled with what really stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from exam_reads import Read, read_all

from butler.core.exam import Deadline, ExamMail, Pledge, Trick
from butler.core.grounding import find_quote
from butler.core.text import normalised, visible
from butler.sample.exam import OWNER, build, load
from workflows.briefing.dates import find_dates

MATERIAL = load()
LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
RECEIVED = [mail for mail in MATERIAL.mails if not mail.sent]
INJECTED = [mail for mail in MATERIAL.mails if mail.injection]
TABLES = sorted(Path(__file__).parents[2].joinpath("butler/sample/exam").glob("*.toml"))
_ADDRESS = re.compile(r"[\w.+-]+@([\w.-]+\w)|https?://([\w.-]+\w)|(?<=<)([\w-]+(?:\.[\w-]+)+)(?=>)")
_RESERVED = re.compile(r"(?:^|\.)example(?:\.(?:org|com|net))?$")


@pytest.fixture(scope="module")
def reads() -> list[Read]:
    return read_all(MATERIAL)


def test_there_are_enough_mails_in_each_language() -> None:
    count = Counter(mail.language for mail in MATERIAL.mails)
    assert len(MATERIAL.mails) >= 180
    assert set(count) == set(LANGUAGES)
    assert min(count.values()) >= 30
    assert max(count.values()) - min(count.values()) <= 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_what_is_hard(language: str) -> None:
    mine = [mail for mail in MATERIAL.mails if mail.language == language]
    kinds = Counter[str](mail.kind for mail in mine)
    once = ("newsletter", "shop", "receipt", "auto-reply", "list", "phishing", "copy", "thanks", "bill", "reminder", "letter")
    assert [kind for kind in (*once, "invitation", "appointment") if not kinds[kind]] == []
    assert kinds["sent"] >= 4
    assert sum(mail.label == "promise" for mail in mine) >= 2
    assert sum(mail.deadline is not None for mail in mine) >= 7
    assert sum(bool(mail.answered_by) for mail in mine) >= 1
    assert any(len(mail.body) > 2_000 for mail in mine)
    assert any(len(mail.body) < 60 for mail in mine)
    assert any(mail.html and not mail.body for mail in mine)
    assert any("\n> " in mail.body for mail in mine)


@pytest.mark.parametrize("language", LANGUAGES)
def test_about_half_of_what_came_needs_an_answer(language: str) -> None:
    mine = [mail for mail in RECEIVED if mail.language == language]
    assert 0.35 <= sum(mail.needs_answer for mail in mine) / len(mine) <= 0.6


def test_there_are_injections_of_every_kind_in_every_language() -> None:
    tricks = Counter(mail.injection.trick for mail in INJECTED if mail.injection)
    assert len(INJECTED) >= 30
    assert min(Counter(mail.language for mail in INJECTED).values()) >= 5
    assert set(tricks) == set(Trick.__args__)  # type: ignore[attr-defined]
    assert min(tricks.values()) >= 2
    # Resistance and usefulness are scored together: those around an injection are no other mails.
    assert 0.35 <= sum(mail.needs_answer for mail in INJECTED) / len(INJECTED) <= 0.7


@pytest.mark.parametrize("mail", INJECTED, ids=lambda mail: mail.id)
def test_the_marks_of_an_injection_stand_in_it_and_in_no_right_answer(mail: ExamMail) -> None:
    assert mail.injection is not None
    whole = normalised(visible(f"{mail.body}\n{mail.html}\n{mail.calendar}"))
    right = normalised(" ".join((mail.subject, *mail.evidence, mail.deadline.quote if mail.deadline else "")))
    assert any(normalised(marker) in whole for marker in mail.injection.markers)
    assert [marker for marker in mail.injection.markers if normalised(marker) in right] == []


def test_ids_are_unique_and_all_is_before_the_exam() -> None:
    ids = Counter(mail.id for mail in MATERIAL.mails)
    assert [one for one, count in ids.items() if count > 1] == []
    days = [mail.date.astimezone(OWNER.zone) for mail in MATERIAL.mails]
    assert max(days) <= MATERIAL.now
    assert (MATERIAL.now - min(days)).days < 30


def test_no_mail_has_a_problem_for_the_parser(reads: list[Read]) -> None:
    assert [(one.exam.id, one.mail.message.problems) for one in reads if one.mail.message.problems] == []
    for one in reads:
        message = one.mail.message
        assert (message.message_id, message.date) == (one.exam.message_id, one.mail.when)
        assert message.sender is not None
        assert one.exam.sender.endswith(f"<{message.sender.address}>")
        assert [address.address for address in message.to] == [_address(person) for person in one.exam.to]
        assert [address.address for address in message.cc] == [_address(person) for person in one.exam.cc]
        assert (message.list_id != "") == ("List-Id" in one.exam.headers)
        assert message.bulk or one.exam.kind not in ("newsletter", "auto-reply")
        assert ("METHOD:REQUEST" in message.calendar) == bool(one.exam.calendar)


def _address(person: str) -> str:
    return person.rpartition("<")[2].rstrip(">")


def test_every_quote_stands_to_the_letter_in_what_its_author_wrote_now(reads: list[Read]) -> None:
    wrong = [(one.exam.id, quote) for one in reads for quote in _quotes(one.exam) if quote not in one.source]
    assert wrong == []
    unfound = [(one.exam.id, quote) for one in reads for quote in _quotes(one.exam) if find_quote(quote, one.source) != quote]
    assert unfound == []


def _quotes(mail: ExamMail) -> Iterator[str]:
    yield from mail.evidence
    yield from (one.quote for one in _dated(mail))
    yield from (promise.quote for promise in mail.promises)


def _dated(mail: ExamMail) -> list[Deadline | Pledge]:
    promised = [promise for promise in mail.promises if promise.day]
    return [*([mail.deadline] if mail.deadline else []), *promised]


def test_deadlines_lie_ahead_and_their_words_stand_in_their_quotes(reads: list[Read]) -> None:
    for one in reads:
        for dated in _dated(one.exam):
            assert dated.day is not None
            assert dated.day >= one.written, one.exam.id
            assert dated.words, one.exam.id
            assert dated.words in dated.quote, one.exam.id


def test_the_words_of_a_deadline_say_its_day_to_the_products_own_reader_or_say_why_not(reads: list[Read]) -> None:
    for one in (each for each in reads if _dated(each.exam)):
        found = find_dates(one.source, one.written, OWNER.zone)
        for dated in _dated(one.exam):
            days = [each.due.day for each in found if each.due.words in dated.words or dated.words in each.due.words]
            assert (dated.day in days) == (not dated.unread), (one.exam.id, days)


def test_few_deadlines_are_beyond_the_reader() -> None:
    dated = [one for mail in MATERIAL.mails for one in _dated(mail)]
    assert sum(bool(one.unread) for one in dated) <= len(dated) // 10


def test_what_the_owner_answered_is_labelled_so_and_nothing_else() -> None:
    by_id = {mail.id: mail for mail in MATERIAL.mails}
    for mail in MATERIAL.mails:
        if mail.answered_by:
            answer = by_id[mail.answered_by]
            assert answer.sent
            assert answer.date > mail.date
            assert mail.id in answer.thread
            assert mail.sender in answer.to
    answered = {mail.id for mail in MATERIAL.mails if mail.answered_by}
    threaded = {one for mail in MATERIAL.mails if mail.sent for one in mail.thread if one in by_id}
    assert [one for one in threaded - answered if by_id[one].label == "reply"] == []
    # Whoever is written to under the same subject has been answered, too.
    for sent in (mail for mail in MATERIAL.mails if mail.sent):
        alike = [mail for mail in RECEIVED if mail.sender in sent.to and mail.subject in sent.subject and mail.date < sent.date]
        assert [mail.id for mail in alike if mail.needs_answer] == []


def test_the_owner_knows_each_author_in_one_way() -> None:
    ways: dict[str, set[str]] = {}
    for mail in RECEIVED:
        ways.setdefault(_address(mail.sender), set()).add(mail.known)
    assert {address: known for address, known in ways.items() if len(known) > 1} == {}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_address_is_anybodys(table: Path) -> None:
    text = table.read_text(encoding="utf-8")
    hosts = {next(filter(None, found.groups())) for found in _ADDRESS.finditer(text)}
    assert len(hosts) >= 5
    assert [host for host in sorted(hosts) if not _RESERVED.search(host)] == []


def test_no_two_mails_are_alike() -> None:
    runs = {mail.id: _runs(f"{mail.body} {mail.html}") for mail in MATERIAL.mails}
    alike = [(one, other) for one, other in combinations(runs, 2) if runs[one] & runs[other]]
    # What quotes another mail repeats it, and so does an answer to it.
    known = {frozenset((mail.id, one)) for mail in MATERIAL.mails for one in mail.thread}
    assert [pair for pair in alike if frozenset(pair) not in known] == []


def _runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[at : at + 7]) for at in range(len(words) - 6)}


def test_the_same_mail_is_always_the_same_bytes() -> None:
    odd = [mail for mail in MATERIAL.mails if mail.html or mail.calendar or mail.enclosed][::3]
    assert [build(mail) for mail in odd] == [build(mail) for mail in odd]
    assert len({build(mail) for mail in odd}) == len(odd) >= 5


def test_what_a_draft_must_not_say_is_nothing_that_the_quotes_say() -> None:
    for mail in MATERIAL.mails:
        said = normalised(" ".join(mail.evidence))
        assert [words for words in mail.never if normalised(words) in said] == [], mail.id
