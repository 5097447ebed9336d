"""The butler's own code as a tree, read and walked once for all tests of a process that look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def place(file: Path) -> str:
    """A file's place in the project."""
    return str(file.relative_to(ROOT))


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """The Python files of some folders, by default of the program."""
    wanted = folders or ("butler", "tools", "workflows")
    return tuple(sorted(file for folder in wanted for file in (ROOT / folder).rglob("*.py")))


@cache
def tree(file: Path) -> ast.Module:
    """A file's tree."""
    return ast.parse(file.read_bytes())


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """All of a file's tree, as `ast.walk` gives it."""
    return tuple(ast.walk(tree(file)))
