"""The sources of a workflow's file: kinds, queries, globs and windows, each checked where it stands. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from butler.core.definitions import SOURCES, Gathering
from butler.core.errors import UsageError
from butler.core.flowed import Leaf, Listed, Node, Table, Wrong, near
from butler.core.foreign import read_call
from butler.core.globs import is_like
from butler.core.queries import read_query
from butler.core.text import one_line
from butler.core.windows import days_of

_MOST = 20
_DAY, _ZONE = dt.date(2026, 1, 15), ZoneInfo("UTC")
_WINDOWS: Mapping[str, str] = {"mail": "last 7 days", "events": "this week", "notes": "last 7 days"}
"""The windows of sources that name none; of all other kinds, all."""
_BESIDE = ("files", "window")
_THERE = f"There are: {', '.join(SOURCES)}, and files."


def sources_of(matter: Table, roots: frozenset[str] | None, wrong: Wrong) -> tuple[Gathering, ...]:
    """Read the sources; `roots` are those that files may lie in, None: any."""
    node = matter.get("sources")
    if node is None or (isinstance(node, Leaf) and node.is_empty):
        return ()
    items = node.items if isinstance(node, Listed) else (node,)
    if len(items) > _MOST:
        wrong(matter.line_of("sources"), f"There are over {_MOST} sources. Put some of them together.")
    return tuple(found for item in items[:_MOST] if (found := _source(item, roots, wrong)))


def _source(node: Node, roots: frozenset[str] | None, wrong: Wrong) -> Gathering | None:
    """Read one: a table, or only the name of a kind."""
    if isinstance(node, Leaf):
        node = Table(node.line, ((node.text, node.line, Leaf(node.line, "")),))
    if not isinstance(node, Table):
        wrong(node.line, "A source is one of a list, not a list itself.")
        return None
    for key, line, value in node.entries:
        if key not in {*SOURCES, *_BESIDE}:
            wrong(line, f"{one_line(key, 60)!r} is no source. {_THERE}{near(key, (*SOURCES, *_BESIDE))}")
        elif not isinstance(value, Leaf):
            wrong(line, f"{key} is to be one text. For more than one, make more sources.")
    texts = {key: "" if value.is_empty else value.text.strip() for key, _, value in node.entries if isinstance(value, Leaf)}
    kinds = [key for key, _, _ in node.entries if key in SOURCES]
    if len(kinds) > 1:
        wrong(node.line, f"A source is of one kind, not {' and '.join(kinds)}. Make a source of each.")
    if kinds or "files" in texts:
        found = _gathering(node, kinds[0] if kinds else "documents", texts, wrong)
        _check_root(found.files.partition("/")[0], roots, node.line_of("files"), wrong)
        return found
    if all(key in _BESIDE for key, _, _ in node.entries):
        wrong(node.line, f"It names no source. {_THERE}")
    return None


def _check_root(root: str, roots: frozenset[str] | None, line: int, wrong: Wrong) -> None:
    if root and roots is not None and root.strip(".") and not any(is_like(each, root) for each in roots):
        there = f"There are: {', '.join(sorted(roots))}." if roots else "There are none."
        wrong(line, f"The settings have no folder {one_line(root, 60)!r} of notes or documents. {there}{near(root, roots)}")


def _gathering(node: Table, kind: str, texts: Mapping[str, str], wrong: Wrong) -> Gathering:
    query, files = texts.get(kind, ""), texts.get("files", "")
    window = texts.get("window", "") or ("all" if files else _WINDOWS.get(kind, "all"))
    if "files" in texts and (problem := _wrong_glob(files, kind)):
        wrong(node.line_of("files"), problem)
    if problem := _wrong_query(kind, query):
        wrong(node.line_of(kind), problem)
    try:
        days_of(window, _DAY)
    except ValueError as error:
        wrong(node.line_of("window"), str(error))
    return Gathering.model_validate({"kind": kind, "query": query, "files": files, "window": window})


def _wrong_query(kind: str, query: str) -> str:
    """What is wrong with what a source asks for; empty where nothing is."""
    try:
        if kind == "mcp":
            read_call(query)
        elif query and read_query(query, _DAY, _ZONE).is_empty:
            return f"{one_line(query, 60)!r} is no query: it names nothing that could be found."
    except UsageError as error:
        return f"The query cannot be read. {error}"
    except ValueError as error:
        return str(error)
    return ""


def _wrong_glob(files: str, kind: str) -> str:
    root, _, pattern = files.partition("/")
    if kind not in {"documents", "notes"}:
        return f"{kind} are not in files. Give files to documents or notes, or make a source of its own of them."
    if not (root and pattern):
        return (
            f"{one_line(files, 60)!r} names no files. Write ROOT/PATTERN with a root of the settings, such as statements/*.csv."
        )
    if {"..", "", "."} & {root, *pattern.split("/")}:
        return f"{one_line(files, 60)!r} leads out of its root. Name what is below it, without . and .. and //."
    return ""
