"""What a search finds in the mirror, in which order, in whatever script and spelling it is asked for."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory_source import NOON

from butler.core import excerpts as excerpts_module
from butler.core.calendar import Attendee, CalendarObject, Occurrence, Task
from butler.core.contacts import Cards, Contact, Phone
from butler.core.errors import UsageError
from butler.core.folding import beside
from butler.core.mail import Address, Attachment, Message
from butler.core.notes import Note
from butler.core.prepared import Prepared, prepare
from butler.core.queries import Found, Query, Term
from butler.core.sources import Batch, SourceKind
from butler.sandbox.batches import pack_batch, read_batch
from butler.store import mirror as mirror_module
from butler.store import search as search_module
from butler.store.match import all_of, group_of
from butler.store.mirror import Mirror
from butler.store.sql import migrations

ANNA = "anna@berger.example"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Shelf:
    """A mirror that tests fill by hand, looked at from noon of a day."""

    def __init__(self, path: Path) -> None:
        self.mirror = Mirror.open(path, "Europe/Berlin", frozenset({ANNA}), lambda: NOON)
        self.count = 0

    def mail(self, name: str, subject: str = "", text: str = "", **more: Any) -> None:
        """Put a mail into a folder; `files` are the names of its attachments."""
        self.count += 1
        folder, role, at = more.get("folder", "INBOX"), more.get("role", ""), more.get("at", NOON - DAY)
        message = Message(
            key=str(self.count),
            flags=frozenset(more.get("flags", ())),
            received=int(at.timestamp()),
            size=100,
            message_id=f"{name}@x",
            date=at,
            subject=subject,
            sender=Address(*more.get("sender", ("Tom Lindqvist", "tom@nordwind.example"))),
            to=tuple(Address(*each) for each in more.get("to", (("Anna Berger", ANNA),))),
            cc=tuple(Address(*each) for each in more.get("cc", ())),
            text=text,
            attachments=tuple(Attachment(each, "application/pdf", 10) for each in more.get("files", ())),
        )
        self.write("mail", "home", folder, [prepare(message)], role)

    def write(self, kind: SourceKind, source: str, name: str, things: Sequence[Prepared], role: str = "") -> None:
        known = self.mirror.collection(self.mirror.source(kind, source), name, role)
        raws = [type("Raw", (), {"content": b""}) for _ in things]
        with self.mirror.writing() as writing:
            writing.apply(known.place, Batch(name, "1", raws), things, date(2027, 12, 29))

    def found(self, query: str, limit: int = 20) -> list[str]:
        """The names of what holds all of it."""
        return [_short(each.ref) for each in self.mirror.search(query, limit) if each.whole]

    def partly(self, query: str) -> list[str]:
        return [_short(each.ref) for each in self.mirror.search(query) if not each.whole]


def _short(ref: str) -> str:
    return ref.partition("/")[2].removesuffix("@x")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """A household's worth of things."""
    patch = pytest.MonkeyPatch()
    patch.setattr(mirror_module, "_PRAGMAS", ("synchronous = OFF",))
    shelf = Shelf(tmp_path_factory.mktemp("search") / "mirror.db")
    shelf.mail("plan", "Planting plan", "The second draft is on the shelf.", files=["Pflanzplan Süd.pdf"], at=NOON - 9 * DAY)
    shelf.mail("answer", "Re: Planting plan", "The hawthorn moves.", sender=("Anna Berger", ANNA), folder="Sent", role="\\Sent",
               to=[("Tom Lindqvist", "tom@nordwind.example")], cc=[("Inês Carvalho", "ines@cais-jardim.example")])  # fmt: skip
    shelf.mail(
        "street", "Grüße", "Wir wohnen in der Großen Straße 7, bei Familie Müller.", sender=("Jürgen Groß", "jg@gross.example")
    )
    shelf.mail("tokyo", "東京都庁の予約", "来週の水曜日に東京タワーで会いましょう。iPhone用ケースも。")
    shelf.mail("thai", "สวัสดี", "พรุ่งนี้กินข้าวด้วยกันไหม")
    shelf.mail("korean", "회의", "서울에서 만나요")
    shelf.mail("polish", "Łódź", "Spotkanie o piątej w Łodzi, źródło żółte")
    shelf.mail("wide", "ＦＡＸ　ｎｕｍｂｅｒ", "the oﬃce is ﬁne")
    shelf.mail("turkish", "İstanbul", "DIŞARI ısı Yıldız")
    shelf.mail("greek", "Ελλάδα", "ο Σίσυφος")
    shelf.mail("hindi", "हिन्दी", "क़लम और किताब")
    shelf.mail("arabic", "كِتَاب", "أحمد")
    shelf.mail("hyphen", "Ver\u00adtrag", "by e-mail")
    shelf.mail("decomposed", unicodedata.normalize("NFD", "Café Ämter"), "")
    shelf.mail("junk", "Cheap planting", "planting planting planting plan plan plan", folder="Spam", role="\\Junk")
    shelf.mail("old", "Zeppelin", "the zeppelin", at=NOON - 2000 * DAY)
    shelf.mail("new", "Zeppelin", "the zeppelin", at=NOON - 2 * DAY)
    shelf.mail("long", "A letter", "word " * 3000 + "needle " + "word " * 300)
    lesson = Occurrence("piano", "20261130", "Piano lesson: Ben", NOON + 6 * DAY, NOON + 6 * DAY + HOUR, "Kantstraße 40")
    past = Occurrence("piano", "20261116", "Piano lesson: Ben", NOON - 8 * DAY, NOON - 8 * DAY + HOUR, "Kantstraße 40")
    organizer = Attendee("Rachel Ford", "rachel@ford.example", "accepted")
    review = Occurrence(
        "review", "", "Budget review", NOON + DAY, NOON + DAY + HOUR, "Room 3", "All figures", organizer=organizer
    )
    shelf.write("calendar", "dav", "family", [CalendarObject("a", "1", (past, lesson)), CalendarObject("b", "1", (review,))])
    shelf.write(
        "calendar", "dav", "chores", [CalendarObject("t", "1", (), (Task("cake", "Bake the cake", due=date(2026, 11, 30)),))]
    )
    card = Contact("ida", "Ida Krause", ("Idchen",), ("post@cais-jardim.example", "jg@gross.example"))
    shelf.write("contacts", "friends", "friends", [Cards("ida.vcf", "1", (card,))])
    notes = [Note("Projects/Harbour.md", "1", int(NOON.timestamp()), "---\ntags: [a]\n---\n# Terrace of oaks\n\nLavender.\n"),
             Note("Daily/monday.md", "1", int((NOON - 30 * DAY).timestamp()), "Bees.")]  # fmt: skip
    shelf.write("notes", "vault", "vault", notes)
    shelf.write(
        "notes", "papers", "papers", [Note("Flat/Lease.docx", "1", int(NOON.timestamp()), "Deposit 3.720,00 Euro")], "documents"
    )
    yield shelf
    shelf.mirror.close()
    patch.undo()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("hawthorn", ["answer"]),
        ('"second draft"', ["plan"]),
        ('"draft second"', []),
        ("hawth*", ["answer"]),
        ("hawth", []),
        ("planting -hawthorn in:inbox", ["plan"]),
        ("from:tom draft", ["plan"]),
        ("from:nordwind draft", ["plan"]),
        ('from:"Anna Berger"', ["answer"]),
        ("to:tom", ["answer"]),
        ("to:ines", []),
        ("cc:inês", ["answer"]),
        ("from:rachel", ["review"]),
        ("from:idchen", ["street"]),
        ("kind:contact krause", ["ida"]),
        ("subject:zeppelin after:2026", ["new"]),
        ("zeppelin before:2026", ["old"]),
        ("zeppelin on:2026", ["new"]),
        ("has:attachment", ["plan"]),
        ("pflanzplan", ["plan"]),
        ("has:attachment -planting", []),
        ("in:sent", ["answer"]),
        ("in:spam", ["junk"]),
        ("planting -in:junk -has:attachment", ["answer"]),
        ("in:family", ["review", "piano/20261130"]),
        ("kind:task", ["cake"]),
        ("kind:document", ["Flat/Lease.docx"]),
        ("in:documents deposit", ["Flat/Lease.docx"]),
        ("in:vault kind:note terrace", ["Projects/Harbour.md"]),
        ("kind:event after:2026-11-26 before:2026-11-30", []),
        ("kind:event on:2026-11-16", ["piano/20261116"]),
        ("kind:task on:2026-11-30", ["cake"]),
        ("bees OR lavender", ["Projects/Harbour.md", "Daily/monday.md"]),
    ],
)
def test_a_query_finds_what_it_says(shelf: Shelf, query: str, names: list[str]) -> None:
    assert sorted(shelf.found(query)) == sorted(names)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("strasse", "street"), ("STRASSE", "street"), ("Straße", "street"), ("straß*", "street"), ("grosse*", "street"),
        ("mueller", "street"), ("muller", "street"), ("MÜLLER", "street"), ("from:gross", "street"), ("from:juergen", "street"),
        ('"großen straße"', "street"), ("Gruesse", "street"),
        ("東京", "tokyo"), ("東", "tokyo"), ("タワー", "tokyo"), ("京都庁", "tokyo"), ("ｉｐｈｏｎｅ用", "tokyo"),
        ("iphone", "tokyo"), ("subject:予約", "tokyo"),
        ("ﾀﾜｰ", "tokyo"), ("กินข้าว", "thai"), ("서울", "korean"), ("회의", "korean"),
        ("lodz", "polish"), ("ŁÓDŹ", "polish"), ("zrodlo zolte", "polish"), ("piatej", "polish"),
        ("fax number", "wide"), ("office fine", "wide"), ("ｏｆｆｉｃｅ", "wide"),
        ("istanbul", "turkish"), ("ISTANBUL", "turkish"), ("disari", "turkish"), ("yildiz", "turkish"), ("isi", "turkish"),
        ("ελλαδα", "greek"), ("ΕΛΛΑΔΑ", "greek"), ("σισυφοσ", "greek"), ("Σίσυφος", "greek"),
        ("हिन्दी", "hindi"), ("क़लम", "hindi"), ("كتاب", "arabic"), ("احمد", "arabic"),
        ("vertrag", "hyphen"), ("e-mail", "hyphen"), ("cafe", "decomposed"), ("CAFÉ", "decomposed"), ("aemter", "decomposed"),
    ],
)  # fmt: skip
def test_spellings_and_scripts_meet(shelf: Shelf, query: str, name: str) -> None:
    assert name in shelf.found(query)


