"""The policy file: the owner's rules for what is proposed, in TOML; what cannot be relied on in it holds everything.

[[rule]]
name = "file newsletters"
kind = "mail.move"
account = "home"
folder = ["INBOX", "Newsletters"]
hours = "08:00-20:00"
then = "allow"
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import time
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from butler.core.merits import Kind
from butler.core.policy import KINDS, Hours, Judgement, Policy, Rule
from butler.settings.layers import reason_of, refuse_writable_by_others

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_BIGGEST = 1_000_000


def load_policy(file: Path, base: Policy) -> tuple[Policy, tuple[str, ...]]:
    """Read the rules of a file into a policy with the addresses, folders and zone of `base`.

    Returns it with all problems, each with what to do. With any problem the policy holds everything and says so. A file
    that is not there has none, and no rules.
    """
    try:
        rules, problems = _rules(file)
    except FileNotFoundError:
        return replace(base, rules=()), ()
    except (OSError, ValueError) as error:
        rules, problems = (), [f"{file} {reason_of(error)}"]
    if problems:
        return replace(base, rules=(), problem=f"The policy cannot be relied on: {problems[0]}"), tuple(problems)
    return replace(base, rules=rules), ()


def _rules(file: Path) -> tuple[tuple[Rule, ...], list[str]]:
    refuse_writable_by_others(file)
    if file.stat().st_size > _BIGGEST:
        raise ValueError("is too big for a policy. Keep it under a megabyte.")
    document = tomllib.loads(file.read_text(encoding="utf-8"))
    problems = [
        f"{name} in {file} is nothing that a policy has: it has [[rule]] tables." for name in document if name != "rule"
    ]
    tables = document.get("rule", [])
    if not isinstance(tables, list):
        return (), [*problems, f"rule in {file} is to be written as [[rule]], in double brackets."]
    rules: list[Rule] = []
    for number, table in enumerate(tables, 1):
        try:
            rules.append(_Table.model_validate(table).rule(f"rule {number}"))
        except ValidationError as error:
            problems += [f"Rule {number} in {file}: {sentence}" for sentence in _sentences(error)]
    names = [rule.name for rule in rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    return tuple(rules), problems + [f"Two rules in {file} are named {name!r}. Rename one of them." for name in twice]


def _words(value: object) -> object:
    """One text stands for a list of one."""
    return [value] if isinstance(value, str) else value


def _known_kind(pattern: object) -> object:
    if isinstance(pattern, str) and not any(fnmatchcase(kind, pattern) for kind in KINDS):
        near = difflib.get_close_matches(pattern, KINDS, 1)
        raise ValueError(f"there is no kind {pattern!r}. {_instead(near, KINDS)}")
    return pattern


def _known_day(name: object) -> int:
    found = [number for number, day in enumerate(_DAYS) if name in {day, day[:3]}]
    if not found:
        raise ValueError(f"{name!r} is no weekday. There are: {', '.join(day[:3] for day in _DAYS)}.")
    return found[0]


def _hours(value: object) -> Hours:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not found or found[0][:5] == found[0][6:]:
        raise ValueError('must be a span such as "08:00-18:00"')
    start_hour, start_minute, end_hour, end_minute = map(int, found.groups())
    return Hours(time(start_hour, start_minute), time(end_hour, end_minute))


_Words = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_words), Field(min_length=1)]
_Kinds = Annotated[tuple[Annotated[str, BeforeValidator(_known_kind)], ...], BeforeValidator(_words), Field(min_length=1)]
_Weekdays = Annotated[tuple[Annotated[int, BeforeValidator(_known_day)], ...], BeforeValidator(_words), Field(min_length=1)]


class _Table(BaseModel):
    """One [[rule]] as it is written; what is left out is no condition, and an empty list is a mistake."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    then: Judgement
    name: Annotated[str, Field(min_length=1)] | None = None
    kind: _Kinds | None = None
    account: _Words | None = None
    recipients: _Words | None = None
    folder: _Words | None = None
    path: _Words | None = None
    hours: Annotated[Hours, BeforeValidator(_hours)] | None = None
    weekdays: _Weekdays | None = None
    score: Annotated[float, Field(gt=0, le=1, strict=True)] | None = None
    exam: Kind | None = None

    @model_validator(mode="after")
    def _scores_allow(self) -> _Table:
        """A score can only make things stricter: what holds or denies must not depend on one."""
        if self.score is not None and self.then != "allow":
            raise ValueError('score goes with then = "allow" alone: what holds or denies does so for every model')
        if self.exam is not None and self.score is None:
            raise ValueError("exam is needed only where a score is wanted, such as score = 0.9")
        return self

    def rule(self, name: str) -> Rule:
        """The rule that it says, named by its place where it has no name."""
        return Rule(
            name=self.name or name,
            then=self.then,
            kinds=self.kind or (),
            accounts=self.account or (),
            recipients=self.recipients or (),
            folders=self.folder or (),
            paths=self.path or (),
            hours=self.hours,
            weekdays=frozenset(self.weekdays or ()),
            score=self.score,
            exam=self.exam or "shipped",
        )


def _sentences(error: ValidationError) -> Iterator[str]:
    for found in error.errors(include_url=False, include_context=True):
        yield _sentence(found)


def _sentence(found: Mapping[str, Any]) -> str:
    name = str(found["loc"][0]) if found["loc"] else "it"
    match found["type"]:
        case "missing":
            return f"{name} is needed: allow, hold or deny."
        case "literal_error":
            return f"{name} must be {'shipped or own' if name == 'exam' else 'allow, hold or deny'}."
        case "greater_than" | "less_than_equal" | "float_type":
            return f"{name} must be a number above 0 and up to 1, such as 0.9."
        case "extra_forbidden":
            near = difflib.get_close_matches(name, _Table.model_fields, 1)
            return f"{name} is no condition. {_instead(near, _Table.model_fields)}"
        case "value_error":
            sentence = str(found["ctx"]["error"])
            if not found["loc"]:
                return f"{sentence}."
            return f"{name}: {sentence}" if sentence.endswith((".", "?")) else f"{name} {sentence}."
        case "too_short" | "string_too_short":
            return f"{name} is empty. Leave it out, or say what it is to match."
    return f"{name} must be text, or a list of texts."


def _instead(near: list[str], names: Iterable[str]) -> str:
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
