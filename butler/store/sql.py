"""Loads the SQL files beside these modules: each statement has a name and a line that says what it is for.

-- name: add_source
-- Remember a source by kind and name.
INSERT INTO source (kind, name) VALUES (?, ?);
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

_NAME = "-- name: "


@cache
def statements(name: str) -> Mapping[str, str]:
    """Load the statements of `<name>.sql` by their names."""
    return parse_statements(files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8"))


def parse_statements(text: str) -> dict[str, str]:
    """Split an SQL file; raises ValueError on a name given twice or a statement without a description."""
    found: dict[str, str] = {}
    for block in text.split(_NAME)[1:]:
        name, _, rest = block.partition("\n")
        if name in found:
            raise ValueError(f"the statement {name} is there twice")
        if not rest.startswith("-- "):
            raise ValueError(f"the statement {name} has no description")
        found[name] = "\n".join(line for line in rest.splitlines() if not line.startswith("--")).strip().rstrip(";")
    return found


@cache
def migrations(database: str) -> tuple[str, ...]:
    """Load the scripts `schema/<database>/0001.sql`, … in order; their count is the schema's version."""
    folder = files(__package__).joinpath("schema", database)
    scripts = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return tuple(script.read_text(encoding="utf-8") for script in scripts)
