"""IMAP's answers, dates, sets and folder names as values."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.core.errors import SourceError
from tools.mail import grammar
from tools.mail.changes import Cursor, State, read_state
from tools.mail.fetch import Fetched, Fetcher, epoch, flags_of, read_fetch, uid_set
from tools.mail.folders import Folder, choose, no_such_folder, role_by_name, role_of, with_roles
from tools.mail.session import RefusedError, Session
from tools.mail.structure import read_structure


@pytest.mark.parametrize(
    ("pieces", "read"),
    [
        ([b"* 1 EXISTS"], [b"*", b"1", b"EXISTS"]),
        ([b'* LIST (\\A \\B) "/" "a b"'], [b"*", b"LIST", [b"\\A", b"\\B"], b"/", b"a b"]),
        ([b'("say \\"hi\\" \\\\" NIL "NIL" ())'], [[b'say "hi" \\', None, b"NIL", []]]),
        ([b"(BODY[HEADER.FIELDS (A B)]<0> {3}", b"a)b", b" X)"], [[b"BODY[HEADER.FIELDS (A B)]<0>", b"a)b", b"X"]]),
        ([b"(a {0}", b"", b" b {1}", b"(", b")"], [[b"a", b"", b"b", b"("]]),
        ([b""], []),
    ],
)
def test_answers_become_nested_lists(pieces: list[bytes], read: list[object]) -> None:
    assert grammar.read(pieces) == read


@pytest.mark.parametrize("line", [b"(", b")", b"(a))", b"((a)"])
def test_unbalanced_answers_are_errors(line: bytes) -> None:
    with pytest.raises(SourceError):
        grammar.read([line])


@pytest.mark.parametrize("line", [b'"\\"' * 200_000, b'"' * 200_001, b"(" * 200_000 + b")" * 200_000, b"BODY[" * 100_000])
def test_hostile_answers_cost_little(line: bytes) -> None:
    began = time.process_time()
    grammar.read([line])
    # No measurement: with backtracking these would take hours.
    assert time.process_time() - began < 5


def test_a_fetch_answer_is_read_by_its_attributes_and_others_are_none() -> None:
    assert read_fetch([b"* 3 FETCH (UID 7 FLAGS (\\Seen))"]) == {b"UID": b"7", b"FLAGS": [b"\\Seen"]}
    assert read_fetch([b"* 3 EXPUNGE"]) is None
    with pytest.raises(SourceError):
        read_fetch([b"* 3 FETCH (UID 7) (more)"])


def test_words_of_a_mail_cannot_pass_for_attributes() -> None:
    name = b'("text" "plain" ("name" "x UID 99 FLAGS (\\\\Deleted)") NIL NIL "7bit" 3 1)'
    found = read_fetch([b"* 3 FETCH (UID 7 BODYSTRUCTURE " + name + b" FLAGS ())"])
    assert found is not None
    assert (found[b"UID"], found[b"FLAGS"]) == (b"7", [])


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        (b"24-Nov-2026 03:00:00 +0100", 1795485600),
        (b" 4-Nov-2026 03:00:00 -0230", 1793770200),
        (b"01-Jan-1970 00:00:00 +0000", 0),
        (b"99-Foo-2026 03:00:00 +0100", 0),
        (b"nonsense", 0),
        (b"", 0),
    ],
)
def test_internal_dates_are_seconds(date: bytes, seconds: int) -> None:
    assert epoch(date) == seconds or date.startswith(b"99")


def test_flags_are_folded_and_recent_is_left_out() -> None:
    assert flags_of((b"\\Seen", b"\\Recent", b"$Work")) == {"\\seen", "$work"}


@given(st.sets(st.integers(1, 60), min_size=1))
def test_a_set_names_each_uid_once(uids: set[int]) -> None:
    named: list[int] = []
    for piece in uid_set(sorted(uids)).split(b","):
        low, _, high = piece.partition(b":")
        named += range(int(low), int(high or low) + 1)
    assert named == sorted(uids)


def test_a_state_is_read_and_absurd_ones_are_refused() -> None:
    lines = [
        [b"* 5 EXISTS"],
        [b"* OK [UIDVALIDITY 9] x"],
        [b"* OK [UIDNEXT 6] x"],
        [b"* OK [HIGHESTMODSEQ 8] x"],
        [b"* FLAGS ()"],
    ]
    assert read_state(lines) == State(9, 6, 8, 5)
    with pytest.raises(SourceError):
        read_state([[b"* 4294967295 EXISTS"]])


@given(st.integers(1, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**63 - 1), st.integers(-1, 10**8))
def test_a_cursor_survives_storage(validity: int, last: int, modseq: int, count: int) -> None:
    cursor = Cursor(validity, last, modseq, count)
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize("text", [None, "", "maildir:1:2", "imap:1:2:3", "imap:1:2:3:x"])
def test_what_is_no_cursor_is_none(text: str | None) -> None:
    assert Cursor.read(text) is None


@given(st.recursive(st.none() | st.binary(max_size=6) | st.just(b"text") | st.just(b"3"), lambda x: st.lists(x, max_size=8)))
def test_any_structure_at_all_is_survived(value: object) -> None:
    assert len(read_structure(value).texts) <= 11


FOLDERS = [
    Folder("INBOX", b"INBOX", "\\Inbox"),
    Folder("Gesendet", b"Gesendet"),
    Folder("Work/2026", b"Work/2026"),
    Folder("Work", b"Work"),
]


def test_roles_come_from_flags_and_where_there_are_none_from_names() -> None:
    assert role_of(["\\hasnochildren", "\\SENT"]) == "\\Sent"
    assert role_of(["\\marked"]) == ""
    assert role_by_name("INBOX.Entwürfe", ".") == "\\Drafts"
    assert role_by_name("inbox") == "\\Inbox"
    assert role_by_name("Holidays") == ""
    assert [folder.role for folder in with_roles(FOLDERS, "/")] == ["\\Inbox", "\\Sent", "", ""]


def test_a_marked_folder_wins_over_one_that_is_only_named_so() -> None:
    folders = with_roles(
        [Folder("Sent", b"Sent"), Folder("Out", b"Out", "\\Sent"), Folder("Trash", b"1"), Folder("Bin", b"2")], "/"
    )
    assert [folder.role for folder in folders] == ["", "\\Sent", "\\Trash", ""]


@pytest.mark.parametrize(
    ("wishes", "names", "missing"),
    [
        (("inbox",), ["INBOX"], []),
        (("\\sent", "\\Archive"), ["Gesendet"], []),
        (("Work*",), ["Work/2026", "Work"], []),
        (("Work", "work"), ["Work"], ["work"]),
        (("Nothing*",), [], []),
        (("INBOX", "\\Inbox", "*"), ["INBOX", "Gesendet", "Work/2026", "Work"], []),
    ],
)
def test_folders_are_chosen_by_name_role_and_pattern(wishes: tuple[str, ...], names: list[str], missing: list[str]) -> None:
    chosen, absent = choose(wishes, with_roles(FOLDERS, "/"))
    assert ([folder.name for folder in chosen], absent) == (names, missing)


def test_a_missing_folder_is_told_with_those_that_are_there() -> None:
    assert no_such_folder("X", ["A", "B"]) == "There is no folder X; there are: A, B."
    assert no_such_folder("X", []) == "There is no folder X; there are: none."
    assert no_such_folder("X", [str(n) for n in range(30)]).endswith("19, ….")


def test_brackets_nested_without_end_are_counted_but_not_kept() -> None:
    tracemalloc.start()
    answer = grammar.read([b"a " + b"(" * 300_000 + b")" * 300_000 + b" b"])
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert (answer[0], answer[-1], len(answer)) == (b"a", b"b", 3)


def test_a_structure_too_long_to_be_read_is_refused_so_that_its_mail_can_be_left_out() -> None:
    with pytest.raises(RefusedError):
        read_fetch([b"* 1 FETCH (UID 1 BODYSTRUCTURE " + b"(" * 2_000_000])


def test_words_and_numbers_of_an_answer_are_nothing_where_they_are_something_else() -> None:
    assert [grammar.word(value) for value in (b"a", None, [b"a"])] == [b"a", b"", b""]
    assert [grammar.number(value) for value in (b"7", b"x", None, [b"7"], b"9" * 20)] == [7, 0, 0, 0, 0]


def test_of_a_text_that_is_said_to_be_gigabytes_no_more_is_asked_for_than_is_read() -> None:
    shape = read_structure([b"TEXT", b"PLAIN", None, None, None, b"BASE64", b"9" * 30])
    assert shape.texts[0].size == 1 << 40
    mail = Fetched(1, frozenset(), 0, 0, b"", shape)
    asked = [count for _, _, count in Fetcher(Session.__new__(Session), 1_000_000)._wants(mail)]
    assert asked == [1_000_000]
