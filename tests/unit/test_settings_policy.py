"""The policy file: read whole or not at all, every problem with what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from butler.core.policy import Hours, Policy, Rule
from butler.settings.policy import load_policy

BASE = Policy((Rule("old", "allow"),), frozenset({"anna@berger.example"}))
GOOD = """
[[rule]]
name = "newsletters"
kind = "mail.move"
account = ["home", "work"]
recipients = "*@berger.example"
folder = ["INBOX", "News*"]
path = "journal/*"
hours = "08:00-20:30"
weekdays = ["mon", "friday"]
then = "allow"

[[rule]]
kind = ["file.*", "task.create"]
then = "deny"
"""


def load(tmp_path: Path, text: str | bytes) -> tuple[Policy, tuple[str, ...]]:
    file = tmp_path / "policy.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    policy, problems = load_policy(file, BASE)
    return policy, tuple(problem.replace(str(tmp_path), "…") for problem in problems)


def test_every_condition_is_read(tmp_path: Path) -> None:
    policy, problems = load(tmp_path, GOOD)
    first = Rule(
        name="newsletters",
        then="allow",
        kinds=("mail.move",),
        accounts=("home", "work"),
        recipients=("*@berger.example",),
        folders=("INBOX", "News*"),
        paths=("journal/*",),
        hours=Hours(dt.time(8), dt.time(20, 30)),
        weekdays=frozenset({0, 4}),
    )
    assert problems == ()
    assert policy == Policy((first, Rule("rule 2", "deny", kinds=("file.*", "task.create"))), BASE.own)


def test_a_file_that_is_not_there_has_no_rules_and_no_problem(tmp_path: Path) -> None:
    assert load_policy(tmp_path / "policy.toml", BASE) == (Policy(own=BASE.own), ())
    assert load(tmp_path, "") == (Policy(own=BASE.own), ())


def test_all_problems_are_told_at_once_and_everything_is_held(tmp_path: Path) -> None:
    policy, problems = load(
        tmp_path,
        """
        colour = 1
        [[rule]]
        kind = "mail.*"
        then = "maybe"
        hours = "8-18"
        [[rule]]
        kind = "mail.keywrd"
        recipient = "x"
        weekdays = ["mon", "fooday", 3]
        account = 5
        [[rule]]
        then = "allow"
        path = []
        folder = ""
        name = "a"
        zzz = 1
        kind = "qqq"
        [[rule]]
        then = "allow"
        name = "b"
        hours = "08:00-08:00"
        [[rule]]
        then = "hold"
        name = "b"
        """,
    )
    rules = "There are: then, name, kind, account, recipients, folder, path, hours, weekdays, score, exam."
    kinds = (
        "mail.draft, mail.send, mail.move, mail.keyword, calendar.create, calendar.update, calendar.respond, calendar.cancel"
    )
    days = "is no weekday. There are: mon, tue, wed, thu, fri, sat, sun."
    assert sorted(problems) == sorted(
        [
            "colour in …/policy.toml is nothing that a policy has: it has [[rule]] tables.",
            "Rule 1 in …/policy.toml: then must be allow, hold or deny.",
            'Rule 1 in …/policy.toml: hours must be a span such as "08:00-18:00".',
            "Rule 2 in …/policy.toml: then is needed: allow, hold or deny.",
            "Rule 2 in …/policy.toml: kind: there is no kind 'mail.keywrd'. Did you mean mail.keyword?",
            "Rule 2 in …/policy.toml: recipient is no condition. Did you mean recipients?",
            f"Rule 2 in …/policy.toml: weekdays: 'fooday' {days}",
            f"Rule 2 in …/policy.toml: weekdays: 3 {days}",
            "Rule 2 in …/policy.toml: account must be text, or a list of texts.",
            "Rule 3 in …/policy.toml: path is empty. Leave it out, or say what it is to match.",
            "Rule 3 in …/policy.toml: folder is empty. Leave it out, or say what it is to match.",
            f"Rule 3 in …/policy.toml: zzz is no condition. {rules}",
            "Rule 3 in …/policy.toml: kind: there is no kind 'qqq'. There are: "
            f"{kinds}, task.create, task.complete, file.write, file.append, file.move, memory.add, mcp.call, undo.",
            'Rule 4 in …/policy.toml: hours must be a span such as "08:00-18:00".',
        ]
    )
    assert policy.rules == ()
    assert policy.problem.startswith("The policy cannot be relied on: colour in ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[rule]", "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        ("[rule]\nthen = 'allow'", "is to be written as [[rule]]"),
        ("rule = 5", "is to be written as [[rule]]"),
        ("rule = [5]", "Rule 1 in …/policy.toml: it must be"),
        ("[[rule]]\nthen='hold'\nname='a'\n[[rule]]\nthen='hold'\nname='a'", "Two rules in …/policy.toml are named 'a'"),
        ("#" * 1_000_001, "is too big for a policy"),
        ("[[rule]]\nthen = 'allow'\nkind = 7", "kind must be text, or a list of texts."),
    ],
)
def test_each_wrong_file_has_a_sentence(tmp_path: Path, text: str | bytes, problem: str) -> None:
    policy, problems = load(tmp_path, text)
    assert [each for each in problems if problem in each]
    assert (policy.rules, bool(policy.problem)) == ((), True)


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    load(tmp_path, GOOD)
    (tmp_path / "policy.toml").chmod(0o666)
    policy, problems = load_policy(tmp_path / "policy.toml", BASE)
    assert "can be changed by other users" in problems[0]
    assert policy.rules == ()


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").mkdir()
    assert "is not a file" in load_policy(tmp_path / "policy.toml", BASE)[1][0]
    (tmp_path / "plain").write_text("")
    assert "cannot be read" in load_policy(tmp_path / "plain" / "policy.toml", BASE)[1][0]
