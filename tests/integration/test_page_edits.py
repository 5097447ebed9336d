"""Edits in place on a page: what is typed is checked as an edited file is, told of beside its field, and never lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from butler_process import PROGRAM, environment
from page_case import PageCase, words
from page_client import DaemonHere
from review_case import VIA, decided, drafted, forms, kept_of, letter_of, page_case, page_household

from butler.cards.sheets import file_of, sheet_of
from butler.core import payloads as p
from butler.core.actions import payload_hash
from butler.core.errors import StateError
from butler.core.payloads import FileWrite

assert page_case
assert page_household


class DaemonWithChildren(DaemonHere):
    """Runs a command of the butler's own as the daemon does."""

    def __init__(self, case: PageCase) -> None:
        super().__init__()
        self._case = case

    async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
        self.asked.append(("ask", tuple(command)))
        home = self._case.household.household.folder
        child = await asyncio.create_subprocess_exec(
            *(str(PROGRAM), "--config", str(self._case.household.config), *command),
            cwd=home,
            env=environment(home),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await child.communicate(given.encode())
        found: dict[str, Any] = json.loads(printed)
        return found


def test_a_letter_is_edited_where_it_stands_and_stays_held(page_case: PageCase) -> None:
    before = kept_of(page_case, 2)
    with page_case.client() as client:
        form = forms(client, "/review/2/edit?kind=mail.draft")["/review/2/edit?kind=mail.draft"]
        assert form["To"] == "Lucía Ortega <lucia@azulejos-ortega.example>"
        assert form["Text"] == letter_of(before).body
        form |= {"Cc": "Jonas <jonas@berger.example>,\r\n lea@berger.example", "Text": "Sí.\r\n\r\nAnna\r\n"}
        answer = client.fill("/review/2/edit?kind=mail.draft", form)
        now = kept_of(page_case, 2)
        told = f"/review?kind=mail.draft&told=2-{now.hash[:12]}#action-2"
        assert (answer.status_code, answer.headers["location"]) == (303, told)
        assert "held #2" in words(client.get(told).text)
    letter = letter_of(now)
    assert (now.status, now.version, letter.body) == ("held", 2, "Sí.\n\nAnna")
    assert [each.address for each in letter.cc] == ["jonas@berger.example", "lea@berger.example"]
    line = decided(page_case, 2)
    assert (line.facts["verb"], line.facts["hash"], line.facts["by"]) == ("edit", before.hash, "anna")
    assert VIA.fullmatch(line.facts["via"])


def test_a_form_that_comes_back_as_it_was_changes_nothing(page_case: PageCase) -> None:
    with page_case.client() as client:
        for number in range(1, 18):
            before = kept_of(page_case, number)
            path = f"/review/{number}/edit"
            if client.get(path).status_code == 200:
                assert client.fill(path, forms(client, path)[path]).status_code == 303
            assert kept_of(page_case, number) == before
    assert page_case.daemon.asked == []


def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(page_case: PageCase) -> None:
    typed = {"To": "nobody", "Cc": "lea@berger.example; tom", "Bcc": "", "Subject": "a\u202eb", "Text": " \r\n"}
    with page_case.client() as client:
        answer = client.fill("/review/2/edit", {"hash": kept_of(page_case, 2).hash, **typed})
    assert answer.status_code == 400
    for name, problem in (
        ("To", "“nobody” does not begin with an address"),
        ("Cc", "“tom” does not begin with an address"),
        ("Subject", "There are hidden characters in “Subject:”."),
        ("Text", "The text is empty."),
    ):
        told = answer.text.partition(f'id="field-2-{name}-wrong"')[2].partition("</p>")[0]
        assert problem in told, name
    assert 'name="Bcc" rows="1" spellcheck="false">' in answer.text
    assert ">\nnobody</textarea>" in answer.text
    assert kept_of(page_case, 2).version == 1


def test_nobody_left_to_write_to_is_told_at_the_first_of_them(page_case: PageCase) -> None:
    with page_case.client() as client:
        sent = {"hash": kept_of(page_case, 2).hash, "Subject": "x", "Text": "y"}
        answer = client.fill("/review/2/edit", sent)
    assert "There is no recipient left" in answer.text.partition('id="field-2-To-wrong"')[2].partition("</p>")[0]


def test_an_edit_of_what_changed_meanwhile_keeps_what_was_typed_and_shows_how_it_is_now(page_case: PageCase) -> None:
    kept = kept_of(page_case, 2)
    with page_case.client() as client:
        form = forms(client, "/review/2/edit")["/review/2/edit"] | {"Text": "Mine."}
        letter = letter_of(kept).model_copy(update={"body": "Theirs."})
        with page_case.household.books() as books:
            books.gate.edit(2, kept.hash, p.MailDraft(letter=letter), "tom", "cli")
        answer = client.fill("/review/2/edit", form)
        now = kept_of(page_case, 2)
        assert (answer.status_code, now.version) == (409, 2)
        assert "Action 2 was changed since it was shown; beside the form is how it is now." in words(answer.text)
        assert "\nMine.</textarea>" in answer.text
        assert "Theirs." in answer.text.partition('class="theirs"')[2]
        assert client.fill("/review/2/edit", form | {"hash": now.hash}).status_code == 303
    assert letter_of(kept_of(page_case, 2)).body == "Mine."


def test_an_edit_of_what_was_decided_meanwhile_keeps_what_was_typed(page_case: PageCase) -> None:
    with page_case.client() as client:
        form = forms(client, "/review/2/edit")["/review/2/edit"] | {"Text": "Mine."}
        with page_case.household.books() as books:
            books.gate.reject(2, kept_of(page_case, 2).hash, "tom", "cli")
        answer = client.fill("/review/2/edit", form)
        assert answer.status_code == 409
        assert "Action 2 is not held any more: it is rejected." in words(answer.text)
        assert "\nMine.</textarea>" in answer.text
        assert "Save the edit" not in answer.text
        assert client.get("/review/2/edit").status_code == 409
    assert kept_of(page_case, 2).status == "rejected"


def test_a_rule_that_forbids_an_edit_is_told_in_the_form(page_case: PageCase) -> None:
    payload = FileWrite(root="notes", path="Plan.md", content="one\n")
    with page_case.household.books() as books:
        kept = books.truth.outbox.add(kept_of(page_case, 1).action.__class__(payload, "why", "note"), page_case.now)
    target = p.FileMove(root="notes", path="a.md", target="b.md", before="x")
    with page_case.household.books() as books:
        moved = books.truth.outbox.add(kept_of(page_case, 1).action.__class__(target, "why", "move"), page_case.now)
    with page_case.client() as client:
        path = f"/review/{kept.id}/edit"
        assert client.fill(path, forms(client, path)[path] | {"Text": "one\r\ntwo\r\n"}).status_code == 303
        path = f"/review/{moved.id}/edit"
        answer = client.fill(path, forms(client, path)[path] | {"Target": "../../etc/passwd"})
    assert kept_of(page_case, kept.id).action.payload == payload.model_copy(update={"content": "one\ntwo\n"})
    assert answer.status_code == 400
    assert 'value="../../etc/passwd"' in answer.text
    assert "What you typed is kept below." in words(answer.text)
    assert kept_of(page_case, moved.id).version == 1


def test_an_event_is_written_by_what_writes_calendars_and_decided_on_the_page(page_case: PageCase) -> None:
    page_case.daemon = daemon = DaemonWithChildren(page_case)
    kept = kept_of(page_case, 16)
    with page_case.client() as client:
        form = forms(client, "/review/16/edit")["/review/16/edit"]
        answer = client.fill("/review/16/edit", form | {"Title": "Send the figures; today, “now”", "Due": "2026-11-27 16:30"})
    assert answer.status_code == 303, answer.text
    assert daemon.asked == [("ask", ("edit", f"16@{kept.hash}", "--from", "-", "--check", "--json"))]
    now = kept_of(page_case, 16)
    assert isinstance(now.action.payload, p.TaskCreate)
    assert "SUMMARY:Send the figures\\; today\\, “now”" in now.action.payload.change.after
    assert "DUE:20261127T153000Z" in now.action.payload.change.after
    assert (now.status, now.version, now.hash) == ("held", 2, payload_hash(now.action.payload))
    assert VIA.fullmatch(decided(page_case, 16).facts["via"])


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"problems": ["Line 2: “soon” is no time."], "payload": None}, "“soon” is no time."),
        ({"problems": ["It repeats."], "payload": None}, "It repeats."),
        ({"problems": [], "payload": {"kind": "mail.draft"}}, "It cannot be written like this."),
        ({"exit_code": 1}, "It cannot be written like this."),
    ],
)
def test_what_cannot_be_written_of_an_event_is_told_and_what_was_typed_stays(
    page_case: PageCase, answer: dict[str, Any], told: str
) -> None:
    page_case.daemon.answers["edit"] = answer
    with page_case.client() as client:
        form = forms(client, "/review/16/edit")["/review/16/edit"]
        refused = client.fill("/review/16/edit", form | {"Title": "Mine"})
    assert refused.status_code == 400
    assert told in words(refused.text)
    assert 'value="Mine"' in refused.text
    assert kept_of(page_case, 16).version == 1


