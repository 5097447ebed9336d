"""What every group of settings is made of: lists, passwords, paths and seconds as a person writes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from butler.settings.secrets import Password, password_of

_SHA256 = re.compile(r"[0-9a-f]{64}")


def _words(value: Any) -> Any:
    """Take a comma-separated text, or a JSON list, for a list."""
    if not isinstance(value, str):
        return value
    if value.startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError('must be words parted by commas, or a JSON list such as ["INBOX", "Work, old"]') from None
    return [word for part in value.split(",") if (word := part.strip())]


def _password(value: Any) -> Password:
    password = value if isinstance(value, Password) else password_of("password", value)
    if problem := password.problem():
        raise ValueError(problem)
    return password


def _pins(words: tuple[str, ...]) -> tuple[str, ...]:
    digests = tuple(word.replace(":", "").lower() for word in words)
    wrong = [word for word, digest in zip(words, digests, strict=True) if not _SHA256.fullmatch(digest)]
    if wrong:
        raise ValueError(
            f"must be the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons, not {wrong[0][:100]!r}"
        )
    return digests


def _at_home(value: Any) -> Any:
    return Path(value).expanduser() if isinstance(value, str | Path) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Pins = Annotated[Words, AfterValidator(_pins)]
Secret = Annotated[Password, BeforeValidator(_password)]
Place = Annotated[Path, BeforeValidator(_at_home)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Amount = Annotated[float | None, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class Part(BaseModel):
    """A group of settings."""

    # Built once, as parts of the whole, and not each by itself as well; so their defaults are constructed, not checked.
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True, defer_build=True
    )


def refuse(problems: list[str]) -> None:
    """Raise ValueError with all problems, if there are any."""
    if problems:
        raise ValueError("\n".join(problems))
