"""What is around the process: its account, the few variables that it keeps, and the others, which its owner's programs see."""

from __future__ import annotations

import ctypes
import os
import pwd
import resource
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager

_NEEDED = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE"),
        *("TERM", "COLORTERM", "COLUMNS", "LINES", "NO_COLOR", "PAGER", "LESS", "EDITOR", "VISUAL"),
        # What systemd tells a service.
        *("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"),
        *("JOURNAL_STREAM", "INVOCATION_ID"),
        # What changes how Python runs, and not what it loads or whom it asks.
        *("PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONUTF8"),
        *("PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONOPTIMIZE", "PYTHONPYCACHEPREFIX", "PYTHONTRACEMALLOC"),
        # How the tests measure what the programs that they start run through.
        *("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"),
    }
)
_NEEDED_BEGINNINGS = ("LC_", "XDG_", "BUTLER_")
_PREFIXES = ("LANGSMITH_", "LANGCHAIN_", "LANGGRAPH_", "OTEL_", "OLLAMA_", "BUTLER_")
_ENDINGS = ("_PROXY",)
_NAMES = frozenset({"SSLKEYLOGFILE", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
"""Where a TLS library would write session keys, and what systemd means for this process alone."""
_SET = {"LANGGRAPH_STRICT_MSGPACK": "true", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
_PR_SET_DUMPABLE, _PR_SET_NAME = 4, 15
_owners: dict[str, str] = {}


def close_off() -> None:
    """Let no core be written of this process, and nobody of the same account but root look into it.

    Settings among its variables are known to Python alone then; the kernel does not show them to root either.
    """
    _wipe(b"BUTLER_")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A core that goes to a program is not held by that limit; of what is not dumpable there is none.
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    # However it was started, `ps` and `butler prove` tell it apart from the owner's own programs.
    library.prctl(_PR_SET_NAME, b"butler", 0, 0, 0)


def scrub_environment(environ: MutableMapping[str, str]) -> tuple[str, ...]:
    """Remove all variables but the few that are needed, and name those removed.

    To be called before the first import of a library that reads them: tracing, telemetry, proxies and much else are set by
    variables. Checkpoints are then unpacked strictly: only plain values and known types (LANGGRAPH_STRICT_MSGPACK). What
    else is installed gets to see no value that is checked, and is not looked through for whoever would
    (PYDANTIC_DISABLE_PLUGINS). What was removed from this process's own is kept for `owners_environment`.
    """
    removed = tuple(sorted(name for name in environ if not _is_needed(name)))
    if environ is os.environ:
        _owners.update({name: environ[name] for name in removed if not _leads_elsewhere(name.upper())})
    for name in removed:
        del environ[name]
    environ.update(_SET)
    return removed


def forget(beginning: str) -> None:
    """Remove all variables that begin so."""
    for name in [name for name in os.environ if name.upper().startswith(beginning)]:
        del os.environ[name]


def _wipe(beginning: bytes) -> None:
    """Write over values in the memory that /proc/PID/environ shows: Python has copied all of them when it began."""
    with open("/proc/self/stat", "rb") as stat:
        fields = stat.read().rpartition(b")")[2].split()
    # Fields 50 and 51 of proc(5), of which the first two are before what was split; 0 where it is not told.
    at, end = int(fields[47]), int(fields[48])
    if not 0 < at < end:
        return
    for entry in ctypes.string_at(at, end - at).split(b"\0"):
        name, sign, value = entry.partition(b"=")
        if sign and name.upper().startswith(beginning):
            ctypes.memset(at + len(name) + 1, 0, len(value))
        at += len(entry) + 1


def owners_environment() -> dict[str, str]:
    """What a program of the owner's gets to see, such as a password command, an editor or a browser: what they set.

    Settings of the butler are not among it, and nothing that leads elsewhere.
    """
    kept = {name: value for name, value in os.environ.items() if not _leads_elsewhere(name.upper())}
    return {**_owners, **kept}


def take_over(environ: Mapping[str, str]) -> None:
    """Start the owner's programs with these from now on: a child of the daemon is handed them in private."""
    _owners.clear()
    _owners.update(environ)


@contextmanager
def as_the_owner() -> Iterator[None]:
    """Have the environment be the owner's meanwhile, for a library that starts a program of theirs."""
    before = dict(os.environ)
    os.environ.update(owners_environment())
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _is_needed(name: str) -> bool:
    return name in _NEEDED or name.upper().startswith(_NEEDED_BEGINNINGS)


def _leads_elsewhere(name: str) -> bool:
    return name.startswith(_PREFIXES) or name.endswith(_ENDINGS) or name in _NAMES or name in _SET


def account() -> str:
    """The account that this runs under, as the system knows it: who decides."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
