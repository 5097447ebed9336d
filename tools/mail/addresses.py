"""Addresses and Message-IDs that may be written into a header: strict, so that none can be more than it seems (pure)."""

from __future__ import annotations

import re

from butler.core.text import one_line

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ID = re.compile(r"[!-;=?-~]{1,500}")
_OWN_ID = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9.-]{{1,253}}")


def fault_of(address: str) -> str | None:
    """Say what keeps an address from being written into a header, None where nothing does."""
    local, at, domain = address.rpartition("@")
    shown = one_line(address, 80)
    if not at or not local or not domain:
        return f"“{shown}” is no mail address."
    if not local.isascii():
        return f"The address “{shown}” has letters before its @ that not every mail server takes."
    if not _LOCAL.fullmatch(local) or len(local) > 64 or "=?" in local:
        return f"The part before the @ of “{shown}” is not written as an address is."
    if not _wire_domain(domain):
        return f"“{shown}” names no mail domain."
    return None


def wire_address(address: str) -> str:
    """Write an address for the wire, its domain in ASCII; only for one without a fault."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_wire_domain(domain)}"


def is_usable_id(message_id: str) -> bool:
    """Whether a Message-ID from the world, without angle brackets, can be repeated in a header as it stands."""
    return bool(_ID.fullmatch(message_id)) and "=?" not in message_id


def is_own_id(message_id: str) -> bool:
    """Whether a Message-ID is written as a new mail's has to be."""
    return len(message_id) <= 250 and bool(_OWN_ID.fullmatch(message_id)) and is_usable_id(message_id)


def _wire_domain(domain: str) -> str:
    """The domain in ASCII; empty where it is none, or where its ASCII form means another one than is shown."""
    try:
        wire = domain if domain.isascii() else domain.encode("idna").decode("ascii")
        if not domain.isascii() and wire.encode("ascii").decode("idna") != domain.lower():
            return ""
    except UnicodeError:
        return ""
    labels = wire.split(".")
    if len(wire) > 253 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return ""
    return wire
