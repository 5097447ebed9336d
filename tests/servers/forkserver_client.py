"""A process that orders workers, from a forkserver of its own or one that it was handed; run as a program.

python forkserver_client.py MAIN [DESCRIPTOR | shared]: prints the numbers of its forkserver (0: none of its own) and its
worker, waits. With `shared`, another process has the descriptor of its forkserver as well, and lives on for some seconds.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from butler.sandbox.order import Order
from butler.sandbox.worker import Forkserver

if __name__ == "__main__":
    main, *handed = sys.argv[1:]
    is_shared = handed == ["shared"]
    descriptor = int(handed[0]) if handed and not is_shared else None
    forkserver = Forkserver(descriptor, (str(Path(__file__).parent),))
    worker = forkserver.order(Order("reader", f"forked_workers:{main}", ("forked_workers",)))
    process = forkserver._process
    if is_shared:
        subprocess.Popen(["/bin/sleep", "15"], pass_fds=[forkserver.descriptor], stdout=subprocess.DEVNULL)
    print(process.pid if process else 0, worker.pid, flush=True)
    time.sleep(600)
