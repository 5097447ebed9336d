"""What may read text from the world: HTML by lxml alone, mail in one module, and nothing that was seen to fall over it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator

import pytest
from own_code import ROOT, files, nodes, place

NEVER = ("html.parser", "html5lib", "bs4", "xml.etree", "xml.dom", "xml.sax.expatreader", "xmlrpc")
"""`html.parser` takes minutes for 0.1 MB of `<a `; the others follow entities."""
LXML = {"tools/mail/html.py", "tools/dav/client.py", "tools/files/readers/markup.py"}
MAIL = {
    "tools/mail/mime.py": "what comes from the world, within limits",
    "butler/cli/demo.py": "the sample's own mails",
}
"""Who takes mails apart by the standard library, and which ones."""
READS_MAIL = (
    *("email.parser", "email.feedparser", "mailbox"),
    *("email.message_from_bytes", "email.message_from_string", "email.message_from_file", "email.message_from_binary_file"),
)
CALLED = """
import sys
from butler.core.mail import RawMail
from butler.core.notes import RawNote
from butler.core.sources import Frame
from tools.files.loaders import TOOL as DOCUMENTS
from tools.mail import TOOL as MAIL
from tools.mail.reply import split_new
html = b"Subject: x\\nContent-Type: text/html\\n\\n<p>On Monday Tom wrote:<blockquote>x"
(message,) = MAIL.parse([RawMail("k", frozenset(), 0, 1, whole=html)], Frame())
split_new(message.text)
DOCUMENTS.parse([RawNote("a.eml", "v", 0, html)], Frame())
print(*sys.modules)
"""


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Every module, and every name from one, that is imported anywhere in a file."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def found(names: tuple[str, ...], nodes: Iterable[ast.AST]) -> list[str]:
    """Which of some modules or names a file imports."""
    there = set(imported(nodes))
    return sorted(each for each in there if any(each == name or each.startswith(f"{name}.") for name in names))


def test_nothing_reads_html_or_xml_by_what_falls_over_it() -> None:
    assert {place(file): names for file in files() if (names := found(NEVER, nodes(file)))} == {}


def test_lxml_is_known_in_three_places() -> None:
    assert {place(file) for file in files() if found(("lxml",), nodes(file))} == LXML


def test_mails_from_the_world_are_taken_apart_in_one_place() -> None:
    assert {place(file) for file in files() if found(READS_MAIL, nodes(file))} == set(MAIL)


@pytest.mark.parametrize(
    "line",
    ["import html.parser", "from html.parser import HTMLParser", "from html import parser", "import xml.etree.ElementTree"],
)
def test_such_an_import_would_be_seen(line: str) -> None:
    assert found(NEVER, ast.walk(ast.parse(line)))
    assert not found(NEVER, ast.walk(ast.parse("from html import escape")))
    assert found(READS_MAIL, ast.walk(ast.parse("def f():\n    from email import message_from_bytes")))


def test_no_library_that_parses_mail_brings_another_reader_of_html_along() -> None:
    loaded = subprocess.run([sys.executable, "-c", CALLED], capture_output=True, text=True, check=True, cwd=ROOT).stdout.split()
    assert "lxml.etree" in loaded
    assert [name for name in loaded if name.startswith(("html.parser", "html5lib", "bs4", "xml.etree", "xml.dom"))] == []
