"""What waits, on a page: in the order of its need, with all that a card tells, bounded whatever is in it, and harmless."""

from __future__ import annotations

import dataclasses
import datetime as dt
import html
import re
import time

from page_case import PageCase, words
from review_case import Forms, drafted, ended, kept_of, letter_of, page_case, page_household

from butler.cards.beside import card_of
from butler.core import payloads as p
from butler.core.actions import Finding
from butler.store.waiting import SOON
from butler.web.review import PAGE

assert page_case
assert page_household

EVIL = '<script>alert(1)</script><b onclick="x">\u202e\x1b[31m'
PAGE_BYTES = 400_000


def listed(case: PageCase, path: str = "/review") -> Forms:
    with case.client() as client:
        answer = client.get(path)
    assert answer.status_code == 200
    return Forms(answer.text)


def test_what_is_over_soon_comes_first_then_whom_somebody_waits_for_then_the_newest(page_case: PageCase) -> None:
    first, second = listed(page_case), listed(page_case, "/review?page=2")
    numbers = [int(name.removeprefix("action-")) for name in (*first.articles, *second.articles)]
    assert len(first.articles) == PAGE
    assert numbers[:4] == [12, 13, 14, 15]
    assert all(kept_of(page_case, each).action.kind == "calendar.respond" for each in numbers[:4])
    assert numbers[4:14] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert numbers[14:] == [17, 16, 11]
    expires = kept_of(page_case, 12).action.expires
    assert expires
    assert expires - page_case.now < SOON


def test_the_list_is_narrowed_by_kind_account_and_workflow_and_counts_what_is_left(page_case: PageCase) -> None:
    with page_case.client() as client:
        page = client.get("/review?kind=task.create").text
        assert Forms(page).articles == ["action-17", "action-16"]
        assert "2 of 17 held" in words(page)
        assert '<option value="task.create" selected>New tasks (2)</option>' in page
        invited = client.get("/review?workflow=invitation").text
        assert '<option value="calendar.respond">Answers to invitations (4)</option>' in invited
        assert "Drafts (" not in invited
        assert Forms(client.get("/review?workflow=invitation&account=home").text).articles == ["action-15"]
        nothing = client.get("/review?kind=%3Cscript%3E&page=99999999999999").text
        assert "Nothing that is held is like this." in nothing
        assert "<script>" not in nothing.partition("<main")[2]


def test_a_card_tells_all_that_the_terminal_tells(page_case: PageCase) -> None:
    held = page_case.truth.outbox.find(limit=100)
    with page_case.client() as client, page_case.household.books() as books:
        for kept in held:
            card = card_of(books.mirror, books.owner, kept)
            read = words(client.get(f"/review/{kept.id}").text)
            told = [*card.warnings, *card.remarks, card.reason, card.what, kept.hash, *(value for _, value in card.fields)]
            told += [text for each in card.changes for text in (each.before, each.after) if text]
            told += [line.strip() for part in card.parts for line in part.lines]
            escaped = [re.sub(r"\s+", " ", each) for each in told if each]
            shown = html_read(read)
            assert [each for each in escaped if each not in shown] == [], kept.id


def html_read(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(text))


def test_the_draft_stands_beside_the_mail_that_it_answers(page_case: PageCase) -> None:
    with page_case.client() as client:
        page = client.get("/review/2").text
    mine, _, theirs = page.partition('class="theirs"')
    assert "Querida Lucía:" in mine.partition('class="mine"')[2]
    assert "The mail that it answers" in theirs
    assert "¡Qué ganas!" in theirs
    assert "/evidence?ref=mail%3Ahome/visita-2%40azulejos-ortega.example" in theirs


def test_alternatives_stand_together_and_their_mail_once(page_case: PageCase) -> None:
    with page_case.client() as client:
        page = client.get("/review").text
        alone = words(client.get("/review/12").text)
    choice = page.partition('class="choice"')[2].partition("</section>")[0]
    assert "One of these 4: approving one sets the others aside" in choice
    assert choice.count("please tell me whether you can make the budget review") == 1
    assert "One of several answers; approving it sets aside #13" in alone


