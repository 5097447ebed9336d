"""What of a hook's body becomes the subject of a run."""

import json

import pytest

from butler.core.errors import UsageError
from butler.core.requests import TAKES_REFERENCE
from butler.runner import workflow
from butler.web.sent import LONGEST_SUBJECT, Hook, subject_sent

TAKES = Hook("water", "token", takes_subject=True)
REF = "file:scans/letter.pdf"


@pytest.mark.parametrize(
    ("kind", "body", "subject"),
    [
        ("text/plain", b"the roses\n", "the roses"),
        ("Text/Plain; charset=utf-8", "die Kübel".encode(), "die Kübel"),
        ("application/json", b'{"subject": "the roses", "more": 1}', "the roses"),
        ("text/plain", b"a\r\nb\x1b[2J\x00c\xe2\x80\xae", "a b[2Jc"),
        ("text/plain", b"--no-model", "--no-model"),
        ("application/json", b'{"subject": "\\ud800x"}', "x"),
        ("text/plain", b"x" * LONGEST_SUBJECT, "x" * LONGEST_SUBJECT),
        ("text/plain", b"x" * (LONGEST_SUBJECT + 1), ""),
        ("text/plain", b"\xff\xfe", ""),
        ("text/html", b"the roses", ""),
        ("", b"the roses", ""),
        ("application/json", b'{"subject": ["the roses"]}', ""),
        ("application/json", b'["subject"]', ""),
        ("application/json", b"[" * 60_000, ""),
        ("application/json", b"{", ""),
    ],
)
def test_a_short_text_is_the_subject_and_all_else_is_not_looked_at(kind: str, body: bytes, subject: str) -> None:
    assert subject_sent(TAKES, kind, body) == subject
    assert subject_sent(Hook("water", "token"), kind, body) == ""


def test_a_workflow_that_needs_a_reference_takes_nothing_else() -> None:
    hook = Hook("documents", "token", takes_subject=True)
    assert subject_sent(hook, "application/json", json.dumps({"subject": REF}).encode()) == REF
    assert subject_sent(hook, "application/json", b"{}") == ""
    with pytest.raises(UsageError, match="is not a reference"):
        subject_sent(hook, "text/plain", b"/etc/passwd")


def test_what_needs_a_reference_is_there() -> None:
    assert {workflow(name).name for name in TAKES_REFERENCE} == TAKES_REFERENCE
