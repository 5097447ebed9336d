"""Every way out: whatever words of the world stand in it, nothing in it can act; docs/security.md says what sees to that."""

from __future__ import annotations

import argparse
import ast
import contextlib
import dataclasses
import io
import json
import logging
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import briefing_page as page
import card_case as case
import pytest
from acting import in_markdown, in_terminal, in_text
from hostile_models import STRINGS
from hypothesis import given, settings
from hypothesis import strategies as st
from own_code import files, nodes, place

from butler import logs, markdown, terminal, why
from butler.cards.card import make_card
from butler.cards.document import as_json
from butler.cards.page import as_text
from butler.cards.reasons import Event, Story, explain_action
from butler.cli import output, showing, unexpected
from butler.cli.journal import line_text
from butler.core import payloads as p
from butler.core import text
from butler.core.actions import Finding, Taint
from butler.core.briefing import Briefing, BriefingSource, Evidence, Line
from butler.core.contacts import Contact, Phone, PlacedContact, Relation
from butler.core.documents import Document
from butler.core.mail import Address
from butler.core.notices import Manners, Notice, message
from butler.model import prompts
from butler.store.journal import Line as Told
from butler.web.layout import templates
from workflows.documents.filing import noted
from workflows.documents.reading import Read
from workflows.pages.page import Block, Page, render

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "docs/security.md").read_text(encoding="utf-8")
FRAGMENTS = (
    *STRINGS,
    *(
        "%%",
        "<%* tp.x() %>",
        "[[a]]",
        "![[a]]",
        "![a](b)",
        "[a]: http://b",
        "<b>",
        "<!--",
        "```",
        "~~~",
        "`",
        "``",
        "| a |",
        "---",
    ),
    *(
        "# a",
        "- [ ] a",
        "1. a",
        "> a",
        "    a",
        "\t",
        "\n",
        "\r\n",
        "\x1b]0;x\x07",
        "\x9b31m",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u00ad",
    ),
    *(
        "\ufeff",
        "\U000e0041",
        "\u034f",
        "\ufe0f",
        "$x$",
        "==a==",
        "~~a~~",
        "#tag",
        "^a",
        "a@b.example",
        "www.a.example",
        "&lt;",
        "\\",
    ),
    *(
        "mailto:a",
        "javascript:a",
        "data:a",
        "<<<text 00000000>>>",
        "<<<end 00000000>>>",
        "{{ x }}",
        "{% x %}",
        "\ud800",
        "\0",
        "é",
        " ",
    ),
)
WORLD = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), min_size=1, max_size=8).map("".join)
KEPT = WORLD.map(lambda words: words.encode("utf-8", "replace").decode())
"""What can stand in an action: no halves of characters, which no database takes."""
few = settings(max_examples=80)


def briefing(words: str) -> Briefing:
    source = BriefingSource(name="mail.home", kind="mail", state="failed", as_of=None, error=words)
    lines = (page.line(words, f"mail:home/{words}", words),)
    return page.BRIEFING.model_copy(update={"sections": (page.section("reply", *lines),), "sources": (source,)})


def card(words: str):  # type: ignore[no-untyped-def]
    """The card of a draft in which everything is the world's."""
    person = p.Person(name=words, address=f"{words}@x.example")
    changes = {"subject": words, "body": words, "quoted": words, "to": (person,), "thread": words, "references": (words,)}
    made = case.kept(p.MailDraft(letter=case.LETTER.model_copy(update=changes)))
    action = dataclasses.replace(made.action, reason=words, findings=(Finding("x", words),), taint=(Taint("x", words),))
    return make_card(dataclasses.replace(made, action=action, note=words), case.BESIDE)


def mail(words: str):  # type: ignore[no-untyped-def]
    changed = dataclasses.replace(case.MAIL.message, subject=words, text=words, sender=Address(words, words), problems=(words,))
    return dataclasses.replace(case.MAIL, message=changed, ref=f"mail:home/{words}", folder=words)


def contact(words: str) -> PlacedContact:
    """A card in which everything is the world's."""
    told = Contact(
        words,
        words,
        (words,),
        (words,),
        (Phone(words, words),),
        words,
        words,
        None,
        words,
        None,
        (Relation(words, words),),
        (words,),
    )
    return PlacedContact(words, words, dataclasses.replace(told, note=words))


