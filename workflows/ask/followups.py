"""What a question means after the ones before it: "and on Friday?", "and Tom?", "did she answer?"; pure but for names."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from butler.core.asking import Question, Turn
from workflows.ask.daycounts import Frame
from workflows.ask.dayhits import day_hits, fold
from workflows.ask.intents import content_words, intents, without_windows
from workflows.ask.says import asking, language_for
from workflows.ask.windows import Window, find_windows

_TURNS = 6
_MOST_WORDS = 3
_LEAD = re.compile(
    r"^\s*(?:(?:and|und|et|y|e|en|i|ok|okay)[\s,]+)?(?:(?:what about|how about|was ist mit|wie ist es|wie steht es|"
    r"wie sieht es aus|und|et pour|qu'en est-il de|y que tal|que tal|che ne dici di|en hoe zit het met|hoe zit het met|a co z|"
    r"e quanto a)\s+)?"
)
_DAY_AFTER = re.compile(
    r"\b(?:the )?(?:day after(?! tomorrow)|next day|following day)\b|\b(?:am |der )?tag (?:danach|darauf)\b|\ble lendemain\b|"
    r"\bal dia siguiente\b|\bil giorno dopo\b|\bde dag erna\b|\bno dia seguinte\b"
)
_JOINED = re.compile(r"^\s*(?:and|und|et|y|e|en|i)\b", re.IGNORECASE)
_SMALL_LEAD = re.compile(
    r"(?<!\w)(?:(?:on|for|at|in|am|um|im|fur|le|la|el|il|op|om|a|au|w|na|no|em|per|para|pour|from|von|de|di|van|od|to|an|with|mit)\s+)+$",
    re.IGNORECASE,
)
_PRONOUNS = (
    "she he they her his their him them it this that sie er ihr ihm es das il elle ils elles lui leur cela ca el ella ellos "
    "ellas lei loro hij zij ze hem haar on ona ono jej jemu ele ela dele dela"
)
PRONOUNS = frozenset(_PRONOUNS.split(" "))
"""What stands for somebody or something that was spoken of before."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A question with what it leaves to be understood put in: its text, its language, and the turns before it."""

    text: str
    language: str
    history: tuple[Turn, ...] = ()

    @property
    def before(self) -> Turn | None:
        """The turn right before."""
        return self.history[-1] if self.history else None


def meant(question: Question, now: dt.datetime, zone: ZoneInfo, language: str) -> Meant:
    """Resolve a question against the ones before it, the oldest first."""
    text, told = "", language
    for turn in question.history[-_TURNS:]:
        told = language_for(turn.question, told)
        text = _resolved(turn.question, text, now, zone, told)
    told = language_for(question.text, told)
    return Meant(_resolved(question.text, text, now, zone, told), told, question.history)


def _resolved(text: str, before: str, now: dt.datetime, zone: ZoneInfo, language: str) -> str:
    """A question that only names another time or another person, as the one before it with that put in."""
    if not before:
        return text
    text = _after_day(text, before, now, zone, language)
    windows = find_windows(text, now, zone, language)
    rest = _LEAD.sub("", without_windows(text, windows))
    content = content_words(rest)
    if windows and not content:
        return _with_time(text, windows, before, now, zone, language)
    is_asking = any(word in asking(language) | asking("en") for word in rest.split())
    if content and len(content) <= _MOST_WORDS and _JOINED.match(text) and not windows and not is_asking:
        return _with_person(rest, before, now, zone, language) or text
    return text


def _after_day(text: str, before: str, now: dt.datetime, zone: ZoneInfo, language: str) -> str:
    """A question with the day that "the day after" means, by the time of the question before."""
    found = _DAY_AFTER.search(fold(text))
    old = find_windows(before, now, zone, language) if found else []
    if found is None or not old:
        return text
    day = (old[-1].stop - dt.timedelta(seconds=1)).astimezone(zone).date() + dt.timedelta(days=1)
    return f"{text[: found.start()]}{day.isoformat()}{text[found.end() :]}"


def _with_time(text: str, windows: list[Window], before: str, now: dt.datetime, zone: ZoneInfo, language: str) -> str:
    told = text[windows[0].begin : windows[-1].end]
    lead = _SMALL_LEAD.search(text[: windows[0].begin])
    told = f"{lead[0] if lead else ''}{told}".strip()
    bare, known = before.rstrip(" ?.!"), list(day_hits(fold(before), Frame(now.date(), past=False)))
    if known and not any(True for _ in day_hits(fold(told), Frame(now.date(), past=False))):
        told = f"{before[known[0].begin : known[0].end]} {told}"
    old = find_windows(before, now, zone, language)
    if not old:
        return f"{bare} {told}?"
    start = old[0].begin
    leads = _SMALL_LEAD.search(before[:start])
    start = leads.start() if leads else start
    return f"{before[:start]}{told}{before[old[-1].end :]}"


def _with_person(rest: str, before: str, now: dt.datetime, zone: ZoneInfo, language: str) -> str:
    """The question before with another name, where it is one that code knows; empty where it is none."""
    name = _SMALL_LEAD_START.sub("", rest).strip()
    for intent in intents(before, now, zone, language):
        old = intent.who or intent.what
        at = fold(before).find(old) if old else -1
        if at >= 0:
            return f"{before[:at]}{name}{before[at + len(old) :]}"
    return ""


_SMALL_LEAD_START = re.compile(r"^(?:(?:from|von|de|di|van|od|to|an|with|mit|der|die|das|the|le|la|el|il)\s+)+")
