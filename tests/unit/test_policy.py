"""The policy: the first rule that matches counts, nothing matches means hold, and no rule lifts a floor."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memory_hands import ANNA, NOON, TOM, action, draft, event, keyword, letter, send

from butler.core import payloads as p
from butler.core.policy import KINDS, Hours, Policy, Rule, judge

BERLIN = ZoneInfo("Europe/Berlin")
ALL = Rule("all", "allow")
CHANGE = p.CalendarChange(account="family", calendar="Family", uid="u", key="u", etag="1", before="BEGIN", after="BEGIN")
INVITED = "BEGIN:VEVENT\r\nATTEND\r\n EE;CN=Tom:mailto:tom@nordwind.example\r\nEND:VEVENT"


def verdict(payload: p.Payload, *rules: Rule, now: dt.datetime = NOON, **policy: object) -> str:
    given_policy = Policy(rules, frozenset({ANNA}), zone=BERLIN, **policy)  # type: ignore[arg-type]
    return judge(action(payload, "k"), given_policy, now).judgement


def move(target: str, source: str = "INBOX") -> p.MailMove:
    mail = p.MailAt(ref="mail:home/a", message_id="a", key="1")
    return p.MailMove(account="home", messages=(mail,), source=source, target=target)


def write(path: str, content: str = "text", before: str = "") -> p.FileWrite:
    return p.FileWrite(root="notes", path=path, content=content, before=before)


def respond(with_letter: bool, sends: bool, change: p.CalendarChange | None = CHANGE) -> p.CalendarRespond:
    text = letter("a") if with_letter else None
    return p.CalendarRespond(answer="accepted", attendee=ANNA, change=change, letter=text, send=sends)


def test_without_a_rule_everything_is_held_with_a_reason() -> None:
    found = judge(action(draft("a"), "k"), Policy(), NOON)
    assert (found.judgement, found.reasons, found.rule) == ("hold", ("No rule speaks of it.",), "")


def test_the_first_rule_that_matches_counts() -> None:
    rules = (Rule("a", "deny", kinds=("mail.send",)), Rule("b", "hold", kinds=("mail.*",)), ALL)
    found = judge(action(draft("a"), "k"), Policy(rules), NOON)
    assert (found.judgement, found.rule, found.reasons) == ("hold", "b", ("The rule b says hold.",))
    assert verdict(event("u"), *rules) == "allow"
    assert verdict(send("a"), *rules) == "deny"


def test_a_policy_that_cannot_be_read_holds_everything_and_says_so() -> None:
    policy = Policy.unreadable("policy.toml is not TOML.")
    found = judge(action(draft("a"), "k"), policy, NOON)
    assert (found.judgement, found.reasons[0]) == ("hold", "policy.toml is not TOML.")
    assert judge(action(draft("a"), "k"), Policy((ALL,), problem="Bad."), NOON).judgement == "hold"
    outside = judge(action(write("/etc/passwd"), "k"), policy, NOON)
    assert outside.judgement == "deny"


def test_a_kind_that_is_not_known_is_held() -> None:
    odd = keyword("1").model_copy(update={"kind": "mail.burn"})
    assert verdict(odd, ALL) == "hold"


@pytest.mark.parametrize(
    ("rule", "payload", "expected"),
    [
        (Rule("r", "allow", accounts=("ho*",)), draft("a"), "allow"),
        (Rule("r", "allow", accounts=("work",)), draft("a"), "hold"),
        (Rule("r", "allow", recipients=("nordwind.example",)), draft("a"), "allow"),
        (Rule("r", "allow", recipients=("TOM@*",)), draft("a"), "allow"),
        (Rule("r", "allow", recipients=("*.example",)), draft("a"), "allow"),
        (Rule("r", "allow", recipients=("nordwind",)), draft("a"), "hold"),
        (Rule("r", "allow", recipients=("*",)), keyword("1"), "hold"),
        (Rule("r", "allow", folders=("INBOX",)), keyword("1"), "allow"),
        (Rule("r", "allow", folders=("INBOX",)), move("Archive"), "hold"),
        (Rule("r", "allow", folders=("INBOX", "Arch*")), move("Archive"), "allow"),
        (Rule("r", "deny", folders=("Private",)), move("Private"), "deny"),
        (Rule("r", "deny", folders=("Private",)), move("Archive", "Private"), "deny"),
        (Rule("r", "allow", folders=("Family",)), event("u"), "allow"),
        (Rule("r", "allow", paths=("journal/*.md",)), write("journal/x.md"), "allow"),
        (Rule("r", "allow", paths=("journal/*.md",)), write("x.md"), "hold"),
        (Rule("r", "allow", paths=("a/*",)), p.FileMove(root="n", path="a/x", target="b/x", before="1"), "hold"),
        (Rule("r", "deny", paths=("a/*",)), p.FileMove(root="n", path="a/x", target="b/x", before="1"), "deny"),
        (Rule("r", "allow", paths=("a/*",)), p.FileAppend(root="n", path="a/x", text="x"), "allow"),
    ],
)
def test_each_condition_matches_what_it_names(rule: Rule, payload: p.Payload, expected: str) -> None:
    assert verdict(payload, rule) == expected


def test_an_allowing_rule_needs_all_recipients_and_a_denying_one_only_one() -> None:
    to_both = p.MailDraft(letter=letter("a", to=[TOM, "eve@evil.example"]))
    assert verdict(to_both, Rule("r", "allow", recipients=("nordwind.example",))) == "hold"
    assert verdict(to_both, Rule("r", "deny", recipients=("evil.example",)), ALL) == "deny"
    assert verdict(to_both, Rule("r", "hold", recipients=("evil.example",)), ALL) == "hold"
    hidden = to_both.model_copy(
        update={"letter": letter("a").model_copy(update={"bcc": (p.Person(address="eve@evil.example"),)})}
    )
    assert verdict(hidden, Rule("r", "deny", recipients=("evil.example",)), ALL) == "deny"


@pytest.mark.parametrize(
    ("hours", "time", "expected"),
    [
        (Hours(dt.time(8), dt.time(18)), "07:59", "hold"),
        (Hours(dt.time(8), dt.time(18)), "08:00", "allow"),
        (Hours(dt.time(8), dt.time(18)), "18:00", "hold"),
        (Hours(dt.time(22), dt.time(6)), "23:00", "allow"),
        (Hours(dt.time(22), dt.time(6)), "05:59", "allow"),
        (Hours(dt.time(22), dt.time(6)), "12:00", "hold"),
    ],
)
def test_hours_are_the_owners_own_and_may_go_over_midnight(hours: Hours, time: str, expected: str) -> None:
    now = dt.datetime.combine(dt.date(2026, 11, 25), dt.time.fromisoformat(time), BERLIN).astimezone(dt.UTC)
    assert verdict(keyword("1"), Rule("r", "allow", hours=hours), now=now) == expected


def test_weekdays_are_the_owners_own() -> None:
    thursday_there = dt.datetime(2026, 11, 25, 23, 30, tzinfo=dt.UTC)
    assert verdict(keyword("1"), Rule("r", "allow", weekdays=frozenset({3})), now=thursday_there) == "allow"
    assert verdict(keyword("1"), Rule("r", "allow", weekdays=frozenset({2})), now=thursday_there) == "hold"


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (send("a"), "hold"),
        (send("a", to=[ANNA]), "allow"),
        (send("a", to=["Anna@Berger.example"]), "allow"),
        (send("a", to=[ANNA, TOM]), "hold"),
        (send("a", to=[]), "hold"),
        (respond(with_letter=True, sends=True), "hold"),
        (respond(with_letter=True, sends=False), "allow"),
        (respond(with_letter=False, sends=False), "hold"),
        (respond(with_letter=False, sends=False, change=None), "hold"),
        (p.CalendarCancel(change=CHANGE.model_copy(update={"after": ""})), "hold"),
        (p.CalendarUpdate(change=CHANGE.model_copy(update={"after": ""}), fields=p.EventFields()), "hold"),
        (p.CalendarUpdate(change=CHANGE, fields=p.EventFields()), "allow"),
        (p.CalendarUpdate(change=CHANGE.model_copy(update={"after": INVITED}), fields=p.EventFields()), "hold"),
        (p.CalendarUpdate(change=CHANGE.model_copy(update={"before": INVITED}), fields=p.EventFields()), "hold"),
        (p.TaskComplete(change=CHANGE, at=NOON), "allow"),
        (move("Archive"), "allow"),
        (move("Trash"), "hold"),
        (move("[Gmail]/Bin"), "hold"),
        (move("INBOX.Papierkorb"), "hold"),
        (move("Ablage"), "hold"),
        (keyword("1", add="todo"), "allow"),
        (keyword("1", add="\\Deleted"), "hold"),
        (write("x.md"), "allow"),
        (write("x.md", content=" \n"), "allow"),
        (write("x.md", content=" \n", before="ab"), "hold"),
        (write("/etc/passwd"), "deny"),
        (write("../x.md"), "deny"),
        (write("a/../../x.md"), "deny"),
        (write("a/.hidden/x.md"), "deny"),
        (write(".bashrc"), "deny"),
        (write("a//x.md"), "deny"),
        (write(""), "deny"),
        (write("a\\..\\x.md"), "deny"),
        (write("a\x00.md"), "deny"),
        (write("a\nb.md"), "deny"),
        (p.FileMove(root="n", path="x.md", target="../x.md", before="1"), "deny"),
        (p.FileAppend(root="n", path="../x.md", text="x"), "deny"),
        (p.Undo(of=1, effects=()), "deny"),
    ],
)
def test_no_rule_lifts_a_floor(payload: p.Payload, expected: str) -> None:
    assert verdict(payload, ALL, trash=frozenset({"Ablage"})) == expected


def test_a_floor_says_why_and_names_no_rule() -> None:
    found = judge(action(send("a"), "k"), Policy((ALL,)), NOON)
    assert (found.rule, found.reasons) == ("", (f"It sends a mail to {TOM}.",))


def test_a_rule_that_denies_is_stronger_than_a_floor_that_holds() -> None:
    found = judge(action(send("a"), "k"), Policy((Rule("never", "deny"),)), NOON)
    assert (found.judgement, found.rule) == ("deny", "never")


@given(
    then=st.sampled_from(["allow", "hold", "deny"]),
    kinds=st.lists(st.sampled_from(["*", "mail.*", *KINDS])),
    path=st.text(),
    to=st.lists(st.sampled_from([ANNA, TOM, "x", ""])),
)
def test_whatever_the_rules_say_no_mail_goes_to_others_and_no_path_leaves(
    then: str, kinds: list[str], path: str, to: list[str]
) -> None:
    rule = Rule("r", then, kinds=tuple(kinds))  # type: ignore[arg-type]
    if set(to) != {ANNA}:
        assert verdict(send("a", to=to), rule) != "allow"
    if ".." in path.split("/") or path.startswith("/"):
        assert verdict(write(path), rule) == "deny"
