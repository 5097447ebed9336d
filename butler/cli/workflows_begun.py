"""Begins a workflow of one's own: a file with comments, good as it is."""

from __future__ import annotations

import os
from pathlib import Path

from butler.core.defining import NAME
from butler.core.errors import StateError, UsageError
from butler.settings.own import Shelf
from butler.store.database import os_told

_TEMPLATE = """\
---
# What it is called on the page and in lists.
title: {title}

# When it runs: none (by hand), or such as "at 07:00", "every 3h", "on mail", or a table as in [jobs.NAME] of the settings:
#   trigger: {{at: "18:00", days: mon-fri}}
#   trigger: {{at: "08:00", dates: "1"}}
trigger: none

# What it reads, each with a window: a query as in `butler search`, or files as ROOT/PATTERN.
sources:
  - mail: in:inbox
    window: last 7 days
  - events:
    window: this week
  # - files: notes/Journal/*.md
  #   window: last month

# Tools that reckon, such as "- week"; `butler workflow list` names those there are.
tools: none

# none, default, or the name of a model of your server.
model: default

# A page (its name may hold {{day}}, {{week}}, {{month}}, {{year}}), a notice, or both.
output: {{page: "{page}-{{day}}", notice: false}}

# Which kinds of actions it may propose; nothing by default. What becomes of them, your policy says.
gate: none
---

What is in these texts that I should know? Leave out advertising.

## To do

Which of them ask me to do something, and until when?
"""


def begin(name: str, folder: Path | None, shelf: Shelf) -> Path:
    """Write a new file of that name; raises UsageError where the name is none, or taken."""
    if not NAME.fullmatch(name):
        advice = "A small letter, then small letters, digits, - and _, such as reading-list."
        raise UsageError(f"{name!r} is no name of a workflow.", advice=advice)
    if name in shelf.names:
        raise UsageError(f"{name} is the name of a workflow that is code.", advice="Choose another name.")
    if folder is None:
        raise UsageError("There is no folder of workflows.", advice="Set workflows.folder.")
    path = folder / f"{name}.md"
    title = name.replace("-", " ").replace("_", " ").capitalize()
    try:
        with os_told(path):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except StateError as error:
        if os.path.lexists(path):
            raise UsageError(f"{path} is there already.", advice=f"`butler workflow show {name}` shows it.") from error
        raise
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(_TEMPLATE.format(title=title, page=name.replace("_", "-")[:40]))
    return path
