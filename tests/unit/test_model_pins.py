"""What is pinned of a model: compared purely, kept with a line of the journal, and told once."""

from __future__ import annotations

import threading
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from butler.cli import arguments, demo, demo_page
from butler.core.accounts import ModelHost
from butler.core.models import ModelIdentity, ModelLook, ModelPin, ModelServer
from butler.core.pins import (
    Change,
    Copy,
    KeptPin,
    alias_of,
    changes,
    harmless,
    is_ours,
    is_pinned,
    name_in_use,
    old_copies,
    state_of,
    way_back,
)
from butler.core.steps import ModelCall
from butler.offers import BreachError
from butler.offers.models import Models
from butler.pinned import Pinned
from butler.staff import Staff
from butler.store.truth import Truth

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
URL, NAME = "http://127.0.0.1:11434", "good"
FIRST = ModelIdentity("good:latest", "ab" * 32, "11" * 32, "ollama 0.31.2")
MOVED = replace(FIRST, digest="cd" * 32)
HOST = ModelHost(URL, NAME)
ANY = st.text(st.characters(categories=("L", "N", "C", "Z", "P", "S")), max_size=150)
"""Text with every kind of sign, halves of characters too."""


@pytest.fixture
def truth(tmp_path: Path) -> Iterator[Truth]:
    found = Truth.open(tmp_path / "butler.db")
    yield found
    found.close()


def journalled(truth: Truth) -> list[str]:
    return [line.what for line in truth.journal.about(f"model:{NAME}")]


def told(truth: Truth) -> list[tuple[str, bool]]:
    """What waits for the owner of models: the sentence, and whether it is over."""
    return [(notice.sentence, notice.now == "") for notice in truth.notices.waiting() if notice.kind == "model"]


def tell(truth: Truth) -> None:
    for notice in truth.notices.waiting():
        truth.notices.told(notice, NOW)


@pytest.mark.parametrize(
    ("seen", "sentences"),
    [
        (FIRST, ()),
        (replace(FIRST, name="other"), ()),
        (MOVED, ("Its digest is cdcdcdcdcdcd now; abababababab is pinned.",)),
        (replace(FIRST, digest=""), ("Its digest is not told any more; abababababab is pinned.",)),
        (replace(FIRST, template="22" * 32), ("Its template is another one.",)),
        (replace(FIRST, template=""), ()),
        (replace(FIRST, server="ollama 0.32.0"), ("Its server is ollama 0.32.0 now; it was ollama 0.31.2.",)),
        (replace(FIRST, server=""), ()),
    ],
)
def test_digest_template_and_version_are_compared_and_each_that_differs_is_a_sentence(
    seen: ModelIdentity, sentences: tuple[str, ...]
) -> None:
    assert changes(FIRST, seen) == sentences


@given(ANY, ANY, ANY)
def test_what_a_server_tells_is_bounded_and_moves_no_cursor(name: str, digest: str, server: str) -> None:
    seen = harmless(ModelIdentity(name * 9, digest, digest, server * 9))
    assert len(seen.name) <= 200
    assert max(len(seen.digest), len(seen.template)) <= 128
    assert len(seen.server) <= 60
    told = seen.name + seen.digest + seen.template + seen.server
    assert not {unicodedata.category(sign) for sign in told} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(), st.text(alphabet="0123456789abcdef", min_size=64, max_size=64))
def test_whatever_a_model_is_called_its_copy_has_a_name_that_ollama_takes_and_only_such_are_removed(
    name: str, digest: str
) -> None:
    alias = alias_of(name, digest)
    assert is_ours(alias)
    assert alias.endswith(f":{digest[:12]}")


@pytest.mark.parametrize("name", ["good", "good:latest", "butler/good", "butler/good:latest", "other/good:abababababab", ""])
def test_a_model_of_the_owners_is_never_taken_for_a_copy(name: str) -> None:
    assert not is_ours(name)


def test_the_name_asked_for_is_that_of_the_copy_once_its_owner_went_back() -> None:
    pin = ModelPin(URL, NAME, FIRST, "butler/good:abababababab")
    assert name_in_use([pin], URL, NAME) == "butler/good:abababababab"
    assert name_in_use([replace(pin, use="")], URL, NAME) == NAME
    assert name_in_use([pin], "http://other", NAME) == NAME


