"""Whoever loads this finds a kernel that cannot confine processes as it should."""

from __future__ import annotations

from butler.sandbox import jail

jail.Support.suffices = property(lambda _self: False)  # type: ignore[method-assign, assignment]
