"""What must fit together, pure: each check returns sentences that say what to do."""

from __future__ import annotations

import difflib
import ipaddress
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

_HOST = re.compile(r"[\w.-]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")
"""A name or an IPv4 address, or an IPv6 address: no scheme, no port."""


def known_zone(value: Any) -> Any:
    """Refuse a time zone that does not exist, with one of nearly the same name."""
    if not isinstance(value, str) or not value:
        return value
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError):
        zones = {zone.lower(): zone for zone in available_timezones()}
        near = difflib.get_close_matches(value.lower(), zones, 1, 0.6)
        hint = f"Did you mean {zones[near[0]]}?" if near else "Use a name such as Europe/Berlin."
        raise ValueError(f"There is no time zone {value!r}. {hint}") from None
    return value


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def mail_problems(host: str, path: Path | None, user: str, tls: str, *, has_password: bool) -> list[str]:
    """Find what does not fit together in a mail account."""
    if not host and path is None:
        return ["It has no place. Set host for an IMAP server, or path for a Maildir."]
    if host and path is not None:
        return ["It has both host and path. Keep one: host for an IMAP server, path for a Maildir."]
    if path is not None:
        return []
    problems = []
    if not _HOST.fullmatch(host):
        problems.append(f"host {host!r} is not the name of a server. Write it like imap.example.org, and set port by itself.")
    if not user:
        problems.append("It has no user. Set user to your name on the server.")
    if not has_password:
        problems.append("It has no password. Set password_file, password_command or password, or oauth.provider.")
    if tls == "none" and not is_loopback(host):
        problems.append("tls = none would send your password in the clear. Set tls to implicit or starttls.")
    return problems


def smtp_problems(host: str, tls: str) -> list[str]:
    """Find what does not fit together in where mails are sent."""
    problems = []
    if host and not _HOST.fullmatch(host):
        problems.append(f"host {host!r} is not the name of a server. Write it like smtp.example.org, and set port by itself.")
    if tls == "none" and host and not is_loopback(host):
        problems.append("tls = none would send your password in the clear. Set tls to implicit or starttls.")
    return problems


def trust_problems(ca_file: Path | None, pins: tuple[str, ...]) -> list[str]:
    """Find what does not fit together in what a server's certificate is held against."""
    if ca_file is not None and pins:
        return ["It has both pin and ca_file. Keep one: a pinned certificate is compared itself, and no authority is asked."]
    return []


def login_problems(*, has_password: bool, has_oauth: bool) -> list[str]:
    """Find what does not fit together in how an account is logged in to."""
    if has_password and has_oauth:
        return ["It has both a password and oauth.provider. Keep one."]
    return []


def dav_problems(url: str, path: Path | None, user: str, protocol: str, folder: str, *, has_password: bool) -> list[str]:
    """Find what does not fit together in an account of calendars or address books."""
    if not url and path is None:
        return [f"It has no place. Set url for a {protocol} server, or path for {folder}."]
    if url and path is not None:
        return [f"It has both url and path. Keep one: url for a {protocol} server, path for {folder}."]
    if path is not None:
        return []
    problems = url_problems(url)
    if not problems and urlsplit(url).scheme == "http" and not is_loopback(urlsplit(url).hostname or ""):
        problems.append("Plain http would send your password in the clear. Use https.")
    if has_password and not user:
        problems.append("It has a password but no user. Set user to your name on the server.")
    return problems


def model_problems(url: str) -> list[str]:
    """Find what is wrong with the model server's address."""
    return url_problems(url)


def plain_url(url: str) -> str:
    """One way to write the address of a model's server, since what is pinned is known by it."""
    parts = urlsplit(url.strip())
    port = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts._replace(netloc=parts.netloc.lower().removesuffix(port)).geturl().rstrip("/")


def url_problems(url: str) -> list[str]:
    """Find what is wrong with the address of a server; a password in it is not repeated."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ["url is not an address. Write it like https://cloud.example.org/dav/."]
    if parts.username or parts.password:
        return ["url holds a user or password. Set them by themselves."]
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ["url is not an address. Write it like https://cloud.example.org/dav/."]
    return []
