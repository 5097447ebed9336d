"""The page of a day over the sample household: what it shows, where its lines lead, and that nothing hostile acts in it."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from page_client import DaemonHere, PageClient, page_client
from page_household import DAY, PageHousehold, page_household

from butler.core.briefing import Briefing, BriefingModel, BriefingSource, Dropped
from butler.core.policy import Policy
from butler.core.requests import Priority, Request
from butler.gate import Gate
from butler.sample.maildir import StoredMail, deliver
from butler.store.truth import Truth
from butler.web.books import House

__all__ = ["page_household"]

RACHEL = "mail:home/harbour-6@ford-harbour.example"
LIGHT = 100_000
"""Bytes that the page of a day may have."""


class Parsed(HTMLParser):
    """A page as a browser takes it apart: each start tag with its attributes, and all that is text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += " " if tag in {"dt", "dd", "li", "p", "h1", "h2", "h3", "summary"} else ""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of a name."""
        return [found for name, found in self.tags if name == tag]


def whose(household: PageHousehold, model: str = "") -> House:
    owner = household.household.owner
    return House(owner, household.state, Policy(own=owner.addresses, zone=owner.zone), model=model)


@pytest.fixture
def daemon() -> DaemonHere:
    return DaemonHere()


@pytest.fixture
def client(page_household: PageHousehold, daemon: DaemonHere) -> Iterator[PageClient]:
    house = whose(page_household, "qwen")
    with page_client(page_household.state, clock=lambda: page_household.now, house=house, daemon=daemon) as found:
        yield found


@pytest.fixture
def truth(page_household: PageHousehold) -> Iterator[Truth]:
    found = Truth.open(page_household.state / "butler.db")
    yield found
    found.close()


def text_of(client: PageClient, path: str, status: int = 200, **headers: str) -> str:
    """A page as somebody reads it."""
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == status
    return re.sub(r"\s+", " ", Parsed(answer.text).text)


def rewritten(truth: Truth, day: dt.date = DAY, **changes: object) -> None:
    """Keep the day's briefing with something else in it, as that of another day where one is named."""
    kept = truth.briefings.get(DAY)
    assert kept is not None
    briefing = Briefing.model_validate(kept.briefing.model_dump() | {"date": day} | changes)
    truth.briefings.keep(type(kept)(kept.run, briefing, kept.origins, kept.snapshot, kept.path, kept.written))


def test_today_shows_every_line_of_the_briefing(client: PageClient, truth: Truth) -> None:
    text = text_of(client, "/")
    kept = truth.briefings.get(DAY)
    assert kept is not None
    lines = [line for section in kept.briefing.sections for line in section.lines]
    assert len(lines) > 40
    bare = re.sub(r"[\s:⚠]|tight|overlaps", "", text)
    assert [line.text for line in lines if re.sub(r"[\s:⚠]|tight|overlaps", "", line.text) not in bare] == []
    assert client.get(f"/day/{DAY}").status_code == 200


def test_the_page_is_light_and_comes_with_its_evidence_closed(client: PageClient) -> None:
    answer = client.get("/")
    assert len(answer.content) < LIGHT / 2
    page = Parsed(answer.text)
    assert not any("open" in found for found in page.all("details"))
    assert "nothing has reached me yet" not in page.text


def test_every_line_leads_to_its_evidence(client: PageClient) -> None:
    page = Parsed(client.get("/").text)
    parts = [found["data-load"] for found in page.all("details") if found.get("data-load")]
    links = {found["href"] for found in page.all("a") if "/line/" in str(found.get("href"))}
    assert {str(part).partition("?")[0] for part in parts} == links
    for part in parts:
        answer = client.get(str(part), headers={"Butler-Part": "1"})
        assert answer.status_code == 200
        assert "<h1" not in answer.text
        assert "<html" not in answer.text
        assert "Why it is here" in answer.text


def test_the_words_of_a_mail_are_marked_in_it_with_its_people_and_why(client: PageClient) -> None:
    answer = client.get(f"/day/{DAY}/line/reply/1")
    assert re.findall(r"<mark>(.*?)</mark>", answer.text) == ["Could you send me the planting figures today?"] * 2
    text = re.sub(r"\s+", " ", Parsed(answer.text).text)
    assert "nothing has reached me yet." in text
    assert "From Rachel Ford <rachel@ford-harbour.example>" in text
    assert "To Anna Berger <anna@berger.example>" in text
    assert "5 other mails of this conversation" in text
    assert "Ranked by: was due yesterday; you have written with them; to you alone." in text
    assert "Rule request phrase" in text
    assert "What was proposed because of it Draft to rachel@ford-harbour.example" in text


