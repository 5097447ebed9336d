"""The prompt of a workflow by its headings: what holds for all, and a question for each section of the page. Pure."""

from __future__ import annotations

import re

from butler.core.definitions import Question
from butler.core.flowed import Problem
from butler.core.text import one_line

LONGEST = 4_000
"""Characters of a prompt that is sent with each question, the question included: about a thousand tokens, an eighth of all."""
_MOST = 12
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+(.*?)[ \t#]*)?")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(```|~~~)")


def questions_of(body: str, first: int) -> tuple[str, str, tuple[Question, ...], tuple[Problem, ...]]:
    """Part a prompt: what stands before all headings, its title (a `#` heading), its questions, and what is wrong with it.

    `first` is the number of the first line. Comments of HTML are for the reader alone; headings below `##` stay text.
    """
    title, line, is_code = "", first, False
    parts: list[tuple[str, int, list[str]]] = [("", first, [])]
    without = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), body)
    for line, text in enumerate(without.split("\n"), first):
        is_code ^= bool(_FENCE.match(text))
        heading = None if is_code else _HEADING.fullmatch(text.rstrip())
        if heading and len(heading[1]) == 2:
            parts.append((one_line(heading[2] or "", 120), line, []))
        elif heading and len(heading[1]) == 1 and not title and not any(parts[0][2]) and len(parts) == 1:
            title = one_line(heading[2] or "", 120)
        else:
            parts[-1][2].append(text.rstrip())
    prompt = "\n".join(parts[0][2]).strip()
    questions = tuple(Question(heading=heading, text="\n".join(lines).strip()) for heading, _, lines in parts[1:])
    places = [at for _, at, _ in parts[1:]]
    return prompt, title, questions, tuple(_problems(prompt, first, questions, places))


def _problems(prompt: str, first: int, questions: tuple[Question, ...], places: list[int]) -> list[Problem]:
    found = []
    if len(prompt) > LONGEST:
        found.append(Problem(first, f"The prompt has {len(prompt)} characters; {LONGEST} are the most. Shorten it."))
    for question, line in zip(questions, places, strict=True):
        size = len(prompt) + len(question.text)
        if not question.heading:
            found.append(Problem(line, "The heading has no words. Write what its section is about."))
        if not question.text and not prompt:
            found.append(Problem(line, "Nothing stands below the heading. Say there what is to be found."))
        if size > LONGEST >= len(prompt):
            found.append(
                Problem(line, f"With what stands above all headings it has {size} characters; {LONGEST} are the most.")
            )
    if len(questions) > _MOST:
        found.append(Problem(places[_MOST], f"There are over {_MOST} headings, each asked by itself. Put some together."))
    return found
