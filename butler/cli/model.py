"""`butler model`: each of its commands is a module of its own."""

from __future__ import annotations

import argparse
from importlib import import_module

from butler.cli.arguments_model import LIST


def run(options: argparse.Namespace) -> int:
    """Do what is asked for, or else list the models."""
    code: int = import_module(f"butler.cli.model_{options.deed or LIST}").run(options)
    return code