def test_what_waits_to_be_decided_is_linked_from_the_line_that_caused_it(client: PageClient, truth: Truth) -> None:
    (draft,) = truth.outbox.of_source(RACHEL)
    assert f'<a href="/review/{draft.id}" class="action">' in client.get("/").text
    page = text_of(client, "/")
    assert "or one of 3 other answers" in page
    Gate(truth.outbox, Policy(), lambda: draft.created).reject(draft.id, draft.hash, "anna", "test", "no")
    assert f'"/review/{draft.id}"' not in client.get("/").text


def test_an_event_is_told_with_its_people_and_its_recurrence(client: PageClient) -> None:
    text = text_of(client, f"/day/{DAY}/line/agenda/3")
    assert "When Tue, Nov 24, 12:00 – 12:15 Moved from 10:30 Repeats every week" in text
    assert "Inês Carvalho <ines@cais-jardim.example>: accepted" in text


def test_a_note_is_shown_with_its_line_marked(client: PageClient, truth: Truth) -> None:
    kept = truth.briefings.get(DAY)
    assert kept is not None
    deadlines = next(one for one in kept.briefing.sections if one.name == "deadlines")
    number = next(place for place, line in enumerate(deadlines.lines, 1) if line.evidence[0].ref.startswith("file:"))
    page = client.get(f"/day/{DAY}/line/deadlines/{number}").text
    (marked,) = set(re.findall(r"<mark>(.*?)</mark>", page))
    assert marked.startswith("- [ ] Submit the planting plan")


