"""Reads a Markdown file as the definition of a workflow: all problems at once, each with its line and what to do. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from butler.core.definingoutput import gate_of, output_of
from butler.core.definingsources import sources_of
from butler.core.definingtools import Options, tools_of
from butler.core.definitions import DEFAULT_MODEL, NO_MODEL, Definition, Limits
from butler.core.flowed import Leaf, Problem, Table, Wrong, near, plural
from butler.core.frontmatter import leaves, split
from butler.core.questions import questions_of
from butler.core.text import one_line, visible

LARGEST = 100_000
"""Bytes of a file."""
NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_MODEL = re.compile(r"[\w./:-]{1,120}")
_LONGEST_TITLE = 120
_LONGEST_LINE = 4_000
_MOST_TOLD = 50
_BY_HAND = frozenset({"", "none", "by hand"})
_SHORT = ("at", "every", "on")
KEYS = ("name", "title", "trigger", "sources", "tools", "model", "output", "gate", "limits")


@dataclass(frozen=True, slots=True)
class Known:
    """What a file may name: reckoners, each with the options that it takes (None: that is not known) and its file, if any;
    roots of files and calls of servers (None: any); and a check of triggers, which says what is wrong by the name of a setting.
    """

    reckoners: Mapping[str, Options] = field(default_factory=dict)
    roots: frozenset[str] | None = None
    places: Mapping[str, str] = field(default_factory=dict)
    wrong_triggers: Callable[[Mapping[str, str]], Sequence[tuple[str, str]]] = lambda _trigger: ()
    calls: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What came of reading a file: a definition where nothing is wrong, and all problems, by line."""

    definition: Definition | None
    problems: tuple[Problem, ...]


def read_definition(text: str, name: str, known: Known, *, is_shipped: bool = False) -> Read:
    """Read the text of a file; `name` is that of the workflow where the text does not say it."""
    if problems := _unreadable(text):
        return Read(None, problems)
    return _Defining(text, known).read(name, is_shipped)


def _unreadable(text: str) -> tuple[Problem, ...]:
    if len(text.encode("utf-8", "replace")) > LARGEST:
        return (Problem(1, f"It is over {LARGEST // 1000} kB. A workflow is a page of text; what it reads are its sources."),)
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if visible(line.rstrip("\r")) != line.rstrip("\r"):
            found.append(Problem(number, "There are characters in it that cannot be seen. Type the line anew."))
        elif len(line) > _LONGEST_LINE:
            found.append(Problem(number, f"The line has over {_LONGEST_LINE} characters. Part it."))
    return tuple(found[:_MOST_TOLD])


