"""Makes all connections there are: only to hosts that the settings name, and none that is not written down before."""

from __future__ import annotations

from butler.core.connections import Connection, Ledger
from butler.core.endpoints import Endpoint
from butler.dialing.dialer import Dialer
from butler.dialing.ledger import StateLedger

__all__ = ["Connection", "Dialer", "Endpoint", "Ledger", "StateLedger"]
