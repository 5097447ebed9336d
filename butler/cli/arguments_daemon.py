"""The commands about the daemon and its runs, and their options."""

from __future__ import annotations

import argparse
from pathlib import Path

from butler.cli.options import Command, as_json, day, limit


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """Add no option."""


def _cancel(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "wanted", metavar="RUN", help="the id of a run, the beginning of that, or a number or name of `butler status`"
    )
    as_json(parser)


def _stop(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--because", metavar="TEXT", default="", help="why, for the record and for whoever looks")
    as_json(parser)


def _runs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("show", metavar="show", nargs="?", choices=["show"], help="show one run with all that it did")
    parser.add_argument("wanted", metavar="ID", nargs="?", help="the id of a run, or the beginning of that")
    parser.add_argument("--cost", action="store_true", help="show what the model cost: tokens, seconds, watt-hours, prices")
    since = "with --cost: a day (monday, yesterday, 2026-11-20) or a span (12h, 7d; default 30d)"
    parser.add_argument("--since", metavar="WHEN", help=since)
    parser.add_argument("--by", choices=["day", "workflow", "model", "step"], help="with --cost: sum up by this (default day)")
    limit(parser)
    as_json(parser)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", choices=["training"], help="training: your approved drafts, to tune a model on")
    out = "write into this folder (default butler-training, here)"
    parser.add_argument("--out", metavar="FOLDER", type=Path, default=Path("butler-training"), help=out)
    parser.add_argument("--since", metavar="WHEN", help="only what was approved since a day or in a span, such as 90d")
    parser.add_argument("--yes", action="store_true", help="agree without being asked")
    parser.add_argument("--force", action="store_true", help="write over files that are there")
    as_json(parser)


def _backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="where to write the backup, such as butler.tar.gz")
    parser.add_argument("--settings", action="store_true", help="put the files of settings and rules into it, too")
    sealing = parser.add_mutually_exclusive_group()
    sealing.add_argument("--age", metavar="KEY", help="encrypt it to a public key of age")
    sealing.add_argument("--passphrase", action="store_true", help="encrypt it with a passphrase that age asks for")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    as_json(parser)


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the backup")
    parser.add_argument("--identity", metavar="FILE", type=Path, help="the private key of age for an encrypted backup")
    parser.add_argument("--force", action="store_true", help="put a state aside that knows what the backup does not")
    as_json(parser)


def _install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--user", action="store_true", help="as a service of yours instead of the machine's")
    parser.add_argument("--print", action="store_true", help="print what would be written instead")


def _web(parser: argparse.ArgumentParser) -> None:
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "--open", action="store_true", help="open it in a browser; others on this machine may see it while that starts"
    )
    wanted.add_argument(
        "--passphrase", action="store_true", help="ask for a passphrase that lets in, too, or read it from standard input"
    )
    wanted.add_argument("--no-passphrase", action="store_true", help="take the passphrase away")
    wanted.add_argument("--sessions", action="store_true", help="list who is logged in")
    wanted.add_argument("--log-out", action="store_true", help="log everybody out, and make links void")
    as_json(parser)


def _workflow(parser: argparse.ArgumentParser) -> None:
    deeds = ("list", "check", "try", "show", "new")
    parser.add_argument("deed", metavar="DEED", choices=deeds, nargs="?", default="list", help=f"one of {', '.join(deeds)}")
    parser.add_argument("names", metavar="NAME", nargs="*", help="a workflow, or for check, try and show a file")
    day(parser)
    parser.add_argument("--no-model", action="store_true", help="try it without asking a model")
    as_json(parser)


def _login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("account", metavar="ACCOUNT", nargs="?", help="the account, such as home, or mail.home")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--device", action="store_true", help="by a code that is typed on any device, where that can be had")
    wanted.add_argument("--browser", action="store_true", help="by a browser of this machine")
    wanted.add_argument("--list", action="store_true", help="list the accounts that are logged in to this way")
    wanted.add_argument("--forget", action="store_true", help="forget the log-in of the account")
    parser.add_argument("--no-open", action="store_true", help="print the address instead of opening a browser")
    parser.add_argument("--port", type=_port, metavar="N", help="port that the browser comes back to (default a free one)")
    as_json(parser)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65_536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, a number from 1 to 65535")
    return int(text)


DAEMON_COMMANDS: tuple[Command, ...] = (
    Command(
        "run",
        "be the daemon: keep the schedule, watch, carry out what is approved, until a signal comes",
        ("butler run", "butler --config ~/butler.toml run"),
        _nothing,
    ),
    Command(
        "status",
        "tell what the daemon does, what waits and why, and what is kept for the night",
        ("butler status", "butler status --json | jq .sentence"),
        as_json,
    ),
    Command(
        "cancel",
        "give up a run, or what waits for its turn or for the night",
        ("butler cancel 7", "butler cancel 3f2a91c0", "butler cancel night-2"),
        _cancel,
    ),
    Command(
        "stop",
        "hold all effects at once: nothing that was approved is carried out any more",
        ("butler stop", "butler stop --because 'on the road with a bad line'"),
        _stop,
    ),
    Command("resume", "let effects go on after `butler stop`", ("butler resume",), as_json),
    Command(
        "runs",
        "list the latest runs of workflows, or show one with every step, question to the model and token",
        ("butler runs", "butler runs --limit 5 --json", "butler runs show 3f2a91c0", "butler runs --cost --since 7d --by step"),
        _runs,
    ),
    Command(
        "schedule",
        "show each job with its next time, its last one and what came of that, and what is kept for the night",
        ("butler schedule", "butler schedule --json | jq '.jobs[] | {name, next}'"),
        as_json,
    ),
    Command(
        "workflow",
        "list all workflows; check, try, show or begin those of your own, which are Markdown files",
        (
            "butler workflow list",
            "butler workflow check",
            "butler workflow try money --date 2026-12-01",
            "butler workflow show money",
            "butler workflow new reading-list",
        ),
        _workflow,
    ),
    Command(
        "web",
        "print a link that lets one browser into the page, within five minutes",
        ("butler web", "butler web --open", "butler web --passphrase", "butler web --sessions", "butler web --log-out"),
        _web,
    ),
    Command(
        "login",
        "log in to an account by OAuth, such as one of Google or Microsoft, in a browser or by a code",
        ("butler login home", "butler login home --device", "butler login home --no-open --port 8765", "butler login --list"),
        _login,
    ),
    Command(
        "backup",
        "write the state into one file, also while the daemon runs",
        ("butler backup butler.tar.gz", "butler backup --age age1… butler.tar.gz.age"),
        _backup,
    ),
    Command(
        "export",
        "write drafts that you approved, masked, as chats to tune a model of your own on; asks first",
        ("butler export training", "butler export training --out ~/tuning --since 90d --yes --json"),
        _export,
    ),
    Command(
        "restore",
        "put the state of a backup in the place of the one that is there, which is put aside",
        ("butler restore butler.tar.gz", "butler restore --identity key.txt butler.tar.gz.age"),
        _restore,
    ),
    Command(
        "install-service",
        "put the butler in place as a service of systemd, held to the hosts and passwords of the settings",
        ("butler install-service --user", "sudo butler install-service", "butler install-service --print"),
        _install,
    ),
)