class _Defining:
    """Reads one file; what is wrong is collected, and the rest is read all the same."""

    def __init__(self, text: str, known: Known) -> None:
        self._split = split(text)
        self._matter = self._split.matter
        self._known = known
        self._wrong = Wrong()

    def read(self, given: str, is_shipped: bool) -> Read:
        """Read all of it."""
        matter, wrong = self._matter, self._wrong
        for key, line, _ in matter.entries:
            if key not in KEYS:
                wrong(line, f"{one_line(key, 60)} is no setting of a workflow.{near(key, KEYS)}")
        prompt, heading, questions, found = questions_of(self._split.body, self._split.body_line)
        wrong.problems += found
        name, model = self._name(given), self._model()
        if not self._split.problems:
            self._check_whole(model, is_asked=bool(prompt or questions))
        made = {
            "name": name,
            "title": self._title() or heading or name.replace("-", " ").replace("_", " ").capitalize(),
            "trigger": self._trigger(),
            "sources": sources_of(matter, self._known.roots, wrong, self._known.calls),
            "tools": tools_of(matter, self._known.reckoners, self._known.places, wrong),
            "model": model,
            "output": output_of(matter, name, wrong),
            "gate": gate_of(matter, wrong),
            "limits": self._limits(),
            "prompt": prompt,
            "questions": questions,
            "is_shipped": is_shipped,
        }
        problems = self._all()
        return Read(None if problems else Definition.model_validate(made), problems)

    def _all(self) -> tuple[Problem, ...]:
        """All problems by line; of a line that is not even written as it has to be, that one alone."""
        unread = {problem.line for problem in self._split.problems}
        rest = (each for each in self._wrong.problems if each.line not in unread)
        return tuple(sorted({*self._split.problems, *rest}, key=lambda each: (each.line, each.sentence)))

    def _text(self, key: str) -> str:
        """A setting that is one text; empty where it is not there."""
        node = self._matter.get(key)
        if node is None or isinstance(node, Leaf):
            return "" if node is None or node.is_empty else node.text.strip()
        self._wrong(self._matter.line_of(key), f"{key} is to be one text, not {plural(node)}.")
        return ""

    def _name(self, given: str) -> str:
        name = self._text("name") or given
        if not NAME.fullmatch(name):
            told = f"{one_line(name, 60)!r} is no name: a small letter, then small letters, digits, - and _, at most 63 in all."
            self._wrong(self._matter.line_of("name"), f"{told} Set name, or name the file like that.")
        return name

    def _title(self) -> str:
        title = self._text("title")
        if len(title) > _LONGEST_TITLE:
            self._wrong(self._matter.line_of("title"), f"The title has over {_LONGEST_TITLE} characters. Shorten it.")
        return one_line(title, _LONGEST_TITLE)

    def _trigger(self) -> dict[str, str]:
        node, line = self._matter.get("trigger"), self._matter.line_of("trigger")
        if node is None or (isinstance(node, Leaf) and (node.is_empty or node.text.lower() in _BY_HAND)):
            return {}
        if isinstance(node, Leaf):
            key, _, rest = node.text.partition(" ")
            if key not in _SHORT or not rest.strip():
                told = 'Write such as "at 07:00", "every 3h" or "on mail", a table such as {at: 07:00, days: mon-fri}, or none.'
                self._wrong(line, f"{one_line(node.text, 60)!r} is no trigger. {told}")
                return {}
            node = Table(node.line, ((key, node.line, Leaf(node.line, rest.strip())),))
        if not isinstance(node, Table):
            self._wrong(line, "trigger is to be one text or a table. For a second time, add a job to the settings.")
            return {}
        found = {key: ", ".join(leaf.text for leaf in leaves(value)) for key, _, value in node.entries}
        for key, sentence in self._known.wrong_triggers(found):
            self._wrong(node.line_of(key) if key in found else line, sentence)
        return found

    def _model(self) -> str:
        model = self._text("model") or DEFAULT_MODEL
        if not _MODEL.fullmatch(model):
            told = "Write none, default, or the name of a model of your server, such as qwen3.5:9b."
            self._wrong(self._matter.line_of("model"), f"{one_line(model, 60)!r} is no model. {told}")
        return model

    def _limits(self) -> Limits:
        node = self._matter.get("limits")
        if node is None or (isinstance(node, Leaf) and node.is_empty):
            return Limits()
        if not isinstance(node, Table):
            self._wrong(self._matter.line_of("limits"), 'limits is to be a table, such as "{things: 100, lines: 40}".')
            return Limits()
        there, found = tuple(Limits.model_fields), dict[str, str]()
        for key, line, value in node.entries:
            if key not in there:
                self._wrong(line, f"{one_line(key, 60)!r} is no limit. There are: {', '.join(there)}.{near(key, there)}")
            elif isinstance(value, Leaf):
                found[key] = value.text
            else:
                self._wrong(line, f"{key} is to be a number.")
        try:
            return Limits.model_validate(found)
        except ValidationError as error:
            for key in dict.fromkeys(str(each["loc"][0]) for each in error.errors(include_url=False, include_input=False)):
                self._wrong(node.line_of(key), f"{key} is to be a whole number {_range_of(key)}.")
            return Limits()

    def _check_whole(self, model: str, *, is_asked: bool) -> None:
        sources, matter = self._matter.get("sources"), self._matter
        if sources is None or not any(True for _ in leaves(sources)) or (isinstance(sources, Leaf) and sources.is_empty):
            told = 'It reads nothing. Name sources, such as "- mail: in:inbox" with a window.'
            self._wrong(matter.line_of("sources"), told)
        if matter.get("tools") is None and not (is_asked and model != NO_MODEL):
            told = "Nothing is done with what it reads. Name a tool, or write a prompt and let a model answer it."
            self._wrong(self._split.body_line, told)


def _range_of(key: str) -> str:
    limits = {type(each).__name__: each for each in Limits.model_fields[key].metadata}
    return f"from {limits['Ge'].ge} to {limits['Le'].le}"
