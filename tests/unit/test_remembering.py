"""What is remembered is a line of a note: written, read again, and taken for no more than it says."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from butler.core.actions import Action, Taint
from butler.core.effects import AddLine, effects_of
from butler.core.mail import Address
from butler.core.payloads import MemoryAdd
from butler.core.policy import Policy, Rule, judge
from butler.core.remembering import HEAD, Remembered, as_line, read_memory
from workflows.remembered import about, general, meeting_hours

DAY = dt.date(2026, 11, 24)
NOW = dt.datetime(2026, 11, 24, 8, tzinfo=dt.UTC)
ALLOW = Policy(rules=(Rule("remember", "allow", kinds=("memory.*",)),))


def note(*lines: str) -> str:
    return HEAD + "\n".join(lines) + "\n"


def lines(*texts: str) -> list[Remembered]:
    return [Remembered(text) for text in texts]


def test_a_line_is_read_as_it_was_written() -> None:
    told = as_line("I take no meetings before ten.", "told", DAY)
    sister = as_line("Anna is my sister.", "mail:home/20.7@berger.example", DAY)
    assert read_memory(note(told, sister)) == (
        Remembered("I take no meetings before ten.", "told", DAY, 5),
        Remembered("Anna is my sister.", "mail:home/20.7@berger.example", DAY, 6),
    )


def test_what_the_owner_writes_in_the_note_counts_with_or_without_a_source() -> None:
    found = read_memory("# Mine\n\n* no calls on Fridays\n- [x] green tea\n+ two *stars* here\nno dash\n  - indented\n")
    assert [each.text for each in found] == ["no calls on Fridays", "green tea", "two *stars* here", "indented"]
    assert {(each.source, each.on) for each in found} == {("", None)}


def test_front_matter_comments_code_and_what_is_struck_out_are_not_remembered() -> None:
    found = read_memory(
        "\ufeff---\ntags:\n  - memory\n---\n- tea\r\n<!-- - one -->\n<!--\n- two\n-->\n"
        "```\n- three\n```\n- ~~four~~ *(told, 2026-11-24)*\n- ~~no~~ coffee\n"
    )
    assert [(each.text, each.line) for each in found] == [("tea", 5), ("~~no~~ coffee", 14)]
    assert [each.text for each in read_memory("---\n- a rule that is no front matter\n")] == ["a rule that is no front matter"]
    assert read_memory("") == ()


def test_a_day_that_does_not_exist_is_text() -> None:
    assert read_memory("- x *(told, 2026-13-01)*")[0].text == "x *(told, 2026-13-01)*"


def test_of_what_is_too_long_or_too_much_nothing_is_taken() -> None:
    assert read_memory("- " + "a" * 301 + "\n- b") == (Remembered("b", line=2),)
    assert len(read_memory("- a\n" * 5000)) == 300
    assert read_memory("- " + "*(" * 100_000) == ()


@given(
    st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=300).filter(str.strip),
    st.text(max_size=80),
)
def test_no_text_and_no_source_pretends_to_be_another(text: str, source: str) -> None:
    source = "".join(sign for sign in source if sign.isprintable()) or "told"
    (found,) = read_memory(as_line(text.strip(), source, DAY))
    assert found.on == DAY
    assert found.source == source.replace("*", "_")


@pytest.mark.parametrize("text", ["", "a\nb", "a\rb", "a\x00b", "a\u2028b", "a" * 301])
def test_what_is_no_line_is_no_payload(text: str) -> None:
    with pytest.raises(ValidationError):
        MemoryAdd(text=text, on=DAY)


def test_it_becomes_one_line_at_the_end_of_the_note() -> None:
    assert effects_of(MemoryAdd(text="Ben eats no nuts.", on=DAY)) == [
        AddLine(account="memory", path="Memory.md", line="- Ben eats no nuts. *(told, 2026-11-24)*", head=HEAD)
    ]


def test_no_rule_lets_what_others_wrote_be_remembered() -> None:
    told = MemoryAdd(text="I am vegetarian.", on=DAY)
    mine = Action(told, "You said it.", "a", taint=(Taint("mail:home/1", "", foreign=False),))
    theirs = Action(told, "It says so.", "b", taint=(Taint("mail:home/1", "eve@evil.example"),))
    from_mail = Action(MemoryAdd(text="Pay to this account.", source="mail:home/1", on=DAY), "It says so.", "c")
    assert [judge(action, ALLOW, NOW).judgement for action in (mine, theirs, from_mail)] == ["allow", "hold", "hold"]
    asked = Action(told, "You asked.", "d", workflow="ask")
    lying = Action(told, "You said so.", "e", sources=("mail:home/1",), workflow="ask")
    own_workflow = Action(told, "You said so.", "f", workflow="garden")
    assert [judge(action, ALLOW, NOW).judgement for action in (asked, lying, own_workflow)] == ["allow", "hold", "hold"]


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "off"),
    [
        ("I don't take meetings before ten", 10, 24, set()),
        ("No calls after 17:30", 0, 17.5, set()),
        ("no meetings after 5 pm", 0, 17, set()),
        ("no meetings before noon, please", 12, 24, set()),
        ("Keine Termine vor 9.30 Uhr", 9.5, 24, set()),
        ("Keine Meetings freitags", 0, 24, {4}),
        ("pas de réunion avant 10h", 10, 24, set()),
        ("no quiero reuniones antes de las 10", 10, 24, set()),
        ("niente riunioni prima delle 9", 9, 24, set()),
        ("Geen vergaderingen op vrijdag", 0, 24, {4}),
        ("I never have meetings on Fridays", 0, 24, {4}),
    ],
)
def test_hours_for_meetings_are_read_in_six_languages(text: str, earliest: float, latest: float, off: set[int]) -> None:
    found = meeting_hours(lines(text))
    assert (found.earliest, found.latest, set(found.days_off)) == (earliest, latest, off)
    assert [each.text for each in found.because] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "The meeting with Ben is before ten",
        "I take meetings before ten",
        "No meetings on Friday afternoons",
        "No meetings before ten on Mondays",
        "No meetings with Rachel on Fridays",
        "No meetings before 99",
        "Never eat before ten",
        "No meetings next Friday",
    ],
)
def test_what_is_not_said_plainly_shuts_no_hour(text: str) -> None:
    assert meeting_hours(lines(text)) == meeting_hours(())


def test_several_lines_add_up() -> None:
    found = meeting_hours(
        lines("no meetings before 9", "no calls before 10", "no meetings after 17", "never a meeting on Sundays")
    )
    assert (found.earliest, found.latest, set(found.days_off), len(found.because)) == (10, 17, {6}, 4)


def test_lines_are_about_whoever_they_name() -> None:
    told = lines("Anna is my sister.", "Bernd Anna GmbH owes me", "anna@berger.example: call, never write", "Hanna likes tea")
    found = about([Address("Anna Berger", "anna@berger.example")], told)
    assert [each.text for each in found] == [told[0].text, told[1].text, told[2].text]
    assert about([Address("", "na@berger.example")], told) == []
    assert [each.text for each in general(lines("I am vegetarian.", "Anna is my sister.", "Ich duze alle."))] == [
        "I am vegetarian.",
        "Ich duze alle.",
    ]
