"""The two pages of a briefing: what they look like (snapshots), and that nothing from the world can act in them."""

from __future__ import annotations

import datetime as dt
import os
import re
import unicodedata
from pathlib import Path

import briefing_page as page
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from butler import markdown, terminal, why, wording
from butler.core.briefing import Briefing, BriefingSource

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "briefing"
BIDIRECTIONAL = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
ESCAPE = re.compile(r"\x1b\[\d+m")

PAGES = {
    "full.md": lambda: markdown.render(page.BRIEFING),
    "by-rules.md": lambda: markdown.render(page.BY_RULES, page.NOTICE),
    "quiet.md": lambda: markdown.render(page.QUIET, page.NOTICE),
    "full.txt": lambda: terminal.render(page.BRIEFING),
    "by-rules.txt": lambda: terminal.render(page.BY_RULES, page.NOTICE),
    "quiet.txt": lambda: terminal.render(page.QUIET, page.NOTICE),
    "narrow.txt": lambda: terminal.render(page.BRIEFING, width=46),
    "colour.txt": lambda: terminal.render(page.BRIEFING, page.NOTICE, colour=True),
    "why-reply.txt": lambda: why.explain("mail:home/offer-1@nordwind.example", [(page.DAY, page.ORIGINS[0])]),
    "why-conflict.txt": lambda: why.explain("event:family/dentist@berger.example", [(page.DAY, page.ORIGINS[1])]),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_was_approved(name: str) -> None:
    path = SNAPSHOTS / name
    made = PAGES[name]()
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def with_text(text: str) -> Briefing:
    hostile = page.line(text, f"mail:home/{text}@x", text)
    source = BriefingSource(name="mail.home", kind="mail", state="failed", as_of=None, error=text)
    return page.BRIEFING.model_copy(update={"sections": (page.section("reply", hostile),), "sources": (source,)})


@settings(max_examples=60)
@given(st.text(min_size=1))
def test_a_terminal_never_gets_a_control_character_from_the_world(text: str) -> None:
    plain = ESCAPE.sub("", terminal.render(with_text(text), text, colour=True))
    assert not [character for character in plain if character != "\n" and unicodedata.category(character) == "Cc"]
    assert not set(plain) & BIDIRECTIONAL


@settings(max_examples=60)
@given(st.text(alphabet=st.sampled_from("ab漢字é \u0301-"), min_size=1, max_size=300), st.integers(30, 120))
def test_every_wrapped_line_fits_and_no_word_is_lost(text: str, width: int) -> None:
    lines = terminal.wrap(text, width, width - 8)
    assert all(terminal.width_of(line) <= (width - 8 if number else width) for number, line in enumerate(lines))
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("ab " + "x" * 25 + " cd", ["ab", "x" * 10, "x" * 10, "xxxxx cd"]),
        ("漢字" * 6, ["漢字漢字漢字", "漢字漢字漢", "字"]),
        ("e\u0301" * 12, ["e\u0301" * 12]),
        ("", []),
    ],
)
def test_words_longer_than_a_line_are_broken_where_it_ends(text: str, lines: list[str]) -> None:
    assert terminal.wrap(text, 12, 10) == lines


def test_a_briefing_without_sources_still_has_a_page() -> None:
    bare = page.QUIET.model_copy(update={"sources": ()})
    assert terminal.render(bare) == "Tuesday, 24 November 2026\n\nA quiet day.\n"
    assert "sources: []" in markdown.render(bare)


@pytest.mark.parametrize(
    "hostile",
    [
        "![pixel](https://evil.example/p.png)",
        "[click](javascript:alert(1))",
        "<https://evil.example> <script>x</script>",
        "[[note]] ![[embed]] #tag $x$ ==mark== ~~gone~~",
        "```\ncode\n```",
        "---\ntitle: stolen\n---",
        "- [ ] a task that is none",
        "[^1]: another footnote",
    ],
)
def test_nothing_from_the_world_becomes_markup_in_markdown(hostile: str) -> None:
    made = markdown.render(with_text(hostile), hostile)
    body = re.sub(r"`+.*?`+|\\.", "", made.split("---\n", 2)[2].replace("`` ", "``"))
    for markup in ("](", "[[", "<script", "<https", "```", "$x", "==mark", "~~", "#tag"):
        assert markup not in body
    assert len(re.findall(r"(?m)^\[\^1\]: see ", made)) == 1
    assert made.startswith("---\ndate: 2026-11-24\n")
    assert "\ntitle: stolen" not in made


@settings(max_examples=60)
@given(st.text(alphabet="`a ", min_size=1))
def test_a_reference_stays_inside_its_code_span(text: str) -> None:
    made = markdown.render(with_text(text))
    last = made.rstrip("\n").splitlines()[-1]
    fence = re.match(r"\[\^1\]: see (`+)", last)
    assert fence is not None
    inside = last[fence.end() : -len(fence.group(1))]
    assert last.endswith(fence.group(1))
    assert fence.group(1) not in re.findall("`+", inside)


def test_the_first_line_says_when_rules_alone_composed() -> None:
    assert terminal.render(page.BY_RULES, page.NOTICE).splitlines()[0] == page.NOTICE
    below = markdown.render(page.BY_RULES, page.NOTICE).split("---\n\n", 1)[1]
    assert below.splitlines()[0] == f"*{page.NOTICE}*"


def test_a_day_without_lines_is_not_called_quiet_when_a_source_was_not_fresh() -> None:
    unsure = page.QUIET.model_copy(update={"quiet": False, "sources": page.SOURCES})
    for made in (terminal.render(unsure), markdown.render(unsure)):
        assert "quiet" not in made
        assert "not every source could be read" in " ".join(made.split())


@pytest.mark.parametrize(
    ("state", "as_of", "said"),
    [
        ("fresh", page.SEVEN, "mail.home fresh 07:00"),
        ("stale", page.SEVEN - dt.timedelta(days=1), "mail.home stale since Mon 23 Nov 07:00"),
        ("stale", dt.datetime(2025, 12, 31, 23, 30, tzinfo=dt.UTC), "mail.home stale since Thu 1 Jan 00:30"),
        ("stale", dt.datetime(2025, 1, 31, 23, 30, tzinfo=dt.UTC), "mail.home stale since Sat 1 Feb 2025 00:30"),
        ("stale", None, "mail.home never read"),
        ("failed", None, "mail.home failed"),
        ("failed", page.SEVEN, "mail.home failed, as of 07:00"),
    ],
)
def test_a_source_is_said_to_be_as_fresh_as_it_is(state: str, as_of: dt.datetime | None, said: str) -> None:
    source = BriefingSource.model_validate({"name": "mail.home", "kind": "mail", "state": state, "as_of": as_of, "error": None})
    assert wording.source_state(source, page.BRIEFING) == said


def test_a_reference_that_no_line_rests_on_is_said_to_be_so() -> None:
    assert why.explain("mail:home/none@x", []) == "No kept briefing has a line that rests on mail:home/none@x.\n"