def test_a_child_that_fails_leaves_what_was_typed(page_case: PageCase) -> None:
    class Failing(DaemonHere):
        async def ask(self, command: Sequence[str], patience: float = 60.0, given: str = "") -> Mapping[str, Any]:
            raise StateError("It did not end within 60 seconds.")

    page_case.daemon = Failing()
    with page_case.client() as client:
        form = forms(client, "/review/16/edit")["/review/16/edit"]
        refused = client.fill("/review/16/edit", form | {"Title": "Mine"})
    assert refused.status_code == 400
    assert "It did not end within 60 seconds. What you typed is kept below." in words(refused.text)
    assert 'value="Mine"' in refused.text


def test_an_answer_of_another_kind_from_a_child_is_refused_by_the_gate(page_case: PageCase) -> None:
    other = kept_of(page_case, 1).action.payload.model_dump(mode="json")
    page_case.daemon.answers["edit"] = {"problems": [], "payload": other}
    with page_case.client() as client:
        form = forms(client, "/review/16/edit")["/review/16/edit"]
        refused = client.fill("/review/16/edit", form | {"Title": "Mine"})
    assert refused.status_code == 400
    assert "An edit cannot make another kind of action 16." in words(refused.text)
    assert kept_of(page_case, 16).action.kind == "task.create"


