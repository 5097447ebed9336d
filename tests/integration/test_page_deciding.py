"""Decisions on a page: through the gate, bound to what was shown, with who and from where, and what came of them told."""

from __future__ import annotations

import re

import pytest
from page_case import PageCase, words
from page_client import PageClient
from review_case import VIA, decided, drafted, ended, forms, kept_of, page_case, page_household

from butler.core import payloads as p
from butler.core.requests import WISH, Priority, Request

assert page_case
assert page_household

MALLORY = p.Person(name="Rachel Ford", address="mallory@evil.example")


def press(client: PageClient, path: str, form: str, **fields: str) -> tuple[int, str, str]:
    """Send a form of a page as a browser does: the status, where it leads, and what is read then."""
    sent = {**forms(client, path)[form], **fields}
    answer = client.fill(form, sent)
    if answer.status_code != 303:
        return answer.status_code, "", words(answer.text.partition("<main")[2])
    then = client.get(answer.headers["location"])
    return 303, answer.headers["location"], words(then.text.partition("<main")[2])


def test_what_was_shown_is_approved_with_who_and_from_where_and_carried_out_at_once(page_case: PageCase) -> None:
    kept = kept_of(page_case, 2)
    with page_case.client() as client:
        status, to, read = press(client, "/review?kind=mail.draft&page=1", "/review/2/approve?kind=mail.draft")
        assert (status, to) == (303, f"/review?kind=mail.draft&told=2-{kept.hash[:12]}")
        assert "approved #2 Draft to lucia@azulejos-ortega.example" in read
        assert "It is approved, and carried out as soon as possible. Hold it again #2" in read
        assert page_case.daemon.asked == [("look", None)]
        line = decided(page_case, 2)
        assert (line.facts["verb"], line.facts["hash"], line.facts["by"]) == ("approve", kept.hash, "anna")
        assert VIA.fullmatch(line.facts["via"]), line.facts["via"]
        with page_case.household.house() as house:
            house.execute()
        read = words(client.get(to).text)
    assert "done #2 Draft to lucia@azulejos-ortega.example" in read
    assert "Undo #2" in read
    assert len(list(page_case.household.household.folder.glob("mail/.Drafts/*/*"))) == 2


def test_what_changed_since_it_was_shown_is_not_approved_and_the_new_card_is_shown(page_case: PageCase) -> None:
    shown = kept_of(page_case, 2)
    assert isinstance(shown.action.payload, p.MailDraft)
    with page_case.client() as client:
        form = forms(client, "/review/2")["/review/2/approve?on=card"]
        letter = shown.action.payload.letter.model_copy(update={"body": "Something else."})
        with page_case.household.books() as books:
            books.gate.edit(2, shown.hash, p.MailDraft(letter=letter), "tom", "cli")
        answer = client.fill("/review/2/approve?on=card", form)
        read = words(answer.text)
    assert answer.status_code == 409
    assert "Action 2 was changed since it was shown." in read
    assert "Something else." in read
    now = kept_of(page_case, 2)
    assert (now.status, now.version) == ("held", 2)
    assert f'name="hash" value="{now.hash}"' in answer.text
    assert page_case.daemon.asked == []


def test_of_two_tabs_the_second_is_told_what_became_of_it(page_case: PageCase) -> None:
    with page_case.client() as client:
        first, second = (forms(client, "/review/2") for _ in range(2))
        assert client.fill("/review/2/reject?on=card", first["/review/2/reject?on=card"], why="I called her").status_code == 303
        for verb in ("approve", "reject", "respond"):
            path = f"/review/2/{verb}?on=card"
            answer = client.fill(path, second[path], wish="shorter")
            read = words(answer.text)
            assert answer.status_code == 409
            assert "Action 2 is not held any more: it is rejected." in read
            assert "I called her" in read
        assert "What you wrote shorter" in read
    assert [line.what for line in page_case.truth.journal.about("action:2")].count("decided") == 1


def test_nothing_is_decided_by_looking(page_case: PageCase) -> None:
    with page_case.client() as client:
        for verb in ("approve", "reject", "respond", "undo"):
            answer = client.get(f"/review/2/{verb}?hash={kept_of(page_case, 2).hash}")
            assert answer.status_code == 405
        assert client.get("/review/several").status_code == 404
        wrong = client.fill("/review/2/approve", {"hash": kept_of(page_case, 2).hash, "csrf": "x"})
        assert wrong.status_code == 403
    assert kept_of(page_case, 2).status == "held"


