"""The numbers of the style, held by reading the code itself."""

import ast
import re
import statistics
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from own_code import ROOT, files, nodes, place, tree

CODE = files()
TESTS = files("tests")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
NAMES_TO_AVOID = {
    *("manager", "handler", "service", "helper", "helpers", "util", "utils", "engine", "processor"),
    *("common", "misc", "data", "info", "item", "items", "obj"),
}
BROAD = {"butler/cli/__init__.py", "butler/runner.py", "butler/executor.py", "butler/lane.py"}
"""The command-line edge, and the boundaries of a run, of an action and of what the daemon has in turn."""
MOST_BROAD = 4
MOCK_WORDS = re.compile(r"(?i)\b(?:mock\w*|magicmock|patch\.object|patch\()")
"""Making a limit smaller for a test is none."""


@cache
def functions() -> list[tuple[str, Function]]:
    return [(place(file), node) for file in CODE for node in nodes(file) if isinstance(node, FUNCTIONS)]


def length(node: Function) -> int:
    """Lines from `def` to the end, docstring included."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def test_functions_are_short() -> None:
    lengths = [length(node) for _, node in functions()]
    assert [f"{name}:{node.lineno} {node.name}" for name, node in functions() if length(node) > 60] == []
    assert statistics.median(lengths) <= 7
    assert percentile(lengths, 0.95) <= 30


def test_files_are_short() -> None:
    lengths = {place(file): len(file.read_text(encoding="utf-8").splitlines()) for file in CODE}
    assert {name: lines for name, lines in lengths.items() if lines > 350} == {}
    assert statistics.median(lengths.values()) <= 120
    assert percentile(list(lengths.values()), 0.95) <= 250


def test_test_files_are_short() -> None:
    assert {place(file): lines for file in TESTS if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 500} == {}


BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def depth(node: ast.AST, is_elif: bool = False) -> int:
    """How deep blocks are nested; `elif` is no deeper than its `if`, and an inner function starts anew."""
    deepest = 0
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
                continue
            chained = isinstance(node, ast.If) and field == "orelse" and len(children) == 1 and isinstance(child, ast.If)
            deepest = max(deepest, depth(child, chained))
    return deepest + (isinstance(node, BLOCKS) and not is_elif)


def test_blocks_are_not_nested_deeply() -> None:
    depths = {f"{name}:{node.lineno} {node.name}": depth(node) for name, node in functions()}
    assert [name for name, deep in depths.items() if deep > 3] == []
    assert percentile(list(depths.values()), 0.95) <= 2


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every public class and function of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from (
                    (f"{node.name}.{each.name}", each)
                    for each in node.body
                    if isinstance(each, FUNCTIONS) and not each.name.startswith("_")
                )


def test_everything_public_has_a_docstring() -> None:
    bare = [place(file) for file in CODE if file.stat().st_size and not ast.get_docstring(tree(file))]
    bare += [
        f"{place(file)}: {each}"
        for file in CODE
        for each, node in public(tree(file))
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)) and not ast.get_docstring(node)
    ]
    assert bare == []


def is_broad(node: ast.ExceptHandler) -> bool:
    names = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
    return any(each is None or (isinstance(each, ast.Name) and each.id == "Exception") for each in names)


def raises_again(node: ast.ExceptHandler) -> bool:
    """Whether it only cleans up: what it caught goes on."""
    return isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None


def test_everything_is_caught_only_at_the_edges() -> None:
    found = [
        place(file)
        for file in CODE
        for node in nodes(file)
        if isinstance(node, ast.ExceptHandler) and is_broad(node) and not raises_again(node)
    ]
    assert set(found) <= BROAD
    assert len(found) <= MOST_BROAD


def test_names_say_what_things_are() -> None:
    defined = [
        (place(file), node.name) for file in CODE for node in nodes(file) if isinstance(node, (*FUNCTIONS, ast.ClassDef))
    ]
    defined += [(place(file), file.stem) for file in CODE]
    words = [(name, each, set(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", each))) for name, each in defined]
    assert [(name, each) for name, each, parts in words if {part.lower() for part in parts} & NAMES_TO_AVOID] == []
    assert [(name, each) for name, each in defined if each.startswith(("do_", "process_", "_do_", "_process_"))] == []


def test_only_the_command_line_prints() -> None:
    printing = [
        place(file)
        for file in CODE
        for node in nodes(file)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert [name for name in printing if not name.startswith("butler/cli/")] == []


def test_tests_use_next_to_no_mocks() -> None:
    texts = [file.read_text(encoding="utf-8") for file in TESTS if file != Path(__file__)]
    lines = sum(len(text.splitlines()) for text in texts)
    words = sum(len(MOCK_WORDS.findall(text)) for text in texts)
    assert words <= lines / 1000


def test_tests_are_no_packages_and_their_names_are_unique() -> None:
    assert [place(file) for file in TESTS if file.name == "__init__.py"] == []
    names = sorted(file.name for file in TESTS)
    assert [one for one, other in pairwise(names) if one == other] == []


def test_the_names_of_tests_are_sentences() -> None:
    short = [
        f"{place(file)}: {node.name}"
        for file in TESTS
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []


def test_sql_stands_in_files_of_its_own() -> None:
    starts = re.compile(r"^\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE) ")
    found = [
        place(file)
        for file in CODE
        for node in nodes(file)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and starts.match(node.value)
    ]
    assert found == []


def test_direct_dependencies_are_few_and_ranges_while_constraints_are_exact() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # Four of them are the daemon's: its clock, its notices, its log, its watching of folders.
    assert len(project["dependencies"]) <= 21
    exact = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {line.partition("==")[0].lower().replace("_", "-") for line in exact if not line.startswith("#")}
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in exact if not line.startswith("#"))
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["web"], *extras["documents"], *extras["dev"]]
    names = {re.split(r"[\[<>=~ ]", each)[0].lower() for each in wanted} - {project["name"]}
    assert names - pinned == set()


@pytest.mark.parametrize("pattern", ["index-url", "find-links", "trusted-host"])
def test_no_file_names_a_package_index(pattern: str) -> None:
    files = [ROOT / "constraints.txt", ROOT / "pyproject.toml", *(ROOT / ".ci").iterdir()]
    assert [place(file) for file in files if pattern in file.read_text(encoding="utf-8")] == []
