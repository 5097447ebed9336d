"""The version of an exam: a hash of what is asked about, of the steps that ask and of how it is scored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from butler.core.merits import Kind
from butler.core.scoring import FORMULA

_STEPS = ("briefing", "draft_reply", "ask")
"""The workflows whose steps are examined; they are read here, never imported."""


@cache
def exam_version(kind: Kind) -> str:
    """The version of an exam as it would be taken now, in short hex; that of the owner's own is one of the steps alone."""
    digest = hashlib.sha256(f"{kind} {FORMULA}".encode())
    for content in (*_steps(), *(_tables() if kind == "shipped" else ())):
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()[:12]


def _steps() -> Iterator[bytes]:
    """The prompts, and the schemas of their answers as they are written."""
    spec = find_spec("workflows")
    roots = sorted(map(Path, (spec and spec.submodule_search_locations) or ()))
    for workflow in (root / name for root in roots for name in _STEPS):
        for file in (*sorted(workflow.glob("prompts/*.md")), workflow / "steps.py"):
            yield file.read_bytes()


def _tables() -> Iterator[bytes]:
    folder = files("butler.sample.exam")
    for table in sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=lambda each: each.name):
        yield table.read_bytes()
