"""`python -m butler.sending DESCRIPTOR`: sends one notice by way of apprise, in a process of its own that ends.

The descriptor is a file with a JSON document: `urls`, `title`, `body` and `seconds`. For each address that took the notice
its number is printed, a line each as soon as it is known. The only importer of apprise.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

_AT_ONCE = 8


def send(url: str, title: str, body: str, seconds: float) -> bool:
    """Send to one address, without following redirects or keeping anything on disk; False when it did not take it."""
    import apprise

    asset = apprise.AppriseAsset(
        app_id="Butler",
        app_desc="Butler",
        app_url="",
        http_redirects=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        allow_templates=False,
        service_timeout=seconds,
        secure_logging=True,
        async_mode=False,
    )
    sender = apprise.Apprise(asset=asset)
    if not sender.add(url):
        sys.stderr.write("An address is none that apprise knows.\n")
        return False
    return bool(sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT))


def main(arguments: Sequence[str]) -> int:
    """Send what the file says."""
    logging.disable()
    order: dict[str, Any] = json.loads(Path(f"/proc/self/fd/{int(arguments[0])}").read_bytes())
    os.close(int(arguments[0]))
    seconds = float(order["seconds"])
    # Whoever started this ends it; if nobody does, it ends itself.
    signal.alarm(int(seconds) + 2)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        sent = {
            threads.submit(send, url, order["title"], order["body"], seconds): number
            for number, url in enumerate(order["urls"])
        }
        for each in as_completed(sent):
            if each.exception() is None and each.result():
                sys.stdout.write(f"{sent[each]}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
