"""`butler login`: agrees with a log-in server, in a browser or by a code, that the butler may use an account."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from butler.cli import beyond, opening, output
from butler.core.accounts import Account, CalendarAccount, MailAccount
from butler.core.dialing import Dial
from butler.core.errors import StateError, UsageError
from butler.core.sources import kind_of
from butler.oauth.access import AccessToken, kept_of, of_login
from butler.oauth.grant import Grant
from butler.oauth.tokens import Kept, Tokens
from butler.settings import Settings

_PATIENCE = 600.0
"""Seconds in which somebody agrees in a browser."""
_LOCK = 45.0
_SHOW_HOW = "docs/configuration.md shows how to set oauth.provider and client_id."


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One account and its log-in."""

    account: Account
    token: AccessToken


def run(options: argparse.Namespace) -> int:
    """Log in, list log-ins, or forget one."""
    settings = opening.settings(options)
    known = _known(settings)
    if options.list:
        return _list(options, settings, known)
    wanted = _wanted(options.account, known)
    if options.forget:
        return _forget(options, settings, wanted)
    return _log_in(options, settings, wanted)


def _known(settings: Settings) -> dict[str, _Wanted]:
    found = {}
    for account in settings.accounts():
        secret = account.password if isinstance(account, MailAccount | CalendarAccount) else None
        if isinstance(secret, AccessToken):
            found[f"{kind_of(account)}.{account.name}"] = _Wanted(account, secret)
    return found


def _wanted(name: str | None, known: dict[str, _Wanted]) -> _Wanted:
    """The account that is meant: `mail.home`, or `home` where one account is called so."""
    names = ", ".join(known) or "none"
    if name is None:
        raise UsageError("Name the account to log in to.", advice=f"There are: {names}.")
    found = [each for full, each in known.items() if name in {full, full.partition(".")[2]}]
    if not found:
        advice = f"Log-ins by OAuth are set for: {names}. {_SHOW_HOW}"
        raise UsageError(f"No account {name!r} is logged in to by OAuth.", advice=advice)
    if len(found) > 1:
        both = " or ".join(each.token.name for each in found)
        raise UsageError(f"There are {len(found)} accounts {name!r}.", advice=f"Say {both}.")
    return found[0]


def _log_in(options: argparse.Namespace, settings: Settings, wanted: _Wanted) -> int:
    provider = wanted.token.client.provider
    by_code = _is_by_code(options, wanted)
    with _dialler(settings, wanted) as dial:
        grant = _by_code(options, wanted, dial) if by_code else _by_browser(options, wanted, dial)
    tokens = Tokens(settings.state_dir)
    with tokens.held(wanted.token.name, _LOCK):
        kept = kept_of(grant, wanted.token.client)
        tokens.keep(wanted.token.name, kept)
    _tell_others(settings, wanted.token.name)
    if options.json:
        output.show_json(_document(wanted.token.name, provider.name, kept))
    else:
        output.say(options, f"{wanted.token.name} is logged in to, by {provider.name}.")
    if not grant.refresh:
        output.fail(f"{provider.name} gave nothing to renew it with: it ends {_at(settings, kept.ends)}. Check the scopes.")
    return 0


def _is_by_code(options: argparse.Namespace, wanted: _Wanted) -> bool:
    provider = wanted.token.client.provider
    if options.device and not provider.device:
        raise UsageError(f"{provider.name} gives no codes to type for this.", advice="Leave --device out.")
    if options.browser and not provider.authorize:
        raise UsageError("No page to agree on is set.", advice="Set oauth.authorize_url, or leave --browser out.")
    return bool(options.device or (provider.device and not options.browser))


@contextmanager
def _dialler(settings: Settings, wanted: _Wanted) -> Iterator[Dial]:
    """Connections to the log-in server alone, each written down."""
    from butler.dialing import Dialer, StateLedger
    from butler.store.state import state_folder

    state = state_folder(settings.state_dir)
    with ExitStack() as opened:
        ledger = opened.enter_context(closing(StateLedger(state / "butler.db", lambda: datetime.now(UTC))))
        yield opened.enter_context(closing(Dialer(of_login(wanted.account), ledger)))


