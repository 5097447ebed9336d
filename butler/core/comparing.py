"""What two models made of the same days, and in what that differs. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from butler.core.briefing import Briefing, Line
from butler.core.text import normalised

NEVER_ASKED = "It was never asked of the present model."
"""Why there is no answer where only recorded ones count."""
WANTS_NONE = "It is judged to want no answer."
"""Why there is no draft where the other model's judgement made one."""

Aspect = Literal["label", "deadline", "promise"]


@dataclass(frozen=True, slots=True)
class Due:
    """A day (and time) by which something is to be done, as ISO says it, and the sentence that says so."""

    when: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise of the owner's, in their words, and until when (empty: it does not say)."""

    quote: str
    due: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was made of one mail: `label` is reply, unsure or none for one that came, promise or none for one that was sent.

    `dues` are the days by which it wants something done. `by` says whether the model's answer had a say; `failure` why it had
    none. `dropped` counts claims that do not stand in the mail.
    """

    label: str
    quote: str = ""
    dues: tuple[Due, ...] = ()
    promises: tuple[Pledge, ...] = ()
    by: str = "rules"
    failure: str = ""
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """A check that a draft failed, or a remark on it: its name, the sentence for the owner, and whether it is a warning."""

    name: str
    sentence: str
    warning: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft's body with what was found in it; without a body, why there is none."""

    body: str = ""
    reason: str = ""
    checks: tuple[Check, ...] = ()
    skeleton: bool = False


@dataclass
class Day:
    """What one model made of one day: judgements and drafts by reference, and the day's briefing, where there is one.

    `unjudged` and `undrafted` are mails of which only recorded answers could have told, and did not; `whole`: not cut short.
    """

    judged: dict[str, Judged] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    briefing: Briefing | None = None
    unjudged: set[str] = field(default_factory=set)
    undrafted: set[str] = field(default_factory=set)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class OtherJudgement:
    """A mail of which the two think otherwise, and in what."""

    ref: str
    aspects: tuple[Aspect, ...]
    present: Judged
    other: Judged


@dataclass(frozen=True, slots=True)
class Unusable:
    """A mail of which one of the two or both said nothing that could be used, and why; rules judged it then."""

    ref: str
    present: str
    other: str


@dataclass(frozen=True, slots=True)
class OtherDraft:
    """A mail that the two would answer otherwise."""

    ref: str
    present: Draft
    other: Draft


@dataclass(frozen=True, slots=True)
class OtherSection:
    """A section of a briefing in which lines differ: those of the present model's alone, and of the other's; or their order."""

    name: str
    present: tuple[str, ...]
    other: tuple[str, ...]
    reordered: bool = False


def judgements(present: Day, other: Day) -> list[OtherJudgement]:
    """The mails that both judged, and judged otherwise; what was never asked of one is left out."""
    unasked = present.unjudged | other.unjudged
    found = []
    for ref, one in present.judged.items():
        another = other.judged.get(ref)
        if another is not None and ref not in unasked and (aspects := tuple(_aspects(one, another))):
            found.append(OtherJudgement(ref, aspects, one, another))
    return found


def unusable(present: Day, other: Day) -> list[Unusable]:
    """The mails that both judged, and of which one said nothing that could be used."""
    unasked = present.unjudged | other.unjudged
    both = (ref for ref in present.judged if ref in other.judged and ref not in unasked)
    found = (Unusable(ref, present.judged[ref].failure, other.judged[ref].failure) for ref in both)
    return [each for each in found if each.present or each.other]


def drafts(present: Day, other: Day) -> list[OtherDraft]:
    """The mails that are answered otherwise, or by one alone; only of days that both were done with."""
    if not (present.whole and other.whole):
        return []
    unasked = present.unjudged | other.unjudged | present.undrafted | other.undrafted
    none = Draft(reason=WANTS_NONE)
    pairs = ((ref, present.drafts.get(ref, none), other.drafts.get(ref, none)) for ref in {**present.drafts, **other.drafts})
    return [OtherDraft(*pair) for pair in pairs if pair[0] not in unasked and pair[1] != pair[2] and _is_one_there(*pair[1:])]


