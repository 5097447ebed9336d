"""mbsync as the reference: what people use today to mirror a mailbox; and notmuch for the index over it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bench_machine import found
from bench_memory import MemoryWatch

_CONFIGURATION = """
FSync no

IMAPAccount bench
Host 127.0.0.1
Port {port}
User {user}
Pass {password}
SSLType None
AuthMechs LOGIN

IMAPStore far
Account bench

MaildirStore near
Path {folder}/mail/
Inbox {folder}/mail/INBOX
SubFolders Verbatim

Channel bench
Far :far:
Near :near:
Patterns {patterns}
Create Near
Sync Pull
SyncState *
"""


class Mbsync:
    """One mirror kept by mbsync in a folder."""

    def __init__(self, folder: Path, port: int, user: str, password: str, folders: tuple[str, ...]) -> None:
        (folder / "mail").mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._configuration = folder / "mbsyncrc"
        self._configuration.write_text(
            _CONFIGURATION.format(port=port, user=user, password=password, folder=folder, patterns=" ".join(folders))
        )
        self._configuration.chmod(0o600)

    def sync(self) -> tuple[float, float]:
        """Run it once; returns seconds and peak memory in megabytes."""
        started = time.perf_counter()
        with subprocess.Popen(
            [found("mbsync") or "mbsync", "-q", "-c", str(self._configuration), "bench"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            watch = MemoryWatch(process.pid)
            assert process.stderr is not None
            errors = process.stderr.read()
            process.wait()
        seconds, peak = time.perf_counter() - started, watch.stop()
        if process.returncode:
            raise RuntimeError(f"mbsync failed: {errors}")
        return seconds, peak

    def index(self) -> float:
        """Index the mirror with notmuch; returns seconds."""
        configuration = self.folder / "notmuch"
        configuration.write_text(f"[database]\npath={self.folder / 'mail'}\n[user]\nprimary_email=anna@berger.example\n")
        started = time.perf_counter()
        subprocess.run(["notmuch", f"--config={configuration}", "new", "--quiet"], check=True, capture_output=True)
        return time.perf_counter() - started
