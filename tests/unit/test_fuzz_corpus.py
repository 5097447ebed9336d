"""What fuzzing begins with, and all that it found, is tried again for ever; what is fuzzed says no by itself, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz_targets import TARGETS, storable

CORPUS = Path(__file__).resolve().parent.parent / "fuzz" / "corpus"
FILES = sorted(file for file in CORPUS.rglob("*") if file.is_file())
_LARGEST = 20_000


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_file_of_the_corpus_is_survived_by_its_target(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


def test_every_target_has_a_corpus_of_small_files() -> None:
    assert {file.parent.name for file in FILES} == set(TARGETS)
    assert [str(file) for file in FILES if file.stat().st_size > _LARGEST] == []


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_a_target_that_makes_of_a_thing_what_cannot_be_kept_fails(text: str) -> None:
    with pytest.raises((AssertionError, UnicodeEncodeError)):
        storable("fine", text)