def test_somebody_new_in_the_thread_needs_a_word_of_their_own(page_case: PageCase) -> None:
    kept = drafted(page_case, "evil", to=(MALLORY,))
    path = f"/review/{kept.id}/approve?on=card"
    with page_case.client() as client:
        page = client.get(f"/review/{kept.id}").text
        status, _, read = press(client, f"/review/{kept.id}", path)
        assert (status, kept_of(page_case, kept.id).status) == (400, "held")
        assert "mallory@evil.example is new in the thread. Say that you mean it, then approve." in read
        (mark,) = re.findall(r'name="strangers" value="(\w+)" required', page)
        other = press(client, f"/review/{kept.id}", path, strangers="0" * 16)
        assert other[0] == 400
        assert press(client, f"/review/{kept.id}", path, strangers=mark)[0] == 303
    assert kept_of(page_case, kept.id).status == "approved"


def test_a_wish_is_kept_and_revised_at_once(page_case: PageCase) -> None:
    with page_case.client() as client:
        status, to, read = press(
            client, "/review?kind=mail.draft", "/review/9/respond?kind=mail.draft", wish="shorter,\r\nand offer Thursday"
        )
        assert status == 303
        assert "You asked for another version: shorter, and offer Thursday" in read
        assert page_case.daemon.asked == [("add", Request("draft_reply", WISH, Priority.PERSON))]
        card = words(client.get("/review/9").text)
        assert "Waits to be revised. You asked: “shorter, and offer Thursday”" in card
        page_case.truth.runs.start("draft_reply", "action 9", page_case.now)
        assert "Being revised …" in words(client.get(to).text)
    line = decided(page_case, 9)
    assert (line.facts["verb"], line.facts["by"], line.facts["text"]) == ("respond", "anna", "shorter,\nand offer Thursday")


@pytest.mark.parametrize(("wish", "told"), [(" \r\n", "Say in some words"), ("ä" * 4001, "At most 4000 characters")])
def test_a_wish_that_cannot_be_kept_stays_in_its_form(page_case: PageCase, wish: str, told: str) -> None:
    with page_case.client() as client:
        answer = client.fill("/review/9/respond", forms(client, "/review/9")["/review/9/respond?on=card"], wish=wish)
    assert answer.status_code == 400
    assert told in words(answer.text)
    assert wish.strip() in answer.text
    assert page_case.daemon.asked == []


def test_what_no_workflow_revises_is_not_asked_for(page_case: PageCase) -> None:
    with page_case.client() as client:
        assert "/review/16/respond?on=card" not in forms(client, "/review/16")
        answer = client.fill("/review/16/respond", {"hash": kept_of(page_case, 16).hash, "wish": "x"})
    assert answer.status_code == 400
    assert "No workflow makes another version of this." in words(answer.text)


def test_a_no_is_kept_with_its_reason(page_case: PageCase) -> None:
    with page_case.client() as client:
        status, to, read = press(client, "/review/12", "/review/12/reject?on=card", why="I am on the road")
    assert (status, to.partition("?")[0]) == (303, "/review/12")
    assert "rejected #12" in read
    assert (kept_of(page_case, 12).status, kept_of(page_case, 12).note) == ("rejected", "I am on the road")
    assert kept_of(page_case, 13).status == "held"
    assert decided(page_case, 12).facts["by"] == "anna"


def test_approving_one_of_several_answers_sets_the_others_aside(page_case: PageCase) -> None:
    with page_case.client() as client:
        assert press(client, "/review", "/review/12/approve")[0] == 303
        read = words(client.get("/review/13").text)
    assert "Action 12 took its place." in read
    assert [kept_of(page_case, number).status for number in (12, 13, 14, 15)] == ["approved", *["superseded"] * 3]


def test_what_was_carried_out_is_undone_in_place_and_told_of(page_case: PageCase) -> None:
    drafts = page_case.household.household.folder / "mail" / ".Drafts"
    with page_case.client() as client, page_case.household.house() as house:
        _, to, _ = press(client, "/review/2", "/review/2/approve?on=card")
        house.execute()
        assert len(list(drafts.glob("*/*"))) == 2
        status, to, read = press(client, to, "/review/2/undo?on=card")
        assert status == 303
        assert "approved #18 Take back #2" in read
        assert page_case.daemon.asked == [("look", None)] * 2
        house.execute()
        assert "done #18 Take back #2" in words(client.get(to).text)
        again = client.fill("/review/2/undo", {})
        assert again.status_code == 409
        assert "cannot be undone: it is undone" in words(again.text)
    assert len(list(drafts.glob("*/*"))) == 1
    assert decided(page_case, 18).facts["via"].startswith("web ")


