"""How a page is made: templates that escape everything, and what they may use to show texts and times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from butler.core.text import one_line, typed, visible
from butler.web.amounts import grouped, lasting, sized
from butler.web.times import Times


@dataclass(frozen=True, slots=True)
class Who:
    """Who is logged in: what their forms have to send back, and how the record names them; see `Visit`."""

    csrf: str = ""
    by: str = ""
    via: str = ""
    session: int = 0


NOBODY = Who()
"""Who is not logged in."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what, as far as a page has to know.

    `args` are those of the path, `query` those behind the question mark. `csrf` is what the forms of the
    page have to send back; it is empty for whoever is not logged in. `part` says that a script asks for the
    inside of the page only. `by` and `via` name them in decisions and in the journal, `session` is the number of their session.
    """

    path: str
    args: Mapping[str, str]
    query: Mapping[str, str]
    csrf: str = ""
    part: bool = False
    by: str = ""
    via: str = ""
    session: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """What is to be shown: a template and its values. `nav` names the entry of the menu that it belongs to."""

    template: str
    title: str
    values: Mapping[str, Any] = field(default_factory=dict)
    nav: str = ""
    status: int = 200


_TIMES = ("day", "short_day", "clock", "moment", "ago")
MENU = (
    ("today", "/", "Today"),
    ("review", "/review", "Review"),
    ("ask", "/ask", "Ask"),
    ("search", "/search", "Search"),
    ("runs", "/runs", "Runs"),
    ("schedule", "/schedule", "Schedule"),
    ("journal", "/journal", "Journal"),
    ("health", "/health", "Health"),
)


@cache
def templates() -> Environment:
    """The templates; a value that is missing is an error, and nothing gets into a page unescaped or unseen."""
    found = Environment(
        # Of the styles too: a page that is a file of its own takes them in.
        loader=ChoiceLoader([PackageLoader("butler.web"), PackageLoader("butler.web", "static")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    found.filters["shown"] = visible
    found.filters["typed"] = typed
    found.filters["line"] = one_line
    found.filters |= {"lasting": lasting, "grouped": grouped, "sized": sized}
    for name in _TIMES:
        found.filters[name] = _in_the_owners_time(name)
    return found


def _harmless(value: Any) -> Any:
    """What every value goes through on its way into a page, whatever filters it had; our own markup is left as it is."""
    return typed(value) if type(value) is str else value


@cache
def prepare() -> None:
    """Read all templates, so that nobody waits for that with their first page."""
    for name in templates().list_templates(extensions=["html"]):
        templates().get_template(name)


def written(page: Page, visit: Visit, times: Times, **frame: Any) -> str:
    """Write a page as HTML; `frame` is what the layout shows on every page."""
    template = templates().get_template(page.template)
    return template.render(**page.values, page=page, visit=visit, menu=MENU, times=times, now=times.now, **frame)


def _in_the_owners_time(name: str) -> Callable[[Context, Any], str]:
    @pass_context
    def write(context: Context, value: Any) -> str:
        found: str = getattr(context["times"], name)(value)
        return found

    return write
