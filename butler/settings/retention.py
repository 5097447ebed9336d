"""How long things are kept, and where the nightly backup goes."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from butler.settings.parts import Part, Place

_RECIPIENT = re.compile(r"age1[0-9a-z]{20,}|ssh-(?:ed25519|rsa) \S+.*|")


class RetentionPart(Part):
    """What maintenance keeps and forgets at night."""

    days: int = Field(
        default=90,
        ge=7,
        le=36_500,
        description="days after which questions to the model, its answers and old notes are forgotten",
    )
    conversations: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="days after which conversations of `butler ask` are deleted; 0: they are kept until you delete them",
    )
    backups: int = Field(default=14, ge=0, le=3650, description="days for which nightly backups are kept; 0: none are made")
    folder: Place | None = Field(default=None, description="where nightly backups go; left out: into the state folder")
    age: str = Field(default="", description="public key of age (age1…) that nightly backups are encrypted to; left out: none")

    @field_validator("age")
    @classmethod
    def _check(cls, value: str) -> str:
        if not _RECIPIENT.fullmatch(value):
            raise ValueError("must be a public key such as age1… or ssh-ed25519 …; `age-keygen` makes one")
        return value
