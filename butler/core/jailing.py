"""How strictly workers are confined: an owner may do without what their kernel lacks, and is told so wherever they look."""

from __future__ import annotations

from typing import Literal

Jailing = Literal["enforced", "degraded"]

DEGRADED = "The jail is degraded by the settings: workers run even where the kernel confines them less than it should."
