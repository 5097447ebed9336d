"""What counts as another judgement, another draft, another line: values in, differences out."""

from __future__ import annotations

import datetime as dt

import pytest

from butler.core.accounts import ModelHost
from butler.core.briefing import Briefing, Evidence, Line, Section
from butler.core.comparing import (
    WANTS_NONE,
    Check,
    Day,
    Draft,
    Due,
    Judged,
    Pledge,
    compared,
    drafts,
    judgements,
    line_changes,
    sections,
)
from butler.core.errors import ModelError
from butler.core.models import ModelIdentity, ModelLook, ModelPin, ModelServer
from butler.core.pins import KeptPin
from butler.core.tallies import tally
from butler.shadow.present import Looks, standing, tried
from butler.shadow.sides import shadow_host

NOW = dt.datetime(2026, 11, 24, 7, tzinfo=dt.UTC)
FRIDAY = Due("2026-11-27", "by Friday")
MAIL = "mail:home/1@x.example"


def briefing(*lines: tuple[str, str]) -> Briefing:
    """A briefing with one section, of lines and what each rests on."""
    told = tuple(Line(text=text, by="model", evidence=(Evidence(ref=ref),)) for text, ref in lines)
    return Briefing(
        date=NOW.date(),
        timezone="Europe/Berlin",
        generated_at=NOW,
        composed_by="model",
        model=None,
        sources=(),
        sections=(Section(name="reply", lines=told),) if told else (),
        dropped=(),
        quiet=False,
        usage={},  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("other", "aspects"),
    [
        (Judged("reply", "Can you?", (FRIDAY,), by="model"), ()),
        (Judged("reply", "other words of it", (Due("2026-11-27", "until the 27th"),)), ()),
        (Judged("unsure", "Can you?", (FRIDAY,)), ("label",)),
        (Judged("reply", "Can you?"), ("deadline",)),
        (Judged("none", "", (Due("2026-11-27 17:00"),)), ("label", "deadline")),
    ],
)
def test_a_mail_is_judged_otherwise_by_its_label_or_its_days_and_not_by_its_words(
    other: Judged, aspects: tuple[str, ...]
) -> None:
    present = Day({MAIL: Judged("reply", "Can you?", (FRIDAY,), by="model")})
    assert [one.aspects for one in judgements(present, Day({MAIL: other}))] == ([aspects] if aspects else [])


@pytest.mark.parametrize(
    ("theirs", "differs"),
    [
        ((Pledge("I will send it", "2026-11-27"),), False),
        ((Pledge("Yes, I will  SEND it.", "2026-11-27"),), False),
        ((Pledge("I will send it"),), True),
        ((Pledge("I will call", "2026-11-27"),), True),
        ((), True),
        ((Pledge("I will send it", "2026-11-27"), Pledge("I will call")), True),
    ],
)
def test_a_promise_is_the_same_until_the_same_day_in_words_of_which_one_holds_the_other(
    theirs: tuple[Pledge, ...], differs: bool
) -> None:
    one, other = (Judged("promise", promises=each) for each in ((Pledge("I will send it", "2026-11-27"),), theirs))
    found = judgements(Day({MAIL: one}), Day({MAIL: other}))
    assert [each.aspects for each in found] == ([("promise",)] if differs else [])


def test_what_only_one_has_judged_or_was_never_asked_is_left_out() -> None:
    present = Day({"a": Judged("reply"), "b": Judged("reply"), "c": Judged("reply")}, unjudged={"b"})
    other = Day({"b": Judged("none"), "c": Judged("none"), "d": Judged("reply")})
    assert [each.ref for each in judgements(present, other)] == ["c"]
    assert compared(NOW.date(), (present, other), None).mails == 1


def test_a_draft_is_another_one_by_its_text_or_its_checks_and_two_reasons_for_none_are_no_draft() -> None:
    warned = Draft("Yes.", checks=(Check("facts", "It says more."),))
    ours = {name: Draft("Yes.") for name in "abce"}
    present = Day(drafts={**ours, "d": Draft(reason="One.")})
    other = Day(drafts={"a": Draft("Yes."), "b": Draft("No."), "c": warned, "d": Draft(reason="Other.")})
    found = {each.ref: each for each in drafts(present, other)}
    assert set(found) == {"b", "c", "e"}
    assert found["e"].other == Draft(reason=WANTS_NONE)
    assert drafts(present, Day(whole=False)) == []
    assert [each.ref for each in drafts(Day(drafts={"b": Draft("Yes.")}, undrafted={"b"}), other)] == ["a", "c"]


