"""`butler review`: what waits, one after the other, with single keys."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from butler.cards.card import Card
from butler.cards.revealing import as_read
from butler.cli import deciding, opening, output
from butler.cli.approve import approved
from butler.cli.beside import card_of, show_card
from butler.cli.deciding import Told
from butler.cli.keys import Keys
from butler.core.errors import ButlerError, UnknownActionError

if TYPE_CHECKING:
    from butler.house import House
    from butler.settings import Settings

VIA = "review"
_HELP = """\
  a  approve exactly what is shown, and carry it out
  e  edit it in your editor; the new card is shown then
  r  respond: say in your words what is to be different
  x  reject it
  s  skip it; it stays held
  u  undo what was approved last
  w  why it is there
  q  quit; what was not decided stays held
"""
_KEYS = "[a]pprove [e]dit [r]espond [x] reject [s]kip [u]ndo [w]hy [q]uit [?]"


def run(options: argparse.Namespace) -> int:
    """Go through the held actions that are meant, newest first."""
    settings = opening.settings(options)
    deciding.kinds(options.kind)
    with opening.house(settings) as house:
        review = Review(house, settings, options, Keys())
        review.run()
    return review.code


class Review:
    """One sitting: what was shown, what was decided, and what was approved last; `code` is the exit code so far."""

    def __init__(self, house: House, settings: Settings, options: argparse.Namespace, keys: Keys) -> None:
        self._house = house
        self._settings = settings
        self._options = options
        self._keys = keys
        self._seen: set[int] = set()
        self._told_of_floods = False
        self._last: int | None = None
        self._decided = 0
        self.code = 0

    def run(self) -> None:
        """Show one after the other until nothing is left or its owner leaves; what comes in meanwhile is shown, too."""
        while (number := self._next()) is not None:
            self._seen.add(number)
            if not self._one(number):
                break
        left = deciding.counted(self._house, self._options)
        output.say(self._options, f"{self._decided} decided, {left} still held." if self._seen else "Nothing waits for you.")

    def _next(self) -> int | None:
        """The newest that was not seen; what came in a flood comes after all else, and is told of once."""
        floods = [flood for flood in self._house.truth.waiting.floods() if len(set(flood.ids) - self._seen) > 1]
        folded = {number for flood in floods for number in flood.ids}
        unseen = (kept.id for kept in deciding.every(self._house, self._options) if kept.id not in self._seen)
        later: int | None = None
        for number in unseen:
            if number not in folded:
                return number
            later = later or number
        if later and not self._told_of_floods:
            self._told_of_floods = True
            output.say(self._options, f"What is left came in a flood: {len(folded)} actions. q leaves them held.")
        return later

    def _one(self, number: int) -> bool:
        """Show an action until it is decided or skipped; False when its owner leaves."""
        while True:
            kept = self._house.truth.outbox.get(number)
            if kept.status != "held":
                output.say(self._options, f"Action {number} is not held any more: it is {kept.status}.")
                return True
            card = card_of(self._house, self._settings, kept)
            shown = self._show(card)
            key, words = (shown, "") if shown else self._keys.ask(_KEYS)
            if key == "q":
                return False
            if self._decide(key, words, card):
                return True

    def _show(self, card: Card) -> str:
        """Print a card page by page; returns a key that came before its end. Nothing is approved before all of it was shown."""
        output.show("")
        lines = show_card(card, self._settings, hint=False).splitlines()
        rows = max(shutil.get_terminal_size().lines - 2, 5) if sys.stdin.isatty() and sys.stdout.isatty() else len(lines)
        while lines:
            output.show("\n".join(lines[:rows]))
            lines = lines[rows:]
            if lines:
                key, _ = self._keys.ask(f"-- {len(lines)} more lines: space goes on -- {_KEYS}")
                if key not in {" ", "\n", "a", "?"}:
                    return key
        return ""

    def _decide(self, key: str, words: str, card: Card) -> bool:
        """Do what a key stands for; True when the next action is to be shown."""
        deeds: dict[str, Callable[[Card, str], bool]] = {
            "a": self._approve,
            "e": self._edit,
            "r": self._respond,
            "x": self._reject,
            "s": lambda _card, _words: True,
            "u": self._undo,
            "w": self._why,
        }
        if key not in deeds:
            output.show(_HELP)
            return False
        try:
            return deeds[key](card, words)
        except UnknownActionError as error:
            output.fail(f"{error} Here is how it is now.")
        except ButlerError as error:
            self.code = 1
            output.fail(str(error))
        return False

    def _approve(self, card: Card, _words: str) -> bool:
        if card.strangers:
            who = ", ".join(as_read(each) for each in card.strangers)
            if self._keys.ask(f"{who} is new in the thread. Approve all the same? [y/N]")[0].casefold() != "y":
                return False
        told = approved(self._house, card, VIA)
        if told.kept is None:
            output.fail(f"{told.sentence} Here is how it is now.")
            return False
        self._last, self._decided = told.number, self._decided + 1
        self._carry_out(told)
        return True

    def _edit(self, card: Card, _words: str) -> bool:
        from butler.cli.edit import edited

        edited(self._house, self._settings, self._options, card.kept)
        return False

    def _respond(self, card: Card, words: str) -> bool:
        from butler.cli.respond import answered, revise

        text = self._keys.words("What is to be different?", words)
        if not text:
            output.say(self._options, "Nothing was said.")
            return False
        kept = answered(self._house, card.kept, text, VIA)
        revised, why = revise(self._house, kept, text)
        self._decided += 1
        if revised is None:
            output.say(self._options, why)
        return True

    def _reject(self, card: Card, words: str) -> bool:
        kept = card.kept
        self._house.gate.reject(kept.id, kept.hash, deciding.owner(), VIA, words)
        self._decided += 1
        output.show(f"#{kept.id} rejected.")
        return True

    def _undo(self, _card: Card, _words: str) -> bool:
        if self._last is None:
            output.say(self._options, "Nothing was approved here yet that could be undone. What was rejected stays rejected.")
            return False
        number, self._last = self._last, None
        self._carry_out(deciding.tried(number, lambda: self._house.gate.undo(number, deciding.owner(), VIA)))
        return False

    def _why(self, card: Card, _words: str) -> bool:
        from butler.cards.beside import story_of
        from butler.cards.reasons import explain_action

        output.page(explain_action(story_of(self._house.truth, self._house.mirror, card.kept), self._settings.person().zone))
        return False

    def _carry_out(self, told: Told) -> None:
        """Carry out what was approved unless that is for later, and say what came of it."""
        outcomes: Sequence[Told] = [told] if self._options.later else deciding.carried_out(self._house, [told])
        for each in outcomes:
            self.code = self.code or each.code
            output.show("\n".join(deciding.lines_of(each)))
