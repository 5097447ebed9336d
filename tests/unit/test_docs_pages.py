"""The pages on workflows, security, operations and contributing claim nothing that the code does not keep."""

import ast
import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args

import own_code
import pytest

from butler.cli import _BROKEN_PIPE, _INTERRUPTED, _TERMINATED
from butler.core import errors
from butler.core.actions import Status
from butler.core.briefing import Briefing
from butler.core.payloads import ActionKind
from butler.core.policy import Policy
from butler.core.refs import parse_ref
from butler.core.steps import ModelCall
from butler.environment import scrub_environment
from butler.model.prompts import LARGEST_PROMPT
from butler.settings.policy import load_policy
from butler.store.truth import Truth
from tools.calendar.expansion import MOST_OCCURRENCES
from tools.mail.structure import PART_LIMIT
from workflows.briefing import asking, dates, nodes, notedues, rank, rules, steps, view
from workflows.briefing.sections import birthdays, changes, commitments, conflicts, deadlines, tasks

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS, SECURITY, OPERATIONS = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("workflows", "security", "operations")
)
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def rows(document: str, header: str) -> list[list[str]]:
    """The rows of the table that begins with a header."""
    _, found, rest = document.partition(f"| {header} |\n")
    assert found, header
    lines = rest.partition("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", text.replace(",000", "000"))]


def block(document: str, language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_example_of_the_json_is_a_briefing_with_every_key() -> None:
    example = json.loads(block(WORKFLOWS, "json"))
    assert Briefing.model_validate(example).model_dump(mode="json") == example
    assert (example["model"] is not None) == (example["composed_by"] == "model")
    for section in example["sections"]:
        for line in section["lines"]:
            assert [parse_ref(evidence["ref"]) for evidence in line["evidence"]]


def test_the_limits_are_those_of_the_code() -> None:
    told = {name: int(value) for name, value in rows(WORKFLOWS, "limit | value")}
    assert told == {
        "mails put before the model in one briefing": asking.ASKED,
        "tokens of a prompt and its answer together, by estimate": LARGEST_PROMPT,
        "characters of a mail that rules read": rules.READ,
        "dates found in one text": dates.FOUND,
        "lines of a note that are read": notedues.LINES,
        "deadlines of one note": notedues.NOTED,
        "lines under Conflicts, free windows not counted": conflicts.SHOWN,
        "lines under Deadlines": deadlines.SHOWN,
        "lines under You promised": commitments.SHOWN,
        "lines under They owe you": commitments.SHOWN,
        "lines under Tasks": tasks.SHOWN,
        "lines under Birthdays and anniversaries": birthdays.SHOWN,
        "lines under Since the last briefing": changes.SHOWN,
        "parts of a mail that are looked at": PART_LIMIT,
        "occurrences of one event in the mirror": MOST_OCCURRENCES,
    }
    assert f"names up to {view.MORE} references" in WORKFLOWS


def test_the_points_are_those_of_the_ranking() -> None:
    told = rows(WORKFLOWS, "points | for")
    assert numbers(told[0][0]) + numbers(told[0][1]) == [rank._BASE["reply"], rank._BASE["unsure"]]
    assert numbers(told[5][0]) == [rank._WAY[way] for way in ("alone", "to", "none", "cc")]
    source = (ROOT / "workflows/briefing/rank.py").read_text(encoding="utf-8")
    pairs = list(zip(numbers(told[1][1])[:4], numbers(told[1][0]), strict=True))
    assert str([(limit, points) for limit, points in pairs])[1:-1] in source
    assert "20, say" in source
    assert numbers(told[2][0]) == [20]
    assert f"min({numbers(told[3][0])[0]} * written, {numbers(told[3][1])[0]})" in source
    assert f"({told[4][0]}, say(" in source
    (a_day,), (most,) = numbers(told[6][0]), numbers(told[6][1])
    assert f"{a_day} * min(waited, {most // a_day})" in source
    assert numbers(told[7][0]) == [rank._ON_CARD]


def test_the_first_lines_are_all_there() -> None:
    section = WORKFLOWS.partition("## By rules alone")[2].partition("## The Markdown")[0]
    told = re.findall(r"^- `(.*?)`", section, re.MULTILINE)
    assert told[:3] == [nodes.NO_MODEL, nodes.NOTHING_TO_ASK, nodes.NOTHING_STOOD]
    source = (ROOT / "workflows/briefing/nodes.py").read_text(encoding="utf-8")
    assert told[3].rstrip("… ") in source
    assert re.sub(r"\d+", "", told[4]) == "Rules judged  of  mails: …"
    assert len(told) == 5


def test_the_fields_of_the_answers_have_the_told_lengths() -> None:
    schema = steps.ReceivedAnswer.model_json_schema()["properties"]
    told = {name.strip("`"): numbers(what) for name, what in rows(WORKFLOWS, "field | what")}
    assert list(told) == list(schema)
    assert told["evidence"] == [schema["evidence"]["maxItems"], schema["evidence"]["items"]["maxLength"]]
    assert told["reason"] == [schema["reason"]["maxLength"]]
    assert told["summary"] == [schema["summary"]["maxLength"]]
    assert schema["due"]["maximum"] == steps.MOST_DATES == 9
    assert "(at most nine)" in WORKFLOWS


@cache
def said() -> frozenset[str]:
    """All that the butler can say."""
    return frozenset(literals())


def literals() -> Iterator[str]:
    """Every text in the code, with what is filled in at run time as the mark …"""
    for file in own_code.files():
        for node in own_code.nodes(file):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)


