"""What documents take from the code: `make docs` writes it anew, tests hold the documents to it."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from butler.cli import main
from butler.settings.example import env_example, settings_table

ROOT = Path(__file__).resolve().parents[2]
DAY = "2026-11-24"
_REFERENCES_SHOWN = 3


def demo_output() -> str:
    """What the demo prints for the documents' day, its long list of references cut short."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as printed:
        if main(["demo", "--quiet", "--date", DAY, "--folder", f"{folder}/demo"]):
            raise RuntimeError("the demo failed")
    return "\n".join(_cut(printed.getvalue().splitlines()))


def _cut(lines: list[str]) -> Iterator[str]:
    for line in lines:
        number = re.match(r"\s+\[(\d+)\] \w+:", line)
        if number is None or int(number[1]) <= _REFERENCES_SHOWN:
            yield line
        elif int(number[1]) == _REFERENCES_SHOWN + 1:
            yield "  …"


def blocks() -> dict[tuple[str, str], str]:
    """The text that belongs between the marks of each document: (file, name of the mark)."""
    return {
        ("README.md", "demo"): f"```text\n{demo_output()}\n```",
        ("docs/configuration.md", "settings"): settings_table().rstrip("\n"),
    }


def between(document: str, name: str) -> str:
    """What stands between the marks of a document."""
    _, _, rest = document.partition(f"<!-- {name}: begin -->\n")
    found, mark, _ = rest.partition(f"<!-- {name}: end -->")
    if not mark:
        raise ValueError(f"there are no marks named {name}")
    return found.rstrip("\n")


def write() -> None:
    """Write every document anew."""
    for (file, name), text in blocks().items():
        path = ROOT / file
        document = path.read_text(encoding="utf-8")
        head, _, rest = document.partition(f"<!-- {name}: begin -->\n")
        _, _, tail = rest.partition(f"<!-- {name}: end -->")
        path.write_text(f"{head}<!-- {name}: begin -->\n{text}\n<!-- {name}: end -->{tail}", encoding="utf-8")
    (ROOT / ".env.example").write_text(env_example(), encoding="utf-8")


if __name__ == "__main__":
    write()
