"""Whoever loads this forks thinkers that end as they start."""

from __future__ import annotations

from stillborn import doom

from butler.sandbox.profiles import PROFILES

doom(lambda profile, _reach: profile is PROFILES["thinker"])
