"""`butler ask` with a server of the owner's choice: its tool is picked, called in its jail, kept with the run and cited."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from asking_models import over_the_wire
from butler_process import butler, document
from gate_house import Household
from scripted_ollama import ScriptedOllama

from butler.store.truth import Truth

SERVERS = Path(__file__).parents[1] / "servers"


def asks_the_server(step: str, _subject: str, facts: str, text: str) -> Mapping[str, Any] | str:
    """Pick the tool of the server, note what it gives, and say that."""
    if step == "plan":
        offers = facts.partition("Reads: ")[2].partition("\n")[0].split("; ")
        number = next((int(one.split(" = ")[0]) for one in offers if "the tool helper.echo (text: string)" in one), 0)
        begun = number and "Done: nothing" in facts
        words = 'text="the gate closes at 21:30"'
        return {"reads": [{"read": number, "words": words, "time": 0}] if begun else [], "enough": not begun}
    line = next((line for line in text.splitlines() if "closes at 21:30" in line), "")
    if step == "note":
        return {"quotes": ["the gate closes at 21:30"] if line else [], "helps": bool(line)}
    said = "The gate closes at 21:30."
    return {"sentences": [{"facts": [int(line[1])], "text": said}] if line else [], "unknown": not line}


def test_a_question_is_answered_by_what_a_tool_that_only_reads_gives(tmp_path: Path) -> None:
    home = Household(tmp_path / "home")
    with ScriptedOllama(script=partial(over_the_wire, asks_the_server)) as served:
        home.write_config(
            f'[model]\nurl = "{served.url}"\nname = "{served.models[0].name}"\n'
            f"[mcp.helper]\ncommand = {json.dumps([sys.executable, '-P', str(SERVERS / 'foreign_server.py')])}\n"
            f'folders = {json.dumps([str(SERVERS)])}\nreads = ["echo"]\nenv = {json.dumps([f"PYTHONPATH={SERVERS}"])}\n'
        )
        home.sync()
        asked = butler(home.home, "--config", home.config, "ask", "--json", "When does the harbour gate shut?")
        broken = home.config.read_text().replace("foreign_server.py", "no_such_server.py")
        found = document(asked)
        home.config.write_text(broken)
        again = butler(home.home, "--config", home.config, "ask", "When does the harbour gate shut?")
    assert found["answer"]["text"] == "mcp.helper: The gate closes at 21:30.", asked.stderr
    (cited,) = found["answer"]["citations"]
    assert (cited["ref"], cited["quote"]) == ("mcp:helper/echo", "the gate closes at 21:30")
    truth = Truth.open(home.state / "butler.db")
    kept = truth.conversations.turn(found["turn"])
    assert kept
    assert kept.answer
    assert [(one.ref, one.text) for one in kept.answer.given] == [("mcp:helper/echo", "the gate closes at 21:30")]
    assert [line.what for line in truth.journal.lines()].count("mcp tool read") == 1
    truth.close()
    assert "I don't know" in again.stdout, again.stderr
