"""Another model beside the present one, over the sample household: what is known to differ is shown, and nothing is written."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from draft_model import is_draft
from ollama_script import Chat, Script
from page_household import DAY, PageHousehold, copied, made_for_all
from scripted_ollama import ScriptedOllama
from served_model import ServedModel
from two_models import OTHER, PRESENT, is_received, is_sent, two_models

from butler.cli.model_tried import lines
from butler.cli.model_tried_json import as_json
from butler.core.accounts import ModelHost
from butler.core.errors import ModelError
from butler.core.models import Role
from butler.demo import BRIEFINGS
from butler.house import Deeds, House
from butler.shadow.shadow import STOPPED, Compared, Moved, Shadow, Wanted
from butler.store.asof import AsOf, Span
from butler.store.truth import Truth

DOCS = Path(__file__).parents[2] / "docs/model.md"
TIMED = ("Seconds", "Tokens written a second")
SUNDAY, MONDAY = DAY - dt.timedelta(2), DAY - dt.timedelta(1)
HONEY, VIOLIN = "mail:home/honig-1@imker-spree.example", "mail:home/geige-1@hafenmusik.example"
BREAD, SUPPER = "mail:home/abend-1@berger.example", "mail:home/abend-2@berger.example"
PUMPKIN = "Für Lucía machen wir Kürbis aus dem Ofen, den mag auch Mateo."
OWN_WORDS = "Danke, das hole ich gleich."


def otherwise(chat: Chat, said: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """A second model: it sees no request of the beekeeper's, a promise in one letter, drafts one otherwise, rambles once."""
    if is_received(chat) and "Könntest du zwei Stunden übernehmen" in chat.text:
        return {**said, "label": "none", "evidence": [], "summary": ""}
    if is_received(chat) and "noch Brot mitbringen" in chat.text:
        return "I would say so."
    if is_sent(chat) and PUMPKIN in chat.text:
        return {**said, "label": "promise", "evidence": [PUMPKIN]}
    if is_draft(chat) and "bringst du mir die Geige" in chat.text:
        return {**said, "body": OWN_WORDS}
    return said


@dataclass
class Place:
    """A household, and a server with both models."""

    home: PageHousehold
    server: ScriptedOllama

    def deeds(self) -> Deeds:
        household = self.home.household
        model = ModelHost(url=self.server.url, name=PRESENT.name)
        folder = household.folder / BRIEFINGS
        return Deeds(household.owner, household.with_records, household.options, self.home.state, folder, model)

    def shadow(self) -> Shadow:
        return Shadow(self.deeds(), lambda: self.home.now)

    def compare(self, days: Sequence[dt.date], name: str = OTHER.name, role: Role | None = None, **more: Any) -> Compared:
        with self.shadow() as house:
            present, other, _ = house.sides(name, role, None, only_recorded=more.pop("only_recorded", False))
            return house.compare(present, other, Wanted(days, dt.time(7), **more), unheard)

    def kept(self) -> dict[str, str]:
        """All that lies below the household, by its bytes; of the butler's database each row, but for those of connections."""
        files = (path for path in self.home.household.folder.rglob("*") if path.is_file())
        found = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if "butler.db" not in path.name}
        with sqlite3.connect(f"file:{self.home.state / 'butler.db'}?mode=ro", uri=True) as database:
            rows = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'connection%'")
            for table in {name for (name,) in rows.fetchall()} - {"sqlite_sequence", "journal_head"}:
                rows_of = database.execute(f"SELECT * FROM {table}").fetchall()
                found[table] = repr([row for row in rows_of if table != "journal" or "connect" not in str(row[2])])
        database.close()
        return found


def unheard(_moved: Moved) -> None:
    pass


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = copied(made_for_all(tmp_path_factory), tmp_path_factory.mktemp("try") / "household")
    with ScriptedOllama(script=two_models(otherwise), models=(PRESENT, OTHER)) as server:
        yield Place(home, server)


@pytest.fixture
def asked(place: Place) -> Iterator[Place]:
    """The same with a server that was not asked yet; what a test makes of its models is undone."""
    place.server.requests.clear()
    before: tuple[Sequence[ServedModel], Script] = (place.server.models, place.server.script)
    yield place
    place.server.models, place.server.script = before


