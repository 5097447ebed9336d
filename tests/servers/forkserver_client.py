"""A process that orders workers, from a forkserver of its own or one that it was handed; run as a program.

python forkserver_client.py MAIN [DESCRIPTOR]: prints the numbers of its forkserver (0: none of its own) and its worker, waits.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from butler.sandbox.order import Order
from butler.sandbox.worker import Forkserver

if __name__ == "__main__":
    main, *handed = sys.argv[1:]
    descriptor = int(handed[0]) if handed else None
    forkserver = Forkserver(descriptor, (str(Path(__file__).parent),))
    worker = forkserver.order(Order("reader", f"forked_workers:{main}", ("forked_workers",)))
    process = forkserver._process
    print(process.pid if process else 0, worker.pid, flush=True)
    time.sleep(600)
