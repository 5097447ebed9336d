"""`butler ask`: a question over all that is mirrored, its answer as it comes, and the conversations that are kept."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from butler.cli import asked, opening, output
from butler.cli.meant import seeking
from butler.core.errors import EXIT_UNAVAILABLE, BusyError, UsageError
from butler.house import wall_clock

if TYPE_CHECKING:
    from butler.cli.answering import Answering
    from butler.cli.seeking import Seeker
    from butler.core.asking import Read, Reading, Said
    from butler.house import House
    from butler.settings import Settings
    from butler.store.conversations import Asked

_READS = ("butler.thinking.inside", "workflows.ask.known")
"""What a worker needs to answer by code: loaded while the settings are read."""
_NO_ANSWER = "No model answered, and nothing was found by rules alone."
_WAITS = "Another question is answered first. It waits for that."


def run(options: argparse.Namespace) -> int:
    """Answer a question, or list, show or delete conversations."""
    _check(options)
    if options.list or options.show is not None or options.delete is not None:
        from butler.cli import conversations

        return conversations.run(options)
    with opening.forks(options, _READS):
        settings = opening.settings(options)
        with seeking(settings, wanted=not options.no_model) as seeker, opening.house(settings) as house:
            return Talk(options, settings, house, seeker).run()


def _check(options: argparse.Namespace) -> None:
    """Refuse what does not fit together; raises UsageError."""
    wanted = [
        *(["a question"] if options.text else []),
        *(name for name in ("--list", "--show", "--delete") if getattr(options, name[2:]) not in (None, False)),
    ]
    if len(wanted) > 1:
        raise UsageError(f"{' and '.join(wanted[:2])} do not go together.", advice="Ask for one of them.")
    if options.all and options.delete is None:
        raise UsageError("--all goes with --delete alone.", advice="`butler ask --delete --all` deletes all conversations.")
    if options.yes and not options.all:
        raise UsageError("--yes goes with --delete --all alone.", advice="Nothing else asks first.")
    if options.go_on and options.conversation is not None:
        raise UsageError("--continue and --conversation name two conversations.", advice="Give one of them.")


class Talk:
    """Asks what a person wants to know, and prints what comes of it."""

    def __init__(self, options: argparse.Namespace, settings: Settings, house: House, seeker: Seeker | None = None) -> None:
        from butler.cli.answering import Answering
        from butler.store.floor import Floor

        self._options = options
        self._zone: ZoneInfo = settings.person().zone
        self._house = house
        self._kept = house.truth.conversations
        self._conversation = self._wanted()
        tell_of_wait = partial(output.say, options, _WAITS)
        self._answering: Answering = Answering(
            house, Floor(settings.state_dir), tell_of_wait, model=not options.no_model, seeker=seeker
        )

    def run(self) -> int:
        """Answer the question that is given, or each that is typed."""
        if self._options.turn is not None:
            turn = self._kept.turn(self._options.turn)
            if turn is None or turn.state != "asked":
                raise UsageError(
                    "That question does not wait for an answer.", advice="`butler ask --list` lists conversations."
                )
            return self._answer(turn)
        text = self._text()
        if self._options.sync:
            self._sync()
        return self._loop() if text is None else self._ask(text)

    def _text(self) -> str | None:
        """The question that is given; None where questions are to be typed. Raises UsageError where nothing is."""
        if self._options.text == ["-"]:
            from butler.cli.given import text_of

            return text_of("-", "a question")
        if self._options.text:
            return " ".join(self._options.text)
        if self._options.json or not sys.stdin.isatty():
            raise UsageError("There is no question.", advice="`butler ask TEXT` asks one; `butler ask -` reads it.")
        return None

    def _wanted(self) -> int | None:
        """The conversation to go on with; raises UsageError where there is none."""
        if self._options.conversation is not None:
            return self._kept.get(self._options.conversation).id
        if not self._options.go_on:
            return None
        latest = self._kept.recent(1)
        if not latest:
            raise UsageError("There is no conversation to go on with.", advice="`butler ask TEXT` begins one.")
        return latest[0].id

    def _loop(self) -> int:
        """Answer what is typed, until an empty line or the end of it."""
        code = 0
        output.say(self._options, "Ask in your own words; an empty line ends.")
        while True:
            output.ask("? ")
            line = sys.stdin.readline()
            if not line.strip():
                return code
            code = self._ask(line)
            output.show("")

    def _ask(self, text: str) -> int:
        turn = self._kept.ask(text, wall_clock(), self._conversation)
        self._conversation = turn.conversation
        return self._answer(turn)

    def _answer(self, turn: Asked) -> int:
        from butler.cli.answering import needs_model

        states = self._house.states()
        screen = Screen(self._options, self._zone)
        turn, proposed = self._answering.answer(turn, screen.tell)
        if self._options.json:
            output.show_json({**asked.turn_json(turn), "sources": asked.sources_json(states)})
        else:
            screen.end(turn)
            for line in asked.held(proposed):
                output.show(line)
            if old := asked.age(states, wall_clock(), turn.answer):
                output.say(self._options, old)
        if not needs_model(turn, model=not self._options.no_model):
            return 0
        # Why there is no model stands above, with the answer.
        has_said = turn.answer and turn.answer.reason and not self._options.json
        output.fail("Nothing was found by rules alone." if has_said else _NO_ANSWER)
        return EXIT_UNAVAILABLE

    def _sync(self) -> None:
        """Bring the mirror up to date; what hinders that is told, and the question is answered over what is there."""
        try:
            with output.progress(self._options) as progress:
                self._house.sync(progress=progress)
        except BusyError as busy:
            output.say(self._options, f"The mirror is used as it is. {busy}")


class Screen:
    """Prints what goes on as it is told, and in the end what of the answer was not told yet."""

    def __init__(self, options: argparse.Namespace, zone: ZoneInfo) -> None:
        self._options = options
        self._zone = zone
        self._begun: dict[int, str] = {}
        self._said: list[str] = []
        self._is_heard = True

    def tell(self, line: Reading | Read | Said) -> None:
        """Print what is read, and each sentence as it was checked."""
        if self._options.json or not self._is_heard:
            return
        try:
            self._tell(line)
        except BrokenPipeError:
            # The answer is kept all the same; who reads no more is told in the end.
            self._is_heard = False

    def _tell(self, line: Reading | Read | Said) -> None:
        match line.event:
            case "reading":
                self._begun[line.number] = line.what
            case "read":
                output.say(self._options, asked.progress(line, self._begun))
            case "said":
                self._said.append(line.text)
                self._show(asked.sentence(line.text, line.cites, output.width()))

    def end(self, turn: Asked) -> None:
        """Print what the answer has besides: sentences that were not told, how it came about, and what it rests on."""
        sentences = turn.answer.sentences if turn.answer else ()
        told = len(self._said)
        if [each.text for each in sentences[:told]] != self._said:
            # What was told was checked, but in the end another answer came of it.
            output.say(self._options, "In the end the answer is:")
            told = 0
        for each in sentences[told:]:
            self._show(asked.sentence(each.text, each.cites, output.width()))
        for line in asked.below(turn, output.width(), self._zone):
            output.show(line)

    def _show(self, text: str) -> None:
        output.show(text)
        sys.stdout.flush()
