"""A journal looked back at: what is quoted stands there, what comes back is counted by code."""

import datetime as dt

import pytest
from statement_files import material, paper, told

from butler.core.definitions import Reckoned
from workflows.reckoners.journal.reckoning import JOURNAL
from workflows.reckoners.reading import sentences
from workflows.reckoners.showing import quoted

DAY = dt.date(2026, 11, 24)


def look(*texts: tuple[str, str], **options: object) -> Reckoned:
    return JOURNAL(material(*(paper(path, text) for path, text in texts)), told("journal", **options), DAY)


def lines(found: Reckoned, heading: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(line.text, line.refs) for each in found.sections if each.heading.startswith(heading) for line in each.lines]


def test_a_day_is_that_of_the_name_the_front_matter_or_the_heading() -> None:
    found = look(
        ("Daily/2026-11-20.md", "One two three.\n"),
        ("a.md", "---\ndate: 2026-11-21\n---\nFour five.\n"),
        ("diary.md", "# Diary\n\n## 2026-11-22\nSix.\n\n## 2026-11-23, evening\n\nSeven eight.\n"),
        ("b.md", "No day at all, and yet a text?\n"),
        ("Daily/2026-11-01.md", "Too old.\n"),
    )
    assert found.sections[0].heading == "Written, 4 of 7 days, 8 words"
    assert lines(found, "Written") == [
        ("Fri 20 Nov\t3\t“One two three.”", ("file:r/Daily/2026-11-20.md#L1",)),
        ("Sat 21 Nov\t2\t“Four five.”", ("file:r/a.md#L4",)),
        ("Sun 22 Nov\t1\t“Six.”", ("file:r/diary.md#L4",)),
        ("Mon 23 Nov\t2\t“Seven eight.”", ("file:r/diary.md#L8",)),
    ]


def test_questions_and_intentions_are_quoted_with_their_lines() -> None:
    text = (
        "# Day\n\nDr. Weber called. Do bees\nsleep at night? I know.\n\n- [ ] Wrap the present\n- [x] Bread\n- Milk?\n\n"
        "Ich möchte mehr zeichnen. Il faut que je dorme. Nothing else.\n> Who said this?\n"
    )
    found = look(("Daily/2026-11-23.md", text))
    place = "file:r/Daily/2026-11-23.md#L"
    assert lines(found, "Open questions") == [
        ("Mon 23 Nov: “Do bees sleep at night?”", (f"{place}3",)),
        ("Mon 23 Nov: “Milk?”", (f"{place}8",)),
        ("Mon 23 Nov: “Who said this?”", (f"{place}11",)),
    ]
    assert lines(found, "Meant to do") == [
        ("Mon 23 Nov: “Wrap the present”", (f"{place}6",)),
        ("Mon 23 Nov: “Ich möchte mehr zeichnen.”", (f"{place}10",)),
        ("Mon 23 Nov: “Il faut que je dorme.”", (f"{place}10",)),
    ]


def test_words_come_back_when_they_are_of_two_days_and_say_something() -> None:
    found = look(
        ("Daily/2026-11-21.md", "The telescope, again, with [[Anna Berger]] and Mila's bees on Monday. telescope telescope\n"),
        ("Daily/2026-11-22.md", "Mila and the telescope. #bees and again with the others.\n"),
        ("Daily/2026-11-23.md", "[[Anna Berger]] on Monday; Mila.\n"),
    )
    assert [text.partition(" (")[0] for text, _ in lines(found, "Comes back")] == [
        "Mila: 3 days",
        "telescope: 2 days",
        "Anna Berger: 2 days",
    ]
    assert lines(found, "Comes back")[1][1] == ("file:r/Daily/2026-11-21.md#L1", "file:r/Daily/2026-11-22.md#L1")


def test_days_and_words_can_be_chosen_and_wrong_ones_are_refused() -> None:
    texts = (("Daily/2026-11-01.md", "Long ago.\n"), ("Daily/2026-11-23.md", "Just now.\n"))
    assert len(lines(look(*texts, days="30"), "Written")) == 2
    with pytest.raises(ValueError, match="days: write a whole number"):
        look(*texts, days="week")


def test_nothing_written_is_no_section() -> None:
    assert look().sections == ()


def test_a_long_quote_ends_at_a_word_and_stays_literal() -> None:
    words = "word " * 60
    said = quoted(words, 52)
    assert said.endswith("word” …")
    assert said[1:].partition("”")[0] in words


def test_sentences_know_abbreviations_numbers_and_code() -> None:
    text = "---\na: b\n---\nOn 3. May Dr. Sommer came. Then\nwe ate. And slept.\n\n1. First\n```\ncode here\n```\n| a | b |\n"
    assert [(one.line, one.text) for one in sentences(text)] == [
        (4, "On 3. May Dr. Sommer came."),
        (4, "Then we ate."),
        (5, "And slept."),
        (7, "First"),
        (9, "code here"),
    ]
