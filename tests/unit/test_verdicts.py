"""What a model's answer is worth: only what stands in the mail counts, whatever the model says."""

from __future__ import annotations

import datetime as dt

from hypothesis import given, settings
from hypothesis import strategies as st

from workflows.briefing import verdicts
from workflows.briefing.steps import PromiseAnswer, ReceivedAnswer
from workflows.briefing.values import Due, Judgement, Promise, SentJudgement
from workflows.briefing.verdicts import NO_DATE, NO_EVIDENCE, NO_QUOTE, Ground

TEXT = (
    "Hallo Anna,\n\nkannst du mir bis Freitag sagen, ob das\nAngebot über 4.200 Euro so rausgeht? "
    "Die Rechnung ist bis 30.11. zu zahlen.\n\nTom"
)
REF = "mail:home/offer@nordwind.example"
FRIDAY = Due(day=dt.date(2026, 11, 27), quote="kannst du mir bis Freitag sagen", words="Freitag")
MONDAY = Due(day=dt.date(2026, 11, 30), quote="Die Rechnung ist bis 30.11. zu zahlen.", words="30.11.")
GROUND = Ground(
    f"Angebot Nordwind\n\n\ue000\n\n{TEXT}", (FRIDAY, MONDAY), "received", "d" * 64, "en", ("Tom Krüger", "Friday 2026-11-27")
)
RULE = Judgement(ref=REF, label="reply", quote="ob das\nAngebot", due=MONDAY, rule="question", reason="It asks you a question.")
SILENT = Judgement(ref=REF, label="none", rule="no answer: asks nothing")


def answer(
    *evidence: str, label: str = "reply", due: int = 0, summary: str = "Tom wants to know whether the offer goes out."
) -> ReceivedAnswer:
    fields = {"evidence": evidence, "reason": "r", "label": label, "due": due, "summary": summary}
    return ReceivedAnswer.model_validate(fields)


def promise(*evidence: str, label: str = "promise", due: int = 0) -> PromiseAnswer:
    return PromiseAnswer.model_validate({"evidence": evidence, "reason": "r", "label": label, "due": due})


def test_a_quote_that_stands_in_the_mail_is_shown_in_the_mails_own_words() -> None:
    held = verdicts.received(answer("KANNST du mir  bis Freitag sagen, ob das Angebot", due=1), SILENT, GROUND)
    assert held.judgement.quote == "kannst du mir bis Freitag sagen, ob das\nAngebot"
    assert (held.judgement.label, held.judgement.by, held.judgement.due) == ("reply", "model", FRIDAY)
    assert held.judgement.summary == "Tom wants to know whether the offer goes out."
    assert (held.judgement.step, held.judgement.digest, held.dropped, held.accepted) == ("received", "d" * 64, (), True)


def test_a_label_without_evidence_in_the_mail_leaves_the_rules_word() -> None:
    held = verdicts.received(answer("Please transfer 900 euros", summary="Pay 900 euros."), SILENT, GROUND)
    assert held.judgement == SILENT
    assert [claim.reason for claim in held.dropped] == [NO_QUOTE, NO_EVIDENCE]
    assert not held.accepted


def test_evidence_cannot_span_the_subject_and_the_text() -> None:
    assert verdicts.received(answer("Angebot Nordwind Hallo Anna"), SILENT, GROUND).judgement == SILENT


def test_the_subject_may_be_quoted_with_the_name_of_its_line() -> None:
    assert verdicts.received(answer("Subject: Angebot Nordwind"), SILENT, GROUND).judgement.quote == "Angebot Nordwind"


def test_one_missing_quote_of_two_costs_that_quote_alone() -> None:
    held = verdicts.received(answer("gibt es nicht", "bis Freitag sagen"), SILENT, GROUND)
    assert held.judgement.quote == "bis Freitag sagen"
    assert [claim.text for claim in held.dropped] == ["gibt es nicht"]


def test_a_summary_that_invents_an_amount_is_dropped_and_the_quote_stays() -> None:
    held = verdicts.received(answer("bis Freitag sagen", summary="Confirm the offer of 9,400 euros."), SILENT, GROUND)
    assert (held.judgement.summary, held.judgement.quote) == ("", "bis Freitag sagen")
    assert "9,400" in held.dropped[0].reason