def test_warnings_come_first_with_new_recipients_and_where_links_really_lead(page_case: PageCase) -> None:
    body = "See https://bank.example.evil.example/login.\n"
    mallory = p.Person(name="Rachel Ford", address="mallory@evil.example")
    kept = drafted(page_case, "evil", to=(mallory,), body=body)
    with page_case.client() as client:
        read = words(client.get(f"/review/{kept.id}").text.partition("<article")[2])
    places = [read.index(each) for each in ("New in this thread: mallory@evil.example.", "Leads to bank.example.evil.example")]
    assert max(places) < read.index("Rests on what others wrote") < read.index("Subject") < read.index("Approve")
    assert "I mean mallory@evil.example, new in this thread" in read


def test_what_changed_since_the_last_version_is_shown_line_by_line(page_case: PageCase) -> None:
    kept = kept_of(page_case, 2)
    changed = letter_of(kept).model_copy(update={"body": letter_of(kept).body.replace("[…]", "Sí."), "subject": "Sí"})
    with page_case.household.books() as books:
        books.gate.edit(2, kept.hash, p.MailDraft(letter=changed), "anna", "cli")
    with page_case.client() as client:
        page = client.get("/review/2").text
    assert "What changed since version 1" in page
    assert '<span class="minus">-[…]\n</span><span class="plus">+Sí.\n</span>' in page
    assert '<span class="plus">+Subject: Sí\n</span>' in page
    assert "Message-ID" not in page.partition("What changed since")[2].partition("</details>")[0]


def test_a_revised_draft_is_compared_with_the_one_that_it_takes_the_place_of(page_case: PageCase) -> None:
    like = kept_of(page_case, 1)
    letter = letter_of(like).model_copy(update={"body": "Shorter.", "message_id": "new@berger.example"})
    action = dataclasses.replace(like.action, payload=p.MailDraft(letter=letter), key="revised", replaces=1)
    with page_case.household.books() as books:
        new = books.gate.propose(action)
    with page_case.client() as client:
        page = client.get(f"/review/{new.id}").text
        assert "What changed since #1, which it takes the place of" in page
        assert '<span class="plus">+Shorter.\n</span>' in page
        assert "Action 18 took its place. Open #18" in words(client.get("/review/1").text)


def test_what_is_uncertain_or_failed_lately_stands_above_all_and_what_was_decided_below(page_case: PageCase) -> None:
    ended(page_case, 1, "uncertain", "The server did not answer.")
    ended(page_case, 2, "failed", "The mail is gone.")
    with page_case.household.books() as books:
        books.gate.reject(3, kept_of(page_case, 3).hash, "anna", "cli", "I called her")
        books.gate.approve(4, kept_of(page_case, 4).hash, "anna", "cli")
        books.truth.outbox.stop("On the road.", "anna", page_case.now)
    with page_case.client() as client:
        read = words(client.get("/review").text.partition("<main")[2])
        above, _, below = read.partition("Decided lately")
        assert "1 approved and under way" in above
        assert "All effects are stopped: On the road." in above
        settle = above.partition("For you to settle")[2].partition("Kind")[0]
        assert "The server did not answer. I have looked: it is settled #1" in settle
        assert "The mail is gone." in settle
        assert "#1" not in below
        assert "#2" not in below
        assert "rejected #3" in below
        assert "I called her" in below
        assert "It is approved, and waits: all effects are stopped. On the road. Hold it again #4" in below
    page_case.household.now += dt.timedelta(days=8)
    with page_case.client() as client:
        later = words(client.get("/review").text)
    assert "The server did not answer." in later.partition("Kind")[0]
    assert "The mail is gone." not in later.partition("Kind")[0]


