"""What is wrong in a table of the exam is told with its file and entry, and nothing of it is then used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from butler.sample.exam import ExamMaterialError, load
from butler.sample.exam.loading import load_from

GOOD: Mapping[str, str] = {
    "id": '"en-one"',
    "kind": '"question"',
    "from": '"tom"',
    "to": '["anna"]',
    "subject": '"Paint"',
    "date": "2026-03-03T09:00:00+01:00",
    "body": '"Which white?"',
    "label": '"reply"',
    "needs_answer": "true",
    "why": '"asks"',
    "evidence": '["Which white?"]',
}
WORLD = """
[[world]]
id = "en-day"
language = "en"
now = 2026-03-09T08:00:00+01:00
events = [{ uid = "tea", summary = "Tea", start = 2026-03-10T09:00:00Z, end = 2026-03-10T10:00:00Z, people = ["tom"] }]
questions = [{ kind = "when", text = "When is tea?", uids = ["tea"] }]
"""


def entry(**changed: str) -> str:
    rows = {**GOOD, **{name.rstrip("_"): value for name, value in changed.items()}}
    return "[[mail]]\n" + "\n".join(f"{name} = {value}" for name, value in rows.items() if value) + "\n"


def written(folder: Path, text: str, name: str = "mails-en.toml") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_table_is_loaded_with_its_people_by_their_full_names(tmp_path: Path) -> None:
    material = load_from(written(tmp_path, entry(body="'''\nHi.\n--\nTom'''") + WORLD))
    (mail,) = material.mails
    assert (mail.language, mail.sender, mail.to) == (
        "en",
        "Tom Lindqvist <tom@nordwind.example>",
        ("Anna Berger <anna@berger.example>",),
    )
    assert mail.body == "Hi.\n-- \nTom"
    assert material.worlds[0].events[0].people == ("Tom Lindqvist <tom@nordwind.example>",)


def test_the_version_is_that_of_what_is_in_the_tables(tmp_path: Path) -> None:
    first = load_from(written(tmp_path, entry())).version
    assert load_from(tmp_path).version == first
    assert load_from(written(tmp_path, entry(why='"asks for a colour"'))).version != first
    assert len(load().version) == 12


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"label": '"perhaps"'}, "label"),
        ({"colour": '"white"'}, "colour"),
        ({"why": ""}, "why"),
        ({"id": '"One"'}, "id"),
        ({"id": '"de-one"'}, "Its id begins with its language."),
        ({"date": "2026-03-03T09:00:00"}, "Its date needs a zone."),
        ({"body": ""}, "It has no text."),
        ({"evidence": ""}, "Say what words ask for an answer."),
        ({"needs_answer": ""}, "Say by what mail it was answered."),
        ({"label": '"none"'}, "A mail that needs an answer is labelled reply or unsure."),
        ({"answered_by": '"en-two"'}, "A mail that was answered needs no answer."),
        ({"fair": '["reply"]'}, "A label that is right needs not be fair too."),
        ({"fair": '["promise"]'}, "Only a sent mail promises."),
        ({"kind": '"sent"'}, "A sent mail promises or does not; it asks for no reply."),
        ({"promises": '[{ quote = "Which white?" }]'}, "A mail labelled promise has promises, and no other has."),
        ({"injection": '{ trick = "approve", markers = [] }'}, "injection.markers"),
        ({"injection": '{ trick = "magic", markers = ["x"] }'}, "injection.trick"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file(tmp_path: Path, changed: Mapping[str, str], said: str) -> None:
    with pytest.raises(ExamMaterialError) as caught:
        load_from(written(tmp_path, entry(**changed)))
    assert caught.value.sentence.startswith("The exam's material is wrong (mails-en.toml, ")
    assert said in caught.value.sentence


def test_the_day_of_a_promise_belongs_to_the_promise(tmp_path: Path) -> None:
    promised = entry(kind='"sent"', label='"promise"', needs_answer="", evidence="", promises='[{ quote = "Which white?" }]')
    assert load_from(written(tmp_path, promised)).mails[0].sent
    day = 'deadline = { day = 2026-03-05, quote = "Which white?", words = "white" }\n'
    with pytest.raises(ExamMaterialError, match="belongs to the promise"):
        load_from(written(tmp_path, promised + day))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[mail]\n", "mails-en.toml"),
        ("[[letter]]\nid = 1\n", "it has letter."),
        (entry() + entry(), "all tables, en-one): this id is there twice."),
        (entry() + WORLD.replace("en-day", "en-one"), "this id is there twice."),
        (WORLD.replace('uids = ["tea"]', 'uids = ["coffee"]'), "It has no event coffee."),
        (WORLD.replace("questions = [", "questions = [] # "), "questions"),
        (
            WORLD.replace("] }]\nquest", '] }, { uid = "tea", summary = "B", start = 2026-03-10, end = 2026-03-11 }]\nquest'),
            "one uid",
        ),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ExamMaterialError) as caught:
        load_from(written(tmp_path, text))
    assert said in caught.value.sentence
    assert caught.value.advice == "Install butler again."


def test_a_table_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "mails-en.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ExamMaterialError, match=r"mails-en\.toml"):
        load_from(tmp_path)


def test_a_folder_without_tables_is_no_exam(tmp_path: Path) -> None:
    with pytest.raises(ExamMaterialError, match="there is none"):
        load_from(tmp_path)
