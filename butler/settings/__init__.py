"""The settings: one frozen value, read from command line, environment, files and credentials; all problems at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from butler.settings.load import Loaded, Places, read
    from butler.settings.values import Settings

__all__ = ["PREFIX", "Loaded", "Places", "Settings", "read"]

PREFIX = "BUTLER_"

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a name when it is first asked for: a password alone needs no model of all settings."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from butler.settings import load

        return getattr(load, name)