def test_every_source_opens_by_itself_with_the_mails_around_it(client: PageClient) -> None:
    page = Parsed(client.get(f"/evidence?ref={quote(RACHEL)}").text)
    others = [str(found["href"]) for found in page.all("a") if str(found.get("href")).startswith("/evidence?ref=")]
    assert len(others) == 5
    assert all(client.get(each).status_code == 200 for each in others)
    for ref in ("event:work/focus@nordwind.example", "task:tasks/task-cake@berger.example", "file:notes/Home/Haushalt.md#L3"):
        assert client.get("/evidence", params={"ref": ref}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/evidence",
        "/evidence?ref=mail:home/<script>alert(1)</script>",
        "/evidence?ref=nonsense-7531",
        "/evidence/people?ref=mail:home/nonsense-7531",
        "/day/nonsense-7531",
        "/day/20261124",
        "/day?on=nonsense-7531",
        f"/day/{DAY}/line/reply/999",
        f"/day/{DAY}/line/nonsense-7531/1",
        f"/day/{DAY}/section/nonsense-7531",
        "/day/2020-01-01/line/reply/1",
        "/pages/nonsense-7531",
    ],
)
def test_what_is_not_there_is_said_to_be_so_and_not_repeated(client: PageClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "7531" not in answer.text
    assert "alert" not in answer.text
    assert "<h1>" in answer.text


def test_the_day_is_drawn_with_what_collides_in_it(client: PageClient) -> None:
    page = Parsed(client.get("/").text)
    boxes = [found for found in page.all("rect") if str(found.get("class")).startswith("box")]
    assert [found["class"] for found in boxes].count("box clash") == 2
    assert len(boxes) == 7
    assert [found for found in page.all("rect") if found.get("class") == "tight"]
    assert len([found for found in page.all("rect") if found.get("class") == "free"]) == 3
    assert all("style" not in found for _, found in page.tags)
    targets = {found.get("id") for _, found in page.tags}
    jumps = [str(found["href"]).removeprefix("#") for found in page.all("a") if found.get("tabindex") == "-1"]
    assert len(jumps) == 7
    assert set(jumps) <= targets


def test_the_present_is_drawn_today_alone(client: PageClient, page_household: PageHousehold) -> None:
    page_household.now += dt.timedelta(hours=4)
    assert 'class="now"' in client.get("/").text
    page_household.now += dt.timedelta(days=1)
    page = client.get(f"/day/{DAY}").text
    assert "<svg" in page
    assert 'href="#since"' not in page
    assert 'class="now"' not in page


def test_what_changed_in_the_calendar_since_is_said(client: PageClient, truth: Truth, page_household: PageHousehold) -> None:
    assert "Changed since" not in text_of(client, "/")
    kept = truth.briefings.get(DAY)
    assert kept is not None
    agenda = kept.briefing.sections[0]
    focus = agenda.lines[1].evidence[0].ref
    rewritten(
        truth, sections=[agenda.model_copy(update={"lines": tuple(one for one in agenda.lines if focus not in str(one))})]
    )
    text = text_of(client, "/")
    assert "Changed since it was written New: Focus: planting list, 09:00" in text
    page_household.now += dt.timedelta(days=1)
    assert "Changed since" not in text_of(client, f"/day/{DAY}")


def test_without_a_briefing_of_today_the_latest_is_shown_and_one_can_be_asked_for(
    client: PageClient, page_household: PageHousehold, daemon: DaemonHere
) -> None:
    page_household.now += dt.timedelta(days=1)
    text = text_of(client, "/")
    assert "Today's briefing is not there yet; this is the latest one. Write it now" in text
    answer = client.fill("/briefing")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?asked=1")
    assert daemon.asked == [("add", Request("briefing", "person", Priority.PERSON, model=True))]
    again = text_of(client, "/?asked=1")
    assert "It was asked for." in again
    assert "Write it now" not in again


def test_a_briefing_that_is_being_written_is_not_asked_for_again(
    client: PageClient, page_household: PageHousehold, truth: Truth
) -> None:
    page_household.now += dt.timedelta(days=1)
    truth.runs.start("briefing", "2026-11-25", page_household.now)
    text = text_of(client, "/")
    assert "A briefing is being written." in text
    assert "Write it" not in text


def test_a_run_that_died_long_ago_is_not_waited_for(client: PageClient, page_household: PageHousehold, truth: Truth) -> None:
    page_household.now += dt.timedelta(days=1)
    truth.runs.start("briefing", "2026-11-25", page_household.now - dt.timedelta(hours=2))
    assert "Write it now" in text_of(client, "/")


def test_without_its_mirror_the_briefing_is_still_there(client: PageClient, page_household: PageHousehold) -> None:
    for name in ("mirror.db", "mirror.db-wal", "mirror.db-shm"):
        (page_household.state / name).unlink(missing_ok=True)
    (page_household.state / "mirror.db").mkdir()
    text = text_of(client, "/")
    assert "The day is not drawn: " in text
    assert "Could you send me the planting figures today?" in text
    assert text_of(client, f"/day/{DAY}/line/reply/1", 503)


def test_a_mirror_that_was_made_anew_calls_nothing_off(client: PageClient, page_household: PageHousehold) -> None:
    for file in page_household.state.glob("mirror.db*"):
        file.unlink()
    text = text_of(client, "/")
    assert "The day is not drawn: No calendar was read yet since the mirror was made anew." in text
    assert "Changed since" not in text
    assert "Focus: planting list" in text


def test_before_the_first_briefing_the_page_says_what_to_do(tmp_path: Path) -> None:
    with page_client(tmp_path) as client:
        text = text_of(client, "/")
        assert "There is no briefing yet." in text
        assert "Write it now" in text
        assert "There is no briefing of that day." in text_of(client, "/day/2026-11-01", 404)


def test_days_lead_to_the_days_beside_them(client: PageClient, truth: Truth) -> None:
    for days in (-9, -1, 4):
        rewritten(truth, DAY + dt.timedelta(days=days))
    page = Parsed(client.get(f"/day/{DAY}").text)
    links = {str(found.get("rel")): found["href"] for found in page.all("a") if found.get("rel")}
    assert links == {"prev": "/day/2026-11-23", "next": "/day/2026-11-28"}
    assert client.get("/day?on=2026-11-15").status_code == 200
    nowhere = text_of(client, "/day?on=2026-11-20", 404)
    assert "The last one before it is of Sun, Nov 15. The next one is of Mon, Nov 23." in nowhere


def test_a_quiet_day_is_called_one_kindly(client: PageClient, truth: Truth) -> None:
    rewritten(truth, quiet=True, sections=())
    text = text_of(client, "/")
    assert "A quiet day. Nothing asks for you." in text
    assert "Needs your answer" not in text


def test_sources_that_were_not_read_and_claims_that_were_dropped_are_told(client: PageClient, truth: Truth) -> None:
    rewritten(
        truth,
        sources=[BriefingSource(name="mail.home", kind="mail", state="stale", as_of=None, error="It does not answer.")],
        dropped=[Dropped(text="Tom <b>asks</b> for money", reason="These words do not stand in their source.")],
        composed_by="model",
        model=BriefingModel(name="qwen", digest="sha256:abcdef"),
        usage={"model_calls": 3, "tokens_in": 10, "tokens_out": 5, "seconds": 2.0},
    )
    text = text_of(client, "/")
    assert "Not fresh: mail.home: It does not answer." in text
    assert "mail.home never read" in text
    assert "One claim of the model was left out" in text
    assert "Tom <b>asks</b> for money These words do not stand in their source." in text
    assert "3 asked, 0 remembered, 15 tokens" in text


def test_a_source_that_is_gone_is_said_to_be_gone_with_the_words_it_had(client: PageClient, truth: Truth) -> None:
    kept = truth.briefings.get(DAY)
    assert kept is not None
    (reply,) = [one for one in kept.briefing.sections if one.name == "reply"]
    evidence = reply.lines[0].evidence[0].model_copy(update={"ref": "mail:home/gone@x.example"})
    changed = reply.lines[1].evidence[0].model_copy(update={"quote": "words that never stood there"})
    lines = (
        reply.lines[0].model_copy(update={"evidence": (evidence,)}),
        reply.lines[1].model_copy(update={"evidence": (changed,)}),
    )
    rewritten(truth, sections=[reply.model_copy(update={"lines": lines})])
    gone = text_of(client, f"/day/{DAY}/line/reply/1")
    assert "It is in the mirror no more" in gone
    assert "Could you send me the planting figures today?" in gone
    assert "These words stand in it no more" in text_of(client, f"/day/{DAY}/line/reply/2")


def test_a_section_of_a_thousand_lines_is_paged_and_whole(client: PageClient, truth: Truth) -> None:
    kept = truth.briefings.get(DAY)
    assert kept is not None
    agenda = kept.briefing.sections[0]
    many = [agenda.lines[1].model_copy(update={"text": f"09:00–10:00 Meeting {number:04}"}) for number in range(1_000)]
    rewritten(truth, sections=[agenda.model_copy(update={"lines": tuple(many)})])
    answer = client.get("/")
    assert len(answer.content) < LIGHT
    assert "960 more" in answer.text
    found, path = set(re.findall(r"Meeting (\d{4})", answer.text)), f"/day/{DAY}/section/agenda?from=40"
    while path:
        page = client.get(path)
        assert len(page.content) < LIGHT
        found |= set(re.findall(r"Meeting (\d{4})", page.text))
        further = re.search(r'rel="next" href="(\?from=\d+)"', page.text)
        path = f"/day/{DAY}/section/agenda{further[1]}" if further else ""
    assert found == {f"{number:04}" for number in range(1_000)}


def test_pages_that_workflows_wrote_are_linked_and_can_be_read(client: PageClient, page_household: PageHousehold) -> None:
    folder = page_household.state / "pages"
    folder.mkdir()
    snapshot = Path(__file__).resolve().parents[1] / "snapshots" / "pages" / "lookahead.md"
    (folder / "lookahead-2026-11-24.md").write_text(
        snapshot.read_text(encoding="utf-8").replace("Hedge", r"\<script\>Hedge"), encoding="utf-8"
    )
    page = client.get("/").text
    assert '<a href="/pages/lookahead-2026-11-24">Tomorrow, Wednesday 25 November 2026</a>' in page
    shown = client.get("/pages/lookahead-2026-11-24")
    assert "&lt;script&gt;Hedge planting" in shown.text
    assert '<a class="see" href="/evidence?ref=event%3Awork/coming"' in shown.text


HOSTILE = "\u202e<script>alert(1)</script><img src=x onerror=alert(2)>\u200b"


def hostile_mail(people: int) -> StoredMail:
    others = ",\r\n ".join(f'"<b onclick=x>{number}" <p{number}@crowd.example>' for number in range(people))
    head = (
        "From: =?utf-8?q?Eve_=3Cscript=3Ealert(3)=3C/script=3E?= <eve@evil.example>",
        "Subject: =?utf-8?q?=E2=80=AE=3Cscript=3Ealert(4)=3C/script=3E?=",
        "Date: Mon, 23 Nov 2026 12:00:00 +0000",
        "Message-ID: <hostile'&amp;%2F@evil.example>",
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit",
        f"To: anna@berger.example,\r\n {others}",
    )
    asked = f"Could you send me {HOSTILE} the plan by Friday?"
    body = f"{'y' * 3_000}\r\n\r\n{asked}\r\n\r\n{'<b>word</b> ' * 20_000}\r\nthe very end\r\n"
    content = "\r\n".join((*head, "", body)).encode()
    return StoredMail("INBOX", "9999.hostile", frozenset(), dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC), content)


