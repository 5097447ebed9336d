"""What tests of decisions on a page share: its forms as a browser sends them back, and actions that somebody hostile made."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

from page_case import PageCase, page_case
from page_client import PageClient
from page_household import page_household

from butler.core import payloads as p
from butler.core.actions import Kept
from butler.store.journal import Line

__all__ = ["page_case", "page_household"]

VIA = re.compile(r"web 127\.0\.0\.1, session \d+, Firefox on Linux")


class Forms(HTMLParser):
    """The forms of a page by where they lead, with what a browser would send; and its articles."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: dict[str, dict[str, str]] = {}
        self.articles: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.texts: list[str] = []
        self._form: dict[str, str] | None = None
        self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        assert not [name for name in found if name.startswith("on") or name == "style"]
        if tag == "form":
            self._form = self.forms.setdefault(found.get("action", ""), {})
        elif tag == "article":
            self.articles.append(found["id"])
        elif tag == "script":
            self.scripts.append(dict(attrs))
        elif tag == "textarea":
            self._area = found.get("name", "")
            if self._form is not None and self._area:
                self._form[self._area] = ""
        elif tag == "input" and self._form is not None and found.get("type") != "checkbox":
            self._form[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            if self._form is not None and self._area:
                # A browser leaves out the first line break.
                self._form[self._area] = self._form[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._area and self._form is not None:
            self._form[self._area] += data


def forms(client: PageClient, path: str) -> dict[str, dict[str, str]]:
    """The forms of a page."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return Forms(answer.text).forms


def kept_of(case: PageCase, number: int) -> Kept:
    return case.truth.outbox.get(number)


def decided(case: PageCase, number: int) -> Line:
    """The last line of the journal that tells of a decision about an action."""
    return [line for line in case.truth.journal.about(f"action:{number}") if line.what == "decided"][-1]


def letter_of(kept: Kept) -> p.Letter:
    assert isinstance(kept.action.payload, p.MailDraft)
    return kept.action.payload.letter


def drafted(case: PageCase, key: str, number: int = 1, *, group: str = "", **changes: object) -> Kept:
    """Keep another draft like one that is there, with something else in its letter."""
    like = kept_of(case, number)
    letter = letter_of(like).model_copy(update={"message_id": f"{key}@berger.example", **changes})
    action = dataclasses.replace(like.action, payload=p.MailDraft(letter=letter), key=key, group=group)
    return case.truth.outbox.add(action, case.now)


def ended(case: PageCase, number: int, status: str, note: str) -> None:
    """Let the executor's end of an action be so."""
    outbox = case.truth.outbox
    with case.household.books() as books:
        approved = books.gate.approve(number, kept_of(case, number).hash, "anna", "cli")
    begun = outbox.change(approved, dataclasses.replace(approved, status="executing", attempts=1), case.now, "begun")
    outbox.change(begun, dataclasses.replace(begun, status=status, note=note), case.now, status)  # type: ignore[arg-type]
