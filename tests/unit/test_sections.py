"""The sections about mails, tasks and notes: who waits, what is due, what was promised, what changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from briefing_day import (
    ANNA,
    DAY,
    NOW,
    OPTIONS,
    at,
    composed,
    day_lines,
    event,
    from_anna,
    gathered,
    judged,
    mail,
    note,
    person,
    task,
)

from butler.core.calendar import Placed
from workflows.briefing.compose import compose
from workflows.briefing.values import Due, Gathered, Judged, Judgement

ASK = "Could you send me the slides?"


def test_a_reply_line_says_who_what_why_and_how_long() -> None:
    found = gathered([mail(ASK, when=at(22, 10))], exchanged={"tom@nordwind.example": (9, 9)})
    assert day_lines("reply", found) == [
        "Tom Winter: “Could you send me the slides?” (waiting 2 days; you write with them often; to you alone)"
    ]


def test_answered_mails_are_left_out() -> None:
    flagged = mail(ASK, flags=frozenset({"\\answered"}))
    assert day_lines("reply", gathered([flagged])) == []
    first = mail(ASK, thread=5, when=at(22, 10))
    answer = from_anna("Here they are.", thread=5, when=at(22, 11))
    assert day_lines("reply", gathered([first], [answer])) == []
    again = mail("Could you send page 3, too?", thread=5, when=at(22, 12))
    assert len(day_lines("reply", gathered([first, again], [answer]))) == 1


def test_a_mail_that_is_passed_on_to_somebody_else_is_not_answered() -> None:
    first = mail(ASK, thread=5, when=at(22, 10))
    passed_on = from_anna("FYI", thread=5, when=at(22, 11), to=("paul@hafenmusik.example",))
    assert len(day_lines("reply", gathered([first], [passed_on]))) == 1


def test_an_invitation_answered_in_the_calendar_is_answered() -> None:
    invite = mail("", calendar="METHOD:REQUEST\nUID:review\n", subject="Review")
    waiting = person("anna@berger.example", "needs-action")
    review = event("Review", at(26, 9), at(26, 10), attendees=(waiting,))
    assert day_lines("reply", gathered([invite], ahead=[review]))[0].startswith("Tom Winter: “Review” (waiting 1 day")
    coming = replace(review.occurrence, attendees=(person("anna@berger.example", "accepted"),))
    assert day_lines("reply", gathered([invite], ahead=[replace(review, occurrence=coming)])) == []


def test_several_mails_of_one_person_in_a_thread_are_one_line() -> None:
    mails = [mail(f"Could you send page {number}?", thread=5, when=at(20 + number, 9)) for number in (1, 2, 3)]
    made = composed(gathered(mails))
    [line] = next(section.lines for section in made.sections if section.name == "reply")
    assert "page 3" in line.text
    assert "2 more from them in this thread" in line.text
    assert [evidence.ref for evidence in line.evidence] == [one.ref for one in reversed(mails)]


def test_more_than_the_limit_are_counted_with_their_references() -> None:
    mails = [mail(f"Could you answer number {number}?", when=at(20, number)) for number in range(5)]
    made = composed(gathered(mails), options=replace(OPTIONS, reply_limit=3))
    shown = next(section.lines for section in made.sections if section.name == "reply")
    assert len(shown) == 4
    assert shown[3].text == "and 2 more"
    assert len(shown[3].evidence) == 2


def test_the_models_phrase_is_shown_and_the_mails_words_are_cited() -> None:
    one = mail(ASK)
    by_model = Judgement(
        ref=one.ref, label="reply", quote=ASK, summary="asks for the slides", by="model", step="judge", digest="d"
    )
    made = compose(gathered([one]), Judged(received=(by_model,)), ANNA, OPTIONS)
    line = made.sections[0].lines[0]
    assert line.text.startswith("Tom Winter: asks for the slides (")
    assert (line.by, line.evidence[0].quote) == ("model", ASK)
    assert (made.origins[0].step, made.origins[0].digest) == ("judge", "d")


def test_words_that_are_not_in_their_source_are_dropped_and_counted() -> None:
    one = mail(ASK)
    invented = Due(day=DAY, quote="by today", words="today")
    liar = Judgement(ref=one.ref, label="reply", quote="Send me your password", due=invented, by="model")
    made = compose(gathered([one]), Judged(received=(liar,)), ANNA, OPTIONS)
    assert made.sections == ()
    assert [claim.text for claim in made.dropped] == ["Send me your password", "by today"]


def test_a_quote_is_given_back_as_the_mail_writes_it() -> None:
    one = mail("Could  you\nsend “it”?")
    folded = Judgement(ref=one.ref, label="reply", quote='could you send "it"?', by="model")
    made = compose(gathered([one]), Judged(received=(folded,)), ANNA, OPTIONS)
    assert made.sections[0].lines[0].evidence[0].quote == "Could  you\nsend “it”?"
    assert made.dropped == ()


def test_deadlines_stand_by_day_with_their_words() -> None:
    found = gathered(
        [
            mail("Please sign before 1 December.", when=at(20, 9), name="Eva", sender="eva@n.example"),
            mail("The fee is due by Friday, 5 pm.", when=at(23, 9)),
            mail("It was due on 23 November.", when=at(20, 9), name="Jo", sender="jo@n.example"),
            mail("It was due on 1 November.", when=at(20, 9)),
            mail("Please sign before 1 February.", when=at(20, 9)),
        ],
        tasks=[task("Water", at(25, 18)), task("Pay", DAY), task("Old", dt.date(2026, 11, 1)), task("None", None)],
        notes=[note("- [ ] book the ferry due 2026-11-26")],
    )
    assert day_lines("deadlines", found) == [
        "overdue since Mon 23 Nov: “It was due on 23 November.” (Jo)",
        "Wed 25 Nov 18:00, tomorrow: Water (task)",
        "Thu 26 Nov, in 2 days: “- [ ] book the ferry due 2026-11-26” (note house.md)",
        "Fri 27 Nov 17:00, in 3 days: “The fee is due by Friday, 5 pm.” (Tom Winter)",
        "Tue 1 Dec, in 7 days: “Please sign before 1 December.” (Eva)",
    ]


def test_the_same_deadline_said_twice_in_a_thread_is_one_line() -> None:
    mails = [
        mail("Please sign by Friday.", thread=5, when=at(22, 9)),
        mail("Remember, sign by Friday!", thread=5, when=at(23, 9)),
    ]
    made = composed(gathered(mails))
    [line] = next(section.lines for section in made.sections if section.name == "deadlines")
    assert [evidence.quote for evidence in line.evidence] == ["Please sign by Friday.", "Remember, sign by Friday!"]


def test_a_deadline_of_an_answered_mail_stays_and_says_so() -> None:
    ask, answer = mail("Please pay by Friday.", thread=5, when=at(22, 9)), from_anna("OK.", thread=5, when=at(22, 10))
    assert day_lines("deadlines", gathered([ask], [answer])) == [
        "Fri 27 Nov, in 3 days: “Please pay by Friday.” (Tom Winter, you have answered since)"
    ]
    over = mail("Please pay by Monday.", thread=5, when=at(22, 9))
    assert day_lines("deadlines", gathered([over], [answer])) == []


def test_a_note_cites_its_line() -> None:
    made = composed(gathered(notes=[note("one\n- [ ] two due 2026-11-26")]))
    evidence = made.sections[0].lines[0].evidence[0]
    assert (evidence.ref, evidence.quote) == ("file:notes/house.md#L2", "- [ ] two due 2026-11-26")


def test_promises_stand_until_the_owner_writes_again() -> None:
    promise = from_anna("I'll send the figures by Monday.", thread=5, when=at(19, 9))
    assert day_lines("promised", gathered([], [promise])) == [
        "to tom@nordwind.example: “I'll send the figures by Monday.” (was due Mon 23 Nov; promised 5 days ago)"
    ]
    chased = mail("Where are they?", thread=5, when=at(20, 9))
    assert len(day_lines("promised", gathered([chased], [promise]))) == 1
    kept = from_anna("Here they are.", thread=5, when=at(21, 9))
    assert day_lines("promised", gathered([], [promise, kept])) == []


def test_a_promise_is_kept_when_a_done_task_says_so() -> None:
    promise = from_anna("I will book the surveyor tomorrow.", when=at(23, 9))
    assert len(day_lines("promised", gathered([], [promise], tasks=[task("Book surveyor", None)]))) == 1
    assert day_lines("promised", gathered([], [promise], tasks=[task("Book surveyor", None, completed=True)])) == []
    assert len(day_lines("promised", gathered([], [promise], tasks=[task("Surveyor", None, completed=True)]))) == 1


def test_questions_wait_after_some_days_unless_those_asked_have_written() -> None:
    asked = from_anna("When does the technician come?", thread=5, when=at(20, 9))
    assert day_lines("waiting", gathered([], [asked])) == [
        "tom@nordwind.example: “When does the technician come?” (asked 4 days ago)"
    ]
    assert day_lines("waiting", gathered([], [replace(asked, when=at(22, 9))])) == []
    for sender, waits in (("tom@nordwind.example", 0), ("eva@nordwind.example", 0), ("mallory@evil.example", 1)):
        later = mail("Tomorrow.", sender=sender, thread=5, when=at(21, 9))
        assert len(day_lines("waiting", gathered([later], [asked]))) == waits, sender
    automatic = mail("I am away.", thread=5, when=at(21, 9), bulk=True)
    assert len(day_lines("waiting", gathered([], [asked], others=[automatic]))) == 1


def test_somebody_of_the_same_mail_provider_answers_for_nobody() -> None:
    asked = from_anna("When?  When do you come?", to=("tom@gmail.com",), thread=5, when=at(20, 9))
    other = mail("Tomorrow.", sender="eve@gmail.com", thread=5, when=at(21, 9))
    assert len(day_lines("waiting", gathered([other], [asked]))) == 1


def test_only_the_newest_mail_of_the_owner_waits() -> None:
    first = from_anna("When do you come?", thread=5, when=at(18, 9))
    second = from_anna("Are you there?", thread=5, when=at(19, 9))
    assert day_lines("waiting", gathered([], [first, second])) == ["tom@nordwind.example: “Are you there?” (asked 5 days ago)"]


def test_a_question_that_came_back_is_said_at_once() -> None:
    asked = from_anna("When do you come?", to=("tom@nordwind.example", "eva@n.example"), thread=5, when=at(23, 9))
    bounce = mail("", sender="mailer-daemon@mail.example", subject="Undelivered", thread=5, when=at(23, 10), bounce=True)
    made = composed(gathered([], [asked], others=[bounce]))
    [line] = made.sections[0].lines
    assert line.text == "tom@nordwind.example and 1 more: “When do you come?” (sent yesterday, not delivered)"
    assert line.evidence[1].ref == bounce.ref


def test_a_delivery_report_outside_the_thread_is_known_by_the_address_it_names() -> None:
    sent = from_anna("The plan is attached.", to=("tom@nordwind.example",), when=at(23, 9))
    names: dict[str, Any] = {"sender": "mailer-daemon@mail.example", "name": "", "bounce": True, "subject": "Undelivered"}
    report = mail("<tom@nordwind.example>: user unknown", when=at(23, 10), **names)
    assert day_lines("waiting", gathered([], [sent], bounces=[report])) == [
        "tom@nordwind.example: “Garden” (sent yesterday, not delivered)"
    ]
    for other in (mail("<eva@nordwind.example>", when=at(23, 10), **names), replace(report, when=at(22, 9))):
        assert day_lines("waiting", gathered([], [sent], bounces=[other])) == []
    again = from_anna("Once more.", when=at(23, 11), thread=sent.thread)
    assert day_lines("waiting", gathered([], [sent, again], bounces=[report])) == []


def test_tasks_due_and_overdue_stand_by_day_and_priority() -> None:
    tasks = [
        task("Low", DAY, priority=9),
        task("High", DAY, priority=1),
        task("Call", at(24, 15)),
        task("Rent", dt.date(2026, 11, 20)),
        task("Done", DAY, completed=True),
        task("Off", DAY, cancelled=True),
        task("Later", dt.date(2026, 11, 25)),
    ]
    assert day_lines("tasks", gathered(tasks=tasks)) == [
        "overdue since Fri 20 Nov: Rent",
        "due today: High (high priority)",
        "due today: Low",
        "due today 15:00: Call",
    ]


def test_newsletters_and_lists_are_counted_and_named() -> None:
    letters = [mail(f"News {n}", sender="news@slow.example", name="Slow Gardener", list_id="slow.example") for n in range(2)]
    single = mail("Haies", sender="lettre@paysage.example", name="Lettre", bulk=True)
    posts = [
        mail(f"Post {n}", to=("varroa@bees.example",), list_id="varroa.bees.example", sender=f"{n}@x.example") for n in range(2)
    ]
    found = gathered(bulk=[*letters, single, *posts])
    assert day_lines("reading", found) == [
        "3 newsletters: Slow Gardener (2), Lettre",
        "2 mails on lists: varroa.bees.example (2)",
    ]
    assert day_lines("reading", gathered(bulk=[single])) == ["1 newsletter: Lettre"]
    to_many = mail("Sale", bulk=True, to=("undisclosed@shop.example",), name="Shop")
    assert day_lines("reading", gathered(bulk=[to_many])) == ["1 newsletter: Shop"]


def yesterday(events: list[Placed], received: list[object] | None = None, **rest: object) -> dict[str, object]:
    found = Gathered(now=NOW - dt.timedelta(1), day=DAY - dt.timedelta(1), sources=(), ahead=events)
    assert received is None
    return composed(replace(found, **rest)).snapshot  # type: ignore[arg-type]


def test_changes_since_the_last_briefing_are_told() -> None:
    tom = person("tom@nordwind.example", "needs-action", "Tom")
    moved, off, gone = (
        event("Moved", at(24, 9), at(24, 10)),
        event("Off", at(24, 11), at(24, 12)),
        event("Gone", at(25, 9), at(25, 10)),
    )
    asked, whole = (
        event("Asked", at(26, 9), at(26, 10), attendees=(tom,)),
        event("Whole", dt.date(2026, 11, 24), dt.date(2026, 11, 25)),
    )
    over = event("Over", at(23, 9), at(23, 10))
    before = yesterday([moved, off, gone, asked, whole, over])
    now = [
        replace(moved, occurrence=replace(moved.occurrence, start=at(24, 14), end=at(24, 15))),
        replace(off, occurrence=replace(off.occurrence, status="cancelled")),
        replace(asked, occurrence=replace(asked.occurrence, attendees=(replace(tom, answer="accepted"),))),
        whole,
        event("New", at(25, 16), at(25, 17)),
        event("Next week", at(30, 16), at(30, 17)),
    ]
    assert day_lines("changes", gathered(ahead=now, before=before)) == [
        "no longer in the next two weeks: Gone, Wed 25 Nov 09:00",
        "cancelled: Off, 11:00",
        "moved: Moved, from 09:00 to 14:00",
        "new: New, Wed 25 Nov 16:00",
        "Tom accepted: Asked, Thu 26 Nov 09:00",
    ]
    again = composed(gathered(ahead=now, before=composed(gathered(ahead=now)).snapshot))
    assert [section.name for section in again.sections] == []


def test_what_the_last_briefing_could_not_see_is_not_new() -> None:
    long_ago = composed(Gathered(now=NOW - dt.timedelta(20), day=DAY - dt.timedelta(20), sources=())).snapshot
    assert day_lines("changes", gathered(ahead=[event("Old news", at(24, 9), at(24, 10))], before=long_ago)) == []


def test_nothing_is_said_to_be_gone_from_a_calendar_that_was_not_read() -> None:
    before = yesterday([event("Gone", at(25, 9), at(25, 10))])
    stale = [replace(source, state="stale") for source in gathered().sources]
    assert day_lines("changes", gathered(before=before, sources=stale)) == []


def test_mails_answered_since_are_told() -> None:
    ask = mail(ASK, thread=5, when=at(22, 9))
    before = composed(gathered([ask])).snapshot
    answer = from_anna("Here.", thread=5, when=at(23, 9))
    made = composed(gathered([ask], [answer], before=before))
    [line] = next(section.lines for section in made.sections if section.name == "changes")
    assert line.text == "you answered Tom Winter: “Could you send me the slides?”"
    assert [evidence.ref for evidence in line.evidence] == [ask.ref, answer.ref]
    flagged = replace(ask, message=replace(ask.message, flags=frozenset({"\\answered"})))
    assert len(day_lines("changes", gathered([flagged], before=before))) == 1


def test_answers_to_the_owners_questions_are_told() -> None:
    asked = from_anna("When do you come?", thread=5, when=at(22, 9))
    before = composed(gathered([], [asked])).snapshot
    answer = mail("On Friday.", thread=5, when=at(23, 9))
    made = composed(gathered([answer], [asked], before=before))
    [line] = next(section.lines for section in made.sections if section.name == "changes")
    assert line.text == "Tom Winter answered: “When do you come?”"
    assert [evidence.ref for evidence in line.evidence] == [asked.ref, answer.ref]
    assert day_lines("changes", gathered([], [asked], before=before)) == []


def test_without_a_readable_snapshot_nothing_changed() -> None:
    events = [event("New", at(24, 9), at(24, 10))]
    for before in (None, {}, {"version": 99}, {"version": 1, "generated_at": "no", "until": 3, "events": []}):
        assert day_lines("changes", gathered(events=events, before=before)) == []


def test_rules_judge_what_the_builders_gather() -> None:
    assert judged(gathered([mail(ASK)])).received[0].label == "reply"
