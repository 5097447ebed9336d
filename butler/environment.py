"""What is around the process: its account, and the variables that could weaken a check, taken away before they are read."""

from __future__ import annotations

import os
import pwd
from collections.abc import MutableMapping

_PREFIXES = ("LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_", "OTEL_", "OLLAMA_")
_ENDINGS = ("_PROXY",)
_NAMES = frozenset({"SSLKEYLOGFILE"})
"""Where a TLS library would write session keys."""
_SET = {"LANGGRAPH_STRICT_MSGPACK": "true", "PYDANTIC_DISABLE_PLUGINS": "__all__"}


def scrub_environment(environ: MutableMapping[str, str]) -> tuple[str, ...]:
    """Remove tracing, telemetry, proxy and Ollama variables, in any case, and name those removed.

    To be called before the first import of a library that reads them. Checkpoints are then unpacked strictly: only
    plain values and known types (LANGGRAPH_STRICT_MSGPACK). What else is installed gets to see no value that is checked,
    and is not looked through for whoever would (PYDANTIC_DISABLE_PLUGINS).
    """
    removed = tuple(sorted(name for name in environ if _leads_elsewhere(name.upper())))
    for name in removed:
        del environ[name]
    environ.update(_SET)
    return removed


def _leads_elsewhere(name: str) -> bool:
    return name.startswith(_PREFIXES) or name.endswith(_ENDINGS) or name in _NAMES


def account() -> str:
    """The account that this runs under, as the system knows it: who decides."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