def test_what_stands_in_for_a_digest_is_none() -> None:
    assert is_pinned("ab" * 32)
    assert not is_pinned("unpinned:0123")
    assert not is_pinned("")


LOOK = ModelLook("", URL, "ollama", NAME, FIRST, present=True)
KEPT = KeptPin(ModelPin(URL, NAME, FIRST), NOW, "first use")


@pytest.mark.parametrize(
    ("look", "kept", "state"),
    [
        (LOOK, KEPT, "well"),
        (LOOK, None, "not pinned yet"),
        (replace(LOOK, identity=MOVED), KEPT, "changed"),
        (replace(LOOK, identity=ModelIdentity("good", "", server="llama.cpp b6543")), None, "unpinned"),
        (replace(LOOK, identity=ModelIdentity("good", "")), KEPT, "changed"),
        (replace(LOOK, present=False, problem="It is not there."), KEPT, "not there"),
        (replace(LOOK, present=False, identity=ModelIdentity("good", "")), KEPT, "not reached"),
        (replace(LOOK, present=False, refused=True), None, "refused"),
        (replace(LOOK, problem="good cannot chat."), KEPT, "refused"),
    ],
)
def test_a_model_stands_by_what_is_seen_and_what_is_pinned(look: ModelLook, kept: KeptPin | None, state: str) -> None:
    assert state_of(look, kept)[0] == state


def test_another_model_than_is_pinned_at_another_address_is_called_so_and_the_same_one_is_not() -> None:
    there = ModelPin("http://attic:11434", NAME, MOVED)
    state, sentence = state_of(LOOK, None, pins=[there])
    assert (state, "another one here" in sentence, there.url in sentence) == ("another one", True, True)
    assert state_of(replace(LOOK, identity=MOVED), None, pins=[there])[0] == "not pinned yet"
    assert state_of(LOOK, KEPT, pins=[there, KEPT.pin])[0] == "well"
    assert state_of(LOOK, None, pins=[replace(there, name="other")])[0] == "not pinned yet"


def test_what_is_pinned_of_a_name_is_known_under_every_address(truth: Truth) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)
    assert truth.pins.about(ModelHost("http://localhost:11434", NAME)) == (ModelPin(URL, NAME, FIRST),)
    assert truth.pins.about(ModelHost("http://localhost:11434", "other")) == ()


def copy_of(identity: ModelIdentity) -> Copy:
    return Copy(URL, NAME, identity, alias_of(NAME, identity.digest), NOW)


def test_the_way_back_is_to_what_is_pinned_while_another_is_seen_and_else_to_what_was_before() -> None:
    copies = [copy_of(FIRST), copy_of(MOVED), copy_of(replace(FIRST, digest="ef" * 32))]
    changed = replace(KEPT, change=Change(MOVED, NOW), before="ef" * 32)
    assert way_back(changed, copies) == copies[0]
    assert way_back(changed, copies[1:]) is None
    assert way_back(replace(KEPT, before=MOVED.digest), copies) == copies[1]
    assert way_back(KEPT, copies) is None
    # The server is another one: a copy of the same model would not mend that.
    newer = replace(FIRST, server="ollama 0.32.0")
    assert way_back(replace(KEPT, change=Change(newer, NOW), before=MOVED.digest), copies) is None
    assert old_copies(changed, copies) == [copies[1]]
    assert old_copies(None, copies) == copies


def test_the_first_use_pins_and_the_next_ones_are_compared_with_it(truth: Truth) -> None:
    assert truth.pins.meet(URL, NAME, FIRST, NOW).identity == FIRST
    assert truth.pins.meet(URL, NAME, MOVED, NOW).identity == FIRST
    (kept,) = truth.pins.all()
    assert (kept.by, kept.since, kept.change) == ("first use", NOW, Change(MOVED, NOW))
    assert truth.pins.of(HOST) == (ModelPin(URL, NAME, FIRST),)
    assert truth.pins.of(ModelHost("http://other", NAME)) == ()
    assert truth.pins.of(ModelHost("http://other", NAME, more=(ModelServer("attic", URL),))) == (kept.pin,)
    assert journalled(truth) == ["model pinned", "model changed"]
    assert truth.journal.verify() == []


