"""`python -m butler.settings --example` or `--table`: what `.env.example` and docs/configuration.md are made from."""

from __future__ import annotations

import sys

from butler.settings.example import env_example, settings_table


def main(arguments: list[str]) -> int:
    """Write what is asked for to standard output."""
    made = {"--example": env_example, "--table": settings_table}.get(" ".join(arguments))
    if made is None:
        sys.stderr.write("usage: python -m butler.settings --example | --table\n")
        return 2
    sys.stdout.write(made())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