def test_letters_that_do_not_stand_together_are_not_found(shelf: Shelf) -> None:
    assert shelf.found("東庁") == []
    assert shelf.found("ข้าวกิน") == []


@settings(max_examples=400)
@given(st.text(st.sampled_from("abßéŁøåİıﬀＡ東京ぁกิ한ёк \u0301\u00ad\u200d-"), min_size=1, max_size=12))
def test_any_text_is_found_by_itself(text: str) -> None:
    if not any(c.isalnum() for c in text):
        return
    table = sqlite3.connect(":memory:")
    (script,) = migrations("mirror")
    table.executescript(script[script.index("CREATE VIRTUAL TABLE words") :].partition(";")[0])
    table.execute("INSERT INTO words (text, folded, marks) VALUES (?, ?, 'kindmail')", (text, beside(text)))
    asked = all_of([group_of([Term(text, is_phrase=True)])], Query())
    assert table.execute("SELECT count(*) FROM words WHERE words MATCH ?", (asked,)).fetchone() == (1,)
    table.close()


def test_the_right_kind_comes_first_and_junk_last(shelf: Shelf) -> None:
    assert shelf.found("planting plan")[-1] == "junk"
    assert shelf.found("planting plan")[0] in {"plan", "answer"}
    assert shelf.found("zeppelin") == ["new", "old"]