@dataclass
class Found:
    """A comparison of two days, what lay there before and after it, and where mails and time were told to be."""

    compared: Compared
    before: Mapping[str, str]
    after: Mapping[str, str]
    moved: Sequence[Moved]


@pytest.fixture(scope="module")
def found(place: Place) -> Found:
    before, moved = place.kept(), list[Moved]()
    with place.shadow() as house:
        present, other, told = house.sides(OTHER.name, None, None, only_recorded=False)
        assert told == ""
        compared = house.compare(present, other, Wanted([SUNDAY, MONDAY], dt.time(7)), moved.append)
    return Found(compared, before, place.kept(), moved)


def test_exactly_the_mails_of_which_the_two_think_otherwise_are_shown(found: Found) -> None:
    shown = {one.ref: one for day in found.compared.days for one in day.judgements}
    assert {ref: one.aspects for ref, one in shown.items()} == {HONEY: ("label",), SUPPER: ("promise",)}
    honey, supper = shown[HONEY], shown[SUPPER]
    assert (honey.present.label, honey.other.label) == ("reply", "unsure")
    assert honey.present.quote.startswith("Könntest du zwei Stunden")
    assert (supper.present.promises, len(supper.other.promises)) == ((), 1)
    assert supper.other.promises[0].quote == PUMPKIN


def test_exactly_the_drafts_that_differ_are_shown_with_both_texts_or_the_reason_for_none(found: Found) -> None:
    shown = {one.ref: one for day in found.compared.days for one in day.drafts}
    assert set(shown) == {HONEY, VIOLIN}
    assert shown[HONEY].present.body
    assert (shown[HONEY].other.body, shown[HONEY].other.reason) == ("", "It is not clear that it wants an answer.")
    assert OWN_WORDS in shown[VIOLIN].other.body
    assert OWN_WORDS not in shown[VIOLIN].present.body


def test_a_briefing_differs_in_the_lines_that_rest_on_those_mails_and_in_no_other(found: Found) -> None:
    sections = [each for day in found.compared.days for each in day.sections]
    told = [line for each in sections for line in (*each.present, *each.other)]
    assert told
    # Of the bread the second model said nothing usable, so that rules phrase it.
    assert all(line.startswith(("Elke Vogt: ", "Jonas Berger: ")) for line in told), told
    assert {each.name for each in sections} == {"reply"}


def test_what_each_was_asked_and_what_it_cost_is_counted(found: Found) -> None:
    present, other = found.compared.costs
    assert (present.unusable, present.repaired, other.unusable) == (0, 0, 1)
    assert present.questions > 10
    assert present.tokens_in > 1_000
    assert other.tokens_out > 100
    assert other.rate is not None
    assert found.compared.tallies[0].drafts == found.compared.tallies[1].drafts + 1


def test_it_is_told_how_far_it_is(found: Found) -> None:
    assert found.moved[-1].part == 1.0
    assert [each.mail for each in found.moved if each.name == OTHER.name] == sorted(
        each.mail for each in found.moved if each.name == OTHER.name
    )
    assert found.moved[-1].mail == found.moved[-1].mails > 15
    assert any(each.left for each in found.moved)


def test_nothing_is_written_but_whom_it_talked_to(found: Found) -> None:
    assert found.before == found.after
    assert len(found.before) > 50


def test_the_server_is_looked_at_and_asked_and_nothing_else(place: Place, found: Found) -> None:
    paths = {request.path for request in place.server.requests}
    assert paths <= {"/api/version", "/api/tags", "/api/show", "/api/ps", "/api/chat"}