def test_a_change_is_told_once_however_often_it_is_seen_and_is_over_by_itself(truth: Truth) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)
    for minutes in range(3):
        truth.pins.meet(URL, NAME, replace(MOVED, template=""), NOW + timedelta(minutes=minutes))
    truth.pins.meet(URL, NAME, MOVED, NOW + timedelta(minutes=4))
    ((sentence, is_over),) = told(truth)
    assert "good is not what was pinned" in sentence
    assert not is_over
    (kept,) = truth.pins.changed()
    assert kept.change == Change(MOVED, NOW)
    tell(truth)
    truth.pins.meet(URL, NAME, MOVED, NOW + timedelta(minutes=5))
    assert told(truth) == []
    truth.pins.meet(URL, NAME, FIRST, NOW + timedelta(minutes=6))
    assert truth.pins.changed() == []
    assert told(truth) == [("The model good is what was pinned again.", True)]
    assert journalled(truth) == ["model pinned", "model changed", "model as pinned again"]


def test_a_change_that_was_over_before_anybody_was_told_is_not_told(truth: Truth) -> None:
    for seen in (FIRST, MOVED, FIRST):
        truth.pins.meet(URL, NAME, seen, NOW)
    assert told(truth) == []


@pytest.mark.parametrize("seen", [replace(FIRST, template="22" * 32), replace(FIRST, server="ollama 0.32.0")])
def test_a_template_or_a_version_is_a_change_like_a_digest(truth: Truth, seen: ModelIdentity) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)
    truth.pins.meet(URL, NAME, seen, NOW)
    (kept,) = truth.pins.changed()
    assert kept.change is not None
    assert changes(FIRST, kept.change.seen)
    assert len(told(truth)) == 1


def test_what_is_accepted_is_pinned_and_what_was_before_can_be_gone_back_to(truth: Truth) -> None:
    first = truth.pins.meet(URL, NAME, FIRST, NOW)
    truth.pins.copied(first, alias_of(NAME, FIRST.digest), NOW)
    truth.pins.meet(URL, NAME, MOVED, NOW)
    kept = truth.pins.accept(URL, NAME, MOVED, NOW)
    assert (kept.pin.identity, kept.by, kept.before, kept.change) == (MOVED, "accepted", FIRST.digest, None)
    assert told(truth) == []
    assert truth.pins.uncopied(HOST, {URL}, NOW) == [kept.pin]
    truth.pins.copied(kept.pin, alias_of(NAME, MOVED.digest), NOW)
    copy = way_back(kept, truth.pins.copies(URL, NAME))
    assert copy is not None
    back = truth.pins.go_back(copy, replace(FIRST, name=copy.alias), NOW)
    assert (back.pin.use, back.pin.identity, back.by) == (copy.alias, FIRST, "gone back")
    assert (back.before, back.copy) == (MOVED.digest, copy.alias)
    # The name means the other one for good: what is asked for is the copy.
    truth.pins.meet(URL, NAME, FIRST, NOW)
    assert truth.pins.changed() == []


def test_a_newer_version_that_is_accepted_leaves_what_can_be_gone_back_to(truth: Truth) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)
    truth.pins.accept(URL, NAME, MOVED, NOW)
    kept = truth.pins.accept(URL, NAME, replace(MOVED, server="ollama 0.32.0"), NOW)
    assert kept.before == FIRST.digest


def test_after_forgetting_the_next_use_pins_again(truth: Truth) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)
    truth.pins.meet(URL, NAME, MOVED, NOW)
    assert truth.pins.forget(URL, NAME, NOW)
    assert not truth.pins.forget(URL, NAME, NOW)
    assert told(truth) == []
    assert truth.pins.meet(URL, NAME, MOVED, NOW).identity == MOVED


def test_a_copy_that_could_not_be_made_is_tried_again_after_a_while(truth: Truth) -> None:
    pin = truth.pins.meet(URL, NAME, FIRST, NOW)
    truth.pins.copied(pin, "", NOW)
    assert truth.pins.copies(URL, NAME) == []
    assert truth.pins.uncopied(HOST, {URL}, NOW - timedelta(hours=1)) == []
    assert truth.pins.uncopied(HOST, {URL}, NOW + timedelta(hours=1)) == [pin]
    assert truth.pins.uncopied(HOST, set(), NOW + timedelta(hours=1)) == []