def test_a_question_finds_what_it_is_about_though_it_holds_not_all_its_words(shelf: Shelf) -> None:
    for question in (
        "When is Ben's piano lesson?",
        "Wann hat Ben Piano lesson",
        "when's the next piano lesson of Ben, please?",
    ):
        (first, *_) = shelf.mirror.reads.search_any(question.split(), 5)
        assert first.ref == "event:family/piano/20261130"
        assert first.when == NOON + 6 * DAY
    assert [each.whole for each in shelf.mirror.reads.search_any(["ben", "piano", "cello"], 5)] == [False]


def test_operators_have_to_be_met_where_words_need_not(shelf: Shelf) -> None:
    assert (shelf.found("from:tom hawthorn draft xylophone"), shelf.partly("from:tom hawthorn draft xylophone")) == (
        [],
        ["plan"],
    )


def test_small_words_need_not_be_met_but_in_quotes_or_alone(shelf: Shelf) -> None:
    assert shelf.found("what about the hawthorn") == ["answer"]
    assert shelf.found('"what about" hawthorn') == []
    assert "street" in shelf.found("der")


def test_what_is_found_says_what_when_where_and_of_whom(shelf: Shelf) -> None:
    (mail,) = shelf.mirror.search("hawthorn")
    assert (mail.kind, mail.title, mail.who, mail.place) == ("mail", "Re: Planting plan", "to Tom Lindqvist", "home/Sent")
    assert mail.when == NOON - DAY
    (lesson,) = shelf.mirror.search("piano")
    assert (lesson.kind, lesson.who, lesson.place) == ("event", "Kantstraße 40", "family")
    (task,) = shelf.mirror.search("cake")
    assert task.when is not None
    assert (task.kind, task.when.astimezone(UTC)) == ("task", datetime(2026, 11, 29, 23, tzinfo=UTC))
    (long,) = shelf.mirror.search("needle")
    assert long.excerpt.startswith("…word")
    assert "needle" in long.excerpt
    assert len(long.excerpt) <= 200


def test_what_is_found_crosses_to_a_thinker_as_it_is(shelf: Shelf) -> None:
    found = [*shelf.mirror.search("piano xylophone cake hawthorn"), *shelf.mirror.search("kind:task")]
    assert {each.whole for each in found} == {True, False}
    assert read_batch(Found, pack_batch(Found, found)) == found