def test_it_fits_into_eighty_columns_and_the_document_has_all_of_it(place: Place, found: Found) -> None:
    told = list(lines(found.compared, place.home.household.owner.zone))
    assert max(map(len, told)) <= 80
    page = "\n".join(told)
    assert "2 judged otherwise, 2 answered otherwise, 1 briefing with other lines." in page
    assert "  without a valid answer" in page
    assert f"    + {OWN_WORDS}" in page
    document = as_json(found.compared, "")
    assert document["differs"] is True
    assert [one["ref"] for day in document["days"] for one in day["triage"]] == [HONEY, SUPPER]
    assert document["other"]["cost"]["unusable"] == 1
    assert [one["ref"] for day in document["days"] for one in day["unusable"]] == [BREAD]
    assert document["other"]["digests"] == {OTHER.name: OTHER.digest}


def test_the_example_of_the_documents_is_what_comes_of_it(place: Place, found: Found) -> None:
    block = DOCS.read_text(encoding="utf-8").partition("<!-- model try -->\n```text\n")[2].partition("\n```")[0]
    told = list(lines(found.compared, place.home.household.owner.zone))
    assert [line for line in block.splitlines() if not line.startswith(TIMED)] == [
        line for line in told if not line.startswith(TIMED)
    ]


def test_two_that_say_the_same_differ_in_nothing(asked: Place) -> None:
    asked.server.script = two_models(lambda _chat, said: said)
    same = asked.compare([SUNDAY], drafts=False)
    assert not same.differs
    assert "Nothing differs." in list(lines(same, asked.home.household.owner.zone))


def test_a_model_that_is_tried_in_one_role_is_asked_in_no_other(asked: Place) -> None:
    done = asked.compare([SUNDAY], role="write")
    by_model = {(chat.body["model"], is_draft(chat)) for chat in asked.server.chats}
    assert by_model == {(PRESENT.name, False), (PRESENT.name, True), (OTHER.name, True)}
    assert [one.ref for day in done.days for one in day.drafts] == [VIOLIN]
    assert not [one for day in done.days for one in day.judgements]


def test_a_day_without_mails_asks_nothing_and_differs_in_nothing(asked: Place) -> None:
    none = asked.compare([DAY - dt.timedelta(400)])
    assert (none.differs, none.days[0].mails, asked.server.chats) == (False, 0, [])
    assert "no mails" in next(iter(lines(none, asked.home.household.owner.zone)))


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        ((PRESENT,), "The model 'other:latest' is not on .*Fetch it: `ollama pull other:latest`"),
        ((PRESENT, replace(OTHER, remote_host="https://ollama.com")), "runs elsewhere"),
    ],
)
def test_a_model_that_is_not_there_or_runs_elsewhere_gets_no_byte(
    asked: Place, models: tuple[ServedModel, ...], sentence: str
) -> None:
    asked.server.models = models
    with pytest.raises(ModelError, match=sentence):
        asked.compare([SUNDAY])
    assert asked.server.chats == []


def test_ended_in_the_middle_it_compares_what_both_have_judged(asked: Place) -> None:
    before = asked.kept()

    def stop(moved: Moved) -> None:
        if moved.name == OTHER.name and moved.mail >= 3:
            raise KeyboardInterrupt

    with asked.shadow() as house:
        present, other, _ = house.sides(OTHER.name, None, None, only_recorded=False)
        part = house.compare(present, other, Wanted([SUNDAY, MONDAY], dt.time(7)), stop)
    assert part.ended == STOPPED
    assert [day.day for day in part.days] == [SUNDAY]
    assert 0 < part.days[0].mails < 7
    assert {one.ref for one in part.days[0].judgements} <= {HONEY}
    assert (part.days[0].drafts, part.days[0].sections) == ((), ())
    assert asked.kept() == before


def test_a_model_that_is_lost_on_the_way_ends_it_with_the_reason(asked: Place) -> None:
    script = two_models(otherwise)

    def gone(chat: Chat) -> Any:
        if len([each for each in asked.server.chats if each.body["model"] == OTHER.name]) > 3:
            asked.server.models = (PRESENT,)
        return script(chat)

    asked.server.script = gone
    part = asked.compare([SUNDAY], drafts=False)
    assert "other:latest" in part.ended
    assert 0 < part.days[0].mails < 6


def recorded(place: Place) -> Place:
    """Have the present model asked for a briefing in earnest, so that it is pinned and its answers are kept."""
    with House(place.deeds(), lambda: place.home.now) as house:
        house.brief(sync=False)
    return place


