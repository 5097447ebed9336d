"""The daemon's log: for the journal of systemd, or for a person on a terminal; redacted, and without words of mails.

What the butler's own modules log with `logging` goes through structlog: one line each, `event key=value …`, with `<level>`
in front where standard error is the journal.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import IO, Any

import structlog

from butler.core.text import one_line

_LEVELS = (logging.INFO, logging.DEBUG)
_SYSLOG = {"critical": 2, "exception": 3, "error": 3, "warning": 4, "info": 6, "debug": 7}
_LONGEST = 500
_LOUD = {
    # These log what they read: mails, events, questions to the model.
    **dict.fromkeys(("imapclient", "caldav", "icalendar", "httpcore", "hpack", "langchain", "langgraph"), logging.CRITICAL),
    **dict.fromkeys(
        ("httpx", "niquests", "urllib3", "urllib3_future", "apscheduler", "watchfiles", "asyncio"), logging.WARNING
    ),
}
_URL = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20})://([^\s\"'<>]*)")
_OPEN_SCHEMES = frozenset({"http", "https", "imap", "imaps", "smtp", "smtps", "file", "ws", "wss"})
_SECRET = re.compile(
    r"(?i)\b(pass(?:word|wd|phrase)?|secret|token|api[_-]?key|authorization|cookie)\b([\"']?\s*[=:]\s*)"
    r"(?:(?:bearer|basic)\s+)?(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"
)
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_HIDDEN = "[hidden]"


class Redaction:
    """Takes secrets out of a line: those it is given, what is named like one, and what addresses hold of them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: list[str] = []
        self.hide(secrets)

    def hide(self, secrets: Iterable[str]) -> None:
        """Take these out, too."""
        known = {*self._secrets, *(secret for secret in secrets if len(secret) >= 4)}
        self._secrets = sorted(known, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Take them out."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        text = _URL.sub(_without_secrets, text)
        text = _SECRET.sub(lambda match: f"{match[1]}{match[2]}{_HIDDEN}", text)
        return _BEARER.sub(lambda match: f"{match[1]} {_HIDDEN}", text)


def _without_secrets(match: re.Match[str]) -> str:
    """An address without user, password and query; of one that is itself a secret, only its scheme."""
    scheme, rest = match[1], match[2]
    if scheme.lower() not in _OPEN_SCHEMES:
        return f"{scheme}://{_HIDDEN}"
    place, mark, _ = rest.partition("?")
    return f"{scheme}://{place.rpartition('@')[2] if '@' in place.partition('/')[0] else place}{f'?{_HIDDEN}' if mark else ''}"


class _Line:
    """The last processor: writes one line."""

    def __init__(self, redact: Redaction, *, is_journal: bool) -> None:
        self._redact = redact
        self._is_journal = is_journal

    def __call__(self, _logger: Any, _method: str, facts: MutableMapping[str, Any]) -> str:
        level, event, place = str(facts.pop("level", "info")), str(facts.pop("event", "")), str(facts.pop("logger", ""))
        fault = facts.pop("exception", "")
        pairs = [f"{name}={_shown(value)}" for name, value in facts.items() if not name.startswith("_")]
        words = [event, *pairs, *([f"logger={place}"] if self._is_journal and place else [])]
        line = self._redact(one_line(" ".join(words), _LONGEST))
        if self._is_journal:
            head = f"<{_SYSLOG.get(level, 6)}>"
            return "\n".join(f"{head}{each}" for each in (line, *self._fault(fault)))
        head = f"{time.strftime('%H:%M:%S')} {level:<8}" if level != "info" else f"{time.strftime('%H:%M:%S')} "
        return "\n".join((head + line, *self._fault(fault)))

    def _fault(self, text: str) -> Sequence[str]:
        """The lines of a traceback: where the fault is, in our words and those of Python."""
        return [self._redact(one_line_kept(line)) for line in text.splitlines()]


def one_line_kept(line: str) -> str:
    """A line with its indentation, made harmless."""
    return " " * (len(line) - len(line.lstrip())) + one_line(line, _LONGEST)


def _shown(value: object) -> str:
    text = str(value)
    return text if re.fullmatch(r"[\w.:/@+-]+", text) else '"' + text.replace('"', "'") + '"'


def is_journal(environ: Mapping[str, str], stream: IO[str]) -> bool:
    """Whether what is written to a stream goes to the journal of systemd, as it says by `$JOURNAL_STREAM`."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def prepare(
    verbose: int, environ: Mapping[str, str] = os.environ, stream: IO[str] | None = None, secrets: Iterable[str] = ()
) -> Redaction:
    """Let everything that is logged from now on be a line of ours on `stream`, standard error by default.

    What is returned can be told of more secrets.
    """
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
    ]
    redaction = Redaction(secrets)
    line = _Line(redaction, is_journal=is_journal(environ, out))
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.processors.format_exc_info, structlog.stdlib.ProcessorFormatter.remove_processors_meta, line],
        )
    )
    structlog.configure(
        processors=[*shared[:2], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=_LEVELS[min(verbose, 1)], handlers=[handler], force=True)
    logging.raiseExceptions = False
    for name, level in _LOUD.items():
        logging.getLogger(name).setLevel(level)
    return redaction