def test_a_place_that_there_is_not_is_told_with_those_there_are(shelf: Shelf) -> None:
    with pytest.raises(UsageError, match=r"called 'cellar'.*INBOX.*vault"):
        shelf.mirror.search("in:cellar")


def test_what_is_gone_or_moved_is_found_no_more_there(shelf: Shelf) -> None:
    shelf.mail("moving", "Removal van", folder="Old")
    assert shelf.found("removal in:old") == ["moving"]
    shelf.mail("moving", "Removal van", folder="Newer")
    known = shelf.mirror.source("mail", "home").collections["Old"]
    with shelf.mirror.writing() as writing:
        writing.apply(known.place, Batch("Old", "2", removed=[str(shelf.count - 1)]), [], date(2027, 1, 1))
        writing.sweep()
    assert (shelf.found("removal in:old"), shelf.found("removal in:newer")) == ([], ["moving"])
    known = shelf.mirror.source("mail", "home").collections["Newer"]
    with shelf.mirror.writing() as writing:
        writing.drop(known.place)
        writing.sweep()
    assert shelf.found("removal") == []


def test_of_what_matches_too_often_the_latest_and_the_titles_are_ranked(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_WORTH", 5)
    monkeypatch.setattr(search_module, "_CANDIDATES", 5)
    for number in range(40):
        shelf.mail(f"many{number}", "Weather", "rain and rain", at=NOON - 60 * number * DAY)
    shelf.mail("titled", "Rain", "a title", at=NOON - 3000 * DAY)
    found = shelf.found("rain", 3)
    assert found[0] == "titled"
    assert set(found[1:]) <= {f"many{number}" for number in range(8)}
    assert shelf.found("rain in:inbox before:2022", 40)[0] in {"titled", "many30", "many31"}
    assert shelf.found("from:tom weather", 3) == ["many0", "many1", "many2"]
    assert shelf.found("subject:weather", 3) == ["many0", "many1", "many2"]


def test_no_more_is_found_than_is_wanted_and_nothing_for_nothing(shelf: Shelf) -> None:
    assert len(shelf.mirror.search("kind:mail", 3)) == 3
    assert shelf.mirror.search("hawthorn", 0) == []
    for nothing in ("", "?!", "🎉", '""', "* *"):
        assert shelf.mirror.search(nothing) == []
    assert json.dumps([each.ref for each in shelf.mirror.search("-planting kind:mail", 100)]).count("plan@x") == 0


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("1250", {"dot", "comma", "plain"}),
        ("1.250", {"dot", "comma", "plain"}),
        ("1250,00", {"dot", "comma"}),
        ("€1,250.00", {"dot", "comma"}),
        ("DE89370400440532013000", {"bank"}),
        ("01705550142", {"uma"}),
        ("+491705550142", {"uma"}),
        ("00491705550142", {"uma"}),
    ],
)
def test_numbers_are_found_however_they_are_grouped(numbers: Shelf, query: str, names: set[str]) -> None:
    assert set(numbers.found(query)) == names


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Amounts, an account and a card with a telephone number."""
    shelf = Shelf(tmp_path_factory.mktemp("numbers") / "mirror.db")
    shelf.mail("dot", text="Betrag: 1.250,00 EUR")
    shelf.mail("comma", text="total $1,250.00 due")
    shelf.mail("plain", text="1250 bees")
    shelf.mail("other", text="250 and 1 and 12500 and 1.251")
    shelf.mail("bank", text="IBAN DE89 3704 0044 0532 0130 00")
    card = Contact("uma", "Uma", phones=(Phone("+49 170 5550142"),))
    shelf.write("contacts", "friends", "friends", [Cards("uma.vcf", "1", (card,))])
    yield shelf
    shelf.mirror.close()


def test_of_two_that_are_alike_a_card_is_not_behind_an_old_mail(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "mirror.db")
    shelf.mail("old", "Uma", sender=("", ""), to=(), at=NOON - 700 * DAY)
    shelf.write("contacts", "friends", "friends", [Cards("uma.vcf", "1", (Contact("uma", "Uma"),))])
    assert shelf.found("uma") == ["uma", "old"]
    shelf.mirror.close()


@given(st.lists(st.tuples(st.integers(0, 2_000), st.sampled_from("abcde")), min_size=1, max_size=60))
def test_an_excerpt_begins_where_most_different_words_are_near(places: list[tuple[int, str]]) -> None:
    ordered = sorted(places)
    near = {start: len({word for at, word in ordered if start <= at < start + 130}) for start, _ in ordered}
    assert excerpts_module._densest(ordered) == min(start for start in near if near[start] == max(near.values()))


def test_beginnings_of_two_letters_are_kept_ready() -> None:
    assert "prefix = '1 2'" in "".join(migrations("mirror"))
