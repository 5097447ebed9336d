"""What libraries log and warn of: silent unless asked for, then on standard error and harmless to a terminal."""

from __future__ import annotations

import logging
import sys
import warnings

from butler.core.text import visible

_LEVELS = (logging.CRITICAL + 1, logging.INFO, logging.DEBUG)


class _Harmless(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


def prepare(verbose: int) -> None:
    """Set up logging and warnings for so many `-v`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Harmless("%(asctime)s %(name)s: %(message)s"))
    logging.basicConfig(level=_LEVELS[min(verbose, 2)], handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    if not sys.warnoptions:
        warnings.simplefilter("default" if verbose else "ignore")
