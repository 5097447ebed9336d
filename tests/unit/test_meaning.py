"""Search by meaning: what is cut, kept, compared and joined, whatever a model answers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from embedded_words import DIMS, embedded
from memory_source import NOON

from butler.core.errors import ModelError
from butler.core.mail import Address, Message
from butler.core.passages import LONGEST, hash_of, meant_by, passages_of
from butler.core.prepared import prepare
from butler.core.queries import Query, Term
from butler.core.sources import Batch
from butler.settings.jobs import jobs_of
from butler.store.meaning import FOLDER, Meaning, nearest_in, open_meaning
from butler.store.mirror import Mirror

DAY = timedelta(days=1)
CAR = "My automobile broke down on the bridge"


class Shelf:
    """A mirror that tests fill by hand, looked at from noon of a day."""

    def __init__(self, path: Path) -> None:
        self.mirror = Mirror.open(path, "Europe/Berlin", frozenset({"anna@berger.example"}), lambda: NOON)

    def mail(self, name: str, subject: str, text: str, sender: str = "tom@nordwind.example", ago: timedelta = DAY) -> None:
        at = NOON - ago
        message = Message(
            *(name, frozenset(), int(at.timestamp()), 100, f"{name}@x", at, subject, Address("", sender)),
            text=text,
        )
        known = self.mirror.collection(self.mirror.source("mail", "home"), "INBOX", "")
        raw = type("Raw", (), {"content": b""})
        with self.mirror.writing() as writing:
            writing.apply(known.place, Batch("INBOX", "1", [raw]), [prepare(message)], date(2027, 12, 29))


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "mirror.db")
    shelf.mail("car", CAR, "The garage needs the keys.")
    shelf.mail("bees", "Honey of this year", "Thirty kilos were taken from the hives.", ago=9 * DAY)
    shelf.mail("school", "Trip of the class", "The bus leaves early.", "petersen@school.example")
    yield shelf
    shelf.mirror.close()


@pytest.fixture
def meaning(tmp_path: Path) -> Iterator[Meaning]:
    with closing(open_meaning(tmp_path)) as meaning:
        yield meaning


def vector(text: str) -> bytes:
    return struct.pack(f"<{DIMS}f", *embedded([text])[0])


def build(meaning: Meaning, shelf: Shelf, digest: str = "a") -> int:
    """Make all vectors that are missing; how many that were."""
    meaning.go_through(shelf.mirror)
    made = 0
    while found := meaning.missing(shelf.mirror, 2):
        meaning.keep(digest, {key: vector(text) for key, text in found.items()})
        made += len(found)
    return made


def search(meaning: Meaning, shelf: Shelf, query: str, about: str, digest: str = "a") -> list[tuple[str, str]]:
    near = nearest_in(meaning, digest, vector(about))
    return [(one.title, one.by) for one in shelf.mirror.search_near(query, 5, near)]


def test_what_no_word_finds_is_found_by_its_meaning(shelf: Shelf, meaning: Meaning) -> None:
    build(meaning, shelf)
    assert shelf.mirror.search("car") == []
    assert search(meaning, shelf, "car", "car")[0] == (CAR, "meaning")
    assert search(meaning, shelf, "automobile", "automobile")[0] == (CAR, "words")


def test_an_operator_has_to_be_met_by_what_is_near_too(shelf: Shelf, meaning: Meaning) -> None:
    build(meaning, shelf)
    for query in ("from:petersen car", "kind:event car", "car -garage", "before:2020 car", "has:attachment car"):
        assert (CAR, "meaning") not in search(meaning, shelf, query, "car"), query
    assert (CAR, "meaning") in search(meaning, shelf, "from:tom car", "car")


@pytest.mark.parametrize("few", [0, 5_000])
def test_what_is_allowed_is_found_by_either_way_however_much_else_is_nearer(
    shelf: Shelf, meaning: Meaning, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(40):
        shelf.mail(f"n{number}", f"car {number}", "car car", "tom@nordwind.example" if number % 10 else "ida@x.example")
    build(meaning, shelf)
    monkeypatch.setattr("butler.store.meaning._FEW", few)
    monkeypatch.setattr("butler.store.meaning._NEAREST", 2)
    things = {row for row, title, _ in shelf.mirror.texts() if title in ("car 10", "car 30", CAR)}
    found = meaning.nearest("a", vector("car"), things, 9)
    assert {thing for thing, _ in found} <= things
    assert len(found) == 2
    assert meaning.nearest("a", vector("car"), {10**6 * 4}, 9) == []


def test_a_passage_is_asked_for_once_however_often_the_mirror_is_rebuilt(
    shelf: Shelf, meaning: Meaning, tmp_path: Path
) -> None:
    assert build(meaning, shelf) == 3
    assert build(meaning, shelf) == 0
    again = Shelf(tmp_path / "again.db")
    again.mail("other", "Another mail", "with other words")
    again.mail("car", CAR, "The garage needs the keys.")
    assert build(meaning, again) == 1
    assert search(meaning, again, "car", "car")[0] == (CAR, "meaning")
    again.mirror.close()


def test_vectors_of_another_model_are_never_compared(shelf: Shelf, meaning: Meaning) -> None:
    build(meaning, shelf)
    assert search(meaning, shelf, "car", "car", digest="b") == []
    meaning.forget()
    assert build(meaning, shelf, "b") == 3
    assert meaning.digest == "b"
    assert search(meaning, shelf, "car", "car", digest="b")[0] == (CAR, "meaning")
    assert search(meaning, shelf, "car", "car", digest="a") == []


def test_nothing_stands_for_another_text(shelf: Shelf, meaning: Meaning, tmp_path: Path) -> None:
    """Rows of a rebuilt mirror have other numbers: what is there now is looked at before it is shown."""
    build(meaning, shelf)
    other = Shelf(tmp_path / "other.db")
    other.mail("quite-other", "Win a prize now", "Send your password.")
    assert search(meaning, other, "car", "car") == []
    other.mirror.close()


@pytest.mark.parametrize(
    "answer", [b"", b"123", bytes(DIMS * 4), struct.pack("<8f", *[float("nan")] * 8), struct.pack("<8f", *[float("inf")] * 8)]
)
def test_what_is_no_vector_is_refused_and_nothing_is_kept(shelf: Shelf, meaning: Meaning, answer: bytes) -> None:
    meaning.go_through(shelf.mirror)
    with pytest.raises(ModelError):
        meaning.keep("a", dict.fromkeys(meaning.missing(shelf.mirror, 1), answer))
    assert meaning.missing_count == 3
    assert meaning.digest == ""


def test_a_vector_of_another_length_is_refused(shelf: Shelf, meaning: Meaning) -> None:
    build(meaning, shelf)
    with pytest.raises(ModelError, match="different lengths"):
        meaning.keep("a", {b"x": struct.pack("<8f", *range(8))})


@pytest.mark.parametrize("damage", ["cut", "gone", "database"])
def test_what_is_damaged_is_made_again(shelf: Shelf, meaning: Meaning, tmp_path: Path, damage: str) -> None:
    build(meaning, shelf)
    meaning.close()
    path = next((tmp_path / FOLDER).glob("numbers-*.vectors"))
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:DIMS])
    elif damage == "gone":
        path.unlink()
    else:
        (tmp_path / FOLDER / "meaning.db").write_bytes(b"no database at all" * 400)
    with closing(open_meaning(tmp_path)) as opened:
        assert search(opened, shelf, "car", "car") == []
        assert build(opened, shelf) == 3
        assert search(opened, shelf, "car", "car")[0] == (CAR, "meaning")


def test_bytes_beyond_what_was_committed_are_nothing(shelf: Shelf, meaning: Meaning, tmp_path: Path) -> None:
    meaning.go_through(shelf.mirror)
    first = meaning.missing(shelf.mirror, 1)
    meaning.keep("a", {key: vector(text) for key, text in first.items()})
    for path in (tmp_path / FOLDER).glob("*.vectors"):
        with path.open("ab") as file:
            file.write(b"\xff" * 1000)
    assert build(meaning, shelf) == 2
    assert search(meaning, shelf, "car", "car")[0] == (CAR, "meaning")


def test_vectors_of_what_is_gone_are_taken_out_of_the_files(shelf: Shelf, meaning: Meaning, tmp_path: Path) -> None:
    build(meaning, shelf)
    rest = Shelf(tmp_path / "rest.db")
    rest.mail("car", CAR, "The garage needs the keys.")
    assert meaning.go_through(rest.mirror) == 0
    sizes = {path.name.split("-")[0]: path.stat().st_size for path in (tmp_path / FOLDER).glob("*.vectors")}
    assert sizes == {"bits": DIMS // 8, "numbers": DIMS}
    assert search(meaning, rest, "car", "car")[0] == (CAR, "meaning")
    rest.mirror.close()


def test_all_that_is_kept_is_for_its_owner_alone(shelf: Shelf, meaning: Meaning, tmp_path: Path) -> None:
    build(meaning, shelf)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / FOLDER).iterdir()}
    assert modes == {0o600}
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700


def test_a_long_document_is_cut_at_paragraphs_and_bounded() -> None:
    text = "\n\n".join(f"Paragraph {number} " + "word " * 60 for number in range(400))
    found = passages_of(5, "Long.md", text)
    assert len(found) == 40
    assert all(each.startswith("Long.md\n") and len(each) <= LONGEST + 10 for each in found)
    assert len({hash_of(each) for each in found}) == 40
    assert passages_of(4, "A mail", text)[0].count("Paragraph") < 10
    assert passages_of(7, "Anna Berger", "Phone: 1") == []


@pytest.mark.parametrize(
    ("terms", "meant"),
    [
        ([Term("old"), Term("car")], "old car"),
        ([Term("car"), Term("tom", field="sender")], "car"),
        ([Term("old car", is_phrase=True)], ""),
        ([Term("aut", is_prefix=True)], ""),
        ([], ""),
    ],
)
def test_what_is_to_be_met_to_the_letter_is_not_looked_for_by_meaning(terms: list[Term], meant: str) -> None:
    asked: Any = tuple((term,) for term in terms)
    assert meant_by(Query(terms=asked)) == meant


def test_the_job_is_there_with_an_embedding_model_alone() -> None:
    assert "meaning" not in {job.name for job in jobs_of({})}
    (job,) = (job for job in jobs_of({}, embeds=True) if job.name == "meaning")
    assert (job.workflow, job.enabled, job.model) == ("meaning", True, False)


def test_what_was_refused_is_not_asked_for_again_by_the_same_model(shelf: Shelf, meaning: Meaning) -> None:
    meaning.go_through(shelf.mirror)
    (key,) = meaning.missing(shelf.mirror, 1)
    meaning.refuse("a", key)
    assert key not in meaning.missing(shelf.mirror, 9)
    assert (meaning.missing_count, meaning.refused_count) == (2, 1)
    meaning.retry("a")
    assert meaning.refused_count == 1
    meaning.retry("b")
    assert key in meaning.missing(shelf.mirror, 9)
