"""The tools of a workflow's file: reckoners by name, and what each is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from butler.core.definitions import Option, Tool
from butler.core.flowed import Leaf, Listed, Node, Table, Wrong, near
from butler.core.frontmatter import leaves, named
from butler.core.text import one_line

Options = Mapping[str, str] | None
"""What a reckoner can be told, by name, with a line of help each; None where that is not known."""
_MOST = 20


def tools_of(matter: Table, known: Mapping[str, Options], places: Mapping[str, str], wrong: Wrong) -> tuple[Tool, ...]:
    """Read the tools; `places` are the files of those that are the owner's own."""
    node = matter.get("tools")
    if node is None or (isinstance(node, Leaf) and (node.is_empty or node.text == "none")):
        return ()
    found: dict[str, Tool] = {}
    for name, line, told in _named(node, wrong):
        if name not in known:
            there = f"There are: {', '.join(sorted(known))}." if known else "There are none."
            wrong(line, f"There is no tool {one_line(name, 60)!r}. {there}{near(name, known)}")
            continue
        if name in found:
            wrong(line, f"{name} is named twice. Keep one of them.")
        elif len(found) >= _MOST:
            wrong(line, f"There are over {_MOST} tools. Make a second workflow.")
        found.setdefault(
            name, Tool(name=name, place=places.get(name, ""), options=_options(name, line, told, known[name], wrong))
        )
    return tuple(found.values())


def _named(node: Node, wrong: Wrong) -> Iterator[tuple[str, int, Node]]:
    """The names of tools, each with its line and what it is told."""
    for item in node.items if isinstance(node, Listed) else (node,):
        match item:
            case Leaf():
                yield from ((leaf.text, leaf.line, Leaf(leaf.line, "")) for leaf in named(item))
            case Table():
                yield from item.entries
            case _:
                wrong(item.line, "A tool is a name, or a name with a table of its options.")


def _options(name: str, line: int, node: Node, takes: Options, wrong: Wrong) -> dict[str, Option]:
    if isinstance(node, Leaf) and node.is_empty:
        return {}
    if not isinstance(node, Table):
        wrong(line, f'What {name} is told is to be a table, such as "{{option: value}}".')
        return {}
    for key, where, _ in node.entries:
        if takes is not None and key not in takes:
            there = f"There are: {', '.join(takes)}." if takes else "It takes none."
            wrong(where, f"{name} has no option {one_line(key, 60)!r}. {there}{near(key, takes)}")
    return {key: _option(key, where, value, wrong) for key, where, value in node.entries}


def _option(key: str, line: int, node: Node, wrong: Wrong) -> Option:
    match node:
        case Leaf():
            return node.text
        case Listed() if all(isinstance(item, Leaf) for item in node.items):
            return tuple(leaf.text for leaf in leaves(node))
        case Table() if not any(isinstance(value, Table) for _, _, value in node.entries):
            return {name: ", ".join(leaf.text for leaf in leaves(value)) for name, _, value in node.entries}
    wrong(line, f"{one_line(key, 60)} is nested too deeply: a text, a list of texts, or texts by name.")
    return ""