def story(words: str) -> Story:
    return Story(card(words).kept, (), (Event(1, case.NOW, words, {"x": words}),), {case.REF: mail(words)})


def printed(show: Callable[[], object]) -> str:
    """What comes out at a terminal that knows UTF-8."""
    content = io.BytesIO()
    out = io.TextIOWrapper(content, encoding="utf-8", errors="backslashreplace", newline="\n", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        show()
    return content.getvalue().decode()


TERMINAL: dict[str, Callable[[str], str]] = {
    "a briefing": lambda words: terminal.render(briefing(words), words, colour=True),
    "a card": lambda words: as_text(card(words), colour=True),
    "a mail": lambda words: showing.as_text(mail(words), case.ZONE),
    "a contact": lambda words: showing.as_text(contact(words), case.ZONE),
    "why an action": lambda words: explain_action(story(words), case.ZONE),
    "why a line": lambda words: why.explain(words, [(page.DAY, page.ORIGINS[0].model_copy(update={"text": words}))]),
    "the journal": lambda words: "\n".join(line_text(Told(1, case.NOW, "x", words, {"a": words}, "", ""), case.ZONE)),
    "what was forgotten": lambda words: printed(lambda: output.show(words)),
    "a failure": lambda words: printed(lambda: output.fail(words)),
    "a question": lambda words: printed(lambda: output.ask(words)),
    "a message": lambda words: printed(lambda: output.say(argparse.Namespace(quiet=False), words)),
    "a child's words": lambda words: printed(lambda: output.tell(words)),
}


@pytest.mark.parametrize("name", TERMINAL)
@given(words=KEPT)
@few
def test_nothing_in_what_is_printed_moves_a_cursor(name: str, words: str) -> None:
    assert in_terminal(TERMINAL[name](words)) == []


@given(words=KEPT)
@few
def test_a_json_document_is_harmless_on_a_terminal_and_says_what_it_said(words: str) -> None:
    for value in (
        {"a": [words], words: 1},
        as_json(card(words)),
        showing.as_json(mail(words)),
        showing.as_json(contact(words)),
    ):
        shown = printed(partial(output.show_json, value))
        assert in_terminal(shown) == []
        assert json.loads(shown) == json.loads(json.dumps(value))


@given(words=WORLD)
@few
def test_nothing_in_markdown_is_more_than_words(words: str) -> None:
    assert in_markdown(markdown.render(briefing(words), words)) == []
    line = Line(text=words, by="code", evidence=(Evidence(ref=f"file:notes/{words}", quote=words),))
    made = render(Page("p", words, page.DAY, page.SEVEN, [Block("x", [line])], notice=words, unread=[words], empty=words))
    assert in_markdown(made) == []


@pytest.mark.parametrize("words", ["_www.a.example", "%%hidden%%", "<%* tp.x() %>", "amailto:b", "xhttp://a.example", "{%%}"])
def test_what_once_slipped_through_does_not_again(words: str) -> None:
    assert in_markdown(markdown.render(briefing(words), words)) == []
    assert "<%" not in markdown.render(briefing(words), words)


@given(words=WORLD)
@few
def test_nothing_in_an_entry_of_the_inbox_note_is_more_than_words(words: str) -> None:
    document = Document(f"file:scans/{words}", "notes", words, case.NOW, "0" * 64, words)
    read = Read(summary=words, quotes=(words,), step="document")
    inbox = Document("file:notes/Inbox.md", "notes", "Inbox.md", case.NOW, "", "")
    payload = noted(document, read, inbox, page.DAY, "key").payload
    assert isinstance(payload, p.FileAppend)
    assert in_markdown(payload.text) == []


@given(words=WORLD)
@few
def test_a_page_in_a_browser_gets_no_markup_and_nothing_unseen(words: str) -> None:
    made = templates().from_string("<p title='{{ x }}'>{{ x }}|{{ x|shown }}|{{ x|line }}</p>").render(x=words)
    inside = made.removeprefix("<p title='").removesuffix("</p>").replace("'>", "", 1)
    assert not set(inside) & set("<>'\"")
    assert in_text(re.sub("[\u200c\u200d]", "", inside)) == []


@given(words=WORLD)
@few
def test_no_program_makes_a_link_or_a_mention_of_a_notice(words: str) -> None:
    of_source = Notice("source", "mail.home", "so", "", words, words, case.NOW)
    held = Notice("held", "action:1", "so", "", words, words, case.NOW)
    told = message([of_source, held], Manners())
    assert in_text(told) == []
    defused = text.defused(words)
    assert not set(defused.replace("[.]", "")) & set("@<>`[]\n")
    assert not re.search(r"(?i)\w://|mailto:\S|www\.\w", defused)


@given(words=WORLD)
@few
def test_a_log_has_one_harmless_line_for_each_event(words: str) -> None:
    out = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.prepare(1, {}, out)
        logging.getLogger("butler.x").warning("%s", words)
        try:
            raise ValueError(words)
        except ValueError:
            logging.getLogger("butler.x").exception("failed")
    finally:
        logging.getLogger().handlers[:], level = before
        logging.getLogger().setLevel(level)
    assert in_terminal(out.getvalue()) == []
    assert out.getvalue().split("\n")[1].endswith("failed") or out.getvalue().split("\n")[1].count("failed") == 1


def test_the_details_of_a_fault_are_harmless(tmp_path: Path) -> None:
    words = "".join(each for each in FRAGMENTS if each != "\ud800")
    sentence = unexpected.keep(ValueError(words), argparse.Namespace(state=tmp_path, state_dir=None, command="show"))
    kept = (tmp_path / unexpected.FILE).read_text()
    assert in_text(sentence, lines=False) == in_text(kept) == []
    assert "rm -rf" in kept


@given(words=WORLD)
@few
def test_the_text_of_a_prompt_cannot_end_itself(words: str) -> None:
    made = prompts.compose("Judge.", f"Facts: {words}", words, 40_000)
    user = made.messages[1]["content"]
    code = prompts.code_for(text.visible(words).strip(), text.visible(f"Facts: {words}").strip())
    assert user.count(f"<<<text {code}>>>") == user.count(f"<<<end {code}>>>") == 1
    assert in_text(user) == []


def rows() -> list[tuple[str, list[str], list[str]]]:
    """The table of docs/security.md: a way out, the functions that it goes through, the files where it does."""
    section = SECURITY.partition("### What is shown cannot act")[2].partition("\n### ")[0]
    found = re.findall(r"^\| ([^|]+) \| ([^|]*`[^|]*) \| ([^|]*`[^|]*) \|$", section, re.MULTILINE)
    return [
        (name.strip(), re.findall(r"`(\w+)`", functions), re.findall(r"`([\w/.]+)`", files)) for name, functions, files in found
    ]


def test_the_document_names_every_way_out_with_what_makes_it_harmless() -> None:
    assert len(rows()) >= 18
    for name, functions, places in rows():
        assert functions, name
        imported: set[str] = set()
        for file in places:
            imported |= {
                alias.name
                for node in nodes(ROOT / file)
                if isinstance(node, ast.ImportFrom) and node.module == "butler.core.text"
                for alias in node.names
            }
        assert set(functions) <= imported, name
        assert all(callable(getattr(text, function)) for function in functions)


PRINTING = {"butler/cli/output.py", "butler/cli/unexpected.py", "butler/cli/keys.py"}
"""What writes to standard output or error itself: all else goes through `butler/cli/output.py`."""


def _prints(node: ast.AST) -> bool:
    """Whether something is printed or written to a standard stream."""
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    return name == "print" or bool(re.fullmatch(r"sys\.(?:__)?std(?:out|err)(?:__)?\.(?:buffer\.)?write(?:lines)?", name))


def test_only_one_module_prints() -> None:
    looked = files("butler/cli", "butler/daemon", "butler/web", "butler/cards", "butler/core", "workflows", "tools")
    assert {place(file) for file in looked if any(map(_prints, nodes(file)))} == PRINTING


def test_no_template_switches_escaping_off() -> None:
    for file in (ROOT / "butler/web/templates").glob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape|Markup", file.read_text(encoding="utf-8")), file.name
    for file in (ROOT / "butler/web").glob("*.py"):
        assert not re.search(r"\bMarkup\b|autoescape=False", file.read_text(encoding="utf-8")), file.name