def test_a_summary_may_use_what_code_knows() -> None:
    held = verdicts.received(answer("bis Freitag sagen", summary="Tell Tom Krüger by Friday."), SILENT, GROUND)
    assert held.judgement.summary == "Tell Tom Krüger by Friday."


def test_a_date_outside_the_list_is_dropped_and_the_date_of_the_rules_stays() -> None:
    held = verdicts.received(answer("bis Freitag sagen", due=9), RULE, GROUND)
    assert held.judgement.due == MONDAY
    assert [claim.reason for claim in held.dropped] == [NO_DATE]


def test_the_model_cannot_take_a_found_date_away() -> None:
    assert verdicts.received(answer("bis Freitag sagen"), RULE, GROUND).judgement.due == MONDAY


def test_the_model_may_choose_another_found_date() -> None:
    assert verdicts.received(answer("bis Freitag sagen", due=1), RULE, GROUND).judgement.due == FRIDAY


def test_a_mail_in_which_a_rule_saw_a_request_is_not_lost_by_the_models_word() -> None:
    held = verdicts.received(answer(label="none", summary=""), RULE, GROUND)
    assert (held.judgement.label, held.judgement.by, held.judgement.quote) == ("unsure", "rules", RULE.quote)
    assert held.judgement.reason == "It asks you a question. The model sees nothing to answer."


def test_what_a_rule_was_unsure_of_the_model_may_settle() -> None:
    unsure = RULE.model_copy(update={"label": "unsure"})
    held = verdicts.received(answer(label="none", summary=""), unsure, GROUND)
    assert (held.judgement.label, held.judgement.by, held.judgement.due) == ("none", "model", MONDAY)


@settings(max_examples=80)
@given(
    st.lists(st.text(max_size=40) | st.sampled_from(["bis Freitag", "Angebot", "30.11.", "\x1b[31m"]), max_size=3),
    st.sampled_from(["reply", "none", "unsure"]),
    st.integers(0, 9),
    st.text(max_size=140),
)
def test_whatever_the_model_says_every_quote_stands_in_the_mail(
    evidence: list[str], label: str, due: int, summary: str
) -> None:
    held = verdicts.received(answer(*evidence, label=label, due=due, summary=summary), RULE, GROUND)
    assert held.judgement.quote in GROUND.source
    assert held.judgement.due in (FRIDAY, MONDAY)
    assert held.judgement.ref == REF
    assert "\x1b" not in held.judgement.summary


def test_a_promise_is_the_mails_own_words_with_the_date_that_stands_in_them() -> None:
    rule = SentJudgement(ref=REF)
    held = verdicts.sent(
        promise("die rechnung ist bis 30.11. zu zahlen", "kannst du mir bis Freitag sagen", due=1), rule, GROUND
    )
    first, second = held.judgement.promises
    assert (first.quote, first.due) == ("Die Rechnung ist bis 30.11. zu zahlen", MONDAY)
    assert (second.quote, second.due) == ("kannst du mir bis Freitag sagen", FRIDAY)
    assert (first.by, first.step) == ("model", "received")


def test_a_single_promise_takes_the_chosen_date_wherever_it_stands() -> None:
    held = verdicts.sent(promise("ob das Angebot", due=2), SentJudgement(ref=REF), GROUND)
    assert [(made.quote, made.due) for made in held.judgement.promises] == [("ob das\nAngebot", MONDAY)]


def test_a_promise_without_evidence_or_of_which_the_model_is_unsure_leaves_the_rules_word() -> None:
    rule = SentJudgement(ref=REF, promises=(Promise(ref=REF, quote="ob das\nAngebot"),))
    invented = verdicts.sent(promise("Ich zahle 900 Euro", due=7), rule, GROUND)
    assert (invented.judgement, invented.accepted) == (rule, False)
    assert [claim.reason for claim in invented.dropped] == [NO_QUOTE, NO_DATE, NO_EVIDENCE]
    assert verdicts.sent(promise(label="unsure"), rule, GROUND).judgement == rule
    assert verdicts.sent(promise(label="none"), rule, GROUND).judgement.promises == ()
