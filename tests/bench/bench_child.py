"""One first sync in a process of its own, so that its memory can be watched; run as a program.

python bench_child.py STATE PORT: prints how many mails the mirror holds then.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

from bench_ours import Ours, account

if __name__ == "__main__":
    ours = Ours(Path(sys.argv[1]))
    ours.sync(ours.source(account(int(sys.argv[2]))))
    print(ours.mails())
    ours.close()