def test_two_processes_that_pin_at_once_agree_on_the_first(tmp_path: Path) -> None:
    path = tmp_path / "butler.db"
    Truth.open(path).close()
    start, found = threading.Barrier(2), []

    def pin(seen: ModelIdentity) -> None:
        truth = Truth.open(path)
        start.wait(10)
        found.append(truth.pins.meet(URL, NAME, seen, NOW))
        truth.close()

    threads = [threading.Thread(target=pin, args=(seen,)) for seen in (FIRST, MOVED)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    truth = Truth.open(path)
    assert journalled(truth) == ["model pinned", "model changed"]
    truth.close()


def test_what_knows_no_digest_is_not_pinned_and_what_stops_telling_one_is_a_change(truth: Truth) -> None:
    none = replace(FIRST, digest="")
    assert truth.book.met(URL, NAME, none, NOW) is None
    assert truth.pins.all() == []
    truth.book.met(URL, NAME, FIRST, NOW)
    truth.book.met(URL, NAME, none, NOW)
    assert [kept.pin.name for kept in truth.pins.changed()] == [NAME]


def answered(truth: Truth, digest: str) -> None:
    run = truth.runs.start("briefing", digest, NOW).id
    about = (run, NOW, "verdict", "1", "mail:1", digest, "good:latest", digest, "ollama 0.31.2", False, "ok")
    truth.book.record(ModelCall(*about, 1, 10, 5, 0.5, "", "{}"))  # type: ignore[arg-type]
    truth.notices.look(NOW)


def test_a_model_that_its_owner_accepted_is_no_news_and_one_that_nobody_chose_is(truth: Truth) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)
    answered(truth, FIRST.digest)
    truth.pins.accept(URL, NAME, MOVED, NOW)
    answered(truth, MOVED.digest)
    assert told(truth) == []
    answered(truth, "ef" * 32)
    assert len(told(truth)) == 1


def test_no_copy_is_asked_for_where_that_is_switched_off(truth: Truth) -> None:
    truth.pins.meet(URL, NAME, FIRST, NOW)

    def nobody() -> Staff:
        raise AssertionError("nobody is asked")

    pinned = Pinned(truth.pins, nobody, lambda: NOW)
    pinned.keep_copies(replace(HOST, alias=False))
    pinned.keep_copies(None)
    with pytest.raises(AssertionError, match="nobody is asked"):
        pinned.keep_copies(HOST)
    assert pinned.equip(HOST).pins == (ModelPin(URL, NAME, FIRST),)


@pytest.mark.parametrize(
    ("url", "name", "seen"),
    [("http://evil.example", NAME, FIRST), (URL, "other", FIRST), (URL, NAME, "ab" * 32), (URL, NAME, None)],
)
def test_a_thinker_tells_only_of_models_that_it_was_told_to_ask(truth: Truth, url: str, name: str, seen: Any) -> None:
    models = Models(replace(HOST, write="writer"), truth.book.met, lambda: NOW)
    assert models.met(URL, "writer", FIRST) == ModelPin(URL, "writer", FIRST)
    with pytest.raises(BreachError):
        models.met(url, name, seen)
    with pytest.raises(BreachError):
        Models(None, truth.book.met, lambda: NOW).met(URL, NAME, FIRST)
    assert [kept.pin.name for kept in truth.pins.all()] == ["writer"]


@pytest.mark.parametrize("named", [(), ("--model", "other")])
def test_a_demo_leaves_no_copy_of_a_model_on_its_server(tmp_path: Path, named: tuple[str, ...]) -> None:
    (tmp_path / "butler.toml").write_text('[model]\nname = "good"\n')
    host = demo.model_of(arguments.read(["--config", str(tmp_path / "butler.toml"), "demo", *named]))
    assert host is not None
    assert (host.name, host.alias) == (named[1] if named else "good", False)
    assert tomllib.loads(demo_page.settings_of(8787, host))["model"]["alias"] is False