def _by_code(options: argparse.Namespace, wanted: _Wanted, dial: Dial) -> Grant:
    from butler.oauth import device

    code = device.begin(wanted.token.client, dial)
    output.tell(f"Open {code.page} in a browser, on any device, and enter the code {code.user}")
    until = (datetime.now().astimezone() + timedelta(seconds=code.seconds)).strftime("%H:%M")
    output.say(options, f"This waits until {until}; Ctrl-C gives up.")
    with _waiting(options):
        return device.wait(wanted.token.client, code, dial)


def _by_browser(options: argparse.Namespace, wanted: _Wanted, dial: Dial) -> Grant:
    from butler.oauth import loopback

    client = wanted.token.client
    with loopback.Answered(client, options.port or 0) as answered:
        output.tell(f"Agree in a browser of this machine: {answered.question.url}")
        if options.no_open or not _opened(answered.question.url):
            port = answered.port
            output.say(options, f"From another machine: `ssh -L {port}:127.0.0.1:{port} …` first, then open it there.")
        output.say(options, f"This waits {_PATIENCE / 60:.0f} minutes; Ctrl-C gives up.")
        with _waiting(options):
            query = answered.wait(_PATIENCE)
    return loopback.grant(client, answered.question, query, dial)


def _opened(url: str) -> bool:
    """Open the owner's browser, which needs the owner's environment."""
    import webbrowser

    from butler.environment import as_the_owner

    with as_the_owner():
        return webbrowser.open(url)


@contextmanager
def _waiting(options: argparse.Namespace) -> Iterator[None]:
    """Show, on a terminal only, that something is waited for."""
    if options.quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("waiting for you to agree"):
        yield


def _tell_others(settings: Settings, name: str) -> None:
    """What was refused before may be taken now: nothing waits any more, and the daemon looks anew."""
    from butler.watch.patient import Refused

    with suppress(StateError):
        Refused(settings.state_dir).keep(name, None)
    with suppress(StateError, OSError):
        found = beyond.ask(settings.state_dir, ask="status")
        if found and isinstance(found.get("pid"), int):
            os.kill(found["pid"], signal.SIGHUP)


def _forget(options: argparse.Namespace, settings: Settings, wanted: _Wanted) -> int:
    tokens, name = Tokens(settings.state_dir), wanted.token.name
    with tokens.held(name, _LOCK):
        was_there = tokens.forget(name)
    if options.json:
        output.show_json({"account": name, "forgotten": was_there})
    elif was_there:
        advice = "To take it back there, too, remove the butler from the apps in your account."
        output.say(options, f"The log-in of {name} is forgotten here. {advice}")
    else:
        output.say(options, f"There is no log-in of {name}.")
    return 0


def _list(options: argparse.Namespace, settings: Settings, known: dict[str, _Wanted]) -> int:
    tokens = Tokens(settings.state_dir)
    found = [(name, each, tokens.read(name)) for name, each in known.items()]
    if options.json:
        output.show_json({"logins": [_document(name, each.token.client.provider.name, kept) for name, each, kept in found]})
        return 0
    output.show("\n".join(_lines(settings, found)) or f"No account is logged in to by OAuth. {_SHOW_HOW}")
    return 0


def _lines(settings: Settings, found: Sequence[tuple[str, _Wanted, Kept | None]]) -> Iterator[str]:
    for name, each, kept in found:
        yield f"{name}: {each.token.client.provider.name}, {_how(settings, each, kept)}"


def _how(settings: Settings, wanted: _Wanted, kept: Kept | None) -> str:
    if kept is None or kept.client != wanted.token.client.id:
        return f"not logged in to; `butler login {wanted.token.name}` does it"
    if kept.refused:
        return f"refused; `butler login {wanted.token.name}` logs in again"
    lasts = "" if kept.refresh else f", until {_at(settings, kept.ends)}"
    return f"logged in to{lasts}"


def _document(name: str, provider: str, kept: Kept | None) -> dict[str, Any]:
    state = "none" if kept is None else "refused" if kept.refused else "ok"
    ends = datetime.fromtimestamp(kept.ends, UTC).isoformat() if kept else None
    return {
        "account": name,
        "provider": provider,
        "state": state,
        "expires": ends,
        "renews": bool(kept and kept.refresh and not kept.refused),
    }


def _at(settings: Settings, moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, settings.person().zone):%a %H:%M}"
