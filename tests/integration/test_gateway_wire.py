"""The scripted server is held to the recordings of a real one: keys, types, statuses and error sentences."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from good_model import good_model
from ollama_script import Chat
from scripted_ollama import ScriptedOllama, ServedModel

from butler.core.accounts import ModelHost
from butler.model import inspect

SERVERS = Path(__file__).parent.parent / "servers"
RECORDINGS = sorted((SERVERS / "ollama_wire").glob("*.json"))
TINY = [ServedModel(name="tiny8k:latest", context_length=8192), ServedModel(name="tiny:latest")]


@pytest.fixture
def server() -> Iterator[ScriptedOllama]:
    with ScriptedOllama(models=TINY, script=lambda chat: "noise " * 20) as server:
        yield server


def expanded(value: Any) -> Any:
    """A recorded request with its repeated prompts written out."""
    if isinstance(value, dict) and value.keys() == {"repeat", "times"}:
        return value["repeat"] * value["times"]
    if isinstance(value, dict):
        return {key: expanded(child) for key, child in value.items()}
    return [expanded(child) for child in value] if isinstance(value, list) else value


def shape(value: Any) -> Any:
    """Keys and types; a list is the set of its elements' shapes, since its length is chance."""
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(child), sort_keys=True) for child in value})
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def asked(server: ScriptedOllama, method: str, path: str, body: Any) -> tuple[int, str | None, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path, None if body is None else json.dumps(body))
    response = connection.getresponse()
    content_type, content = response.getheader("Content-Type"), response.read().decode()
    connection.close()
    if content_type == "application/x-ndjson":
        return response.status, content_type, [json.loads(line) for line in content.splitlines()]
    is_text = content_type == "text/plain" or not content
    return response.status, content_type, content if is_text else json.loads(content)


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_the_scripted_server_answers_as_a_real_one_was_recorded_to(server: ScriptedOllama, recording: Path) -> None:
    recorded = json.loads(recording.read_text(encoding="utf-8"))
    request, response = recorded["request"], recorded["response"]
    if recording.stem == "ps":
        asked(server, "POST", "/api/chat", {"model": "tiny8k:latest", "messages": [{"role": "user", "content": "x"}]})
    if recording.stem == "delete":
        asked(server, "POST", "/api/copy", {"source": "tiny8k:latest", "destination": request["body"]["model"]})
    status, content_type, body = asked(server, request["method"], request["path"], expanded(request["body"]))
    assert (status, content_type) == (response["status"], response["content_type"])
    assert shape(body) == shape(response["body"])
    if status >= 400:
        assert body == response["body"]
    elif "done_reason" in json.dumps(response["body"]) and recording.stem != "chat-format":
        assert last(body)["done_reason"] == last(response["body"])["done_reason"]


def last(body: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body[-1] if isinstance(body, list) else body
    return found


def test_a_prompt_cut_silently_is_counted_up_to_the_context(server: ScriptedOllama) -> None:
    request = json.loads((SERVERS / "ollama_wire" / "chat-truncated-silently.json").read_text(encoding="utf-8"))["request"]
    _, _, body = asked(server, "POST", "/api/chat", expanded(request["body"]))
    assert body["prompt_eval_count"] == 512


def test_the_recordings_are_all_there() -> None:
    assert len(RECORDINGS) == 22


def mind(schema: Mapping[str, Any], text: str) -> Any:
    user = f"facts\n\n<<<text ab>>>\n{text}\n<<<end ab>>>\n"
    return good_model(Chat(0, {"messages": [{"role": "user", "content": user}], "format": schema}))


ANY_SCHEMA = {
    "properties": {
        "quotes": {"type": "array", "items": {"type": "string", "maxLength": 12}, "maxItems": 2},
        "urgency": {"enum": ["low", "normal", "high"]},
        "kind": {"const": "mail"},
        "asks": {"type": "boolean"},
        "due": {"type": "integer", "minimum": 1},
        "day": {"type": "string", "format": "date"},
        "later": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "reason": {"type": "string", "maxLength": 200},
        "part": {"$ref": "#/$defs/Part"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "minItems": 1},
        "odd": {},
    },
    "$defs": {"Part": {"type": "object", "properties": {"quote": {"type": "string"}}}},
}


def test_the_good_model_answers_any_schema_from_the_text() -> None:
    answer = mind(ANY_SCHEMA, "Hi Anna,\nit is urgent. Can you come on Friday?\n> Will it rain?")
    assert answer == {
        "quotes": ["Can you"],
        "urgency": "high",
        "kind": "mail",
        "asks": True,
        "due": 1,
        "day": "2000-01-01",
        "later": None,
        "either": 0,
        "reason": "It asks for something.",
        "part": {"quote": "Can you come on Friday?"},
        "parts": [{"quote": "Can you come on Friday?"}],
        "odd": None,
    }


def test_the_good_model_finds_promises_where_the_schema_asks_for_them() -> None:
    schema = {
        "properties": {
            "evidence": {"type": "array", "items": {"type": "string"}},
            "label": {"enum": ["promise", "none", "unsure"]},
            "summary": {"type": "string"},
        }
    }
    promise = mind(schema, "Thanks! I will send it tomorrow. Is that fine?")
    assert promise == {"evidence": ["I will send it tomorrow."], "label": "promise", "summary": "I will send it tomorrow."}
    assert mind(schema, "Thanks!") == {"evidence": [], "label": "none", "summary": ""}


def test_the_good_model_can_chat_without_a_schema() -> None:
    assert good_model(Chat(0, {"messages": []})) == "Good morning."


def test_the_scripted_server_can_be_tried_from_the_command_line() -> None:
    command = [sys.executable, str(SERVERS / "scripted_ollama.py"), "--port", "0", "--model", "tried:1b"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        report = inspect(ModelHost(url=url, name="tried:1b"))
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "ended\n"
    assert report.present
    assert process.returncode == 0
