"""Whether a request was made for this page and by this page, as far as its headers tell. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from butler.core.access import LOOPBACK, Entrance, split_host

_PORTS = {"http": "80", "https": "443"}


def is_ours(host: str, entrance: Entrance) -> bool:
    """Whether the name in a Host header is one of ours: any other was made to point here by somebody else's page."""
    return split_host(host)[0] in LOOPBACK | entrance.hosts


def is_local(host: str, client: str) -> bool:
    """Whether a program of this machine asks, and under a name of this machine: what a proxy passes on has its own name."""
    return split_host(host)[0] in LOOPBACK and (not client or _is_loopback(client))


def address_of(client: str, forwarded: str) -> str:
    """Whence a request came. What comes by the socket comes from a proxy, whose last word on that is believed."""
    if client:
        return client
    last = forwarded.rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return "socket"


def is_secure(host: str, entrance: Entrance) -> bool:
    """Whether what comes under this name came over TLS, up to the proxy before us at least."""
    return urlsplit(entrance.url).scheme == "https" and split_host(host)[0] not in LOOPBACK


def is_from_here(headers: Mapping[str, str], entrance: Entrance) -> bool:
    """Whether a browser says that our own page has sent this; one that says nothing at all is not believed."""
    host = headers.get("host", "")
    origin = headers.get("origin") or headers.get("referer")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    if origin is None:
        return "sec-fetch-site" in headers
    return _is_origin(origin, host, entrance)


def _is_origin(origin: str, host: str, entrance: Entrance) -> bool:
    """Whether an address is of the scheme, name and port that was asked: another port may be another user's program."""
    try:
        found = urlsplit(origin)
    except ValueError:
        return False
    if found.scheme not in _PORTS or (is_secure(host, entrance) and found.scheme != "https"):
        return False
    theirs, ours = split_host(found.netloc), split_host(host)
    default = _PORTS[found.scheme]
    return bool(theirs[0]) and (theirs[0], theirs[1] or default) == (ours[0], ours[1] or default)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
