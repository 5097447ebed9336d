"""The commands of the gate and their options."""

from __future__ import annotations

import argparse

from butler.cli.options import Command, as_json, limit, unasked

STATUSES = ("held", "approved", "executing", "done", "failed", "uncertain", "rejected", "superseded", "expired", "undone")


def _filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kind", metavar="K", help="only actions of this kind, or of kinds like mail.*")
    parser.add_argument("--account", metavar="A", help="only actions of this account, calendar source or folder of notes")


def _actions(parser: argparse.ArgumentParser) -> None:
    _filters(parser)
    parser.add_argument(
        "--status", metavar="S", choices=STATUSES, action="append", help="only these (default held); may be repeated"
    )
    parser.add_argument("--all", action="store_true", help="in every status")
    parser.add_argument("--each", action="store_true", help="each in a line of its own, also what came in a flood")
    parser.add_argument("--after", type=int, metavar="ID", help="go on below this one")
    limit(parser)
    as_json(parser)


def _ids(parser: argparse.ArgumentParser, count: str) -> None:
    parser.add_argument("ids", metavar="ID", nargs=count, help="the number of an action; ID@HASH binds it to what was shown")


def _approve(parser: argparse.ArgumentParser) -> None:
    _ids(parser, "*")
    _filters(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--later", action="store_true", help="only decide; `butler execute` or the daemon carries it out")
    as_json(parser)


def _reject(parser: argparse.ArgumentParser) -> None:
    _ids(parser, "+")
    parser.add_argument("--alike", action="store_true", help="also all that came in a flood with these")
    parser.add_argument("--because", metavar="TEXT", default="", help="why, for the record")
    as_json(parser)


def _edit(parser: argparse.ArgumentParser) -> None:
    _one(parser)
    parser.add_argument(
        "--from", dest="given", metavar="FILE", help="take the edited action from a file, or from standard input with -"
    )
    parser.add_argument("--check", action="store_true", help="with --from: only say what it would become or what is wrong")
    as_json(parser)


def _one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="the number of an action; ID@HASH binds it to what was shown")


def _respond(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="the number of an action; ID@HASH binds it to what was shown")
    parser.add_argument("text", metavar="TEXT", nargs="*", help="what is to be different, in your words")
    parser.add_argument("--waiting", action="store_true", help="revise all that was asked for before and still waits")
    parser.add_argument("--no-model", action="store_true", help="do not ask the model now")
    as_json(parser)


def _undo(parser: argparse.ArgumentParser) -> None:
    _one(parser)
    parser.add_argument("--later", action="store_true", help="only decide; `butler execute` or the daemon carries it out")
    as_json(parser)


def _review(parser: argparse.ArgumentParser) -> None:
    _filters(parser)
    parser.add_argument("--later", action="store_true", help="only decide; `butler execute` or the daemon carries it out")


def _propose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a file with the payload as JSON, or - for standard input")
    parser.add_argument("--because", metavar="TEXT", default="", help="why, for its card")
    parser.add_argument("--key", metavar="KEY", default="", help="propose it once: the same key is never proposed again")
    as_json(parser)


def _send(parser: argparse.ArgumentParser) -> None:
    _one(parser)
    as_json(parser)


def _journal(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--verify", action="store_true", help="look for lines that were changed, removed, added or moved")
    limit(parser)
    as_json(parser)


def _do(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("workflow", metavar="WORKFLOW", help="one of these, or one of your own")
    parser.add_argument("--about", metavar="REF", default="", help="the one thing it is about, such as an event or a document")
    parser.add_argument("--no-sync", action="store_true", help="use the mirror as it is")
    parser.add_argument("--no-model", action="store_true", help="without the model: skeletons and plain facts")
    parser.add_argument("--tonight", action="store_true", help="keep it for the night (daemon.backlog_hours) instead")
    unasked(parser)
    as_json(parser)


def _memory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="*", help="what is to be remembered, in a sentence; left out: list")
    as_json(parser)


COMMANDS: tuple[Command, ...] = (
    Command(
        "do",
        "run a workflow now: draft_reply, invitation, commitments, triage, followup, documents, lookahead, weekly, meeting, "
        "maintenance, meaning",
        (
            "butler do draft_reply",
            "butler do invitation --no-model",
            "butler do weekly --tonight",
            "butler do commitments --json",
        ),
        _do,
    ),
    Command(
        "actions",
        "list what waits for you, newest first",
        ("butler actions", "butler actions --kind 'mail.*' --account home", "butler actions --all --limit 50 --json"),
        _actions,
    ),
    Command(
        "review",
        "go through what waits, one after the other, with single keys",
        ("butler review", "butler review --kind mail.draft", "printf 'a\\nq\\n' | butler review"),
        _review,
    ),
    Command(
        "approve",
        "approve actions and carry them out",
        (
            "butler approve 41",
            "butler approve 41@3f9a1c2b7d04 42@77ab01c9e2f0",
            "butler approve --kind mail.keyword --account home",
        ),
        _approve,
    ),
    Command(
        "edit",
        "change what an action would do, in your editor; it stays held",
        ("butler edit 41", "VISUAL='code --wait' butler edit 41", "butler edit 41@3f9a1c2b7d04 --from letter.txt --json"),
        _edit,
    ),
    Command(
        "respond",
        "ask for another version of an action in your own words",
        ('butler respond 41 "shorter, and offer Thursday"', "butler respond --waiting"),
        _respond,
    ),
    Command(
        "reject",
        "say no to actions",
        ("butler reject 41 42", 'butler reject 41 --because "I called her"'),
        _reject,
    ),
    Command("undo", "take back what an action did, where nothing changed since", ("butler undo 41",), _undo),
    Command(
        "send",
        "turn a held draft into a mail that is held to be sent",
        ("butler send 41", "butler send 41@3f9a1c2b7d04 --json"),
        _send,
    ),
    Command(
        "memory",
        "list what the butler remembers, or tell it something to remember",
        ("butler memory", 'butler memory "I take no meetings before ten."', "butler memory --json | jq .remembered"),
        _memory,
    ),
    Command(
        "propose",
        "put an action of your own before the gate",
        ("butler propose move.json", 'butler propose - --because "filed by my script" < payload.json'),
        _propose,
    ),
    Command("execute", "carry out what is approved and waits", ("butler execute", "butler execute --json"), as_json),
    Command(
        "journal",
        "print what happened, newest last, or verify that the record is whole",
        ("butler journal --limit 50", "butler journal --verify"),
        _journal,
    ),
)
