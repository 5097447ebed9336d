"""Quotes found again in their source, and phrases held against it fact by fact."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from butler.core.grounding import find_quote, unsupported
from butler.core.text import normalised

MAIL = (
    "Hallo Anna,\nkönnten Sie bis Freitag, 27.11.2026 um 15:00 Uhr die Rechnung   INV-2026-117 über 1.200,50 € “bezahlen”?\n"
    "Call me at 3 pm – or write to office@nordwind.example, see https://www.nordwind.example/pay.\nGruß, Tom Winter"
)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("könnten Sie bis Freitag", "könnten Sie bis Freitag"),
        ("KÖNNTEN SIE BIS FREITAG", "könnten Sie bis Freitag"),
        ("die Rechnung INV-2026-117", "die Rechnung   INV-2026-117"),
        ("Hallo Anna, könnten", "Hallo Anna,\nkönnten"),
        ('€ "bezahlen"?', "€ “bezahlen”?"),
        ("at 3 pm - or write", "at 3 pm – or write"),
        ("…über 1.200,50 €…", "über 1.200,50 €"),
        ('"Call me"', "Call me"),
        ("GRUSS, TOM", "Gruß, Tom"),
        ("Tom Winter", "Tom Winter"),
    ],
)
def test_a_quote_is_found_as_its_source_writes_it(quote: str, found: str) -> None:
    assert find_quote(quote, MAIL) == found
    assert found in MAIL


@pytest.mark.parametrize(
    "quote",
    ["", "…", "a", "at", "bi", "nnten Sie bis", "könnten Sie bis Fre", "bis Montag", "?!", "könnten … Rechnung", "x" * 3000],
)
def test_a_quote_that_is_not_there_word_for_word_is_none(quote: str) -> None:
    assert find_quote(quote, MAIL) is None


def test_a_word_cut_at_its_border_is_passed_over_for_a_whole_one() -> None:
    assert find_quote("cat", "concat catalogue (cat)") == "cat"
    assert find_quote("cat", "concat catalogue") is None


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert find_quote("könnten", "Ja, ko\u0308nnten wir") == "ko\u0308nnten"
    assert find_quote("fine text", "a \ufb01ne\u200b text") == "\ufb01ne\u200b text"


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from('aAbßé\u0308\u0301 \n\t.“"–-1\u200b\ufb01…'), max_size=60), st.data())
@example("", None)
def test_what_is_found_is_a_slice_that_says_the_same(source: str, data: st.DataObject | None) -> None:
    if data is None:
        assert find_quote("any words", source) is None
        return
    start = data.draw(st.integers(0, len(source)))
    quote = source[start : data.draw(st.integers(start, len(source)))]
    found = find_quote(quote, source)
    if found is not None:
        assert found in source
        assert normalised(found).replace(" ", "") in normalised(source).replace(" ", "")


@pytest.mark.parametrize(
    "phrase",
    [
        "Asks to pay invoice INV-2026-117 (1,200.50 EUR) by Friday 27 November, 3 pm",
        "Asks for 1200.5 by 15:00",
        "Pay by 2026-11-27",
        "Pay by 27/11/2026 at 3 p.m.",
        "Wants a call at 15:00",
        "Write to office@nordwind.example or visit nordwind.example/pay",
        "Tom Winter's invoice is open",
        "asks whether you may come",
        "Please call",
        "",
    ],
)
def test_a_phrase_that_repeats_its_source_passes(phrase: str) -> None:
    assert unsupported(phrase, MAIL) == []


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("Asks to pay 1,300 EUR", ["1,300"]),
        ("Asks to pay by Monday", ["Monday"]),
        ("Asks to pay by 28 November", ["28 November"]),
        ("Asks to pay by 27 November 2027", ["27 November 2027"]),
        ("Asks to pay by 4 pm", ["4 pm"]),
        ("Asks to pay in December", ["December"]),
        ("Asks to write to evil@mallory.example", ["evil@mallory.example"]),
        ("Asks to open https://evil.example/x", ["https://evil.example/x"]),
        ("Asks to open evil.example", ["evil.example"]),
        ("Asks for invoice INV-2026-118", ["INV-2026-118"]),
        ("Asks to meet Mallory", ["Mallory"]),
        ("Mallory wants money", ["Mallory"]),
        ("Asks about iPhone", ["iPhone"]),
        ("Asks for 20%", ["20"]),
    ],
)
def test_a_word_that_its_source_does_not_bear_out_is_named(phrase: str, words: list[str]) -> None:
    assert unsupported(phrase, MAIL) == words


PLAN = (
    "Could you send me the planting plan by Friday, 27 November at 12:00? "
    "Do not pay the 300 euros before two weeks are over. Tom"
)


@pytest.mark.parametrize(
    "phrase",
    [
        "Tom asks you to send the planting plan by Friday.",
        "Tom wants the plan by the 27th, at noon.",
        "Do not pay the €300",
        "Not to pay within two weeks",
    ],
)
def test_what_is_put_otherwise_but_said_passes(phrase: str) -> None:
    assert unsupported(phrase, PLAN, ("Anna Berger",)) == []


@pytest.mark.parametrize(
    ("phrase", "language", "word"),
    [
        ("Tom wants you to pay five hundred euros", "en", "five"),
        ("Send the plan within three weeks", "en", "three weeks"),
        ("Send the plan tonight", "en", "tonight"),
        ("Send the plan tomorrow", "en", "tomorrow"),
        ("Send the plan next week", "en", "next week"),
        ("Send the plan at midnight", "en", "midnight"),
        ("Der Plan soll morgen kommen", "de", "morgen"),
        ("Tom necesita el plan mañana", "es", "mañana"),
        ("Zahle fünfhundert Euro", "de", "fünfhundert"),
        ("Send ⑨ plans", "en", "9"),
        ("Pay 27 euros", "en", "27"),
        ("Send 300 plans", "en", "300"),
        ("Ask paul for the plan", "en", "paul"),
        ("Send the plan to mallory", "en", "mallory"),
        ("Tom fires you", "en", "fires"),
    ],
)
def test_days_spans_amounts_and_topics_must_be_said_too(phrase: str, language: str, word: str) -> None:
    assert word in unsupported(phrase, PLAN, ("Anna Berger",), language)


def test_names_and_facts_that_the_caller_knows_pass() -> None:
    assert unsupported("Asks Eva Lang to come on 3 May", "please come", ("Eva Lang", "2026-05-03")) == []


def test_german_nouns_pass_when_the_source_has_such_a_word_or_they_are_formulas() -> None:
    source = "bitte die Unterlagen für den Mietvertrag senden"
    assert unsupported("Bittet um Rückmeldung und die Mietverträge", source, language="de") == []
    assert unsupported("Bittet um Rückruf bei Frau Maier", source, language="de") == ["Rückruf", "Maier"]


@pytest.mark.parametrize(
    ("said", "written", "same"),
    [
        ("1.200", "1,200", True),
        ("1 200 €", "1.200 €", True),
        ("0.5", "0,50", True),
        ("3:30 pm", "15.30 Uhr", True),
        ("15h", "15:00", True),
        ("12 am", "0:00", True),
        ("3 pm", "3 am", False),
        ("30th", "30 pieces", True),
        ("1 Dec", "1er décembre", True),
        ("Friday", "w piątek", True),
        ("May 5", "5.5.2026", True),
        ("5 May 2027", "5.5.", False),
        ("version 2.1", "version 2.1", True),
        ("12", "120", False),
    ],
)
def test_values_are_compared_not_spellings(said: str, written: str, same: bool) -> None:
    assert (unsupported(f"about {said}", f"it is {written} then") == []) is same


@pytest.mark.parametrize("piece", ["a", "1 ", "a.", "1.", "a@", "é", "1-", "A ", "nov ", "-", "1'", "http://", "1 000 "])
def test_hostile_lengths_are_read_through(piece: str) -> None:
    source = piece * (40_000 // len(piece))
    assert unsupported("avec Peter", source, language="fr") == ["Peter"]
    assert find_quote("no such words", source) is None


def test_a_number_that_no_month_has_is_no_date() -> None:
    assert unsupported("Sie zahlen 84,20 EUR", "Bitte zahlen Sie 84,20 EUR.", language="de") == []
    assert unsupported("Bitte Sie 84,20 EUR", "Bitte zahlen Sie uns 84,20 EUR.", language="de") == []