def test_nothing_held_says_what_would_appear(page_case: PageCase) -> None:
    with page_case.household.books() as books:
        for kept in books.truth.outbox.find(limit=100):
            books.gate.reject(kept.id, kept.hash, "anna", "cli")
    with page_case.client() as client:
        read = words(client.get("/review").text)
    assert "Nothing waits for you." in read
    assert "butler do draft_reply" in read


def test_hostile_text_stays_text_in_every_place(page_case: PageCase) -> None:
    like = kept_of(page_case, 1)
    people = (p.Person(name=EVIL, address="a@b.example"),)
    letter = letter_of(like).model_copy(
        update={"body": EVIL, "subject": EVIL, "to": people, "quoted": EVIL, "in_reply_to": EVIL}
    )
    action = dataclasses.replace(
        like.action, payload=p.MailDraft(letter=letter), key="x", reason=EVIL, rule=EVIL, step=EVIL, digest=EVIL, run=EVIL,
        workflow=EVIL, sources=(f"mail:home/{EVIL}",), findings=(Finding(EVIL, EVIL), Finding("f", EVIL, warning=False)),
    )  # fmt: skip
    kept = page_case.truth.outbox.add(action, page_case.now)
    with page_case.household.books() as books:
        books.gate.respond(kept.id, kept.hash, EVIL, EVIL, EVIL)
    with page_case.client() as client:
        for path in ("/review?kind=mail.draft", f"/review/{kept.id}", f"/review/{kept.id}/edit"):
            page = client.get(path).text
            found = Forms(page)
            assert [str(each.get("src")).partition("?")[0] for each in found.scripts] == ["/static/butler.js"]
            assert "\u202e" not in page
            assert "\x1b" not in page
            assert "alert(1)" in "".join(found.texts)


def test_what_is_huge_is_named_in_the_list_and_whole_on_its_own_page(page_case: PageCase) -> None:
    crowd = tuple(p.Person(address=f"p{number}@example.org") for number in range(10_000))
    many = drafted(page_case, "many", to=crowd)
    long = drafted(page_case, "long", body="word " * 200_000)
    with page_case.client() as client:
        page = client.get("/review?kind=mail.draft").text
        assert len(page) < PAGE_BYTES
        for kept in (many, long):
            article = page.partition(f'id="action-{kept.id}"')[2].partition("</article>")[0]
            assert "It is too long to be shown among others." in article
            assert "/approve" not in article
            assert 'name="pick"' not in article
            assert f"/review/{kept.id}/reject" in article
        alone = client.get(f"/review/{many.id}").text
        assert alone.count("@example.org</dd>") == 10_000
        assert f"/review/{many.id}/approve" in alone
        assert client.get(f"/review/{long.id}").text.count("word ") >= 199_999
        refused = client.get(f"/review/{long.id}/edit")
    assert refused.status_code == 400
    assert f"butler edit {long.id}" in refused.text


def test_a_page_shows_whole_only_what_it_has_room_for(page_case: PageCase) -> None:
    for number in range(PAGE):
        drafted(page_case, f"long{number}", body="word " * 3000)
    with page_case.client() as client:
        page = client.get("/review?kind=mail.draft").text
    named = page.count("It is too long to be shown among others.")
    assert (len(Forms(page).articles), named) == (PAGE, 5)
    assert len(page) < PAGE_BYTES / 2


def test_a_thousand_held_actions_make_no_page_larger_or_slow(page_case: PageCase) -> None:
    with page_case.truth.outbox.transaction():
        for number in range(1000):
            drafted(page_case, f"k{number}")
    with page_case.client() as client:
        client.get("/review")
        begun = time.process_time()
        page = client.get("/review?page=50")
        spent = time.process_time() - begun
    assert "1,017 held" in words(page.text)
    assert "Page 50 of 102" in words(page.text)
    assert len(page.content) < 150_000
    assert spent < 1.0


def test_an_action_that_is_not_there_is_not_found(page_case: PageCase) -> None:
    with page_case.client() as client:
        for name in ("99", "0", "x", "9" * 5000, "-1", "%F0%9F%90%B1"):
            assert client.get(f"/review/{name}").status_code == 404, name