def hostile_event(people: int) -> bytes:
    guests = (f"ATTENDEE;CN=<i>{number};PARTSTAT=DECLINED:mailto:g{number}@crowd.example" for number in range(people))
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT"),
        *('UID:"><script>alert(5)</script>', "DTSTAMP:20261101T000000Z", "DTSTART:20261124T100000Z", "DTEND:20261124T110000Z"),
        *(f"SUMMARY:{HOSTILE}", 'LOCATION:"onload=alert(6) <svg>', "DESCRIPTION:</blockquote></main><script>alert(7)</script>"),
        *guests,
        *("END:VEVENT", "END:VCALENDAR", ""),
    )
    return "\r\n".join(lines).encode()


def test_a_hostile_household_is_shown_harmless_and_whole(page_household: PageHousehold) -> None:
    household = page_household.household
    assert household.mail.path
    deliver(household.mail.path, [hostile_mail(1_000)])
    (household.folder / "calendars" / "family" / "hostile.ics").write_bytes(hostile_event(10_000))
    with page_household.house() as house:
        house.brief(DAY, page_household.now)
    with page_client(page_household.state, clock=lambda: page_household.now, house=whose(page_household)) as client:
        today = client.get("/")
        assert len(today.content) < LIGHT
        links = re.findall(r'<a href="(/day/[^"]+/line/[^"]+|/evidence[^"]+)"', today.text)
        pages = {path: client.get(path) for path in map(html.unescape, links)}
        for answer in (today, *pages.values()):
            harmless(answer.text)
            assert len(answer.content) < LIGHT
        evil = [answer.text for answer in pages.values() if "evil.example" in answer.text or "crowd.example" in answer.text]
        assert any("and 288 more" in text for text in evil), "the mail"
        assert any("It has more recipients or longer headers than are kept" in text for text in evil), "the mail"
        assert any("and 488 more" in text for text in evil), "the event"
        text = whole_text(client, "mail:home/hostile'&amp;%2F@evil.example")
        assert text.count("<b>word</b>") == 20_000
        assert "the very end" in text
        assert len(everybody(client, 'event:family/"><script>alert(5)<%2Fscript>')) == 500


