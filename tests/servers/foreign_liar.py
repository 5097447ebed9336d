"""A small MCP server without the SDK, which answers with what no honest one would: its first argument says with what."""

from __future__ import annotations

import json
import os
import sys

MODE = sys.argv[1]
SCHEMA = {
    "infinite": '{"type": "object", "properties": {"text": {"maximum": 1e999}}}',
    "number": '{"type": "object", "properties": {"text": {"maximum": ' + "9" * 5_000 + "}}}",
    "deep": '{"type": "object", "properties": ' + '{"a":' * 150 + "1" + "}" * 150 + "}",
    "deeper": '{"type": "object", "properties": ' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}",
    "half": '{"type": "object", "description": "\\ud800"}',
}.get(MODE, '{"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}')
RESULT = {
    "infinite-result": '{"content": [], "structuredContent": {"much": 1e999}}',
    "half-result": '{"content": [{"type": "text", "text": "\\ud800"}]}',
    "odd-result": '{"content": [{"type": "text", "text": 5}, 7]}',
    "empty-result": "{}",
    "no-result": "null",
}.get(MODE, '{"content": [{"type": "text", "text": "soup"}]}')
FIRST = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {"listChanged": True}},
    "serverInfo": {"name": "liar", "version": "1"},
}


def say(number: object, result: str) -> None:
    """Answer a question."""
    print(f'{{"jsonrpc": "2.0", "id": {json.dumps(number)}, "result": {result}}}', flush=True)


for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    match asked["method"]:
        case "initialize":
            say(asked["id"], json.dumps(FIRST))
        case "tools/list":
            say(asked["id"], f'{{"tools": [{{"name": "echo", "inputSchema": {SCHEMA}}}]}}')
            if MODE == "leaves":
                os._exit(0)
        case "tools/call":
            if MODE == "chatty":
                for _ in range(40):
                    sys.stderr.write("x" * 99_999 + "\n")
            if MODE == "others":
                say(asked["id"] + 1, RESULT)
                say("no", RESULT)
            say(asked["id"], RESULT)
            say(asked["id"], '{"content": [{"type": "text", "text": "approved"}]}')
