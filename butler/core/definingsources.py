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


def sources_of(
    matter: Table, roots: frozenset[str] | None, wrong: Wrong, calls: frozenset[str] | None = None
) -> tuple[Gathering, ...]:
    """Read the sources; `roots` are those that files may lie in, `calls` what servers may be asked; None: any."""
    node = matter.get("sources")
    if node is None or (isinstance(node, Leaf) and node.is_empty):
        return ()
    items = node.items if isinstance(node, Listed) else (node,)
    if len(items) > _MOST:
        wrong(matter.line_of("sources"), f"There are over {_MOST} sources. Put some of them together.")
    found = tuple(each for item in items[:_MOST] if (each := _source(item, roots, wrong)))
    for item, call in [(item, _call_of(item)) for item in items[:_MOST]]:
        if call and calls is not None and call not in calls:
            there = f"There are: {', '.join(sorted(calls))}.{near(call, calls)}" if calls else "There are none."
            wrong(item.line, f"The settings name no tool {one_line(call, 60)!r} that only reads. {there}")
    return found


def _call_of(item: Node) -> str:
    """The tool of a server that a source calls, as SERVER.TOOL; empty where it calls none, or none that can be read."""
    called = item.get("mcp") if isinstance(item, Table) else None
    try:
        return read_call(called.text)[0] if isinstance(called, Leaf) else ""
    except (UsageError, ValueError):
        return ""


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
    if window := texts.get("window"):
        _check_window(window, node.line_of("window"), wrong)
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
    _check_window(window, node.line_of("window"), wrong)
    return Gathering.model_validate({"kind": kind, "query": query, "files": files, "window": window})


def _check_window(window: str, line: int, wrong: Wrong) -> None:
    try:
        days_of(window, _DAY)
    except ValueError as error:
        wrong(line, str(error))


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