def test_before_it_is_carried_out_what_was_approved_is_held_again_or_rejected(page_case: PageCase) -> None:
    with page_case.client() as client:
        _, to, _ = press(client, "/review/2", "/review/2/approve?on=card")
        early = client.fill("/review/2/undo", {})
        assert early.status_code == 409
        assert "Action 2 cannot be undone: it is approved." in words(early.text)
        status, to, read = press(client, to, "/review/2/withdraw?on=card")
        assert (status, kept_of(page_case, 2).status) == (303, "held")
        assert "held #2" in read
        assert "You took your approval back." in read
        assert client.fill("/review/2/withdraw", {"hash": kept_of(page_case, 2).hash}).status_code == 400
        line = page_case.truth.journal.about("action:2")[-1]
        assert (line.what, line.facts["by"]) == ("withdrawn", "anna")
        _, to, _ = press(client, "/review/2", "/review/2/approve?on=card")
        assert press(client, to, "/review/2/reject?on=card")[0] == 303
    assert kept_of(page_case, 2).status == "rejected"


def test_what_is_uncertain_is_settled_by_its_owner(page_case: PageCase) -> None:
    ended(page_case, 3, "uncertain", "The server did not answer.")
    with page_case.client() as client:
        status, _, read = press(client, "/review", "/review/3/reject")
    assert (status, kept_of(page_case, 3).status) == (303, "rejected")
    assert "rejected #3" in read


def test_several_are_decided_at_once_and_each_outcome_is_told(page_case: PageCase) -> None:
    stranger = drafted(page_case, "evil", to=(MALLORY,))
    picks = {number: kept_of(page_case, number).hash for number in (1, 2, 3, 12, 13, stranger.id)}
    with page_case.client() as client:
        page = client.get("/review?kind=mail.draft").text
        assert f'form="several" name="pick" value="{stranger.id}@{stranger.hash}"' in page
        with page_case.household.books() as books:
            books.gate.reject(2, picks[2], "tom", "cli", "I called her")
            letter = p.MailDraft(letter=kept_of(page_case, 3).action.payload.letter.model_copy(update={"body": "x"}))  # type: ignore[union-attr]
            books.gate.edit(3, picks[3], letter, "tom", "cli")
        ticked = [f"{number}@{digest}" for number, digest in picks.items()]
        answer = client.fill(
            "/review/several?kind=mail.draft", {"pick": [*ticked, "999@" + "0" * 64, "nonsense"], "deed": "approve"}
        )
        assert answer.status_code == 303
        read = words(client.get(answer.headers["location"]).text.partition("<main")[2])
    assert answer.headers["location"].startswith("/review?kind=mail.draft&told=1-")
    assert "approved #1 " in read
    assert "rejected #2 " in read
    assert "I called her" in read
    assert "It was changed since it was shown. Look at it again, then decide." in read.partition("held #3")[2][:200]
    assert "Action 12 took its place." in read.partition("superseded #13")[2][:200]
    held = read.partition(f"held #{stranger.id}")[2][:300]
    assert "mallory@evil.example is new in the thread, so it has to be approved on its own card." in held
    assert kept_of(page_case, stranger.id).status == "held"
    assert page_case.daemon.asked == [("look", None)]
    assert decided(page_case, 12).facts["by"] == "anna"


def test_several_are_rejected_at_once(page_case: PageCase) -> None:
    with page_case.client() as client:
        ticked = [f"{number}@{kept_of(page_case, number).hash}" for number in (16, 17)]
        assert client.fill("/review/several", {"pick": ticked, "deed": "reject"}).status_code == 303
        for wrong in ({"deed": "approve"}, {"pick": ticked, "deed": "burn"}, {"pick": "16", "deed": "reject"}):
            refused = client.fill("/review/several", wrong)
            assert refused.status_code == 400
            assert "Nothing was ticked." in words(refused.text)
    assert [kept_of(page_case, number).status for number in (16, 17)] == ["rejected"] * 2
    assert page_case.daemon.asked == []


def test_what_is_told_comes_from_what_is_kept_and_not_from_the_address(page_case: PageCase) -> None:
    with page_case.client() as client:
        page = client.get("/review?told=<b>You won</b>.999-000000000000.2-zzzzzzzzzzzz.2-000000000000").text
    read = words(page.partition("<main")[2])
    assert "You won" not in read
    assert read.count("#2 Draft") == 1
    assert "It was changed since it was shown." in read
