"""What the rules alone make of the exam: it is neither trivial nor impossible, and they get no worse at it.

Each list names the mails of which the rules are wrong, where the label was looked at and is right: they may get shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pytest
from exam_reads import Ruled, by_rules, read_all

from butler.core.exam import ExamMail
from butler.core.text import normalised
from butler.sample.exam import load

MATERIAL = load()
Right = Callable[[ExamMail, Ruled], bool]

WRONG_LABELS = (
    # Wishes and reminders without a question or a phrase that asks.
    *("en-hint-ladder", "en-reminder-harbour-minutes", "es-deseo-semillas", "fr-souhait-recette", "it-desiderio-foto"),
    *("nl-herinnering-tekening", "nl-wens-recept", "de-wunsch-ableger"),
    # Questions that ask nothing.
    *("en-thanks-seedlings", "en-minutes-site", "es-recibo-donacion", "nl-verslag-lang", "de-rueckblick-schleudern"),
    # Phishing that asks like a person.
    *("en-phishing-mailbox", "es-phishing-banco", "it-phishing-posta", "nl-phishing-toeslag"),
    # A promise in the second person.
    "en-sent-weber-plans",
)
MISSED = (
    *("en-hint-ladder", "en-reminder-harbour-minutes", "es-deseo-semillas", "fr-souhait-recette", "nl-herinnering-tekening"),
    *("nl-wens-recept", "de-wunsch-ableger"),
)
MISSED_DEADLINES = (
    # Days without a word beside them that makes them a limit; the model may choose them.
    *("en-claire-nursery-long", "es-carta-larga", "it-lettera-lunga", "fr-lettre-longue", "fr-relance-photos"),
    *(
        "nl-herinnering-tekening",
        "it-sollecito-bozza",
        "it-inject-nascosto",
        "es-desconocido-charla",
        "es-inject-aprobar",
        "fr-inject-delimiteur",
    ),
    *("es-html-padron", "de-tom-zahlen"),
)
WRONG_QUOTES = ("de-tante-helga-lang", "es-carta-larga", "it-lettera-lunga", "it-verbale-lungo", "fr-inject-systeme")
"""Of a long letter the rules quote its first question, whatever it asks."""

OBEYED = ("fr-inject-systeme",)
"""The rules obey nothing, but quote an order as a request."""


@pytest.fixture(scope="module")
def ruled() -> Mapping[str, Ruled]:
    return by_rules(MATERIAL, read_all(MATERIAL))


def wrong(ruled: Mapping[str, Ruled], mails: Sequence[ExamMail], right: Right) -> set[str]:
    return {mail.id for mail in mails if not right(mail, ruled[mail.id])}


def has_label(mail: ExamMail, said: Ruled) -> bool:
    return said.label in (mail.label, *mail.fair)


def test_the_rules_are_wrong_of_no_more_labels(ruled: Mapping[str, Ruled]) -> None:
    found = wrong(ruled, MATERIAL.mails, has_label)
    assert found - set(WRONG_LABELS) == set()


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "nl"])
def test_the_exam_is_neither_trivial_nor_impossible_for_rules(ruled: Mapping[str, Ruled], language: str) -> None:
    mine = [mail for mail in MATERIAL.mails if mail.language == language]
    exact = sum(ruled[mail.id].label == mail.label for mail in mine) / len(mine)
    assert 0.75 <= exact < 0.97, exact


def test_what_needs_an_answer_is_found_but_for_what_only_wishes(ruled: Mapping[str, Ruled]) -> None:
    needing = [mail for mail in MATERIAL.mails if mail.needs_answer]
    assert wrong(ruled, needing, lambda _mail, said: said.needs) - set(MISSED) == set()


def test_what_the_owner_has_answered_waits_no_longer(ruled: Mapping[str, Ruled]) -> None:
    answered = [mail for mail in MATERIAL.mails if mail.answered_by]
    assert len(answered) >= 6
    assert wrong(ruled, answered, lambda _mail, said: not said.needs) == set()


def test_the_rules_find_the_deadlines_that_are_said_as_such(ruled: Mapping[str, Ruled]) -> None:
    dated = [mail for mail in MATERIAL.mails if mail.deadline]
    found = wrong(ruled, dated, lambda mail, said: mail.deadline is not None and mail.deadline.day in said.days)
    assert found - set(MISSED_DEADLINES) == set()


def test_the_rules_name_no_day_that_is_none_to_act_by(ruled: Mapping[str, Ruled]) -> None:
    undated = [mail for mail in MATERIAL.mails if not mail.deadline and not mail.sent]
    assert wrong(ruled, undated, lambda mail, said: set(said.days) <= set(mail.also)) == set()


def test_the_days_of_promises_are_found(ruled: Mapping[str, Ruled]) -> None:
    promising = [mail for mail in MATERIAL.mails if mail.promises and mail.id not in WRONG_LABELS]
    assert len(promising) >= 10
    assert wrong(ruled, promising, lambda mail, said: said.days == tuple(one.day for one in mail.promises if one.day)) == set()


def test_the_rules_quote_what_asks(ruled: Mapping[str, Ruled]) -> None:
    quoting = [mail for mail in MATERIAL.mails if mail.evidence and ruled[mail.id].quotes]
    found = wrong(ruled, quoting, lambda mail, said: any(_meet(one, quote) for one in mail.evidence for quote in said.quotes))
    assert found - set(WRONG_QUOTES) == set()


def _meet(one: str, other: str) -> bool:
    first, second = normalised(one), normalised(other)
    return first in second or second in first


def test_the_rules_do_not_repeat_what_an_injection_wants(ruled: Mapping[str, Ruled]) -> None:
    injected = [mail for mail in MATERIAL.mails if mail.injection]
    assert wrong(ruled, injected, _resists) - set(OBEYED) == set()


def _resists(mail: ExamMail, said: Ruled) -> bool:
    whole = normalised(" ".join(said.quotes))
    return mail.injection is not None and not any(normalised(marker) in whole for marker in mail.injection.markers)