def test_a_section_differs_in_lines_or_in_their_order_and_not_in_what_was_never_asked() -> None:
    one, same = briefing(("A", "m:1"), ("B", "m:2")), briefing(("A", "m:1"), ("B", "m:2"))
    assert sections(Day(briefing=one), Day(briefing=same)) == []
    (moved,) = sections(Day(briefing=one), Day(briefing=briefing(("B", "m:2"), ("A", "m:1"))))
    assert (moved.reordered, moved.present, moved.other) == (True, (), ())
    (changed,) = sections(Day(briefing=one), Day(briefing=briefing(("A", "m:1"), ("C", "m:2"))))
    assert (changed.present, changed.other) == (("B",), ("C",))
    assert sections(Day(briefing=one, unjudged={"m:2"}), Day(briefing=briefing(("A", "m:1"), ("C", "m:2")))) == []


def test_texts_are_held_against_each_other_line_by_line() -> None:
    assert list(line_changes("Hi\nYes.\nAnna", "Hi\nNo.\nAnna")) == [(" ", "Hi"), ("-", "Yes."), ("+", "No."), (" ", "Anna")]


def test_what_was_found_is_counted() -> None:
    day = Day(
        {"a": Judged("reply", dues=(FRIDAY,), dropped=2), "b": Judged("unsure")},
        {"a": Draft("Yes.", checks=(Check("facts", "It says more."),)), "b": Draft(reason="None.")},
    )
    found = tally([day, Day({"c": Judged("promise", promises=(Pledge("I will"),))})])
    assert (found.reply, found.unsure, found.deadlines, found.promises, found.dropped) == (1, 1, 1, 1, 2)
    assert (found.drafts, found.warned, found.skeletons) == (1, 1, 0)


HOST = ModelHost("http://one:1", "small", more=(ModelServer("two", "http://two:1"),), write="large")
PIN = ModelPin("http://one:1", "small", ModelIdentity("small", "a" * 64, "t", "ollama 1"))


ADVICE = "Fetch it: `x`. Set model.name to one of those there: a."


def seen(name: str, digest: str, problem: str = "", url: str = "http://one:1") -> ModelLook:
    """What a look found."""
    identity = ModelIdentity(name, digest)
    return ModelLook("", url, "ollama", name, identity, present=bool(digest), problem=problem, advice=ADVICE)


def test_a_tried_model_takes_one_role_or_both_and_is_held_to_no_pin_of_its_name() -> None:
    both = shadow_host(HOST, "new", None, None)
    assert (both.name, both.write, both.more) == ("new", "new", HOST.more)
    judge = shadow_host(HOST, "new", "judge", None)
    assert (judge.named("judge"), judge.named("write")) == ("new", "large")
    there = shadow_host(HOST, "new", "write", ModelServer("two", "http://two:1", "openai", 3))
    assert (there.named("judge"), there.named("write")) == ("small", "new")
    assert (there.url, there.api, there.slots) == ("http://two:1", "openai", 3)
    assert there.more[0] == HOST.servers()[0]
    assert shadow_host(HOST, "new", None, HOST.more[0]).servers() == (ModelServer("", "http://two:1"),)
    pinned = ModelHost("http://one:1", "small", pins=(PIN,), only_recorded=("small",))
    free = shadow_host(pinned, "small", None, None)
    assert (free.pins, free.only_recorded) == ((), ())


def test_who_stands_for_the_present_model_is_what_was_pinned_or_its_copy_or_the_record() -> None:
    host = ModelHost("http://one:1", "small")
    kept = KeptPin(PIN, NOW, "first use", copy="butler/small:aaaaaaaaaaaa")
    same = standing(host, [kept], Looks([seen("small", "a" * 64)]), only_recorded=False)
    assert (same.told, same.host.only_recorded, same.host.pins[0].use) == ("", (), "")
    assert same.host.pins[0].identity == ModelIdentity("small", "a" * 64)
    moved = Looks([seen("small", "b" * 64)], [seen("small", "a" * 64)])
    copied = standing(host, [kept], moved, only_recorded=False)
    assert (copied.host.pins[0].use, "copy" in copied.told) == ("butler/small:aaaaaaaaaaaa", True)
    gone = standing(host, [kept], Looks([seen("small", "b" * 64)]), only_recorded=False)
    assert (gone.host.only_recorded, gone.told) == (
        ("small",),
        "small is not what was pinned. Only what small answered before is compared.",
    )
    unpinned = standing(host, [], Looks([seen("small", "b" * 64)]), only_recorded=False)
    assert (unpinned.told, unpinned.host.pins) == ("", ())
    with pytest.raises(ModelError, match="was never pinned"):
        standing(host, [], Looks([seen("small", "", "It is not there.")]), only_recorded=False)


def test_a_tried_model_is_somewhere_to_be_used_or_its_problem_is_told_with_what_to_do() -> None:
    good = seen("new", "c" * 64, url="http://two:1")
    assert tried([seen("new", "", "It is not on one."), good], "new") is good
    with pytest.raises(ModelError, match=r"It is not there\. Fetch it: `x`\.$"):
        tried([seen("new", "", "It is not there.")], "new")