def harmless(page: str) -> None:
    """Nothing in a page acts but what we put there."""
    parsed = Parsed(page)
    scripts = parsed.all("script")
    assert [str(found.get("src")).partition("?")[0] for found in scripts] == ["/static/butler.js"]
    assert all(str(found.get("src")).startswith("/static/") for found in parsed.all("img"))
    assert not [name for _, found in parsed.tags for name in found if name.startswith("on") or name == "style"]
    links = [str(found[name]) for _, found in parsed.tags for name in ("href", "src", "action") if found.get(name)]
    assert [link for link in links if not link.startswith(("/", "#", "?"))] == []
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\x1b]", page)


def whole_text(client: PageClient, ref: str) -> str:
    """What somebody wrote in a source, gathered from all of its pages."""
    text, path = "", f"/evidence?ref={quote(ref)}"
    while path:
        page = client.get(path)
        assert (page.status_code, len(page.content) < 5 * LIGHT) == (200, True)
        harmless(page.text)
        text += html.unescape(re.findall(r'<blockquote class="words" dir="auto">(.*?)</blockquote>', page.text, re.DOTALL)[-1])
        following = re.search(r'rel="next" href="([^"]*)"', page.text)
        path = html.unescape(following[1]) if following else ""
    return text


def everybody(client: PageClient, ref: str) -> set[str]:
    """Everybody in a source, gathered from all of its pages."""
    found: set[str] = set()
    path = f"/evidence/people?ref={quote(ref)}"
    while path:
        page = client.get(path)
        assert (page.status_code, len(page.content) < LIGHT) == (200, True)
        harmless(page.text)
        found |= set(re.findall(r"<li><bdi>(.*?)</bdi></li>", page.text))
        following = re.search(r'rel="next" href="([^"]*)"', page.text)
        path = html.unescape(following[1]) if following else ""
    return found