MOVED = (replace(PRESENT, digest="ef" * 32), OTHER)


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A household whose present model was asked, and whose name leads to another digest since."""
    home = copied(made_for_all(tmp_path_factory), tmp_path_factory.mktemp("moved") / "household")
    with ScriptedOllama(script=two_models(lambda _chat, said: said), models=(PRESENT, OTHER)) as server:
        place = recorded(Place(home, server))
        yield place


def test_a_copy_of_what_was_pinned_is_asked_in_its_place(moved: Place) -> None:
    alias = "butler/good:abababababab"
    with closing(Truth.open(moved.home.state / "butler.db")) as truth:
        truth.pins.copied(truth.pins.all()[0].pin, alias, moved.home.now)
    moved.server.models = (*MOVED, replace(PRESENT, name=alias))
    moved.server.requests.clear()
    with moved.shadow() as house:
        present, other, told = house.sides(OTHER.name, None, None, only_recorded=False)
        house.compare(present, other, Wanted([SUNDAY], dt.time(7), drafts=False), unheard)
    assert "the butler's copy of what was pinned stands for it" in told
    assert {chat.body["model"] for chat in moved.server.chats} <= {alias, OTHER.name}
    assert set(present.digests().values()) == {PRESENT.digest}


def test_a_name_that_leads_to_another_model_now_is_held_against_what_was_answered_before(moved: Place) -> None:
    before = moved.kept()
    moved.server.models, moved.server.script = MOVED, two_models(otherwise, PRESENT.name)
    with moved.shadow() as house:
        present, other, told = house.sides(PRESENT.name, None, None, only_recorded=False)
        done = house.compare(present, other, Wanted([MONDAY, DAY], dt.time(7), drafts=False), unheard)
    assert told == "good:latest is not what was pinned. Only what good:latest answered before is compared."
    assert (present.name, other.name) == ("good:latest (pinned)", "good:latest (now)")
    assert (present.digests(), other.digests()) == ({PRESENT.name: PRESENT.digest}, {PRESENT.name: "ef" * 32})
    assert done.costs[0].recorded == done.costs[0].questions - done.costs[0].unasked > 0
    assert done.costs[0].tokens_in > 0
    assert {one.ref for day in done.days for one in day.judgements} == {SUPPER}
    assert moved.kept() == before


def test_the_present_model_is_asked_nothing_where_only_the_record_counts(moved: Place) -> None:
    moved.server.models = (PRESENT, OTHER)
    moved.server.requests.clear()
    done = moved.compare([SUNDAY], drafts=False, only_recorded=True)
    assert {chat.body["model"] for chat in moved.server.chats} <= {OTHER.name}
    assert done.costs[0].questions == done.costs[0].recorded + done.costs[0].unasked


def test_a_present_model_of_which_nothing_is_known_is_told_so(asked: Place) -> None:
    asked.server.models = (OTHER,)
    with pytest.raises(ModelError, match=r"good:latest cannot be asked, and was never pinned"):
        asked.compare([SUNDAY])


def test_the_mirror_of_a_day_does_not_know_what_came_later(place: Place) -> None:
    zone = place.home.household.owner.zone
    since, until = (dt.datetime.combine(day, dt.time(), zone) for day in (SUNDAY, MONDAY))
    with place.shadow() as house:
        reads = house.mirror.reads
        whole = reads.received(since - dt.timedelta(14), until)
        answered = next(
            mail
            for mail in whole
            if any(other.sent and other.when > mail.when for other in reads.threads([mail.thread])[mail.thread])
        )
        reply = next(
            other for other in reads.threads([answered.thread])[answered.thread] if other.sent and other.when > answered.when
        )
        then = AsOf(reads, Span(reply.when))
        assert reply.ref not in {mail.ref for mail in then.threads([answered.thread])[answered.thread]}
        assert "\\answered" not in then.mail(answered.ref).message.flags
        day = AsOf(reads, Span(until, since))
        assert all(since <= mail.when < until for mail in (*day.received(since - dt.timedelta(9), until + dt.timedelta(9)),))
