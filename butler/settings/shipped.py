"""The workflows that ship as files, and when one runs once the settings switch it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from butler.core.defining import Known, read_definition

ENDING = ".md"


def shipped_paths() -> list[Path]:
    """The files, by name."""
    place = Path(str(resources.files("workflows") / "shipped"))
    return sorted(place.glob(f"*{ENDING}")) if place.is_dir() else []


def shipped_trigger(name: str) -> Mapping[str, str] | None:
    """The trigger of one of them, as it is written there; None where there is none of that name."""
    path = next((path for path in shipped_paths() if path.stem == name), None)
    if path is None:
        return None
    definition = read_definition(path.read_text(encoding="utf-8"), name, Known(_Anything()), is_shipped=True).definition
    return definition.trigger if definition else None


class _Anything(Mapping[str, None]):
    """Reckoners of every name, for who only wants to know when something runs."""

    def __getitem__(self, name: str) -> None:
        return None

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1