def sections(present: Day, other: Day) -> list[OtherSection]:
    """The sections of two briefings of one day in which lines differ; lines that rest on what was never asked are left out."""
    unasked = present.unjudged | other.unjudged
    ours, theirs = (_lines(each.briefing, unasked) for each in (present, other))
    found = (_section(name, ours.get(name, []), theirs.get(name, [])) for name in {**ours, **theirs})
    return [each for each in found if each is not None]


def line_changes(present: str, other: str) -> Iterator[tuple[Literal[" ", "-", "+"], str]]:
    """Two texts line by line: what both have, what only the first one has, and what only the other."""
    ours, theirs = present.splitlines(), other.splitlines()
    for kind, start, end, other_start, other_end in SequenceMatcher(a=ours, b=theirs, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from ((" ", line) for line in ours[start:end])
        else:
            yield from (("-", line) for line in ours[start:end])
            yield from (("+", line) for line in theirs[other_start:other_end])


def _aspects(one: Judged, other: Judged) -> Iterator[Aspect]:
    pledged = bool(one.promises or other.promises)
    if one.label != other.label and not pledged:
        yield "label"
    if sorted(due.when for due in one.dues) != sorted(due.when for due in other.dues):
        yield "deadline"
    if not _same_pledges(one.promises, other.promises):
        yield "promise"


def _same_pledges(ours: Sequence[Pledge], theirs: Sequence[Pledge]) -> bool:
    """Whether each promise is one of the other's too: until the same day, one's words among the other's."""
    left = list(theirs)
    for pledge in ours:
        same = next((each for each in left if each.due == pledge.due and _overlap(each.quote, pledge.quote)), None)
        if same is None:
            return False
        left.remove(same)
    return not left


def _overlap(one: str, other: str) -> bool:
    first, second = normalised(one), normalised(other)
    return first in second or second in first


def _is_one_there(one: Draft, other: Draft) -> bool:
    """Whether either writes something; two reasons for no draft are no other draft."""
    return bool(one.body or other.body)


def _lines(briefing: Briefing | None, unasked: Collection[str]) -> Mapping[str, list[str]]:
    found = briefing.sections if briefing else ()
    return {each.name: [line.text for line in each.lines if not _rests_on(line, unasked)] for each in found}


def _rests_on(line: Line, refs: Collection[str]) -> bool:
    return any(evidence.ref in refs for evidence in line.evidence)


def _section(name: str, ours: Sequence[str], theirs: Sequence[str]) -> OtherSection | None:
    if ours == theirs:
        return None
    only_ours, only_theirs = Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)
    gone = tuple(line for line in ours if only_ours[line])
    new = tuple(line for line in theirs if only_theirs[line])
    return OtherSection(name, gone, new, reordered=not gone and not new)


@dataclass(frozen=True, slots=True)
class OneDay:
    """One day compared: how many mails were judged by both, and what differs; `briefed` is when its briefing was written."""

    day: dt.date
    mails: int
    judgements: tuple[OtherJudgement, ...] = ()
    drafts: tuple[OtherDraft, ...] = ()
    sections: tuple[OtherSection, ...] = ()
    briefed: dt.datetime | None = None
    unusable: tuple[Unusable, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether anything does."""
        return bool(self.judgements or self.drafts or self.sections)


def compared(day: dt.date, days: tuple[Day, Day], briefed: dt.datetime | None) -> OneDay:
    """Compare what two models made of one day."""
    present, other = days
    both = [ref for ref in present.judged if ref in other.judged and ref not in present.unjudged | other.unjudged]
    whole = present.briefing is not None and other.briefing is not None
    return OneDay(
        day,
        len(both),
        tuple(judgements(present, other)),
        tuple(drafts(present, other)),
        tuple(sections(present, other)) if whole else (),
        briefed if whole else None,
        tuple(unusable(present, other)),
    )