def test_what_nobody_may_edit_offers_no_form(page_case: PageCase) -> None:
    with page_case.client() as client:
        assert "/review/12/edit" not in client.get("/review/12").text
        refused = client.get("/review/12/edit")
    assert refused.status_code == 400
    assert "calendar.respond cannot be edited" in words(refused.text)


def test_the_form_alone_is_sent_for_a_card(page_case: PageCase) -> None:
    with page_case.client() as client:
        part = client.get("/review/2/edit?in=place", headers={"Butler-Part": "1"}).text
    assert part.lstrip().startswith("<form")
    assert "data-typing" in part
    assert part.count("<form") == 1
    assert "<h1" not in part


def test_hidden_characters_do_not_get_into_a_form_unseen(page_case: PageCase) -> None:
    kept = drafted(page_case, "bidi", body="one\u202etwo\r\n\x1b[31m", subject="a\u200bb")
    with page_case.client() as client:
        form = forms(client, f"/review/{kept.id}/edit")[f"/review/{kept.id}/edit"]
    assert (form["Text"], form["Subject"]) == ("onetwo\n[31m", "ab")
    assert sheet_of(kept.action.payload, page_case.household.household.owner.zone).text == "one\u202etwo\r\n\x1b[31m"
    assert "\u202e" in file_of(sheet_of(kept.action.payload, page_case.household.household.owner.zone))


def test_what_emoji_and_scripts_are_made_of_is_kept_by_the_form_also_where_it_comes_back(page_case: PageCase) -> None:
    text, subject = (
        "\U0001f468\u200d\U0001f469 \u2764\ufe0f \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "Re: \u2764\ufe0f",
    )
    kept = drafted(page_case, "emoji", body=text, subject=subject)
    path = f"/review/{kept.id}/edit"
    with page_case.client() as client:
        form = forms(client, path)[path]
        assert (form["Text"], form["Subject"]) == (text, subject)
        assert client.fill(path, form).status_code == 303
        assert kept_of(page_case, kept.id) == kept
        answer = client.fill(path, form | {"Cc": "nobody"})
    assert f"{text}</textarea>" in answer.text


def test_line_breaks_of_every_kind_arrive_as_one(page_case: PageCase) -> None:
    with page_case.client() as client:
        form = forms(client, "/review/2/edit")["/review/2/edit"] | {"Text": "one\r\ntwo\rthree  \n\r\n"}
        assert client.fill("/review/2/edit", form).status_code == 303
    assert letter_of(kept_of(page_case, 2)).body == "one\ntwo\nthree  "


def test_where_it_is_not_held_any_more_the_form_leads_to_what_became_of_it(page_case: PageCase) -> None:
    with page_case.client() as client:
        form = forms(client, "/review/2/edit")["/review/2/edit"] | {"Text": "Mine."}
        with page_case.household.books() as books:
            books.gate.reject(2, form["hash"], "tom", "cli")
        answer = client.fill("/review/2/edit", form)
    assert answer.status_code == 409
    assert '<a href="/review/2">See what became of #2</a>' in answer.text