def bare(text: str) -> str:
    """A sentence as it is compared: spaces around what is filled in do not count."""
    return re.sub(r"\s*…\s*", "…", text)


def test_every_sentence_of_the_troubleshooting_is_one_that_the_butler_says() -> None:
    texts = [bare(text) for text in said()]
    shown = [seen for _, seen, _ in rows(OPERATIONS, "symptom | what you see | what to do")]
    sentences = [bare(sentence) for cell in shown for sentence in re.findall(r'"([^"]+)"', cell)]
    assert len(sentences) == len(shown) >= 20
    assert [sentence for sentence in sentences if not any(sentence in text for text in texts)] == []


def test_the_exit_codes_of_the_page_are_those_of_the_code() -> None:
    told = {code for cell, _ in rows(OPERATIONS, "code | meaning") for code in numbers(cell)}
    wanted = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    assert told == wanted | {0, _INTERRUPTED, _BROKEN_PIPE, _TERMINATED}


def test_the_files_of_the_state_folder_are_those_that_the_code_writes() -> None:
    told = {name.strip("`/") for name, *_ in rows(OPERATIONS, "file | what | if it is lost")}
    assert told - said() - {"mirror.db.aside"} == set()
    assert "….aside" in said()
    kept = {
        name for cell, *_ in rows(SECURITY, "file | what of yours is in it | how long") for name in re.findall("`(.+?)`", cell)
    }
    assert {name.strip("/") for name in kept} <= told


def test_the_variables_that_are_taken_away_are_taken_away() -> None:
    listed = SECURITY.partition("before any library is loaded:")[2].partition("`BUTLER_`")[0]
    begin, end = listed.partition("those that end")[::2]
    environ = dict.fromkeys((f"{name}X" for name in re.findall(r"`([A-Z]+_)`", begin)), "x")
    environ |= dict.fromkeys((f"X{name}" for name in re.findall(r"`(_[A-Z]+)`", end)), "x") | {
        "SSLKEYLOGFILE": "x",
        "HOME": "x",
    }
    assert len(environ) == 8
    scrub_environment(environ)
    assert set(environ) == {"HOME", "LANGGRAPH_STRICT_MSGPACK", "PYDANTIC_DISABLE_PLUGINS"}


CALL = ModelCall(
    *(
        "run",
        datetime(2026, 11, 24, tzinfo=UTC),
        "received",
        "1",
        "mail:home/1",
        "key",
        "m",
        "d",
        "s",
        False,
        "ok",
        1,
        2,
        3,
        0.1,
    ),
    *("the words of a mail", "the answer"),
)


def test_the_statements_that_delete_what_the_model_was_asked_do_so(tmp_path: Path) -> None:
    file = tmp_path / "butler.db"
    truth = Truth.open(file)
    truth.book.record(CALL)
    truth.close()
    statements = block(SECURITY, "sql").replace("VACUUM;", "DELETE FROM briefing WHERE day < '2026-01-01';\nVACUUM;")
    assert "DELETE FROM briefing WHERE day < '2026-01-01';" in SECURITY
    database = sqlite3.connect(file)
    database.executescript(statements)
    left: list[Any] = database.execute("SELECT prompt, answer FROM model_call").fetchall()
    answers = database.execute("SELECT count(*) FROM answer").fetchone()
    database.close()
    assert (left, answers) == ([("", "")], (0,))
    assert b"the words of a mail" not in file.read_bytes()


@pytest.mark.parametrize("row", rows(CONTRIBUTING, "what | at most"), ids=lambda row: str(row[0]))
def test_the_numbers_of_the_style_are_those_that_are_held(row: list[str]) -> None:
    source = (ROOT / "tests/unit/test_style.py").read_text(encoding="utf-8")
    # "1" mock word in 1,000 lines is a division there.
    held = {int(number) for number in re.findall(r"(?:<=|>|MOST_BROAD =) (\d+)\b", source)} | {1}
    assert set(numbers(row[1])) <= held


def test_the_rings_that_are_named_are_all_there_are() -> None:
    told = {name.strip("`") for name, *_ in rows(CONTRIBUTING, "ring | what | how")}
    real = {f"tests/{folder.name}" for folder in (ROOT / "tests").iterdir() if any(folder.glob("test_*.py"))}
    assert told == real


@pytest.mark.parametrize("name", ["workflows.md", "operations.md"])
def test_the_list_at_the_top_names_every_chapter(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    chapters = re.findall(r"^## (.+)$", text, re.MULTILINE)
    listed = re.findall(r"^- \[(.+)\]\(#(.+)\)$", text, re.MULTILINE)
    assert [title for title, _ in listed] == chapters
    assert [anchor for _, anchor in listed] == [re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in chapters]


def test_the_page_on_actions_names_every_kind_and_every_status() -> None:
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    kinds = re.findall(r"^\| `([a-z]+(?:\.[a-z]+)?)` \| [^|]* \| [^|]* \|$", page, re.MULTILINE)
    assert kinds == list(get_args(ActionKind))
    statuses = re.findall(r"^\| `([a-z]+)` \| [^|]* \|$", page.partition("## Statuses")[2], re.MULTILINE)
    assert statuses == list(get_args(Status))


def test_the_rules_on_the_page_on_actions_are_rules(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "actions.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- policy: [^>]*-->\n```text\n(.*?)```", page, re.DOTALL)
    found = []
    for block in blocks:
        file = tmp_path / "policy.toml"
        file.write_text(block, encoding="utf-8")
        policy, problems = load_policy(file, Policy())
        assert problems == ()
        found.append([rule.then for rule in policy.rules])
    assert found == [["allow", "hold"], ["allow"]]
