"""One briefing in a process of its own, as a command would make it; run as a program.

python bench_brief.py STATE PORT CALENDAR: syncs, briefs by rules and prints how many lines the briefing has.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "servers"))

from bench_ours import house

if __name__ == "__main__":
    with house(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])) as opened:
        published = opened.brief(model=False)
    print(sum(len(section.lines) for section in published.briefing.sections))
