"""What a benchmark run works on: mailboxes of any size on a real Dovecot, made when first asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from bench_bare import fetch_all
from bench_ours import DAY, FOLDERS
from dovecot_server import PASSWORD, USER, Dovecot

from butler.sample.maildir import StoredMail, deliver
from butler.sample.scale import messages

_ATTACHED = 100_000


@dataclass
class Post:
    """A Dovecot with a mailbox of `count` mails; every client has read it once, so that its caches are warm for all."""

    server: Dovecot
    count: int
    _extra: int = 0

    @property
    def port(self) -> int:
        """The plain port; nothing leaves the machine."""
        return self.server.port

    def deliver(self, count: int) -> None:
        """Let new mail arrive."""
        self._extra += 1
        mails = messages(count, DAY, 1_000 + self._extra, attachments=False)
        _put(
            self.server,
            (StoredMail("INBOX", f"{mail.name}{self._extra}", frozenset(), mail.when, mail.content) for mail in mails),
        )


@dataclass
class World:
    """The temporary folder of a benchmark run and the servers in it."""

    folder: Path
    attachments: bool = True
    """Without them a mail has some 3 KB; mailboxes beyond `_ATTACHED` go without in any case."""
    _posts: dict[int, Post] = field(default_factory=dict)
    _servers: list[Dovecot] = field(default_factory=list)

    def post(self, count: int) -> Post:
        """The mailbox of so many mails."""
        if count not in self._posts:
            self._posts[count] = self._make(count)
        return self._posts[count]

    def fresh(self, name: str) -> Path:
        """An empty folder."""
        folder = self.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def close(self) -> None:
        """Stop the servers."""
        for server in self._servers:
            server.stop()

    def _make(self, count: int) -> Post:
        # Dovecot's mail processes are another user's when this runs as root: they have to get to the mail.
        self.folder.chmod(0o711)
        server = Dovecot(self.folder / f"dovecot-{count}", tls=False).start()
        self._servers.append(server)
        _put(server, messages(count, DAY, attachments=self.attachments and count <= _ATTACHED))
        fetch_all(server.port, USER, PASSWORD, FOLDERS, "(BODY.PEEK[])")
        fetch_all(server.port, USER, PASSWORD, FOLDERS)
        return Post(server, count)


def _put(server: Dovecot, mails: Iterable[StoredMail]) -> None:
    """Write mails below the server, owned by whom it runs as."""
    server.maildir.mkdir(parents=True, exist_ok=True)
    deliver(server.maildir, mails)
    if os.getuid() == 0:
        home = (server.base / "home").stat()
        for folder, folders, files in os.walk(server.base / "home"):
            for name in ("", *folders, *files):
                os.chown(os.path.join(folder, name), home.st_uid, home.st_gid)  # noqa: PTH118 - ten times as fast
