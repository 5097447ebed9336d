"""Where the result of a workflow's file goes, and what it may propose; a page's name on a day. Pure."""

from __future__ import annotations

import datetime as dt
import re

from butler.core.definitions import Definition, Output
from butler.core.flowed import Leaf, Node, Table, Wrong, near
from butler.core.frontmatter import named
from butler.core.policy import KINDS
from butler.core.text import one_line

_PAGE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_FOLDER = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
_PLACE = re.compile(r"\{([^{}]*)\}")
_PLACES = ("day", "week", "month", "year")
_YES, _NO = frozenset({"true", "yes", "on", ""}), frozenset({"false", "no", "off", "none"})
_NOTHING = frozenset({"", "none", "nothing", "hold"})
_VERDICTS = frozenset({"allow", "approve", "deny"})
_PROPOSABLE = tuple(kind for kind in KINDS if kind != "undo")


def page_name(definition: Definition, day: dt.date) -> str:
    """The name of the page of a day; empty where there is none."""
    year, week, _ = day.isocalendar()
    places = {"day": day.isoformat(), "week": f"{year}-w{week:02}", "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}
    return _PLACE.sub(lambda found: places[found[1]], definition.output.page)


def page_place(definition: Definition, day: dt.date) -> str:
    """The same with its folder, as a page is saved; empty where there is none."""
    name = page_name(definition, day)
    return f"{definition.output.folder}/{name}" if name and definition.output.folder else name


def output_of(matter: Table, name: str, wrong: Wrong) -> Output:
    """Read the output; where there is none it is a page a day."""
    node = matter.get("output")
    usual = f"{name.replace('_', '-')[:40]}-{{day}}"
    if node is None or (isinstance(node, Leaf) and node.is_empty):
        return Output(page=usual)
    table = _as_table(node)
    for key, line, value in table.entries:
        if key not in {"page", "folder", "notice"}:
            wrong(line, f"{one_line(key, 60)!r} is no output. There are: page, folder and notice.")
        elif not isinstance(value, Leaf):
            wrong(line, f"{key} is to be one text.")
    texts = {key: value.text.strip() for key, _, value in table.entries if isinstance(value, Leaf)}
    page = texts.get("page", "yes" if "folder" in texts else "no")
    page = usual if page.lower() in _YES else "" if page.lower() in _NO else page
    folder, notice = texts.get("folder", ""), texts.get("notice", "no").lower()
    if notice not in _YES | _NO:
        wrong(table.line_of("notice"), "notice is to be true or false.")
    if problem := _wrong_page(page):
        wrong(table.line_of("page"), problem)
    if folder and not _FOLDER.fullmatch(folder):
        told = "small letters, digits and -. It lies below the folder of the butler's pages, and nowhere else"
        wrong(table.line_of("folder"), f"{one_line(folder, 60)!r} is no folder of pages: {told}.")
    if not page and notice in _NO:
        wrong(matter.line_of("output"), "Nothing would come of it. Name a page, a notice, or both.")
    return Output(page=page, folder=folder, notice=notice in _YES)


def gate_of(matter: Table, wrong: Wrong) -> tuple[str, ...]:
    """Read the kinds of actions that may be proposed; what becomes of them no file of a workflow says."""
    node = matter.get("gate")
    if node is None or (isinstance(node, Leaf) and (node.is_empty or node.text.lower() in _NOTHING)):
        return ()
    if isinstance(node, Table):
        told = "gate is to be a list of kinds of actions that may be proposed. What becomes of them, your policy says."
        wrong(matter.line_of("gate"), told)
        return ()
    for leaf in named(node):
        if leaf.text.lower() in _VERDICTS:
            wrong(leaf.line, f"A workflow cannot say {leaf.text.lower()}; your policy does. Name kinds of actions only.")
        elif leaf.text not in _PROPOSABLE:
            there = f"There are: {', '.join(_PROPOSABLE)}.{near(leaf.text, _PROPOSABLE)}"
            wrong(leaf.line, f"{one_line(leaf.text, 60)!r} is no kind of action. {there}")
    return tuple(dict.fromkeys(leaf.text for leaf in named(node)))


def _as_table(node: Node) -> Table:
    """An output as a table, also where only names stand there."""
    if isinstance(node, Table):
        return node
    names = [(leaf.text, leaf.line, Leaf(leaf.line, "")) for leaf in named(node) if leaf.text]
    return Table(node.line, tuple(names))


def _wrong_page(page: str) -> str:
    """What is wrong with the name of a page that may hold places; empty where nothing is."""
    for place in _PLACE.findall(page):
        if place not in _PLACES:
            there = ", ".join(f"{{{each}}}" for each in _PLACES)
            return f"{{{one_line(place, 40)}}} is nothing that the name of a page can hold. There are: {there}."
    if page and not _PAGE.fullmatch(_PLACE.sub("0", page)):
        return f"{one_line(page, 60)!r} is no name of a page: small letters, digits and -, no ending, such as money-{{month}}."
    return ""
