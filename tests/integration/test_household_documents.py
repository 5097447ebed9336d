"""The documents of the household in the mirror: found by search, apart from notes, read once, and told when unreadable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from butler.house import Deeds, House
from butler.sample.household import Household, write_household
from butler.store.mirror import Problem

DAY = dt.date(2026, 11, 24)
EARLY = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Household:
    household = write_household(tmp_path_factory.mktemp("household"), DAY)
    (household.documents.path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    return household


@pytest.fixture(scope="module")
def house(household: Household, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that has read notes and documents."""
    deeds = Deeds(household.owner, (household.notes, household.documents), household.options, tmp_path_factory.mktemp("state"))
    with House(deeds, lambda: household.now) as house:
        assert [state.state for state in house.sync()] == ["fresh", "fresh"]
        yield house


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Guthaben Heizkosten", "Flat/Heizkosten.pdf"),
        ("Kaution", "Flat/Mietvertrag.docx"),
        ("Gummistiefel", "School/Klassenfahrt.odt"),
        ("oxalic acid", "Bees/The year of the bees.epub"),
        ("Gelierzucker", "Recipes/Quittengelee.html"),
        ("Rosmarin", "Garden/Pflanzliste.csv"),
        ("north gate crane", "Pictures/Feigenbaum.jpg"),
    ],
)
def test_each_is_found_by_what_it_says_and_known_for_a_document(house: House, words: str, path: str) -> None:
    first, *_ = house.search(words)
    assert (first.ref, first.kind) == (f"file:papers/{path}", "document")


def test_they_are_no_notes(house: House) -> None:
    reads = house.mirror.reads
    assert {note.root for note in reads.notes(EARLY)} == {"notes"}
    assert {note.root for note in reads.notes_about(["Haushalt", "Kaution", "Rosmarin"], 10)} == {"notes"}


def test_what_cannot_be_read_is_there_with_its_sentence(house: House) -> None:
    assert Problem("notes", "papers", "papers", "broken.pdf", "It could not be read as PDF.") in house.mirror.problems()
    assert "broken.pdf" in str(house.show("file:papers/broken.pdf"))


def test_only_what_changed_is_read_again(house: House, household: Household) -> None:
    progressed: list[int] = []
    house.sync(progress=lambda each: progressed.append(each.done))
    assert progressed == []
    changed = household.documents.path / "Recipes" / "Quittengelee.html"
    changed.write_text("<p>Now with quinces from the Spree")
    house.sync(progress=lambda each: progressed.append(each.done))
    assert max(progressed) == 1
    assert [found.ref for found in house.search("Spree kind:document")] == ["file:papers/Recipes/Quittengelee.html"]
    assert house.search("Gelierzucker") == []


def test_one_that_is_gone_is_not_found_any_more(house: House, household: Household) -> None:
    (household.documents.path / "School" / "Klassenfahrt.odt").unlink()
    house.sync()
    assert house.search("Gummistiefel") == []
