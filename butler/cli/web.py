"""`butler web`: a link that lets a browser into the page once; the passphrase; who is logged in."""

from __future__ import annotations

import argparse
import getpass
import socket
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from butler.cli import beyond, opening, output
from butler.core.access import LINK_LASTS, Session
from butler.core.errors import StateError, UsageError, extra
from butler.environment import account, as_the_owner
from butler.settings import Settings

_PATIENCE = 3.0


def run(options: argparse.Namespace) -> int:
    """Print a link, or do what else is asked for."""
    settings = opening.settings(options)
    if options.passphrase or options.no_passphrase:
        _change_passphrase(options, settings)
    elif options.sessions:
        _list(options, settings)
    elif options.log_out:
        _log_out(options, settings)
    else:
        _link(options, settings)
    return 0


def _link(options: argparse.Namespace, settings: Settings) -> None:
    address = _served(settings)
    now = _now(settings)
    with opening.truth(settings) as truth:
        link = f"{address}/login?key={truth.access.new_link(now)}"
    until = now + LINK_LASTS
    if options.json:
        output.show_json({"url": link, "expires": until.isoformat()})
    else:
        output.show(link)
        output.say(options, f"It lets one browser in, until {until:%H:%M}.")
    if settings.web.is_open:
        output.fail("Nothing says that a proxy speaks TLS before the page: whoever is on the way can read what you do there.")
    if options.open:
        _open(link)


def _served(settings: Settings) -> str:
    """The address of the page that is served; raises UsageError and StateError, which say how to have it served."""
    web = settings.web
    if not web.is_on:
        advice = "Set web.port, such as `port = 8642` below `[web]` in butler.toml, and have `butler run` read it."
        raise UsageError("The page is off.", advice=advice)
    if not web.address:
        raise UsageError("It is not known how you reach the page.", advice="Set web.url to the address that your proxy serves.")
    if beyond.ask(settings.state_dir, ask="status") is None:
        raise StateError(
            "No daemon runs, so nobody serves the page.",
            advice="`butler run` starts one, and `butler install-service` a service.",
        )
    if not _answers(settings):
        advice = "Let it read them: `systemctl reload butler`, or send it SIGHUP."
        raise StateError("The daemon does not serve the page yet: it runs with other settings.", advice=advice)
    return web.address


def _answers(settings: Settings) -> bool:
    web = settings.web
    try:
        if web.port is None:
            with socket.socket(socket.AF_UNIX) as there:
                there.settimeout(_PATIENCE)
                there.connect(str(web.socket))
        else:
            name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(web.listen, web.listen)  # noqa: S104 - asked, not served
            socket.create_connection((name, web.port), _PATIENCE).close()
    except OSError:
        return False
    return True


def _open(link: str) -> None:
    import webbrowser

    with as_the_owner():
        is_open = webbrowser.open(link)
    if not is_open:
        raise StateError("No browser could be started.", advice="Open the link yourself.")


def _change_passphrase(options: argparse.Namespace, settings: Settings) -> None:
    hashed = _hashed(_asked()) if options.passphrase else ""
    with opening.truth(settings) as truth:
        ended = truth.access.set_passphrase(hashed, account(), _now(settings))
    if options.json:
        output.show_json({"passphrase": bool(hashed), "ended": ended})
        return
    done = "The passphrase is set." if hashed else "There is no passphrase any more."
    gone = f" {_count(ended)} that came in by the old one ended." if ended else ""
    output.say(options, f"{done}{gone}")


def _hashed(passphrase: str) -> str:
    try:
        from butler.web.passphrase import hash_of
    except ModuleNotFoundError as error:
        raise StateError(f"The page needs {error.name}, which is not installed.", advice=extra("web")) from error
    return hash_of(passphrase)


def _asked() -> str:
    """The new passphrase: asked for twice at a terminal, else a line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("New passphrase: ")
    if getpass.getpass("Once more: ") != first:
        raise UsageError("These were not the same.", advice="Try again.")
    return first


def _list(options: argparse.Namespace, settings: Settings) -> None:
    now = _now(settings)
    with opening.truth(settings) as truth:
        sessions, has_passphrase = truth.access.sessions(settings.web.entrance(), now), truth.access.has_passphrase
    if options.json:
        output.show_json({"sessions": [_document(each) for each in sessions], "passphrase": has_passphrase})
    else:
        output.show("\n".join(_lines(sessions, now)) or "Nobody is logged in.")


def _lines(sessions: Sequence[Session], now: datetime) -> list[str]:
    zone = now.tzinfo
    return [
        f"{each.id:>4}  {each.browser}, by {each.way}, since {each.began.astimezone(zone):%Y-%m-%d %H:%M}, "
        f"last seen {each.seen.astimezone(zone):%Y-%m-%d %H:%M}"
        for each in sessions
    ]


def _document(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "began": session.began.isoformat(),
        "seen": session.seen.isoformat(),
        "way": session.way,
        "browser": session.browser,
    }


def _log_out(options: argparse.Namespace, settings: Settings) -> None:
    with opening.truth(settings) as truth:
        ended = truth.access.end_all(f"All were logged out by {account()}, with butler web.", _now(settings))
    if options.json:
        output.show_json({"ended": ended})
    else:
        output.say(options, f"{_count(ended)} ended. Links that were not used are void.")


def _count(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"


def _now(settings: Settings) -> datetime:
    from butler.house import wall_clock

    return wall_clock().astimezone(settings.person().zone)
