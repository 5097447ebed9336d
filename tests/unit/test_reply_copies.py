"""One mail in two accounts is asked once; invitations say to what and when, and only while they wait for an answer."""

from __future__ import annotations

from dataclasses import replace

from briefing_day import at, composed, day_lines, gathered, mail

from butler.core.mail import Mail

ASK = "Could you send me the slides?"


def copied(one: Mail, account: str = "work") -> Mail:
    return replace(one, ref=one.ref.replace("home", account), account=account)


def invitation(
    start: str = "20261127T090000Z",
    *,
    uid: str = "team",
    rule: str = "",
    answer: str = "NEEDS-ACTION",
    day: int = 23,
    text: str = "",
    part: str = "",
) -> Mail:
    lines = (
        *("BEGIN:VCALENDAR", "METHOD:REQUEST", "VERSION:2.0", "BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:Team", f"DTSTART:{start}"),
        *([f"RRULE:{rule}"] if rule else []),
        *([f"RECURRENCE-ID:{part}"] if part else []),
        *(
            "ORGANIZER:mailto:o@o.example",
            f"ATTENDEE;PARTSTAT={answer}:mailto:anna@berger.example",
            "END:VEVENT",
            "END:VCALENDAR",
        ),
    )
    return mail(text, subject="Invitation", calendar="\r\n".join(lines), when=at(day, 10), thread=int(f"{day}{start[6:8]}"))


def test_a_mail_in_two_accounts_is_one_line_and_no_second_mail() -> None:
    one = mail(ASK, when=at(22, 10))
    made = composed(gathered([one, copied(one)]))
    [line] = next(section.lines for section in made.sections if section.name == "reply")
    assert "more from them" not in line.text
    assert [evidence.ref for evidence in line.evidence] == [one.ref]


def test_a_mail_that_is_answered_in_one_account_is_answered_in_all() -> None:
    one = mail(ASK, when=at(22, 10))
    answered = replace(copied(one), message=replace(one.message, flags=frozenset({"\\answered"})))
    assert day_lines("reply", gathered([one, answered])) == []


def test_mails_of_two_authors_with_one_message_id_stay_two() -> None:
    one, other = mail(ASK, thread=1), mail(ASK, thread=2, sender="eve@x.example", name="Eve")
    other = replace(other, message=replace(other.message, message_id=one.message.message_id))
    assert len(day_lines("reply", gathered([one, other]))) == 2


def test_an_invitation_says_to_what_and_when() -> None:
    [line] = day_lines("reply", gathered([invitation()]))
    assert line.startswith("Tom Winter: invites you: “Team”, Fri 27 Nov 10:00 (waiting 1 day")
    [line] = day_lines("reply", gathered([invitation(text="Could you bring the slides?")]))
    assert line.startswith("Tom Winter: invites you: “Team”, Fri 27 Nov 10:00 – “Could you bring the slides?” (")
    [line] = day_lines("reply", gathered([invitation("20261102T090000Z", rule="FREQ=WEEKLY")]))
    assert line.startswith("Tom Winter: invites you: “Team”, Mon 30 Nov 10:00 (")


def test_an_update_takes_the_place_of_the_invitation() -> None:
    [line] = day_lines("reply", gathered([invitation(day=22), invitation("20261128T090000Z")]))
    assert line.startswith("Tom Winter: invites you: “Team”, Sat 28 Nov 10:00 (waiting 1 day")
    assert len(day_lines("reply", gathered([invitation(day=22), invitation("20261128T090000Z", uid="other")]))) == 2


def test_a_change_of_one_day_leaves_the_invitation_to_the_series() -> None:
    series = invitation("20261102T090000Z", rule="FREQ=WEEKLY", day=20)
    one_day = invitation("20261201T090000Z", part="20261130T090000Z", day=22)
    assert len(day_lines("reply", gathered([series, one_day]))) == 2


def test_an_invitation_that_is_past_or_answered_wants_nothing() -> None:
    assert day_lines("reply", gathered([invitation("20261101T110000Z", rule="FREQ=WEEKLY;COUNT=2")])) == []
    assert day_lines("reply", gathered([invitation("20261120T110000Z")])) == []
    assert day_lines("reply", gathered([invitation(answer="ACCEPTED")])) == []


def test_an_invitation_that_cannot_be_read_is_shown_by_its_subject() -> None:
    one = mail("", subject="Invitation", calendar="METHOD:REQUEST\r\nUID:x\r\nBEGIN:VEVENT\r\nDTSTART:nonsense")
    assert day_lines("reply", gathered([one]))[0].startswith("Tom Winter: “Invitation” (")
