"""What the owner wanted remembered, in their own words."""

from __future__ import annotations

from collections.abc import Sequence

from butler.core.asking import Answer
from butler.core.context import Context
from butler.core.refs import file_ref
from butler.core.remembering import NOTE, ROOT, Remembered
from workflows.ask import says
from workflows.ask.dayhits import fold
from workflows.ask.intents import Intent, content_words
from workflows.ask.wording import MOST_LINES, Wording

_ALL = frozenset({"", "me", "mich", "mir", "moi", "mi", "mij", "mnie", "mim"})


def remembered(context: Context, intent: Intent, wording: Wording) -> Answer | None:
    """All that is remembered, or what names something; None where nothing does, for it may stand elsewhere."""
    words = fold(intent.who)
    # A word that only carries meaning in one language is little in another, such as car.
    asked = [] if intent.who in _ALL else content_words(words) or words.split()[-1:]
    found = [each for each in context.remembered if all(word in fold(each.text) for word in asked)]
    if not found and asked:
        return None
    mirrored = [note.text for note in context.reads.files(ROOT, NOTE, 1)]
    for each in found[:MOST_LINES]:
        wording.add(f"“{says.title(each.text)}”", _cited(each, mirrored, wording))
    if len(found) > MOST_LINES:
        wording.say("more", n=len(found) - MOST_LINES)
    if not found:
        wording.say("none_remembered")
    return wording.answer()


def _cited(each: Remembered, mirrored: Sequence[str], wording: Wording) -> Sequence[int]:
    """The line of the note, where the mirror has it by now and it can be looked at."""
    if not any(each.text in text for text in mirrored):
        return ()
    return (wording.cite(file_ref(ROOT, NOTE, each.line), NOTE, each.on, each.text),)
